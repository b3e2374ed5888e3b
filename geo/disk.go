package geo

import (
	"errors"
	"fmt"
	"slices"

	"github.com/uber/h3-go/v4"
)

// MaxDisk is the greatest k that Disk and Ring answer: 2,581 steps, a disk of
// 19,992,427 cells.
const MaxDisk = 2581

// ErrTooFar says that GridDistance cannot tell how many steps part two cells.
var ErrTooFar = errors.New("cells too far apart to count the steps")

// Disk returns the cells within k steps of c, itself included, in ascending
// order: 1+3k(k+1) of them, fewer around a pentagon. Steps go from cell to cell
// across an edge; they are not a distance in metres, since the neighbours of one
// cell lie up to a fifth nearer or farther than one another. A c that is not
// valid, or k below 0 or above MaxDisk, gives nil.
func (c Cell) Disk(k int) []Cell {
	if !c.Valid() || k < 0 || k > MaxDisk {
		return nil
	}
	cells := c.appendDisk(make([]Cell, 0, diskSize(k)), k)
	slices.Sort(cells)
	return cells
}

// appendDisk appends the cells within k steps of a valid cell, in no order.
func (c Cell) appendDisk(dst []Cell, k int) []Cell {
	dst, ok := c.appendNear(dst, k)
	if ok {
		return dst
	}
	found, err := h3.GridDisk(h3.Cell(c), k)
	if err != nil {
		panic("BUG: no disk of cell " + c.String() + ": " + err.Error())
	}
	for _, n := range found {
		dst = append(dst, Cell(n))
	}
	return dst
}

// diskSize returns how many cells a disk has where there is no pentagon.
func diskSize(k int) int { return 1 + 3*k*(k+1) }

// Ring returns the cells exactly k steps from c in ascending order: 6k of them,
// fewer around a pentagon, and c alone for k = 0. A c that is not valid, or k
// below 0 or above MaxDisk, gives nil.
func (c Cell) Ring(k int) []Cell {
	if !c.Valid() || k < 0 || k > MaxDisk {
		return nil
	}
	outer := c.Disk(k)
	if k == 0 {
		return outer
	}
	inner := c.Disk(k - 1)
	ring := outer[:0]
	for _, n := range outer {
		if len(inner) > 0 && inner[0] == n {
			inner = inner[1:]
			continue
		}
		ring = append(ring, n)
	}
	return slices.Clip(ring)
}

// countedSteps is how far GridDistance counts ring by ring where H3 has no
// direct answer.
const countedSteps = 200

// GridDistance returns the least number of steps that lead from a to b, cells of
// one resolution. Around pentagons, where H3's own function has no answer, the
// steps are counted ring by ring, up to 200; beyond that, or between places too
// far apart for H3, the error wraps ErrTooFar. Cells that are not valid, or of
// two resolutions, give an error that wraps ErrNoCell.
func GridDistance(a, b Cell) (int, error) {
	switch {
	case !a.Valid() || !b.Valid() || a.Resolution() != b.Resolution():
		return 0, fmt.Errorf("steps from cell %q to %q: %w of one resolution", a, b, ErrNoCell)
	case a == b:
		return 0, nil
	}
	if !isPentagonBase(a.base()) && !isPentagonBase(b.base()) {
		if d, err := h3.GridDistance(h3.Cell(a), h3.Cell(b)); err == nil {
			return d, nil
		}
	}
	if d, ok := countSteps(a, b); ok {
		return d, nil
	}
	return 0, fmt.Errorf("steps from cell %q to %q: %w", a, b, ErrTooFar)
}

// countSteps walks outwards from a, ring by ring, until it meets b.
func countSteps(a, b Cell) (int, bool) {
	seen := map[Cell]bool{a: true}
	frontier := []Cell{a}
	var near []Cell
	for steps := 1; steps <= countedSteps; steps++ {
		var next []Cell
		for _, c := range frontier {
			near = c.appendDisk(near[:0], 1)
			for _, n := range near {
				if n == b {
					return steps, true
				}
				if !seen[n] {
					seen[n] = true
					next = append(next, n)
				}
			}
		}
		if frontier = next; len(frontier) == 0 {
			break
		}
	}
	return 0, false
}
