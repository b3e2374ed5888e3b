package stats

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLocalDegenerate holds what was decided for inputs that have no answer:
// a reason for each cell, and never NaN or an infinity.
func TestLocalDegenerate(t *testing.T) {
	nan := math.NaN()
	full := make([][]int32, 7)
	for i := range full {
		for j := range 7 {
			if i != j {
				full[i] = append(full[i], int32(j))
			}
		}
	}
	lists := func(l ...[]int32) Weights {
		w, err := NeighbourLists(l)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	diskAnd := func() Weights {
		d := disk(t)
		l := make([][]int32, 8)
		for i := range 7 {
			l[i], _ = d.Row(i)
		}
		return lists(l...)
	}
	f := func(name string, x []float64, w Weights, gi, star []Reason) {
		t.Helper()
		valid := make([]bool, len(x))
		for i, v := range x {
			valid[i] = !math.IsNaN(v)
		}
		a, err := Gi(x, valid, w)
		if err != nil {
			t.Fatal(err)
		}
		b, err := GiStar(x, valid, w)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(gi, a.Reason); d != "" {
			t.Errorf("%s: Gi reasons (-want +got):\n%s", name, d)
		}
		if d := cmp.Diff(star, b.Reason); d != "" {
			t.Errorf("%s: Gi* reasons (-want +got):\n%s", name, d)
		}
		for i := range x {
			for _, v := range []float64{a.Z[i], a.Lag[i], b.Z[i], b.Lag[i]} {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%s: cell %d holds %v", name, i, v)
				}
			}
			if a.Valid[i] != (gi[i] == OK) {
				t.Errorf("%s: Gi of cell %d valid = %v", name, i, a.Valid[i])
			}
			if b.Valid[i] != (star[i] == OK || star[i] == NoNeighbours) {
				t.Errorf("%s: Gi* of cell %d valid = %v", name, i, b.Valid[i])
			}
		}
	}
	f("all zero", make([]float64, 7), disk(t), all(7, ZeroVariance), all(7, ZeroVariance))
	f("constant", []float64{3, 3, 3, 3, 3, 3, 3}, disk(t), all(7, ZeroVariance), all(7, ZeroVariance))
	f("constant without exact binary form", []float64{.1, .1, .1, .1, .1, .1, .1}, disk(t), all(7, ZeroVariance), all(7, ZeroVariance))
	f("single cell", []float64{5}, lists(nil), all(1, TooFewCells), all(1, TooFewCells))
	f("two cells", []float64{1, 4}, lists([]int32{1}, []int32{0}), all(2, TooFewCells), all(2, DegenerateNeighbourhood))
	f("island", []float64{1, 2, 3, 4, 5, 6, 7, 100}, diskAnd(), oneOf(8, 7, NoNeighbours), oneOf(8, 7, NoNeighbours))
	f("full neighbourhood", []float64{1, 2, 3, 4, 5, 6, 7}, lists(full...), all(7, DegenerateNeighbourhood), all(7, DegenerateNeighbourhood))
	f("full neighbourhood, uneven values", []float64{.1, .2, 1e6, .4, .5, 1e-9, .7}, lists(full...), all(7, DegenerateNeighbourhood), all(7, DegenerateNeighbourhood))
	f("others equal", []float64{9, 1, 1, 1, 1, 1, 1}, disk(t), oneOf(7, 0, ZeroVariance), oneOf(7, 0, DegenerateNeighbourhood))
	missing := []Reason{DegenerateNeighbourhood, Missing, OK, OK, OK, OK, OK}
	f("missing", []float64{1, nan, 3, 4, 5, 6, 7}, disk(t), missing, missing)
	f("nothing but missing", []float64{nan, nan}, lists([]int32{1}, []int32{0}), all(2, Missing), all(2, Missing))
}

func TestIslandGiStar(t *testing.T) {
	w, err := NeighbourLists([][]int32{{1}, {0}, nil, nil})
	if err != nil {
		t.Fatal(err)
	}
	l, err := GiStar([]float64{1, 2, 3, 6}, nil, w)
	if err != nil {
		t.Fatal(err)
	}
	if want := 3 / math.Sqrt(3.5); math.Abs(l.Z[3]-want) > 1e-14 {
		t.Errorf("z of an island = %v, want (x-mean)/s = %v", l.Z[3], want)
	}
}

// all returns the same reason for n cells.
func all(n int, r Reason) []Reason {
	return slices.Repeat([]Reason{r}, n)
}

// oneOf returns a reason for one cell of n.
func oneOf(n, at int, r Reason) []Reason {
	out := all(n, OK)
	out[at] = r
	return out
}

// TestPermutationOfFullNeighbourhood has lags that cannot vary: p is 1 for
// certain, with a warning.
func TestPermutationOfFullNeighbourhood(t *testing.T) {
	w, err := NeighbourLists([][]int32{{1, 2, 3}, {0}, {0}, {0}})
	if err != nil {
		t.Fatal(err)
	}
	exact := mustExact(t, []int64{1, 2, 3, 5}, w)
	drawn, err := PermutationMonteCarlo(t.Context(), []float64{1, 2, 3, 5}, nil, w, MonteCarloOptions{Permutations: 99})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Permutation{exact, drawn} {
		if !p.Valid[0] || p.Reason[0] != DegenerateNeighbourhood || p.Greater[0] != 1 || p.Less[0] != 1 {
			t.Errorf("cell 0: valid %v (%v), p = %v, %v; want 1, 1", p.Valid[0], p.Reason[0], p.Greater[0], p.Less[0])
		}
	}
	if greater, less := exact.P(Greater), exact.P(Less); greater[3] != exact.Greater[3] || less[3] != exact.Less[3] {
		t.Errorf("P by side = %v, %v; want the columns", greater[3], less[3])
	}
}

func TestReasonText(t *testing.T) {
	if got, err := ZeroVariance.MarshalText(); err != nil || string(got) != "zero_variance" {
		t.Errorf("MarshalText = %q, %v; want zero_variance", got, err)
	}
	if got := Reason(200).String(); got != "reason(200)" {
		t.Errorf("String of an unknown reason = %q, want reason(200)", got)
	}
	seen := make(map[string]bool)
	for r := OK; r <= ZeroSum; r++ {
		if code := r.String(); code == "" || seen[code] {
			t.Errorf("reason %d has the code %q, which is empty or taken", r, code)
		}
		seen[r.String()] = true
	}
}
