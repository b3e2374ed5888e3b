package geo

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"
)

// blob returns a crooked ring with n corners about a place.
func blob(rng *rand.Rand, at orb.Point, radius float64, n int) orb.Ring {
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		size := radius * (0.4 + 0.6*rng.Float64())
		ring = append(ring, orb.Point{at[0] + size*cos/math.Cos(radians(at[1])), at[1] + size*sin})
	}
	return append(ring, ring[0])
}

// testAreas are areas with a resolution that gives them some hundred cells.
func testAreas() map[string]orb.MultiPolygon {
	rng := rand.New(rand.NewPCG(11, 12))
	donut := orb.Polygon{blob(rng, orb.Point{116.4, 39.9}, 3, 40), blob(rng, orb.Point{116.4, 39.9}, 1, 20)}
	wrapped := blob(rng, orb.Point{179.5, -17}, 3, 30)
	for i := range wrapped {
		wrapped[i][0] = math.Remainder(wrapped[i][0], 360)
	}
	return map[string]orb.MultiPolygon{
		"a hole and an islet":     {donut, {blob(rng, orb.Point{116.4, 39.9}, 0.3, 9)}},
		"a pentagon":              {{blob(rng, orb.Point{-67.13, 23.71}, 3, 25)}},
		"across the antimeridian": {{wrapped}},
		"around the north pole":   {{{{-150, 85}, {-60, 86}, {30, 84}, {120, 86}, {-150, 85}}}},
		"far north":               {{blob(rng, orb.Point{30, 80}, 2, 25)}},
	}
}

// randomIn returns random points of a region.
func randomIn(rng *rand.Rand, g *Region, n int) []orb.Point {
	b := g.Bound()
	var out []orb.Point
	for len(out) < n {
		p := orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
		if g.Contains(p) {
			out = append(out, p)
		}
	}
	return out
}

func TestCoverCentreIsWhatItSays(t *testing.T) {
	const r = 5
	for name, area := range testAreas() {
		g, err := NewRegion(area)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Cover(area, r, Centre)
		if err != nil {
			t.Fatal(err)
		}
		around, err := Cover(area, 2, Overlap)
		if err != nil {
			t.Fatal(err)
		}
		var want []Cell
		for _, big := range widen(around) {
			children, err := big.Children(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range children {
				if g.Contains(c.Centre()) {
					want = append(want, c)
				}
			}
		}
		if !slices.Equal(got, want) || len(got) < 100 {
			t.Errorf("%s: %d cells, want %d", name, len(got), len(want))
		}
	}
}

func TestCoverContainsWhatItCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for name, area := range testAreas() {
		g, err := NewRegion(area)
		if err != nil {
			t.Fatal(err)
		}
		points := randomIn(rng, g, 3000)
		for r := Resolution(0); r <= 6; r++ {
			cells, err := Cover(area, r, Overlap)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range points {
				if _, ok := slices.BinarySearch(cells, cellAt(p[0], p[1], r)); !ok {
					t.Errorf("%s at resolution %d: the cell of %v is missing", name, r, p)
				}
			}
			centre, err := Cover(area, r, Centre)
			if err != nil {
				t.Fatal(err)
			}
			full, err := Cover(area, r, Full)
			if err != nil {
				t.Fatal(err)
			}
			if !within(full, centre) || !within(centre, cells) || !slices.IsSorted(cells) {
				t.Errorf("%s at resolution %d: not full ⊆ centre ⊆ overlap, or not in order", name, r)
			}
		}
	}
}

// within reports whether all of a is in b; both ascend.
func within(a, b []Cell) bool {
	return !slices.ContainsFunc(a, func(c Cell) bool { _, ok := slices.BinarySearch(b, c); return !ok })
}

func TestCoverFullHoldsNothingElse(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	for name, area := range testAreas() {
		g, err := NewRegion(area)
		if err != nil {
			t.Fatal(err)
		}
		overlap, err := Cover(area, 5, Overlap)
		if err != nil {
			t.Fatal(err)
		}
		full, err := Cover(area, 5, Full)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range overlap {
			_, isFull := slices.BinarySearch(full, c)
			cell, err := NewRegion(c.Boundary())
			if err != nil {
				t.Fatal(err)
			}
			in := 0
			points := randomIn(rng, cell, 200)
			for _, p := range points {
				if g.Contains(p) {
					in++
				}
			}
			if isFull && in < len(points)-1 { // the outline of a cell is not quite its shape
				t.Errorf("%s: %s is full, but only %d of %d points lie in the area", name, c, in, len(points))
			}
			if !isFull && in == len(points) {
				near := false
				for _, part := range c.shape() {
					near = near || !g.holds(part)
				}
				if !near {
					t.Errorf("%s: %s is not full, but holds all points", name, c)
				}
			}
		}
	}
}

func TestCoverAgreesWithH3(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	modes := map[CoverMode]h3.ContainmentMode{Centre: h3.ContainmentCenter, Overlap: h3.ContainmentOverlapping, Full: h3.ContainmentFull}
	for _, at := range []orb.Point{{116.4, 39.9}, {-87.6, 41.8}, {0.1, 51.5}} {
		ring := blob(rng, at, 0.1, 60)
		var loop h3.GeoLoop
		for _, p := range ring[:len(ring)-1] {
			loop = append(loop, h3.LatLng{Lat: p[1], Lng: p[0]})
		}
		for mode, theirs := range modes {
			found, err := h3.PolygonToCellsExperimental(h3.GeoPolygon{GeoLoop: loop}, 9, theirs)
			if err != nil {
				t.Fatal(err)
			}
			want := fromH3(found)
			slices.Sort(want)
			got, err := Cover(orb.MultiPolygon{{ring}}, 9, mode)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Errorf("at %v, %v: %d cells, H3 has %d", at, mode, len(got), len(want))
			}
		}
	}
}

func TestCoverOfSmallAreasIsNeverEmpty(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 3))
	for range 300 {
		p := orb.Point{360*rng.Float64() - 180, degrees(math.Asin(2*rng.Float64() - 1))}
		area := orb.MultiPolygon{{blob(rng, p, 1e-5, 5)}}
		if math.Abs(p[0]) > 179.99 || math.Abs(p[1]) > 89 {
			continue
		}
		for _, r := range []Resolution{0, 3, 8, 11} {
			cells, err := Cover(area, r, Overlap)
			if err != nil {
				t.Fatal(err)
			}
			if want := cellAt(p[0], p[1], r); !slices.Contains(cells, want) || len(cells) > 3 {
				t.Errorf("the cover of a speck at %v at resolution %d = %v, want %s", p, r, cells, want)
			}
		}
	}
}

func TestCoverOfTheWorld(t *testing.T) {
	world := orb.MultiPolygon{{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}}
	for mode := Centre; mode <= Full; mode++ {
		for r := Resolution(0); r <= 3; r++ {
			cells, err := Cover(world, r, mode)
			if want := 2 + 120*int(math.Pow(7, float64(r))); len(cells) != want || err != nil {
				t.Errorf("%v cover of the world at resolution %d has %d cells, %v, want %d", mode, r, len(cells), err, want)
			}
		}
	}
}

func TestCoverOfTilesSharesOutTheCells(t *testing.T) {
	var all []Cell
	for i := range 4 {
		for j := range 4 {
			x, y := 10+0.1*float64(i), 50+0.1*float64(j)
			cells, err := Cover(orb.MultiPolygon{{{{x, y}, {x + 0.1, y}, {x + 0.1, y + 0.1}, {x, y + 0.1}, {x, y}}}}, 9, Centre)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, cells...)
		}
	}
	slices.Sort(all)
	whole, err := Cover(orb.MultiPolygon{{{{10, 50}, {10.4, 50}, {10.4, 50.4}, {10, 50.4}, {10, 50}}}}, 9, Centre)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(all, whole) {
		t.Errorf("the tiles have %d cells, the whole has %d", len(all), len(whole))
	}
}

func TestCoverLimits(t *testing.T) {
	world := orb.MultiPolygon{{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}}
	var tooMany *TooManyCellsError
	if _, err := Cover(world, 15, Centre); !errors.As(err, &tooMany) || tooMany.Limit != MaxCover || tooMany.Estimate < 1e14 {
		t.Errorf("Cover of the world at resolution 15: error %v", err)
	}
	speck := orb.MultiPolygon{{{{10, 50}, {10.1, 50}, {10.1, 50.1}, {10, 50}}}}
	cells, err := Cover(speck, 9, Centre)
	if err != nil {
		t.Fatal(err)
	}
	n := int64(len(cells))
	if _, err := CoverLimit(speck, 9, Centre, n); err != nil {
		t.Errorf("CoverLimit at exactly the limit: %v", err)
	}
	if _, err := CoverLimit(speck, 9, Centre, n-1); !errors.As(err, &tooMany) {
		t.Errorf("CoverLimit one below: error %v", err)
	}
	if cells, err := Cover(nil, 9, Overlap); len(cells) != 0 || err != nil {
		t.Errorf("Cover of nothing = %v, %v", cells, err)
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), 999} {
		if _, err := Cover(orb.MultiPolygon{{{{0, 0}, {bad, 0}, {1, 1}}}}, 9, Centre); !errors.Is(err, ErrOutline) {
			t.Errorf("Cover with longitude %v: error %v, want ErrOutline", bad, err)
		}
	}
	if _, err := Cover(speck, 16, Centre); err == nil {
		t.Error("Cover at resolution 16: no error")
	}
	if _, err := Cover(speck, 9, 7); err == nil {
		t.Error("Cover with mode 7: no error")
	}
}

func BenchmarkCover(b *testing.B) {
	rng := rand.New(rand.NewPCG(9, 9))
	area := orb.MultiPolygon{{blob(rng, orb.Point{116.4, 39.9}, 0.5, 500)}}
	for mode := Centre; mode <= Full; mode++ {
		b.Run(mode.String(), func(b *testing.B) {
			n := 0
			for b.Loop() {
				cells, err := Cover(area, 9, mode)
				if err != nil {
					b.Fatal(err)
				}
				n = len(cells)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/cell")
			b.ReportMetric(float64(n), "cells")
		})
	}
	b.Run("h3-go centre", func(b *testing.B) {
		var loop h3.GeoLoop
		for _, p := range area[0][0] {
			loop = append(loop, h3.LatLng{Lat: p[1], Lng: p[0]})
		}
		n := 0
		for b.Loop() {
			cells, err := h3.PolygonToCellsExperimental(h3.GeoPolygon{GeoLoop: loop}, 9, h3.ContainmentCenter)
			if err != nil {
				b.Fatal(err)
			}
			n = len(cells)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/cell")
	})
}
