package stats

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// schemesOf returns the six weight schemes that results were recorded for.
func schemesOf(t *testing.T, dir, name string, g grid) map[string]Weights {
	t.Helper()
	var global struct {
		Bandwidth float64 `json:"gaussian_bandwidth_h_m"`
	}
	readJSON(t, &global, dir, "spdep", name, "global.json")
	gauss := func(ring int64, metres float64) float64 {
		return rings(2)(ring, 0) * math.Exp(-0.5*metres*metres/(global.Bandwidth*global.Bandwidth))
	}
	return map[string]Weights{
		"B1": g.weights(t, rings(1)), "B2": g.weights(t, rings(2)), "W1": g.weights(t, rings(1)).RowStandardised(),
		"R3": g.weights(t, inverseRings(3)), "G2": g.weights(t, gauss), "G2W": g.weights(t, gauss).RowStandardised(),
	}
}

// recordedGrids returns the study areas that a folder has results of.
func recordedGrids(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "spdep"))
	if err != nil || len(entries) == 0 {
		t.Fatalf("no results in %s: %v", dir, err)
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names
}

// TestLocalMoranAndGearyAgainstSpdep compares every column that spdep 1.2-7
// printed for the four study areas under six weight schemes.
func TestLocalMoranAndGearyAgainstSpdep(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		dev := worst{name: "local Moran (I, E, V, z, both ways) and Geary c"}
		for _, name := range recordedGrids(t, dir) {
			g := readGrid(t, dir, name)
			for scheme, w := range schemesOf(t, dir, name, g) {
				for _, column := range []string{"count", "cont", "single"} {
					want := readTable(t, dir, "spdep", name, fmt.Sprintf("local_%s_%s.csv", column, scheme))
					x := g.cells.floats(t, column)
					compareMoran(t, &dev, want, "", x, w, name+" "+column+" "+scheme)
					compareGeary(t, &dev, want.floats(t, "geary_c"), x, w, name+" "+column+" "+scheme)
				}
			}
		}
		dev.log(t)
	})
}

// compareMoran compares with columns of spdep; suffix tells schemes of one file
// apart, and is "" for the files of one scheme each.
func compareMoran(t *testing.T, dev *worst, want table, suffix string, x []float64, w Weights, what string) {
	t.Helper()
	l, err := LocalMoran(x, nil, w)
	if err != nil {
		t.Fatal(err)
	}
	name := func(long, short string) string {
		if suffix == "" {
			return long
		}
		return short + suffix
	}
	columns := map[string][]float64{
		name("moran_I", "moran_I"): l.I, name("moran_E_cond", "moran_E"): l.Expected, name("moran_V_cond", "moran_V"): l.Variance,
		name("moran_z_cond", "moran_z"): l.Z, "moran_E_tot" + suffix: l.TotalExpected, "moran_V_tot" + suffix: l.TotalVariance,
	}
	quadrants := map[Quadrant]string{HighHigh: "HH", LowLow: "LL", HighLow: "HL", LowHigh: "LH"}
	recorded := want[name("quad_pysal", "quad")]
	z := want.floats(t, name("moran_z_cond", "moran_z"))
	for i := range x {
		if w.Degree(i) == 0 {
			if l.Valid[i] || l.Reason[i] != NoNeighbours {
				t.Errorf("%s: island %d has a value (%v)", what, i, l.Reason[i])
			}
			continue
		}
		if got := quadrants[l.Quadrant[i]]; got != recorded[i] {
			t.Errorf("%s: quadrant of cell %d is %s, want %s", what, i, got, recorded[i])
		}
		if undefined := math.IsNaN(z[i]) || math.IsInf(z[i], 0); undefined == l.Tested[i] {
			t.Errorf("%s: z of cell %d is there: %v (%v), spdep says %v", what, i, l.Tested[i], l.Reason[i], z[i])
		}
		for column, got := range columns {
			conditional := strings.Contains(column, "cond") || suffix != "" && !strings.Contains(column, "tot") && !strings.Contains(column, "_I")
			if v := want.floats(t, column)[i]; !conditional || l.Tested[i] {
				dev.near(t, got[i], v, 1e-9, "%s: %s of cell %d", what, column, i)
			}
		}
	}
}

func compareGeary(t *testing.T, dev *worst, want, x []float64, w Weights, what string) {
	t.Helper()
	c, err := LocalGeary(x, nil, w)
	if err != nil {
		t.Fatal(err)
	}
	for i := range x {
		if c.Valid[i] {
			dev.near(t, c.C[i], want[i], 1e-9, "%s: Geary c of cell %d", what, i)
		} else if w.Degree(i) > 0 {
			t.Errorf("%s: no Geary c of cell %d: %v", what, i, c.Reason[i])
		}
	}
}

// recordedGlobal is what spdep 1.2-7 says of one column and scheme.
type recordedGlobal struct {
	Moran struct {
		VNorm float64  `json:"V_norm"`
		IAll  *float64 `json:"I_noadjust_n"` // islands count in n
		EAll  float64  `json:"E_noadjust_n"`
		VAll  float64  `json:"V_rand_noadjust_n"`
		Z     float64  `json:"z_rand"`
		P     float64  `json:"p2_rand"`
	}
	Geary struct {
		C     float64
		VRand float64 `json:"V_rand"`
		VNorm float64 `json:"V_norm"`
	}
	GeneralG struct{ G, E, V, Z float64 } `json:"generalG"`
	Islands  int                          `json:"n_islands"`
}

func TestGlobalAgainstSpdep(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		dev := worst{name: "Moran's I, Geary's C, General G (value, E, V)"}
		for _, name := range recordedGrids(t, dir) {
			g := readGrid(t, dir, name)
			recorded := readGlobals(t, dir, "spdep", name, "global.json")
			for scheme, w := range schemesOf(t, dir, name, g) {
				for _, column := range []string{"count", "cont"} {
					want, ok := recorded[column+"_"+scheme]
					if !ok {
						t.Fatalf("%s: nothing recorded of %s_%s", name, column, scheme)
					}
					compareGlobal(t, &dev, want, g.cells.floats(t, column), w, name+" "+column+" "+scheme)
				}
			}
		}
		dev.log(t)
	})
}

// readGlobals reads the entries of a file that hold statistics.
func readGlobals(t *testing.T, path ...string) map[string]recordedGlobal {
	t.Helper()
	var all map[string]json.RawMessage
	readJSON(t, &all, path...)
	globals := map[string]recordedGlobal{}
	for key, text := range all {
		var one recordedGlobal
		if err := json.Unmarshal(text, &one); err == nil && one.Moran.IAll != nil {
			globals[key] = one
		}
	}
	return globals
}

func compareGlobal(t *testing.T, dev *worst, want recordedGlobal, x []float64, w Weights, what string) {
	t.Helper()
	moran, err := GlobalMoran(x, nil, w)
	if err != nil {
		t.Fatal(err)
	}
	dev.near(t, moran.Value, *want.Moran.IAll, 1e-9, "%s: I", what)
	dev.near(t, moran.Expected, want.Moran.EAll, 1e-9, "%s: E of I", what)
	dev.near(t, moran.Variance, want.Moran.VAll, 1e-9, "%s: V of I", what)
	geary, err := GlobalGeary(x, nil, w)
	if err != nil {
		t.Fatal(err)
	}
	g, err := GeneralG(x, nil, w)
	if err != nil {
		t.Fatal(err)
	}
	if want.Islands > 0 {
		return // spdep leaves islands out of n
	}
	p, _ := moran.P(TwoSided)
	dev.near(t, moran.NormalVariance, want.Moran.VNorm, 1e-9, "%s: V of I under normality", what)
	dev.near(t, moran.Z, want.Moran.Z, 1e-9, "%s: z of I", what)
	dev.near(t, p, want.Moran.P, 1e-9, "%s: p of I", what)
	dev.near(t, geary.Value, want.Geary.C, 1e-9, "%s: C", what)
	dev.near(t, geary.Variance, want.Geary.VRand, 1e-9, "%s: V of C", what)
	dev.near(t, geary.NormalVariance, want.Geary.VNorm, 1e-9, "%s: V of C under normality", what)
	dev.near(t, g.Value, want.GeneralG.G, 1e-9, "%s: G", what)
	dev.near(t, g.Expected, want.GeneralG.E, 1e-9, "%s: E of G", what)
	dev.near(t, g.Variance, want.GeneralG.V, 1e-9, "%s: V of G", what)
}

// TestBivariateAgainstEsda compares with esda 2.5.1, which multiplies I by
// (n-1)/n.
func TestBivariateAgainstEsda(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		dev := worst{name: "bivariate Moran"}
		numbered := map[Quadrant]int64{HighHigh: 1, LowHigh: 2, LowLow: 3, HighLow: 4}
		for _, name := range recordedGrids(t, dir) {
			g := readGrid(t, dir, name)
			for scheme, w := range map[string]Weights{"B1": g.weights(t, rings(1)), "W1": g.weights(t, rings(1)).RowStandardised()} {
				for _, column := range []string{"count", "cont"} {
					want := readTable(t, dir, "esda", name, fmt.Sprintf("bivariate_%s_y2_%s.csv", column, scheme))
					l, err := BivariateMoran(g.cells.floats(t, column), g.cells.floats(t, "y2"), nil, w)
					if err != nil {
						t.Fatal(err)
					}
					n := float64(len(l.I))
					values, quadrants := want.floats(t, "bv_I"), want.ints(t, "q")
					for i := range l.I {
						if !l.Valid[i] {
							continue
						}
						dev.near(t, l.I[i]*(n-1)/n, values[i], 1e-9, "%s %s %s: cell %d", name, column, scheme, i)
						if got := numbered[l.Quadrant[i]]; got != quadrants[i] {
							t.Errorf("%s %s %s: quadrant of cell %d is %d, want %d", name, column, scheme, i, got, quadrants[i])
						}
					}
				}
			}
		}
		dev.log(t)
	})
}

// TestGearyAgainstEnumeration compares conditional moments and Monte Carlo
// p-values with the enumeration of all subsets.
func TestGearyAgainstEnumeration(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		g := readGrid(t, dir, "S4_tiny12")
		want := readTable(t, dir, "exact", "S4_tiny12_bruteforce.csv")
		at := want.ints(t, "i")
		value, mean, variance := want.floats(t, "geary_num"), want.floats(t, "geary_num_mean"), want.floats(t, "geary_num_var")
		greater, less := want.floats(t, "p_ge_geary"), want.floats(t, "p_le_geary")
		dev, drawn := worst{name: "Geary z"}, worst{name: "Geary p, in standard errors"}
		for r, i := range at {
			weigh := map[string]func(int64, float64) float64{"B1": rings(1), "R2": inverseRings(2)}[want["weights"][r]]
			x, w := g.cells.floats(t, want["var"][r]), g.weights(t, weigh)
			c, err := LocalGeary(x, nil, w)
			if err != nil {
				t.Fatal(err)
			}
			dev.near(t, c.Z[i], (value[r]-mean[r])/math.Sqrt(variance[r]), 1e-9, "z of row %d", r)
			p, err := GearyMonteCarlo(t.Context(), x, nil, w, MonteCarloOptions{})
			if err != nil {
				t.Fatal(err)
			}
			compareDrawn(t, &drawn, p.Greater[i], greater[r], p.Draws, "p (at least as unlike) of row %d", r)
			compareDrawn(t, &drawn, p.Less[i], less[r], p.Draws, "p (at least as like) of row %d", r)
		}
		dev.log(t)
		drawn.log(t)
	})
}

func compareDrawn(t *testing.T, dev *worst, got, p float64, draws int, what string, args ...any) {
	t.Helper()
	sigma := math.Sqrt(p * (1 - p) / float64(draws))
	off := max(0, math.Abs(got-p)-1/float64(draws))
	if sigma > 0 {
		off /= sigma
	}
	dev.compare(t, off, got, p, 5, what, args...)
}

// TestMoranPermutationAgainstEnumeration compares p of I, made of p of the lag,
// with the enumeration of all subsets.
func TestMoranPermutationAgainstEnumeration(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		g := readGrid(t, dir, "S4_tiny12")
		want := readTable(t, dir, "exact", "S4_tiny12_bruteforce.csv")
		greater, less := want.floats(t, "p_ge_moran"), want.floats(t, "p_le_moran")
		w := g.weights(t, rings(1))
		l, err := LocalMoran(g.cells.floats(t, "count"), nil, w)
		if err != nil {
			t.Fatal(err)
		}
		p := l.Permutation(mustExact(t, g.cells.ints(t, "count"), w))
		dev := worst{name: "exact p of Moran's I"}
		for r, i := range want.ints(t, "i") {
			if want["var"][r] == "count" && want["weights"][r] == "B1" {
				dev.within(t, p.Greater[i], greater[r], 1e-11, "P(I >= observed) of cell %d", i)
				dev.within(t, p.Less[i], less[r], 1e-11, "P(I <= observed) of cell %d", i)
			}
		}
		if dev.count == 0 {
			t.Error("nothing was compared")
		}
		dev.log(t)
	})
}

// compareRates compares standardised rates with those of spdep.
func compareRates(t *testing.T, dev *worst, recorded table, column, what string) {
	t.Helper()
	got, err := StandardiseRates(recorded.ints(t, "events"), recorded.floats(t, "pop"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range recorded.floats(t, column) {
		if got.Valid[i] {
			dev.near(t, got.Z[i], want, 1e-9, "%s: standardised rate of unit %d", what, i)
		} else if !math.IsNaN(want) {
			t.Errorf("%s: no standardised rate of unit %d, want %v", what, i, want)
		}
	}
}

func TestStandardisedRatesAgainstSpdep(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		dev := worst{name: "standardised rates and their Moran"}
		for _, name := range recordedGrids(t, dir) {
			recorded := readTable(t, dir, "spdep", name, "rates.csv")
			compareRates(t, &dev, recorded, "assuncao_reis_z", name)
			rates, err := StandardiseRates(recorded.ints(t, "events"), recorded.floats(t, "pop"))
			if err != nil {
				t.Fatal(err)
			}
			g := readGrid(t, dir, name)
			l, err := LocalMoran(rates.Z, rates.Valid, g.weights(t, rings(1)).RowStandardised())
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range recorded.floats(t, "local_moran_EB_W1") {
				if l.Valid[i] {
					dev.near(t, l.I[i], want, 1e-9, "%s: local Moran of the rate of cell %d", name, i)
				}
			}
		}
		dev.log(t)
	})
}
