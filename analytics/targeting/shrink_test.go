package targeting

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/geo"
)

func metresOf(x float64) geo.Metres { return geo.Metres(x) }

// TestGammaPriorEqualsMarshall: where the same is expected of all units, the
// gamma-Poisson model fitted by moments is the estimator of Marshall (1991),
// which package stats holds against spdep and GeoDa.
func TestGammaPriorEqualsMarshall(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	for range 30 {
		n := 5 + rng.IntN(60)
		events, exposure, observed, expected := make([]int64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		total := 0.0
		for i := range events {
			events[i] = int64(rng.IntN(4) * rng.IntN(4))
			exposure[i], observed[i] = 3, float64(events[i])
			total += observed[i]
		}
		for i := range expected {
			expected[i] = total / float64(n)
		}
		want, err := stats.ShrinkRates(events, exposure)
		if err != nil {
			t.Fatal(err)
		}
		prior := fitGamma(observed, expected, 1)
		for i := range events {
			if got := expected[i] * prior.factor(observed[i], expected[i]) / exposure[i]; !near(got, want.Estimate[i]) {
				t.Fatalf("unit %d of %v: %v, want %v", i, events, got, want.Estimate[i])
			}
		}
	}
}

// TestIntervalIsThatOfTheMixture adds the predictive distribution up as a
// mixture of Poisson distributions over gamma quantiles, by Simpson's rule.
func TestIntervalIsThatOfTheMixture(t *testing.T) {
	mass := func(f Forecast, n int) float64 {
		factorial, _ := math.Lgamma(float64(n) + 1)
		poisson := func(rate float64) float64 { return math.Exp(float64(n)*math.Log(rate) - rate - factorial) }
		if f.Shape == 0 {
			return poisson(f.Mean)
		}
		norm, _ := math.Lgamma(f.Shape)
		density := func(rate float64) float64 {
			x := rate * f.Shape / f.Mean
			return math.Exp((f.Shape-1)*math.Log(x)-x-norm) * f.Shape / f.Mean
		}
		const steps = 20_000
		top := f.Mean + 20*f.Mean/math.Sqrt(f.Shape) + 20
		h := top / steps
		sum := 0.0
		for i := 1; i < steps; i++ {
			weight := 2.0 + 2*float64(i%2)
			sum += weight * poisson(float64(i)*h) * density(float64(i)*h)
		}
		return sum * h / 3
	}
	for _, f := range []Forecast{{0.4, 2}, {3, 2}, {3, 0}, {12, 30}, {0.05, 1.5}, {7.5, 400}, {800, 0}} {
		for _, level := range []float64{0.5, 0.9, 0.99} {
			low, high, ok := f.Interval(level)
			tail := (1 - level) / 2
			cumulative, wantLow, wantHigh := 0.0, -1, -1
			for n := 0; wantHigh < 0; n++ {
				cumulative += mass(f, n)
				if wantLow < 0 && cumulative > tail {
					wantLow = n
				}
				if cumulative >= 1-tail {
					wantHigh = n
				}
			}
			if !ok || low != wantLow || high != wantHigh {
				t.Errorf("%+v at %v: %d to %d, want %d to %d", f, level, low, high, wantLow, wantHigh)
			}
		}
	}
	if low, high, ok := (Forecast{}).Interval(0.9); !ok || low != 0 || high != 0 {
		t.Errorf("of nothing: %d to %d, want 0 to 0", low, high)
	}
	for _, f := range []Forecast{{-1, 0}, {math.NaN(), 0}, {1e7, 0}} {
		if _, _, ok := f.Interval(0.9); ok {
			t.Errorf("%+v has an interval", f)
		}
	}
	if _, _, ok := (Forecast{1, 1}).Interval(1); ok {
		t.Error("there is an interval of certainty")
	}
}
