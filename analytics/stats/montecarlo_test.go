package stats

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPhilox holds the known answers of the Random123 library, version 1.09,
// file kat_vectors, "philox4x32 10".
func TestPhilox(t *testing.T) {
	f := func(counter [4]uint32, key [2]uint32, want [4]uint32) {
		t.Helper()
		if got := philoxBlock(counter, key); got != want {
			t.Errorf("philoxBlock(%x, %x) = %x, want %x", counter, key, got, want)
		}
	}
	const all = 0xffffffff
	f([4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8})
	f([4]uint32{all, all, all, all}, [2]uint32{all, all}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd})
	f([4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
		[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1})
}

func TestStreamBelow(t *testing.T) {
	const n, draws = 7, 70_000
	var seen [n]int
	p := NewStream(3, 0)
	for range draws {
		seen[p.Below(n)]++
	}
	for v, c := range seen {
		if sigma := math.Sqrt(draws * (1.0 / n) * (1 - 1.0/n)); math.Abs(float64(c)-draws/n) > 5*sigma {
			t.Errorf("%d drawn %d times of %d, want about %d", v, c, draws, draws/n)
		}
	}
}

// compareMonteCarlo holds the tolerance stated for recorded Monte Carlo
// results: 5 sqrt(p (1-p)/P) + 1/P.
func compareMonteCarlo(t *testing.T, dev *worst, got, exact Permutation) {
	t.Helper()
	draws := float64(got.Draws)
	one := func(g, p float64, i int, what string) {
		t.Helper()
		sigma := math.Sqrt(p * (1 - p) / draws)
		dev.count++
		if sigma > 0 {
			dev.most = max(dev.most, (math.Abs(g-p)-1/draws)/sigma)
		}
		if !(math.Abs(g-p) <= 5*sigma+1/draws) {
			t.Errorf("%s of cell %d: got %v, want %v give or take %v", what, i, g, p, 5*sigma)
		}
	}
	for i := range exact.Valid {
		if got.Valid[i] != exact.Valid[i] || got.Reason[i] != exact.Reason[i] {
			t.Errorf("cell %d: valid %v (%v), want %v (%v)", i, got.Valid[i], got.Reason[i], exact.Valid[i], exact.Reason[i])
			continue
		}
		if exact.Valid[i] {
			one(got.Greater[i], exact.Greater[i], i, "greater")
			one(got.Less[i], exact.Less[i], i, "less")
		}
	}
}

// TestMonteCarloAgainstExact covers shared signatures (the larger grids) and
// single ones (the tiny grid).
func TestMonteCarloAgainstExact(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		dev := worst{name: "Monte Carlo, in sigmas"}
		names := []string{"S4_tiny12"}
		if dir != "testdata" {
			names = append(names, "S1_disk_suzhou_r9", "S2_irregular_islands_taipei_r8", "S3_pentagon_r4")
		}
		for _, name := range names {
			g := readGrid(t, dir, name)
			for _, k := range []int64{1, 2} {
				w := g.weights(t, rings(k))
				exact := mustExact(t, g.cells.ints(t, "count"), w)
				got, err := PermutationMonteCarlo(context.Background(), g.cells.floats(t, "count"), nil, w, MonteCarloOptions{Seed: 11})
				if err != nil {
					t.Fatal(err)
				}
				compareMonteCarlo(t, &dev, got, exact)
			}
		}
		dev.log(t)
	})
}

// TestMonteCarloWeighted compares with the enumeration of all subsets under
// 1/ring weights, counts and continuous values.
func TestMonteCarloWeighted(t *testing.T) {
	g := readGrid(t, "testdata", "S4_tiny12")
	want := readTable(t, "testdata", "exact", "S4_tiny12_bruteforce.csv")
	greater, less := want.floats(t, "p_ge_gi"), want.floats(t, "p_le_gi")
	at := want.ints(t, "i")
	for _, column := range []string{"count", "cont"} {
		n := len(g.cells["i"])
		exact := Permutation{Greater: make([]float64, n), Less: make([]float64, n), Valid: make([]bool, n), Reason: make([]Reason, n)}
		for r, i := range at {
			if want["var"][r] == column && want["weights"][r] == "R2" {
				exact.Greater[i], exact.Less[i], exact.Valid[i] = greater[r], less[r], true
			}
		}
		dev := worst{name: "weighted Monte Carlo, in sigmas"}
		got, err := PermutationMonteCarlo(context.Background(), g.cells.floats(t, column), nil,
			g.weights(t, inverseRings(2)), MonteCarloOptions{Permutations: 99_999})
		if err != nil {
			t.Fatal(err)
		}
		compareMonteCarlo(t, &dev, got, exact)
		dev.log(t)
	}
}

// TestMonteCarloSharing compares cells that share sums with the same cells
// added up one by one: same draws, same counts.
func TestMonteCarloSharing(t *testing.T) {
	w := hexLattice(t, 12, 12)
	random := rand.New(rand.NewPCG(5, 6))
	x := make([]float64, w.Cells())
	for i := range x {
		x[i] = random.ExpFloat64()
	}
	g, err := newGetisOrd(x, nil, w, false)
	if err != nil {
		t.Fatal(err)
	}
	r, tested, err := newPermutation(t.Context(), &g)
	r.Draws = 499
	d, err := draw(t.Context(), &g, tested, MonteCarloOptions{Permutations: 499})
	for _, s := range signatures(&g, tested) {
		if len(s.cells) < sharingPays {
			continue
		}
		if err := d.test(context.Background(), s, &r); err != nil {
			t.Fatal(err)
		}
		for _, i := range s.cells {
			lag := g.sums(int(i), centre{}).lag
			n := d.countEach(i, s.weights, lag-1e-12, lag+1e-12)
			if want := float64(n.greater+1) / 500; r.Greater[i] != want {
				t.Errorf("cell %d: shared %v, one by one %v", i, r.Greater[i], want)
			}
			if want := float64(n.less+1) / 500; r.Less[i] != want {
				t.Errorf("cell %d: shared %v, one by one %v", i, r.Less[i], want)
			}
		}
	}
}

func TestSameBitsForAnyNumberOfThreads(t *testing.T) {
	w := hexLattice(t, 100, 100) // more rows, and permutations, than a thread takes at a time
	counts := make([]int64, w.Cells())
	random := rand.New(rand.NewPCG(9, 9))
	for i := range counts {
		counts[i] = int64(random.ExpFloat64() * 2)
	}
	x := asFloats(counts)
	run := func() (z []float64, out [2]Permutation) {
		local, err := GiStar(x, nil, w)
		if err != nil {
			t.Fatal(err)
		}
		out[0] = mustExact(t, counts, w)
		if out[1], err = PermutationMonteCarlo(t.Context(), x, nil, w, MonteCarloOptions{Permutations: 12_000, Seed: 4}); err != nil {
			t.Fatal(err)
		}
		return local.Z, out
	}
	z, want := run()
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, threads := range []int{1, 2, 3, 8} {
		runtime.GOMAXPROCS(threads)
		gotZ, got := run()
		if d := cmp.Diff(want, got); d != "" || !slices.Equal(z, gotZ) {
			t.Errorf("results differ on %d threads:\n%s", threads, d)
		}
	}
}

func TestMonteCarloRejects(t *testing.T) {
	w := disk(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := PermutationMonteCarlo(ctx, []float64{1, 2, 3, 4, 5, 6, 7}, nil, w, MonteCarloOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v, want context.Canceled", err)
	}
	if _, err := PermutationMonteCarlo(context.Background(), []float64{1}, nil, w, MonteCarloOptions{}); !errors.Is(err, ErrLength) {
		t.Errorf("one row: error %v, want ErrLength", err)
	}
	p, err := PermutationMonteCarlo(context.Background(), make([]float64, 7), nil, w, MonteCarloOptions{})
	if err != nil || p.Valid[0] || p.Reason[0] != ZeroVariance {
		t.Errorf("all zero: %v, %v; want zero_variance", p.Reason, err)
	}
}

// hexLattice returns the six-neighbour lattice of a rhombus of cells, in axial
// coordinates.
func hexLattice(t testing.TB, rows, columns int) Weights {
	t.Helper()
	offsets := make([]int32, 1, rows*columns+1)
	neighbours := make([]int32, 0, 6*rows*columns)
	steps := [6][2]int{{-1, 0}, {-1, 1}, {0, -1}, {0, 1}, {1, -1}, {1, 0}}
	for r := range rows {
		for q := range columns {
			for _, s := range steps {
				if y, x := r+s[0], q+s[1]; y >= 0 && y < rows && x >= 0 && x < columns {
					neighbours = append(neighbours, int32(y*columns+x))
				}
			}
			offsets = append(offsets, int32(len(neighbours)))
		}
	}
	w, err := NewWeights(offsets, neighbours, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func asFloats(counts []int64) []float64 {
	x := make([]float64, len(counts))
	for i, c := range counts {
		x[i] = float64(c)
	}
	return x
}
