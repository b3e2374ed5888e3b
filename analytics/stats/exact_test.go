package stats

import (
	"context"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExactAgainstBigIntegers compares with a program in big integers.
func TestExactAgainstBigIntegers(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		const suffix = "_count_exact_conditional.csv"
		files, err := filepath.Glob(filepath.Join(dir, "exact", "*"+suffix))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in %s: %v", dir, err)
		}
		dev := worst{name: "exact p"}
		for _, file := range files {
			g := readGrid(t, dir, strings.TrimSuffix(filepath.Base(file), suffix))
			want := readTable(t, file)
			counts := g.cells.ints(t, "count")
			got := map[string]Permutation{
				"B1": mustExact(t, counts, g.weights(t, rings(1))),
				"B2": mustExact(t, counts, g.weights(t, rings(2))),
			}
			compareExact(t, &dev, want, got)
		}
		dev.log(t)
	})
}

func compareExact(t *testing.T, dev *worst, want table, got map[string]Permutation) {
	t.Helper()
	greater, less := want.floats(t, "p_ge"), want.floats(t, "p_le")
	degree := want.ints(t, "k")
	for r, i := range want.ints(t, "i") {
		p := got[want["weights"][r]]
		if degree[r] == 0 {
			if p.Valid[i] || p.Reason[i] != NoNeighbours {
				t.Errorf("island %d: valid %v, reason %v", i, p.Valid[i], p.Reason[i])
			}
			continue
		}
		dev.within(t, p.Greater[i], greater[r], 1e-11, "P(lag >= observed) of cell %d", i)
		dev.within(t, p.Less[i], less[r], 1e-11, "P(lag <= observed) of cell %d", i)
	}
}

func mustExact(t testing.TB, counts []int64, w Weights) Permutation {
	t.Helper()
	p, err := ExactPermutation(context.Background(), counts, nil, w, ExactOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestExactAgainstSubsets enumerates subsets for counts and neighbourhoods of
// every shape: nearly full ones, large gaps, a common offset.
func TestExactAgainstSubsets(t *testing.T) {
	dev := worst{name: "exact p against all subsets"}
	random := rand.New(rand.NewPCG(1, 2))
	for _, counts := range [][]int64{
		{0, 0, 0, 1, 0, 2, 0, 0, 1, 0, 0, 0, 3},
		{4775, 0, 1, 0, 0, 2, 1, 0, 7, 0, 1, 12},
		{1000, 1007, 1014, 1000, 1021, 1007, 1350},
		{5, 5, 5, 5, 5, 5, 6},
		{0, 1, 2, 3},
	} {
		n := len(counts)
		lists := make([][]int32, n)
		for i := range lists {
			k := random.IntN(n-1) + i%2*(n-2)
			for _, j := range random.Perm(n) {
				if j != i && len(lists[i]) < min(max(k, 1), n-2) {
					lists[i] = append(lists[i], int32(j))
				}
			}
		}
		w, err := NeighbourLists(lists)
		if err != nil {
			t.Fatal(err)
		}
		p := mustExact(t, counts, w)
		for i := range counts {
			if !p.Valid[i] {
				continue
			}
			greater, less := enumerateP(counts, lists, i)
			dev.within(t, p.Greater[i], greater, 1e-11, "P(lag >= observed) of cell %d of %v", i, counts)
			dev.within(t, p.Less[i], less, 1e-11, "P(lag <= observed) of cell %d of %v", i, counts)
		}
	}
	dev.log(t)
}

func enumerateP(counts []int64, lists [][]int32, i int) (greater, less float64) {
	var others []int64
	for j, c := range counts {
		if j != i {
			others = append(others, c)
		}
	}
	lag := int64(0)
	for _, j := range lists[i] {
		lag += counts[j]
	}
	sets := 0.0
	eachSubset(len(others), len(lists[i]), func(set []int) {
		sum := int64(0)
		for _, j := range set {
			sum += others[j]
		}
		sets++
		if sum >= lag {
			greater++
		}
		if sum <= lag {
			less++
		}
	})
	return greater / sets, less / sets
}

// TestExactWideNeighbourhoods takes hundreds of neighbours, whose subsets
// outnumber the range of float64, of cells that hold 0 or 1. The lag then is
// hypergeometric.
func TestExactWideNeighbourhoods(t *testing.T) {
	const n, ones, k = 1200, 500, 400
	counts := make([]int64, n)
	lists := make([][]int32, n)
	for i := range n {
		if i%12 < 5 {
			counts[i] = 1
		}
	}
	for j := int32(1); j <= k; j++ {
		lists[0] = append(lists[0], j) // cell 0 holds a one
	}
	for j := int32(0); j < n-200; j++ {
		if j != 700 {
			lists[700] = append(lists[700], j)
		}
	}
	w, err := NeighbourLists(lists)
	if err != nil {
		t.Fatal(err)
	}
	p := mustExact(t, counts, w)
	for _, i := range []int{0, 700} {
		lag, others := int64(0), ones-counts[i]
		for _, j := range lists[i] {
			lag += counts[j]
		}
		want := hypergeometricUpper(n-1, others, int64(len(lists[i])), lag)
		if d := math.Abs(p.Greater[i] - want); d > 1e-11 {
			t.Errorf("P(lag >= %d) of cell %d = %v, want %v", lag, i, p.Greater[i], want)
		}
	}
}

// hypergeometricUpper returns the probability of at least s ones in k draws.
func hypergeometricUpper(n, ones, k, s int64) float64 {
	sum, term := new(big.Int), new(big.Int)
	for ; s <= min(k, ones); s++ {
		term.Mul(new(big.Int).Binomial(ones, s), new(big.Int).Binomial(n-ones, k-s))
		sum.Add(sum, term)
	}
	p, _ := new(big.Rat).SetFrac(sum, new(big.Int).Binomial(n, k)).Float64()
	return p
}

func TestExactInvariants(t *testing.T) {
	g := readGrid(t, "testdata", "S4_tiny12")
	counts := g.cells.ints(t, "count")
	w := g.weights(t, rings(1))
	want := mustExact(t, counts, w)
	same := func(what string, counts []int64, w Weights, at func(int) int) {
		t.Helper()
		got := mustExact(t, counts, w)
		for i := range counts {
			if got.Greater[at(i)] != want.Greater[i] || got.Less[at(i)] != want.Less[i] {
				t.Errorf("%s: p of cell %d = %v, %v; want %v, %v, to the bit", what, i,
					got.Greater[at(i)], got.Less[at(i)], want.Greater[i], want.Less[i])
			}
		}
	}
	here := func(i int) int { return i }
	scaled := make([]int64, len(counts))
	for i, c := range counts {
		scaled[i] = 1000*c + 77
	}
	same("a x + b", scaled, w, here)
	same("row standardisation", counts, w.RowStandardised(), here)
	back := func(i int) int { return len(counts) - 1 - i }
	same("order of cells", permuted(counts, back), permutedWeights(t, w, back), back)

	gi, err := Gi(g.cells.floats(t, "count"), nil, w)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(gi.Reason, want.Reason); d != "" {
		t.Errorf("reasons of Gi and of the permutation differ:\n%s", d)
	}
	for i, p := range want.P(TwoSided) {
		if w := min(1, 2*min(want.Greater[i], want.Less[i])); p != w {
			t.Errorf("two-sided p of cell %d = %v, want %v", i, p, w)
		}
	}
}

func TestExactMissing(t *testing.T) {
	valid := []bool{true, false, true, true, true, true, true}
	p, err := ExactPermutation(context.Background(), []int64{1, -9, 3, 4, 5, 6, 7}, valid, disk(t), ExactOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Reason{DegenerateNeighbourhood, Missing, OK, OK, OK, OK, OK}
	if d := cmp.Diff(want, p.Reason); d != "" {
		t.Errorf("reasons (-want +got):\n%s", d)
	}
	// Cell 2 keeps cells 0 and 3, with lag 5, drawn from {1, 4, 5, 6, 7}.
	if math.Abs(p.Greater[2]-1) > 1e-15 || math.Abs(p.Less[2]-0.1) > 1e-15 {
		t.Errorf("p of cell 2 = %v, %v; want 1, 0.1", p.Greater[2], p.Less[2])
	}
}

func TestExactRejects(t *testing.T) {
	ctx := context.Background()
	w := disk(t)
	var value *ValueError
	if _, err := ExactPermutation(ctx, []int64{1, 2, -3, 4, 5, 6, 7}, nil, w, ExactOptions{}); !errors.As(err, &value) || value.Row != 2 {
		t.Errorf("negative count: error %v, want a *ValueError for row 2", err)
	}
	if _, err := ExactPermutation(ctx, []int64{1 << 52, 2, 3, 4, 5, 1 << 52, 7}, nil, w, ExactOptions{}); !errors.As(err, &value) {
		t.Errorf("counts beyond 2^53: error %v, want a *ValueError", err)
	}
	if _, err := ExactPermutation(ctx, []int64{1}, nil, w, ExactOptions{}); !errors.Is(err, ErrLength) {
		t.Errorf("one row: error %v, want ErrLength", err)
	}
	g := readGrid(t, "testdata", "S4_tiny12")
	if _, err := ExactPermutation(ctx, g.cells.ints(t, "count"), nil, g.weights(t, inverseRings(2)), ExactOptions{}); !errors.Is(err, ErrNotBinary) {
		t.Errorf("1/ring weights: error %v, want ErrNotBinary", err)
	}
}

func TestExactLimits(t *testing.T) {
	ctx := context.Background()
	w := disk(t)
	var large *TooLargeError
	_, err := ExactPermutation(ctx, []int64{1, 2, 3, 4, 5, 6, 7}, nil, w, ExactOptions{MaxWork: 10})
	if !errors.Is(err, ErrTooLarge) || !errors.As(err, &large) || large.Work <= 10 {
		t.Errorf("10 steps: error %v, want ErrTooLarge with the work", err)
	}
	_, err = ExactPermutation(ctx, []int64{1, 2, 3, 1 << 40, 5, 6, 1<<40 + 1}, nil, w, ExactOptions{MaxWork: math.MaxInt64})
	if !errors.As(err, &large) || large.Table <= maxTable {
		t.Errorf("sums up to 2^42: error %v, want ErrTooLarge for the table", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err = ExactPermutation(cancelled, []int64{1, 2, 3, 4, 5, 6, 7}, nil, w, ExactOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v, want context.Canceled", err)
	}
	// All but a few cells next to each other: sums of too many values.
	const n = 6000
	counts, lists := make([]int64, n), make([][]int32, n)
	for j := range int32(n) {
		counts[j] = int64(j & 1)
		if j > 0 && j <= n/2 {
			lists[0] = append(lists[0], j)
		}
	}
	wide, err := NeighbourLists(lists)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = ExactPermutation(ctx, counts, nil, wide, ExactOptions{MaxWork: 1 << 62}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("3000 neighbours: error %v, want ErrTooLarge", err)
	}
}

// TestExactLargeCounts runs a small city whose counts are all large and nearly
// all distinct.
func TestExactLargeCounts(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	w := hexLattice(t, 14, 15)
	counts := make([]int64, w.Cells())
	for i := range counts {
		counts[i] = int64(math.Exp(random.NormFloat64()*1.5 + 6))
	}
	counts[100] = 4775
	p := mustExact(t, counts, w)
	m, err := PermutationMonteCarlo(context.Background(), asFloats(counts), nil, w, MonteCarloOptions{})
	if err != nil {
		t.Fatal(err)
	}
	compareMonteCarlo(t, &worst{name: "large counts"}, m, p)
}
