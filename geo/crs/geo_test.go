package crs

import (
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"
)

// metresBetween is the great-circle distance on a sphere of the mean radius
// 6,371,008.8 m (IUGG), by the haversine formula.
func metresBetween(a, b orb.Point) float64 {
	const radius = 6371008.8
	half := func(v float64) float64 { s := math.Sin(v / 2); return s * s }
	h := half(radians(b[1]-a[1])) +
		math.Cos(radians(a[1]))*math.Cos(radians(b[1]))*half(radians(b[0]-a[0]))
	return 2 * radius * math.Asin(math.Sqrt(min(1, h)))
}

// scatter returns n points over and around the mainland, and as many within
// about two kilometres of its line.
func scatter(n int) []orb.Point {
	rng := rand.New(rand.NewPCG(1, 2))
	points := make([]orb.Point, 0, 2*n)
	for range n {
		points = append(points, orb.Point{72 + 65*rng.Float64(), 15 + 40*rng.Float64()})
	}
	rings := mainlandRings()
	for range n {
		ring := rings[rng.IntN(len(rings))]
		i := rng.IntN(len(ring))
		a, b := ring[i], ring[(i+1)%len(ring)]
		t := rng.Float64()
		// From a micrometre to two kilometres off the line.
		off := 0.02 * math.Pow(10, -9*rng.Float64())
		points = append(points, orb.Point{
			a.lon + t*(b.lon-a.lon) + off*(2*rng.Float64()-1),
			a.lat + t*(b.lat-a.lat) + off*(2*rng.Float64()-1),
		})
	}
	return points
}
