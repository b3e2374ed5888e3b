package stats

import (
	"math"
	"math/big"
	"testing"
)

// TestNormalQuantile holds published values: Wichura (1988), algorithm AS 241,
// test values, and DLMF 7.17 for the centre.
func TestNormalQuantile(t *testing.T) {
	f := func(p, want float64) {
		t.Helper()
		if got := NormalQuantile(p); math.Abs(got-want) > 2e-15*math.Abs(want) {
			t.Errorf("NormalQuantile(%v) = %.17g, want %.17g", p, got, want)
		}
	}
	f(0.25, -0.6744897501960817)
	f(0.001, -3.090232306167814)
	f(1e-20, -9.262340089798408)
	f(0.5, 0)
	for _, p := range []float64{1e-300, 1e-200, 1e-100, 1e-30, 1e-9, 0.001, 0.02425, 0.1, 0.3, 0.49999, 0.7, 0.975, 0.999} {
		if back := NormalCDF(NormalQuantile(p)); math.Abs(back-p) > 1e-12*p {
			t.Errorf("NormalCDF(NormalQuantile(%v)) = %v", p, back)
		}
	}
	if v := NormalQuantile(0); !math.IsInf(v, -1) {
		t.Errorf("NormalQuantile(0) = %v, want -Inf", v)
	}
	if v := NormalQuantile(1); !math.IsInf(v, 1) {
		t.Errorf("NormalQuantile(1) = %v, want +Inf", v)
	}
	if v := NormalQuantile(5e-324); math.IsNaN(v) || v > -38 {
		t.Errorf("NormalQuantile(5e-324) = %v, want about -38.5", v)
	}
}

func TestNormalP(t *testing.T) {
	// 1.959964 is the 97.5 % point to 7 digits in every table.
	if p := NormalP(-1.959963984540054, TwoSided); math.Abs(p-0.05) > 1e-15 {
		t.Errorf("two-sided p = %v, want 0.05", p)
	}
	if g, l := NormalP(1.5, Greater), NormalP(1.5, Less); math.Abs(g+l-1) > 1e-15 || g > l {
		t.Errorf("greater %v and less %v of z = 1.5 do not add up to 1", g, l)
	}
	for _, side := range []Side{TwoSided, Greater} {
		if p := NormalP(60, side); p <= 0 || p > 1e-300 {
			t.Errorf("p of 60 deviations is %v, want next to nothing and not 0", p)
		}
	}
}

// TestBinomialCDF sums up the terms in rational arithmetic.
func TestBinomialCDF(t *testing.T) {
	dev := worst{name: "binomial CDF"}
	for _, n := range []int64{1, 2, 7, 40, 300} {
		for _, num := range []int64{1, 13, 32, 63} {
			p := big.NewRat(num, 64)
			q := big.NewRat(64-num, 64)
			sum := new(big.Rat)
			for k := range n {
				term := new(big.Rat).SetInt(new(big.Int).Binomial(n, k))
				term.Mul(term, power(p, k))
				term.Mul(term, power(q, n-k))
				sum.Add(sum, term)
				want, _ := sum.Float64()
				if want < 1e-290 {
					continue
				}
				dev.near(t, binomialCDF(k, n, float64(num)/64), want, 1e-11, "cdf(%d, %d, %d/64)", k, n, num)
			}
		}
	}
	dev.log(t)
}

func power(p *big.Rat, k int64) *big.Rat {
	e := big.NewInt(k)
	return new(big.Rat).SetFrac(new(big.Int).Exp(p.Num(), e, nil), new(big.Int).Exp(p.Denom(), e, nil))
}

// TestBetaTailsNearOne has closed forms at large a, for x near 1: x^a for b = 1,
// and x^a (1 + a y) for b = 2.
func TestBetaTailsNearOne(t *testing.T) {
	dev := worst{name: "incomplete beta near 1"}
	for _, a := range []float64{1e3, 1e6, 1e9, 1e12} {
		for _, mean := range []float64{0.1, 1, 2.5, 4, 11, 30} {
			y := mean / a
			power := math.Exp(a * math.Log1p(-y))
			lower, _ := betaTails(a, 1, 1-y, y)
			dev.within(t, lower/power, 1, 1e-12, "I(%v, 1) at 1 - %v", a, y)
			lower, _ = betaTails(a, 2, 1-y, y)
			dev.within(t, lower/(power*(1+mean)), 1, 1e-12, "I(%v, 2) at 1 - %v", a, y)
		}
	}
	dev.log(t)
}

// TestGammaTails compares with sums of Poisson terms, Q(k+1, m) = P(X <= k).
func TestGammaTails(t *testing.T) {
	dev := worst{name: "incomplete gamma"}
	for _, m := range []float64{0.01, 0.5, 1, 3, 10, 40} {
		term, sum := math.Exp(-m), 0.0
		for k := range 80 {
			sum += term
			_, upper := gammaTails(float64(k+1), m)
			dev.near(t, upper, sum, 1e-12, "Q(%d, %v)", k+1, m)
			term *= m / float64(k+1)
		}
	}
	dev.log(t)
}

func TestQuantilesReturn(t *testing.T) {
	dev := worst{name: "quantile and back"}
	for _, a := range []float64{0.5, 1, 7.5, 200, 5e4, 3e6} {
		for _, p := range []float64{1e-10, 0.001, 0.025, 0.4, 0.975, 0.9999} {
			lower, _ := gammaTails(a, gammaQuantile(p, a))
			dev.near(t, lower, p, 1e-9, "gamma(%v) at %v", a, p)
			for _, b := range []float64{0.5, 1, 3, 900, 2e6} {
				x := betaQuantile(p, a, b)
				lower, _ := betaTails(a, b, x, 1-x)
				if 1-x > 1e-6 { // nearer to 1 there are too few digits in x to come back
					dev.within(t, lower, p, 1e-9, "beta(%v, %v) at %v", a, b, p)
				}
			}
		}
	}
	dev.log(t)
}

func TestBinomialQuantile(t *testing.T) {
	f := func(q float64, n int64, p float64, want int64) {
		t.Helper()
		if got := binomialQuantile(q, n, p); got != want {
			t.Errorf("binomialQuantile(%v, %d, %v) = %d, want %d", q, n, p, got, want)
		}
	}
	f(0.25, 2, 0.5, 0) // the distribution function is ¼, ¾, 1
	f(0.2501, 2, 0.5, 1)
	f(0.75, 2, 0.5, 1)
	f(0.7501, 2, 0.5, 2)
	f(1e-9, 5, 0.5, 0)
	f(1-1e-9, 5, 0.5, 5)
}
