package indicator

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/data"
)

// TestRandomDefinitions makes definitions of fields that make sense, and now
// and then of ones that do not, together with calendars and composites. None may
// panic, none that compiles may give a number that is none, and what is wrong
// has to be said of a field.
func TestRandomDefinitions(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 4_000
	}
	rng := rand.New(rand.NewPCG(4, 4))
	frame := districts(3)
	frame.SquareKm[2] = 0
	resources := facts{data.Resources, []fact{{"community": "c000", "valid_from": on(2)}, {"valid_to": on(3)}}}
	sources := batches{
		data.Incidents:   muddled(4, frame.Len()).incidents(60).batch(),
		data.Inspections: muddled(5, frame.Len()).inspections(60).batch(),
		data.Resources:   resources.batch(),
	}
	compiled, evaluated := 0, 0
	for i := range n / 3 {
		library := randomLibrary(rng)
		for _, d := range library.Definitions() {
			c, err := Compile(d, Surroundings{Library: library})
			if err != nil {
				if !strings.Contains(err.Error(), ": ") || strings.Contains(err.Error(), "%!") {
					t.Fatalf("definition %+v: error %q does not say of what it is", d, err)
				}
				continue
			}
			compiled++
			if i%40 > 0 {
				continue
			}
			evaluated++
			if err := evaluate(t, c, frame, sources); err != nil && !strings.Contains(err.Error(), "has no data") {
				text, _ := Write(d)
				t.Fatalf("definition\n%s\ncomputes with error: %v", text, err)
			}
		}
	}
	if compiled < n/3 || compiled > n*9/10 {
		t.Errorf("%d of %d definitions compile: the test leans to one side", compiled, n)
	}
	t.Logf("%d of %d definitions compile; %d were evaluated", compiled, n, evaluated)
}

// batches has one batch of each dataset.
type batches map[data.Dataset]data.Batch

// Schema implements data.Source.
func (s batches) Schema(d data.Dataset) []data.Column { return s[d].Columns() }

// Scan implements data.Source.
func (s batches) Scan(_ context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) { yield(q.Filter(s[q.Dataset])) }
}

func evaluate(t *testing.T, c *Compiled, frame *analytics.Frame, source data.Source) error {
	t.Helper()
	r := march(t, map[string]string{Changes: "true"})
	a := AnalysisOf(c)
	rollups, err := a.Plan(r, frame)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(rollups, func(r data.Rollup) bool { return r.Dataset == analytics.Places }) {
		return nil // the engine has those
	}
	layer, err := tryLayer(t, c, r, frame, source)
	if err != nil {
		return err
	}
	if wrong := analysistest.Complaints(a, frame, layer); len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

// A dice picks at random, and a nonsensical value once in a while.
type dice struct{ *rand.Rand }

func (d dice) word(sense ...string) string {
	if d.IntN(400) == 0 {
		return []string{"", "nonsense", "%d", "𝄞", strings.Repeat("x", 300), "'", "a = 1 OR"}[d.IntN(7)]
	}
	return sense[d.IntN(len(sense))]
}

func (d dice) number(low, high float64) float64 {
	if d.IntN(400) == 0 {
		return []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 0, 1e300, math.SmallestNonzeroFloat64}[d.IntN(7)]
	}
	return low + d.Float64()*(high-low)
}

func (d dice) maybe() bool { return d.IntN(2) == 0 }

func randomLibrary(rng *rand.Rand) *Library {
	d := dice{rng}
	var definitions []*Definition
	for i := range 3 {
		definitions = append(definitions, randomDefinition(d, fmt.Sprintf("test.part%d", i), rng.IntN(len(kinds))))
	}
	var calendars []*clock.Calendar
	if c, err := clock.Build(randomCalendar(d)); err == nil {
		calendars = append(calendars, c)
	}
	return NewLibrary(definitions, calendars)
}

func randomCalendar(d dice) clock.File {
	f := clock.File{
		ID: "work", Version: "1", Zone: d.word("Asia/Shanghai", "America/New_York", "UTC"), Years: d.word("any", "any", "any", "2022-2026", "2030"),
		Weekly:     map[string][]string{"mon-fri": {"08:00-12:00", "14:00-18:00"}},
		WorkDay:    d.word("hours", "end_of_day"),
		NaturalDay: d.word("continuous", "end_of_day"),
		StartDay:   d.word("skipped", "counted"),
		Holidays:   []clock.SpecialDay{{Date: "2024-05-01", Name: "Labour Day"}},
		Workdays:   []clock.SpecialDay{{Date: "2024-05-11", Name: "instead"}},
		WorkdaysAs: d.word("mon"),
	}
	if d.maybe() {
		f.Weekly["sat"] = []string{d.word("08:00-12:00", "00:00-24:00", "22:00-24:00")}
	}
	return f
}

func randomDefinition(d dice, code string, kind int) *Definition {
	def := &Definition{
		Code: code, Version: 1 + d.IntN(3), Name: data.Names{"en": "Test"}, Kind: kinds[kind].Name,
		Direction: d.word("higher", "lower", "none"), Empty: d.word("no_data", "full", "zero", "neutral"),
		MinN: int64(d.IntN(12)), Interval: Interval{Method: d.word("wilson", "jeffreys", "clopper_pearson")},
		Smoothing: Smoothing{Method: d.word("eb", "none"), Prior: d.word("parent", "all")},
	}
	if def.Kind == scoreKind || d.IntN(3) == 0 && def.Kind != accessShareKind {
		def.Dataset = data.Inspections
	}
	wheres := []string{"category = 'noise'", "status <> 'void'", "reported_at >= DATE('2024-01-01')", "closed_at IS NULL OR reports > 3"}
	if def.dataset() != data.Incidents {
		wheres = []string{"found > 3", "result = 'fail'"}
	}
	if d.maybe() && !kinds[kind].Places {
		def.Where = d.word(wheres...)
	}
	def.Period = randomPeriod(d, def.dataset())
	if d.maybe() {
		def.Target = &Target{Op: d.word(">=", "<="), Value: d.number(0, 1), Unit: "share"}
	}
	if d.maybe() || def.Kind == countKind || def.Kind == meanKind || def.Kind == quantileKind {
		def.Scoring = randomScoring(d)
	}
	for _, field := range kinds[kind].Fields {
		if needed := slices.Contains(kinds[kind].Needs, field); d.IntN(3) > 0 || needed && d.IntN(20) > 0 {
			giveField(d, def, field)
		}
	}
	if d.IntN(80) == 0 {
		giveField(d, def, d.word("clock", "items", "measure", "quantile"))
	}
	if d.IntN(200) == 0 {
		def.Dataset = data.Dataset(d.word("incidents", "inspections", "resources"))
	}
	return def
}

func giveField(d dice, def *Definition, field string) {
	switch field {
	case "numerator":
		def.Numerator = Terms{{Where: d.word(conditions(d, def)...), Weight: 1}}
		if def.Kind == ratioKind && d.IntN(3) == 0 {
			def.Numerator = append(def.Numerator, Term{Where: d.word(conditions(d, def)...), Weight: d.number(0, 1)})
		}
	case "denominator":
		def.Denominator = d.word(append(conditions(d, def), "all")...)
	case "clock":
		def.Clock = randomClock(d, def.dataset())
	case "measure":
		def.Measure = d.word(measures(d, def)...)
	case "of":
		def.Of = d.word("max_score", "score", "found")
	case "quantile":
		def.Quantile = d.number(0.1, 0.99)
	case "per":
		def.Per = d.number(1, 1e5)
	case "subject":
		def.Subject = []string{d.word("community", "cell_9", "responsible")}
	case "at_least":
		def.AtLeast = int64(d.number(2, 5))
	case "open_policy":
		def.OpenPolicy = d.word(policiesOf(def.Kind)...)
	case "no_limit":
		def.NoLimit = d.word("", "exclude", "on_time")
	case "items":
		for i := range 1 + d.IntN(3) {
			item := Item{Indicator: fmt.Sprintf("test.part%d", i), Weight: pointer(d.number(0, 30)), Bonus: d.IntN(8) == 0}
			if def.Kind == documentKind {
				item = Item{Document: d.word("plan", "report"), Weight: pointer(d.number(0, 3))}
			}
			def.Items = append(def.Items, item)
		}
	case "gates":
		def.Gates = []Gate{{Indicator: d.word("test.part1", "test.part2"), Op: d.word(">=", "<="), Value: d.number(0, 1)}}
	case "vetoes":
		def.Vetoes = []Gate{{Indicator: d.word("test.part1", "test.part2"), Op: d.word(">=", "<="), Value: d.number(0, 1)}}
	case "over":
		def.Over = d.word("", "nonempty", "fixed")
	case "access":
		def.Access = &Access{Where: d.word("", "kind = 'park'"), Metres: d.number(100, 1000)}
	}
}

// conditions returns what facts of a definition can be asked.
func conditions(d dice, def *Definition) []string {
	words := []string{"status = 'closed'", "outcome LIKE 's%'", "NOT (closed_at > dispatched_at)"}
	if def.dataset() != data.Incidents {
		words = []string{"result = 'pass'", "recheck IN ('ok', 'not_ok')", "rectified_at IS NULL"}
	}
	if def.Clock != nil && def.Clock.Limit != nil || d.IntN(50) == 0 {
		words = append(words, "closed_on_time", "open_overdue", "due_in_period")
	}
	return words
}

func measures(d dice, def *Definition) []string {
	words := []string{"reports", "reworks"}
	if def.dataset() != data.Incidents {
		words = []string{"found"}
	}
	if slices.Contains([]string{meanKind, scoreKind}, def.Kind) || d.IntN(50) == 0 {
		words = append(words, map[bool]string{true: "limit_amount", false: "score"}[def.dataset() == data.Incidents])
	}
	if def.Kind == meanKind && def.Clock != nil {
		words = append(words, "elapsed")
	}
	return words
}

func randomPeriod(d dice, of data.Dataset) Period {
	p := Period{By: d.word(append(periodWords(of), "")...), Unit: d.word("month", "week", "quarter")}
	if d.maybe() {
		p.AnchorDay, p.DayCut, p.DayNamed = d.IntN(29), d.word("12:00", "02:30"), d.word("start", "end")
	}
	if d.maybe() {
		p.Zone = d.word("Asia/Shanghai", "America/New_York")
	}
	return p
}

func randomClock(d dice, of data.Dataset) *Clock {
	c := &Clock{Calendar: d.word("work")}
	if of == data.Incidents {
		c.Start, c.Stop = d.word("reported_at", "dispatched_at"), d.word("closed_at", "responded_at")
		if d.IntN(4) == 0 {
			c.Pauses = []string{"suspended"}
		}
	}
	if d.IntN(4) == 0 {
		c.StopCounts = d.word("location = 'area'")
	}
	due, by := "due_at", "category"
	if of != data.Incidents {
		due, by = "rectify_due_at", "item"
	}
	switch d.IntN(5) {
	case 0:
		c.Limit = &Limit{Record: d.word(due)}
		if of == data.Incidents {
			c.Extension = d.word("ignored", "replaces")
		}
	case 1:
		c.Limit = &Limit{By: by, Table: map[string]string{"noise": d.word("1 work_day", "4 hour")}, Within: d.word("2 day")}
	case 2:
		if d.maybe() {
			c.Unit = d.word("work_hour", "hour")
		}
	default:
		c.Limit = &Limit{Within: d.word("2 work_hour", "3 work_day", "5 natural_day", "0.5 hour", "90 minute")}
	}
	return c
}

func randomScoring(d dice) *Scoring {
	s := &Scoring{Type: d.word("linear", "band", "deduct", "pass_fail"), Max: d.number(1, 100)}
	switch s.Type {
	case "band":
		s.Bands = []Band{{AtMost: pointer(d.number(0, 1)), Score: s.Max}, {Below: pointer(d.number(1, 9)), Score: d.number(0, s.Max)}, {Score: 0}}
	case "deduct":
		s.Per, s.Every = d.number(0, 2), d.number(0, 3)
	case "linear":
		if d.maybe() {
			s.Zero, s.Full = d.number(0, 1), d.number(0, 1)
		}
	}
	return s
}
