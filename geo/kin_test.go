package geo

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// TestNeighboursEqualsDisksEverywhere compares sets that hold all, half and few of
// the cells about pentagons, about the corners where three base cells meet, at the
// poles, on the antimeridian and at random places, at every resolution, with
// tables made of the disks of h3-go.
func TestNeighboursEqualsDisksEverywhere(t *testing.T) {
	places, most := 3, 3
	if os.Getenv("CIVGRID_TEST_LONG") != "" {
		places, most = 4, kinSteps+1
	}
	rng := rand.New(rand.NewPCG(11, 12))
	for r := Resolution(0); r <= MaxResolution; r++ {
		some := someCells(t, r, 20)
		for k := 1; k <= most; k++ {
			var cells []Cell
			for _, c := range difficultCells(rng, some, r, places) {
				around, share := c.Disk(k+2), []float64{1, 0.5, 0.1}[rng.IntN(3)]
				for _, n := range around {
					if rng.Float64() < share {
						cells = append(cells, n)
					}
				}
			}
			slices.Sort(cells)
			cells = slices.Compact(cells)
			offsets, cols, full, err := Neighbours(cells, k)
			if err != nil {
				t.Fatal(err)
			}
			wantOffsets, wantCols, wantFull := byDisks(t, cells, k)
			if !slices.Equal(offsets, wantOffsets) || !slices.Equal(cols, wantCols) || !slices.Equal(full, wantFull) {
				t.Errorf("resolution %d, k = %d: the table of %d cells differs from one made of disks", r, k, len(cells))
			}
		}
	}
}

// difficultCells returns so many pentagons, cells a few steps from them, cells at
// base cell corners and some others, and two more.
func difficultCells(rng *rand.Rand, some []Cell, r Resolution, n int) []Cell {
	pentagons, bases := Pentagons(r), BaseCells()
	cells := []Cell{cellAt(0, 90, r), cellAt(180, -17, r)}
	for range n {
		pentagon := pentagons[rng.IntN(len(pentagons))]
		near := pentagon.Disk(rng.IntN(5))
		ring := bases[rng.IntN(len(bases))].Boundary()[0][0]
		corner := ring[rng.IntN(len(ring))]
		cells = append(cells, pentagon, near[rng.IntN(len(near))], cellAt(corner[0], corner[1], r), some[rng.IntN(len(some))])
	}
	return cells
}

// TestNeighboursOfTheWholeGlobe has every pentagon, every border of base cells and
// no edge.
func TestNeighboursOfTheWholeGlobe(t *testing.T) {
	for r := Resolution(0); r <= 3; r++ {
		var cells []Cell
		for _, base := range BaseCells() {
			cells = base.appendChildren(cells, r)
		}
		for k := 1; k <= 2; k++ {
			_, cols, full, err := Neighbours(cells, k)
			if err != nil {
				t.Fatal(err)
			}
			_, want, _ := byDisks(t, cells, k)
			if slices.Contains(full, false) || !slices.Equal(cols, want) {
				t.Errorf("resolution %d, k = %d: the table of the globe differs from one made of disks", r, k)
			}
		}
	}
}

// TestHopsAgreeWithSteps walks each hop by single steps of whole cells.
func TestHopsAgreeWithSteps(t *testing.T) {
	h := newHops(3)
	for _, c := range []Cell{mustParse(t, "89309a55223ffff"), mustParse(t, "88309a5523fffff")} {
		r := c.Resolution()
		around := map[offset]Cell{}
		for _, o := range offsetsWithin(h.up) {
			around[o] = stepBy(t, c.Parent(r-1), o)
		}
		for at, o := range offsetsWithin(3) {
			hop := h.of[r&1][c.digit(r)][at]
			got := around[offsetsWithin(h.up)[hop.parent]].childAt(hop.digit)
			if want := stepBy(t, c, o); got != want {
				t.Errorf("the hop from %s by %v leads to %s, want %s", c, o, got, want)
			}
		}
	}
}

// stepBy goes from c along I+J or K, then along J: another way than the table of
// hops was made.
func stepBy(t *testing.T, c Cell, o offset) Cell {
	t.Helper()
	walk := func(direction, times int) {
		for range times {
			var ok bool
			if c, ok = c.step(direction); !ok {
				t.Fatalf("steps of %v leave the base cell", o)
			}
		}
	}
	walk(dirIJ, max(o.i, 0))
	walk(dirK, max(-o.i, 0))
	walk(dirJ, max(o.j-o.i, 0))
	walk(dirIK, max(o.i-o.j, 0))
	return c
}

// childAt returns the child of c at a digit.
func (c Cell) childAt(digit int) Cell {
	r := c.Resolution() + 1
	return (c&^(15<<resolutionShift) | Cell(r)<<resolutionShift).withDigit(r, digit)
}
