package geo

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// rationalTurn is orient by definition.
func rationalTurn(a, b, p orb.Point) int {
	rat := func(x, y float64) *big.Rat {
		return new(big.Rat).Sub(new(big.Rat).SetFloat64(x), new(big.Rat).SetFloat64(y))
	}
	left := new(big.Rat).Mul(rat(a[0], p[0]), rat(b[1], p[1]))
	return left.Cmp(new(big.Rat).Mul(rat(a[1], p[1]), rat(b[0], p[0])))
}

func TestOrientIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	coordinate := func() float64 {
		switch rng.IntN(6) {
		case 0:
			return math.Round(1e6*(360*rng.Float64()-180)) / 1e6
		case 1:
			return math.Ldexp(rng.Float64()-0.5, -rng.IntN(1070))
		case 2:
			return float64(rng.IntN(5) - 2)
		case 3:
			return math.Ldexp(float64(rng.IntN(9)-4), -1074+rng.IntN(3))
		}
		return 116 + rng.Float64()*1e-3
	}
	zeros := 0
	for range 40_000 {
		a := orb.Point{coordinate(), coordinate()}
		b := orb.Point{coordinate(), coordinate()}
		f := float64(rng.IntN(9)) / 8
		p := orb.Point{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])} // on the line, or a rounding beside it
		switch rng.IntN(4) {
		case 0:
			p[0] = math.Nextafter(p[0], math.Inf(1-2*rng.IntN(2)))
		case 1:
			p = orb.Point{coordinate(), coordinate()}
		}
		want := rationalTurn(a, b, p)
		if got := orient(a, b, p); got != want {
			t.Fatalf("orient(%v, %v, %v) = %d, want %d", a, b, p, got, want)
		}
		if got := orientExact(a, b, p); got != want {
			t.Fatalf("orientExact(%v, %v, %v) = %d, want %d", a, b, p, got, want)
		}
		if want == 0 {
			zeros++
		}
	}
	if zeros < 500 {
		t.Errorf("only %d of the cases lie exactly on the line", zeros)
	}
}

func TestRegionContains(t *testing.T) {
	square := func(x, y, size float64) orb.Ring {
		return orb.Ring{{x, y}, {x + size, y}, {x + size, y + size}, {x, y + size}, {x, y}}
	}
	regions := map[string]orb.MultiPolygon{
		"square":          {{square(0, 0, 4)}},
		"hole":            {{square(0, 0, 4), square(1, 1, 2)}},
		"island":          {{square(0, 0, 4), square(1, 1, 2)}, {square(1.5, 1.5, 1)}},
		"hole outside":    {{square(0, 0, 1), square(2, 2, 1)}},
		"nested shells":   {{square(0, 0, 4)}, {square(1, 1, 2)}},
		"figure of eight": {{{{0, 0}, {4, 4}, {4, 0}, {0, 4}, {0, 0}}}},
		"open":            {{square(0, 0, 4)[:4]}},
		"line":            {{{{0, 0}, {4, 4}, {2, 2}, {0, 0}}}},
		"flat hole":       {{square(0, 0, 4), {{1, 1}, {3, 3}, {1, 1}, {1, 1}}}},
	}
	f := func(name string, x, y float64, want bool) {
		t.Helper()
		g, err := NewRegion(regions[name])
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Contains(orb.Point{x, y}); got != want {
			t.Errorf("%s contains %v, %v: %v, want %v", name, x, y, got, want)
		}
	}
	f("square", 2, 2, true)
	f("square", 0, 0, true)
	f("square", 4, 4, true)
	f("square", 0, 3, true)
	f("square", 3, 4, true)
	f("square", math.Nextafter(4, 5), 2, false)
	f("square", 2, math.Nextafter(0, -1), false)
	f("square", math.NaN(), 2, false)
	f("square", 2, math.NaN(), false)
	f("hole", 2, 2, false)
	f("hole", 1, 2, true)
	f("hole", 3, 3, true)
	f("hole", 0.5, 2, true)
	f("island", 2, 2, true)
	f("island", 1.2, 2, false)
	f("hole outside", 2.5, 2.5, false)
	f("hole outside", 2, 2, false)
	f("nested shells", 2, 2, true)
	f("figure of eight", 2, 2, true)
	f("figure of eight", 3, 2, true)
	f("figure of eight", 1, 2, true)
	f("figure of eight", 2, 3, false)
	f("figure of eight", 2, 1, false)
	f("open", 0, 2, true)
	f("line", 1, 1, false)
	f("flat hole", 2, 2, true)
}

func TestRegionRefusesWhatIsNoPlace(t *testing.T) {
	for _, p := range []orb.Point{{math.NaN(), 0}, {0, math.Inf(-1)}, {541, 0}, {0, 90.001}} {
		if _, err := NewRegion(orb.MultiPolygon{{{{0, 0}, p, {1, 1}}}}); !errors.Is(err, ErrOutline) {
			t.Errorf("NewRegion with %v: error %v, want ErrOutline", p, err)
		}
	}
	g, err := NewRegion(orb.MultiPolygon{{}, {{}}, {{{1, 1}}}})
	if err != nil || !g.Empty() || g.Contains(orb.Point{1, 1}) {
		t.Errorf("NewRegion of nothing: %v, empty %v", err, g.Empty())
	}
}

// A cell off the rim lies on one side, all of it: this is what tables of cells
// and covers rest on.
func TestRimSeparates(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	for name, area := range testAreas() {
		g, err := NewRegion(area)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []Resolution{3, 5} {
			rim, err := g.Rim(r, MaxCover)
			if err != nil {
				t.Fatal(err)
			}
			sides := map[Cell]bool{}
			b := g.Bound()
			for range 20_000 {
				p := orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
				c := cellAt(p[0], p[1], r)
				if within([]Cell{c}, rim) {
					continue
				}
				in := g.Contains(p)
				if before, ok := sides[c]; ok && before != in {
					t.Fatalf("%s: %s at resolution %d lies on both sides", name, c, r)
				}
				sides[c] = in
			}
		}
		var tooMany *TooManyCellsError
		if _, err := g.Rim(9, 10); !errors.As(err, &tooMany) {
			t.Errorf("%s: Rim beyond the limit: error %v", name, err)
		}
	}
}
