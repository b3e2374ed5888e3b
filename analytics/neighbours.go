package analytics

import (
	"fmt"
	"slices"
	"sync"

	"github.com/civgrid/civgrid/geo"
)

// An Adjacency lists the neighbours of each row in compressed sparse rows.
type Adjacency struct {
	Start []int32 // one more than rows
	Rows  []int32 // ascending within each row, self excluded
}

// NeighbourTables keeps the neighbourhoods of one study area, so that each is
// made once. It is safe for concurrent use; the zero value is ready for it.
type NeighbourTables struct {
	mu sync.Mutex
	of map[int]Adjacency
}

// Around returns, for each row, the other rows within k steps, k of at least 1:
// for cells on the whole grid, so that two cells on either side of a hole are
// neighbours for k of 2; for communities from each to those that touch it. What
// it returns is read-only.
func (f *Frame) Around(k int) (Adjacency, error) {
	switch {
	case k < 1:
		return Adjacency{}, fmt.Errorf("neighbours within %d steps: want 1 or more", k)
	case k == 1:
		return f.Neighbours, nil
	case f.Tables == nil:
		return f.around(k)
	}
	f.Tables.mu.Lock()
	defer f.Tables.mu.Unlock()
	if a, ok := f.Tables.of[k]; ok {
		return a, nil
	}
	a, err := f.around(k)
	if err != nil {
		return Adjacency{}, err
	}
	if f.Tables.of == nil {
		f.Tables.of = map[int]Adjacency{}
	}
	f.Tables.of[k] = a
	return a, nil
}

func (f *Frame) around(k int) (Adjacency, error) {
	if f.Unit.IsCells() {
		start, rows, _, err := geo.Neighbours(f.Cells, k)
		return Adjacency{Start: start, Rows: rows}, err
	}
	a := Adjacency{Start: make([]int32, 1, f.Len()+1)}
	seen := make([]int, f.Len()) // row + 1 of the last that reached it
	for row := range f.Len() {
		seen[row] = row + 1
		rim := []int32{int32(row)}
		first := len(a.Rows)
		for range k {
			var next []int32
			for _, at := range rim {
				for _, n := range f.Neighbours.Of(int(at)) {
					if seen[n] != row+1 {
						seen[n] = row + 1
						next = append(next, n)
					}
				}
			}
			a.Rows = append(a.Rows, next...)
			rim = next
		}
		slices.Sort(a.Rows[first:])
		a.Start = append(a.Start, int32(len(a.Rows)))
	}
	return a, nil
}

// Of returns the neighbours of a row.
func (a Adjacency) Of(row int) []int32 { return a.Rows[a.Start[row]:a.Start[row+1]] }
