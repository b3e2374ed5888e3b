package stats

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

type recordedChanges struct {
	Shares []struct {
		X1, N1, X2, N2 int64
		Conf           float64
		Interval       [2]float64
		P              float64
	}
	Rates []struct {
		X1, X2            int64
		E1, E2, Conf, Low float64
		High              *float64
		P                 float64
	}
	Means []struct {
		N1, N2                         int64
		Mean1, Var1, Mean2, Var2, Conf float64
		Interval                       [2]float64
		P                              float64
	}
	Mean []struct {
		N               int64
		Mean, Var, Conf float64
		Interval        [2]float64
	}
	Student []struct{ DF, Level, T float64 }
}

func readChanges(t *testing.T) (c recordedChanges) {
	t.Helper()
	readJSON(t, &c, "testdata", "rates", "change.json")
	return c
}

func TestShareChangeRecorded(t *testing.T) {
	dev := worst{name: "changes of shares"}
	for _, want := range readChanges(t).Shares {
		c, ok := ShareChange(want.X1, want.N1, want.X2, want.N2, want.Conf)
		if !ok {
			t.Errorf("%+v: not ok", want)
		}
		dev.within(t, c.Interval.Low, want.Interval[0], 1e-11, "low of %+v", want)
		dev.within(t, c.Interval.High, want.Interval[1], 1e-11, "high of %+v", want)
		dev.near(t, c.P, want.P, 1e-9, "p of %+v", want)
	}
	dev.log(t)
}

// TestShareChangePublished holds examples of Newcombe (1998), table II, method
// 10, printed there to four digits. He takes the first share less the second.
func TestShareChangePublished(t *testing.T) {
	f := func(x1, n1, x2, n2 int64, low, high float64) {
		t.Helper()
		c, _ := ShareChange(x2, n2, x1, n1, 0.95)
		if math.Abs(c.Interval.Low-low) > 5e-5 || math.Abs(c.Interval.High-high) > 5e-5 {
			t.Errorf("%d/%d - %d/%d: %.4f, want %.4f to %.4f", x1, n1, x2, n2, c.Interval, low, high)
		}
	}
	f(56, 70, 48, 80, 0.0524, 0.3339)
	f(9, 10, 3, 10, 0.1705, 0.8090)
	f(6, 7, 2, 7, 0.0582, 0.8062)
	f(5, 56, 0, 29, -0.0381, 0.1926)
	f(0, 10, 0, 20, -0.1611, 0.2775)
	f(0, 10, 0, 10, -0.2775, 0.2775)
	f(10, 10, 0, 20, 0.6791, 1)
	f(10, 10, 0, 10, 0.6075, 1)
}

// TestShareChangeCoverage adds up the exact probability that the interval holds
// the true difference, over a grid of shares.
func TestShareChangeCoverage(t *testing.T) {
	const n1, n2 = 10, 16
	sum, least, count := 0.0, 1.0, 0.0
	for i := 1.0; i < 20; i++ {
		for j := 1.0; j < 20; j++ {
			p1, p2, held := i/20, j/20, 0.0
			for x1 := range int64(n1 + 1) {
				for x2 := range int64(n2 + 1) {
					if c, _ := ShareChange(x1, n1, x2, n2, 0.95); c.Interval.Low <= p2-p1+1e-12 && c.Interval.High >= p2-p1-1e-12 {
						held += binomialDensity(float64(x1), n1, p1, 1-p1) * binomialDensity(float64(x2), n2, p2, 1-p2)
					}
				}
			}
			sum, least, count = sum+held, min(least, held), count+1
		}
	}
	t.Logf("95 %% intervals of %d and %d trials hold the difference with probability %.4f on average, %.4f at least", n1, n2, sum/count, least)
	if sum/count < 0.945 || least < 0.87 {
		t.Errorf("intervals hold the difference with probability %.4f, at least %.4f", sum/count, least)
	}
}

func TestRateChangeRecorded(t *testing.T) {
	dev := worst{name: "changes of rates"}
	for _, want := range readChanges(t).Rates {
		r, ok := RateChange(want.X1, want.E1, want.X2, want.E2, want.Conf)
		if !ok || r.Bounded != (want.High != nil) {
			t.Errorf("%+v: ok %v, bounded %v", want, ok, r.Bounded)
		}
		dev.near(t, r.Interval.Low, want.Low, 1e-9, "low of %+v", want)
		dev.near(t, r.P, want.P, 1e-9, "p of %+v", want)
		if want.High != nil {
			dev.near(t, r.Interval.High, *want.High, 1e-9, "high of %+v", want)
			dev.near(t, r.Ratio, float64(want.X2)/want.E2/(float64(want.X1)/want.E1), 1e-14, "ratio of %+v", want)
		}
	}
	dev.log(t)
}

// TestRateChangeByDefinition adds up binomial terms in rational arithmetic: p,
// and both tails where the true ratio is at either end of the interval.
func TestRateChangeByDefinition(t *testing.T) {
	dev := worst{name: "tails of rate ratios"}
	for x1 := range int64(12) {
		for _, x2 := range []int64{0, 1, 2, 7, 30} {
			if x1+x2 == 0 {
				continue
			}
			const e1, e2 = 3, 7
			r, ok := RateChange(x1, e1, x2, e2, 0.9)
			if !ok {
				t.Fatalf("%d and %d events: not ok", x1, x2)
			}
			atMost, atLeast := binomialTails(x2, x1+x2, big.NewRat(e2, e1+e2))
			dev.within(t, r.P, min(1, 2*min(atMost, atLeast)), 1e-13, "p of %d and %d", x1, x2)
			share := func(ratio float64) *big.Rat {
				q := new(big.Rat).SetFloat64(ratio)
				q.Mul(q, big.NewRat(e2, e1))
				return q.Quo(q, new(big.Rat).Add(q, big.NewRat(1, 1)))
			}
			if x2 > 0 {
				_, tail := binomialTails(x2, x1+x2, share(r.Interval.Low))
				dev.within(t, tail, 0.05, 1e-12, "upper tail of %d and %d at low", x1, x2)
			}
			if x1 > 0 {
				tail, _ := binomialTails(x2, x1+x2, share(r.Interval.High))
				dev.within(t, tail, 0.05, 1e-12, "lower tail of %d and %d at high", x1, x2)
			}
		}
	}
	dev.log(t)
}

// binomialTails returns the probabilities of at most and at least x in n.
func binomialTails(x, n int64, p *big.Rat) (atMost, atLeast float64) {
	q := new(big.Rat).Sub(big.NewRat(1, 1), p)
	below, above := new(big.Rat), new(big.Rat)
	for k := range n + 1 {
		term := new(big.Rat).SetInt(choose(n, k))
		term.Mul(term, power(p, k)).Mul(term, power(q, n-k))
		if k <= x {
			below.Add(below, term)
		}
		if k >= x {
			above.Add(above, term)
		}
	}
	atMost, _ = below.Float64()
	atLeast, _ = above.Float64()
	return atMost, atLeast
}

// TestRateChangePublished is the example of poisson.test in the manual of R,
// with its printed interval; R has p from another two-sided rule.
func TestRateChangePublished(t *testing.T) {
	r, _ := RateChange(6+8+7, 1083+1050+878, 11, 800, 0.95)
	if math.Abs(r.Ratio-1.971488) > 5e-7 || math.Abs(r.Interval.Low-0.8584264) > 5e-8 || math.Abs(r.Interval.High-4.2772659) > 5e-8 {
		t.Errorf("ratio %v, interval %v; want 1.971488, 0.8584264 to 4.2772659", r.Ratio, r.Interval)
	}
}

func TestChangesOfNothing(t *testing.T) {
	if r, ok := RateChange(0, 10, 0, 20, 0.95); !ok || r != (RateRatio{P: 1}) {
		t.Errorf("no events: %+v, %v; want nothing but p = 1", r, ok)
	}
	if r, ok := RateChange(0, 10, 4, 10, 0.95); !ok || r.Bounded || r.Ratio != 0 || r.Interval.Low <= 0 || r.Interval.High != 0 {
		t.Errorf("no events at first: %+v, %v; want a lower bound only", r, ok)
	}
	for _, level := range []float64{0, 1, -1, math.NaN()} {
		if _, ok := ShareChange(1, 2, 1, 2, level); ok {
			t.Errorf("shares at level %v: ok", level)
		}
		if _, ok := RateChange(1, 2, 1, 2, level); ok {
			t.Errorf("rates at level %v: ok", level)
		}
	}
	for _, a := range [][4]int64{{0, 0, 1, 2}, {1, 2, 0, 0}, {3, 2, 1, 2}, {1, 2, -1, 2}, {1, maxTrials + 1, 1, 2}, {1, 2, 1, math.MaxInt64}} {
		if _, ok := ShareChange(a[0], a[1], a[2], a[3], 0.95); ok {
			t.Errorf("ShareChange of %v: ok", a)
		}
	}
	inf := math.Inf(1)
	for _, a := range [][4]float64{{-1, 1, 1, 1}, {1, 0, 1, 1}, {1, 1, 1, inf}, {1, math.NaN(), 1, 1}, {1, 1e-300, 1, 1e300}, {1, 1e300, 1, 1e-300}, {1, 1e300, 1e9, 1e-8}, {0, 1e300, 1e9, 1e-8}, {1, 1, maxTrials + 1, 1}} {
		if _, ok := RateChange(int64(a[0]), a[1], int64(a[2]), a[3], 0.95); ok {
			t.Errorf("RateChange of %v: ok", a)
		}
	}
}

// A comparison is the arguments of a change, drawn at random.
type comparison struct {
	x1, n1, x2, n2 int64
	e1, e2, level  float64
}

func drawComparison(rng *rand.Rand) comparison {
	most := 300.0
	if rng.IntN(500) == 0 {
		most = maxTrials / 10
	}
	c := comparison{n1: 1 + drawCount(rng, most), n2: 1 + drawCount(rng, most), level: drawLevel(rng)}
	c.x1, c.x2 = rng.Int64N(c.n1+1), rng.Int64N(c.n2+1)
	c.e1, c.e2 = math.Exp(rng.NormFloat64()*5), math.Exp(rng.NormFloat64()*5)
	return c
}

func (c comparison) shares() (Change, bool) { return ShareChange(c.x1, c.n1, c.x2, c.n2, c.level) }

func (c comparison) rates() (RateRatio, bool) { return RateChange(c.x1, c.e1, c.x2, c.e2, c.level) }

// TestChangesOfAnything feeds random comparisons of all magnitudes: figures are
// finite and in their range, and the interval holds the estimate.
func TestChangesOfAnything(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	for range manyInputs() {
		c := drawComparison(rng)
		s, ok := c.shares()
		iv := s.Interval
		if !ok || !(-1 <= iv.Low && iv.Low <= s.Difference && s.Difference <= iv.High && iv.High <= 1) || !(s.P >= 0 && s.P <= 1) {
			t.Fatalf("shares of %+v: %+v, %v", c, s, ok)
		}
		r, ok := c.rates()
		iv = r.Interval
		if !ok || !(iv.Low >= 0 && iv.Low <= math.MaxFloat64) || !(r.P >= 0 && r.P <= 1) || r.Bounded != (c.x1 > 0) ||
			r.Bounded && !(iv.Low <= r.Ratio*(1+1e-9) && r.Ratio <= iv.High*(1+1e-9) && iv.High <= math.MaxFloat64) {
			t.Fatalf("rates of %+v: %+v, %v", c, r, ok)
		}
		outside := iv.Low > 1 || r.Bounded && iv.High < 1
		if c.x1+c.x2 > 0 && math.Abs(r.P-(1-c.level)) > 1e-9 && outside != (r.P < 1-c.level) {
			t.Fatalf("rates of %+v: %+v; p and interval disagree", c, r)
		}
	}
}

// TestChangesMirrorAndGrow swaps the two periods, which gives the mirror image,
// and raises the level, which widens the interval.
func TestChangesMirrorAndGrow(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 4))
	for range manyInputs() / 5 {
		c := drawComparison(rng)
		swapped, surer := comparison{c.x2, c.n2, c.x1, c.n1, c.e2, c.e1, c.level}, c
		surer.level += (1 - c.level) / 2
		s, _ := c.shares()
		iv := s.Interval
		if back, _ := swapped.shares(); back.Difference != -s.Difference || back.Interval != (Interval{Low: -iv.High, High: -iv.Low}) || math.Abs(back.P-s.P) > 1e-9*s.P {
			t.Fatalf("shares of %+v: %+v, swapped %+v", c, s, back)
		}
		if wide, ok := surer.shares(); ok && (wide.Interval.Low > iv.Low+1e-15 || wide.Interval.High < iv.High-1e-15) {
			t.Fatalf("shares of %+v: %v, at level %v %v", c, iv, surer.level, wide.Interval)
		}
		r, _ := c.rates()
		iv = r.Interval
		if back, _ := swapped.rates(); c.x1 > 0 && c.x2 > 0 &&
			(math.Abs(back.Ratio*r.Ratio-1) > 1e-9 || math.Abs(back.Interval.High*iv.Low-1) > 1e-9 || math.Abs(back.P-r.P) > 1e-9*r.P) {
			t.Fatalf("rates of %+v: %+v, swapped %+v", c, r, back)
		}
		if wide, ok := surer.rates(); ok && (wide.Interval.Low > iv.Low*(1+1e-9) || wide.Interval.High < iv.High*(1-1e-9)) {
			t.Fatalf("rates of %+v: %v, at level %v %v", c, iv, surer.level, wide.Interval)
		}
	}
}

// TestRateDifferenceFromRecordedIntervals makes the interval of exact Poisson intervals
// that were recorded from R.
func TestRateDifferenceFromRecordedIntervals(t *testing.T) {
	var recorded struct {
		Poisson []struct {
			X, Exposure, Conf float64
			Exact             [2]float64
		}
	}
	readJSON(t, &recorded, "testdata", "rates", "intervals.json")
	dev, compared := worst{name: "differences of rates"}, 0
	square := func(x float64) float64 { return x * x }
	for i, a := range recorded.Poisson {
		for _, b := range recorded.Poisson[i:] {
			if a.Conf != b.Conf {
				continue
			}
			c, ok := RateDifference(int64(a.X), a.Exposure, int64(b.X), b.Exposure, a.Conf)
			if !ok {
				t.Fatalf("%+v and %+v: not ok", a, b)
			}
			r1, r2 := a.X/a.Exposure, b.X/b.Exposure
			low := r2 - r1 - math.Sqrt(square(r2-b.Exact[0])+square(a.Exact[1]-r1))
			high := r2 - r1 + math.Sqrt(square(b.Exact[1]-r2)+square(r1-a.Exact[0]))
			dev.within(t, c.Interval.Low, low, 1e-9*(1+math.Abs(low)), "low of %+v and %+v", a, b)
			dev.within(t, c.Interval.High, high, 1e-9*(1+math.Abs(high)), "high of %+v and %+v", a, b)
			compared++
		}
	}
	if compared == 0 {
		t.Error("nothing was compared")
	}
	dev.log(t)
}

// TestRateDifferenceCoverage adds up the exact probability that the interval holds the
// true difference, over a grid of rates.
func TestRateDifferenceCoverage(t *testing.T) {
	poisson := func(x int, mu float64) float64 {
		logFactorial, _ := math.Lgamma(float64(x) + 1)
		return math.Exp(float64(x)*math.Log(mu) - mu - logFactorial)
	}
	const most = 45
	var intervals [most][most]Interval
	for x1 := range intervals {
		for x2 := range intervals {
			c, _ := RateDifference(int64(x1), 2, int64(x2), 3, 0.95)
			intervals[x1][x2] = c.Interval
		}
	}
	sum, least, count := 0.0, 1.0, 0.0
	for _, mu1 := range []float64{0.5, 1, 2, 4, 8, 15} {
		for _, mu2 := range []float64{0.7, 1.5, 3, 6, 12, 20} {
			held := 0.0
			for x1 := range intervals {
				for x2, iv := range intervals[x1] {
					if iv.Low <= mu2/3-mu1/2 && iv.High >= mu2/3-mu1/2 {
						held += poisson(x1, mu1) * poisson(x2, mu2)
					}
				}
			}
			sum, least, count = sum+held, min(least, held), count+1
		}
	}
	t.Logf("95 %% intervals hold the difference with probability %.4f on average, %.4f at least", sum/count, least)
	if sum/count < 0.95 || least < 0.94 {
		t.Errorf("intervals hold the difference with probability %.4f, at least %.4f", sum/count, least)
	}
}
