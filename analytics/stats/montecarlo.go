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

	// cellsPerShare is how many cells a processor takes at a time.
	cellsPerShare = 64
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
// sorted list and a look-up. Cells with weights of their own are added up one
// by one, in P k steps each.
//
// The error is ErrLength, a *ValueError, or that of ctx.
func PermutationMonteCarlo(ctx context.Context, x []float64, valid []bool, w Weights, o MonteCarloOptions) (Permutation, error) {
	g, err := newGetisOrd(x, valid, w, false)
	if err != nil {
		return Permutation{}, fmt.Errorf("compute permutation: %w", err)
	}
	if o.Permutations <= 0 {
		o.Permutations = defaultPermutations
	}
	r, tested, err := newPermutation(ctx, &g)
	r.Draws = o.Permutations
	var d *draws
	if err == nil {
		d, err = draw(ctx, &g, tested, o)
	}
	for _, s := range signatures(&g, tested) {
		if err == nil {
			err = d.test(ctx, s, &r)
		}
	}
	if err != nil {
		return Permutation{}, fmt.Errorf("compute permutation: %w", err)
	}
	return r, nil
}

// set makes p-values of what was counted.
func (r *Permutation) set(i int, n counts) {
	draws := float64(r.Draws) + 1
	r.Greater[i] = float64(n.greater+1) / draws
	r.Less[i] = float64(n.less+1) / draws
}

// A signature is what the distribution of a lag depends on besides the cell's
// own value: the weights of its row, in descending order.
type signature struct {
	weights []float64
	cells   []int32
}

// signatures groups the tested cells, in order of the first of each group.
func signatures(g *getisOrd, tested []bool) []signature {
	var groups []signature
	index := make(map[string]int)
	var key []byte
	var weights []float64
	for i, ok := range tested {
		if !ok {
			continue
		}
		weights = signatureWeights(weights[:0], g.w, i)
		key = key[:0]
		for _, v := range weights {
			key = binary.LittleEndian.AppendUint64(key, math.Float64bits(v))
		}
		at, known := index[string(key)]
		if !known {
			at = len(groups)
			index[string(key)] = at
			groups = append(groups, signature{weights: slices.Clone(weights)})
		}
		groups[at].cells = append(groups[at].cells, int32(i))
	}
	return groups
}

// signatureWeights appends the weights of row i to dst, the largest first.
func signatureWeights(dst []float64, w Weights, i int) []float64 {
	_, weights := w.Row(i)
	if weights == nil {
		for range w.Degree(i) {
			dst = append(dst, 1)
		}
		return dst
	}
	dst = append(dst, weights...)
	slices.Sort(dst)
	slices.Reverse(dst)
	return dst
}

// draws are the shared samples and where each cell occurs in them.
type draws struct {
	g       *getisOrd
	width   int     // cells per sample
	samples []int32 // P rows of width distinct cells
	starts  []int32 // cell i is at samples[places[starts[i]:starts[i+1]]]
	places  []int32 // ascending for each cell
	sums    []float64
	sorted  []float64
}

// draw makes the samples, each from its own stream of random numbers.
func draw(ctx context.Context, g *getisOrd, tested []bool, o MonteCarloOptions) (*draws, error) {
	d := &draws{g: g, width: 1}
	for i, ok := range tested {
		if ok {
			d.width = max(d.width, g.w.Degree(i)+1)
		}
	}
	if d.width == 1 {
		return d, nil
	}
	cells := make([]int32, 0, g.m.n)
	for i := range g.x {
		if present(g.valid, i) {
			cells = append(cells, int32(i))
		}
	}
	d.samples = make([]int32, o.Permutations*d.width)
	err := share(ctx, o.Permutations, samplesPerShare, func(from, to int) {
		seen := make([]int32, len(cells)) // 1 more than the last permutation that drew each
		for p := from; p < to; p++ {
			stream := NewStream(o.Seed, uint64(p))
			sample := d.samples[p*d.width : (p+1)*d.width]
			for drawn := 0; drawn < len(sample); {
				at := stream.Below(uint32(len(cells)))
				if seen[at] != int32(p+1) {
					seen[at] = int32(p + 1)
					sample[drawn] = cells[at]
					drawn++
				}
			}
		}
	})
	d.sums = make([]float64, o.Permutations)
	d.sorted = make([]float64, o.Permutations)
	d.invert()
	return d, err
}

// samplesPerShare is how many samples a processor draws before it makes room for
// more.
const samplesPerShare = 5000

// invert notes where each cell was drawn.
func (d *draws) invert() {
	d.starts = make([]int32, len(d.g.x)+1)
	for _, i := range d.samples {
		d.starts[i+1]++
	}
	for k := 1; k < len(d.starts); k++ {
		d.starts[k] += d.starts[k-1]
	}
	d.places = make([]int32, len(d.samples))
	next := slices.Clone(d.starts)
	for at, i := range d.samples {
		d.places[next[i]] = int32(at)
		next[i]++
	}
}

// test fills in the p-values of the cells of one signature.
func (d *draws) test(ctx context.Context, s signature, r *Permutation) error {
	shared := len(s.cells) >= sharingPays
	if shared {
		err := share(ctx, len(d.sums), samplesPerShare, func(from, to int) {
			for p := from; p < to; p++ {
				d.sums[p] = d.sum(p, s.weights, -1)
			}
		})
		if err != nil {
			return err
		}
		copy(d.sorted, d.sums)
		slices.Sort(d.sorted)
	}
	total := 0.0
	for _, w := range s.weights {
		total += w
	}
	tie := tieShare * total * max(math.Abs(d.g.m.min), math.Abs(d.g.m.max))
	return share(ctx, len(s.cells), cellsPerShare, func(from, to int) {
		for _, i := range s.cells[from:to] {
			lag := d.g.sums(int(i), centre{}).lag
			if shared {
				r.set(int(i), d.countShared(i, s.weights, lag-tie, lag+tie))
			} else {
				r.set(int(i), d.countEach(i, s.weights, lag-tie, lag+tie))
			}
		}
	})
}

// counts are the numbers of sums at or above, and at or below, the observed.
type counts struct{ greater, less int }

// add counts a sum, or with sign -1 takes it back.
func (n *counts) add(sum, low, high float64, sign int) {
	if sum >= low {
		n.greater += sign
	}
	if sum <= high {
		n.less += sign
	}
}

// countEach adds up all sums for cell i.
func (d *draws) countEach(i int32, weights []float64, low, high float64) (n counts) {
	for p := range d.sums {
		n.add(d.sum(p, weights, i), low, high, 1)
	}
	return n
}

// countShared looks the cell up in the sorted sums and then corrects for the
// sums that contain it. The result equals that of countEach.
func (d *draws) countShared(i int32, weights []float64, low, high float64) (n counts) {
	below, _ := slices.BinarySearch(d.sorted, low)
	n.greater = len(d.sorted) - below
	n.less, _ = slices.BinarySearch(d.sorted, math.Nextafter(high, math.Inf(1)))
	for _, at := range d.places[d.starts[i]:d.starts[i+1]] {
		p, k := int(at)/d.width, int(at)%d.width
		if k < len(weights) {
			n.add(d.sums[p], low, high, -1)
			n.add(d.sum(p, weights, i), low, high, 1)
		}
	}
	return n
}

// sum returns the lag of sample p under the given weights, for a cell that
// must not be part of it itself (-1 for none).
func (d *draws) sum(p int, weights []float64, self int32) float64 {
	sample := d.samples[p*d.width:][:len(weights)+1]
	spare := sample[len(weights)]
	lag := 0.0
	for k, w := range weights {
		j := sample[k]
		if j == self {
			j = spare
		}
		lag += w * d.g.x[j]
	}
	return lag
}
