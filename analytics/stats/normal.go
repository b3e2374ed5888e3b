package stats

import "math"

// A Side says which departure from the null hypothesis a p-value is about.
type Side uint8

// The sides. TwoSided is the default.
const (
	TwoSided Side = iota // in either direction
	Greater              // larger than expected: hot
	Less                 // smaller than expected: cold
)

// NormalCDF returns the probability that a standard normal variable is at most
// z, with full relative accuracy in both tails.
func NormalCDF(z float64) float64 {
	return 0.5 * math.Erfc(-z/math.Sqrt2)
}

// NormalP returns the p-value of the standard deviate z, from the smallest number
// there is, never 0, to 1.
func NormalP(z float64, side Side) float64 {
	p := math.Erfc(math.Abs(z) / math.Sqrt2)
	switch side {
	case Greater:
		p = NormalCDF(-z)
	case Less:
		p = NormalCDF(z)
	}
	return max(p, math.SmallestNonzeroFloat64)
}

// NormalQuantile returns the z with NormalCDF(z) = p, for p in (0, 1) to about
// 1e-15 relative; -Inf for p <= 0 and +Inf for p >= 1.
//
// It refines a start by Halley's method on the logarithm of the tail, which
// stays well scaled where the density does not.
func NormalQuantile(p float64) float64 {
	switch {
	case !(p > 0):
		return math.Inf(-1)
	case p >= 1:
		return math.Inf(1)
	case p > 0.5:
		return -NormalQuantile(1 - p)
	case p == 0.5:
		return 0
	}
	t := math.Sqrt(-2 * math.Log(p))
	z := math.Log(t*math.Sqrt(2*math.Pi))/t - t // leading terms of the tail
	if p > 1e-3 {
		z = math.Sqrt2 * math.Erfinv(2*p-1)
	}
	for range 40 {
		cdf := NormalCDF(z)
		if cdf == 0 {
			break // beyond the smallest number there is
		}
		ratio := math.Exp(-z*z/2) / (math.Sqrt(2*math.Pi) * cdf) // slope of log cdf
		f := math.Log(cdf / p)
		bend := -ratio * (z + ratio) // second derivative of log cdf
		step := 2 * f * ratio / (2*ratio*ratio - f*bend)
		z -= step
		if math.Abs(step) <= 1e-15*math.Abs(z) {
			break
		}
	}
	return z
}

// confidenceZ returns the two-sided normal quantile of a confidence level, and
// whether the level lies strictly between 0 and 1.
func confidenceZ(level float64) (z float64, ok bool) {
	if !(level > 0 && level < 1) {
		return 0, false
	}
	return -NormalQuantile((1 - level) / 2), true
}
