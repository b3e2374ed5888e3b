package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/targeting"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A Backtest is how well rankings of cells would have foretold reports.
type Backtest struct {
	targeting.Result
	Step    string `json:"step"` // day, week or month
	Periods int    `json:"periods"`
	// Short is how many fewer these are than are foretold where nobody says how
	// many, as there are no more data; 0 where somebody did.
	Short int       `json:"periods_short"`
	First time.Time `json:"first"` // first and last cut-off
	Last  time.Time `json:"last"`
	Share float64   `json:"share_of_area"`
	Level float64   `json:"level"` // of confidence
	Draws int       `json:"draws"`
	// History is how many periods there were before the first cut-off.
	History int        `json:"history"`
	Metres  geo.Metres `json:"bandwidth_m"` // of the kernel density
	Known   KnownAs    `json:"known"`
	Assumed string     `json:"known_by"` // updated, reported or recorded
	// Defaults says that reports at default locations were left out, which were
	// found among those of all times.
	Defaults bool `json:"default_locations_left_out"`
	// Provenance says what it was computed from.
	Provenance analytics.Provenance `json:"provenance"`
}

// leastHistory is how many periods there must be before the first cut-off, and
// usualPeriods how many are foretold unless asked otherwise, if there are as many.
const (
	leastHistory = 8
	usualPeriods = 52
)

// The values of parameter known.
const (
	knownUpdated  = "updated"
	knownReported = "reported"
	knownRecorded = "recorded"
)

// BacktestParams returns the parameters of a back-test.
func BacktestParams() []analytics.Param { return append(cellsOnly(), backtestParams()...) }

func knownParam(otherwise string) analytics.Param {
	return analytics.Param{
		Name: "known", Title: "from when on a report counts as known", Kind: analytics.Choice, Default: otherwise, Choices: []string{knownUpdated, knownReported, knownRecorded},
		Doc: "updated: from its last change on, as nobody can tell what it said before, or from the form that the store had of it first. " +
			"reported: from when it was reported; right where later changes concern its progress only, not its place. " +
			"recorded: from when the store had it, and as it was then, which only a store can tell that was kept at the time. " +
			"Reports that do not say when they were changed count as known when reported.",
	}
}

func backtestParams() []analytics.Param {
	return []analytics.Param{
		{
			Name: "step", Title: "how far ahead each ranking looks", Kind: analytics.Choice, Default: analytics.Weekly, Choices: []string{analytics.Daily, analytics.Weekly, analytics.Monthly},
			Doc: "Cells are ranked at the beginning of each, from what was known by then. Weeks begin on Monday.",
		},
		{Name: "area", Title: "share of the area that is ranked first", Kind: analytics.Number, Default: "0.05", Min: 0.0001, Max: 1, Doc: "What can be visited, patrolled or inspected: 0.05 is 5 % of the area."},
		{Name: "last", Title: "number of periods that are foretold", Kind: analytics.Integer, Min: 1, Max: 5000, Doc: fmt.Sprintf(
			"The last whole ones of the data; what lies before is history, of %d periods at least. Default: %d, or as many as there are.", leastHistory, usualPeriods)},
		knownParam(knownUpdated),
		{Name: "bandwidth", Title: "reach of the kernel density it is held against", Kind: analytics.Number, Min: 1, Max: 100_000, Unit: "m", Doc: "Default: 2.5 times the distance of neighbouring cells."},
		{Name: "level-of-confidence", Title: "confidence of intervals", Kind: analytics.Number, Default: "0.95", Min: 0.5, Max: 0.999},
		{Name: "draws", Title: "resamples of the periods for intervals", Kind: analytics.Integer, Default: "1999", Min: 99, Max: 100_000},
		{Name: "seed", Title: "selects the draws", Kind: analytics.Integer, Default: "1", Min: 0, Max: 1 << 31},
	}
}

// Backtest ranks cells at one cut-off after another by what was known then, and
// holds the rankings against what was reported next. Parameters are given as
// text, by the names of [BacktestParams]. Errors are those of Run.
func (e *Engine) Backtest(ctx context.Context, given map[string]string) (result *Backtest, err error) {
	if err := e.refuseOpen("back-test targeting"); err != nil {
		return nil, err
	}
	if _, err := analytics.ParseValues(BacktestParams(), given); err != nil {
		return nil, err
	}
	err = e.steadily(ctx, func() error {
		result, err = e.tryBacktest(ctx, given)
		return err
	})
	return result, err
}

func (e *Engine) tryBacktest(ctx context.Context, given map[string]string) (*Backtest, error) {
	v, err := e.look(ctx, data.Incidents)
	if err != nil {
		return nil, err
	}
	r, err := v.request(analytics.Analysis{Name: "backtest", Params: backtestParams()}, given)
	if err != nil {
		return nil, err
	}
	b := &Backtest{
		Step: r.Params.Text("step"), Share: r.Params.Number("area"), Level: r.Params.Number("level-of-confidence"),
		Draws: r.Params.Int("draws"), Assumed: r.Params.Text("known"),
	}
	cuts := analytics.NewTimeSteps(b.Step, r.From, r.To, v.zone).Bounds()
	if err := b.divide(cuts, r, v.zone); err != nil {
		return nil, err
	}
	if b.Assumed == knownRecorded && (v.began.IsZero() || v.began.After(b.First)) {
		return nil, &analytics.ParamError{Name: "known", Value: b.Assumed, Why: fmt.Sprintf(
			"the store had no facts at the first cut-off, %s: foretell fewer periods, or take another", b.First.Format(time.DateOnly))}
	}
	area, err := e.area(ctx, v, r)
	if err != nil {
		return nil, err
	}
	if area.frame.Len() == 0 {
		return nil, errNoCells
	}
	if b.Metres = 2.5 * spacing(area.frame); r.Params.Text("bandwidth") != "" {
		b.Metres = geo.Metres(r.Params.Number("bandwidth"))
	}
	targets, err := e.targetArea(ctx, v, area.frame)
	if err != nil {
		return nil, err
	}
	course, err := e.follow(ctx, r, area.frame, cuts, b.Assumed)
	if err != nil {
		return nil, err
	}
	b.Known, b.Defaults = course.about, v.leavesOut(r)
	result, err := targeting.Backtest(ctx, targets, course.known, course.now, e.backtestOptions(ctx, b, r, len(cuts)-1))
	if err != nil {
		return nil, err
	}
	b.Result = *result
	b.Provenance = provenance(r, v, area.frame)
	b.Provenance.From, b.Provenance.To = cuts[0], cuts[len(cuts)-1]
	return b, nil
}

// divide parts the periods between cuts into history and those that are
// foretold.
func (b *Backtest) divide(cuts []time.Time, r analytics.Request, zone *time.Location) error {
	there := max(len(cuts)-1, 0)
	most := there - leastHistory
	found := fmt.Sprintf("there are %d whole periods of a %s from %s to %s, and %d must lie before those that are foretold",
		there, b.Step, r.From.In(zone).Format(time.DateOnly), r.To.In(zone).Format(time.DateOnly), leastHistory)
	last := r.Params.Text("last")
	if last == "" {
		b.Periods = min(usualPeriods, most)
		b.Short = usualPeriods - b.Periods
	} else {
		b.Periods = r.Params.Int("last")
	}
	switch {
	case most < 1:
		return &analytics.ParamError{Name: "step", Value: b.Step, Why: found + ", so none can be"}
	case b.Periods > most:
		return &analytics.ParamError{Name: "last", Value: last, Why: fmt.Sprintf("%s: want %d at most", found, most)}
	}
	b.History = there - b.Periods
	b.First, b.Last = cuts[b.History], cuts[there-1]
	return nil
}

// backtestOptions says how a back-test of so many periods is done.
func (e *Engine) backtestOptions(ctx context.Context, b *Backtest, r analytics.Request, periods int) targeting.Options {
	return targeting.Options{
		Periods: periods, Last: b.Periods, Share: b.Share, Level: b.Level, Draws: b.Draws, Seed: uint64(r.Params.Int("seed")),
		HalfLives: inPeriods(halfLives(), b.Step), Bandwidth: b.Metres,
		Progress: func(done, of int) { e.tell(ctx, "ranking", done, of) },
	}
}

// inPeriods turns weeks into periods of a step.
func inPeriods(weeks []float64, step string) []float64 {
	periods := slices.Clone(weeks)
	for i := range periods {
		periods[i] *= 7 / daysIn(step)
	}
	return periods
}
