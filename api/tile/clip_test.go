package tile

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

// star returns a ring around a centre whose points lie at random distances, so
// that it does not cross itself.
func star(dice *rand.Rand, centre orb.Point, least, most float64) orb.Ring {
	n := 5 + dice.IntN(60)
	var ring orb.Ring
	for i := range n {
		angle := 2 * math.Pi * float64(i) / float64(n)
		reach := least + (most-least)*dice.Float64()
		ring = append(ring, orb.Point{centre[0] + reach*math.Cos(angle), centre[1] + reach*math.Sin(angle)})
	}
	return append(ring, ring[0])
}

// planeArea returns the area of a polygon with holes in units of a zoom, and the
// length of its rings, by the shoelace formula on the projection of EPSG:3857.
func planeArea(polygon orb.Polygon, zoom int) (area, length float64) {
	world := math.Exp2(float64(zoom)) * Extent
	for i, ring := range polygon {
		var sum float64
		for j := range len(ring) - 1 {
			var x, y [2]float64
			for k, p := range ring[j : j+2] {
				x[k] = p[0] / 360 * world
				y[k] = math.Log(math.Tan(math.Pi/4+p[1]*math.Pi/360)) / (2 * math.Pi) * world
			}
			sum += x[0]*y[1] - x[1]*y[0]
			length += math.Hypot(x[1]-x[0], y[1]-y[0])
		}
		if i == 0 {
			area += math.Abs(sum) / 2
		} else {
			area -= math.Abs(sum) / 2
		}
	}
	return area, length
}

// limits returns the first and the last tile of a zoom that a box meets.
func limits(zoom int, box orb.Bound) (first, last Address) {
	return around(box.LeftTop(), zoom), around(box.RightBottom(), zoom)
}

// TestTilesTogetherAreTheWhole cuts shapes into all tiles of a zoom, without
// buffer: the areas add up to that of the shape, but for what the grid takes and
// gives: less than a unit along each ring and each edge of a tile it crosses.
func TestTilesTogetherAreTheWhole(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		centre := orb.Point{-170 + 340*dice.Float64(), -70 + 140*dice.Float64()}
		polygon := orb.Polygon{star(dice, centre, 2, 6)}
		if i%2 == 0 {
			polygon = append(polygon, star(dice, centre, 0.5, 1.9))
		}
		zoom := 3 + dice.IntN(5)
		first, last := limits(zoom, polygon.Bound())
		var sum int64
		for row := first.Row; row <= last.Row; row++ {
			for col := first.Col; col <= last.Col; col++ {
				c := newCutter(Address{zoom, row, col}, 0, 1)
				for _, ring := range c.polygons(orb.MultiPolygon{polygon}) {
					checkRing(t, ring, 0)
					sum += doubleArea(ring)
				}
			}
		}
		want, length := planeArea(polygon, zoom)
		edges := float64(len(polygon[0])) * float64(last.Row-first.Row+last.Col-first.Col+2)
		if got := float64(sum) / 2; math.Abs(got-want) > length+edges {
			t.Errorf("shape %d at zoom %d: tiles hold %.0f units², the whole %.0f, a difference of %.0f with %.0f allowed", i, zoom, got, want, got-want, length+edges)
		}
	}
}

// checkRing holds a ring to the rules of MVT 2.1, section 4.3.4.4.
func checkRing(t *testing.T, ring []spot, buffer int32) {
	t.Helper()
	if len(ring) < 3 || doubleArea(ring) == 0 {
		t.Errorf("ring %v has no area", ring)
	}
	for i, p := range ring {
		if p == ring[(i+1)%len(ring)] {
			t.Errorf("ring %v repeats %v", ring, p)
		}
		if p.x < -buffer || p.y < -buffer || p.x > Extent+buffer || p.y > Extent+buffer {
			t.Errorf("%v lies outside the frame", p)
		}
	}
}

// TestCellsAcrossTheAntimeridian cuts cells there into the tiles of both sides:
// none is drawn around the globe, and together they are the cell.
func TestCellsAcrossTheAntimeridian(t *testing.T) {
	for _, lat := range []float64{-60, -17.5, 0, 52, 70} {
		cell, err := geo.CellAt(orb.Point{179.999, lat}, 3)
		if err != nil {
			t.Fatal(err)
		}
		outline := cell.Boundary()
		const zoom = 5
		var want, length float64
		for _, polygon := range outline {
			area, border := planeArea(polygon, zoom)
			want, length = want+area, length+border
		}
		var sum int64
		for row := range 1 << zoom {
			for col := range 1 << zoom {
				for _, ring := range newCutter(Address{zoom, row, col}, 0, 1).polygons(outline) {
					if col > 1 && col < 1<<zoom-2 {
						t.Errorf("the cell at %v degrees is drawn in column %d", lat, col)
					}
					sum += doubleArea(ring)
				}
			}
		}
		if got := float64(sum) / 2; math.Abs(got-want) > length {
			t.Errorf("at %v degrees tiles hold %.0f units², the cell %.0f", lat, got, want)
		}
	}
}

// TestTheBufferGoesRoundTheGlobe shows a square east of the antimeridian in the
// buffer of the tile west of it.
func TestTheBufferGoesRoundTheGlobe(t *testing.T) {
	east := orb.MultiPolygon{{{{-180, 1}, {-179.99, 1}, {-179.99, 2}, {-180, 2}, {-180, 1}}}}
	rings := newCutter(Address{4, 7, 15}, Buffer, 1).polygons(east)
	if len(rings) != 1 {
		t.Fatalf("the tile west of the antimeridian shows %d rings, want 1", len(rings))
	}
	for _, p := range rings[0] {
		if p.x < Extent || p.x > Extent+Buffer {
			t.Errorf("%v does not lie in the buffer", p)
		}
	}
	if far := newCutter(Address{4, 7, 8}, Buffer, 1).polygons(east); far != nil {
		t.Errorf("a tile far off shows %v", far)
	}
}

func TestATileInAHoleIsEmpty(t *testing.T) {
	a := Address{6, 20, 40}
	box := a.Bound()
	grow := func(d float64) orb.Ring { return box.Pad(d).ToRing() }
	ring := orb.MultiPolygon{{grow(5), grow(1)}}
	if got := newCutter(a, Buffer, 1).polygons(ring); got != nil {
		t.Errorf("a tile in a hole shows %v", got)
	}
	if got := newCutter(a, Buffer, 1).polygons(orb.MultiPolygon{{grow(5)}}); len(got) != 1 || doubleArea(got[0]) != 2*4224*4224 {
		t.Errorf("a tile inside a shape shows %v, want all of it with its buffer", got)
	}
}

// TestSmallShapesStay finds a shape smaller than a unit in exactly one tile, as a
// pixel, whatever the edge it lies at.
func TestSmallShapesStay(t *testing.T) {
	for _, centre := range []orb.Point{{114.05, 22.54}, {0, 0}, {90, 0}, {-180 + 1e-9, 10}} {
		small := orb.MultiPolygon{{orb.Bound{Min: centre, Max: centre}.Pad(1e-9).ToRing()}}
		const zoom = 4
		seen := 0
		for row := range 1 << zoom {
			for col := range 1 << zoom {
				rings := newCutter(Address{zoom, row, col}, Buffer, 1).polygons(small)
				if rings == nil {
					continue
				}
				seen++
				if len(rings) != 1 || doubleArea(rings[0]) != 2*8*8 {
					t.Errorf("the shape at %v is drawn as %v, want a pixel", centre, rings)
				}
			}
		}
		if seen != 1 {
			t.Errorf("the shape at %v is seen in %d tiles, want 1", centre, seen)
		}
	}
}

// TestAHollowShapeIsNoPixel has the middle of a shape in a tile that the shape
// does not reach.
func TestAHollowShapeIsNoPixel(t *testing.T) {
	a := Address{8, 100, 200}
	b := a.Bound()
	outer, inner := b.Pad(3), b.Pad(1)
	cup := orb.Ring{
		outer.LeftTop(),
		outer.Min,
		outer.RightBottom(),
		outer.Max,
		{inner.Max[0], outer.Max[1]},
		inner.RightBottom(),
		inner.Min,
		{inner.Min[0], outer.Max[1]},
		outer.LeftTop(),
	}
	if got := newCutter(a, Buffer, 1).polygons(orb.MultiPolygon{{cup}}); got != nil {
		t.Errorf("the tile in the cup shows %v", got)
	}
}

func TestSnapping(t *testing.T) {
	f := func(ring []vec, want int) {
		t.Helper()
		if got := snap(ring, 1); len(got) != want {
			t.Errorf("snap(%v) = %v, want %d points", ring, got, want)
		}
	}
	f([]vec{{0, 0}, {10, 0}, {10, 10}, {0, 10}}, 4)
	f([]vec{{0, 0}, {5, 0}, {10, 0}, {10, 0.3}, {10, 10}, {0, 10}, {0, 5}}, 4)
	f([]vec{{5, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}, 4)
	f([]vec{{0, 0}, {10, 0}, {10, 10}, {10, 30}, {10, 10}, {0, 10}}, 4) // a spike
	f([]vec{{0, 0}, {100, 0}, {50, 0.2}}, 0)
	f([]vec{{3, 3}, {3.2, 3.1}}, 0)
	f(nil, 0)
}

// FuzzCut cuts whatever outline at whatever tile: every ring that comes out
// keeps the rules.
func FuzzCut(f *testing.F) {
	f.Add(uint64(1), 5, 10, 20, 3.0)
	f.Add(uint64(7), 0, 0, 0, 400.0)
	f.Add(uint64(9), 18, 1, 1, 1e-7)
	f.Fuzz(func(t *testing.T, seed uint64, zoom, row, col int, size float64) {
		zoom = min(max(zoom, 0), MaxZoom)
		a := Address{zoom, row & (1<<zoom - 1), col & (1<<zoom - 1)}
		dice := rand.New(rand.NewPCG(seed, 0))
		centre := a.Bound().Center()
		var mp orb.MultiPolygon
		for range 1 + dice.IntN(3) {
			ring := orb.Ring{}
			for range dice.IntN(12) {
				ring = append(ring, orb.Point{centre[0] + size*(dice.Float64()-0.5), centre[1] + size*(dice.Float64()-0.5)})
			}
			mp = append(mp, orb.Polygon{ring, ring})
		}
		for _, grid := range []int32{1, 8} {
			for _, ring := range newCutter(a, Buffer, grid).polygons(mp) {
				checkRing(t, ring, Buffer)
			}
		}
	})
}
