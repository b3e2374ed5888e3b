package crs

import (
	"testing"

	"github.com/paulmach/orb"
)

// millimetre in metres.
const millimetre = 0.001

// Every place comes back from both systems, but for places outside the
// mainland on which the shift puts mainland ones.
func TestPlacesComeBack(t *testing.T) {
	points := scatter(100_000)
	for _, s := range []System{GCJ02, BD09} {
		worst, shifted, covered := 0.0, 0, 0
		for _, p := range points {
			q := mustConvert(t, FromWGS84, s, p)
			back := mustConvert(t, ToWGS84, s, q)
			if InMainland(p) {
				shifted++
			} else if InMainland(back) {
				covered++
				if d := metresBetween(p, back); d > 1000 {
					t.Errorf("%v: %v outside the mainland came back %.0f m off, want less than 1,000 m", s, p, d)
				}
				continue
			}
			d := metresBetween(p, back)
			worst = max(worst, d)
			if d > millimetre {
				t.Errorf("%v: %v came back as %v, %.6f m off", s, p, back, d)
			}
		}
		t.Logf("%v: %d points, %d shifted, %d under the image of the mainland, worst %.3g m",
			s, len(points), shifted, covered, worst)
		if shifted < len(points)/10 || covered == 0 {
			t.Errorf("%v: %d points shifted and %d covered, want many and some", s, shifted, covered)
		}
	}
}

// Every coordinate of a file comes back, but for those of the strip that the
// shift leaves empty, which are nobody's image.
func TestCoordinatesComeBack(t *testing.T) {
	points := scatter(100_000)
	for _, s := range []System{GCJ02, BD09} {
		worst, empty := 0.0, 0
		for _, q := range points {
			p := mustConvert(t, ToWGS84, s, q)
			back := mustConvert(t, FromWGS84, s, p)
			gcj := q
			if s == BD09 {
				gcj = bdToGCJ(q)
			}
			if InMainland(gcj) && !InMainland(p) {
				empty++
				if d := metresBetween(gcj, p); d > 1000 {
					t.Errorf("%v: %v of the empty strip is read %.0f m away, want less than 1,000 m", s, q, d)
				}
				continue
			}
			d := metresBetween(q, back)
			worst = max(worst, d)
			if d > millimetre {
				t.Errorf("%v: %v came back as %v, %.6f m off", s, q, back, d)
			}
		}
		t.Logf("%v: %d points, %d in the empty strip, worst %.3g m", s, len(points), empty, worst)
		if empty == 0 {
			t.Errorf("%v: no point in the empty strip, want some", s)
		}
	}
}

// Points exactly on the line, where rounding alone could put them on either
// side, and points up to 0.1 mm from it.
func TestPointsOnTheLine(t *testing.T) {
	worst, inside := 0.0, 0
	for _, ring := range mainlandRings() {
		for i, a := range ring {
			b := ring[(i+1)%len(ring)]
			for step := range 64 {
				f := float64(step%16) / 16
				hair := gcjHair * float64(step/16) / 4
				p := orb.Point{a.lon + f*(b.lon-a.lon) + hair, a.lat + f*(b.lat-a.lat) - hair}
				if !InMainland(p) {
					continue
				}
				inside++
				for _, s := range []System{GCJ02, BD09} {
					back := mustConvert(t, ToWGS84, s, mustConvert(t, FromWGS84, s, p))
					d := metresBetween(p, back)
					worst = max(worst, d)
					if d > millimetre || !InMainland(back) {
						t.Errorf("%v: %v on the line came back as %v, %.6f m off", s, p, back, d)
					}
				}
			}
		}
	}
	t.Logf("%d points in the mainland, worst %.3g m", inside, worst)
	if inside == 0 {
		t.Error("no point on the line counts as inside, want about half")
	}
}

// On longitude 105 the square root in the formula has no slope.
func TestMeridianOfTheRoot(t *testing.T) {
	for _, dx := range []float64{0, 1e-15, 1e-13, 1e-12, 1e-11, 1e-9, 1e-6, 1e-3} {
		for _, sign := range []float64{-1, 1} {
			p := orb.Point{105 + sign*dx, 31.7}
			for _, s := range []System{GCJ02, BD09} {
				back := mustConvert(t, ToWGS84, s, mustConvert(t, FromWGS84, s, p))
				if d := metresBetween(p, back); d > millimetre {
					t.Errorf("%v: 105%+g came back %.6f m off", s, sign*dx, d)
				}
			}
		}
	}
}

func TestMercatorComesBack(t *testing.T) {
	worst := 0.0
	for lon := -180.0; lon <= 180; lon += 0.7 {
		for lat := -85.0; lat <= 85; lat += 0.7 {
			p := orb.Point{lon, lat}
			back := mustConvert(t, ToWGS84, WebMercator, mustConvert(t, FromWGS84, WebMercator, p))
			worst = max(worst, metresBetween(p, back))
		}
	}
	t.Logf("worst %.3g m", worst)
	if worst > millimetre/1000 {
		t.Errorf("worst round trip %.3g m, want a micrometre at most", worst)
	}
}

func mustConvert(
	t *testing.T, convert func(System, orb.Point) (orb.Point, error), s System, p orb.Point,
) orb.Point {
	t.Helper()
	q, err := convert(s, p)
	if err != nil {
		t.Fatalf("convert %v: %v", p, err)
	}
	return q
}
