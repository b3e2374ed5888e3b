package geo

import (
	"cmp"
	"math/bits"
	"slices"
)

// What stands in a table of near cells in place of a position.
const (
	absent = -1 // no cell of the set
	beyond = -2 // past where the axes turn: not known
)

// lacksK marks a pentagon among the digits that a parent has: it has no child
// towards K, and the axes turn where one would be.
const lacksK = 1 << 7

// kin are the parents of a set of cells of one resolution, in ascending order.
type kin struct {
	cells []Cell
	first []int32 // the children of parent p are cells first[p] to first[p+1]-1 of the set
	has   []uint8 // bit d is set where the child of digit d is in the set; lacksK
}

// kinOf returns the parents of cells, which ascend and are of resolution r, 1 or
// more.
func kinOf(cells []Cell, r Resolution) kin {
	var k kin
	for i, c := range cells {
		parent := c.Parent(r - 1)
		if i == 0 || parent != k.cells[len(k.cells)-1] {
			has := uint8(0)
			if parent.IsPentagon() {
				has = lacksK
			}
			k.cells, k.first, k.has = append(k.cells, parent), append(k.first, int32(i)), append(k.has, has)
		}
		k.has[len(k.has)-1] |= 1 << c.digit(r)
	}
	k.first = append(k.first, int32(len(cells)))
	return k
}

// child returns the position in the set of a child of parent p. Only a pentagon that
// is there itself has to be minded: past the child that it lacks are its other
// children, and those of one that is not there are absent as well.
func (k *kin) child(p int32, digit int) int32 {
	has := k.has[p]
	switch {
	case has>>digit&1 == 1:
		return k.first[p] + int32(bits.OnesCount8(has&(1<<digit-1)))
	case digit == dirK && has&lacksK != 0:
		return beyond
	}
	return absent
}

// nearOnes returns for each cell, one after the other, the positions in the set of
// the cells at all offsets of up to so many steps, or absent or beyond. The cells
// ascend and are of resolution r. Those at an offset from a cell are the children at
// one digit of those at an offset from its parent, so all it takes is the same of
// the parents; only from base cell to base cell and about pentagons do the axes
// turn.
func nearOnes(cells []Cell, r Resolution, steps int) []int32 {
	if r == 0 {
		return nearBases(len(cells), steps)
	}
	h, parents := newHops(steps), kinOf(cells, r)
	up := nearOnes(parents.cells, r-1, h.up)
	width := diskSize(h.up)
	near := make([]int32, 0, len(cells)*h.length)
	for p := range parents.cells {
		around := up[p*width : (p+1)*width]
		for _, c := range cells[parents.first[p]:parents.first[p+1]] {
			for _, hop := range h.of[r&1][c.digit(r)] {
				at := around[hop.parent]
				if at >= 0 {
					at = parents.child(at, hop.digit)
				}
				near = append(near, at)
			}
		}
	}
	return near
}

// nearBases is nearOnes of so many base cells, from which every step leads beyond.
func nearBases(n, steps int) []int32 {
	width := diskSize(steps)
	near := make([]int32, 0, n*width)
	for i := range n {
		for _, o := range offsetsWithin(steps) {
			at := int32(beyond)
			if o == (offset{}) {
				at = int32(i)
			}
			near = append(near, at)
		}
	}
	return near
}

// addByKin adds the rows of the set, which is of resolution r, 1 or more, parent by
// parent: the cells near a cell are some children each of the parents near its own.
// Where the axes turn in between, the cell's disk is taken instead.
func (t *neighbourTable) addByKin(r Resolution, k int) error {
	h, parents := newHops(k), kinOf(t.set, r)
	near := nearOnes(parents.cells, r-1, h.up)
	width := diskSize(h.up)
	wanted := h.wanted(r)
	inOrder := make([]int, width)
	for at := range inOrder {
		inOrder[at] = at
	}
	var disk []Cell
	for p := range parents.cells {
		around := near[p*width : (p+1)*width]
		slices.SortFunc(inOrder, func(a, b int) int { return cmp.Compare(around[a], around[b]) })
		for _, c := range t.set[parents.first[p]:parents.first[p+1]] {
			var err error
			if t.addKin(&parents, around, inOrder, wanted[c.digit(r)]) {
				err = t.end(h.length - 1)
			} else {
				disk = c.appendDisk(disk[:0], k)
				err = t.addDisk(c, disk, t.find)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// addKin adds the wanted children of the parents around, as far as they are in the
// set. It adds none, and fails, where that is not known of all.
func (t *neighbourTable) addKin(parents *kin, around []int32, inOrder []int, wanted []uint8) bool {
	first := len(t.cols)
	for _, at := range inOrder {
		want, p := wanted[at], around[at]
		switch {
		case want == 0 || p == absent:
			continue
		case p == beyond || want&(1<<dirK) != 0 && parents.has[p]&lacksK != 0:
			t.cols = t.cols[:first]
			return false
		}
		has := parents.has[p]
		for found := has & want; found != 0; found &= found - 1 {
			below := has & (found&-found - 1)
			t.cols = append(t.cols, t.start+parents.first[p]+int32(bits.OnesCount8(below)))
		}
	}
	return true
}

// find returns the position of c in the set, or -1.
func (t *neighbourTable) find(c Cell) int32 {
	if i, ok := slices.BinarySearch(t.set, c); ok {
		return int32(i)
	}
	return -1
}
