package stats

import (
	"context"
	"math"
	"slices"
)

// draws are the shared samples of a Monte Carlo test and where each cell occurs in
// them.
type draws struct {
	g            *getisOrd
	permutations int       // P
	width        int       // cells per sample
	samples      []int32   // P rows of width distinct cells
	values       []float64 // what they hold
	starts       []int32   // cell i is at samples[places[starts[i]:starts[i+1]]]
	places       []int32   // ascending for each cell
	progress     progress  // of the cells tested
}

// samplesPerShare is how many samples a processor draws at a time.
const samplesPerShare = 256

// draw makes the samples, each from its own stream of random numbers.
func draw(ctx context.Context, g *getisOrd, tested []bool, o MonteCarloOptions) (*draws, error) {
	d := &draws{g: g, permutations: o.Permutations, width: 1, progress: progress{tell: o.Progress}}
	if d.permutations <= 0 {
		d.permutations = defaultPermutations
	}
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
	d.samples = make([]int32, d.permutations*d.width)
	d.values = make([]float64, len(d.samples))
	err := shareWith(ctx, d.permutations, samplesPerShare, func() func(from, to int) error {
		seen := make([]int32, len(cells)) // the last permutation that drew each, from 1
		return func(from, to int) error {
			for p := from; p < to; p++ {
				stream := NewStream(o.Seed, uint64(p))
				d.drawOne(p, &stream, cells, seen)
			}
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	d.invert()
	return d, nil
}

// drawOne makes sample p.
func (d *draws) drawOne(p int, stream *Stream, cells, seen []int32) {
	for at, end := p*d.width, (p+1)*d.width; at < end; {
		pick := stream.Below(uint32(len(cells)))
		if seen[pick] != int32(p+1) {
			seen[pick] = int32(p + 1)
			d.samples[at], d.values[at] = cells[pick], d.g.x[cells[pick]]
			at++
		}
	}
}

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
	above, below := 0, 0 // the observed, beyond rounding
	for p := range d.permutations {
		sum := d.sum(p, weights)
		var more, fewer int // set without a branch: neither is foreseeable
		if sum > high {
			more = 1
		}
		if sum < low {
			fewer = 1
		}
		above, below = above+more, below+fewer
	}
	n = counts{greater: d.permutations - below, less: d.permutations - above}
	d.correct(&n, i, weights, low, high)
	return n
}

// countShared looks cell i up in the sums in ascending order. The result equals
// that of countEach.
func (d *draws) countShared(i int32, weights []float64, low, high float64, sorted []float64) (n counts) {
	below, _ := slices.BinarySearch(sorted, low)
	n.greater = len(sorted) - below
	n.less = below
	if rest := sorted[below:]; len(rest) > 0 && rest[0] <= high {
		equal, _ := slices.BinarySearch(rest, math.Nextafter(high, math.Inf(1)))
		n.less += equal
	}
	d.correct(&n, i, weights, low, high)
	return n
}

// correct puts the spare cell in place of cell i in the sums that contain it.
func (d *draws) correct(n *counts, i int32, weights []float64, low, high float64) {
	for _, at := range d.places[d.starts[i]:d.starts[i+1]] {
		if p, k := int(at)/d.width, int(at)%d.width; k < len(weights) {
			n.add(d.sum(p, weights), low, high, -1)
			n.add(d.sumWithout(p, weights, k), low, high, 1)
		}
	}
}

// sum returns the lag of sample p under the given weights.
func (d *draws) sum(p int, weights []float64) float64 {
	values := d.values[p*d.width:][:len(weights)]
	lag := 0.0
	for k, v := range values {
		lag += weights[k] * v
	}
	return lag
}

// sumWithout is sum with the spare cell in place of the one at position out.
func (d *draws) sumWithout(p int, weights []float64, out int) float64 {
	values := d.values[p*d.width:][:len(weights)+1]
	lag := 0.0
	for k, w := range weights {
		if k == out {
			lag += w * values[len(weights)]
		} else {
			lag += w * values[k]
		}
	}
	return lag
}
