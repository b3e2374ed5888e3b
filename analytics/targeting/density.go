package targeting

import (
	"cmp"
	"math"
	"slices"

	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/geo"
)

// Density ranks by the kernel density of all events so far at the centre of each
// row, with the quartic kernel of Silverman (1986), equation 4.5, without
// correction at the edge:
//
//	f(c) = Σ 3/(π h²) (1 - (d/h)²)², over events at distance d < h of c, per km²
//
// h is the bandwidth; distances are great circles.
func Density(area *Area, bandwidth geo.Metres) Ranker {
	r := &density{area: area, bandwidth: bandwidth, perKm2: make([]float64, len(area.SquareKm)), order: make([]int32, len(area.SquareKm))}
	for i := range r.order {
		r.order[i] = int32(i)
	}
	slices.SortFunc(r.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(area.Centres[a][1], area.Centres[b][1]), cmp.Compare(a, b))
	})
	return r
}

type density struct {
	area      *Area
	bandwidth geo.Metres
	order     []int32   // rows by latitude
	perKm2    []float64 // the surface so far
}

func (*density) Name() string { return "density" }

// metresPerDegree is the length of a degree of latitude on the sphere of
// geo.Distance, and a little less, so that a window made with it is wide enough.
const metresPerDegree = 111_000

func (r *density) Learn(events []Event, _ int) {
	h := float64(r.bandwidth)
	reach := h / metresPerDegree
	for _, e := range events {
		beside := besideReach(h, math.Abs(e.Lat)+reach)
		first, _ := slices.BinarySearchFunc(r.order, e.Lat-reach, func(row int32, lat float64) int {
			return cmp.Compare(r.area.Centres[row][1], lat)
		})
		for _, row := range r.order[first:] {
			c := r.area.Centres[row]
			if c[1] > e.Lat+reach {
				break
			}
			if apart := math.Abs(c[0] - e.Lon); min(apart, 360-apart) > beside {
				continue
			}
			if d := float64(geo.Distance(c, [2]float64{e.Lon, e.Lat})); d < h {
				r.perKm2[row] += 1e6 * stats.Quartic(d, h)
			}
		}
	}
}

// besideReach returns by how many degrees of longitude, or a little more, two
// points can differ that are closer than a distance, both no farther from the
// equator than a latitude: by the haversine formula, sin(Δλ/2) is at most
// sin(d/2R)/cos(φ).
func besideReach(metres, lat float64) float64 {
	const degree = math.Pi / 180
	if lat >= 90 {
		return 180
	}
	ratio := math.Sin(metres/metresPerDegree/2*degree) / math.Cos(lat*degree)
	if ratio >= 1 {
		return 180
	}
	return 2 * math.Asin(ratio) / degree
}

func (r *density) Score(dst []float64) {
	for row, f := range r.perKm2 {
		dst[row] = f * r.area.SquareKm[row]
	}
}
