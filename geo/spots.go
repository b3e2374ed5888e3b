package geo

import (
	"cmp"
	"math"
	"slices"
)

// A Spot is a point made ready for many distances: a unit vector.
type Spot [3]float64

// SpotAt returns the spot at a longitude and latitude in degrees, which are finite.
func SpotAt(lon, lat float64) Spot {
	sinLon, cosLon := math.Sincos(radians(lon))
	sinLat, cosLat := math.Sincos(radians(lat))
	return Spot{cosLat * cosLon, cosLat * sinLon, sinLat}
}

// Degrees returns longitude and latitude.
func (s Spot) Degrees() (lon, lat float64) {
	return degrees(math.Atan2(s[1], s[0])), degrees(math.Atan2(s[2], math.Hypot(s[0], s[1])))
}

// Distance returns the great-circle distance to another spot, as Distance measures,
// from the chord between them, which keeps its digits for spots nearby.
func (s Spot) Distance(to Spot) Metres {
	return 2 * EarthRadius * Metres(math.Asin(min(1, math.Sqrt(s.square(to))/2)))
}

// square returns the square of the chord.
func (s Spot) square(to Spot) float64 {
	x, y, z := s[0]-to[0], s[1]-to[1], s[2]-to[2]
	return x*x + y*y + z*z
}

// squareOf returns the square of the chord of a distance.
func squareOf(d Metres) float64 {
	chord := 2 * math.Sin(min(float64(d/(2*EarthRadius)), math.Pi/2))
	return chord * chord
}

// Spots finds which of a set of spots are near others: a k-d tree (Bentley 1975,
// Commun. ACM 18:509-517), in which the node of a range is its middle, and the axis
// changes from level to level. It is safe for concurrent use and does not change.
type Spots struct {
	all   []Spot
	order []int32
}

// NewSpots makes a set ready.
func NewSpots(all []Spot) *Spots {
	t := &Spots{all: slices.Clone(all), order: make([]int32, len(all))}
	for i := range t.order {
		t.order[i] = int32(i)
	}
	t.split(t.order, 0)
	return t
}

func (t *Spots) split(order []int32, axis int) {
	if len(order) < 2 {
		return
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(t.all[a][axis], t.all[b][axis]), cmp.Compare(a, b))
	})
	half := len(order) / 2
	t.split(order[:half], (axis+1)%3)
	t.split(order[half+1:], (axis+1)%3)
}

// At returns the spot of that number.
func (t *Spots) At(i int32) Spot { return t.all[i] }

// Nearest returns the number of the spot nearest to p, the first of those equally
// near, or -1 without any.
func (t *Spots) Nearest(p Spot) int32 {
	best, least := int32(-1), math.Inf(1)
	t.search(t.order, 0, p, &least, func(i int32, d float64) {
		if d < least || d == least && i < best {
			best, least = i, d
		}
	})
	return best
}

// Within visits the spots no farther from p than reach, in no order of theirs.
func (t *Spots) Within(p Spot, reach Metres, visit func(i int32)) {
	limit := squareOf(reach)
	t.search(t.order, 0, p, &limit, func(i int32, d float64) {
		if d <= limit {
			visit(i)
		}
	})
}

// search visits every spot whose square of the chord may be up to limit, which may
// shrink meanwhile.
func (t *Spots) search(order []int32, axis int, p Spot, limit *float64, visit func(i int32, d float64)) {
	if len(order) == 0 {
		return
	}
	half := len(order) / 2
	at := order[half]
	visit(at, p.square(t.all[at]))
	apart := p[axis] - t.all[at][axis]
	near, far := order[:half], order[half+1:]
	if apart > 0 {
		near, far = far, near
	}
	t.search(near, (axis+1)%3, p, limit, visit)
	if apart*apart <= *limit {
		t.search(far, (axis+1)%3, p, limit, visit)
	}
}
