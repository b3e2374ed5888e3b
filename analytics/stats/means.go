package stats

import (
	"math"
	"math/big"
)

// Moments are sums of whole numbers, such as durations in microseconds: how many,
// their sum and that of their squares. Being integers wide enough for any values,
// they come out the same in whatever order and wherever they were added up.
type Moments struct {
	N          int64
	Sum        Wide
	SumSquares Wide
}

// Mean returns the mean, the float64 nearest to it. ok is false without
// numbers.
func (m Moments) Mean() (mean float64, ok bool) {
	if m.N <= 0 {
		return 0, false
	}
	mean, _ = new(big.Rat).SetFrac(m.Sum.Big(), big.NewInt(m.N)).Float64()
	return mean, true
}

// Variance returns the unbiased variance (Σ v² - (Σ v)²/n) / (n-1), the float64
// nearest to it: nothing is lost to cancellation. ok is false for fewer than
// two numbers, and for sums that no numbers have.
func (m Moments) Variance() (variance float64, ok bool) {
	if m.N < 2 {
		return 0, false
	}
	n := big.NewInt(m.N)
	spread := m.SumSquares.Big()
	spread.Mul(spread, n)
	square := m.Sum.Big()
	spread.Sub(spread, square.Mul(square, square))
	if spread.Sign() < 0 {
		return 0, false
	}
	pairs := big.NewInt(m.N - 1)
	variance, _ = new(big.Rat).SetFrac(spread, pairs.Mul(pairs, n)).Float64()
	return variance, true
}

// Sample returns what comparisons of means need to know of m.
func (m Moments) Sample() Sample {
	mean, _ := m.Mean()
	variance, _ := m.Variance()
	return Sample{N: m.N, Mean: mean, Variance: variance}
}

// A Sample is a number of observations with their mean, in any unit, and their
// unbiased variance, in the square of that unit.
type Sample struct {
	N              int64
	Mean, Variance float64
}

// MeanInterval returns the confidence interval of the mean of what s was drawn
// from, by Student's distribution (Student 1908). It is exact for normal values
// and good for others once there are enough of them; of skewed ones, such as
// durations, dozens.
//
// ok is false for fewer than two observations or more than 10^11; for a sample
// that does not vary, which cannot tell how sure its mean is; for figures that
// are not finite or beyond 10^290; and unless level lies strictly between 0 and
// 1.
func MeanInterval(s Sample, level float64) (iv Interval, ok bool) {
	if !s.sensible() || s.Variance == 0 || !(level > 0 && level < 1) {
		return Interval{}, false
	}
	half := studentQuantile(level, float64(s.N-1)) * math.Sqrt(s.Variance/float64(s.N))
	return Interval{Low: s.Mean - half, High: s.Mean + half}, true
}

// MeanChange compares the means of two independent samples that need not vary
// alike: Welch's test and interval (Welch 1947), by Student's distribution with
// the degrees of freedom of Satterthwaite (1946). The interval
// leaves out 0 just where P is below 1-level. ok is as for MeanInterval, save
// that one of the samples may be without variance.
func MeanChange(before, after Sample, level float64) (c Change, ok bool) {
	if !before.sensible() || !after.sensible() || !(level > 0 && level < 1) {
		return Change{}, false
	}
	a, b := before.Variance/float64(before.N), after.Variance/float64(after.N)
	if a+b == 0 {
		return Change{}, false
	}
	u, v := a/(a+b), b/(a+b)
	df := 1 / (u*u/float64(before.N-1) + v*v/float64(after.N-1))
	d, se := after.Mean-before.Mean, math.Sqrt(a+b)
	half := studentQuantile(level, df) * se
	return Change{
		Difference: d,
		Interval:   Interval{Low: d - half, High: d + half},
		P:          studentP(d/se, df),
	}, true
}

func (s Sample) sensible() bool {
	return s.N >= 2 && s.N <= maxTrials && math.Abs(s.Mean) <= maxMagnitude && s.Variance >= 0 && s.Variance <= maxMagnitude
}
