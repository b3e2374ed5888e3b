package stats

import (
	"fmt"
	"math"
)

// Rates holds standardised rates, one row per unit. The columns belong to the
// caller.
type Rates struct {
	// Z is the standardised rate; 0 where Valid is false.
	Z []float64
	// Valid says whether Z has a value.
	Valid []bool
	// Reason is ZeroExposure, EventsWithoutExposure or, where all rates are as
	// chance would have them to the last event, ZeroVariance.
	Reason []Reason
}

// StandardiseRates returns rates that can be compared although some rest on more
// exposure than others: the empirical Bayes index of Assunção and Reis (1999),
// section 4. With b = Σ O / Σ P, p = O / P and s² = Σ P (p-b)² / Σ P,
//
//	a = max(0, s² - b/mean(P))        z = (p - b) / sqrt(a + b/P)
//
// It is what Moran's I and Gi* of rates are made of. Assunção and Reis leave a
// negative and put b/P where a + b/P would be negative; the two differ only where
// rates vary less than chance. Units without exposure are left out of the sums.
// The error is an ErrLength or a *ValueError (negative or not finite).
func StandardiseRates(events []int64, exposure []float64) (Rates, error) {
	if err := checkRates(events, exposure); err != nil {
		return Rates{}, fmt.Errorf("standardise rates: %w", err)
	}
	prior := ratePrior(events, exposure, nil)
	r := Rates{Z: make([]float64, len(events)), Valid: make([]bool, len(events)), Reason: make([]Reason, len(events))}
	for i := range events {
		switch {
		case exposure[i] == 0 && events[i] > 0:
			r.Reason[i] = EventsWithoutExposure
		case exposure[i] == 0:
			r.Reason[i] = ZeroExposure
		case prior.mean == 0:
			r.Reason[i] = ZeroVariance
		default:
			spread := prior.variance + prior.mean/exposure[i]
			r.Z[i], r.Valid[i] = (float64(events[i])/exposure[i]-prior.mean)/math.Sqrt(spread), true
		}
	}
	return r, nil
}
