package analytics

import (
	"slices"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

func TestRowsAreFoundByTheirID(t *testing.T) {
	cells := geo.Cell(0x8931aa5085bffff).Disk(3)
	frame := &Frame{Unit: CellsOf(9), Cells: cells}
	for row := range cells {
		if got, ok := frame.RowOf(frame.ID(row)); !ok || got != row {
			t.Errorf("RowOf(%s) = %d, %t, want %d", frame.ID(row), got, ok, row)
		}
	}
	f := func(id string) {
		t.Helper()
		if row, ok := frame.RowOf(id); ok {
			t.Errorf("RowOf(%q) = %d, want none", id, row)
		}
	}
	f("")
	f("8931aa5085")
	f("no cell")
	f(geo.Pentagons(9)[0].String()) // a cell, elsewhere
	f(cells[0].Parent(8).String())
}

func TestCommunitiesAreFoundByTheirCode(t *testing.T) {
	frame := &Frame{Unit: CommunitiesOf(data.Street), Communities: []data.Community{{Code: "440305001"}, {Code: "440305002"}, {Code: "西丽"}}}
	for row, code := range []string{"440305001", "440305002", "西丽"} {
		if got, ok := frame.RowOf(code); !ok || got != row || frame.ID(row) != code {
			t.Errorf("RowOf(%s) = %d, %t, want %d; ID is %s", code, got, ok, row, frame.ID(row))
		}
	}
	for _, code := range []string{"", "44030500", "4403050011", "zz"} {
		if row, ok := frame.RowOf(code); ok {
			t.Errorf("RowOf(%q) = %d, want none", code, row)
		}
	}
	if frame.Len() != 3 {
		t.Errorf("Len() = %d, want 3", frame.Len())
	}
}

func TestUnitsSayWhatTheyAre(t *testing.T) {
	f := func(u Unit, cells bool, want string) {
		t.Helper()
		if u.IsCells() != cells || u.String() != want {
			t.Errorf("unit %q, cells %t, want %q, %t", u, u.IsCells(), want, cells)
		}
	}
	f(CellsOf(9), true, "h3-9")
	f(CellsOf(10), true, "h3-10")
	f(CommunitiesOf(data.UnitGrid), false, "unit_grid")
}

// TestAroundCountsStepsOnTheGrid holds wide neighbourhoods against distances on
// the grid, for a study area with a hole in it, made once and made anew.
func TestAroundCountsStepsOnTheGrid(t *testing.T) {
	cells := geo.Cell(0x8931aa5085bffff).Disk(4)
	cells = append(cells[:20:20], cells[31:]...)
	frame := &Frame{Unit: CellsOf(9), Cells: cells, Tables: &NeighbourTables{}}
	start, rows, _, err := geo.Neighbours(cells, 1)
	if err != nil {
		t.Fatal(err)
	}
	frame.Neighbours = Adjacency{start, rows}
	for k := 1; k <= 3; k++ {
		for range 2 {
			around, err := frame.Around(k)
			if err != nil {
				t.Fatal(err)
			}
			for i, a := range cells {
				var want []int32
				for j, b := range cells {
					if i != j && slices.Contains(a.Disk(k), b) {
						want = append(want, int32(j))
					}
				}
				if got := around.Of(i); !slices.Equal(got, want) {
					t.Fatalf("within %d of row %d: %v, want %v", k, i, got, want)
				}
			}
		}
	}
	if _, err := frame.Around(0); err == nil {
		t.Error("Around(0) is no error")
	}
}

func TestAroundFollowsCommunitiesThatTouch(t *testing.T) {
	chain := &Frame{Unit: CommunitiesOf(data.Street), Communities: make([]data.Community, 5), Neighbours: Adjacency{
		Start: []int32{0, 1, 3, 5, 6, 6}, Rows: []int32{1, 0, 2, 1, 3, 2}, // 0-1-2-3, and 4 alone
	}}
	around, err := chain.Around(2)
	if err != nil {
		t.Fatal(err)
	}
	for row, want := range [][]int32{{1, 2}, {0, 2, 3}, {0, 1, 3}, {1, 2}, nil} {
		if got := around.Of(row); !slices.Equal(got, want) {
			t.Errorf("within 2 of %d: %v, want %v", row, got, want)
		}
	}
}
