package geo

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// samplesPerEdge says how densely a border is sampled: in steps of a quarter of
// the mean length of a cell's edge. Two cells that do not touch are at least one
// edge apart, so that whatever cell the border passes through between two
// samples touches the cell of one of them, even where cells are at their
// smallest or most skewed.
const samplesPerEdge = 4

// Rim returns, in ascending order, every cell of resolution r that the border
// of the region passes through, and every cell next to one of those. All other
// cells lie wholly inside the region or wholly outside it, whichever way their
// edges bend. The length of the border in cells must be within limit; otherwise
// the error is a *TooManyCellsError.
func (g *Region) Rim(r Resolution, limit int64) ([]Cell, error) {
	crossed, err := g.crossed(r, limit)
	if err != nil {
		return nil, err
	}
	return widen(crossed), nil
}

// crossed returns cells that the border passes through, in ascending order: the
// cells of all corners and of samples along all edges.
func (g *Region) crossed(r Resolution, limit int64) ([]Cell, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	if estimate := min(g.rimEstimate(r), r.cells()); estimate > limit {
		return nil, &TooManyCellsError{Estimate: estimate, Limit: limit}
	}
	step := float64(EdgeLength(r)) / samplesPerEdge
	var lon, lat []float64
	for _, e := range g.edges {
		if !e.seam {
			lon, lat = sample(lon, lat, e.a, e.b, step)
		}
	}
	cells := CellsAt(make([]Cell, 0, len(lon)), lon, lat, r)
	cells = slices.Compact(cells)
	slices.Sort(cells)
	return slices.Compact(cells), nil
}

// sample appends points from a to b, the latter included, no more than step
// metres apart.
func sample(lon, lat []float64, a, b orb.Point, step float64) ([]float64, []float64) {
	n := math.Ceil(edgeMetres(a, b) / step)
	for i := range int(n) {
		t := float64(i) / n
		lon = append(lon, a[0]+t*(b[0]-a[0]))
		lat = append(lat, a[1]+t*(b[1]-a[1]))
	}
	return append(lon, b[0]), append(lat, b[1])
}

// widen returns cells and all that touch them, in ascending order.
func widen(cells []Cell) []Cell {
	out := make([]Cell, 0, 7*len(cells))
	for _, c := range cells {
		out = c.appendDisk(out, 1)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// BorderLength returns about how long the border of the region is. It is never
// less than the true length on the sphere.
func (g *Region) BorderLength() Metres { return g.borders }

// rimEstimate returns about how many cells the border passes through.
func (g *Region) rimEstimate(r Resolution) int64 {
	return int64(float64(g.borders/EdgeLength(r))) + 1
}

// meanArea returns the mean area of the cells of a resolution: the globe shared
// out among 2+120·7^r cells.
func meanArea(r Resolution) SquareMetres {
	globe := 4 * math.Pi * float64(EarthRadius) * float64(EarthRadius)
	return SquareMetres(globe / (2 + 120*math.Pow(7, float64(r))))
}

// EdgeLength returns the edge of a flat regular hexagon of the mean area of the
// cells of resolution r. Real edges differ from it by up to about a third. The
// answer for a resolution that is not valid means nothing.
func EdgeLength(r Resolution) Metres {
	return Metres(math.Sqrt(float64(meanArea(r)) * 2 / (3 * math.Sqrt(3))))
}
