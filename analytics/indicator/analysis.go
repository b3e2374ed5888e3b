package indicator

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// The parameters of the analysis.
const (
	Code    = "indicator"
	Version = "version"
	Named   = "period"
	Changes = "changes"
)

// Analysis describes what an indicator is as an analysis. What it plans and
// computes depends on the indicator: see [AnalysisOf].
var Analysis = analytics.Analysis{
	Name:  "indicator",
	Title: "An indicator as it is declared",
	Doc: "The value of an indicator for every row, with its interval, what it is made of, whether its target is met, missed or not to be told yet, its points, " +
		"its rank, and how it changed. civgrid indicators list tells which there are, and civgrid indicators show CODE what one means.",
	Reference: "The definition of the indicator names it",
	Params: []analytics.Param{
		{Name: Code, Title: "code of the indicator", Kind: analytics.Word, Default: "general.on_time"},
		{
			Name: Version, Title: "version of its definition", Kind: analytics.Integer, Min: 1, Max: 1e6,
			Doc: "Default: the one in force when the period ends.",
		},
		{
			Name: Named, Title: "period by name", Kind: analytics.Word,
			Doc: "2026, 2026-Q3, 2026-09, 2026-W37 or 2026-09-15, as the definition lets periods begin. Default, without from and to: the last one with facts that is over.",
		},
		{
			Name: Changes, Title: "compare with the period before and a year before", Kind: analytics.Switch, Default: "false",
			Doc: "With intervals and p-values where the kind has a test.",
		},
	},
	Columns:  columns(""),
	Contrast: &analytics.Contrast{Title: "Value", Test: analytics.RateTest},
}

// AnalysisOf makes the analysis of one definition.
func AnalysisOf(c *Compiled) analytics.Analysis {
	a := Analysis
	a.Title = c.Title("en")
	a.Dataset, a.Whole = c.dataset(), true
	if c.Description != "" {
		a.Doc = c.Description
	}
	a.Columns = columns(c.kind.Unit(c.Definition))
	a.Window = c.window
	a.Plan = func(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
		var rollups []data.Rollup
		for _, period := range c.periods(r) {
			rollups = append(rollups, c.plan(period, f)...)
		}
		return rollups, nil
	}
	a.Derive = func(r analytics.Request) []analytics.Derivation { return c.derivations(r, c.periods(r)...) }
	a.Compute, a.Contrast = c.compute, c.contrast()
	return a
}

// derivations returns the derived columns of the definition and of everything
// it is made of, for a request and the periods it is compared with.
func (c *Compiled) derivations(r analytics.Request, periods ...analytics.Request) []analytics.Derivation {
	var list []analytics.Derivation
	if c.derives() {
		from := r.From
		for _, period := range periods {
			if period.From.Before(from) {
				from = period.From
			}
		}
		list = append(list, analytics.Derivation{Dataset: c.dataset(), Derivation: c.derivation(from, r.To, r.AsOf)})
	}
	for _, part := range c.parts() {
		list = append(list, part.derivations(r, periods...)...)
	}
	return list
}

// window returns the period that is asked for by name or, with neither name nor
// bounds, the last one with facts that is over.
func (c *Compiled) window(values analytics.Values, seen analytics.Vantage) (from, to time.Time, err error) {
	name := values.Text(Named)
	if name == "" {
		last := c.Period.spanOf(seen.Last, c.zone)
		if from, to = c.Period.window(last, c.zone); to.After(seen.Now) {
			from, to = c.Period.window(last.shift(-1), c.zone)
		}
		return from, to, nil
	}
	s, err := parseSpan(name)
	if err != nil {
		return from, to, &analytics.ParamError{Name: Named, Value: name, Why: err.Error()}
	}
	from, to = c.Period.window(s, c.zone)
	return from, to, nil
}

func (c *Compiled) compute(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	e := evaluationOf(r, f, tallies)
	var results []result
	for _, period := range c.periods(r) {
		e.blind = blind(period)
		made, err := e.of(ctx, c)
		if err != nil {
			return nil, err
		}
		made.length = seen(period)
		results = append(results, made)
	}
	s := newSheet(c.kind.Unit(c.Definition), f.Len())
	if err := c.write(s, results, f); err != nil {
		return nil, err
	}
	layer := &analytics.Layer{Columns: s.columns}
	layer.Legend, layer.Rank = c.legend(layer), c.rank(r)
	layer.Method, layer.Summary = c.words(r), c.summary(r, results)
	layer.Caveats = c.caveats(results[0])
	return layer, nil
}

// seen returns how long a period lasted up to the moment of judgement.
func seen(r analytics.Request) time.Duration {
	if r.AsOf.Before(r.To) {
		return max(0, r.AsOf.Sub(r.From))
	}
	return r.To.Sub(r.From)
}

// write fills the columns in.
func (c *Compiled) write(s *sheet, results []result, f *analytics.Frame) error {
	now := results[0]
	ranked, valid, err := c.ranked(now, f)
	if err != nil {
		return err
	}
	enough := make([]bool, len(now.rows))
	for row, o := range now.rows {
		enough[row] = valid[row] && o.N >= c.minN() && c.Direction != "none"
		s.number("ranked", row, ranked[row], valid[row])
		c.writeRow(s, row, o, f)
		if len(results) == 3 {
			c.writeChanges(s, row, results)
		}
	}
	for row, rank := range stats.Rank(ranked, enough, !c.lowerIsBetter()) {
		s.int("rank", row, int64(rank), rank > 0)
	}
	if now.cases == nil || c.Clock == nil {
		return nil
	}
	for _, p := range PopulationTitles() {
		for row, n := range now.cases.Dense(p[0], f.Len()) {
			s.int(p[0], row, n, true)
		}
	}
	return nil
}

func (c *Compiled) writeRow(s *sheet, row int, o Outcome, f *analytics.Frame) {
	s.word("status", row, o.Status)
	s.number("value", row, o.Value, o.Has)
	s.number("low", row, o.Low, o.HasLow)
	s.number("high", row, o.High, o.HasHigh)
	s.int("n", row, o.N, true)
	s.number("numerator", row, o.Numerator, o.Numerator != 0 || o.Denominator != 0)
	s.number("denominator", row, o.Denominator, o.Numerator != 0 || o.Denominator != 0)
	target, aimed := c.target(f.Path(row))
	s.number("target", row, target, aimed)
	s.number("score", row, o.Score, o.HasScore && c.Scoring != nil)
	s.word("reason", row, o.Reason)
	s.word("parts", row, o.Parts)
}

func (c *Compiled) writeChanges(s *sheet, row int, results []result) {
	now, previous, year := results[0].rows[row], results[1].rows[row], results[2].rows[row]
	s.number("previous", row, previous.Value, previous.Has)
	ch := c.since(previous, now, results[1].length, results[0].length)
	s.number("change", row, ch.difference, ch.has)
	s.number("change_low", row, ch.low, ch.hasInterval)
	s.number("change_high", row, ch.high, ch.hasInterval)
	s.number("change_p", row, ch.p, ch.hasP)
	s.number("year_before", row, year.Value, year.Has)
	ch = c.since(year, now, results[2].length, results[0].length)
	s.number("year_change", row, ch.difference, ch.has)
	s.number("year_change_p", row, ch.p, ch.hasP)
}

// readable rounds to two figures.
func readable(x float64) float64 {
	if x == 0 {
		return 0
	}
	step := math.Pow(10, math.Floor(math.Log10(math.Abs(x)))-1)
	return math.Round(x/step) * step
}

func (c *Compiled) legend(layer *analytics.Layer) analytics.Legend {
	if c.Target != nil {
		return StatusLegend("No data")
	}
	value, _ := layer.Column("value")
	label := func(x float64) string { return fmt.Sprintf("%.3g", x) }
	return analytics.Legend{Column: "value", Title: c.Title("en"), Unit: value.Unit, Classes: analytics.Steps(value, readable, label, "No data")}
}

// rank puts the worst first, and the largest where none is worse than another.
func (c *Compiled) rank(r analytics.Request) analytics.Rank {
	show := []string{"status", "value", "low", "high", "n", "rank"}
	if r.Params.On(Changes) {
		show = append(show, "change", "change_p")
	}
	return analytics.Rank{Column: "ranked", Descending: c.Direction != "higher", Show: show}
}
