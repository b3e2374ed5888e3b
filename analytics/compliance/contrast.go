package compliance

import (
	"context"

	"github.com/civgrid/civgrid/analytics"
)

// contrast compares the share on time of two periods.
func contrast() *analytics.Contrast {
	return &analytics.Contrast{
		Test: analytics.ShareTest, Title: "On time", Unit: "share",
		Least: func(r analytics.Request) int64 { return int64(r.Params.Int("min-n")) },
		Level: func(r analytics.Request) float64 { return r.Params.Number("level-of-confidence") },
		Sides: sides,
	}
}

// sides returns the cases of rows and of the whole layer, and how many are on time.
func sides(_ context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (rows []analytics.Side, all analytics.Side, err error) {
	p := policyOf(r)
	side := func(of func(population string) int64) analytics.Side {
		onTime, n := p.share(of)
		return analytics.Side{Has: n > 0, N: n, Hits: onTime}
	}
	counts := dense(&tallies[0], f)
	rows = make([]analytics.Side, f.Len())
	for row := range rows {
		rows[row] = side(func(population string) int64 { return counts[population][row] })
	}
	return rows, side(totals(&tallies[0], r)), nil
}
