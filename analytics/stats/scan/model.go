package scan

import (
	"fmt"
	"math"

	"github.com/civgrid/civgrid/analytics/stats"
)

// A span is some steps on end.
type span struct {
	first, last int
	share       float64 // of what is expected in a zone
}

// A model says what is expected where, and how to simulate it.
type model struct {
	zones  *Zones
	steps  int
	events []int32 // by bin
	total  int64
	low    bool

	spans  []span
	back   bool      // every span reaches to the last step
	length int       // of the vector of each cell
	share  []float64 // of each zone of what is expected
	trials []float64 // of each zone, for cases among trials; else nil
	all    float64   // trials in all

	draw func(*stats.Stream, []int32) // fills the bins of a simulation
}

func newModel(z *Zones, steps int, c *Cube, events []int64, o Options) (*model, error) {
	if steps < 1 {
		return nil, fmt.Errorf("%d steps: want 1 or more", steps)
	}
	total, err := checkEvents(events, z.cells*steps)
	if err != nil {
		return nil, err
	}
	m := &model{zones: z, steps: steps, events: make([]int32, len(events)), total: total, low: o.Low}
	for i, n := range events {
		m.events[i] = int32(n)
	}
	longest := 1
	if c != nil {
		if longest = c.Longest; longest <= 0 {
			longest = max(steps/2, 1)
		}
		longest = min(longest, steps)
	}
	m.length = steps
	switch {
	case c != nil && c.Prospective:
		m.back, m.length = true, longest
		for n := 1; n <= longest; n++ {
			m.spans = append(m.spans, span{first: steps - n, last: steps - 1})
		}
	default:
		for first := range steps {
			for last := first; last < min(first+longest, steps); last++ {
				m.spans = append(m.spans, span{first: first, last: last})
			}
		}
	}
	for i := range m.spans {
		m.spans[i].share = float64(m.spans[i].last-m.spans[i].first+1) / float64(steps)
	}
	return m, nil
}

// vectors turns bins into one vector for each cell, from which every span follows:
// the sums of the first 1, 2, … steps or, for spans that reach to the last step, of
// the last 1, 2, … ones.
func (m *model) vectors(bins, into []int32) []int32 {
	if into == nil {
		into = make([]int32, m.zones.cells*m.length)
	}
	for cell := range m.zones.cells {
		steps, vector := bins[cell*m.steps:(cell+1)*m.steps], into[cell*m.length:(cell+1)*m.length]
		sum := int32(0)
		for k := range vector {
			if m.back {
				sum += steps[m.steps-1-k]
			} else {
				sum += steps[k]
			}
			vector[k] = sum
		}
	}
	return into
}

// count returns the events of a span from the sums of a zone.
func (m *model) count(sums []int32, number int) int64 {
	if m.back {
		return int64(sums[number])
	}
	s := m.spans[number]
	n := sums[s.last]
	if s.first > 0 {
		n -= sums[s.first-1]
	}
	return int64(n)
}

// expected returns the events expected in a zone and span; for cases among trials
// those at the rate of all.
func (m *model) expected(zone, number int) float64 {
	return float64(m.total) * m.share[zone] * m.spans[number].share
}

// ratio returns the logarithm of the likelihood ratio, 0 on the side not looked at.
func (m *model) ratio(zone int, c int64, mu float64) float64 {
	seen := float64(c)
	if (seen <= mu) != m.low || seen == mu {
		return 0
	}
	if m.trials != nil {
		return BernoulliRatio(seen, m.trials[zone], float64(m.total), m.all)
	}
	return PoissonRatio(seen, mu, float64(m.total))
}

// each visits every zone and span.
func (m *model) each(vectors []int32, visit func(zone, span int, c int64, ratio float64)) {
	m.sweep(vectors, make([]int32, m.length), func(zone int, sums []int32) {
		for number := range m.spans {
			c := m.count(sums, number)
			visit(zone, number, c, m.ratio(zone, c, m.expected(zone, number)))
		}
	})
}

// sweep visits every zone with the sum of the vectors of its cells, for which it
// uses room.
func (m *model) sweep(vectors, room []int32, visit func(zone int, sums []int32)) {
	z := m.zones
	centre, done := int32(-1), int32(0)
	for i, at := range z.zones {
		if at.centre != centre {
			centre, done = at.centre, z.starts[at.centre]
			clear(room)
		}
		for ; done < z.starts[centre]+at.size; done++ {
			cell := int(z.members[done])
			for k, n := range vectors[cell*m.length : (cell+1)*m.length] {
				room[k] += n
			}
		}
		visit(i, room)
	}
}

// largest returns the largest ratio anywhere.
func (m *model) largest(vectors, room []int32) float64 {
	best, total := 0.0, float64(m.total)
	m.sweep(vectors, room, func(zone int, sums []int32) {
		for number := range m.spans {
			c, mu := m.count(sums, number), m.expected(zone, number)
			over := float64(c) - mu
			if m.trials == nil && total*over*over <= best*mu*(total-mu) {
				continue // ln x ≤ x-1 bounds the ratio
			}
			best = max(best, m.ratio(zone, c, mu))
		}
	})
	return best
}

// byPopulation expects events by population and deals them so.
func (m *model) byPopulation(population []float64) error {
	if len(population) != m.zones.cells {
		return fmt.Errorf("%w: %d cells and %d populations", stats.ErrLength, m.zones.cells, len(population))
	}
	all := 0.0
	for cell, v := range population {
		if !(v >= 0) || math.IsInf(v, 1) {
			return &stats.ValueError{Row: cell, Value: v, Why: "want a population of 0 or more"}
		}
		for step := range m.steps {
			if v == 0 && m.events[cell*m.steps+step] > 0 {
				return &stats.ValueError{Row: cell, Value: v, Why: "want a population where there are events"}
			}
		}
		all += v
	}
	m.share = m.zones.sums(population)
	for i := range m.share {
		m.share[i] /= max(all, math.SmallestNonzeroFloat64)
	}
	table := newAlias(population)
	m.draw = func(s *stats.Stream, bins []int32) {
		for range m.total {
			bin := int(table.draw(s)) * m.steps
			if m.steps > 1 {
				bin += int(s.Below(uint32(m.steps)))
			}
			bins[bin]++
		}
	}
	return nil
}

// byTrials expects cases among trials and deals them so.
func (m *model) byTrials(cases, trials []int64) error {
	all, err := checkEvents(trials, m.zones.cells)
	if err != nil {
		return err
	}
	weights, owner := make([]float64, len(trials)), make([]int32, 0, all)
	for cell, n := range trials {
		if cases[cell] > n {
			return &stats.ValueError{Row: cell, Value: float64(cases[cell]), Why: "want no more cases than trials"}
		}
		weights[cell] = float64(n)
		for range n {
			owner = append(owner, int32(cell))
		}
	}
	m.all, m.trials = float64(all), m.zones.sums(weights)
	m.share = make([]float64, len(m.trials))
	for i, n := range m.trials {
		m.share[i] = n / max(m.all, 1)
	}
	m.draw = func(s *stats.Stream, bins []int32) { drawWithout(s, owner, m.total, bins) }
	return nil
}

// maxPermuted bounds the events whose times are permuted: 4 bytes each for every
// goroutine.
const maxPermuted = 50_000_000

// byPermutation expects zone and span to be independent.
func (m *model) byPermutation(events []int64) error {
	if m.total > maxPermuted {
		return fmt.Errorf("%w: %d, at most %d", ErrTooMany, m.total, maxPermuted)
	}
	cells, inStep := make([]float64, m.zones.cells), make([]float64, m.steps)
	owner, when := make([]int32, 0, m.total), make([]int32, 0, m.total)
	for bin, n := range events {
		cells[bin/m.steps] += float64(n)
		inStep[bin%m.steps] += float64(n)
		for range n {
			owner, when = append(owner, int32(bin/m.steps)), append(when, int32(bin%m.steps))
		}
	}
	m.share = m.zones.sums(cells)
	for i := range m.share {
		m.share[i] /= max(float64(m.total), 1)
	}
	for i := range m.spans {
		sum := 0.0
		for step := m.spans[i].first; step <= m.spans[i].last; step++ {
			sum += inStep[step]
		}
		m.spans[i].share = sum / max(float64(m.total), 1)
	}
	m.draw = func(s *stats.Stream, bins []int32) { shuffle(s, owner, when, m.steps, bins) }
	return nil
}
