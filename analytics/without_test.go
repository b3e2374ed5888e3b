package analytics

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/geo"
)

// TestWithoutIsTheSameAsNeverThere takes the middle and a rim cell out of a disk of 19,
// and compares with neighbours found anew.
func TestWithoutIsTheSameAsNeverThere(t *testing.T) {
	f := &Frame{Unit: CellsOf(9), Tables: &NeighbourTables{}}
	f.Cells = geo.Cell(0x8931aa5085bffff).Disk(2)
	slices.Sort(f.Cells)
	anew := func(f *Frame) (a Adjacency, edge []bool) {
		start, rows, full, err := geo.Neighbours(f.Cells, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, all := range full {
			edge = append(edge, !all)
		}
		return Adjacency{Start: start, Rows: rows}, edge
	}
	f.Neighbours, f.Edge = anew(f)
	gone := make([]bool, f.Len())
	for row := range gone {
		f.SquareKm = append(f.SquareKm, float64(row))
		gone[row] = !f.Edge[row] && row > 4 || row == 3
	}
	left := f.Without(gone)
	near, edge := anew(left)
	if diff := cmp.Diff(near, left.Neighbours); diff != "" {
		t.Errorf("neighbours (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(edge, left.Edge); diff != "" {
		t.Errorf("edge (-want +got):\n%s", diff)
	}
	wide := Spread([]Column{{Name: "km", Floats: left.SquareKm}}, gone)[0]
	for row := range gone {
		if wide.Has(row) == gone[row] || wide.Has(row) && wide.Floats[row] != f.SquareKm[row] {
			t.Errorf("row %d, gone %t: has %t, %v", row, gone[row], wide.Has(row), wide.Floats[row])
		}
	}
	if f.Without(make([]bool, f.Len())) != f {
		t.Error("without no row it is another frame")
	}
}
