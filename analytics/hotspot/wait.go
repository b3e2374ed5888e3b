package hotspot

import (
	"context"
	"fmt"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
)

const secondsPerDay = 24 * 3600

// waits compares how long people wait. Shown is the mean wait within a horizon, by
// Kaplan and Meier. Compared is how many cases were closed with how many would have
// been, closed and open ones watched as long as they were, had each the hazard of
// the whole city (the log-rank test of one sample; Breslow 1975, Int. Stat. Rev.
// 43:45-57): means of few cases scatter more than those of many, and one that nobody
// closes makes any mean long.
func waits(ctx context.Context, f *analytics.Frame, t *analytics.Tally, least int64, horizon float64) (*measured, error) {
	m := newMeasured(f, fmt.Sprintf("cases closed within %v days against how long they were watched, as standard deviates", horizon/secondsPerDay))
	all, err := stats.AllWaits(t.Keys, t.Count("closed"), t.Count("open")).KaplanMeier()
	if err != nil {
		return nil, fmt.Errorf("waits of all rows: %w", err)
	}
	hazard := all.CumulativeHazard()
	m.figures = waited(t, &all, horizon)
	// until returns the hazard up to a wait, or to the horizon.
	until := func(seconds float64) float64 {
		i, found := slices.BinarySearch(all.Seconds, min(seconds, horizon))
		switch {
		case found:
			return hazard[i]
		case i > 0:
			return hazard[i-1]
		}
		return 0
	}
	closures, looked := make([]float64, f.Len()), make([]bool, f.Len())
	for row := range f.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		lo, hi := t.Span(row)
		d := stats.WaitsOf(t.Keys[lo:hi], t.Count("closed")[lo:hi], t.Count("open")[lo:hi])
		closed, open := d.Total()
		m.of[row], m.hasOf[row] = float64(closed+open), true
		if closed+open < least {
			m.take(row, 0, false, tooFewCases)
		}
		if closed+open == 0 {
			continue
		}
		curve, err := d.KaplanMeier()
		if err != nil {
			return nil, fmt.Errorf("waits of row %s: %w", f.ID(row), err)
		}
		m.wait[row], _, m.hasWait[row] = curve.RestrictedMean(horizon)
		m.hasWait[row] = m.hasWait[row] && curve.Reaches(horizon)
		m.hasExpected[row] = true
		for i, seconds := range curve.Seconds {
			if seconds <= horizon {
				m.observed[row] += curve.Closed[i]
			}
			m.expected[row] += float64(curve.Closed[i]+curve.Open[i]) * until(seconds)
		}
		closures[row] = float64(m.observed[row])
		looked[row] = m.reason[row] == ""
	}
	m.chance = stats.ByExposure(closures, m.expected, looked)
	m.chance.Fewer = true
	m.compare(looked)
	return m, nil
}

// waited tells the mean wait of all rows, and which cases have none.
func waited(t *analytics.Tally, all *stats.Survival, horizon float64) []analytics.Item {
	mean := analytics.Item{Key: "mean_wait", Title: "Mean wait of all rows, up to the horizon", Unit: "s"}
	if seconds, _, ok := all.RestrictedMean(horizon); ok && all.Reaches(horizon) {
		mean.Value = seconds
	}
	return []analytics.Item{
		mean,
		{Key: "closed", Title: "Closed", Value: t.Total("closed"), Unit: "count"},
		{Key: "open", Title: "Open", Value: t.Total("open"), Unit: "count"},
		{Key: "undated", Title: "Closed, date unknown", Value: t.Total("undated"), Unit: "count"},
		{Key: "without_wait", Title: "Cases that end before they begin", Value: t.Without("n"), Unit: "count"},
	}
}
