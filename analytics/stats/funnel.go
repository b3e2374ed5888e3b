package stats

import (
	"fmt"
	"math"
)

// FunnelOptions tune a funnel. The zero value is ready for use.
type FunnelOptions struct {
	// Target is the share that units are compared with, strictly between 0 and 1.
	// Zero means that of all units together.
	Target float64
	// Wide draws the limits for units that differ by more than chance, as much as
	// they do; else they are those of chance alone.
	Wide bool
}

// Funnel holds the limits of a funnel plot, one row per unit. The columns belong to
// the caller.
type Funnel struct {
	// The limits that a unit stays below with probability 0.001, 0.025, 0.975 and
	// 0.999 if its true share is the target or, with wide limits, differs from it as
	// those of units do; 0 where Valid is false.
	Low998, Low95, High95, High998 []float64
	// Few and Many are the probabilities of a share at most and at least as large as
	// that of a unit, on the terms of the limits; 1 where Valid is false. They are
	// what to go by: limits are drawn smooth, and the upper ones up to a trial too low.
	Few, Many []float64
	// Z is the deviate of a unit's share from the target, in standard deviations of
	// chance and of what units differ by beyond it, whatever the limits.
	Z []float64
	// Valid says whether a unit has limits: it needs a trial.
	Valid []bool
	// Target is what units were compared with.
	Target float64
	// Scatter is how much more units scatter than chance explains, as
	// Overdispersion tells; 0 for fewer than ten units with trials.
	Scatter float64
	// Between is the variance of true shares beyond chance, τ²; 0 where chance
	// explains the scatter.
	Between float64
}

// ShareFunnel compares the shares of units, each of so many trials, with a target:
// which of them differ from it by more than chance, and than units differ anyhow,
// would have them. It is the funnel plot of Spiegelhalter (2005) with his additive
// model of over-dispersion, section 3.3 and appendix A.3: with m the share of all
// units together, s² = m (1-m) / trials, w = 1/s², k units and Φ the mean of the
// squared deviates z = (share - m) / s, the tenth at either end drawn in,
//
//	τ² = max(0, (k Φ - (k-1)) / (Σ w - Σ w² / Σ w))
//	Z  = (share - target) / sqrt(s² + τ²)
//
// where s is that of the target. Limits are those of FunnelLimit, exact for chance
// alone; wide ones stand further from the target by the factor sqrt(1 + τ²/s²), where
// he has normal ones. Few and Many are binomial probabilities, for wide limits of a
// share that is nearer to the target by that factor. They say what limits between
// whole trials cannot: of a target of 0.7, 2 of 2 lie above the upper 99.8 % limit,
// though half of all units do. Of fewer than ten units there is no tenth to draw in,
// and the one that one looks for would hide itself: τ² is 0.
//
// No unit has limits where the target is 0 or 1, as that of all units may be. The
// error is an ErrLength, a *ValueError (a share outside 0 to 1, negative trials) or
// names a target outside 0 to 1.
func ShareFunnel(shares []float64, trials []int64, o FunnelOptions) (Funnel, error) {
	if err := checkFunnel(shares, trials, o.Target); err != nil {
		return Funnel{}, fmt.Errorf("draw a funnel: %w", err)
	}
	n := len(shares)
	f := Funnel{
		Low998: make([]float64, n), Low95: make([]float64, n), High95: make([]float64, n), High998: make([]float64, n),
		Few: make([]float64, n), Many: make([]float64, n), Z: make([]float64, n), Valid: make([]bool, n), Target: o.Target,
	}
	pooled := f.scatter(shares, trials)
	if f.Target == 0 {
		f.Target = pooled
	}
	chance := f.Target * (1 - f.Target)
	limits := map[int64][4]float64{} // by trials: small cells have the same few
	for i, t := range trials {
		if f.Few[i], f.Many[i] = 1, 1; t == 0 || !(chance > 0) {
			continue
		}
		wider := 1.0
		if o.Wide {
			wider = math.Sqrt(1 + f.Between*float64(t)/chance)
		}
		if _, known := limits[t]; !known {
			limits[t] = f.limits(t, wider)
		}
		l := limits[t]
		f.Low998[i], f.Low95[i], f.High95[i], f.High998[i] = l[0], l[1], l[2], l[3]
		f.Z[i], f.Valid[i] = (shares[i]-f.Target)/math.Sqrt(chance/float64(t)+f.Between), true
		successes := min(max(f.Target+(shares[i]-f.Target)/wider, 0), 1) * float64(t)
		f.Few[i], f.Many[i] = BinomialP(successes, float64(t), f.Target, Less), BinomialP(successes, float64(t), f.Target, Greater)
	}
	return f, nil
}

func checkFunnel(shares []float64, trials []int64, target float64) error {
	if err := checkLength(len(shares), len(trials)); err != nil {
		return err
	}
	if !(target >= 0 && target <= 1) {
		return fmt.Errorf("target %v: want a share from 0 to 1", target)
	}
	for i, share := range shares {
		if trials[i] < 0 {
			return &ValueError{Row: i, Value: float64(trials[i]), Why: "want trials of 0 or more"}
		}
		if trials[i] > 0 && !(share >= 0 && share <= 1) {
			return &ValueError{Row: i, Value: share, Why: "want a share from 0 to 1"}
		}
	}
	return nil
}

// scatter fills in Scatter and Between, and returns the share of all units together.
func (f *Funnel) scatter(shares []float64, trials []int64) (pooled float64) {
	units, all, squares, good := 0, 0.0, 0.0, 0.0
	for i, t := range trials {
		if t > 0 {
			units++
			all += float64(t)
			squares += float64(t) * float64(t)
			good += float64(t) * shares[i]
		}
	}
	if units == 0 {
		return 0
	}
	pooled = good / all
	chance := pooled * (1 - pooled)
	if units < fewestUnits || !(chance > 0) {
		return pooled
	}
	z := make([]float64, 0, units)
	for i, t := range trials {
		if t > 0 {
			z = append(z, (shares[i]-pooled)*math.Sqrt(float64(t)/chance))
		}
	}
	f.Scatter = Overdispersion(z)
	k := float64(units)
	// The weights are trials over chance, which is taken out of the fraction.
	f.Between = max(0, (k*f.Scatter-(k-1))*chance/(all-squares/all))
	return pooled
}

// limits returns the four limits of a unit of so many trials, ascending, so much wider
// than those of chance.
func (f *Funnel) limits(trials int64, wider float64) (limits [4]float64) {
	for i, q := range [...]float64{0.001, 0.025, 0.975, 0.999} {
		at, ok := FunnelLimit(q, trials, f.Target)
		if !ok {
			panic("BUG: a funnel of trials around a share has no limit")
		}
		limits[i] = min(max(f.Target+(at-f.Target)*wider, 0), 1)
	}
	return limits
}

// FunnelLimit returns the share that a unit of the given number of trials
// stays below with probability q if its true share is target: a line of a
// funnel plot, interpolated between whole numbers of successes so that it is
// smooth (Spiegelhalter 2005, appendix A.1.1). Where interpolation ends below
// 0, because so few trials may well bring no success, the limit is 0. ok is
// false without trials and unless q and target lie strictly between 0 and 1.
func FunnelLimit(q float64, trials int64, target float64) (limit float64, ok bool) {
	if trials <= 0 || !(q > 0 && q < 1) || !(target > 0 && target < 1) {
		return 0, false
	}
	r := binomialQuantile(q, trials, target)
	n := float64(trials)
	at := binomialDensity(float64(r), n, target, 1-target)
	over := (binomialCDF(r, trials, target) - q) / at
	return min(max((float64(r)-over)/n, 0), 1), true
}
