package stats

import (
	"fmt"
	"iter"
	"math"
)

// Shrunk holds estimates that were pulled towards a common mean, the more so
// the less they rest on. The columns belong to the caller.
type Shrunk struct {
	// Estimate is the posterior mean; 0 where Valid is false.
	Estimate []float64
	// Valid says whether there is an estimate.
	Valid []bool
	// Reason is ZeroExposure where the estimate is nothing but the prior
	// mean, and EventsWithoutExposure or NoData where there is none.
	Reason []Reason
	// Mean is the prior mean, the rate or share of all units together.
	Mean float64
	// Variance is the prior variance between units, beyond what chance
	// explains. It is 0 where chance explains all of it; every estimate then
	// equals Mean.
	Variance float64
}

// Imputed reports whether estimate i rests on no observation of its own.
func (s *Shrunk) Imputed(i int) bool {
	return s.Valid[i] && s.Reason[i] == ZeroExposure
}

// ShrinkRates returns empirical Bayes estimates of rates, events per unit of
// exposure: the global method-of-moments estimator of Marshall (1991),
// section 2. With b = Σ O / Σ P, p = O / P and s² = Σ P (p-b)² / Σ P,
//
//	variance = max(0, s² - b/mean(P))
//	estimate = b + (p - b) variance / (variance + b/P)
//
// Units without exposure are left out of the sums. The error is an ErrLength
// or a *ValueError (negative or not finite).
func ShrinkRates(events []int64, exposure []float64) (Shrunk, error) {
	if err := checkRates(events, exposure); err != nil {
		return Shrunk{}, fmt.Errorf("shrink rates: %w", err)
	}
	prior := ratePrior(events, exposure, nil)
	s := newShrunk(len(events))
	s.Mean, s.Variance = prior.mean, prior.variance
	for i := range events {
		s.rate(i, prior, events[i], exposure[i])
	}
	return s, nil
}

// ShrinkRatesNearby is ShrinkRates with a prior for each unit, taken from the
// unit and its neighbours: the local estimator of Marshall (1991), section 3,
// with deviations from the mean of the unit's own neighbourhood, as in GeoDa.
// A neighbourhood without events gives 0. The values of the weights do not
// matter. Mean and Variance are those of all units.
func ShrinkRatesNearby(events []int64, exposure []float64, w Weights) (Shrunk, error) {
	err := checkRates(events, exposure)
	if err == nil {
		err = checkLength(len(events), w.Cells())
	}
	if err != nil {
		return Shrunk{}, fmt.Errorf("shrink rates nearby: %w", err)
	}
	all := ratePrior(events, exposure, nil)
	s := newShrunk(len(events))
	s.Mean, s.Variance = all.mean, all.variance
	var units []int32
	for i := range events {
		neighbours, _ := w.Row(i)
		units = append(append(units[:0], int32(i)), neighbours...)
		s.rate(i, ratePrior(events, exposure, units), events[i], exposure[i])
	}
	return s, nil
}

// ShrinkShares returns empirical Bayes estimates of shares, from 0 to 1, for
// ranking: the posterior means of a beta-binomial model whose prior is fitted
// by the method of moments (Martuzzi and Elliott 1996, equations 4 to 7). With
// m = Σ x / Σ n, p = x / n, s² = Σ n (p-m)² / Σ n and N the mean of n,
//
//	variance = (N s² - m (1-m)) / (N - 1), from 0 to m (1-m)
//	estimate = m + (p - m) variance / (variance + (m (1-m) - variance)/n)
//
// which is (x + m S) / (n + S) for a prior worth S = m (1-m)/variance - 1
// trials. We cut the variance off at 0 where shares vary less than chance, as
// Marshall does for rates; all estimates are then m. A unit without trials
// gets m and is marked as imputed. The error is an ErrLength or a *ValueError
// (negative, or more successes than trials).
func ShrinkShares(successes, trials []int64) (Shrunk, error) {
	if err := checkShares(successes, trials); err != nil {
		return Shrunk{}, fmt.Errorf("shrink shares: %w", err)
	}
	prior := sharePrior(successes, trials, nil)
	s := newShrunk(len(trials))
	s.Mean, s.Variance = prior.mean, prior.variance
	for i := range trials {
		s.share(i, prior, successes[i], trials[i])
	}
	return s, nil
}

func newShrunk(n int) Shrunk {
	return Shrunk{Estimate: make([]float64, n), Valid: make([]bool, n), Reason: make([]Reason, n)}
}

func (s *Shrunk) set(i int, estimate float64, r Reason) {
	s.Estimate[i], s.Valid[i], s.Reason[i] = estimate, true, r
}

// rate sets row i from its prior and observation.
func (s *Shrunk) rate(i int, b prior, events int64, exposure float64) {
	switch {
	case exposure == 0 && events > 0:
		s.Reason[i] = EventsWithoutExposure
	case b.units == 0:
		s.Reason[i] = NoData
	case exposure == 0:
		s.set(i, b.mean, ZeroExposure)
	default:
		s.set(i, b.pull(float64(events)/exposure, b.mean/exposure), OK)
	}
}

// share sets row i from its prior and observation.
func (s *Shrunk) share(i int, b prior, successes, trials int64) {
	switch {
	case b.units == 0:
		s.Reason[i] = NoData
	case trials == 0:
		s.set(i, b.mean, ZeroExposure)
	default:
		p := float64(successes) / float64(trials)
		noise := (b.mean*(1-b.mean) - b.variance) / float64(trials)
		s.set(i, b.pull(p, noise), OK)
	}
}

// A prior is a fitted distribution of true rates or shares. It is not known
// where nothing was observed.
type prior struct {
	mean, variance float64
	units          int // those with exposure or trials, which it was fitted to
}

// pull returns the posterior mean of an observation with the given variance
// due to chance.
func (b prior) pull(observed, noise float64) float64 {
	if b.variance == 0 {
		return b.mean
	}
	return b.mean + (observed-b.mean)*b.variance/(b.variance+noise)
}

// ratePrior fits the prior of rates to some units, or to all for nil.
func ratePrior(events []int64, exposure []float64, units []int32) prior {
	var cases, people, spread summer
	counted := 0
	for i := range rowsOf(units, len(events)) {
		if exposure[i] > 0 {
			counted++
			cases.add(float64(events[i]))
			people.add(exposure[i])
		}
	}
	if counted == 0 {
		return prior{}
	}
	b := cases.total() / people.total()
	for i := range rowsOf(units, len(events)) {
		if exposure[i] > 0 {
			d := float64(events[i])/exposure[i] - b
			spread.add(exposure[i] * d * d)
		}
	}
	chance := b / (people.total() / float64(counted))
	return prior{mean: b, variance: max(spread.total()/people.total()-chance, 0), units: counted}
}

// sharePrior fits the prior of shares to some units, or to all for nil.
func sharePrior(successes, trials []int64, units []int32) prior {
	var hits, total, spread summer
	counted := 0
	for i := range rowsOf(units, len(trials)) {
		if trials[i] > 0 {
			counted++
			hits.add(float64(successes[i]))
			total.add(float64(trials[i]))
		}
	}
	if counted == 0 {
		return prior{}
	}
	m := hits.total() / total.total()
	for i := range rowsOf(units, len(trials)) {
		if n := float64(trials[i]); n > 0 {
			d := float64(successes[i])/n - m
			spread.add(n * d * d)
		}
	}
	perUnit := total.total() / float64(counted)
	if perUnit <= 1 {
		return prior{mean: m, units: counted} // single trials say nothing about spread
	}
	chance := m * (1 - m)
	variance := (perUnit*spread.total()/total.total() - chance) / (perUnit - 1)
	return prior{mean: m, variance: min(max(variance, 0), chance), units: counted}
}

// rowsOf yields the rows of some units, or those of all n units for nil.
func rowsOf(units []int32, n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		if units == nil {
			for i := range n {
				if !yield(i) {
					return
				}
			}
			return
		}
		for _, i := range units {
			if !yield(int(i)) {
				return
			}
		}
	}
}

func checkRates(events []int64, exposure []float64) error {
	if err := checkLength(len(events), len(exposure)); err != nil {
		return err
	}
	for i, e := range exposure {
		if !(e >= 0) || math.IsInf(e, 1) {
			return &ValueError{Row: i, Value: e, Why: "want an exposure of 0 or more"}
		}
		if events[i] < 0 {
			return &ValueError{Row: i, Value: float64(events[i]), Why: "want a count"}
		}
	}
	return nil
}

func checkShares(successes, trials []int64) error {
	if err := checkLength(len(successes), len(trials)); err != nil {
		return err
	}
	for i, n := range trials {
		if n < 0 {
			return &ValueError{Row: i, Value: float64(n), Why: "want a count of trials"}
		}
		if successes[i] < 0 || successes[i] > n {
			return &ValueError{Row: i, Value: float64(successes[i]), Why: "want successes from 0 to trials"}
		}
	}
	return nil
}
