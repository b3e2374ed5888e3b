package hotspot

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/stats"
)

const secondsPerDay = 24 * 3600

// tooFewCases is the reason of a row of fewer cases than are asked for.
const tooFewCases = "too_few_cases"

// lateness compares how many cases were late with how many would have been, had
// each category the share of late cases that it has in all rows (indirect
// standardisation; Breslow and Day 1987, section 2.3). Without categories, each
// case has the share of all. A row's deviate is
//
//	(late - Σ n_c p_c) / sqrt(Σ n_c p_c (1-p_c))
//
// so that rows of many and few cases can be compared.
func lateness(f *analytics.Frame, t *analytics.Tally, least int64) *measured {
	m := newMeasured(f, "late cases against their number and, for compliance, categories, as standard deviates")
	share := sharesLate(t)
	variance := make([]float64, f.Len())
	eachJudged(t, func(row int, category, late, n int64) {
		p := share[category]
		m.observed[row] += late
		m.of[row] += float64(n)
		m.expected[row] += float64(n) * p
		variance[row] += float64(n) * p * (1 - p)
	})
	for row := range variance {
		m.hasOf[row], m.effect[row] = true, float64(m.observed[row])
		m.hasExpected[row] = m.of[row] > 0
		switch {
		case m.of[row] < float64(least):
			m.take(row, 0, false, tooFewCases)
		case variance[row] == 0:
			m.take(row, 0, false, stats.ZeroVariance.String())
		default:
			m.take(row, (m.effect[row]-m.expected[row])/math.Sqrt(variance[row]), true, "")
		}
	}
	return m
}

// sharesLate returns the share of late cases of each category over all rows.
func sharesLate(t *analytics.Tally) map[int64]float64 {
	late, all := map[int64]int64{}, map[int64]int64{}
	eachJudged(t, func(_ int, category, l, n int64) {
		late[category] += l
		all[category] += n
	})
	shares := make(map[int64]float64, len(all))
	for category, n := range all {
		if n > 0 {
			shares[category] = float64(late[category]) / float64(n)
		}
	}
	return shares
}

// eachJudged visits the entries of a tally with the cases whose deadline has
// passed, and how many of them were late.
func eachJudged(t *analytics.Tally, visit func(row int, category, late, n int64)) {
	for i, row := range t.Rows {
		onTime, n := indicator.Share("matured", false, func(population string) int64 { return t.Count(population)[i] })
		category := int64(0)
		if t.Keys != nil {
			category = t.Keys[i]
		}
		visit(int(row), category, n-onTime, n)
	}
}

// waits compares how long people wait: the mean wait within a horizon, by Kaplan
// and Meier, in days.
func waits(ctx context.Context, f *analytics.Frame, t *analytics.Tally, least int64, horizon float64) (*measured, error) {
	m := newMeasured(f, fmt.Sprintf("mean waits within %v days, by Kaplan and Meier", horizon/secondsPerDay))
	all, err := meanWait(everyWait(t), horizon)
	if err != nil {
		return nil, err
	}
	for row := range f.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		lo, hi := t.Span(row)
		d := stats.WaitsOf(t.Keys[lo:hi], t.Count("closed")[lo:hi], t.Count("open")[lo:hi])
		closed, open := d.Total()
		m.observed[row] = closed + open
		if m.observed[row] < least {
			m.take(row, 0, false, tooFewCases)
			continue
		}
		mean, err := meanWait(d, horizon)
		if err != nil {
			return nil, fmt.Errorf("row %s: %w", f.ID(row), err)
		}
		m.take(row, mean, true, "")
		m.effect[row], m.expected[row], m.hasExpected[row] = mean, all, true
	}
	return m, nil
}

// everyWait returns the waits of all rows together.
func everyWait(t *analytics.Tally) stats.Durations {
	closed, open := map[int64]int64{}, map[int64]int64{}
	for i, key := range t.Keys {
		closed[key] += t.Count("closed")[i]
		open[key] += t.Count("open")[i]
	}
	keys := slices.Sorted(maps.Keys(closed))
	c, o := make([]int64, len(keys)), make([]int64, len(keys))
	for i, key := range keys {
		c[i], o[i] = closed[key], open[key]
	}
	return stats.WaitsOf(keys, c, o)
}

// meanWait returns the mean wait in days, no wait counting as longer than the
// horizon.
func meanWait(d stats.Durations, horizon float64) (float64, error) {
	curve, err := d.KaplanMeier()
	if err != nil {
		return 0, err
	}
	mean, _, _ := curve.RestrictedMean(horizon)
	return mean / secondsPerDay, nil
}
