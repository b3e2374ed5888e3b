package targeting

import "slices"

// shares are the shares of area at which a hit-rate curve is told.
var shares = [...]float64{0.01, 0.02, 0.05, 0.10, 0.15, 0.20, 0.30, 0.50, 1}

// curved is how many of shares, from the first, have a figure of their own.
const curved = 4

// A Catch is what the rows that a ranking puts first hold of the events of one
// or more periods. Catches add up.
type Catch struct {
	Hits, Events      float64 // in those rows, and in all
	SquareKm, TotalKm float64 // area of those rows, and of all
}

// Add adds other to c.
func (c *Catch) Add(other Catch) {
	c.Hits += other.Hits
	c.Events += other.Events
	c.SquareKm += other.SquareKm
	c.TotalKm += other.TotalKm
}

// HitRate returns the share of events that were caught, n/N, from 0 to 1; ok is
// false without events.
func (c Catch) HitRate() (share float64, ok bool) {
	if c.Events == 0 {
		return 0, false
	}
	return c.Hits / c.Events, true
}

// PAI returns the prediction accuracy index of Chainey, Tompson and Uhlig
// (2008), Security J. 21:4-28: (n/N)/(a/A), the hit rate by the share of area,
// with exact areas; 1 is what chance does. ok is false without events or area.
func (c Catch) PAI() (index float64, ok bool) {
	if c.Events == 0 || c.SquareKm == 0 {
		return 0, false
	}
	return c.Hits / c.Events / (c.SquareKm / c.TotalKm), true
}

// PEI returns the prediction efficiency index of Hunt (2016): the PAI by that of
// the best rows there are, as many, from 0 to 1 where areas are equal. ok is
// false where nothing could be caught.
func PEI(c, best Catch) (index float64, ok bool) {
	pai, _ := c.PAI()
	most, ok := best.PAI()
	if !ok || most == 0 {
		return 0, false
	}
	return pai / most, true
}

// RRI returns the recapture rate index of Levine (2008), Security J. 21:295-302:
// the hit rate by that of the same rows before, 1 where they hold what they held.
// ok is false where nothing was caught before, or nothing happened since.
func RRI(c, before Catch) (index float64, ok bool) {
	old, hasOld := before.HitRate()
	now, ok := c.HitRate()
	if !ok || !hasOld || old == 0 {
		return 0, false
	}
	return now / old, true
}

// Within returns how many rows of an order, from the first, have together no
// more than a share of the area; at least one, if there is any.
func Within(order []int32, squareKm []float64, share float64) int {
	var total, sum float64
	for _, km := range squareKm {
		total += km
	}
	const rounding = 1e-12
	for i, row := range order {
		if sum += squareKm[row]; sum > share*total*(1+rounding) {
			return max(i, 1)
		}
	}
	return len(order)
}

// Caught returns what the first k rows of an order hold of counts. Sums are taken
// by row, so that two orders that begin with the same rows are equal to the bit.
func Caught(order []int32, k int, squareKm, counts []float64) Catch {
	var c Catch
	for row, km := range squareKm {
		c.Events += counts[row]
		c.TotalKm += km
	}
	for _, row := range slices.Sorted(slices.Values(order[:k])) {
		c.Hits += counts[row]
		c.SquareKm += squareKm[row]
	}
	return c
}

// AUC returns the area under the whole hit-rate curve, the share of events by
// share of area, from 0 to 1; ½ is what chance does. Rows of equal score per
// area are cut along a straight line, as their order means nothing. ok is false
// without events.
func AUC(scores, squareKm, counts []float64) (area float64, ok bool) {
	order := Order(scores, squareKm)
	all := Caught(order, 0, squareKm, counts)
	if all.Events == 0 {
		return 0, false
	}
	density := func(row int32) float64 { return perKm2(scores[row], squareKm[row]) }
	seen := 0.0
	for len(order) > 0 {
		var hits, km float64
		n := 0
		for n < len(order) && density(order[n]) == density(order[0]) {
			hits += counts[order[n]]
			km += squareKm[order[n]]
			n++
		}
		area += km / all.TotalKm * (seen + hits/2) / all.Events
		seen += hits
		order = order[n:]
	}
	return area, true
}
