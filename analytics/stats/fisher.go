package stats

import "math/bits"

// fisherTolerance is by what part a table may come out more probable than the
// observed one and still count as equally probable, as in R's fisher.test.
const fisherTolerance = 1e-7

// fisherP returns the two-sided p-value of Fisher's exact test of x1 in n1
// against x2 in n2 trials, from 0 to 1: the probability, given the total of
// successes, of all tables at most as probable as the observed one (Fisher
// 1935; Freeman and Halton 1951). The n are positive, each x is from 0 to its n.
func fisherP(x1, n1, x2, n2 int64) float64 {
	t := tables{n1: n1, n2: n2, hits: x1 + x2}
	cut := t.density(x1) * (1 + fisherTolerance)
	rare := func(x1 int64) bool { return t.density(x1) <= cut }
	mode := t.mode()
	if rare(mode) {
		return 1
	}
	// Probabilities rise up to the mode and fall from there.
	lower := lastWhere(t.least()-1, mode, rare)
	upper := lastWhere(mode, t.most()+1, func(x1 int64) bool { return !rare(x1) }) + 1
	// The tail from upper on is that of the other row's successes.
	other := tables{n1: n2, n2: n1, hits: t.hits}
	return min(t.atMost(lower)+other.atMost(t.hits-upper), 1)
}

// tables are the 2 by 2 tables with rows of n1 and n2 trials and hits successes
// altogether. The successes of the first row are hypergeometric.
type tables struct{ n1, n2, hits int64 }

// least and most return the range of successes of the first row.
func (t tables) least() int64 { return max(0, t.hits-t.n2) }
func (t tables) most() int64  { return min(t.n1, t.hits) }

// mode returns the most probable number of successes of the first row, the
// larger of two: the whole part of (n1+1)(hits+1)/(n1+n2+2).
func (t tables) mode() int64 {
	high, low := bits.Mul64(uint64(t.n1+1), uint64(t.hits+1))
	mode, _ := bits.Div64(high, low, uint64(t.n1+t.n2+2))
	return int64(mode)
}

// density returns the probability of x1 successes in the first row, made
// of binomial ones as by Loader (2000), which keeps its digits for large counts.
func (t tables) density(x1 int64) float64 {
	n1, n2, hits := float64(t.n1), float64(t.n2), float64(t.hits)
	p, q := hits/(n1+n2), (n1+n2-hits)/(n1+n2)
	x := float64(x1)
	return binomialDensity(x, n1, p, q) * binomialDensity(hits-x, n2, p, q) / binomialDensity(hits, n1+n2, p, q)
}

// atMost returns the probability of at most x1 successes in the first row, for
// x1 below the mode, where terms only fall.
func (t tables) atMost(x1 int64) float64 {
	least := t.least()
	if x1 < least {
		return 0
	}
	term := t.density(x1)
	sum := term
	for x := x1; x > least && term > sum*1e-17; x-- {
		term *= float64(x) * float64(t.n2-t.hits+x) / (float64(t.n1-x+1) * float64(t.hits-x+1))
		sum += term
	}
	return sum
}

// lastWhere returns the last whole number from low to high-1 at which holds is
// true, given that it is true at first and then no longer; it is taken to be
// true at low and false at high.
func lastWhere(low, high int64, holds func(int64) bool) int64 {
	for high-low > 1 {
		if mid := low + (high-low)/2; holds(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}
