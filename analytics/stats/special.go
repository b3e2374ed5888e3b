package stats

import "math"

// The gamma and beta functions below rest on the saddle-point form of their
// densities (Loader 2000, "Fast and accurate computation of binomial
// probabilities"), which keeps 13 digits where differences of log-gammas lose
// them: at counts of a hundred thousand and more.

// maxFractionSteps bounds the continued fractions and series. They need about
// the square root of their parameters, so this serves counts up to 10^11.
const maxFractionSteps = 1_000_000

// tinyFraction keeps the denominators of Lentz's algorithm from vanishing.
const tinyFraction = 1e-300

// stirlingError returns log Γ(n+1) less Stirling's formula, for n > 0.
func stirlingError(n float64) float64 {
	if n < 16 {
		g, _ := math.Lgamma(n + 1)
		return g - (n+0.5)*math.Log(n) + n - 0.5*math.Log(2*math.Pi)
	}
	s := n * n
	return (1.0/12 - (1.0/360-(1.0/1260-(1.0/1680-1.0/1188/s)/s)/s)/s) / n
}

// devianceTerm returns x log(x/m) + m - x for x, m > 0 without cancellation
// near x = m (Loader's bd0).
func devianceTerm(x, m float64) float64 {
	d := x - m
	if math.Abs(d) >= 0.1*(x+m) {
		return x*math.Log(x/m) + m - x
	}
	v := d / (x + m)
	sum := d * v
	term := 2 * x * v
	for k := 3.0; k < 1000; k += 2 {
		term *= v * v
		next := sum + term/k
		if next == sum {
			break
		}
		sum = next
	}
	return sum
}

// poissonDensity returns exp(-m) m^x / Γ(x+1) for real x >= 0 and m >= 0.
func poissonDensity(x, m float64) float64 {
	switch {
	case m == 0 && x == 0:
		return 1
	case m == 0:
		return 0
	case x == 0:
		return math.Exp(-m)
	}
	return math.Exp(-stirlingError(x)-devianceTerm(x, m)) / math.Sqrt(2*math.Pi*x)
}

// binomialDensity returns the probability of x successes in n trials of
// probability p, q = 1-p, for real 0 <= x <= n.
func binomialDensity(x, n, p, q float64) float64 {
	switch {
	case p == 0 && x == 0, q == 0 && x == n:
		return 1
	case p == 0, q == 0:
		return 0
	case x == 0:
		return powerOf(q, p, n)
	case x == n:
		return powerOf(p, q, n)
	}
	log := stirlingError(n) - stirlingError(x) - stirlingError(n-x) -
		devianceTerm(x, n*p) - devianceTerm(n-x, n*q)
	return math.Exp(log) * math.Sqrt(n/(2*math.Pi*x*(n-x)))
}

// powerOf returns p^n, given q = 1-p, accurate also for p near 1.
func powerOf(p, q, n float64) float64 {
	if p > 0.5 {
		return math.Exp(n * math.Log1p(-q))
	}
	return math.Exp(n * math.Log(p))
}

// gammaTails returns the regularised incomplete gamma functions P(a, x) and
// Q(a, x) = 1 - P for a > 0 and x >= 0: NIST DLMF 8.11.4 (series) and 8.9.2
// (continued fraction).
func gammaTails(a, x float64) (lower, upper float64) {
	if x <= 0 {
		return 0, 1
	}
	density := poissonDensity(a, x)
	if x < a+1 {
		sum, term := 1.0, 1.0
		for k := 1.0; k < maxFractionSteps && term > sum*1e-17; k++ {
			term *= x / (a + k)
			sum += term
		}
		lower = min(density*sum, 1)
		return lower, 1 - lower
	}
	upper = min(density*a*gammaFraction(a, x), 1)
	return 1 - upper, upper
}

// gammaFraction evaluates the continued fraction of Γ(a, x) e^x x^-a by
// Lentz's algorithm as modified by Thompson and Barnett (1986).
func gammaFraction(a, x float64) float64 {
	b := x + 1 - a
	c := 1 / tinyFraction
	d := 1 / b
	h := d
	for k := 1.0; k < maxFractionSteps; k++ {
		an := -k * (k - a)
		b += 2
		d = 1 / awayFromZero(an*d+b)
		c = awayFromZero(b + an/c)
		h *= d * c
		if math.Abs(d*c-1) < 1e-16 {
			break
		}
	}
	return h
}

// betaTails returns the regularised incomplete beta functions I_x(a, b) and
// I_y(b, a) = 1 - I_x(a, b) for a, b > 0, with y = 1-x given apart so that
// neither end loses digits: NIST DLMF 8.17.22.
func betaTails(a, b, x, y float64) (lower, upper float64) {
	switch {
	case x <= 0:
		return 0, 1
	case y <= 0:
		return 1, 0
	}
	density := binomialDensity(a, a+b, x, y) / (a + b) // x^a y^b / (a b B(a, b))
	if x < (a+1)/(a+b+2) {
		lower = min(density*b*betaFraction(a, b, x, y), 1)
		return lower, 1 - lower
	}
	upper = min(density*a*betaFraction(b, a, y, x), 1)
	return 1 - upper, upper
}

// betaFraction evaluates the continued fraction of the incomplete beta function
// by Lentz's algorithm. Its steps are taken two at a time, the even part, as by
// DiDonato and Morris (1992), and the distance from the mean is worked out first:
// near x = 1 single steps lose as many digits as a has.
func betaFraction(a, b, x, y float64) float64 {
	distance := a - (a+b)*x
	if a > b {
		distance = (a+b)*y - b
	}
	bn := a * (distance + 1) / (a + 1)
	c := 1 / tinyFraction
	d := 1 / awayFromZero(bn)
	h := d
	for k := 1.0; k < maxFractionSteps; k++ {
		s := a + 2*k - 1
		w := k * (b - k) * x
		an := (a + k - 1) / s * ((a + b + k - 1) / s) * w * x
		bn = k + w/s + (a+k)/(s+2)*(distance+1+k*(1+y))
		d = 1 / awayFromZero(an*d+bn)
		c = awayFromZero(bn + an/c)
		h *= d * c
		if math.Abs(d*c-1) < 1e-16 {
			break
		}
	}
	return a * h
}

func awayFromZero(v float64) float64 {
	if math.Abs(v) < tinyFraction {
		return tinyFraction
	}
	return v
}

// betaQuantile returns the x with I_x(a, b) = p, for 0 < p < 1 and a, b > 0.
func betaQuantile(p, a, b float64) float64 {
	return invert(p, 1, a/(a+b), func(x float64) (lower, upper, slope float64) {
		y := 1 - x
		lower, upper = betaTails(a, b, x, y)
		return lower, upper, binomialDensity(a, a+b, x, y) * a * b / ((a + b) * x * y)
	})
}

// gammaQuantile returns the x with P(a, x) = p, for 0 < p < 1 and a > 0.
func gammaQuantile(p, a float64) float64 {
	z := NormalQuantile(p)
	most := a + math.Abs(z)*math.Sqrt(a) + z*z + 50 // beyond any quantile at this p
	return invert(p, most, a, func(x float64) (lower, upper, slope float64) {
		lower, upper = gammaTails(a, x)
		return lower, upper, poissonDensity(a, x) * a / x
	})
}

// invert finds the x in (0, most) at which a continuous distribution function
// reaches p, to nearly full relative accuracy: Newton's method from start, kept
// inside a bracket. cdf returns both tails and the density, so that the smaller
// tail decides.
func invert(p, most, start float64, cdf func(x float64) (lower, upper, slope float64)) float64 {
	const smallest = 1e-308
	lo, hi, x := smallest, most, start
	for range 400 {
		lower, upper, slope := cdf(x)
		miss := lower - p
		if p > 0.5 {
			miss = (1 - p) - upper
		}
		switch {
		case miss == 0:
			return x
		case miss > 0:
			hi = x
		default:
			lo = x
		}
		next := x - miss/slope
		if !(next > lo && next < hi) {
			next = between(lo, hi)
		}
		if math.Abs(next-x) <= 2e-16*x || hi-lo <= 2e-16*hi {
			return next
		}
		x = next
	}
	return x
}

// between returns a middle of the bracket: geometric while it spans magnitudes.
func between(lo, hi float64) float64 {
	if hi > 16*lo {
		return math.Sqrt(lo) * math.Sqrt(hi)
	}
	return lo + (hi-lo)/2
}

// binomialCDF returns the probability of at most k successes in n trials of
// probability p (NIST DLMF 8.17.5).
func binomialCDF(k, n int64, p float64) float64 {
	switch {
	case k < 0:
		return 0
	case k >= n:
		return 1
	}
	_, upper := betaTails(float64(k+1), float64(n-k), p, 1-p)
	return upper
}

// binomialQuantile returns the smallest k with binomialCDF(k, n, p) >= q.
// Like R's qbinom it allows for the last digits of the sum.
func binomialQuantile(q float64, n int64, p float64) int64 {
	q *= 1 - 1e-13
	lo, hi := int64(-1), n
	for hi-lo > 1 {
		mid := lo + (hi-lo)/2
		if binomialCDF(mid, n, p) >= q {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}
