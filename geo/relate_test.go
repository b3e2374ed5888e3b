package geo

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

func square(x, y, side float64) orb.Polygon {
	return orb.Polygon{{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}}}
}

// TestRelations has the cases of the definitions (OGC 06-103r4, section 6.1.15.3),
// each relation told for every pair.
func TestRelations(t *testing.T) {
	f := func(name string, a, b orb.Geometry, are ...Relation) {
		t.Helper()
		want := map[Relation]bool{}
		for _, r := range are {
			want[r] = true
		}
		there, back := probe(t, b), probe(t, a)
		for _, r := range Relations() {
			got, err := there.Is(a, r)
			if err != nil || got != want[r] {
				t.Errorf("%s: %s is %t (%v), want %t", name, r, got, err, want[r])
			}
			if inverse, err := back.Is(b, r.Inverse()); err != nil || inverse != got {
				t.Errorf("%s: the inverse of %s is %t (%v), want %t", name, r, inverse, err, got)
			}
		}
	}
	big, small := square(0, 0, 10), square(2, 2, 3)
	f("inside", small, big, Intersects, Within)
	f("the same", big, square(0, 0, 10), Intersects, Within, Contains, Equals)
	f("apart", small, square(20, 20, 1), Disjoint)
	f("side by side", big, square(10, 0, 10), Intersects, Touches)
	f("at a corner", big, square(10, 10, 1), Intersects, Touches)
	f("half over", big, square(5, 5, 10), Intersects, Overlaps)
	f("point inside", orb.Point{1, 1}, big, Intersects, Within)
	f("point on the edge", orb.Point{0, 5}, big, Intersects, Touches)
	f("point at a corner", orb.Point{10, 10}, big, Intersects, Touches)
	f("point outside", orb.Point{10, 10.0000001}, big, Disjoint)
	f("line through", orb.LineString{{-1, 5}, {11, 5}}, big, Intersects, Crosses)
	f("lines across", orb.LineString{{0, 0}, {2, 2}}, orb.LineString{{0, 2}, {2, 0}}, Intersects, Crosses)
	hole := orb.Polygon{big[0], {{4, 4}, {4, 6}, {6, 6}, {6, 4}, {4, 4}}}
	f("in a hole", orb.Point{5, 5}, hole, Disjoint)
	f("fills a hole", square(4, 4, 2), hole, Intersects, Touches)
	f("one part", orb.MultiPolygon{square(20, 0, 1), small}, big, Intersects, Overlaps)
}

func probe(t *testing.T, g orb.Geometry) *Probe {
	t.Helper()
	p, err := NewProbe(g)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestRelationsOfRandomBoxes compares with what coordinates say of boxes.
func TestRelationsOfRandomBoxes(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	seen := map[Relation]int{}
	for range 3000 {
		box := func() (x, y, side float64) {
			return float64(rng.IntN(6)), float64(rng.IntN(6)), float64(1 + rng.IntN(4))
		}
		ax, ay, as := box()
		bx, by, bs := box()
		closed := ax <= bx+bs && bx <= ax+as && ay <= by+bs && by <= ay+as
		open := ax < bx+bs && bx < ax+as && ay < by+bs && by < ay+as
		within := bx <= ax && ax+as <= bx+bs && by <= ay && ay+as <= by+bs
		contains := ax <= bx && bx+bs <= ax+as && ay <= by && by+bs <= ay+as
		p := probe(t, square(bx, by, bs))
		for r, want := range map[Relation]bool{
			Intersects: closed, Disjoint: !closed, Touches: closed && !open, Within: within, Contains: contains,
			Equals: within && contains, Overlaps: open && !within && !contains, Crosses: false,
		} {
			got, err := p.Is(square(ax, ay, as), r)
			if err != nil || got != want {
				t.Fatalf("%v %v of side %v %s %v %v of side %v: %t (%v), want %t", ax, ay, as, r, bx, by, bs, got, err, want)
			}
			if got {
				seen[r]++
			}
		}
	}
	for _, r := range Relations() {
		if r != Crosses && seen[r] == 0 {
			t.Errorf("%s was never true", r)
		}
	}
}

func TestWhatIsNoGeometry(t *testing.T) {
	for name, g := range map[string]orb.Geometry{
		"open ring":     orb.Polygon{{{0, 0}, {1, 0}, {1, 1}}},
		"crosses":       orb.Polygon{{{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}},
		"line of one":   orb.LineString{{1, 1}},
		"hole outside":  orb.Polygon{square(0, 0, 1)[0], square(5, 5, 1)[0]},
		"parts overlap": orb.MultiPolygon{square(0, 0, 2), square(1, 1, 2)},
	} {
		if _, err := NewProbe(g); !errors.Is(err, ErrOutline) {
			t.Errorf("%s: error %v, want ErrOutline", name, err)
		}
	}
}
