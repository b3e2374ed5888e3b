package response

import (
	"context"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// Analysis is how long cases wait.
var Analysis = analytics.Analysis{
	Name:  "response",
	Title: "How long cases wait",
	Doc: "The time within which half (p50) and nine tenths (p90) of the cases reported in the period are dealt with. " +
		"km_ columns let open cases count for as long as they have waited; naive_ columns know closed cases only and are too short. " +
		"Column funnel says in which rows the share within the limit differs from that of the others by more than chance.",
	Reference: "Kaplan and Meier 1958, J. Am. Stat. Assoc. 53:457-481; Greenwood 1926; Brookmeyer and Crowley 1982, Biometrics 38:29-41; Masson, Rim and Lee 2019, PVLDB 12:2195-2205; Spiegelhalter 2005, Stat. Med. 24:1185-1202; Dorey and Korn 1987, Stat. Med. 6:679-687",
	Params: []analytics.Param{
		{Name: "until", Title: "event that ends the wait", Kind: analytics.Choice, Default: "closed", Choices: []string{"closed", "responded"}},
		{
			Name: "limit-hours", Title: "time within which cases should be dealt with", Kind: analytics.Number, Min: 0.001, Max: 1e6, Default: "72", Unit: "h",
			Doc: "For the share within the limit, whatever the case's own deadline.",
		},
		{Name: "min-n", Title: "fewest cases for a quantile", Kind: analytics.Integer, Min: 1, Max: 1e6, Default: "10", Unit: "count"},
		{Name: "level-of-confidence", Title: "level of the intervals", Kind: analytics.Number, Min: 0.5, Max: 0.999, Default: "0.95", Unit: "share"},
		indicator.FunnelParam(),
	},
	Columns:  columns(),
	Contrast: &analytics.Contrast{Refused: "the difference of two quantiles of waits has no interval that holds while cases are open: compare an indicator of a share in time instead, such as general.on_time"},
	Plan:     plan,
	Compute:  compute,
}

func plan(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
	stop := r.Params.Text("until") + "_at"
	void := data.Compare{Column: "status", Op: data.Equal, Value: data.StatusVoid}
	closed := data.Compare{Column: "status", Op: data.Equal, Value: data.StatusClosed}
	where := append(r.Member("reported_at"), data.Not{Condition: void})
	done := data.Compare{Column: stop, Op: data.LessOrEqual, Value: r.AsOf}
	unknown := data.All{closed, data.Missing{Column: stop}}
	return []data.Rollup{
		{
			Name: "waits", Dataset: data.Incidents, Where: where,
			Keys: []data.Key{f.Key, data.ByWait{From: "reported_at", To: stop, AsOf: r.AsOf, Bounds: stats.WaitBounds()}},
			Counts: []data.Count{
				{Name: "closed", Where: done},
				{Name: "open", Where: data.All{data.Not{Condition: done}, data.Not{Condition: unknown}}},
				{Name: "undated", Where: data.All{data.Not{Condition: done}, unknown}},
			},
		},
		{
			Name: "hours", Dataset: data.Incidents, Where: where,
			Keys:   []data.Key{f.Key, data.ByHourOfWeek{Column: "reported_at", Zone: r.Zone}},
			Counts: []data.Count{{Name: "n"}},
		},
	}, nil
}

func compute(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	waits, hours := &tallies[0], &tallies[1]
	layer := &analytics.Layer{Columns: columns(), Rank: rank(), Matrix: matrix(hours, r)}
	m := newMeasures(f.Len(), r)
	for row := range f.Len() {
		if row%rowsPerCheck == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		lo, hi := waits.Span(row)
		if err := m.row(row, stats.WaitsOf(waits.Keys[lo:hi], waits.Count("closed")[lo:hi], waits.Count("open")[lo:hi])); err != nil {
			return nil, fmt.Errorf("row %s: %w", f.ID(row), err)
		}
	}
	m.ints["undated"] = waits.Dense("undated", f.Len())
	m.write(layer, f.Len())
	layer.Legend = legend(layer)
	layer.Method = method(r)
	var err error
	if layer.Summary, err = summary(waits, r); err != nil {
		return nil, err
	}
	items, words, err := indicator.SetFunnel(layer, r, m.floats["within_limit"], m.worth, 0)
	if err != nil {
		return nil, err
	}
	layer.Summary = append(layer.Summary, items...)
	layer.Method += " " + words
	layer.Caveats = caveats(waits)
	return layer, nil
}

// rowsPerCheck is how many rows are computed between two looks at the context.
const rowsPerCheck = 1024

// matrix adds reports up by weekday and hour over all rows.
func matrix(hours *analytics.Tally, r analytics.Request) *analytics.Matrix {
	m := &analytics.Matrix{Title: "Reports by weekday and hour", Zone: r.Zone.String()}
	for i, n := range hours.Count("n") {
		m.Counts[hours.Keys[i]/24][hours.Keys[i]%24] += n
	}
	return m
}

func method(r analytics.Request) string {
	return fmt.Sprintf("Cases reported in the period, void ones left out, as of %s; time from report until %s. "+
		"Kaplan-Meier quantiles and shares with log-log Greenwood intervals at %v; naive quantiles are the inverse empirical distribution "+
		"(type 1) of closed cases with order-statistic intervals. Times are within 0.5 %%.",
		r.AsOf.UTC().Format(time.RFC3339), r.Params.Text("until"), r.Params.Number("level-of-confidence"))
}
