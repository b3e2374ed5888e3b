package response

import (
	"fmt"
	"math"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/stats"
)

func rank() analytics.Rank {
	return analytics.Rank{Column: "km_p90", Descending: true, Show: []string{"km_p90", "km_p50", "within_limit", "n", "open", "funnel"}}
}

// legend makes classes of the Kaplan-Meier p90.
func legend(layer *analytics.Layer) analytics.Legend {
	column, _ := layer.Column("km_p90")
	return analytics.Legend{
		Column: "km_p90", Title: "Nine tenths dealt with within", Unit: "s",
		Classes: analytics.Steps(column, readable, Words, "Too few cases, or not to be told yet"),
	}
}

// readable rounds seconds to two figures of the unit people would use.
func readable(seconds float64) float64 {
	unit, _ := unitOf(seconds)
	x := seconds / unit
	step := math.Pow(10, math.Floor(math.Log10(math.Max(x, 1)))-1)
	return math.Round(x/step) * step * unit
}

// unitOf returns the length in seconds and the name of the unit to tell a
// duration in.
func unitOf(seconds float64) (length float64, name string) {
	switch {
	case seconds < 2*60:
		return 1, "s"
	case seconds < 2*3600:
		return 60, "min"
	case seconds < 2*86400:
		return 3600, "h"
	}
	return 86400, "d"
}

// Words tells a duration in seconds as people say it: "80 s", "45 min", "3.5 h",
// "12 d".
func Words(seconds float64) string {
	unit, name := unitOf(seconds)
	x := seconds / unit
	if x < 10 {
		return fmt.Sprintf("%.2g %s", x, name)
	}
	return fmt.Sprintf("%.0f %s", x, name)
}

// summary tells the waits of all rows of the layer together, and how many cases
// are in no row.
func summary(t *analytics.Tally, r analytics.Request) ([]analytics.Item, error) {
	all := stats.AllWaits(t.Keys, t.Count("closed"), t.Count("open"))
	curve, err := all.KaplanMeier()
	if err != nil {
		return nil, err
	}
	band := stats.Band{Level: r.Params.Number("level-of-confidence")}
	closed, open := all.Total()
	items := []analytics.Item{
		{Key: "n", Title: "Cases with a wait, in a row of the layer", Value: closed + open, Unit: "count"},
		{Key: "closed", Title: "Closed", Value: closed, Unit: "count"},
		{Key: "open", Title: "Open", Value: open, Unit: "count"},
		{Key: "undated", Title: "Closed, date unknown", Value: t.Total("undated"), Unit: "count"},
	}
	for _, q := range quantiles() {
		km := curve.Quantile(q.p, band)
		naive, err := all.ClosedQuantile(q.p, stats.InverseECDF, band.Level)
		if err != nil {
			return nil, err
		}
		items = append(items,
			analytics.Item{Key: "km_" + q.name, Title: q.name + ", open cases counted", Value: value(km), Unit: "s"},
			analytics.Item{Key: "naive_" + q.name, Title: q.name + ", closed cases only", Value: value(naive), Unit: "s"})
	}
	within := curve.Within(r.Params.Number("limit-hours")*3600, band)
	item := analytics.Item{Key: "within_limit", Title: "Within the limit", Unit: "share"}
	if within.Reason == stats.OK && !within.Extrapolated {
		item.Value = within.Share
	}
	withoutWait := sum(t.Keyless)
	return append(items, item,
		analytics.Item{Key: "without_wait", Title: "Cases that end before they begin", Value: withoutWait, Unit: "count"},
		analytics.Item{Key: "in_rows", Title: "Cases in a row of the layer", Value: closed + open + t.Total("undated") + withoutWait, Unit: "count"},
		analytics.Item{Key: "elsewhere", Title: "Cases outside the layer's rows", Value: sum(t.Elsewhere), Unit: "count"},
		analytics.Item{Key: "without_place", Title: "Cases without a place of this kind", Value: sum(t.Nowhere), Unit: "count"}), nil
}

// sum adds up the counts of closed, open and undated cases, which every case
// is one of.
func sum(counts []int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

func value(q stats.QuantileEstimate) any {
	if q.Reason != stats.OK {
		return nil
	}
	return q.Value
}

func caveats(t *analytics.Tally) []string {
	var told []string
	if n := t.Total("undated"); n > 0 {
		told = append(told, fmt.Sprintf("%d cases are closed without saying when and are in no number.", n))
	}
	if n := sum(t.Keyless); n > 0 {
		told = append(told, fmt.Sprintf("%d cases end before they begin and are in no number.", n))
	}
	if t.Total("closed") == 0 {
		told = append(told, indicator.NothingEnded(t.Total("open"))...)
	}
	return told
}
