package hotspot

import (
	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/stats"
)

// tooFewCases is the reason of a row of fewer cases than are asked for.
const tooFewCases = "too_few_cases"

// lateness compares how many cases were late with how many would have been, had
// each category the share of late cases that it has in all rows (indirect
// standardisation; Breslow and Day 1987, section 2.3). Without categories, each
// case has the share of all. A row's deviate is
//
//	(late - Σ n_c p_c) / sqrt(Σ n_c p_c (1-p_c) + n² τ²)
//
// so that rows of many and few cases can be compared; τ² is by how much the share
// of late cases varies beyond chance.
func lateness(f *analytics.Frame, t *analytics.Tally, least int64) *measured {
	m := newMeasured(f, "late cases against their number and, for compliance, categories, as standard deviates")
	c, share := stats.NewChance(f.Len()), sharesLate(t)
	eachJudged(t, func(row int, category, late, n int64) {
		m.observed[row] += late
		c.Seen[row] += float64(late)
		c.Exposure[row] += float64(n)
		c.Expect(row, float64(n), share[category])
	})
	m.of, m.expected, m.chance = c.Exposure, c.Due, c
	looked := make([]bool, f.Len())
	for row, n := range c.Exposure {
		m.hasOf[row], m.hasExpected[row] = true, n > 0
		if n < float64(least) {
			m.take(row, 0, false, tooFewCases)
		}
		looked[row] = m.reason[row] == ""
	}
	m.figures = judged(t)
	c.Settle(looked)
	m.compare(looked)
	return m
}

// judged tells how many cases are judged, and why the others of the period are not.
func judged(t *analytics.Tally) []analytics.Item {
	var all, late int64
	eachJudged(t, func(_ int, _, l, n int64) { all, late = all+n, late+l })
	items := []analytics.Item{
		{Key: "judged", Title: "Cases whose deadline has passed", Value: all, Unit: "count"},
		{Key: "late", Title: "Of those late", Value: late, Unit: "count"},
	}
	for _, p := range indicator.PopulationTitles() {
		switch p[0] {
		case indicator.ClosedOnTime, indicator.ClosedLate, indicator.OpenOverdue:
			continue
		case indicator.NotMatured:
			p[1] = "Closed on time, deadline still ahead"
		}
		items = append(items, analytics.Item{Key: p[0], Title: p[1], Value: t.Total(p[0]), Unit: "count"})
	}
	return items
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
