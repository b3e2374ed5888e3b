package geo

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"sort"
)

// Neighbours returns which cells of a set lie within k steps of each other, as
// a table of compressed sparse rows. The neighbours of cells[i] are
// cells[cols[offsets[i]:offsets[i+1]]], in ascending order and without cells[i]
// itself; offsets has one entry more than cells. full[i] says that the whole
// disk around cells[i] lies in the set; where it does not, the cell stands at
// the edge of the study area or beside a hole.
//
// Steps are counted on the whole grid, not inside the set: two cells on either
// side of a hole are neighbours for k ≥ 2, although no path within the set may
// lead from one to the other. A pentagon has five neighbours, and so is full
// with five.
//
// cells must be valid and strictly ascending, and k from 0 to MaxDisk; a table
// of more than 2³¹-1 entries is an error too. Cells of different resolutions are
// never neighbours.
func Neighbours(cells []Cell, k int) (offsets, cols []int32, full []bool, err error) {
	if err := checkSet(cells, k); err != nil {
		return nil, nil, nil, err
	}
	t := neighbourTable{
		offsets: make([]int32, 1, len(cells)+1),
		cols:    make([]int32, 0, len(cells)*min(diskSize(k)-1, 64)),
		full:    make([]bool, 0, len(cells)),
	}
	for start, end := 0, 0; start < len(cells); start = end {
		r := cells[start].Resolution()
		end = start + sort.Search(len(cells)-start, func(i int) bool { return cells[start+i].Resolution() > r })
		t.set, t.start = cells[start:end], int32(start)
		if k <= kinSteps && r > 0 {
			err = t.addByKin(r, k)
		} else {
			err = t.addByDisks(k)
		}
		if err != nil {
			return nil, nil, nil, fmt.Errorf("neighbours within %d steps of %d cells: %w", k, len(cells), err)
		}
	}
	return t.offsets, t.cols, t.full, nil
}

// kinSteps is up to how many steps neighbours are found by way of the parents. Far
// beyond, what is kept of each parent grows larger than the table.
const kinSteps = 8

// A neighbourTable is what Neighbours returns, while it is being made: the cells
// of one resolution after those of the other.
type neighbourTable struct {
	offsets, cols []int32
	full          []bool
	set           []Cell // of the resolution at hand
	start         int32  // position of the first of them
}

// end ends the row of a cell, of which all neighbours are there where so many are
// wanted.
func (t *neighbourTable) end(wanted int) error {
	if len(t.cols) > math.MaxInt32 {
		return fmt.Errorf("more than %d entries", math.MaxInt32)
	}
	found := len(t.cols) - int(t.offsets[len(t.offsets)-1])
	t.offsets, t.full = append(t.offsets, int32(len(t.cols))), append(t.full, found == wanted)
	return nil
}

// addByDisks adds the rows of the set, disk by disk.
func (t *neighbourTable) addByDisks(k int) error {
	set := newCellSet(t.set)
	disk := make([]Cell, 0, min(diskSize(k), 1<<16))
	for _, c := range t.set {
		disk = c.appendDisk(disk[:0], k)
		if err := t.addDisk(c, disk, set.find); err != nil {
			return err
		}
	}
	return nil
}

// addDisk adds the row of cell c, given its disk.
func (t *neighbourTable) addDisk(c Cell, disk []Cell, find func(Cell) int32) error {
	first := len(t.cols)
	for _, n := range disk {
		if j := find(n); j >= 0 && n != c {
			t.cols = append(t.cols, t.start+j)
		}
	}
	slices.Sort(t.cols[first:])
	return t.end(len(disk) - 1)
}

// checkSet returns what keeps cells and k from having a neighbour table.
func checkSet(cells []Cell, k int) error {
	if k < 0 || k > MaxDisk {
		return fmt.Errorf("neighbours within %d steps: want 0 to %d", k, MaxDisk)
	}
	if len(cells) > math.MaxInt32 {
		return fmt.Errorf("neighbours of %d cells: more than %d", len(cells), math.MaxInt32)
	}
	for i, c := range cells {
		if !c.Valid() {
			return fmt.Errorf("neighbours of cell %q at position %d: %w", c, i, ErrNoCell)
		}
		if i > 0 && cells[i-1] >= c {
			return fmt.Errorf("neighbours: cell %q at position %d does not ascend", c, i)
		}
	}
	return nil
}

// cellSet finds the position of a cell in a slice by open addressing. At most
// half of the slots are taken.
type cellSet struct {
	cells []Cell
	slots []int32 // position + 1, or 0 for an empty slot
	shift uint
}

// newCellSet returns the set of cells, which must be without repeats.
func newCellSet(cells []Cell) cellSet {
	size := bits.Len(uint(2*len(cells) + 1))
	s := cellSet{cells: cells, slots: make([]int32, 1<<size), shift: uint(64 - size)}
	for i, c := range cells {
		slot := s.home(c)
		for s.slots[slot] != 0 {
			slot = (slot + 1) & (len(s.slots) - 1)
		}
		s.slots[slot] = int32(i) + 1
	}
	return s
}

// home returns the slot where the search for c begins: Fibonacci hashing (Knuth
// 1998, section 6.4) of the bits that differ between neighbours.
func (s cellSet) home(c Cell) int {
	return int(uint64(c) * 0x9E3779B97F4A7C15 >> s.shift)
}

// find returns the position of c, or -1.
func (s cellSet) find(c Cell) int32 {
	for slot := s.home(c); s.slots[slot] != 0; slot = (slot + 1) & (len(s.slots) - 1) {
		if i := s.slots[slot] - 1; s.cells[i] == c {
			return i
		}
	}
	return -1
}
