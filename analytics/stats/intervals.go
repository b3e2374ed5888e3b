package stats

import "math"

// An Interval is a confidence interval, ends included.
type Interval struct{ Low, High float64 }

// Wilson returns the score interval of a share, from 0 to 1: Wilson (1927),
// equation 4, without continuity correction. level is the confidence, such as
// 0.95. Rank by Low to name the best and by High to name the worst: small
// denominators then do not win.
//
// For this and the other intervals of a share, ok is false without trials, and
// also where the arguments make no sense (successes not in 0 to trials, level
// not strictly between 0 and 1).
func Wilson(successes, trials int64, level float64) (iv Interval, ok bool) {
	if !sensibleShare(successes, trials) {
		return Interval{}, false
	}
	return WilsonMean(float64(successes)/float64(trials), trials, level)
}

// WilsonMean is Wilson for the mean of n values from 0 to 1 that need not be
// either, such as answers that count by nine tenths. Their variance is at most
// mean (1-mean), that of a share, so the interval is wide enough. ok is false
// unless mean runs from 0 to 1, n is positive and level lies strictly between
// 0 and 1.
func WilsonMean(mean float64, n int64, level float64) (iv Interval, ok bool) {
	z, ok := confidenceZ(level)
	if !ok || !(mean >= 0 && mean <= 1) || n <= 0 {
		return Interval{}, false
	}
	trials := float64(n)
	zz := z * z / trials
	centre := (mean + zz/2) / (1 + zz)
	half := z / (1 + zz) * math.Sqrt((mean*(1-mean)+zz/4)/trials)
	iv = Interval{Low: max(centre-half, 0), High: min(centre+half, 1)}
	if mean == 0 {
		iv.Low = 0 // exactly, whatever rounding makes of it
	}
	if mean == 1 {
		iv.High = 1
	}
	return iv, true
}

// ClopperPearson returns the exact interval of a share, which holds its level
// for every true share and is wider than need be for most: Clopper and Pearson
// (1934), by quantiles of the beta distribution.
func ClopperPearson(successes, trials int64, level float64) (iv Interval, ok bool) {
	if !(level > 0 && level < 1) || !sensibleShare(successes, trials) {
		return Interval{}, false
	}
	x, misses, tail := float64(successes), float64(trials-successes), (1-level)/2
	iv = Interval{Low: 0, High: 1}
	if successes > 0 {
		iv.Low = betaQuantile(tail, x, misses+1)
	}
	if successes < trials {
		iv.High = betaQuantile(1-tail, x+1, misses)
	}
	return iv, true
}

// Jeffreys returns the equal-tailed interval of a share under Jeffreys' prior,
// Beta(½, ½), with Low 0 for no success and High 1 for no miss: Brown, Cai and
// DasGupta (2001), section 3.1.3.
func Jeffreys(successes, trials int64, level float64) (iv Interval, ok bool) {
	if !(level > 0 && level < 1) || !sensibleShare(successes, trials) {
		return Interval{}, false
	}
	x, misses, tail := float64(successes), float64(trials-successes), (1-level)/2
	iv = Interval{Low: 0, High: 1}
	if successes > 0 {
		iv.Low = betaQuantile(tail, x+0.5, misses+0.5)
	}
	if successes < trials {
		iv.High = betaQuantile(1-tail, x+0.5, misses+0.5)
	}
	return iv, true
}

// PoissonExact returns the exact interval of a rate, events per unit of
// exposure: Garwood (1936), by quantiles of the gamma distribution. Low is 0
// for no events.
//
// For this and PoissonByar, ok is false unless exposure is positive and
// finite, events are not negative and level lies strictly between 0 and 1, or
// where the exposure is so small that a bound is beyond what a number holds.
func PoissonExact(events int64, exposure, level float64) (iv Interval, ok bool) {
	if !(level > 0 && level < 1) || !sensibleRate(events, exposure) {
		return Interval{}, false
	}
	x, tail := float64(events), (1-level)/2
	if events > 0 {
		iv.Low = gammaQuantile(tail, x) / exposure
	}
	iv.High = gammaQuantile(1-tail, x+1) / exposure
	return iv.finite()
}

// PoissonByar returns Byar's approximation to the interval of a rate, with ½
// added to the events at both ends, as in Rothman and Boice (1979). It is
// cheap and meant for display. Below one event or so the formula dips under
// zero; Low then is 0.
func PoissonByar(events int64, exposure, level float64) (iv Interval, ok bool) {
	z, ok := confidenceZ(level)
	if !ok || !sensibleRate(events, exposure) {
		return Interval{}, false
	}
	x := float64(events) + 0.5
	end := func(z float64) float64 {
		root := 1 - 1/(9*x) + z/3*math.Sqrt(1/x)
		return x * root * root * root / exposure
	}
	return Interval{Low: max(end(-z), 0), High: end(z)}.finite()
}

// finite returns the interval unless an end of it is beyond what a number holds.
func (iv Interval) finite() (Interval, bool) {
	if math.IsInf(iv.High, 1) {
		return Interval{}, false
	}
	return iv, true
}

func sensibleShare(successes, trials int64) bool {
	return trials > 0 && successes >= 0 && successes <= trials
}

func sensibleRate(events int64, exposure float64) bool {
	return events >= 0 && exposure > 0 && !math.IsInf(exposure, 1)
}
