package stats

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// TestGiAgainstEnumeration compares z with the moments of the lag over all
// subsets of the other cells.
func TestGiAgainstEnumeration(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		g := readGrid(t, dir, "S4_tiny12")
		want := readTable(t, dir, "exact", "S4_tiny12_bruteforce.csv")
		at, mean, variance := want.ints(t, "i"), want.floats(t, "lag_mean"), want.floats(t, "lag_var")
		lag := want.floats(t, "lag")
		dev := worst{name: "Gi z"}
		for r := range at {
			weigh := map[string]func(int64, float64) float64{"B1": rings(1), "R2": inverseRings(2)}[want["weights"][r]]
			l, err := Gi(g.cells.floats(t, want["var"][r]), nil, g.weights(t, weigh))
			if err != nil {
				t.Fatal(err)
			}
			i := at[r]
			dev.near(t, l.Lag[i], lag[r], 1e-9, "lag of row %d", r)
			dev.near(t, l.Z[i], (lag[r]-mean[r])/math.Sqrt(variance[r]), 1e-9, "z of row %d", r)
		}
		dev.log(t)
	})
}

// TestGiStarAgainstEnumeration draws the whole neighbourhood, the cell
// included, in all ways there are.
func TestGiStarAgainstEnumeration(t *testing.T) {
	g := readGrid(t, "testdata", "S4_tiny12")
	x := g.cells.floats(t, "cont")
	w := g.weights(t, rings(1))
	l, err := GiStar(x, nil, w)
	if err != nil {
		t.Fatal(err)
	}
	dev := worst{name: "Gi* z"}
	for i := range x {
		k := w.Degree(i) + 1
		mean, meanSquare, sets := 0.0, 0.0, 0.0
		eachSubset(len(x), k, func(set []int) {
			sum := 0.0
			for _, j := range set {
				sum += x[j]
			}
			mean, meanSquare, sets = mean+sum, meanSquare+sum*sum, sets+1
		})
		mean, meanSquare = mean/sets, meanSquare/sets
		dev.near(t, l.Z[i], (l.Lag[i]-mean)/math.Sqrt(meanSquare-mean*mean), 1e-9, "z of cell %d", i)
	}
	dev.log(t)
}

// eachSubset visits all subsets of k numbers below n.
func eachSubset(n, k int, visit func([]int)) {
	set := make([]int, 0, k)
	var extend func(from int)
	extend = func(from int) {
		if len(set) == k {
			visit(set)
			return
		}
		for j := from; j < n; j++ {
			set = append(set, j)
			extend(j + 1)
			set = set[:len(set)-1]
		}
	}
	extend(0)
}

// TestLocalAgainstSpdep compares with spdep 1.2-7 under six weight schemes.
func TestLocalAgainstSpdep(t *testing.T) {
	dir := sharedOracles(t)
	dev := worst{name: "Gi, Gi* (z, p, G, E, V)"}
	for _, name := range []string{"S1_disk_suzhou_r9", "S2_irregular_islands_taipei_r8", "S3_pentagon_r4", "S4_tiny12"} {
		g := readGrid(t, dir, name)
		var global struct {
			Bandwidth float64 `json:"gaussian_bandwidth_h_m"`
		}
		readJSON(t, &global, dir, "spdep", name, "global.json")
		var meta struct{ Maxring int64 }
		readJSON(t, &meta, dir, "grids", name, "meta.json")
		gauss := func(ring int64, metres float64) float64 {
			return rings(2)(ring, 0) * math.Exp(-0.5*metres*metres/(global.Bandwidth*global.Bandwidth))
		}
		schemes := map[string]Weights{
			"B1": g.weights(t, rings(1)), "B2": g.weights(t, rings(2)),
			"W1": g.weights(t, rings(1)).RowStandardised(),
			"R3": g.weights(t, inverseRings(3)),
			"G2": g.weights(t, gauss), "G2W": g.weights(t, gauss).RowStandardised(),
		}
		for scheme, w := range schemes {
			for _, column := range []string{"count", "cont", "single"} {
				want := readTable(t, dir, "spdep", name, fmt.Sprintf("local_%s_%s.csv", column, scheme))
				compareLocal(t, &dev, want, g.cells.floats(t, column), w, name+" "+column+" "+scheme)
			}
		}
	}
	dev.log(t)
}

func compareLocal(t *testing.T, dev *worst, want table, x []float64, w Weights, what string) {
	t.Helper()
	for prefix, compute := range map[string]func([]float64, []bool, Weights) (Local, error){"gi": Gi, "gistar": GiStar} {
		l, err := compute(x, nil, w)
		if err != nil {
			t.Fatal(err)
		}
		z, p := want.floats(t, prefix+"_z"), want.floats(t, prefix+"_p2")
		raw, expected, variance := want.floats(t, prefix+"_G"), want.floats(t, prefix+"_E"), want.floats(t, prefix+"_V")
		degenerate := want.ints(t, "degenerate_"+prefix)
		gotP := l.P(TwoSided)
		for i := range x {
			undefined := math.IsNaN(z[i]) || math.IsInf(z[i], 0) || degenerate[i] != 0
			if undefined == l.Valid[i] {
				t.Errorf("%s: %s of cell %d valid = %v (%v), spdep says %v", what, prefix, i, l.Valid[i], l.Reason[i], z[i])
			}
			if undefined {
				continue
			}
			dev.near(t, l.Z[i], z[i], 1e-9, "%s: %s z of cell %d", what, prefix, i)
			dev.near(t, gotP[i], p[i], 1e-9, "%s: %s p of cell %d", what, prefix, i)
			g, e, v, ok := l.G(i)
			if math.IsNaN(raw[i]) {
				continue
			}
			if !ok {
				t.Errorf("%s: no raw %s for cell %d", what, prefix, i)
			}
			dev.near(t, g, raw[i], 1e-9, "%s: %s G of cell %d", what, prefix, i)
			dev.near(t, e, expected[i], 1e-9, "%s: %s E of cell %d", what, prefix, i)
			dev.near(t, v, variance[i], 1e-9, "%s: %s V of cell %d", what, prefix, i)
		}
	}
}

// TestLocalAgainstPublished compares with spdep on published data sets.
func TestLocalAgainstPublished(t *testing.T) {
	dir := sharedOracles(t)
	dev := worst{name: "Gi, Gi* z on published data"}
	for _, name := range []string{"getisord_1996", "columbus_crime", "nc_sids_1974"} {
		path := filepath.Join(dir, "published", name)
		if _, err := os.Stat(path); err != nil {
			t.Fatal(err)
		}
		cells, edges := readTable(t, path, "cells.csv"), readTable(t, path, "neighbours.csv")
		x := cells.floats(t, "x")
		lists := make([][]int32, len(x))
		to := edges.ints(t, "j")
		for e, i := range edges.ints(t, "i") {
			lists[i] = append(lists[i], int32(to[e]))
		}
		w := makeWeights(t, lists, nil, true)
		for suffix, w := range map[string]Weights{"B": w, "W": w.RowStandardised()} {
			gi, err := Gi(x, nil, w)
			if err != nil {
				t.Fatal(err)
			}
			star, err := GiStar(x, nil, w)
			if err != nil {
				t.Fatal(err)
			}
			wantGi, wantStar := cells.floats(t, "gi_z_"+suffix), cells.floats(t, "gistar_z_"+suffix)
			q := cells.floats(t, "gistar_BH_"+suffix)
			gotQ, err := BenjaminiHochberg(star.P(TwoSided), star.Valid)
			if err != nil {
				t.Fatal(err)
			}
			for i := range x {
				if !math.IsNaN(wantGi[i]) {
					dev.near(t, gi.Z[i], wantGi[i], 1e-9, "%s: Gi z of %d", name, i)
				}
				dev.near(t, star.Z[i], wantStar[i], 1e-9, "%s: Gi* z of %d", name, i)
				dev.near(t, gotQ[i], q[i], 1e-9, "%s: Gi* q of %d", name, i)
			}
		}
	}
	dev.log(t)
}

// TestMissingIsAbsent drops a cell by hand and by mask.
func TestMissingIsAbsent(t *testing.T) {
	g := readGrid(t, "testdata", "S4_tiny12")
	x := g.cells.floats(t, "cont")
	for _, w := range []Weights{g.weights(t, rings(1)), g.weights(t, inverseRings(2)).RowStandardised()} {
		const gone = 4
		valid := make([]bool, len(x))
		var lists [][]int32
		var values [][]float64
		var rest []float64
		number := func(j int32) int32 {
			if j > gone {
				return j - 1
			}
			return j
		}
		for i := range x {
			valid[i] = i != gone
			if i == gone {
				continue
			}
			rest = append(rest, x[i])
			row, weights := w.Row(i)
			var list []int32
			var value []float64
			for k, j := range row {
				if j == gone {
					continue
				}
				list = append(list, number(j))
				if weights != nil {
					value = append(value, weights[k])
				}
			}
			lists, values = append(lists, list), append(values, value)
		}
		masked, err := Gi(x, valid, w)
		if err != nil {
			t.Fatal(err)
		}
		small := makeWeights(t, lists, values, w.Binary())
		small.standardised = w.standardised
		dropped, err := Gi(rest, nil, small)
		if err != nil {
			t.Fatal(err)
		}
		for i := range x {
			if i == gone {
				continue
			}
			j := number(int32(i))
			if masked.Z[i] != dropped.Z[j] || masked.Lag[i] != dropped.Lag[j] {
				t.Errorf("cell %d: masked z, lag = %v, %v; dropped %v, %v", i,
					masked.Z[i], masked.Lag[i], dropped.Z[j], dropped.Lag[j])
			}
		}
	}
}

func TestLocalRejects(t *testing.T) {
	w := disk(t)
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300} {
		x := []float64{1, bad, 3, 4, 5, 6, 7}
		var value *ValueError
		if _, err := Gi(x, nil, w); !errors.As(err, &value) || value.Row != 1 {
			t.Errorf("Gi with %v: error %v, want a *ValueError for row 1", bad, err)
		}
	}
	if _, err := Gi([]float64{1}, nil, w); !errors.Is(err, ErrLength) {
		t.Errorf("Gi of one row: error %v, want ErrLength", err)
	}
	if _, err := GiStar(make([]float64, 7), make([]bool, 2), w); !errors.Is(err, ErrLength) {
		t.Errorf("GiStar with two rows of validity: error %v, want ErrLength", err)
	}
}

// TestLocalInvariants holds what must not change z.
func TestLocalInvariants(t *testing.T) {
	g := readGrid(t, "testdata", "S4_tiny12")
	x := g.cells.floats(t, "cont")
	dev := worst{name: "invariance of z"}
	for _, w := range []Weights{g.weights(t, rings(1)), g.weights(t, inverseRings(2))} {
		for _, compute := range []func([]float64, []bool, Weights) (Local, error){Gi, GiStar} {
			want, err := compute(x, nil, w)
			if err != nil {
				t.Fatal(err)
			}
			same := func(what string, x []float64, w Weights, at func(i int) int) {
				t.Helper()
				got, err := compute(x, nil, w)
				if err != nil {
					t.Fatal(err)
				}
				for i := range x {
					dev.near(t, got.Z[at(i)], want.Z[i], 1e-9, "%s: z of cell %d", what, i)
				}
			}
			here := func(i int) int { return i }
			same("a x + b", mapped(x, func(v float64) float64 { return 1e4*v - 3e7 }), w, here)
			same("tiny units", mapped(x, func(v float64) float64 { return 1e-200 * v }), w, here)
			same("huge units", mapped(x, func(v float64) float64 { return 1e250 * v }), w, here)
			same("row standardisation", x, w.RowStandardised(), here)
			back := func(i int) int { return len(x) - 1 - i }
			same("order of cells", permuted(x, back), permutedWeights(t, w, back), back)
		}
	}
	dev.log(t)
}

// TestRowScalingLeavesGi scales the row of one cell.
func TestRowScalingLeavesGi(t *testing.T) {
	g := readGrid(t, "testdata", "S4_tiny12")
	x := g.cells.floats(t, "cont")
	a, err := Gi(x, nil, g.weights(t, inverseRings(2)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Gi(x, nil, g.weights(t, func(ring int64, m float64) float64 { return 7 * inverseRings(2)(ring, m) }))
	if err != nil {
		t.Fatal(err)
	}
	for i := range x {
		if math.Abs(a.Z[i]-b.Z[i]) > 1e-12 {
			t.Errorf("cell %d: z = %v, with weights times 7 %v", i, a.Z[i], b.Z[i])
		}
	}
}

// TestOutlierLeftOut has a cell whose variance swamps that of all others.
func TestOutlierLeftOut(t *testing.T) {
	x := []float64{1e12, 1, 2, 3, 4, 5, 6, 8}
	w, err := NeighbourLists([][]int32{{1, 2}, {0}, {0}, {4}, {3}, {6}, {5}, {1}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := Gi(x, nil, w)
	if err != nil {
		t.Fatal(err)
	}
	mean, variance := 29.0/7, 155.0/7-29.0*29/49 // of 1, 2, 3, 4, 5, 6, 8
	want := (3 - 2*mean) / math.Sqrt(variance*(7*2-4)/6)
	if math.Abs(l.Z[0]-want) > 1e-9 {
		t.Errorf("z of the outlier = %v, want %v", l.Z[0], want)
	}
}

func mapped(x []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = f(v)
	}
	return out
}

func permuted[T any](x []T, to func(int) int) []T {
	out := make([]T, len(x))
	for i, v := range x {
		out[to(i)] = v
	}
	return out
}

func permutedWeights(t testing.TB, w Weights, to func(int) int) Weights {
	t.Helper()
	lists, values := make([][]int32, w.Cells()), make([][]float64, w.Cells())
	for i := range w.Cells() {
		row, weights := w.Row(i)
		for _, j := range row {
			lists[to(i)] = append(lists[to(i)], int32(to(int(j))))
		}
		values[to(i)] = append(values[to(i)], weights...)
	}
	return makeWeights(t, lists, values, w.Binary())
}

// TestGiStarSelfWeight gives the cell the weight of two neighbours, which is
// the same as binary weights with the cell twice in the sum.
func TestGiStarSelfWeight(t *testing.T) {
	w, err := disk(t).WithSelf(2)
	if err != nil {
		t.Fatal(err)
	}
	x := []float64{7, 1, 2, 3, 4, 5, 6}
	l, err := GiStar(x, nil, w)
	if err != nil {
		t.Fatal(err)
	}
	// Cell 1: neighbours 0, 2 and 6. W = 5, S1 = 7, mean 4, variance 4.
	want := (7 + 2 + 6 + 2*1 - 5*4.0) / math.Sqrt(4*(7*7-25)/6.0)
	if math.Abs(l.Z[1]-want) > 1e-14 || l.Lag[1] != 17 || l.Weight[1] != 5 {
		t.Errorf("z, lag, weight = %v, %v, %v; want %v, 17, 5", l.Z[1], l.Lag[1], l.Weight[1], want)
	}
}

func TestRawGNeedsPositiveValues(t *testing.T) {
	l, err := Gi([]float64{-1, 2, 3, 4, 5, 6, 7}, nil, disk(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, ok := l.G(1); ok || !l.Valid[1] {
		t.Errorf("with a negative value: raw G ok = %v, z valid = %v; want false, true", ok, l.Valid[1])
	}
}
