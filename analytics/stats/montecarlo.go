package stats

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

const (
	// defaultPermutations makes the smallest p-value 1 in 10,000.
	defaultPermutations = 9_999

	// sharingPays is the number of cells of one signature from which sorting
	// their common sums is cheaper than adding them up cell by cell.
	sharingPays = 16

	// tieShare is the relative size, against the largest sum there could be,
	// below which two sums are equal but for rounding.
	tieShare = 1e-12

	// singlesPerShare is how many cells a processor takes at a time where each
	// takes some ten microseconds.
	singlesPerShare = 64
)

// MonteCarloOptions tune PermutationMonteCarlo. The zero value is ready for
// use.
type MonteCarloOptions struct {
	// Permutations is the number of draws, P. The smallest p-value is
	// 1/(P+1), so to report R of m cells at a false discovery rate a, P must
	// be at least m/(a R) - 1. Zero means 9,999.
	Permutations int
	// Seed selects the draws. Every seed, zero included, is as good as any.
	Seed uint64
	// Progress is told how many cells are done. Nil tells nobody. It is called
	// by one goroutine at a time.
	Progress func(done, of int)
}

// PermutationMonteCarlo estimates the conditional permutation p-values of Gi
// and Gi* for any finite values and any weights, from P random draws without
// replacement:
//
//	Greater = (#(lag drawn >= lag observed) + 1) / (P + 1)
//
// and Less likewise (Phipson and Smyth 2010). Use ExactPermutation for counts
// with binary weights. Row i of valid says whether x[i] is an observation;
// nil means that all are. Equal input and options give equal bits.
//
// Draws are shared: each permutation picks one more cell than the largest
// neighbourhood has. A cell of k neighbours takes the first k of them; should
// it be among those, the next one stands in for it, which is again an even
// draw from the other cells. Cells with the same weights (the same signature)
// have all sums in common save the few that contain them, so they need one
// sorted list and a look-up: for n cells O(n log P + P k) and O(P log P) for
// each signature. Cells with weights of their own are added up one by one, in P
// k steps each.
//
// The error is ErrLength, a *ValueError, or that of ctx.
func PermutationMonteCarlo(ctx context.Context, x []float64, valid []bool, w Weights, o MonteCarloOptions) (Permutation, error) {
	g, err := newGetisOrd(x, valid, w, false)
	if err != nil {
		return Permutation{}, fmt.Errorf("compute permutation: %w", err)
	}
	r, tested, err := newPermutation(ctx, &g)
	var d *draws
	if err == nil {
		d, err = draw(ctx, &g, tested, o)
	}
	if err == nil {
		r.Draws = d.permutations
		err = d.test(ctx, signatures(&g, tested), &r)
	}
	if err != nil {
		return Permutation{}, fmt.Errorf("compute permutation: %w", err)
	}
	return r, nil
}

// A signature is what the distribution of a lag depends on besides the cell's
// own value: the weights of its row, in descending order.
type signature struct {
	weights []float64
	cells   []int32
}

// signatures groups the tested cells, in order of the first of each group. Most
// rows have the weights of an earlier one in the same order, and are known
// without sorting.
func signatures(g *getisOrd, tested []bool) []signature {
	var groups []signature
	rows, sorted := make(map[string]int), make(map[string]int)
	var key []byte
	var weights []float64
	for i, ok := range tested {
		if !ok {
			continue
		}
		weights = appendWeights(weights[:0], g.w, i)
		key = appendKey(key[:0], weights)
		at, known := rows[string(key)]
		if !known {
			row := string(key)
			descend(weights)
			key = appendKey(key[:0], weights)
			if at, known = sorted[string(key)]; !known {
				at = len(groups)
				sorted[string(key)] = at
				groups = append(groups, signature{weights: slices.Clone(weights)})
			}
			rows[row] = at
		}
		groups[at].cells = append(groups[at].cells, int32(i))
	}
	return groups
}

// appendWeights appends the weights of row i to dst.
func appendWeights(dst []float64, w Weights, i int) []float64 {
	_, weights := w.Row(i)
	for k := range w.Degree(i) {
		dst = append(dst, weightAt(weights, k))
	}
	return dst
}

// descend sorts weights, the largest first.
func descend(weights []float64) {
	slices.Sort(weights)
	slices.Reverse(weights)
}

// appendKey appends the bits of weights to dst.
func appendKey(dst []byte, weights []float64) []byte {
	for _, v := range weights {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
	}
	return dst
}

// test fills in the p-values of all cells: signature by signature where sharing
// pays, then the others cell by cell.
func (d *draws) test(ctx context.Context, all []signature, r *Permutation) error {
	var shared []signature
	var singles []int32
	for _, s := range all {
		d.progress.of += len(s.cells)
		if len(s.cells) >= sharingPays {
			shared = append(shared, s)
		} else {
			singles = append(singles, s.cells...)
		}
	}
	err := shareWith(ctx, len(shared), 1, func() func(from, to int) error {
		sums := make([]float64, d.permutations)
		return func(at, _ int) error {
			for p := range sums {
				sums[p] = d.sum(p, shared[at].weights)
			}
			slices.Sort(sums)
			return d.testShared(ctx, shared[at], sums, r)
		}
	})
	if err != nil {
		return err
	}
	return shareWith(ctx, len(singles), singlesPerShare, func() func(from, to int) error {
		var weights []float64
		return func(from, to int) error {
			for _, i := range singles[from:to] {
				weights = appendWeights(weights[:0], d.g.w, int(i))
				descend(weights)
				low, high := d.observed(i, weights)
				r.set(i, d.countEach(i, weights, low, high))
			}
			d.progress.add(to - from)
			return nil
		}
	})
}

// testShared fills in the p-values of the cells of one signature from their sums
// in ascending order.
func (d *draws) testShared(ctx context.Context, s signature, sums []float64, r *Permutation) error {
	return share(ctx, len(s.cells), rowsPerShare, func(from, to int) {
		for _, i := range s.cells[from:to] {
			low, high := d.observed(i, s.weights)
			r.set(i, d.countShared(i, s.weights, low, high, sums))
		}
		d.progress.add(to - from)
	})
}

// observed returns the lag of cell i, give or take rounding.
func (d *draws) observed(i int32, weights []float64) (low, high float64) {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	tie := tieShare * total * max(math.Abs(d.g.m.min), math.Abs(d.g.m.max))
	lag := d.g.sums(int(i), centre{}).lag
	return lag - tie, lag + tie
}

// set makes p-values of what was counted.
func (r *Permutation) set(i int32, n counts) {
	draws := float64(r.Draws) + 1
	r.Greater[i] = float64(n.greater+1) / draws
	r.Less[i] = float64(n.less+1) / draws
}
