package kernel

import (
	"fmt"
	"math"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// position is the derived column that says where in its cell a report lies: the
// number of a square of a grid of side by side squares around the centre, row by row
// from the south-west.
const (
	position = "position"
	side     = 64
)

// A plane touches the globe at the centre of a cell.
type plane struct {
	centre, east, north geo.Spot
	half                float64 // of the width of the grid, in radii of the globe
}

// planeAt returns the plane of a cell. Its grid is three edges of a mean cell wide:
// no cell of the resolution sticks out.
func planeAt(c geo.Cell) plane {
	at := c.Centre()
	sinLon, cosLon := math.Sincos(at[0] * math.Pi / 180)
	sinLat, cosLat := math.Sincos(at[1] * math.Pi / 180)
	return plane{
		centre: geo.SpotAt(at[0], at[1]),
		east:   geo.Spot{-sinLon, cosLon, 0},
		north:  geo.Spot{-sinLat * cosLon, -sinLat * sinLon, cosLat},
		half:   float64(1.5 * geo.EdgeLength(c.Resolution()) / geo.EarthRadius),
	}
}

// square returns the number of the square that a spot lies in, seen from straight
// above.
func (p plane) square(s geo.Spot) int64 {
	step := func(along geo.Spot) int64 {
		x := s[0]*along[0] + s[1]*along[1] + s[2]*along[2]
		return int64(min(max((x/p.half+1)/2*side, 0), side-1))
	}
	return step(p.north)*side + step(p.east)
}

// middle returns the middle of a square.
func (p plane) middle(square int64) geo.Spot {
	along := func(step int64) float64 { return ((float64(step)+0.5)/side*2 - 1) * p.half }
	x, y := along(square%side), along(square/side)
	z := math.Sqrt(1 - x*x - y*y)
	var s geo.Spot
	for i := range s {
		s[i] = x*p.east[i] + y*p.north[i] + z*p.centre[i]
	}
	return s
}

// derive gives every report its position in its cell.
func derive(r analytics.Request) []analytics.Derivation {
	if !r.Unit.IsCells() {
		return nil
	}
	column := data.CellColumn(r.Unit.Resolution)
	return []analytics.Derivation{{Dataset: data.Incidents, Derivation: data.Derivation{
		Reads:   []string{column, "lon", "lat"},
		Columns: []data.Column{{Name: position, Type: data.Int}},
		Compute: func(rows data.Batch, into *data.Builder) error {
			cells, valid := rows.Cells(column), rows.Valid(column)
			lon, lat, placed := rows.Floats("lon"), rows.Floats("lat"), rows.Valid("lon")
			planes := map[geo.Cell]plane{}
			for i, cell := range cells {
				if !valid.At(i) || !placed.At(i) {
					into.Missing(0)
					continue
				}
				if !cell.Valid() {
					return fmt.Errorf("position in cell %q: %w", cell, geo.ErrNoCell)
				}
				p, ok := planes[cell]
				if !ok {
					p = planeAt(cell)
					planes[cell] = p
				}
				into.SetInt(0, p.square(geo.SpotAt(lon[i], lat[i])))
			}
			return nil
		},
	}}}
}

// A point is where some reports lie.
type point struct {
	at geo.Spot
	n  int64
}

// pointsOf returns the points of the reports in a frame's rows.
func pointsOf(f *analytics.Frame, t *analytics.Tally) []point {
	points := make([]point, len(t.Rows))
	last, p := int32(-1), plane{}
	for i, row := range t.Rows {
		if row != last {
			last, p = row, planeAt(f.Cells[row])
		}
		points[i] = point{p.middle(t.Keys[i]), t.Count("n")[i]}
	}
	return points
}

// scatter returns how many reports there are, and their standard deviation along each
// of two axes, in metres.
func scatter(points []point) (n int64, sigma float64) {
	var mean geo.Spot
	for _, p := range points {
		n += p.n
		for i := range mean {
			mean[i] += float64(p.n) * p.at[i]
		}
	}
	if n < 2 {
		return n, 0
	}
	for i := range mean {
		mean[i] /= float64(n)
	}
	sum := 0.0
	for _, p := range points {
		for i := range mean {
			sum += float64(p.n) * (p.at[i] - mean[i]) * (p.at[i] - mean[i])
		}
	}
	return n, float64(geo.EarthRadius) * math.Sqrt(sum/2/float64(n-1))
}
