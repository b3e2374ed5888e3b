package api

import (
	"cmp"
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
		return rankOrder(column, layer.Rank.Descending, a, b)
	})
	for ranked < len(rows) && column.Has(rows[ranked]) && !few(rows[ranked]) {
		ranked++
	}
	return rows, ranked
}

// rankOrder compares two rows: those without a value come last either way.
func rankOrder(c analytics.Column, descending bool, a, b int) int {
	switch hasA, hasB := c.Has(a), c.Has(b); {
	case !hasA && !hasB:
		return 0
	case !hasA:
		return 1
	case !hasB:
		return -1
	}
	order := compareRows(c, a, b)
	if descending {
		return -order
	}
	return order
}

func compareRows(c analytics.Column, a, b int) int {
	switch c.Type {
	case analytics.IntColumn:
		return cmp.Compare(c.Ints[a], c.Ints[b])
	case analytics.FloatColumn:
		return cmp.Compare(c.Floats[a], c.Floats[b])
	}
	return cmp.Compare(c.Words[a], c.Words[b])
}
