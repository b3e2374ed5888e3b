package geo

import (
	"fmt"
	"slices"
)

// Compact replaces cells by their parent wherever all children of it are there,
// again and again (H3 documentation, compactCells). What comes out ascends, so
// that coarser cells stand first. Children belong to their parent by index: the
// outline of the parent is near theirs together, not the same.
//
// Cells are ascending and of one resolution, or it is an error.
func Compact(cells []Cell) ([]Cell, error) {
	if err := checkAscending(cells); err != nil {
		return nil, fmt.Errorf("compact: %w", err)
	}
	var out []Cell
	for left := cells; len(left) > 0; {
		r := left[0].Resolution()
		if r == 0 {
			out = append(out, left...)
			break
		}
		var parents []Cell
		for first := 0; first < len(left); {
			parent := left[first].Parent(r - 1)
			next := first + 1
			for next < len(left) && left[next].Parent(r-1) == parent {
				next++
			}
			if int64(next-first) == parent.DescendantCount(r) {
				parents = append(parents, parent)
			} else {
				out = append(out, left[first:next]...)
			}
			first = next
		}
		left = parents
	}
	slices.Sort(out)
	return out, nil
}

// Uncompact returns the descendants at resolution r of cells of any resolution no
// finer, ascending and each once, whatever their order (H3 documentation,
// uncompactCells). The error wraps ErrNoCell where a cell is not valid or finer
// than r; it is a *TooManyCellsError where there would be more than limit, which
// is found out before any is made.
func Uncompact(cells []Cell, r Resolution, limit int64) ([]Cell, error) {
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("uncompact: %w", err)
	}
	var total int64
	for _, c := range cells {
		if !c.Valid() || c.Resolution() > r {
			return nil, fmt.Errorf("uncompact cell %q to resolution %d: %w", c, int(r), ErrNoCell)
		}
		total = min(total+c.DescendantCount(r), r.cells()+limit)
	}
	if total > limit {
		return nil, fmt.Errorf("uncompact to resolution %d: %w", int(r), &TooManyCellsError{Estimate: total, Limit: limit})
	}
	out := make([]Cell, 0, total)
	for _, c := range cells {
		out = c.appendChildren(out, r)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
