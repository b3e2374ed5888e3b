package geo

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/uber/h3-go/v4"
)

// toH3 converts cells to those of h3-go.
func toH3(cells []Cell) []h3.Cell {
	found := make([]h3.Cell, len(cells))
	for i, c := range cells {
		found[i] = h3.Cell(c)
	}
	return found
}

// TestCompactEqualsH3 compares disks about pentagons, poles, the antimeridian and
// random places, and what is left of them with holes, with h3-go.
func TestCompactEqualsH3(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for r := Resolution(1); r <= MaxResolution; r++ {
		for _, c := range difficultCells(rng, someCells(t, r, 20), r, 3) {
			cells := c.Disk(12)
			if rng.IntN(2) == 0 {
				cells = slices.DeleteFunc(cells, func(Cell) bool { return rng.IntN(40) == 0 })
			}
			got, err := Compact(cells)
			if err != nil {
				t.Fatal(err)
			}
			found, err := h3.CompactCells(toH3(cells))
			if err != nil {
				t.Fatal(err)
			}
			want := fromH3(found)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("Compact() of %d cells about %s has %d cells, want %d", len(cells), c, len(got), len(want))
			}
			back, err := Uncompact(got, r, int64(len(cells)))
			if err != nil || !slices.Equal(back, cells) {
				t.Errorf("Uncompact(Compact()) of %d cells about %s has %d cells: %v", len(cells), c, len(back), err)
			}
		}
	}
}

// TestTheGlobeCompactsToBaseCells uses the counts of the H3 documentation, table
// "Total H3 cell counts by resolution": 842 at resolution 1, 41,162 at 3.
func TestTheGlobeCompactsToBaseCells(t *testing.T) {
	for r, want := range map[Resolution]int{0: 122, 1: 842, 3: 41_162} {
		all, err := Uncompact(BaseCells(), r, 50_000)
		if err != nil || len(all) != want {
			t.Errorf("the globe at resolution %d has %d cells, want %d: %v", r, len(all), want, err)
		}
		if back, err := Compact(all); err != nil || !slices.Equal(back, BaseCells()) {
			t.Errorf("the globe of resolution %d compacts to %d cells, want 122: %v", r, len(back), err)
		}
	}
}

// TestUncompactOrder compares the order of sub-zones with that of h3-go, unsorted.
func TestUncompactOrder(t *testing.T) {
	for r := Resolution(0); r < MaxResolution-1; r++ {
		for _, c := range someCells(t, r, 5) {
			got, err := Uncompact([]Cell{c}, r+2, 49)
			if err != nil {
				t.Fatal(err)
			}
			found, err := h3.Cell(c).Children(int(r + 2))
			if err != nil || !slices.Equal(got, fromH3(found)) {
				t.Errorf("sub-zones of %s are not in the order of h3-go: %v", c, err)
			}
		}
	}
}

func TestUncompactRefuses(t *testing.T) {
	c := mustParse(t, "89309a55223ffff")
	tooMany := new(TooManyCellsError)
	for limit, want := range map[int64]bool{6: true, 7: false} {
		if _, err := Uncompact([]Cell{c}, 10, limit); errors.As(err, &tooMany) != want {
			t.Errorf("Uncompact to 7 cells with a limit of %d: %v", limit, err)
		}
	}
	if _, err := Uncompact(BaseCells(), MaxResolution, 100_000); !errors.As(err, &tooMany) || tooMany.Estimate <= 100_000 {
		t.Errorf("Uncompact of the globe to resolution 15: %v", err)
	}
	if _, err := Uncompact([]Cell{c}, 8, 100); !errors.Is(err, ErrNoCell) {
		t.Errorf("Uncompact to a coarser resolution: %v", err)
	}
	if _, err := Uncompact([]Cell{NoCell}, 8, 100); !errors.Is(err, ErrNoCell) {
		t.Errorf("Uncompact of no cell: %v", err)
	}
	if _, err := Uncompact(nil, 16, 100); err == nil {
		t.Error("Uncompact to resolution 16: no error")
	}
	if got, err := Uncompact([]Cell{c, c.Parent(8), c}, 9, 100); err != nil || len(got) != 7 {
		t.Errorf("Uncompact of a cell within its parent has %d cells, want 7: %v", len(got), err)
	}
}

func TestCompactRefuses(t *testing.T) {
	c := mustParse(t, "89309a55223ffff")
	for _, cells := range [][]Cell{{c, c}, {c.Parent(8), c}, {NoCell}, {c, c - 1}} {
		if _, err := Compact(cells); err == nil {
			t.Errorf("Compact(%v): no error", cells)
		}
	}
	if got, err := Compact(nil); err != nil || len(got) != 0 {
		t.Errorf("Compact(nil) = %v, %v", got, err)
	}
}
