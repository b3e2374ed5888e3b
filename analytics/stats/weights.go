package stats

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// Weights say which cells are neighbours and how much each counts: a sparse
// matrix w in compressed rows (CSR), one row per cell, without a diagonal.
// The numbers of cells are the rows of the columns they are used with. The
// matrix need not be symmetric. A row may be empty: that cell is an island.
//
// Weights is a small value over shared, immutable slices: copy it freely. It
// is safe for concurrent use. The zero value has no cells.
type Weights struct {
	offsets      []int32   // row i is neighbours[offsets[i]:offsets[i+1]], ascending
	neighbours   []int32   //
	values       []float64 // nil: every weight is 1
	self         float64   // w_ii of Gi*; 0 means 1
	standardised bool
}

// NewWeights makes weights from compressed rows and takes ownership of the
// slices. Row i has the neighbours[offsets[i]:offsets[i+1]], so offsets is one
// longer than the number of cells; values, positive and finite, run alongside
// neighbours, and nil means binary weights. Rows in ascending order are used
// as they are, others are sorted in place. A cell must not be its own
// neighbour (see WithSelf) nor occur twice in a row.
func NewWeights(offsets, neighbours []int32, values []float64) (Weights, error) {
	if len(offsets) == 0 {
		return Weights{}, fmt.Errorf("make weights: no row offsets: %w", ErrLength)
	}
	if values != nil {
		if err := checkLength(len(neighbours), len(values)); err != nil {
			return Weights{}, fmt.Errorf("make weights: %w", err)
		}
	}
	if offsets[0] != 0 || int(offsets[len(offsets)-1]) != len(neighbours) {
		return Weights{}, fmt.Errorf("make weights: offsets run from %d to %d, want 0 to %d",
			offsets[0], offsets[len(offsets)-1], len(neighbours))
	}
	for k, v := range values {
		if !(v > 0) || math.IsInf(v, 1) {
			return Weights{}, fmt.Errorf("make weights: %w",
				&ValueError{Row: k, Value: v, Why: "want a positive, finite weight"})
		}
	}
	w := Weights{offsets: offsets, neighbours: neighbours, values: values}
	for i := range w.Cells() {
		if offsets[i] > offsets[i+1] {
			return Weights{}, fmt.Errorf("make weights: offsets fall after row %d", i)
		}
		if err := w.settleRow(i); err != nil {
			return Weights{}, fmt.Errorf("make weights: row %d: %w", i, err)
		}
	}
	return w, nil
}

// NeighbourLists makes binary weights from one list of neighbours per cell, in
// any order. The lists are copied.
func NeighbourLists(lists [][]int32) (Weights, error) {
	offsets := make([]int32, len(lists)+1)
	total := 0
	for i, list := range lists {
		total += len(list)
		if total > math.MaxInt32 {
			return Weights{}, fmt.Errorf("make weights: more than %d edges", math.MaxInt32)
		}
		offsets[i+1] = int32(total)
	}
	return NewWeights(offsets, slices.Concat(lists...), nil)
}

// Cells returns the number of cells.
func (w Weights) Cells() int { return max(len(w.offsets)-1, 0) }

// Edges returns the number of pairs (cell, neighbour).
func (w Weights) Edges() int { return len(w.neighbours) }

// Binary reports whether all neighbours of a cell have the same weight, so
// that a lag is a plain sum or mean.
func (w Weights) Binary() bool { return w.values == nil }

// Degree returns the number of neighbours of cell i.
func (w Weights) Degree(i int) int { return int(w.offsets[i+1] - w.offsets[i]) }

// Row returns the neighbours of cell i in ascending order and their weights
// before row standardisation; weights is nil where they are all 1. Both
// slices are read-only.
func (w Weights) Row(i int) (neighbours []int32, weights []float64) {
	lo, hi := w.offsets[i], w.offsets[i+1]
	if w.values != nil {
		weights = w.values[lo:hi:hi]
	}
	return w.neighbours[lo:hi:hi], weights
}

// WithSelf returns w with the weight that Gi* gives the cell itself, which
// must be positive and finite. Without it the weight is 1, the value of every
// kernel at distance 0. Gi and the permutation tests do not use it.
func (w Weights) WithSelf(weight float64) (Weights, error) {
	if !(weight > 0) || math.IsInf(weight, 1) {
		return Weights{}, fmt.Errorf("set self weight: %w",
			&ValueError{Value: weight, Why: "want a positive, finite weight"})
	}
	w.self = weight
	return w, nil
}

// RowStandardised returns w with every row divided by its sum, so that a lag
// is a mean. For Gi* the sum includes the self weight; where cells are missing
// it is the sum over those that are left. Standardisation changes G, its
// expectation and the lag, and leaves z and p alone.
func (w Weights) RowStandardised() Weights {
	w.standardised = true
	return w
}

// Keep returns w without the cells that are not valid: their rows are empty
// and they are gone from every other row. Cells keep their numbers. A nil
// valid, or one that is true throughout, returns w itself.
func (w Weights) Keep(valid []bool) (Weights, error) {
	if err := checkValid(w.Cells(), valid); err != nil {
		return Weights{}, fmt.Errorf("keep cells: %w", err)
	}
	if !slices.Contains(valid, false) {
		return w, nil
	}
	kept := w
	kept.offsets = make([]int32, len(w.offsets))
	kept.neighbours = make([]int32, 0, len(w.neighbours))
	if w.values != nil {
		kept.values = make([]float64, 0, len(w.values))
	}
	for i := range w.Cells() {
		if valid[i] {
			kept.appendRow(w, i, valid)
		}
		kept.offsets[i+1] = int32(len(kept.neighbours))
	}
	return kept, nil
}

// appendRow appends to w what is left of row i of from.
func (w *Weights) appendRow(from Weights, i int, valid []bool) {
	for e := from.offsets[i]; e < from.offsets[i+1]; e++ {
		j := from.neighbours[e]
		if !valid[j] {
			continue
		}
		w.neighbours = append(w.neighbours, j)
		if from.values != nil {
			w.values = append(w.values, from.values[e])
		}
	}
}

// factors returns what the weights of each row are multiplied by: 1, or for row
// standardisation one over their sum, 0 for an island.
func (w Weights) factors() []float64 {
	factors := make([]float64, w.Cells())
	shareRows(len(factors), func(i int) {
		if factors[i] = 1; !w.standardised {
			return
		}
		sum := 0.0
		_, weights := w.Row(i)
		for k := range w.Degree(i) {
			sum += weightAt(weights, k)
		}
		if factors[i] = 0; sum > 0 {
			factors[i] = 1 / sum
		}
	})
	return factors
}

// weightAt returns the weight of the k-th neighbour of a row.
func weightAt(weights []float64, k int) float64 {
	if weights == nil {
		return 1
	}
	return weights[k]
}

// selfWeight returns w_ii of Gi*.
func (w Weights) selfWeight() float64 {
	if w.self == 0 {
		return 1
	}
	return w.self
}

// settleRow sorts row i if need be and checks its neighbours.
func (w Weights) settleRow(i int) error {
	row, weights := w.Row(i)
	if !slices.IsSorted(row) {
		if weights == nil {
			slices.Sort(row)
		} else {
			sort.Sort(rowSorter{row, weights})
		}
	}
	last := int32(-1)
	for _, j := range row {
		switch {
		case j < 0 || int(j) >= w.Cells():
			return fmt.Errorf("neighbour %d, want 0 to %d", j, w.Cells()-1)
		case int(j) == i:
			return fmt.Errorf("cell %d is its own neighbour", j)
		case j == last:
			return fmt.Errorf("neighbour %d twice", j)
		}
		last = j
	}
	return nil
}

// rowSorter sorts a row by neighbour and keeps the weights alongside.
type rowSorter struct {
	row     []int32
	weights []float64
}

func (s rowSorter) Len() int           { return len(s.row) }
func (s rowSorter) Less(a, b int) bool { return s.row[a] < s.row[b] }
func (s rowSorter) Swap(a, b int) {
	s.row[a], s.row[b] = s.row[b], s.row[a]
	s.weights[a], s.weights[b] = s.weights[b], s.weights[a]
}
