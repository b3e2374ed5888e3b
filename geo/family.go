package geo

import (
	"fmt"
	"slices"

	"github.com/uber/h3-go/v4"
)

// Parent returns the ancestor of c at the coarser resolution r, or c itself at
// its own resolution. There is none, and the answer is NoCell, when c is NoCell
// or r is finer than c or not valid.
//
// The ancestor is by index, not by place: for 5.7 to 7.1 per cent of points per
// step, the parent of the cell that holds the point is not the coarser cell
// that holds it. Use CellAt for points.
func (c Cell) Parent(r Resolution) Cell {
	own := c.Resolution()
	if c == NoCell || r < 0 || r > own {
		return NoCell
	}
	unused := Cell(1)<<(digitBits*uint(MaxResolution-r)) - 1
	return c&^(15<<resolutionShift) | Cell(r)<<resolutionShift | unused
}

// maxChildren bounds what Children returns: seven steps down.
const maxChildren = 823_543

// Children returns the descendants of c at the finer resolution r in ascending
// order: 7 per step, or 6 for the first step below a pentagon. r equal to the
// resolution of c gives c alone. It is an error when c is not valid, r is
// coarser than c, or there would be more than 823,543 of them (seven steps).
func (c Cell) Children(r Resolution) ([]Cell, error) {
	if !c.Valid() || !r.Valid() || r < c.Resolution() {
		return nil, fmt.Errorf("children of cell %q at resolution %d: %w", c, int(r), ErrNoCell)
	}
	if steps := int(r - c.Resolution()); steps > 7 {
		return nil, fmt.Errorf("children of cell %q at resolution %d: more than %d cells", c, int(r), maxChildren)
	}
	return c.appendChildren(nil, r), nil
}

// appendChildren appends the descendants of c at resolution r in ascending
// order.
func (c Cell) appendChildren(dst []Cell, r Resolution) []Cell {
	own := c.Resolution()
	if own == r {
		return append(dst, c)
	}
	next := c&^(15<<resolutionShift) | Cell(own+1)<<resolutionShift
	pentagon := c.IsPentagon()
	for d := range 7 {
		if pentagon && d == 1 {
			continue
		}
		dst = next.withDigit(own+1, d).appendChildren(dst, r)
	}
	return dst
}

// DescendantCount returns how many cells of resolution r, no coarser than that of
// a valid c, descend from c: 7 to the power of the steps, and 1 + 5(7ⁿ-1)/6 for a
// pentagon (H3 documentation, cellToChildrenSize).
func (c Cell) DescendantCount(r Resolution) int64 {
	n := int64(1)
	for range r - c.Resolution() {
		n *= 7
	}
	if c.IsPentagon() {
		return 1 + 5*(n-1)/6
	}
	return n
}

// Descendants returns the lowest and the highest cell number that a descendant
// of c can have at resolution r, which must be no coarser than that of a valid c.
// All cells of resolution r from first to last descend from c, and no others do.
func (c Cell) Descendants(r Resolution) (first, last Cell) {
	const sixes = 6 * firstBits
	below := Cell(1)<<(digitBits*uint(MaxResolution-c.Resolution())) - 1
	unused := Cell(1)<<(digitBits*uint(MaxResolution-r)) - 1
	first = c&^(15<<resolutionShift)&^below | Cell(r)<<resolutionShift | unused
	return first, first | sixes&below&^unused
}

// BaseCells returns the 122 cells of resolution 0 in ascending order.
func BaseCells() []Cell {
	const first = Cell(modeCell<<modeShift | allDigits)
	cells := make([]Cell, baseCells)
	for b := range cells {
		cells[b] = first | Cell(b)<<baseShift
	}
	return cells
}

// Pentagons returns the twelve pentagons of resolution r in ascending order, or
// nil when r is not valid.
func Pentagons(r Resolution) []Cell {
	if !r.Valid() {
		return nil
	}
	found, err := h3.Pentagons(int(r))
	if err != nil {
		return nil
	}
	cells := fromH3(found)
	slices.Sort(cells)
	return cells
}

// fromH3 converts cells of h3-go.
func fromH3(found []h3.Cell) []Cell {
	cells := make([]Cell, len(found))
	for i, c := range found {
		cells[i] = Cell(c)
	}
	return cells
}
