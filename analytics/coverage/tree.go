package coverage

import (
	"cmp"
	"math"
	"slices"

	"github.com/civgrid/civgrid/geo"
)

// radius is that of the sphere on which distances are measured, in metres: the
// authalic radius that H3 uses.
const radius = float64(geo.EarthRadius)

// A place is a point on the sphere: a unit vector.
type place [3]float64

// placeAt returns the point at a longitude and latitude in degrees.
func placeAt(lon, lat float64) place {
	sinLon, cosLon := math.Sincos(lon * math.Pi / 180)
	sinLat, cosLat := math.Sincos(lat * math.Pi / 180)
	return place{cosLat * cosLon, cosLat * sinLon, sinLat}
}

// metres returns the great-circle distance of two points from the chord between
// them, which keeps its digits for points nearby.
func metres(a, b place) float64 { return 2 * radius * math.Asin(min(1, math.Sqrt(square(a, b))/2)) }

// square returns the square of the chord.
func square(a, b place) float64 {
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return x*x + y*y + z*z
}

// squareOf returns the square of the chord of a distance.
func squareOf(metres float64) float64 {
	chord := 2 * math.Sin(min(metres/(2*radius), math.Pi/2))
	return chord * chord
}

// A tree finds points near others: a k-d tree (Bentley 1975), in which the node of a
// range is its middle, and its axis changes from level to level.
type tree struct {
	points []place
	order  []int32
}

func newTree(points []place) *tree {
	t := &tree{points: points, order: make([]int32, len(points))}
	for i := range t.order {
		t.order[i] = int32(i)
	}
	t.split(t.order, 0)
	return t
}

func (t *tree) split(order []int32, axis int) {
	if len(order) < 2 {
		return
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(t.points[a][axis], t.points[b][axis]), cmp.Compare(a, b))
	})
	half := len(order) / 2
	t.split(order[:half], (axis+1)%3)
	t.split(order[half+1:], (axis+1)%3)
}

// nearest returns the point nearest to p, the first of those equally near, or -1
// without any.
func (t *tree) nearest(p place) int32 {
	best, least := int32(-1), math.Inf(1)
	t.search(t.order, 0, p, &least, func(i int32, d float64) {
		if d < least || d == least && i < best {
			best, least = i, d
		}
	})
	return best
}

// within visits the points no farther from p than so many metres.
func (t *tree) within(p place, reach float64, visit func(i int32)) {
	limit := squareOf(reach)
	t.search(t.order, 0, p, &limit, func(i int32, d float64) {
		if d <= limit {
			visit(i)
		}
	})
}

// search visits every point whose square of the chord may be up to limit, which may
// shrink meanwhile.
func (t *tree) search(order []int32, axis int, p place, limit *float64, visit func(i int32, d float64)) {
	if len(order) == 0 {
		return
	}
	half := len(order) / 2
	at := order[half]
	visit(at, square(p, t.points[at]))
	apart := p[axis] - t.points[at][axis]
	near, far := order[:half], order[half+1:]
	if apart > 0 {
		near, far = far, near
	}
	t.search(near, (axis+1)%3, p, limit, visit)
	if apart*apart <= *limit {
		t.search(far, (axis+1)%3, p, limit, visit)
	}
}

// degrees returns longitude and latitude.
func (p place) degrees() (lon, lat float64) {
	return math.Atan2(p[1], p[0]) * 180 / math.Pi, math.Asin(min(max(p[2], -1), 1)) * 180 / math.Pi
}
