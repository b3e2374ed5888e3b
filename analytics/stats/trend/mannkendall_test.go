package trend

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/civgrid/civgrid/analytics/stats"
)

// recorded returns a file of the results kept beside the checkout, or of those in
// testdata, and skips the test where it is in neither.
func recorded(t *testing.T, where string, path ...string) string {
	t.Helper()
	root := filepath.Join("..", "testdata")
	if where == "shared" {
		root = filepath.Join("..", "..", "..", "..", "shared", "oracles")
	}
	name := filepath.Join(append([]string{root}, path...)...)
	if _, err := os.Stat(name); err != nil {
		t.Skipf("no %s beside the checkout", filepath.Join(path...))
	}
	return name
}

func each(t *testing.T, test func(t *testing.T, where string)) {
	for _, where := range []string{"testdata", "shared"} {
		t.Run(where, func(t *testing.T) { test(t, where) })
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// near compares relatively, with an absolute floor.
func near(t *testing.T, got, want, tolerance float64, what string, args ...any) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*max(math.Abs(want), 1e-3)) {
		t.Errorf(what+": got %.15g, want %.15g", append(args, got, want)...)
	}
}

// TestAgainstR compares with the packages Kendall 2.2.1 and trend 1.1.6 of R, and
// with pyMannKendall.
func TestAgainstR(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		var file struct {
			Cases []struct {
				X      []float64
				S      int64
				VarS   float64  `json:"varS"`
				Z      *float64 `json:"z_cc"`
				P      *float64 `json:"p2_cc"`
				PlainZ *float64 `json:"z_nocc"`
				Slope  float64  `json:"sen_slope"`
				Low    *float64 `json:"trend_sen_lo"`
				High   *float64 `json:"trend_sen_hi"`
				Tau    float64  `json:"Kendall_tau"`
				Hamed  *struct {
					Var  *float64 `json:"var_s"`
					Z, P *float64
				} `json:"hamed_rao"`
			}
		}
		readJSON(t, recorded(t, where, "trend", "mann_kendall.json"), &file)
		hamed := 0
		for k, c := range file.Cases {
			got, err := MannKendall(c.X)
			if err != nil {
				t.Fatal(err)
			}
			if got.S != c.S {
				t.Errorf("case %d: S = %d, want %d", k, got.S, c.S)
			}
			near(t, got.Variance, c.VarS, 1e-12, "case %d: variance", k)
			if got.Valid != (c.Z != nil) {
				t.Errorf("case %d: z is there: %v (%v)", k, got.Valid, got.Reason)
			} else if got.Valid {
				p, _ := got.P(stats.TwoSided)
				near(t, got.Z, *c.Z, 1e-9, "case %d: z", k)
				near(t, p, *c.P, 1e-9, "case %d: p", k)
				near(t, got.PlainZ, *c.PlainZ, 1e-9, "case %d: z without correction", k)
				near(t, got.Tau, c.Tau, 1e-6, "case %d: tau", k) // Kendall computes in single precision
			}
			slope, err := Sen(c.X, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			near(t, slope.Value, c.Slope, 1e-9, "case %d: Sen slope", k)
			if slope.Bounded != (c.Low != nil && c.High != nil) {
				t.Errorf("case %d: slope is bounded: %v, R says %v", k, slope.Bounded, c.Low)
			} else if slope.Bounded {
				near(t, slope.Low, *c.Low, 1e-9, "case %d: lower bound", k)
				near(t, slope.High, *c.High, 1e-9, "case %d: upper bound", k)
			}
			if c.Hamed == nil || c.Hamed.Var == nil {
				continue
			}
			corrected, err := HamedRao(c.X)
			if err != nil {
				t.Fatal(err)
			}
			near(t, corrected.Variance, *c.Hamed.Var, 1e-9, "case %d: variance of dependent values", k)
			if corrected.Valid {
				hamed++
				near(t, corrected.Z, *c.Hamed.Z, 1e-9, "case %d: z of dependent values", k)
			}
		}
		if len(file.Cases) == 0 || hamed == 0 {
			t.Error("nothing was compared")
		}
		t.Logf("%d series, %d of them by Hamed and Rao", len(file.Cases), hamed)
	})
}

// TestPairsByCounting compares with the definition, pair by pair.
func TestPairsByCounting(t *testing.T) {
	for k := range 300 {
		rng := rand.New(rand.NewPCG(uint64(k), 1))
		x := make([]float64, rng.IntN(60))
		for i := range x {
			x[i] = float64(rng.IntN(1 + k%40))
		}
		var s int64
		for i := range x {
			for j := i + 1; j < len(x); j++ {
				switch {
				case x[j] > x[i]:
					s++
				case x[j] < x[i]:
					s--
				}
			}
		}
		got, err := MannKendall(x)
		if err != nil {
			t.Fatal(err)
		}
		if len(x) >= 3 && got.S != s {
			t.Errorf("series %v: S = %d, want %d", x, got.S, s)
		}
		if len(x) < 3 && (got.Valid || got.Reason != stats.TooFewCells) {
			t.Errorf("series %v has a test: %+v", x, got)
		}
	}
}

func TestValuesThatAreNone(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		if _, err := MannKendall([]float64{1, 2, bad}); err == nil {
			t.Errorf("MannKendall takes %v", bad)
		}
		if _, err := HamedRao([]float64{1, 2, bad}); err == nil {
			t.Errorf("HamedRao takes %v", bad)
		}
		if _, err := Sen([]float64{1, 2, bad}, 0.95); err == nil {
			t.Errorf("Sen takes %v", bad)
		}
	}
}
