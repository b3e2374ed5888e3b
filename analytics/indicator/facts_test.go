package indicator

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/data"
)

// A fact is one row by the names of its columns: strings, time.Times, int64s and
// float64s. What it does not have is missing.
type fact map[string]any

func (f fact) text(column string) string {
	text, _ := f[column].(string)
	return text
}

// when returns a time, zero where it is missing.
func (f fact) when(column string) time.Time {
	at, _ := f[column].(time.Time)
	return at
}

// facts is a data.Source of one dataset.
type facts struct {
	dataset data.Dataset
	list    []fact
}

// Schema implements data.Source.
func (f facts) Schema(d data.Dataset) []data.Column {
	return data.SchemaOf(d, data.DefaultResolutions())
}

// Scan implements data.Source.
func (f facts) Scan(_ context.Context, q data.Query) data.Batches {
	if q.Dataset != f.dataset {
		return func(func(data.Batch, error) bool) {}
	}
	return func(yield func(data.Batch, error) bool) { yield(q.Filter(f.batch())) }
}

func (f facts) batch() data.Batch {
	columns := f.Schema(f.dataset)
	b := data.NewBuilder(columns)
	for row, one := range f.list {
		for i, c := range columns {
			value := one[c.Name]
			if value == nil && c.Required {
				value = map[string]any{"id": fmt.Sprint(row), "reported_at": on(0), "inspected_at": on(0)}[c.Name]
			}
			switch v := value.(type) {
			case time.Time:
				b.SetInt(i, v.UnixMicro())
			case string:
				b.SetText(i, v)
			case int64:
				b.SetInt(i, v)
			case float64:
				b.SetFloat(i, v)
			default:
				b.Missing(i)
			}
		}
	}
	return b.Build()
}

// on is the beginning of the n-th day of March 2024, from 0: a Friday.
func on(n int) time.Time { return time.Date(2024, 3, 1+n, 0, 0, 0, 0, time.UTC) }

// halfHours is a time on a clock that goes by half hours.
func halfHours(n int) time.Time { return on(0).Add(time.Duration(n) * 30 * time.Minute) }

// march asks for March 2024 as of the end of its 20th day.
func march(t testing.TB, given map[string]string) analytics.Request {
	t.Helper()
	values, err := analytics.ParseValues(Analysis.Params, given)
	if err != nil {
		t.Fatal(err)
	}
	return analytics.Request{From: on(0), To: on(31), AsOf: on(20), Zone: time.UTC, Params: values}
}

// districts returns a frame of rows c0, c1 … of 1, 2 … square kilometres and
// 1000, 2000 … inhabitants; those of every third are not known.
func districts(n int) *analytics.Frame {
	f := &analytics.Frame{Unit: analytics.CommunitiesOf(data.District), Key: data.ByCode{Column: "community"}}
	for i := range n {
		f.Communities = append(f.Communities, data.Community{Code: rowCode(i), Population: int64(1000 * (i + 1)), HasPopulation: i%3 != 2})
		f.SquareKm = append(f.SquareKm, float64(i+1))
		f.Paths = append(f.Paths, []string{rowCode(i)})
	}
	return f
}

func rowCode(i int) string { return fmt.Sprintf("c%03d", i) }

// define reads a definition that lacks what all of them have.
func define(t testing.TB, text string) *Definition {
	t.Helper()
	for _, line := range []string{"code: test.one", "version: 1", "direction: higher", "empty: no_data", "period: {by: opened}"} {
		key, _, _ := strings.Cut(line, ":")
		if !strings.Contains("\n"+text, "\n"+key+":") {
			text = line + "\n" + text
		}
	}
	return readOne(t, text)
}

func compiled(t testing.TB, d *Definition, others ...*Definition) *Compiled {
	t.Helper()
	c, err := Compile(d, Surroundings{Library: NewLibrary(others, []*clock.Calendar{office(t)})})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// office is a calendar of offices that are open from 8 to 12 and from 14 to 18
// on weekdays, but not on 4 March 2024. It knows 2024 only.
func office(t testing.TB) *clock.Calendar {
	t.Helper()
	c, err := clock.Build(clock.File{
		ID: "office", Version: "1", Zone: "UTC", Years: "2024", YearEnd: "own_file",
		Weekly:   map[string][]string{"mon-fri": {"08:00-12:00", "14:00-18:00"}},
		Holidays: []clock.SpecialDay{{Date: "2024-03-04", Name: "Closed"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tryLayer computes a layer that may fail.
func tryLayer(t testing.TB, c *Compiled, r analytics.Request, f *analytics.Frame, source data.Source) (*analytics.Layer, error) {
	t.Helper()
	a := AnalysisOf(c)
	rollups, err := a.Plan(r, f)
	if err != nil {
		return nil, err
	}
	tallies, err := agg.Collect(t.Context(), a.Facts(source, r), f, rollups, nil)
	if err != nil {
		return nil, err
	}
	return a.Compute(t.Context(), r, f, tallies)
}

func layerOf(t testing.TB, c *Compiled, r analytics.Request, f *analytics.Frame, source facts) *analytics.Layer {
	t.Helper()
	layer := analysistest.LayerOf(t, AnalysisOf(c), r, f, source)
	for _, wrong := range analysistest.Complaints(AnalysisOf(c), f, layer) {
		t.Error(wrong)
	}
	return layer
}

// floats returns a column with nil where there is no value.
func floats(t testing.TB, layer *analytics.Layer, name string) []any {
	t.Helper()
	c := analysistest.Column(t, layer, name)
	list := make([]any, len(c.Floats))
	for row, x := range c.Floats {
		if c.Has(row) {
			list[row] = x
		}
	}
	return list
}

// groups sorts facts by the row they lie in. One in no row is in the last group.
func groups(rows int, list []fact) [][]fact {
	sorted := make([][]fact, rows+1)
	for _, f := range list {
		at := rows
		for row := range rows {
			if f.text("community") == rowCode(row) {
				at = row
			}
		}
		sorted[at] = append(sorted[at], f)
	}
	return sorted
}

// A muddle makes facts in which any order of times occurs, in whole half hours
// so that they often coincide with each other and with limits.
type muddle struct {
	*rand.Rand
	rows int
}

func muddled(seed uint64, rows int) muddle {
	return muddle{rand.New(rand.NewPCG(seed, 11)), rows}
}

// pick sets a column to one of words, "" being none.
func (m muddle) pick(f fact, column string, words ...string) {
	if word := words[m.IntN(len(words))]; word != "" {
		f[column] = word
	}
}

// after sets a time some half hours after another, or before, or not at all.
func (m muddle) after(f fact, column string, at time.Time, span int) {
	if m.IntN(4) > 0 {
		f[column] = at.Add(time.Duration(m.IntN(span)-span/10) * 30 * time.Minute)
	}
}

func (m muddle) place(f fact) {
	if at := m.IntN(m.rows + 2); at <= m.rows { // one more than there are rows
		f["community"] = rowCode(at)
	}
	f["location"], f["source"] = data.LocationArea, "test"
}

// incidents makes cases reported from ten days before March 2024 to ten after.
func (m muddle) incidents(n int) facts {
	all := facts{dataset: data.Incidents}
	for range n {
		f := fact{"reports": int64(m.IntN(5)), "limit_amount": float64(m.IntN(1000)) / 8}
		m.place(f)
		reported := halfHours(m.IntN(50*48) - 10*48)
		f["reported_at"] = reported
		m.pick(f, "status", data.StatusOpen, data.StatusClosed, data.StatusClosed, data.StatusClosed, data.StatusSuspended, data.StatusVoid)
		m.pick(f, "category", "noise", "waste", "advice", "light", "")
		m.pick(f, "satisfaction", data.Satisfied, data.BasicallySatisfied, data.Dissatisfied, data.SatisfactionNone, "")
		m.pick(f, "callback_valid", data.AnswerYes, data.AnswerYes, data.AnswerNo, "")
		m.pick(f, "outcome", "solved", "rejected", "")
		m.after(f, "dispatched_at", reported, 48)
		m.after(f, "closed_at", reported, 300)
		m.after(f, "due_at", reported, 300)
		if m.IntN(5) == 0 {
			m.after(f, "extended_due_at", reported.AddDate(0, 0, 3), 200)
		}
		if m.IntN(3) == 0 {
			f["pauses"] = m.pauses(reported)
		}
		all.list = append(all.list, f)
	}
	return all
}

// pauses makes one or two, the last of which may have no end.
func (m muddle) pauses(from time.Time) string {
	var list []data.Pause
	for range 1 + m.IntN(2) {
		from = from.Add(time.Duration(m.IntN(96)) * 30 * time.Minute)
		to := from.Add(time.Duration(1+m.IntN(96)) * 30 * time.Minute)
		list = append(list, data.Pause{From: from.UnixMicro(), To: to.UnixMicro()})
		from = to
	}
	if m.IntN(4) == 0 {
		list[len(list)-1].To = data.Unended
	}
	return data.FormatPauses(list)
}

// inspections makes findings of points from ten days before March 2024 to ten
// after.
func (m muddle) inspections(n int) facts {
	all := facts{dataset: data.Inspections}
	for range n {
		f := fact{"found": int64(m.IntN(4))}
		m.place(f)
		inspected := halfHours(m.IntN(50*48) - 10*48)
		f["inspected_at"] = inspected
		m.pick(f, "item", "bins", "signs", "plan", "report", "")
		m.pick(f, "point", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "")
		m.pick(f, "result", "pass", "pass", "fail", "na", "")
		m.pick(f, "recheck", data.RecheckOK, data.RecheckNotOK, data.RecheckFalse, "")
		m.pick(f, "responsible", "market", "roads", "")
		if m.IntN(5) > 0 {
			most := float64(1 + m.IntN(10))
			f["max_score"], f["score"] = most, most*float64(m.IntN(9))/8
		}
		if m.IntN(9) == 0 {
			delete(f, "score")
		}
		m.after(f, "rectify_due_at", inspected, 300)
		m.after(f, "rectified_at", inspected, 300)
		if at := f.when("rectified_at"); !at.IsZero() {
			m.after(f, "rechecked_at", at, 100)
		}
		all.list = append(all.list, f)
	}
	return all
}

func mustTime(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
