package api

import (
	"cmp"
	"math"
	"slices"

	"github.com/civgrid/civgrid/analytics"
)

// Insufficient is the word of a column "status", and the key of a class of a
// legend, that says that a row has too few facts to be judged.
const Insufficient = "insufficient"

// Ranked returns the rows of a layer, worst first by the layer's rank column,
// and how many of them have a rank: rows without a value, and those whose status
// says that they have too few facts, follow at the end. Equal values keep the
// order of the rows. A layer without a rank column keeps its order and has no
// ranks.
func Ranked(layer *analytics.Layer) (rows []int, ranked int) {
	rows = make([]int, layer.Frame.Len())
	for i := range rows {
		rows[i] = i
	}
	column, ok := layer.Column(layer.Rank.Column)
	if !ok {
		return rows, 0
	}
	status, judged := layer.Column("status")
	few := func(row int) bool {
		return judged && status.Type == analytics.WordColumn && status.Has(row) && status.Words[row] == Insufficient
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		if fewA, fewB := few(a) || !column.Has(a), few(b) || !column.Has(b); fewA != fewB {
			if fewA {
				return 1
			}
			return -1
		}
		return Order(&column, layer.Rank.Descending, a, b)
	})
	for ranked < len(rows) && column.Has(rows[ranked]) && !few(rows[ranked]) {
		ranked++
	}
	return rows, ranked
}

// Known reports whether the row of a column has a value that can be written and
// compared: what is no number has not.
func Known(c *analytics.Column, row int) bool {
	if c.Valid != nil && !c.Valid[row] {
		return false
	}
	return c.Type != analytics.FloatColumn || !math.IsNaN(c.Floats[row]) && !math.IsInf(c.Floats[row], 0)
}

// Order compares two rows by a column, as [cmp.Compare] does: those without a value come
// last either way.
func Order(c *analytics.Column, descending bool, a, b int) int {
	switch knownA, knownB := Known(c, a), Known(c, b); {
	case !knownA && !knownB:
		return 0
	case !knownA:
		return 1
	case !knownB:
		return -1
	}
	if descending {
		a, b = b, a
	}
	switch c.Type {
	case analytics.IntColumn:
		return cmp.Compare(c.Ints[a], c.Ints[b])
	case analytics.FloatColumn:
		return cmp.Compare(c.Floats[a], c.Floats[b])
	}
	return cmp.Compare(c.Words[a], c.Words[b])
}
