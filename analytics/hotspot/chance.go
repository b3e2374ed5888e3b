package hotspot

import (
	"math"

	"github.com/civgrid/civgrid/analytics/stats"
)

// chance is what chance alone makes of something that happens more often in some
// rows than in others because they rest on more: cases, inhabitants, hours waited.
// It has one entry for each row.
type chance struct {
	seen     []float64 // how often it happened
	due      []float64 // how often it would have
	variance []float64 // of that, where rows do not differ
	skew     []float64 // its third central moment, likewise
	exposure []float64 // what it rests on
	// excess is the variance of what happens by exposure, beyond chance.
	excess float64
	// fewer says that rows are hot where it happens less often than elsewhere.
	fewer bool
}

func newChance(rows int) *chance {
	return &chance{
		seen: make([]float64, rows), due: make([]float64, rows),
		variance: make([]float64, rows), skew: make([]float64, rows), exposure: make([]float64, rows),
	}
}

// byExposure spreads what happened in valid rows over them by exposure, as many
// independent events, each of which falls somewhere.
func byExposure(seen, exposure []float64, valid []bool) *chance {
	c := newChance(len(seen))
	events, all := 0.0, 0.0
	for row, ok := range valid {
		if ok {
			c.seen[row], c.exposure[row] = seen[row], exposure[row]
			events, all = events+seen[row], all+exposure[row]
		}
	}
	for row, ok := range valid {
		if ok && all > 0 {
			c.expect(row, events, exposure[row]/all)
		}
	}
	c.settle(valid)
	return c
}

// expect adds trials that succeed with probability share, each by itself.
func (c *chance) expect(row int, trials, share float64) {
	variance := trials * share * (1 - share)
	c.due[row] += trials * share
	c.variance[row] += variance
	c.skew[row] += variance * (1 - 2*share)
}

// settle finds the excess by the moments of Marshall (1991, Appl. Stat. 40:283-294),
// with O, E and V seen, due and variance, and n the exposure:
//
//	τ² = max(0, Σ ((O-E)² - V)/n / Σ n)
//
// With V = E it is what Assunção and Reis (1999) call a. Spots are part of it. To draw
// in the rows that stand out, as for a funnel, would leave less of it than there is,
// and show spots where rows merely differ.
func (c *chance) settle(valid []bool) {
	sum, all := 0.0, 0.0
	for row, n := range c.exposure {
		if valid[row] && n > 0 {
			off := c.seen[row] - c.due[row]
			sum += (off*off - c.variance[row]) / n
			all += n
		}
	}
	if all > 0 {
		c.excess = max(0, sum/all)
	}
}

// deviate returns the standard deviate of a row, (O-E) / sqrt(V + n² τ²), with its
// sign so that the hot are positive. There is none where nothing can vary.
func (c *chance) deviate(row int) (z float64, ok bool) {
	variance := c.variance[row] + c.excess*c.exposure[row]*c.exposure[row]
	if !(c.variance[row] > 0) {
		return 0, false
	}
	off := c.seen[row] - c.due[row]
	if c.fewer {
		off = -off
	}
	return off / math.Sqrt(variance), true
}

// compare takes the deviates of the rows that are looked at.
func (m *measured) compare(looked []bool) {
	for row, ok := range looked {
		if ok {
			z, varies := m.chance.deviate(row)
			m.take(row, z, varies, stats.ZeroVariance.String())
		}
	}
}

// p returns the probability that chance makes a row and its neighbours as hot, or
// as cold, as they are, doubled up to 1. What is due to them together has a
// binomial distribution, moved so that mean, variance and skew are the right ones
// (Peköz, Röllin, Čekanavičius and Shwom 2009, J. Appl. Probab. 46:1073-1085). As rows
// differ beyond chance, events and trials are divided by how much more the sum scatters
// than chance has it (Rao and Scott 1992); events then come in steps smaller than 1, by
// which half a step is taken off, not half of 1.
func (c *chance) p(row int, neighbours []int32, valid []bool, hot bool) float64 {
	var seen, due, variance, skew, excess float64
	add := func(row int) {
		if valid[row] {
			seen += c.seen[row]
			due += c.due[row]
			variance += c.variance[row]
			skew += c.skew[row]
			excess += c.excess * c.exposure[row] * c.exposure[row]
		}
	}
	add(row)
	for _, n := range neighbours {
		add(int(n))
	}
	if !(variance > 0) {
		return 1
	}
	share := (1 - skew/variance) / 2
	trials := variance / (share * (1 - share))
	events, effect, side := seen-(due-trials*share), 1+excess/variance, stats.Less
	events, trials = events/effect, trials/effect
	half := (1 - 1/effect) / 2
	if hot != c.fewer {
		side, events = stats.Greater, events+half
	} else {
		events -= half
	}
	return min(1, 2*stats.BinomialP(min(max(events, 0), trials), trials, share, side))
}
