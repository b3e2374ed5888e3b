package targeting

import "math"

// A gammaPrior is the prior of how far the rates of units lie above or below what
// is expected of them: a gamma distribution of mean 1.
type gammaPrior struct {
	variance float64 // 0: all are as expected
	// noise is the variance of an observation of mean 1 by chance: 1 for counts,
	// less for weighted ones.
	noise float64
}

// fitGamma fits the gamma-Poisson model of Clayton and Kaldor (1987) to weighted
// counts and what is expected of them, by the moments of Marshall (1991):
//
//	variance = max(0, (Σ (x-μ)² - noise Σ μ) / Σ μ²)
func fitGamma(observed, expected []float64, noise float64) gammaPrior {
	var spread, chance, squares float64
	for i, mu := range expected {
		d := observed[i] - mu
		spread += d * d
		chance += noise * mu
		squares += mu * mu
	}
	p := gammaPrior{noise: noise}
	if squares > 0 {
		p.variance = max(0, (spread-chance)/squares)
	}
	return p
}

// factor returns the posterior mean of a unit's rate over what is expected.
func (p gammaPrior) factor(observed, expected float64) float64 {
	if p.variance == 0 {
		return 1
	}
	weight := p.noise / p.variance
	return (weight + observed) / (weight + expected)
}

// shape returns the shape of the posterior gamma distribution, 0 where the rate
// is as good as known.
func (p gammaPrior) shape(observed float64) float64 {
	if p.variance == 0 {
		return 0
	}
	return 1/p.variance + observed/p.noise
}

// A Forecast is how many events are expected in a row, and how sure that is: a
// gamma distribution of the rate.
type Forecast struct {
	Mean float64 // events
	// Shape is that of the gamma distribution; 0 stands for a rate that is known,
	// the limit of large shapes.
	Shape float64
}

// Times returns the forecast for a span that is as long as so many of the
// present one.
func (f Forecast) Times(spans float64) Forecast { return Forecast{f.Mean * spans, f.Shape} }

// Interval returns the numbers of events between which the next count lies with
// at least the given probability, its tails no larger than half the rest: the
// quantiles of the predictive distribution, negative binomial or, for a rate
// that is known, Poisson (Gelman et al. 2013, section 2.6). ok is false unless
// the mean is from 0 to a million and level lies strictly between 0 and 1.
func (f Forecast) Interval(level float64) (low, high int, ok bool) {
	const most = 1e6
	if !(f.Mean >= 0 && f.Mean <= most) || !(level > 0 && level < 1) {
		return 0, 0, false
	}
	tail := (1 - level) / 2
	// The logarithm of the probability of n events, from one n to the next: the
	// probability of none underflows where the mean is in the hundreds.
	mass := -f.Mean
	if f.Shape > 0 {
		mass = -f.Shape * math.Log1p(f.Mean/f.Shape)
	}
	cumulative, found := 0.0, false
	for n := 0; ; n++ {
		cumulative += math.Exp(mass)
		if !found && cumulative > tail {
			low, found = n, true
		}
		// Rounding may leave the sum short of 1 by a few digits; far beyond the mean
		// nothing is left to add.
		if cumulative >= 1-tail || f.Mean == 0 || float64(n) > most+100*(f.Mean+1) {
			return low, n, true
		}
		if f.Shape > 0 {
			mass += math.Log((f.Shape+float64(n))/float64(n+1)) - math.Log1p(f.Shape/f.Mean)
		} else {
			mass += math.Log(f.Mean / float64(n+1))
		}
	}
}
