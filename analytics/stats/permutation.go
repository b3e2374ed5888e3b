package stats

import (
	"context"
	"slices"
)

// Permutation holds p-values under conditional permutation, one row per cell:
// the cell keeps its value, and its neighbours' values are drawn from the
// other cells without replacement. Gi and Gi* have the same p, for the cell's
// own value is fixed. The columns belong to the caller.
type Permutation struct {
	// Greater is the probability of a lag at least as large as the observed
	// one, and Less of one at most as large. Both count the observed lag, so
	// they add up to more than 1. They are 0 where Valid is false.
	Greater, Less []float64
	// Valid says whether there is a p-value.
	Valid []bool
	// Reason says why there is none; it is the Reason of Gi. A cell next to
	// all others, whose lag cannot vary, has p = 1 in every direction and
	// carries DegenerateNeighbourhood as a warning; Gi has no value there.
	Reason []Reason
	// Draws is the number of permutations, 0 for an exact result.
	Draws int
}

// P returns the p-value of each cell; 0 where Valid is false. TwoSided is
// min(1, 2 min(Greater, Less)).
func (r *Permutation) P(side Side) []float64 {
	p := make([]float64, len(r.Valid))
	for i := range p {
		switch side {
		case Greater:
			p[i] = r.Greater[i]
		case Less:
			p[i] = r.Less[i]
		default:
			p[i] = min(1, 2*min(r.Greater[i], r.Less[i]))
		}
	}
	return p
}

// Toward returns the two-sided p-value of each cell as evidence of a direction, that of
// its statistic z: twice Greater where z is above 0, else twice Less, up to 1; 0 where
// Valid is false. The tails are of what the neighbours hold, and z may hold the cell's
// own value too: a cell of a thousand among empty ones has a large Gi*, and what is
// improbable about it is how little its neighbours have. So z decides what is said, and
// the tail on its side whether.
func (r *Permutation) Toward(z []float64) []float64 {
	p := make([]float64, len(r.Valid))
	for i := range p {
		tail := r.Less[i]
		if z[i] > 0 {
			tail = r.Greater[i]
		}
		p[i] = min(1, 2*tail)
	}
	return p
}

// clone returns a copy of r.
func (r Permutation) clone() Permutation {
	r.Greater, r.Less = slices.Clone(r.Greater), slices.Clone(r.Less)
	r.Valid, r.Reason = slices.Clone(r.Valid), slices.Clone(r.Reason)
	return r
}

// newPermutation makes the columns for g and fills in what takes no draws.
// tested says which cells remain to be done.
func newPermutation(ctx context.Context, g *getisOrd) (r Permutation, tested []bool, err error) {
	n := len(g.x)
	r = Permutation{
		Greater: make([]float64, n), Less: make([]float64, n),
		Valid: make([]bool, n), Reason: make([]Reason, n),
	}
	tested = make([]bool, n)
	err = share(ctx, n, rowsPerShare, func(from, to int) {
		for i := from; i < to; i++ {
			r.Valid[i], r.Reason[i] = g.eligible(i)
			tested[i] = r.Valid[i]
			if r.Valid[i] && g.degenerate(g.weightSums(i)) {
				r.Reason[i], tested[i] = DegenerateNeighbourhood, false
				r.Greater[i], r.Less[i] = 1, 1
			}
		}
	})
	return r, tested, err
}

// weightSums returns W and S1 of row i.
func (g *getisOrd) weightSums(i int) (r neighbourhood) {
	neighbours, weights := g.w.Row(i)
	if weights == nil {
		r.weight = float64(len(neighbours))
		r.squares = r.weight
		return r
	}
	for _, w := range weights {
		r.weight += w
		r.squares += w * w
	}
	return r
}
