package stats

import (
	"cmp"
	"math"
	"slices"
)

// Rank returns the rank of every value, 1 for the smallest or, if descending,
// the largest. Equal values, to the last bit, share the best of their ranks and
// the next follow after as many as there are: 1, 2, 2, 4. A row that does not
// count, or holds NaN, is listed but not ranked: its rank is 0. A valid column
// has as many rows as values.
func Rank(values []float64, valid []bool, descending bool) []int32 {
	if err := checkValid(len(values), valid); err != nil {
		panic("BUG: rank: " + err.Error())
	}
	order := make([]int32, 0, len(values))
	for i, v := range values {
		if present(valid, i) && !math.IsNaN(v) {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		if descending {
			a, b = b, a
		}
		return cmp.Compare(values[a], values[b])
	})
	ranks := make([]int32, len(values))
	for place, i := range order {
		ranks[i] = int32(place + 1)
		if place > 0 && values[order[place-1]] == values[i] {
			ranks[i] = ranks[order[place-1]]
		}
	}
	return ranks
}
