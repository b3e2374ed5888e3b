package geo

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"
)

func coverBox(t *testing.T, b Box, r Resolution) []Cell {
	t.Helper()
	cells, err := CoverLimit(b.Outline(), r, Overlap, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

// TestBoxesAreFilledAsH3Does compares with h3-go, whose own edges are straight in
// longitude and latitude too.
func TestBoxesAreFilledAsH3Does(t *testing.T) {
	f := func(b Box, r Resolution) {
		t.Helper()
		corner := func(lon, lat float64) h3.LatLng { return h3.LatLng{Lat: lat, Lng: lon} }
		loop := h3.GeoLoop{corner(b.West, b.South), corner(b.East, b.South), corner(b.East, b.North), corner(b.West, b.North)}
		found, err := h3.PolygonToCellsExperimental(h3.GeoPolygon{GeoLoop: loop}, int(r), h3.ContainmentOverlapping)
		if err != nil {
			t.Fatal(err)
		}
		want := fromH3(found)
		slices.Sort(want)
		if got := coverBox(t, b, r); !slices.Equal(got, want) {
			t.Errorf("%v at resolution %d has %d cells, want %d", b, r, len(got), len(want))
		}
	}
	f(Box{114.0, 22.5, 114.1, 22.6}, 8)
	f(Box{114.0, 22.5, 114.1, 22.6}, 9)
	f(Box{179.9, -17.05, -179.9, -16.9}, 7)
	f(Box{-0.01, -0.01, 0.01, 0.01}, 10)
}

func TestWideBoxes(t *testing.T) {
	f := func(b Box, r Resolution, want int) {
		t.Helper()
		if got := len(coverBox(t, b, r)); got != want {
			t.Errorf("%v at resolution %d has %d cells, want %d", b, r, got, want)
		}
	}
	f(Box{-180, -90, 180, 90}, 0, 122)
	f(Box{-180, -90, 180, 90}, 1, 842)
	whole := coverBox(t, Box{-180, -90, 180, 90}, 2)
	east, west := coverBox(t, Box{-100, -90, 100, 90}, 2), coverBox(t, Box{100, -90, -100, 90}, 2)
	both := append(slices.Clone(east), west...)
	slices.Sort(both)
	if both = slices.Compact(both); !slices.Equal(both, whole) || len(east) >= len(whole) || len(west) >= len(whole) {
		t.Errorf("two boxes around the globe have %d and %d cells, together %d of %d", len(east), len(west), len(both), len(whole))
	}
}

func TestBoxesWithoutAnInside(t *testing.T) {
	p := orb.Point{114.06, 22.54}
	c := cellAt(p[0], p[1], 9)
	if got := coverBox(t, Box{p[0], p[1], p[0], p[1]}, 9); !slices.Equal(got, []Cell{c}) {
		t.Errorf("a point has the cells %v, want %s", got, c)
	}
	line := coverBox(t, Box{114.00, 22.54, 114.06, 22.54}, 9)
	if _, ok := slices.BinarySearch(line, c); !ok || len(line) < 15 {
		t.Errorf("a line of 6 km has %d cells, with its end: %v", len(line), ok)
	}
	for _, lat := range []float64{-90, 90} {
		if got := coverBox(t, Box{0, lat, 0, lat}, 3); !slices.Contains(got, cellAt(0, lat, 3)) {
			t.Errorf("the pole at %v has the cells %v", lat, got)
		}
	}
	if got := coverBox(t, Box{180, 10, -180, 10}, 5); !slices.Contains(got, cellAt(180, 10, 5)) {
		t.Errorf("a point on the antimeridian has the cells %v", got)
	}
}

// TestBoxOfACell looks whether the box holds every corner, and is no wider than a
// cell that does not hold a pole.
func TestBoxOfACell(t *testing.T) {
	for r := Resolution(0); r <= MaxResolution; r++ {
		poles := []Cell{cellAt(0, 90, r), cellAt(0, -90, r)}
		for _, c := range someCells(t, r, 20) {
			b := c.Box()
			width := b.East - b.West
			if width < 0 {
				width += 360
			}
			for _, p := range c.corners() {
				lon := p[0] - b.West
				if lon < -1e-12 {
					lon += 360
				}
				if p[1] < b.South || p[1] > b.North || lon > width+1e-9 {
					t.Errorf("%s.Box() = %v does not hold %v", c, b, p)
				}
			}
			if slices.Contains(poles, c) {
				if width != 360 || math.Abs(b.South) != 90 && math.Abs(b.North) != 90 {
					t.Errorf("%s.Box() = %v, and it holds a pole", c, b)
				}
			} else if width > 180 {
				t.Errorf("%s.Box() = %v is wide", c, b)
			}
		}
	}
	if got := NoCell.Box(); got != (Box{}) {
		t.Errorf("NoCell.Box() = %v", got)
	}
}

// TestMeetsIsOverlap compares one cell at a time with the cover of all.
func TestMeetsIsOverlap(t *testing.T) {
	for _, b := range []Box{{114.0, 22.5, 114.1, 22.6}, {179.9, -17.05, -179.9, -16.9}, {10, 89, 60, 90}} {
		g, err := NewRegion(b.Outline())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []Resolution{3, 7} {
			cover := coverBox(t, b, r)
			near := slices.Clone(cover)
			for _, c := range cover {
				near = append(near, c.Ring(1)...)
			}
			for _, c := range near {
				if _, want := slices.BinarySearch(cover, c); g.Meets(c) != want {
					t.Errorf("%v meets %s: %v, want %v", b, c, !want, want)
				}
			}
		}
		if g.Meets(NoCell) {
			t.Errorf("%v meets no cell", b)
		}
	}
}
