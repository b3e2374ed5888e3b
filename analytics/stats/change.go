package stats

import "math"

// A Change is how far a share or a mean moved between two periods, or differs
// between two places. Of thousands of rows some will move by chance alone:
// BenjaminiHochberg tells from the column of P which to report.
type Change struct {
	// Difference is the second figure less the first.
	Difference float64
	// Interval is the confidence interval of the difference.
	Interval Interval
	// P is the two-sided p-value of there being no difference, from 0 to 1.
	P float64
}

// maxTrials bounds the counts that are compared. Sums over their distributions
// take about the square root of it.
const maxTrials = 100_000_000_000

// ShareChange compares x1 successes in n1 trials with x2 in n2 others. The
// interval is the hybrid of two Wilson intervals (Newcombe 1998, Stat. Med.
// 17:873-890, method 10), which stays within -1 and 1, also at shares of 0 and 1,
// and keeps its level on average at small n.
//
// P is of Fisher's exact test. It errs at no n in the direction of alarm, as
// the z and χ² tests do at small n. Unconditional exact tests (Barnard,
// Boschloo) would find somewhat more, at n1·n2 tables for each of many shares,
// too dear for thousands of rows. As the interval is right on average and the
// test on the safe side, the interval may leave out 0 where P is still above
// 1-level.
//
// ok is false without trials on either side, for more than 10^11 of them, and
// where the arguments make no sense (see Wilson).
func ShareChange(x1, n1, x2, n2 int64, level float64) (c Change, ok bool) {
	before, ok1 := Wilson(x1, n1, level)
	after, ok2 := Wilson(x2, n2, level)
	if !ok1 || !ok2 || max(n1, n2) > maxTrials {
		return Change{}, false
	}
	p1, p2 := float64(x1)/float64(n1), float64(x2)/float64(n2)
	d := p2 - p1
	return Change{
		Difference: d,
		Interval: Interval{
			Low:  max(d-math.Hypot(p2-after.Low, before.High-p1), -1),
			High: min(d+math.Hypot(after.High-p2, p1-before.Low), 1),
		},
		P: fisherP(x1, n1, x2, n2),
	}, true
}

// A RateRatio is by what factor a rate changed between two periods.
type RateRatio struct {
	// Ratio is the second rate by the first; 0 where Bounded is false.
	Ratio float64
	// Interval is the confidence interval of the ratio. Its High is 0 and
	// means nothing where Bounded is false.
	Interval Interval
	// Bounded is false without events in the first period: the ratio then has
	// a lower bound but no upper one.
	Bounded bool
	// P is the two-sided p-value of equal rates, from 0 to 1.
	P float64
}

// RateChange compares events1 in exposure1 with events2 in exposure2, such as
// complaints in two months of different length. Given the total, the events of
// the second period are binomial with a share that tells the ratio (Przyborowski
// and Wilenski 1940). The interval is that of Clopper and Pearson for the share,
// and P twice the smaller tail, so that the two agree: P is below 1-level just
// where the interval leaves out 1. Both hold at any number of events, and expect
// these to be independent; outbreaks make them too bold.
//
// No events at all are no sign of a change: Low is 0 and P is 1. ok is false
// unless exposures are positive and finite, events from 0 to 10^11 and level
// strictly between 0 and 1, or if exposures differ by so many magnitudes that a
// figure does not fit.
func RateChange(events1 int64, exposure1 float64, events2 int64, exposure2, level float64) (r RateRatio, ok bool) {
	scale := exposure1 / exposure2
	if !sensibleRate(events1, exposure1) || !sensibleRate(events2, exposure2) || !(level > 0 && level < 1) ||
		max(events1, events2) > maxTrials || scale == 0 || math.IsInf(scale, 1) {
		return RateRatio{}, false
	}
	total := events1 + events2
	if total == 0 {
		return RateRatio{P: 1}, true
	}
	// Ends of the share near 1 are taken from the other side, with all digits.
	first, _ := ClopperPearson(events1, total, level)
	second, _ := ClopperPearson(events2, total, level)
	r.Interval.Low = second.Low / first.High * scale
	if events1 > 0 {
		r.Bounded = true
		r.Ratio = float64(events2) / float64(events1) * scale
		r.Interval.High = second.High / first.Low * scale
	}
	if math.IsInf(max(r.Interval.Low, r.Interval.High), 1) {
		return RateRatio{}, false
	}
	r.P = binomialP(events1, events2, 1/(1+1/scale), 1/(1+scale))
	return r, true
}

// RateDifference compares events1 in exposure1 with events2 in exposure2 by the
// second rate less the first. The interval is the hybrid of two exact Poisson
// intervals (Zou and Donner 2008, Stat. Med. 27:1693-1702, as method 10 of Newcombe
// is of two Wilson intervals); P is that of RateChange. ok is as for RateChange.
func RateDifference(events1 int64, exposure1 float64, events2 int64, exposure2, level float64) (c Change, ok bool) {
	ratio, ok := RateChange(events1, exposure1, events2, exposure2, level)
	before, ok1 := PoissonExact(events1, exposure1, level)
	after, ok2 := PoissonExact(events2, exposure2, level)
	if !ok || !ok1 || !ok2 {
		return Change{}, false
	}
	r1, r2 := float64(events1)/exposure1, float64(events2)/exposure2
	d := r2 - r1
	iv := Interval{Low: d - math.Hypot(r2-after.Low, before.High-r1), High: d + math.Hypot(after.High-r2, r1-before.Low)}
	if math.IsInf(max(-iv.Low, iv.High), 1) {
		return Change{}, false
	}
	return Change{Difference: d, Interval: iv, P: ratio.P}, true
}

// Mirrored returns the change as seen from the other side, to the last bit.
func (c Change) Mirrored() Change {
	return Change{Difference: 0 - c.Difference, Interval: Interval{Low: 0 - c.Interval.High, High: 0 - c.Interval.Low}, P: c.P}
}

// binomialP returns twice the smaller tail, at most 1, of misses and hits where
// a miss has probability q and a hit p = 1-q.
func binomialP(misses, hits int64, q, p float64) float64 {
	x, y := float64(hits), float64(misses)
	atLeast, atMost := 1.0, 1.0
	if hits > 0 {
		atLeast, _ = betaTails(x, y+1, p, q)
	}
	if misses > 0 {
		_, atMost = betaTails(x+1, y, p, q)
	}
	return min(2*min(atLeast, atMost), 1)
}
