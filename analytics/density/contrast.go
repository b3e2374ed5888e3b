package density

import (
	"context"

	"github.com/civgrid/civgrid/analytics"
)

// contrast compares how many reports there are in two periods.
func contrast() *analytics.Contrast {
	return &analytics.Contrast{Test: analytics.RateTest, Title: "Reports per km² in 30 days", Rising: true, Sides: sides}
}

// sides returns how many reports rows have, and on what area.
func sides(_ context.Context, _ analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (rows []analytics.Side, all analytics.Side, err error) {
	rows = make([]analytics.Side, f.Len())
	for row, n := range tallies[0].Dense("n", f.Len()) {
		km2 := f.KmInside(row)
		rows[row] = analytics.Side{Has: km2 > 0 && !f.MostlyOutside(row), N: n, Exposure: km2}
		all.N, all.Exposure = all.N+n, all.Exposure+km2
	}
	all.Has = all.Exposure > 0
	return rows, all, nil
}
