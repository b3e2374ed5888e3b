package indicator

import (
	"context"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// Execution describes how soon a published indicator is executed. What it plans
// and computes depends on the indicator: see [ExecutionOf].
var Execution = analytics.Analysis{
	Name:  "execution",
	Title: "From publishing an indicator to executing it",
	Doc: "For every row, whether there are facts under an indicator since it is in force, how many, and how many days passed until the first. " +
		"Rows without any are where a definition stands on paper only, or where nobody reports.",
	Reference: "Counting",
	Params: []analytics.Param{
		{Name: Code, Title: "code of the indicator", Kind: analytics.Word, Default: "general.on_time"},
		{Name: Version, Title: "version of its definition", Kind: analytics.Integer, Min: 1, Max: 1e6, Doc: "Default: the last."},
	},
	Columns: executionColumns(),
}

// The values of column status of an execution.
const (
	Executed    = "executed"
	NotExecuted = "not_yet"
)

func executionColumns() []analytics.Column {
	return []analytics.Column{
		{Name: "status", Type: analytics.WordColumn, Title: "Executed", Doc: "executed or not_yet."},
		{Name: "days", Type: analytics.IntColumn, Unit: "d", Title: "Days to the first fact", Doc: "Whole days from the moment it came into force; missing where there is none."},
		{Name: "waited", Type: analytics.IntColumn, Unit: "d", Title: "Days without any", Doc: "Whole days to the first fact or, where there is none, to the moment of judgement."},
		{Name: "n", Type: analytics.IntColumn, Unit: "count", Title: "Facts since"},
	}
}

// mostDays is the longest time to a first fact that is told apart.
const mostDays = 10_000

const day = 24 * time.Hour

// ExecutionOf makes the analysis of one definition that came into force at a
// moment.
func ExecutionOf(c *Compiled, since time.Time) analytics.Analysis {
	a := Execution
	a.Dataset, a.Whole = c.dataset(), true
	a.Window = func(_ analytics.Values, seen analytics.Vantage) (from, to time.Time, err error) {
		if !since.Before(seen.AsOf) {
			return from, to, &analytics.ParamError{
				Name: Code, Value: c.Code,
				Why: fmt.Sprintf("%s counts from %s on, and nothing is known that late", c.ID(), since.In(c.zone).Format(time.RFC3339)),
			}
		}
		return since, seen.AsOf.Add(time.Microsecond), nil
	}
	sinceColumn, event := c.timing.prefix+"_since", c.timing.Start
	a.Derive = func(r analytics.Request) []analytics.Derivation {
		return append(c.derivations(r), analytics.Derivation{Dataset: c.dataset(), Derivation: data.Derivation{
			Columns: []data.Column{{Name: sinceColumn, Type: data.Time}},
			Compute: func(rows data.Batch, into *data.Builder) error {
				for range rows.Len() {
					into.SetInt(0, since.UnixMicro())
				}
				return nil
			},
			Reads: []string{event},
		}})
	}
	a.Plan = func(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
		bounds := make([]int64, 0, mostDays)
		for d := int64(1); d <= mostDays; d++ {
			bounds = append(bounds, d*day.Microseconds()-1) // a fact of the very moment a day is over is of the next
		}
		return []data.Rollup{{
			Name: c.Code, Dataset: c.dataset(), Where: append(r.Member(event), c.where.at(r.AsOf)),
			Keys:   []data.Key{f.Key, data.ByWait{From: sinceColumn, To: event, AsOf: r.AsOf, Bounds: bounds}},
			Counts: []data.Count{{Name: "n", Where: c.counted(r.AsOf)}},
		}}, nil
	}
	a.Compute = func(_ context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
		return executed(c, since, r.AsOf, f, &tallies[0]), nil
	}
	return a
}

func executed(c *Compiled, since, asOf time.Time, f *analytics.Frame, t *analytics.Tally) *analytics.Layer {
	rows := f.Len()
	status, days, n, valid := make([]string, rows), make([]int64, rows), t.Dense("n", rows), make([]bool, rows)
	waited := make([]int64, rows)
	counts := t.Count("n")
	without, first := int64(0), int64(-1)
	for row := range rows {
		status[row], waited[row] = NotExecuted, int64(asOf.Sub(since)/day)
		lo, hi := t.Span(row)
		for i := lo; i < hi; i++ {
			if counts[i] > 0 { // keys ascend
				status[row], days[row], valid[row] = Executed, t.Keys[i], true
				waited[row] = days[row]
				break
			}
		}
		switch {
		case !valid[row]:
			without++
		case first < 0 || days[row] < first:
			first = days[row]
		}
	}
	layer := &analytics.Layer{
		Columns: executionColumns(),
		Legend: analytics.Legend{Column: "status", Title: "Executed", Classes: []analytics.Class{
			{Key: Executed, Label: "Executed", Color: "#009e73", Shape: "circle"},
			{Key: NotExecuted, Label: "Not yet", Color: "#b2182b", Shape: "square"},
			{Key: analytics.NoData, Label: "No data", Color: "#f7f7f2"},
		}},
		Rank:   analytics.Rank{Column: "waited", Descending: true, Show: []string{"status", "days", "n"}},
		Method: fmt.Sprintf("Facts of %s with %s since %s, by whole days.", c.ID(), c.timing.Start, since.In(c.zone).Format(time.RFC3339)),
	}
	layer.Set("status", analytics.Column{Words: status})
	layer.Set("days", analytics.Column{Ints: days, Valid: valid})
	layer.Set("waited", analytics.Column{Ints: waited})
	layer.Set("n", analytics.Column{Ints: n})
	elsewhere, nowhere := t.Beyond("n")
	layer.Summary = []analytics.Item{
		{Key: "indicator", Title: "Indicator", Value: c.ID()},
		{Key: "since", Title: "Counted since", Value: since.In(c.zone).Format(time.RFC3339)},
		{Key: "n", Title: "Facts since", Value: t.Total("n") + elsewhere + nowhere, Unit: "count"},
		{Key: "rows_without", Title: "Rows without any", Value: without, Unit: "count"},
		{Key: "days_to_first", Title: "Days from then to the first fact in a row", Value: countOrNone(first), Unit: "d"},
	}
	return layer
}

// countOrNone returns a number that is known, nil for one below 0.
func countOrNone(n int64) any {
	if n < 0 {
		return nil
	}
	return n
}
