package crs

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

// The offsets, to the metre, and the bounds for BD-09 are those that the
// requirements of this service give for these cities; the centres are the
// usual ones to four decimals.
func TestOffsetsOfCities(t *testing.T) {
	f := func(city string, centre orb.Point, want float64) {
		t.Helper()
		q, err := FromWGS84(GCJ02, centre)
		if err != nil {
			t.Fatalf("%s: %v", city, err)
		}
		got := metresBetween(centre, q)
		t.Logf("%s %.2f m", city, got)
		if math.Abs(got-want) > 0.5 {
			t.Errorf("%s is shifted by %.2f m, want %v m", city, got, want)
		}
		bd, err := FromWGS84(BD09, centre)
		if d := metresBetween(centre, bd); err != nil || d < 946-0.5 || d > 1378+0.5 {
			t.Errorf("%s is shifted by %.2f m in BD-09 (%v), want 946 to 1,378 m", city, d, err)
		}
	}
	f("Beijing", orb.Point{116.4074, 39.9042}, 555)
	f("Shanghai", orb.Point{121.4737, 31.2304}, 481)
	f("Shenzhen", orb.Point{114.0579, 22.5431}, 606)
	f("Chengdu", orb.Point{104.0668, 30.5728}, 363)
	f("Urumqi", orb.Point{87.6168, 43.8256}, 265)
}

// The values are those printed in the manuals of two public converters: the
// README of the npm package coordtransform (the first three) and that of
// gcoord (the last). Their inverses do not iterate, so only forward ones are
// taken as exact.
func TestPublishedExamples(t *testing.T) {
	f := func(what string, got, want orb.Point) {
		t.Helper()
		if math.Abs(got[0]-want[0]) > 1e-9 || math.Abs(got[1]-want[1]) > 1e-9 {
			t.Errorf("%s = %.12f, want %.12f", what, got, want)
		}
	}
	p := orb.Point{116.404, 39.915}
	f("wgs84togcj02(116.404, 39.915)", gcjFromWGS(p), orb.Point{116.41024449916938, 39.91640428150164})
	f("gcj02tobd09(116.404, 39.915)", bdFromGCJ(p), orb.Point{116.41036949371029, 39.92133699351021})
	q, err := FromWGS84(BD09, orb.Point{116.403988, 39.914266})
	if err != nil {
		t.Fatal(err)
	}
	f("WGS84 to BD09 (116.403988, 39.914266)", q, orb.Point{116.41661560068297, 39.92196580126834})

	// The manual's uniterated inverse, which stays within decimetres.
	if d := metresBetween(bdToGCJ(p), orb.Point{116.39762729119315, 39.90865673957631}); d > 0.1 {
		t.Errorf("bd09togcj02(116.404, 39.915) is %.3f m from the published one, want 0.1 m at most", d)
	}
	if d := metresBetween(gcjToWGS(p), orb.Point{116.39775550083061, 39.91359571849836}); d > 3 {
		t.Errorf("gcj02towgs84(116.404, 39.915) is %.3f m from the published one, want 3 m at most", d)
	}
}

// The shift in metres is derived a second way: the formula as a table of
// terms, against the distance from the point to its image along the surface
// of the Krasovsky ellipsoid, taken from positions in space.
func TestShiftInMetresTwoWays(t *testing.T) {
	type wave struct{ amplitude, perDegree float64 } // metres; half turns per degree
	common := []wave{{20, 6}, {20, 2}}
	alongEast := []wave{{20, 1}, {40, 1.0 / 3}, {150, 1.0 / 12}, {300, 1.0 / 30}}
	alongNorth := []wave{{20, 1}, {40, 1.0 / 3}, {160, 1.0 / 12}, {320, 1.0 / 30}}
	sum := func(waves []wave, v float64) (total float64) {
		for _, w := range waves {
			total += 2 * w.amplitude / 3 * math.Sin(v*w.perDegree*math.Pi)
		}
		return total
	}
	worst := 0.0
	for _, p := range scatter(20_000) {
		if !InMainland(p) {
			continue
		}
		x, y := p[0]-105, p[1]-35
		root := math.Sqrt(math.Abs(x))
		east := 300 + x + 2*y + x*x/10 + x*y/10 + root/10 + sum(common, x) + sum(alongEast, x)
		north := -100 + 2*x + 3*y + y*y/5 + x*y/10 + root/5 + sum(common, x) + sum(alongNorth, y)
		want := math.Hypot(east, north)
		got := chord(p, gcjFromWGS(p))
		worst = max(worst, math.Abs(got-want))
		// The parallel shrinks on the way north and the chord is straight:
		// centimetres over a kilometre.
		if math.Abs(got-want) > 0.15 {
			t.Errorf("shift at %v is %.4f m in space, %.4f m by the formula", p, got, want)
		}
	}
	t.Logf("largest difference %.4f m", worst)
}

// chord returns the straight distance in metres between two points on the
// Krasovsky ellipsoid.
func chord(a, b orb.Point) float64 {
	space := func(p orb.Point) [3]float64 {
		const e2 = 0.00669342162296594
		sin, cos := math.Sincos(radians(p[1]))
		normal := 6378245 / math.Sqrt(1-e2*sin*sin)
		sinLon, cosLon := math.Sincos(radians(p[0]))
		return [3]float64{normal * cos * cosLon, normal * cos * sinLon, normal * (1 - e2) * sin}
	}
	u, v := space(a), space(b)
	return math.Hypot(math.Hypot(u[0]-v[0], u[1]-v[1]), u[2]-v[2])
}
