package stats

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func momentsOfAll(values []int64) (m Moments) {
	for _, v := range values {
		m.N++
		m.Sum, m.SumSquares = m.Sum.Plus(Product(v, 1)), m.SumSquares.Plus(Product(v, v))
	}
	return m
}

// sleep holds the hours of sleep gained, in tenths, by ten patients on each of
// two drugs: Student (1908), as in R's data set sleep.
var sleep = [2][]int64{
	{7, -16, -2, -12, -1, 34, 37, 8, 0, 20},
	{19, 8, 11, 1, -1, 44, 55, 16, 46, 34},
}

// TestMeanChangePublished is the example of t.test in the manual of R:
// t = -1.8608, df = 17.776, p = 0.07939, -3.3654832 to 0.2054832 for the first
// less the second.
func TestMeanChangePublished(t *testing.T) {
	c, ok := MeanChange(momentsOfAll(sleep[0]).Sample(), momentsOfAll(sleep[1]).Sample(), 0.95)
	if !ok || math.Abs(c.Interval.Low/10+0.2054832) > 5e-8 || math.Abs(c.Interval.High/10-3.3654832) > 5e-8 || math.Abs(c.P-0.07939) > 5e-6 {
		t.Errorf("change %+v (%v), want -2.054832 to 33.654832 and p = 0.07939", c, ok)
	}
	if math.Abs(c.Difference-15.8) > 1e-14 {
		t.Errorf("difference %v, want 15.8", c.Difference)
	}
}

func TestMeansRecorded(t *testing.T) {
	dev := worst{name: "means"}
	recorded := readChanges(t)
	for _, want := range recorded.Means {
		c, ok := MeanChange(Sample{want.N1, want.Mean1, want.Var1}, Sample{want.N2, want.Mean2, want.Var2}, want.Conf)
		if !ok {
			t.Errorf("%+v: not ok", want)
		}
		dev.near(t, c.Interval.Low, want.Interval[0], 1e-10, "low of %+v", want)
		dev.near(t, c.Interval.High, want.Interval[1], 1e-10, "high of %+v", want)
		dev.near(t, c.P, want.P, 1e-9, "p of %+v", want)
	}
	for _, want := range recorded.Mean {
		iv, ok := MeanInterval(Sample{want.N, want.Mean, want.Var}, want.Conf)
		if ok != (want.Var > 0) {
			t.Errorf("%+v: ok %v", want, ok)
		}
		if ok {
			dev.near(t, iv.Low, want.Interval[0], 1e-10, "low of %+v", want)
			dev.near(t, iv.High, want.Interval[1], 1e-10, "high of %+v", want)
		}
	}
	dev.log(t)
}

func TestMeansOfNothing(t *testing.T) {
	f := func(s Sample, level float64) {
		t.Helper()
		if iv, ok := MeanInterval(s, level); ok {
			t.Errorf("MeanInterval(%+v, %v) = %v", s, level, iv)
		}
		good := Sample{5, 1, 0}
		if c, ok := MeanChange(good, s, level); ok {
			t.Errorf("MeanChange to %+v at %v = %v", s, level, c)
		}
		if c, ok := MeanChange(s, good, level); ok {
			t.Errorf("MeanChange from %+v at %v = %v", s, level, c)
		}
	}
	f(Sample{}, 0.95)
	f(Sample{1, 3, 1}, 0.95)
	f(Sample{5, 3, 0}, 0.95)
	f(Sample{5, 3, -1}, 0.95)
	f(Sample{5, math.NaN(), 1}, 0.95)
	f(Sample{5, math.Inf(1), 1}, 0.95)
	f(Sample{5, 3, math.Inf(1)}, 0.95)
	f(Sample{5, 3, math.NaN()}, 0.95)
	f(Sample{maxTrials + 1, 3, 1}, 0.95)
	f(Sample{5, 3, 1}, 0)
	f(Sample{5, 3, 1}, 1)
	f(Sample{5, 3, 1}, math.NaN())
}

// drawSample draws a sample of any magnitude.
func drawSample(rng *rand.Rand) Sample {
	size := func() float64 {
		if rng.IntN(4) == 0 {
			return math.Exp(rng.Float64()*1300 - 640) // 1e-278 to 1e286
		}
		return math.Exp(rng.NormFloat64() * 3)
	}
	return Sample{N: 2 + drawCount(rng, 1e6), Mean: size() * rng.NormFloat64(), Variance: size()}
}

// TestMeansOfAnything feeds random samples of all magnitudes: figures are
// finite, and intervals hold the estimate.
func TestMeansOfAnything(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	holds := func(iv Interval, v float64) bool {
		return -math.MaxFloat64 <= iv.Low && iv.Low <= v && v <= iv.High && iv.High <= math.MaxFloat64
	}
	for range manyInputs() {
		a, b, level := drawSample(rng), drawSample(rng), drawLevel(rng)
		if iv, ok := MeanInterval(a, level); !ok || !holds(iv, a.Mean) {
			t.Fatalf("MeanInterval(%+v, %v) = %v, %v", a, level, iv, ok)
		}
		if c, ok := MeanChange(a, b, level); !ok || !holds(c.Interval, c.Difference) || !(c.P >= 0 && c.P <= 1) {
			t.Fatalf("MeanChange(%+v, %+v, %v) = %+v, %v", a, b, level, c, ok)
		}
	}
}

// TestMeansMirrorAndGrow swaps the samples, which gives the mirror image, and
// raises the level, which widens the interval.
func TestMeansMirrorAndGrow(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 5))
	for range manyInputs() / 5 {
		a, b, level := drawSample(rng), drawSample(rng), drawLevel(rng)
		c, _ := MeanChange(a, b, level)
		slack := 1e-9 * (c.Interval.High - c.Interval.Low)
		back, _ := MeanChange(b, a, level)
		if back.Difference != -c.Difference || math.Abs(back.P-c.P) > 1e-9*c.P || math.Abs(back.Interval.Low+c.Interval.High) > slack {
			t.Fatalf("MeanChange(%+v, %+v, %v) = %+v, swapped %+v", a, b, level, c, back)
		}
		surer := level + (1-level)/2
		if wide, ok := MeanChange(a, b, surer); ok && (wide.Interval.Low > c.Interval.Low+slack || wide.Interval.High < c.Interval.High-slack) {
			t.Fatalf("MeanChange(%+v, %+v): %v at level %v, %v at %v", a, b, c.Interval, level, wide.Interval, surer)
		}
	}
}

// TestMomentsAgainstBig computes mean and variance from single deviations in
// rational arithmetic.
func TestMomentsAgainstBig(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 2))
	for range 300 {
		n, shift := 2+rng.IntN(30), rng.IntN(64)
		offset := int64(rng.Uint64()) >> rng.IntN(64) / 2
		values, sum := make([]int64, n), new(big.Rat)
		for i := range values {
			values[i] = offset/2 + int64(rng.Uint64())>>shift/2
			sum.Add(sum, new(big.Rat).SetInt64(values[i]))
		}
		mean := sum.Quo(sum, new(big.Rat).SetInt64(int64(n)))
		spread := new(big.Rat)
		for _, v := range values {
			d := new(big.Rat).SetInt64(v)
			d.Sub(d, mean)
			spread.Add(spread, d.Mul(d, d))
		}
		wantMean, _ := mean.Float64()
		wantVariance, _ := spread.Quo(spread, new(big.Rat).SetInt64(int64(n-1))).Float64()
		m := momentsOfAll(values)
		got, ok := m.Mean()
		variance, ok2 := m.Variance()
		if !ok || !ok2 || got != wantMean || variance != wantVariance {
			t.Fatalf("%v: mean %v, variance %v; want %v and %v", values, got, variance, wantMean, wantVariance)
		}
	}
}

func TestMomentsOfFew(t *testing.T) {
	var m Moments
	if _, ok := m.Mean(); ok || m.Sample() != (Sample{}) {
		t.Error("no numbers have a mean")
	}
	m = momentsOfAll([]int64{math.MinInt64})
	if mean, ok := m.Mean(); !ok || mean != math.MinInt64 {
		t.Errorf("mean of one = %v, %v", mean, ok)
	}
	if _, ok := m.Variance(); ok {
		t.Error("one number has a variance")
	}
	// An offset that swallows the variance in float64: exact sums keep it.
	if v, ok := momentsOfAll([]int64{1 << 60, 1<<60 + 2}).Variance(); !ok || v != 2 {
		t.Errorf("variance of two apart by 2 = %v, %v; want 2", v, ok)
	}
	if _, ok := (Moments{N: 2, Sum: Product(9, 1), SumSquares: Product(1, 1)}).Variance(); ok {
		t.Error("sums of no numbers have a variance")
	}
}
