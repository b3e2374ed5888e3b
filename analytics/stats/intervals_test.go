package stats

import (
	"math"
	"testing"
)

type recordedIntervals struct {
	Binomial []struct {
		X, N           int64
		Conf           float64
		Wilson         [2]float64
		ClopperPearson [2]float64 `json:"clopper_pearson"`
		Jeffreys       [2]float64
	}
	Poisson []struct {
		X              int64
		Exposure, Conf float64
		Exact, Byar    [2]float64
	}
	Funnel []struct {
		N      int64
		Target float64
		Binom  struct{ Q, Limit []float64 }
	}
}

func TestIntervalsAgainstR(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		var want recordedIntervals
		readJSON(t, &want, dir, "rates", "intervals.json")
		dev := worst{name: "intervals"}
		f := func(what string, got Interval, ok bool, want [2]float64, args ...any) {
			t.Helper()
			if !ok {
				t.Errorf("%s of %v: not ok", what, args)
			}
			dev.near(t, got.Low, max(want[0], 0), 1e-9, what+" low of %v", args)
			dev.near(t, got.High, want[1], 1e-9, what+" high of %v", args)
		}
		for _, c := range want.Binomial {
			iv, ok := Wilson(c.X, c.N, c.Conf)
			f("Wilson", iv, ok, c.Wilson, c.X, c.N, c.Conf)
			iv, ok = ClopperPearson(c.X, c.N, c.Conf)
			f("Clopper-Pearson", iv, ok, c.ClopperPearson, c.X, c.N, c.Conf)
			iv, ok = Jeffreys(c.X, c.N, c.Conf)
			f("Jeffreys", iv, ok, c.Jeffreys, c.X, c.N, c.Conf)
		}
		for _, c := range want.Poisson {
			iv, ok := PoissonExact(c.X, c.Exposure, c.Conf)
			f("Poisson exact", iv, ok, c.Exact, c.X, c.Exposure, c.Conf)
			iv, ok = PoissonByar(c.X, c.Exposure, c.Conf)
			f("Byar", iv, ok, c.Byar, c.X, c.Exposure, c.Conf)
		}
		for _, c := range want.Funnel {
			for k, q := range c.Binom.Q {
				limit, ok := FunnelLimit(q, c.N, c.Target)
				if !ok {
					t.Errorf("FunnelLimit(%v, %d, %v): not ok", q, c.N, c.Target)
				}
				dev.near(t, limit, max(c.Binom.Limit[k], 0), 1e-9, "funnel limit %v of %d around %v", q, c.N, c.Target)
			}
		}
		dev.log(t)
	})
}

func TestIntervalsOfNothing(t *testing.T) {
	f := func(what string, ok bool) {
		t.Helper()
		if ok {
			t.Errorf("%s: ok", what)
		}
	}
	for what, share := range map[string]func(int64, int64, float64) (Interval, bool){
		"Wilson": Wilson, "Clopper-Pearson": ClopperPearson, "Jeffreys": Jeffreys,
	} {
		for _, a := range []struct {
			successes, trials int64
			level             float64
		}{{0, 0, .95}, {-1, 3, .95}, {4, 3, .95}, {1, 3, 0}, {1, 3, 1}, {1, 3, math.NaN()}} {
			_, ok := share(a.successes, a.trials, a.level)
			f(what, ok)
		}
	}
	for what, rate := range map[string]func(int64, float64, float64) (Interval, bool){
		"Poisson exact": PoissonExact, "Byar": PoissonByar,
	} {
		for _, a := range []struct {
			events          int64
			exposure, level float64
		}{{1, 0, .95}, {-1, 1, .95}, {1, -1, .95}, {1, math.Inf(1), .95}, {1, math.NaN(), .95}, {1, 1, 2}} {
			_, ok := rate(a.events, a.exposure, a.level)
			f(what, ok)
		}
	}
	_, ok := FunnelLimit(0.025, 0, 0.5)
	f("funnel", ok)
}

// TestIntervalsMirror swaps successes and misses.
func TestIntervalsMirror(t *testing.T) {
	for n := int64(1); n <= 40; n++ {
		for x := int64(0); x <= n; x++ {
			for what, share := range map[string]func(int64, int64, float64) (Interval, bool){
				"Wilson": Wilson, "Clopper-Pearson": ClopperPearson, "Jeffreys": Jeffreys,
			} {
				a, _ := share(x, n, 0.95)
				b, _ := share(n-x, n, 0.95)
				if math.Abs(a.Low-(1-b.High)) > 1e-13 || math.Abs(a.High-(1-b.Low)) > 1e-13 {
					t.Fatalf("%s of %d/%d = %v, of %d/%d = %v; want mirror images", what, x, n, a, n-x, n, b)
				}
				if p := float64(x) / float64(n); a.Low > p || a.High < p {
					t.Fatalf("%s of %d/%d = %v does not hold the share", what, x, n, a)
				}
			}
		}
	}
}

// TestRatesOfNearlyNoExposure have no interval that a number could hold.
func TestRatesOfNearlyNoExposure(t *testing.T) {
	for name, interval := range map[string]func(int64, float64, float64) (Interval, bool){"exact": PoissonExact, "Byar": PoissonByar} {
		if iv, ok := interval(5, 1e-320, 0.95); ok || iv != (Interval{}) {
			t.Errorf("%s interval of 5 events in 1e-320 = %v, %v; want none", name, iv, ok)
		}
		if iv, ok := interval(5, 1e-300, 0.95); !ok || !(iv.Low > 0 && iv.High > iv.Low) {
			t.Errorf("%s interval of 5 events in 1e-300 = %v, %v", name, iv, ok)
		}
	}
}
