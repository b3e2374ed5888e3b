package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// TestFunnelLimitsAreThoseOfR compares the limits of units around a target with
// limits recorded from R.
func TestFunnelLimitsAreThoseOfR(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		var want recordedIntervals
		readJSON(t, &want, dir, "rates", "intervals.json")
		dev := worst{name: "funnels"}
		for _, c := range want.Funnel {
			got, err := ShareFunnel([]float64{c.Target}, []int64{c.N}, FunnelOptions{Target: c.Target})
			if err != nil || !got.Valid[0] || got.Between != 0 || got.Z[0] != 0 {
				t.Errorf("funnel of %d around %v: %+v, %v", c.N, c.Target, got, err)
				continue
			}
			for k, limit := range []float64{got.Low998[0], got.Low95[0], got.High95[0], got.High998[0]} {
				dev.near(t, limit, min(max(c.Binom.Limit[k], 0), 1), 1e-9, "limit %v of %d around %v", c.Binom.Q[k], c.N, c.Target)
			}
		}
		dev.log(t)
	})
}

// TestFunnelByHand works an over-dispersed funnel of ten units of 12 trials out. The
// mean is a half and s² is 1/48, so z² of 2 and of 10 successes is 16/3. There are two
// of each, so drawing one in at either end changes nothing: Φ = 4 (16/3) / 10, and
// τ² = (10 Φ - 9) / (480 - 48) = 37/1296.
func TestFunnelByHand(t *testing.T) {
	shares, trials := make([]float64, 10), make([]int64, 10)
	for i, successes := range []float64{2, 2, 6, 6, 6, 6, 6, 6, 10, 10} {
		shares[i], trials[i] = successes/12, 12
	}
	const scatter, between = 32.0 / 15, 37.0 / 1296
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	f, err := ShareFunnel(shares, trials, FunnelOptions{Wide: true})
	if err != nil {
		t.Fatal(err)
	}
	near("the mean", f.Target, 0.5)
	near("scatter", f.Scatter, scatter)
	near("variance between units", f.Between, between)
	near("z of 2 in 12", f.Z[0], -(4.0/12)/math.Sqrt(1.0/48+between))
	near("z of 6 in 12", f.Z[2], 0)
	// Of 4096 outcomes 299 have at most 3 successes and 79 at most 2; as many at
	// least 9 and 10.
	low, high := (3-(299-0.025*4096)/220)/12, (9-(4096-79-0.975*4096)/220)/12
	wider := math.Sqrt(1 + 48*between)
	near("the lower limit", f.Low95[0], 0.5-(0.5-low)*wider)
	near("the upper limit", f.High95[0], 0.5+(high-0.5)*wider)

	f, err = ShareFunnel(shares, trials, FunnelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	near("the lower limit by chance", f.Low95[0], low)
	near("the upper limit by chance", f.High95[0], high)
	near("z of 2 in 12, whatever the limits", f.Z[0], -(4.0/12)/math.Sqrt(1.0/48+between))

	f, err = ShareFunnel(shares, trials, FunnelOptions{Target: 0.75})
	if err != nil {
		t.Fatal(err)
	}
	near("variance between units, whatever the target", f.Between, between)
	near("z of 6 in 12 against three quarters", f.Z[2], -0.25/math.Sqrt(0.75*0.25/12+between))

	f, err = ShareFunnel(shares[:9], trials[:9], FunnelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	near("variance between nine units", f.Between, 0)
	if mean := 50.0 / 108; math.Abs(f.Z[0]-(2.0/12-mean)/math.Sqrt(mean*(1-mean)/12)) > 1e-12 {
		t.Errorf("z among nine units is %v", f.Z[0])
	}
}

// TestFunnelsOfSimulatedUnits draws units that differ by chance alone, and units
// whose true shares differ by known variances. About 5 in 100 should be outside the
// 95 % limits either way, of the latter only while the limits allow for it.
func TestFunnelsOfSimulatedUnits(t *testing.T) {
	const units, mean = 4000, 0.8
	f := func(deviation float64, o FunnelOptions, low, high float64) {
		t.Helper()
		rng := rand.New(rand.NewPCG(4, 4))
		shares, trials := make([]float64, units), make([]int64, units)
		for i := range units {
			truth := min(max(mean+deviation*rng.NormFloat64(), 0), 1)
			trials[i] = 20 + rng.Int64N(400)
			for range trials[i] {
				if rng.Float64() < truth {
					shares[i] += 1 / float64(trials[i])
				}
			}
			shares[i] = min(shares[i], 1)
		}
		funnel, err := ShareFunnel(shares, trials, o)
		if err != nil {
			t.Fatal(err)
		}
		outside := 0
		for i, share := range shares {
			if funnel.Few[i] <= 0.025 || funnel.Many[i] <= 0.025 {
				outside++
			}
			if low := funnel.Few[i] < 0.025; !o.Wide && low != (share < funnel.Low95[i]) {
				t.Fatalf("%v of %d: p of so few is %v, the lower limit %v", share, trials[i], funnel.Few[i], funnel.Low95[i])
			}
		}
		t.Logf("deviation %v, %+v: scatter %.2f, between %.4f, outside %.3f", deviation, o, funnel.Scatter, math.Sqrt(funnel.Between), float64(outside)/units)
		if part := float64(outside) / units; part < low || part > high {
			t.Errorf("true shares differ by %v: %.3f are outside the 95 %% limits, want %v to %v", deviation, part, low, high)
		}
	}
	f(0, FunnelOptions{}, 0.035, 0.05)
	f(0, FunnelOptions{Target: mean, Wide: true}, 0.035, 0.05)
	f(0.05, FunnelOptions{}, 0.25, 0.5)
	f(0.05, FunnelOptions{Wide: true}, 0.04, 0.12) // tails that are drawn in make the limits a little narrow
}

// TestFunnelOfFewTrials: every other unit of 2 trials has 2 successes, if 0.7 of all
// are, however the limits are drawn.
func TestFunnelOfFewTrials(t *testing.T) {
	f, err := ShareFunnel([]float64{1, 0.5, 0}, []int64{2, 2, 2}, FunnelOptions{Target: 0.7})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][2]float64{{1, 0.49}, {0.51, 0.91}, {0.09, 1}} {
		if math.Abs(f.Few[i]-want[0]) > 1e-15 || math.Abs(f.Many[i]-want[1]) > 1e-15 {
			t.Errorf("unit %d: p of so few and so many %v and %v, want %v", i, f.Few[i], f.Many[i], want)
		}
	}
}

func TestFunnelsWithoutLimits(t *testing.T) {
	f := func(what string, shares []float64, trials []int64, o FunnelOptions) {
		t.Helper()
		funnel, err := ShareFunnel(shares, trials, o)
		if err != nil {
			t.Fatal(err)
		}
		for i, valid := range funnel.Valid {
			if valid || funnel.Z[i] != 0 || funnel.Low998[i] != 0 || funnel.High998[i] != 0 {
				t.Errorf("%s: row %d has limits: %+v", what, i, funnel)
			}
		}
	}
	f("no trials", []float64{0, math.NaN()}, []int64{0, 0}, FunnelOptions{Target: 0.5})
	f("no units", nil, nil, FunnelOptions{})
	f("all on time", []float64{1, 1}, []int64{5, 7}, FunnelOptions{})
	f("none on time", []float64{0, 0}, []int64{5, 7}, FunnelOptions{})
	f("a target of all", []float64{0.5, 1}, []int64{4, 7}, FunnelOptions{Target: 1})

	var wrong *ValueError
	if _, err := ShareFunnel([]float64{1.5}, []int64{2}, FunnelOptions{}); !errors.As(err, &wrong) {
		t.Errorf("a share of 1.5: %v, want a ValueError", err)
	}
	if _, err := ShareFunnel([]float64{0.5}, []int64{-2}, FunnelOptions{}); !errors.As(err, &wrong) {
		t.Errorf("-2 trials: %v, want a ValueError", err)
	}
	if _, err := ShareFunnel([]float64{0.5}, nil, FunnelOptions{}); !errors.Is(err, ErrLength) {
		t.Errorf("no column of trials: %v, want ErrLength", err)
	}
	if _, err := ShareFunnel(nil, nil, FunnelOptions{Target: math.NaN()}); err == nil {
		t.Error("a target that is no number is taken")
	}
}
