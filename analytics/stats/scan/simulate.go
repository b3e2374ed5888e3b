package scan

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/civgrid/civgrid/analytics/stats"
)

// defaultSimulations makes the smallest p 1 in 1,000.
const defaultSimulations = 999

// perRound is how many simulations there are between two looks at whether more can
// change anything.
const perRound = 100

// simulate returns the largest ratio of each simulation, ascending. It stops early
// as Options says, after a whole round, so that the number of processors does not
// matter; top is the largest ratio observed.
func (m *model) simulate(ctx context.Context, o Options, top float64) ([]float64, error) {
	if o.Simulations <= 0 {
		o.Simulations = defaultSimulations
	}
	largest := make([]float64, 0, o.Simulations)
	exceeding := 0
	settled := func() bool { return o.Enough > 0 && exceeding >= o.Enough && 5*exceeding >= len(largest) }
	for len(largest) < o.Simulations && !settled() {
		done := len(largest)
		largest = largest[:min(done+perRound, o.Simulations)]
		if err := m.simulateRound(ctx, o, largest, done); err != nil {
			return nil, err
		}
		for _, ratio := range largest[done:] {
			if ratio >= top*(1-tie) {
				exceeding++
			}
		}
	}
	slices.Sort(largest)
	return largest, nil
}

// simulateRound fills in the simulations from number first on.
func (m *model) simulateRound(ctx context.Context, o Options, largest []float64, first int) error {
	var next, done atomic.Int64
	next.Store(int64(first))
	done.Store(int64(first))
	var telling sync.Mutex
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(largest)-first) {
		workers.Go(func() {
			bins := make([]int32, m.zones.cells*m.steps)
			vectors, room := make([]int32, m.zones.cells*m.length), make([]int32, m.length)
			for {
				number := next.Add(1) - 1
				if number >= int64(len(largest)) || ctx.Err() != nil {
					return
				}
				stream := stats.NewStream(o.Seed, uint64(number))
				clear(bins)
				m.draw(&stream, bins)
				largest[number] = m.largest(m.vectors(bins, vectors), room)
				if o.Progress != nil {
					telling.Lock()
					o.Progress(int(done.Add(1)), o.Simulations)
					telling.Unlock()
				}
			}
		})
	}
	workers.Wait()
	return ctx.Err()
}

// An alias table draws numbers with given weights in constant time (Walker 1977;
// Vose 1991).
type alias struct {
	keep  []float64 // share of a slot that is its own
	other []int32
}

func newAlias(weights []float64) alias {
	n := len(weights)
	total := 0.0
	for _, w := range weights {
		total += w
	}
	a := alias{keep: make([]float64, n), other: make([]int32, n)}
	var small, large []int32
	for i, w := range weights {
		a.keep[i], a.other[i] = w*float64(n)/total, int32(i)
		if a.keep[i] < 1 {
			small = append(small, int32(i))
		} else {
			large = append(large, int32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		less, more := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.other[less] = more
		a.keep[more] -= 1 - a.keep[less]
		if a.keep[more] < 1 {
			large = large[:len(large)-1]
			small = append(small, more)
		}
	}
	for _, i := range small { // rounding left these a hair below 1
		if weights[i] > 0 {
			a.keep[i] = 1
		}
	}
	return a
}

func (a alias) draw(s *stats.Stream) int32 {
	i := s.Below(uint32(len(a.keep)))
	if float64(s.Uint64()>>11)*(1.0/(1<<53)) < a.keep[i] {
		return int32(i)
	}
	return a.other[i]
}

// drawWithout adds n of the owners, drawn without replacement, to their bins.
func drawWithout(s *stats.Stream, owner []int32, n int64, bins []int32) {
	want, sign := n, int32(1)
	if 2*n > int64(len(owner)) { // the rest is fewer
		want, sign = int64(len(owner))-n, -1
		for _, cell := range owner {
			bins[cell]++
		}
	}
	seen := make([]uint64, (len(owner)+63)/64)
	for want > 0 {
		at := s.Below(uint32(len(owner)))
		if seen[at/64]&(1<<(at%64)) != 0 {
			continue
		}
		seen[at/64] |= 1 << (at % 64)
		bins[owner[at]] += sign
		want--
	}
}

// shuffle adds the events to bins with their times permuted (Fisher and Yates).
func shuffle(s *stats.Stream, owner, when []int32, steps int, bins []int32) {
	permuted := slices.Clone(when)
	for i := len(permuted) - 1; i >= 0; i-- {
		j := s.Below(uint32(i + 1))
		permuted[i], permuted[j] = permuted[j], permuted[i]
		bins[int(owner[i])*steps+int(permuted[i])]++
	}
}
