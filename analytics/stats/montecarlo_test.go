package stats

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
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

// TestMonteCarloAgainstBruteForce counts for every cell the sums of the first of
// each sample's cells that are not the cell itself, by the definition: under equal
// weights and weights by ring, which cells share, and under weights of each cell's
// own, for continuous values and for counts with ties.
func TestMonteCarloAgainstBruteForce(t *testing.T) {
	const permutations = 499
	random := rand.New(rand.NewPCG(5, 6))
	ring := hexDisk(t, 12, 12, 1)
	var values, counts []float64
	for range ring.Cells() {
		values = append(values, random.ExpFloat64())
		counts = append(counts, float64(random.IntN(4)))
	}
	own := make([]float64, ring.Edges())
	for e := range own {
		own[e] = 1 + random.Float64()
	}
	distances, err := NewWeights(ring.offsets, ring.neighbours, own)
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]Weights{"equal": ring, "by ring": hexDisk(t, 12, 12, 2), "by distance": distances} {
		for _, x := range [][]float64{values, counts} {
			g, err := newGetisOrd(x, nil, w, false)
			if err != nil {
				t.Fatal(err)
			}
			o := MonteCarloOptions{Permutations: permutations, Seed: 8}
			got, err := PermutationMonteCarlo(t.Context(), x, nil, w, o)
			if err != nil {
				t.Fatal(err)
			}
			_, tested, err := newPermutation(t.Context(), &g)
			if err != nil {
				t.Fatal(err)
			}
			d, err := draw(t.Context(), &g, tested, o)
			if err != nil {
				t.Fatal(err)
			}
			for i := range x {
				greater, less := 1, 1
				_, weights := w.Row(i)
				for p := range permutations {
					sample := slices.Clone(d.samples[p*d.width : (p+1)*d.width])
					above, below := compareSum(x, w, i, withoutCell(sample, int32(i), w.Degree(i)))
					greater, less = greater+above, less+below
				}
				if want := float64(greater) / (permutations + 1); got.Greater[i] != want {
					t.Errorf("weights %s: P(lag >= observed) of cell %d with weights %v = %v, one by one %v", name, i, weights, got.Greater[i], want)
				}
				if want := float64(less) / (permutations + 1); got.Less[i] != want {
					t.Errorf("weights %s: P(lag <= observed) of cell %d with weights %v = %v, one by one %v", name, i, weights, got.Less[i], want)
				}
			}
		}
	}
}

// withoutCell puts the cell after the first k of a sample in the place of cell i,
// should that be among them, and returns the first k.
func withoutCell(sample []int32, i int32, k int) []int32 {
	if at := slices.Index(sample[:k], i); at >= 0 {
		sample[at] = sample[k]
	}
	return sample[:k]
}

// compareSum returns 1 where the sum of the values drawn, under the weights of
// cell i from the largest down, is at least, and at most, as large as what the
// cell has, give or take 1e-11.
func compareSum(x []float64, w Weights, i int, drawn []int32) (greater, less int) {
	neighbours, weights := w.Row(i)
	observed, sum := 0.0, 0.0
	var descending []float64
	for k, j := range neighbours {
		observed += weightAt(weights, k) * x[j]
		descending = append(descending, -weightAt(weights, k))
	}
	slices.Sort(descending)
	for k, j := range drawn {
		sum -= descending[k] * x[j]
	}
	if sum >= observed-1e-11 {
		greater = 1
	}
	if sum <= observed+1e-11 {
		less = 1
	}
	return greater, less
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
	return hexDisk(t, rows, columns, 1)
}

// hexDisk returns the weights one over the number of steps, up to most of them,
// on a rhombus of cells; equal ones for 1.
func hexDisk(t testing.TB, rows, columns, most int) Weights {
	t.Helper()
	offsets := make([]int32, 1, rows*columns+1)
	neighbours := make([]int32, 0, 3*most*(most+1)*rows*columns)
	var weights []float64
	for r := range rows {
		for q := range columns {
			for y := max(r-most, 0); y <= min(r+most, rows-1); y++ {
				for x := max(q-most, 0); x <= min(q+most, columns-1); x++ {
					steps := max(abs(y-r), abs(x-q), abs(y-r+x-q))
					if steps == 0 || steps > most {
						continue
					}
					neighbours = append(neighbours, int32(y*columns+x))
					if most > 1 {
						weights = append(weights, 1/float64(steps))
					}
				}
			}
			offsets = append(offsets, int32(len(neighbours)))
		}
	}
	w, err := NewWeights(offsets, neighbours, weights)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func abs(n int) int { return max(n, -n) }

func asFloats(counts []int64) []float64 {
	x := make([]float64, len(counts))
	for i, c := range counts {
		x[i] = float64(c)
	}
	return x
}
