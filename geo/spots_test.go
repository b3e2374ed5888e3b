package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// TestSpotsMeasureAsPointsDo compares distances with the haversine formula, near and
// far, and ways back to degrees.
func TestSpotsMeasureAsPointsDo(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for k := range 1000 {
		a := orb.Point{360*rng.Float64() - 180, 180*rng.Float64() - 90}
		b := orb.Point{360*rng.Float64() - 180, 180*rng.Float64() - 90}
		if k%2 == 0 {
			b = orb.Point{a[0] + 0.01*rng.Float64(), a[1]*0.999 + 0.01*rng.Float64()}
		}
		s := SpotAt(a[0], a[1])
		got, want := float64(s.Distance(SpotAt(b[0], b[1]))), float64(Distance(a, b))
		if math.Abs(got-want) > 1e-6+1e-9*want && want < 1.9e7 {
			t.Errorf("from %v to %v it is %v m, want %v", a, b, got, want)
		}
		lon, lat := s.Degrees()
		if math.Abs(lon-a[0])*math.Cos(radians(a[1])) > 1e-12 || math.Abs(lat-a[1]) > 1e-12 {
			t.Errorf("%v becomes %v, %v", a, lon, lat)
		}
	}
}

// TestSpotsFindWhatALoopFinds compares with all distances, points that coincide
// among them.
func TestSpotsFindWhatALoopFinds(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	points := make([]Spot, 400)
	for i := range points {
		points[i] = SpotAt(114+rng.Float64(), 22+rng.Float64())
		if i%10 == 0 && i > 0 {
			points[i] = points[i/2]
		}
	}
	near := NewSpots(points)
	for range 200 {
		p := SpotAt(114+rng.Float64(), 22+rng.Float64())
		best, count := 0, 0
		for i, q := range points {
			if p.square(q) < p.square(points[best]) {
				best = i
			}
			if p.Distance(q) <= 9000 {
				count++
			}
		}
		if got := near.Nearest(p); int(got) != best {
			t.Errorf("nearest is %d, want %d", got, best)
		}
		near.Within(p, 9000, func(int32) { count-- })
		if count != 0 {
			t.Errorf("%d points within 9 km were missed", count)
		}
	}
	if got := NewSpots(nil).Nearest(SpotAt(0, 0)); got != -1 {
		t.Errorf("nearest of none is %d", got)
	}
}
