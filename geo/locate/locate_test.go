package locate

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

// exactly reports whether an outline holds p or has it on its border, in
// rational numbers and without any index.
func exactly(outline orb.MultiPolygon, p orb.Point) bool {
	for _, polygon := range outline {
		covered := false
		for i, ring := range polygon {
			in, on := exactRing(ring, p)
			if i == 0 {
				covered = in || on
			} else if in && !on {
				covered = false
			}
		}
		if covered {
			return true
		}
	}
	return false
}

func exactRing(ring orb.Ring, p orb.Point) (in, on bool) {
	for i := range len(ring) - 1 {
		a, b := ring[i], ring[i+1]
		if p[1] < min(a[1], b[1]) || p[1] > max(a[1], b[1]) {
			continue
		}
		turn := exactTurn(a, b, p)
		if turn == 0 && min(a[0], b[0]) <= p[0] && p[0] <= max(a[0], b[0]) && min(a[1], b[1]) <= p[1] && p[1] <= max(a[1], b[1]) {
			on = true
		}
		if (a[1] > p[1]) != (b[1] > p[1]) && (turn > 0) == (b[1] > a[1]) {
			in = !in
		}
	}
	return in, on
}

func exactTurn(a, b, p orb.Point) int {
	rat := func(x, y float64) *big.Rat {
		return new(big.Rat).Sub(new(big.Rat).SetFloat64(x), new(big.Rat).SetFloat64(y))
	}
	left := new(big.Rat).Mul(rat(a[0], p[0]), rat(b[1], p[1]))
	return left.Cmp(new(big.Rat).Mul(rat(a[1], p[1]), rat(b[0], p[0])))
}

// byForce returns the ordinal of the area with the lowest code that holds p.
func byForce(areas []Area, p orb.Point) int32 {
	best := int32(-1)
	for i, a := range areas {
		if (best < 0 || a.Code < areas[best].Code) && exactly(a.Outline, p) {
			best = int32(i)
		}
	}
	return best
}

// tiling returns n×n areas that tile a square of size degrees around a place.
// Corners are moved about and edges are broken into crooked lines that both
// neighbours share point by point. Coordinates have the given number of decimals.
func tiling(rng *rand.Rand, at orb.Point, size float64, n, breaks, decimals int) []Area {
	scale := math.Pow(10, float64(decimals))
	round := func(x float64) float64 { return math.Round(x*scale) / scale }
	cell := size / float64(n)
	corner := map[[2]int]orb.Point{}
	for i := range n + 1 {
		for j := range n + 1 {
			corner[[2]int{i, j}] = orb.Point{
				round(at[0] + cell*(float64(i)+0.4*(rng.Float64()-0.5))),
				round(at[1] + cell*(float64(j)+0.4*(rng.Float64()-0.5))),
			}
		}
	}
	lines := map[[4]int][]orb.Point{}
	line := func(i, j, k, l int) []orb.Point { // without the last point
		if pts, ok := lines[[4]int{i, j, k, l}]; ok {
			return pts
		}
		a, b := corner[[2]int{i, j}], corner[[2]int{k, l}]
		pts := []orb.Point{a}
		for s := 1; s < breaks; s++ {
			t := float64(s) / float64(breaks)
			off := 0.1 * cell * (rng.Float64() - 0.5)
			pts = append(pts, orb.Point{round(a[0] + t*(b[0]-a[0]) + off*math.Abs(float64(l-j))), round(a[1] + t*(b[1]-a[1]) + off*math.Abs(float64(k-i)))})
		}
		lines[[4]int{i, j, k, l}] = pts
		back := append([]orb.Point{b}, pts[1:]...)
		slices.Reverse(back[1:])
		lines[[4]int{k, l, i, j}] = back
		return pts
	}
	var areas []Area
	for _, k := range rng.Perm(n * n) {
		i, j := k%n, k/n
		ring := slices.Concat(line(i, j, i+1, j), line(i+1, j, i+1, j+1), line(i+1, j+1, i, j+1), line(i, j+1, i, j))
		ring = append(ring, ring[0])
		areas = append(areas, Area{fmt.Sprintf("%03d", k), orb.MultiPolygon{{ring}}})
	}
	return areas
}

// probes returns points that are hard to place: corners, middles of edges,
// points a hair beside them, and ordinary ones, some rounded to six decimals.
func probes(rng *rand.Rand, areas []Area, random int) []orb.Point {
	var out []orb.Point
	bound := orb.Bound{Min: orb.Point{1e9, 1e9}, Max: orb.Point{-1e9, -1e9}}
	for _, a := range areas {
		bound = bound.Union(a.Outline.Bound())
		for _, polygon := range a.Outline {
			for _, ring := range polygon {
				for i := range len(ring) - 1 {
					p, q := ring[i], ring[i+1]
					middle := orb.Point{(p[0] + q[0]) / 2, (p[1] + q[1]) / 2}
					out = append(out, p, middle,
						orb.Point{math.Nextafter(middle[0], 1e9), middle[1]},
						orb.Point{middle[0], math.Nextafter(middle[1], -1e9)},
						orb.Point{math.Round(middle[0]*1e6) / 1e6, math.Round(middle[1]*1e6) / 1e6},
						orb.Point{bound.Min[0], p[1]}, orb.Point{p[0], q[1]})
				}
			}
		}
	}
	for range random {
		p := orb.Point{
			bound.Min[0] + (rng.Float64()*1.1-0.05)*(bound.Max[0]-bound.Min[0]),
			bound.Min[1] + (rng.Float64()*1.1-0.05)*(bound.Max[1]-bound.Min[1]),
		}
		out = append(out, p, orb.Point{math.Round(p[0]*1e6) / 1e6, math.Round(p[1]*1e6) / 1e6})
	}
	return out
}

func compare(t *testing.T, areas []Area, points []orb.Point) {
	t.Helper()
	x, err := New(areas)
	if err != nil {
		t.Fatal(err)
	}
	lon, lat := columns(points)
	all := x.FindAll(nil, lon, lat)
	cells := geo.CellsAt(nil, lon, lat, x.Resolution())
	byCell := x.FindCells(nil, cells, lon, lat)
	wrong := 0
	for i, p := range points {
		want := byForce(areas, p)
		got, _ := x.FindIndex(p)
		if int32(got) != want || all[i] != want || byCell[i] != want {
			if wrong++; wrong < 5 {
				t.Errorf("point %v: FindIndex %d, FindAll %d, FindCells %d, want %d", p, got, all[i], byCell[i], want)
			}
		}
	}
	t.Logf("resolution %d, %d runs, %d choices, %d points, %d wrong", x.Resolution(), len(x.table.starts), len(x.table.offsets)-1, len(points), wrong)
}

func columns(points []orb.Point) (lon, lat []float64) {
	for _, p := range points {
		lon, lat = append(lon, p[0]), append(lat, p[1])
	}
	return lon, lat
}

func TestFindEqualsBruteForce(t *testing.T) {
	places := map[string]orb.Point{
		"Beijing": {116.4, 39.9}, "Chicago": {-87.7, 41.8}, "equator": {0, 0}, "far north": {25, 78},
		"pentagon": {-67.2, 23.6}, "by the antimeridian": {179, -17},
	}
	for name, at := range places {
		for _, size := range []float64{0.003, 0.5} {
			t.Run(fmt.Sprintf("%s, %g degrees", name, size), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(1, 2))
				areas := tiling(rng, at, size, 4, 6, 7)
				compare(t, areas, probes(rng, areas, 400))
			})
		}
	}
}

func TestFindInHolesAndOverlaps(t *testing.T) {
	square := func(x, y, size float64) orb.Ring {
		return orb.Ring{{x, y}, {x + size, y}, {x + size, y + size}, {x, y + size}, {x, y}}
	}
	areas := []Area{
		{"d", orb.MultiPolygon{{square(10, 50, 1)}}}, // under everything
		{"c", orb.MultiPolygon{{square(10, 50, 0.4), square(10.1, 50.1, 0.2)}, {square(10.6, 50.6, 0.3)}}},
		{"b", orb.MultiPolygon{{square(10.15, 50.15, 0.1)}}}, // in the hole of c
		{"empty", nil},
		{"line", orb.MultiPolygon{{{{10, 50}, {11, 51}, {10, 50}}}}},
		{"a", orb.MultiPolygon{{square(10.1, 50.1, 0.2)}}}, // fills the hole of c, and covers b
		{"a", orb.MultiPolygon{{square(10.1, 50.1, 0.3)}}}, // the same code again
	}
	rng := rand.New(rand.NewPCG(3, 4))
	compare(t, areas[:3], probes(rng, areas[:3], 2000))
	points := probes(rng, areas[:1], 3000)
	x, err := New(areas)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := x.Empty(), []int{3, 4}; !slices.Equal(got, want) {
		t.Errorf("Empty() = %v, want %v", got, want)
	}
	areas[3].Outline, areas[4].Outline = nil, nil
	for _, p := range points {
		want := byForce(areas, p)
		if got, ok := x.FindIndex(p); int32(got) != want || ok != (want >= 0) {
			t.Errorf("FindIndex(%v) = %d, %v, want %d", p, got, ok, want)
		}
	}
}

func TestFindAcrossTheAntimeridian(t *testing.T) {
	areas := []Area{
		{"jumping", orb.MultiPolygon{{{{179, -18}, {-179, -18}, {-179, -16}, {179, -16}, {179, -18}}}}},
		{"running on", orb.MultiPolygon{{{{179, -15}, {181, -15}, {181, -14}, {179, -14}, {179, -15}}}}},
		{"cut", orb.MultiPolygon{
			{{{179, -13}, {180, -13}, {180, -12}, {179, -12}, {179, -13}}},
			{{{-180, -13}, {-179, -13}, {-179, -12}, {-180, -12}, {-180, -13}}},
		}},
		{"cap", orb.MultiPolygon{{{{-120, -70}, {0, -75}, {120, -70}, {-120, -70}}}}},
	}
	x, err := New(areas)
	if err != nil {
		t.Fatal(err)
	}
	f := func(lon, lat float64, want string) {
		t.Helper()
		if got, _ := x.Find(orb.Point{lon, lat}); got != want {
			t.Errorf("Find(%v, %v) = %q, want %q", lon, lat, got, want)
		}
	}
	for _, lon := range []float64{179, 179.5, 180, -180, -179.5, -179} {
		f(lon, -17, "jumping")
		f(lon, -18, "jumping")
		f(lon, -14.5, "running on")
		f(lon, -12.5, "cut")
		f(lon, -19, "")
		f(lon, -80, "cap")
	}
	f(0, -17, "")
	f(178.999, -17, "")
	f(12, -90, "cap")
	f(12, 90, "")
	f(math.NaN(), 0, "")
	f(math.Inf(1), 0, "")
	f(181, -14.5, "") // not on the globe
}

func TestNewRefusesCoordinatesThatAreNoPlace(t *testing.T) {
	_, err := New([]Area{{"x", orb.MultiPolygon{{{{0, 0}, {1, math.NaN()}, {1, 1}, {0, 0}}}}}})
	if !errors.Is(err, geo.ErrOutline) {
		t.Errorf("New with NaN: error %v, want ErrOutline", err)
	}
	x, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	if code, ok := x.Find(orb.Point{1, 1}); ok {
		t.Errorf("an index of nothing finds %q", code)
	}
}

func TestFindCellsOfAnotherResolution(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x, err := New(tiling(rng, orb.Point{0, 0}, 1, 2, 3, 6))
	if err != nil {
		t.Fatal(err)
	}
	c, err := geo.CellAt(orb.Point{0.5, 0.5}, x.Resolution()-1)
	if err != nil {
		t.Fatal(err)
	}
	got := x.FindCells(nil, []geo.Cell{c, geo.NoCell}, []float64{0.5, 0.5}, []float64{0.5, 0.5, 9})
	if want := []int32{-1, -1}; !slices.Equal(got, want) {
		t.Errorf("FindCells = %v, want %v", got, want)
	}
}
