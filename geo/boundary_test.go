package geo

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

func TestBoundaryIsValidGeoJSON(t *testing.T) {
	for r := Resolution(0); r <= MaxResolution; r++ {
		for _, c := range someCells(t, r, 100) {
			mp := c.Boundary()
			if len(mp) == 0 || len(mp) > 2 {
				t.Fatalf("%s has %d parts", c, len(mp))
			}
			for _, polygon := range mp {
				ring := polygon[0]
				if len(polygon) != 1 || ring[0] != ring[len(ring)-1] || ring.Orientation() != orb.CCW {
					t.Errorf("%s: not one closed ring counter-clockwise: %v", c, polygon)
				}
				for i, p := range ring {
					if math.Abs(p[0]) > 180 || math.Abs(p[1]) > 90 {
						t.Errorf("%s: corner %v is off the globe", c, p)
					}
					if i > 0 && math.Abs(p[0]-ring[i-1][0]) > 180 && math.Abs(p[1]) != 90 {
						t.Errorf("%s: an edge of the outline jumps to %v", c, p)
					}
				}
			}
		}
	}
}

func TestBoundaryHoldsTheCentre(t *testing.T) {
	for r := Resolution(0); r <= MaxResolution; r++ {
		for _, c := range someCells(t, r, 50) {
			g, err := NewRegion(c.Boundary())
			if err != nil {
				t.Fatal(err)
			}
			if !g.Contains(c.Centre()) {
				t.Errorf("the outline of %s does not hold its centre %v: %v", c, c.Centre(), c.Boundary())
			}
		}
	}
}

// The outline is straight in longitude and latitude and the cell is not, so the
// two areas come together as cells get smaller.
func TestBoundaryHasTheAreaOfTheCell(t *testing.T) {
	for r := Resolution(3); r <= 12; r++ {
		tolerance := math.Max(0.05*math.Pow(7, -float64(r-3)/2), 1e-6)
		for _, c := range someCells(t, r, 50) {
			if math.Abs(c.Centre()[1]) > 85 {
				continue // there the straight edges are far from the true ones
			}
			got, want := AreaOf(c.Boundary()), c.Area()
			if math.Abs(float64(got/want)-1) > tolerance {
				t.Errorf("%s: the outline has %v m², the cell %v", c, got, want)
			}
		}
	}
}

func TestBoundaryAtThePolesAndTheAntimeridian(t *testing.T) {
	for r := Resolution(0); r <= MaxResolution; r++ {
		for _, lat := range []float64{90, -90} {
			c := cellAt(0, lat, r)
			b := c.Boundary().Bound()
			if b.Min[0] != -180 || b.Max[0] != 180 || b.Min[1] != lat && b.Max[1] != lat {
				t.Errorf("the outline of the pole cell %s reaches from %v to %v", c, b.Min, b.Max)
			}
		}
	}
	c := cellAt(180, -17, 7)
	if got := len(c.Boundary()); got != 2 {
		t.Errorf("%s across the antimeridian has %d parts, want 2", c, got)
	}
	if got := NoCell.Boundary(); got != nil {
		t.Errorf("NoCell.Boundary() = %v, want nil", got)
	}
	if got := NoCell.Centre(); got != (orb.Point{}) {
		t.Errorf("NoCell.Centre() = %v, want the zero point", got)
	}
}

func TestArea(t *testing.T) {
	for _, r := range []Resolution{0, 1, 2} {
		var sum SquareMetres
		for _, base := range BaseCells() {
			children, err := base.Children(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range children {
				sum += c.Area()
			}
		}
		globe := 4 * math.Pi * float64(EarthRadius) * float64(EarthRadius)
		if math.Abs(float64(sum)/globe-1) > 1e-9 {
			t.Errorf("all cells of resolution %d have %v m², the globe %v", r, sum, globe)
		}
	}
	if got := NoCell.Area(); got != 0 {
		t.Errorf("NoCell.Area() = %v, want 0", got)
	}
}

func TestAreaOf(t *testing.T) {
	r2 := float64(EarthRadius) * float64(EarthRadius)
	f := func(name string, mp orb.MultiPolygon, want float64) {
		t.Helper()
		if got := float64(AreaOf(mp)); math.Abs(got-want*r2) > 1e-12*r2+1e-9*want*r2 {
			t.Errorf("AreaOf(%s) = %v, want %v", name, got, want*r2)
		}
	}
	box := func(w, s, e, n float64) orb.Ring { return orb.Ring{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}} }
	zone := func(w, s, e, n float64) float64 { return radians(e-w) * (math.Sin(radians(n)) - math.Sin(radians(s))) }
	f("nothing", nil, 0)
	f("one degree", orb.MultiPolygon{{box(10, 50, 11, 51)}}, zone(10, 50, 11, 51))
	f("the world", orb.MultiPolygon{{box(-180, -90, 180, 90)}}, 4*math.Pi)
	f("across the antimeridian", orb.MultiPolygon{{box(179, -18, -179, -16)}}, zone(179, -18, 181, -16))
	f("a cap", orb.MultiPolygon{{{{-120, 60}, {0, 60}, {120, 60}}}}, zone(-180, 60, 180, 90))
	f("a hole", orb.MultiPolygon{{box(0, 0, 3, 3), box(1, 1, 2, 2)}}, zone(0, 0, 3, 3)-zone(1, 1, 2, 2))
	ring := box(10, 50, 11, 51)
	ring.Reverse()
	f("clockwise and open", orb.MultiPolygon{{ring[:4]}}, zone(10, 50, 11, 51))
}

func TestDistance(t *testing.T) {
	f := func(a, b orb.Point, want float64) {
		t.Helper()
		tolerance := 1e-6
		if want > 2.001e7 {
			tolerance = 0.2 // opposite points
		}
		if got := float64(Distance(a, b)); math.Abs(got-want) > tolerance {
			t.Errorf("Distance(%v, %v) = %v, want %v", a, b, got, want)
		}
	}
	quarter := math.Pi / 2 * float64(EarthRadius)
	f(orb.Point{0, 0}, orb.Point{0, 0}, 0)
	f(orb.Point{0, 0}, orb.Point{90, 0}, quarter)
	f(orb.Point{12, 90}, orb.Point{77, 0}, quarter)
	f(orb.Point{0, 0}, orb.Point{180, 0}, 2*quarter)
	f(orb.Point{10, 35}, orb.Point{-170, -35}, 2*quarter)
	f(orb.Point{179, 0}, orb.Point{-179, 0}, quarter/45)
	if got := Distance(orb.Point{math.NaN(), 0}, orb.Point{}); !math.IsNaN(float64(got)) {
		t.Errorf("Distance from NaN = %v, want NaN", got)
	}
}
