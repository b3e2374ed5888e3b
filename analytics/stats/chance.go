package stats

import "math"

// Chance is what chance alone makes of something that happens more often in some
// rows than in others because they rest on more: cases, inhabitants, hours waited.
// Its columns have one entry for each row.
type Chance struct {
	Seen     []float64 // how often it happened
	Due      []float64 // how often it would have
	Exposure []float64 // what it rests on, in any unit
	variance []float64 // of Due, where rows do not differ
	skew     []float64 // its third central moment, likewise
	// excess is the variance of what happens by exposure, beyond chance.
	excess float64
	// Fewer says that rows stand out where it happens less often than elsewhere.
	Fewer bool
}

// NewChance returns a Chance of rows in which nothing happens and nothing is due. Fill
// in Seen and Exposure, call Expect for what is due, and then Settle.
func NewChance(rows int) *Chance {
	return &Chance{
		Seen: make([]float64, rows), Due: make([]float64, rows),
		variance: make([]float64, rows), skew: make([]float64, rows), Exposure: make([]float64, rows),
	}
}

// ByExposure spreads what happened in valid rows over them by exposure, as many
// independent events, each of which falls somewhere. It is settled.
func ByExposure(seen, exposure []float64, valid []bool) *Chance {
	c := NewChance(len(seen))
	events, all := 0.0, 0.0
	for row, ok := range valid {
		if ok {
			c.Seen[row], c.Exposure[row] = seen[row], exposure[row]
			events, all = events+seen[row], all+exposure[row]
		}
	}
	for row, ok := range valid {
		if ok && all > 0 {
			c.Expect(row, events, exposure[row]/all)
		}
	}
	c.Settle(valid)
	return c
}

// Expect adds trials that succeed with probability share, each by itself.
func (c *Chance) Expect(row int, trials, share float64) {
	variance := trials * share * (1 - share)
	c.Due[row] += trials * share
	c.variance[row] += variance
	c.skew[row] += variance * (1 - 2*share)
}

// Settle finds the excess by the moments of Marshall (1991, Appl. Stat. 40:283-294),
// with O, E and V seen, due and variance, and n the exposure:
//
//	τ² = max(0, Σ ((O-E)² - V)/n / Σ n)
//
// With V = E it is what Assunção and Reis (1999) call a. Spots are part of it. To draw
// in the rows that stand out, as for a funnel, would leave less of it than there is,
// and show spots where rows merely differ.
func (c *Chance) Settle(valid []bool) {
	sum, all := 0.0, 0.0
	for row, n := range c.Exposure {
		if valid[row] && n > 0 {
			off := c.Seen[row] - c.Due[row]
			sum += (off*off - c.variance[row]) / n
			all += n
		}
	}
	if all > 0 {
		c.excess = max(0, sum/all)
	}
}

// Deviate returns the standard deviate of a row, (O-E) / sqrt(V + n² τ²), with its
// sign so that the hot are positive. There is none where nothing can vary.
func (c *Chance) Deviate(row int) (z float64, ok bool) {
	variance := c.variance[row] + c.excess*c.Exposure[row]*c.Exposure[row]
	if !(c.variance[row] > 0) {
		return 0, false
	}
	off := c.Seen[row] - c.Due[row]
	if c.Fewer {
		off = -off
	}
	return off / math.Sqrt(variance), true
}

// P returns the probability that chance makes a row and its neighbours stand out, or the
// opposite, as much as they do, doubled up to 1; without a row, of less than 0, that of
// the neighbours alone. Rows that are not valid do not count. What is due to them has a
// binomial distribution, moved so that mean, variance and skew are the right ones
// (Peköz, Röllin, Čekanavičius and Shwom 2009, J. Appl. Probab. 46:1073-1085). As rows
// differ beyond chance, events and trials are divided by how much more the sum scatters
// than chance has it (Rao and Scott 1992); events then come in steps smaller than 1, by
// which half a step is taken off, not half of 1.
func (c *Chance) P(row int, neighbours []int32, valid []bool, hot bool) float64 {
	var seen, due, variance, skew, excess float64
	add := func(row int) {
		if valid[row] {
			seen += c.Seen[row]
			due += c.Due[row]
			variance += c.variance[row]
			skew += c.skew[row]
			excess += c.excess * c.Exposure[row] * c.Exposure[row]
		}
	}
	if row >= 0 {
		add(row)
	}
	for _, n := range neighbours {
		add(int(n))
	}
	if !(variance > 0) {
		return 1
	}
	share := (1 - skew/variance) / 2
	trials := variance / (share * (1 - share))
	events, effect, side := seen-(due-trials*share), 1+excess/variance, Less
	events, trials = events/effect, trials/effect
	half := (1 - 1/effect) / 2
	if hot != c.Fewer {
		side, events = Greater, events+half
	} else {
		events -= half
	}
	return min(1, 2*BinomialP(min(max(events, 0), trials), trials, share, side))
}
