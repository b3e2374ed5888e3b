package kernel

import (
	"context"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/geo"
)

// A surface is a kernel density at the centres of cells.
type surface struct {
	perKm2 []float64
	inside []float64 // share of the kernel inside the study area; nil if not asked for
}

// draw makes the surface of points.
func draw(ctx context.Context, r analytics.Request, f *analytics.Frame, points []point, h geo.Metres) (*surface, error) {
	centres := make([]geo.Spot, f.Len())
	for row, cell := range f.Cells {
		at := cell.Centre()
		centres[row] = geo.SpotAt(at[0], at[1])
	}
	near := geo.NewSpots(centres)
	steps := len(points)
	if r.Params.On("edge") {
		steps += len(centres)
	}
	s := &surface{perKm2: make([]float64, f.Len())}
	for i, p := range points {
		if i%1024 == 0 {
			r.Tell(i, steps)
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		near.Within(p.at, h, func(row int32) {
			s.perKm2[row] += float64(p.n) * perKm2(p.at.Distance(centres[row]), h)
		})
	}
	if !r.Params.On("edge") {
		return s, nil
	}
	s.inside = make([]float64, f.Len())
	whole := wholeKernel(f, h)
	for row, centre := range centres {
		if row%1024 == 0 {
			r.Tell(len(points)+row, steps)
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		near.Within(centre, h, func(other int32) {
			s.inside[row] += perKm2(centre.Distance(centres[other]), h) * f.KmInside(int(other))
		})
		s.inside[row] = min(s.inside[row]/whole, 1)
	}
	return s, nil
}

// wholeKernel returns what the kernel around a centre adds up to over all cells there
// are, by their centres: about 1, and the less so the fewer it reaches. A cell in the
// middle of the rows stands for all.
func wholeKernel(f *analytics.Frame, h geo.Metres) float64 {
	const many = 20 // widths of a cell, from which on the sum is 1 to within 1e-4
	if f.Len() == 0 || h > many*cellWidth(f) {
		return 1
	}
	middle := f.Cells[f.Len()/2]
	sum := 0.0
	for _, c := range middle.Disk(int(h/cellWidth(f)*1.5) + 2) { // centres can be a third closer
		sum += perKm2(geo.Distance(middle.Centre(), c.Centre()), h) * float64(c.Area()) / 1e6
	}
	return sum
}

// perKm2 returns the kernel at a distance, per km².
func perKm2(d, h geo.Metres) float64 { return 1e6 * stats.Quartic(float64(d), float64(h)) }
