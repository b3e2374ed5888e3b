package stats

import (
	"cmp"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/civgrid/civgrid/geo"
)

// rounds hold what was measured, by name, in each round of a benchmark in which
// rivals take turns.
type rounds map[string][]float64

func (r rounds) add(name string, v float64) { r[name] = append(r[name], v) }

// report reports medians.
func (r rounds) report(b *testing.B) {
	for name, of := range r {
		slices.Sort(of)
		b.ReportMetric(of[len(of)/2], name)
	}
}

// timed returns how many nanoseconds work takes.
func timed(work func()) float64 {
	start := time.Now()
	work()
	return float64(time.Since(start))
}

// millionCells returns the neighbours of 1,000,519 H3 cells: a disk in Beijing at
// resolution 10.
func millionCells(b *testing.B) Weights {
	centre, err := geo.ParseCell("8a31aa42ea37fff")
	if err != nil {
		b.Fatal(err)
	}
	offsets, neighbours, _, err := geo.Neighbours(centre.Disk(577), 1)
	if err != nil {
		b.Fatal(err)
	}
	w, err := NewWeights(offsets, neighbours, nil)
	if err != nil {
		b.Fatal(err)
	}
	return w
}

// BenchmarkHotSpotsMillionCells is the whole statistical part of a hot spot map, z,
// exact p and q, of all H3 cells within 577 steps of one, beside three rivals on the
// same map, in turns: the usual 999 draws for each cell and the exact distribution
// written out for each cell anew, both timed on some cells and reckoned up to all, and
// a plain loop that does without exact p.
func BenchmarkHotSpotsMillionCells(b *testing.B) {
	const drawn, written = 2000, 300 // cells timed
	w := millionCells(b)
	counts := sparseCounts(w.Cells())
	x := asFloats(counts)
	random := rand.New(rand.NewPCG(2, 2))
	measured := rounds{}
	for b.Loop() {
		var z []float64
		var p Permutation
		ours := timed(func() {
			local, err := GiStar(x, nil, w)
			if err != nil {
				b.Fatal(err)
			}
			p = mustExact(b, counts, w)
			if _, err := BenjaminiHochberg(p.P(TwoSided), p.Valid); err != nil {
				b.Fatal(err)
			}
			z = local.Z
		})
		var plain []float64
		loop := timed(func() { plain, _ = plainHotSpots(x, w) })
		for i := range z {
			if math.Abs(z[i]-plain[i]) > 1e-9 {
				b.Fatalf("cell %d: z %v, by the plain loop %v", i, z[i], plain[i])
			}
		}
		draws := timed(func() {
			for range drawn {
				naivePermutation(x, w, random.IntN(w.Cells()), 999, random)
			}
		})
		exact := timed(func() {
			for range written {
				i := random.IntN(w.Cells())
				if want := plainExact(counts, w, i); math.Abs(p.Greater[i]-want) > 1e-11 {
					b.Fatalf("cell %d: p %v, written out %v", i, p.Greater[i], want)
				}
			}
		})
		cells := float64(w.Cells())
		measured.add("draws/ours", draws/drawn*cells/ours)
		measured.add("exact-each/ours", exact/written*cells/ours)
		measured.add("loop/ours", loop/ours)
		measured.add("ours-ns/cell", ours/cells)
	}
	measured.report(b)
}

// plainHotSpots is what one writes first: z by the formula, p by the normal
// distribution, q by ranking.
func plainHotSpots(x []float64, w Weights) (z, q []float64) {
	n, mean, squares := float64(len(x)), 0.0, 0.0
	for _, v := range x {
		mean += v
		squares += v * v
	}
	mean /= n
	sd := math.Sqrt(squares/n - mean*mean)
	z, q = make([]float64, len(x)), make([]float64, len(x))
	order := make([]int, len(x))
	for i, v := range x {
		neighbours, _ := w.Row(i)
		sum, weight := v, 1+float64(len(neighbours))
		for _, j := range neighbours {
			sum += x[j]
		}
		z[i] = (sum - mean*weight) / (sd * math.Sqrt((n*weight-weight*weight)/(n-1)))
		q[i], order[i] = math.Erfc(math.Abs(z[i])/math.Sqrt2), i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(q[a], q[b]) })
	least := 1.0
	for rank := len(order) - 1; rank >= 0; rank-- {
		least = min(least, q[order[rank]]*n/float64(rank+1))
		q[order[rank]] = least
	}
	return z, q
}

// plainExact writes the distribution of the sum of k draws from the other cells out
// and adds up its upper tail.
func plainExact(counts []int64, w Weights, i int) float64 {
	others := map[int64]float64{}
	for j, c := range counts {
		if j != i {
			others[c]++
		}
	}
	neighbours, _ := w.Row(i)
	lag, most := int64(0), slices.Max(slices.Collect(maps.Keys(others)))
	for _, j := range neighbours {
		lag += counts[j]
	}
	k, n := len(neighbours), float64(len(counts)-1)
	ways := make([][]float64, k+1) // ways[d][s]: of d draws to add up to s, over n^d
	for d := range ways {
		ways[d] = make([]float64, int64(k)*most+1)
	}
	ways[0][0] = 1
	for _, v := range slices.Sorted(maps.Keys(others)) {
		for d := k; d >= 1; d-- {
			choose := 1.0
			for a := 1; a <= d; a++ {
				choose *= (others[v] - float64(a) + 1) / (float64(a) * n)
				for s := int64(a) * v; s < int64(len(ways[d])); s++ {
					ways[d][s] += choose * ways[d-a][s-int64(a)*v]
				}
			}
		}
	}
	all, tail := 0.0, 0.0
	for s, v := range ways[k] {
		if all += v; int64(s) >= lag {
			tail += v
		}
	}
	return tail / all
}

// BenchmarkMonteCarlo tests a million cells by 9,999 permutations, with equal weights
// and weights by ring, which cells share, and a few with weights of each cell's own,
// beside two rivals, in turns, timed on some cells and reckoned up to all: the same
// draws added up cell by cell, and draws for each cell anew.
func BenchmarkMonteCarlo(b *testing.B) {
	own := hexLattice(b, 60, 60)
	distances := make([]float64, own.Edges())
	random := rand.New(rand.NewPCG(4, 4))
	for e := range distances {
		distances[e] = 1 + random.Float64()
	}
	own, err := NewWeights(own.offsets, own.neighbours, distances)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("equal weights", func(b *testing.B) { benchmarkMonteCarlo(b, hexLattice(b, 1000, 1000)) })
	b.Run("weights by ring", func(b *testing.B) { benchmarkMonteCarlo(b, hexDisk(b, 1000, 1000, 2)) })
	b.Run("weights of each own", func(b *testing.B) { benchmarkMonteCarlo(b, own) })
}

func benchmarkMonteCarlo(b *testing.B, w Weights) {
	const permutations, added, drawn = defaultPermutations, 300, 50 // cells timed
	random := rand.New(rand.NewPCG(5, 5))
	x := make([]float64, w.Cells())
	for i := range x {
		x[i] = random.ExpFloat64()
	}
	g, err := newGetisOrd(x, nil, w, false)
	if err != nil {
		b.Fatal(err)
	}
	_, tested, err := newPermutation(b.Context(), &g)
	if err != nil {
		b.Fatal(err)
	}
	d, err := draw(b.Context(), &g, tested, MonteCarloOptions{})
	if err != nil {
		b.Fatal(err)
	}
	cells, measured := float64(w.Cells()), rounds{}
	for b.Loop() {
		var p Permutation
		ours := timed(func() {
			if p, err = PermutationMonteCarlo(b.Context(), x, nil, w, MonteCarloOptions{}); err != nil {
				b.Fatal(err)
			}
		})
		each := timed(func() {
			var weights []float64
			for range added {
				i := int32(random.IntN(w.Cells()))
				weights = appendWeights(weights[:0], w, int(i))
				descend(weights)
				low, high := d.observed(i, weights)
				n := d.countEach(i, weights, low, high)
				if want := float64(n.greater+1) / (permutations + 1); p.Greater[i] != want {
					b.Fatalf("cell %d: p %v, added up %v", i, p.Greater[i], want)
				}
			}
		})
		draws := timed(func() {
			for range drawn {
				naivePermutation(x, w, random.IntN(w.Cells()), permutations, random)
			}
		})
		measured.add("each/ours", each/added*cells/ours)
		measured.add("draws/ours", draws/drawn*cells/ours)
		measured.add("ours-ns/cell", ours/cells)
	}
	measured.report(b)
}

// naivePermutation draws the neighbours of one cell again and again.
func naivePermutation(x []float64, w Weights, i, draws int, random *rand.Rand) float64 {
	row, weights := w.Row(i)
	lag := 0.0
	for k, j := range row {
		lag += weightAt(weights, k) * x[j]
	}
	pick := make([]int, len(row))
	greater := 0
	for range draws {
		sum := 0.0
		for k := range pick {
		again:
			j := random.IntN(len(x))
			if j == i {
				goto again
			}
			for _, before := range pick[:k] {
				if j == before {
					goto again
				}
			}
			pick[k] = j
			sum += weightAt(weights, k) * x[j]
		}
		if sum >= lag {
			greater++
		}
	}
	return float64(greater+1) / float64(draws+1)
}
