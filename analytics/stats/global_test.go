package stats

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// globalsOf returns I, C and G. G has no value where x has a negative one.
func globalsOf(t *testing.T, x []float64, valid []bool, w Weights) map[string]Global {
	t.Helper()
	all := map[string]Global{}
	for name, f := range map[string]func([]float64, []bool, Weights) (Global, error){
		"I": GlobalMoran, "C": GlobalGeary, "G": GeneralG,
	} {
		if g, err := f(x, valid, w); err == nil {
			all[name] = g
		} else if name != "G" || slices.Min(x) >= 0 {
			t.Fatal(err)
		}
	}
	return all
}

// TestUnitsLeaveGlobals holds that units of measurement do not matter to I and C,
// nor their scale to G.
func TestUnitsLeaveGlobals(t *testing.T) {
	dev := worst{name: "I, C and G after x → ax + b"}
	for k, tr := range trials(t, 60) {
		scaled, moved := slices.Clone(tr.x), slices.Clone(tr.x)
		for i, v := range tr.x {
			scaled[i], moved[i] = 2.5*v, 2.5*v-300
		}
		want := globalsOf(t, tr.x, nil, tr.w)
		for name, got := range globalsOf(t, scaled, nil, tr.w) {
			sameGlobal(t, &dev, got, want[name], k, name)
		}
		for name, got := range globalsOf(t, moved, nil, tr.w) {
			if name != "G" {
				sameGlobal(t, &dev, got, want[name], k, name)
			}
		}
	}
	dev.log(t)
}

// TestFactorOfWeightsLeavesGlobals multiplies all weights by one number, which
// changes G and no z.
func TestFactorOfWeightsLeavesGlobals(t *testing.T) {
	dev := worst{name: "I, C and G after scaling weights"}
	for k, tr := range trials(t, 60) {
		by := make([][]float64, len(tr.by))
		for i := range by {
			for e := range tr.w.Degree(i) {
				by[i] = append(by[i], 3*weightAt(rowOf(tr.w, i), e))
			}
		}
		want := globalsOf(t, tr.x, nil, tr.w)
		for name, got := range globalsOf(t, tr.x, nil, makeWeights(t, tr.lists, by, false)) {
			if name == "G" {
				got.Value, got.Expected, got.Variance = got.Value/3, got.Expected/3, got.Variance/9
			}
			sameGlobal(t, &dev, got, want[name], k, name)
		}
	}
	dev.log(t)
}

// TestOrderOfCellsLeavesGlobals numbers the cells anew, and puts missing ones
// between them.
func TestOrderOfCellsLeavesGlobals(t *testing.T) {
	dev := worst{name: "I, C and G after numbering anew"}
	for k, tr := range trials(t, 60) {
		n := len(tr.x)
		order := rand.New(rand.NewPCG(uint64(k), 24)).Perm(2 * n) // cell i becomes order[i]
		x, valid := make([]float64, 2*n), make([]bool, 2*n)
		lists, by := make([][]int32, 2*n), make([][]float64, 2*n)
		for i := range n {
			at := order[i]
			x[at], valid[at] = tr.x[i], true
			for e, j := range tr.lists[i] {
				lists[at], by[at] = append(lists[at], int32(order[j])), append(by[at], tr.by[i][e])
			}
			lists[at], by[at] = append(lists[at], int32(order[n+i])), append(by[at], 1)
		}
		want := globalsOf(t, tr.x, nil, tr.w)
		for name, got := range globalsOf(t, x, valid, makeWeights(t, lists, by, tr.w.Binary())) {
			sameGlobal(t, &dev, got, want[name], k, name)
		}
	}
	dev.log(t)
}

func sameGlobal(t *testing.T, dev *worst, got, want Global, k int, name string) {
	t.Helper()
	if got.Valid != want.Valid || got.Tested != want.Tested || got.Reason != want.Reason || got.Cells != want.Cells {
		t.Errorf("map %d: %s is %+v, was %+v", k, name, got, want)
	}
	dev.near(t, got.Value, want.Value, 1e-10, "map %d: %s", k, name)
	dev.near(t, got.Expected, want.Expected, 1e-10, "map %d: E of %s", k, name)
	dev.near(t, got.Variance, want.Variance, 1e-8, "map %d: V of %s", k, name)
	dev.near(t, got.NormalVariance, want.NormalVariance, 1e-10, "map %d: V of %s under normality", k, name)
	dev.near(t, got.Z, want.Z, 1e-7, "map %d: z of %s", k, name)
}

// TestCellsAtTheMean are neither clusters nor outliers, whatever rounding makes of
// their distance from it.
func TestCellsAtTheMean(t *testing.T) {
	lists := [][]int32{{1}, {0, 2}, {1, 3}, {2, 4}, {3, 5}, {4, 6}, {5}}
	w := graph(t, lists...)
	for k := range 50 {
		unit := rand.New(rand.NewPCG(uint64(k), 25)).Float64()
		x := make([]float64, len(lists))
		for i, v := range []float64{1, 7, 4, 7, 1, 2, 6} {
			x[i] = v * unit
		}
		l, err := LocalMoran(x, nil, w)
		must(t, err)
		both, err := BivariateMoran(x, x, nil, w)
		must(t, err)
		lag, err := PermutationMonteCarlo(t.Context(), x, nil, w, MonteCarloOptions{Permutations: 99})
		must(t, err)
		p := l.Permutation(lag)
		if l.I[2] != 0 || l.Z[2] != 0 || both.I[2] != 0 || !l.Tested[2] || p.Greater[2] != 1 || p.Less[2] != 1 {
			t.Errorf("unit %v: I %v and %v, z %v, p %v and %v; want 0, 0, 0, 1 and 1", unit, l.I[2], both.I[2], l.Z[2], p.Greater[2], p.Less[2])
		}
	}
}
