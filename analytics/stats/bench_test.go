package stats

import (
	"cmp"
	"context"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// sparseCounts returns what community complaints look like: most cells are
// empty, a few hold many, on average 0.3.
func sparseCounts(n int) []int64 {
	random := rand.New(rand.NewPCG(1, 1))
	counts := make([]int64, n)
	for i := range counts {
		limit, product := math.Exp(-0.3), random.Float64()
		for ; product > limit; product *= random.Float64() {
			counts[i]++
		}
	}
	return counts
}

func reportPerCell(b *testing.B, cells int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(cells), "ns/cell")
}

func BenchmarkGiStarMillionCells(b *testing.B) {
	w := hexLattice(b, 1000, 1000)
	x := asFloats(sparseCounts(w.Cells()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := GiStar(x, nil, w); err != nil {
			b.Fatal(err)
		}
	}
	reportPerCell(b, w.Cells())
}

// BenchmarkExactPermutationMillionCells also times the usual way, 999 draws
// for each cell, on a small grid, and reports how many times longer that takes
// per cell.
func BenchmarkExactPermutationMillionCells(b *testing.B) {
	small := hexLattice(b, 60, 60)
	x := asFloats(sparseCounts(small.Cells()))
	random := rand.New(rand.NewPCG(2, 2))
	start := time.Now()
	for i := range x {
		naivePermutation(x, small, i, 999, random)
	}
	naive := float64(time.Since(start).Nanoseconds()) / float64(small.Cells())

	w := hexLattice(b, 1000, 1000)
	counts := sparseCounts(w.Cells())
	b.ReportAllocs()
	for b.Loop() {
		mustExact(b, counts, w)
	}
	reportPerCell(b, w.Cells())
	b.ReportMetric(naive, "naive-ns/cell")
	b.ReportMetric(naive*float64(w.Cells())*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "naive/exact")
}

// BenchmarkHotSpotsMillionCells is the whole statistical part of a hot spot map, z,
// exact p and q, beside three rivals on the same map, in turns: the usual 999 draws
// for each cell and the exact distribution written out for each cell anew, both timed
// on some cells and reckoned up to all, and a plain loop that does without exact p.
// It reports medians of the ratios of the rounds.
func BenchmarkHotSpotsMillionCells(b *testing.B) {
	const drawn, written = 2000, 300 // cells timed
	w := hexLattice(b, 1000, 1000)
	counts := sparseCounts(w.Cells())
	x := asFloats(counts)
	random := rand.New(rand.NewPCG(2, 2))
	ratios := map[string][]float64{}
	timed := func(work func()) float64 {
		start := time.Now()
		work()
		return float64(time.Since(start))
	}
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
		ratios["draws/ours"] = append(ratios["draws/ours"], draws/drawn*cells/ours)
		ratios["exact-each/ours"] = append(ratios["exact-each/ours"], exact/written*cells/ours)
		ratios["loop/ours"] = append(ratios["loop/ours"], loop/ours)
		ratios["ours-ns/cell"] = append(ratios["ours-ns/cell"], ours/cells)
	}
	for name, of := range ratios {
		slices.Sort(of)
		b.ReportMetric(of[len(of)/2], name)
	}
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

func BenchmarkMonteCarloMillionCells(b *testing.B) {
	w := hexLattice(b, 1000, 1000)
	x := asFloats(sparseCounts(w.Cells()))
	for b.Loop() {
		if _, err := PermutationMonteCarlo(context.Background(), x, nil, w, MonteCarloOptions{}); err != nil {
			b.Fatal(err)
		}
	}
	reportPerCell(b, w.Cells())
}

// naivePermutation draws the neighbours of one cell again and again.
func naivePermutation(x []float64, w Weights, i, draws int, random *rand.Rand) float64 {
	row, _ := w.Row(i)
	lag := 0.0
	for _, j := range row {
		lag += x[j]
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
			sum += x[j]
		}
		if sum >= lag {
			greater++
		}
	}
	return float64(greater+1) / float64(draws+1)
}

// BenchmarkExactPermutationLargeCounts is a city of 206 cells with nearly as
// many distinct counts, up to 4,775.
func BenchmarkExactPermutationLargeCounts(b *testing.B) {
	w := hexLattice(b, 14, 15)
	random := rand.New(rand.NewPCG(7, 8))
	counts := make([]int64, w.Cells())
	for i := range counts {
		counts[i] = min(int64(math.Exp(random.NormFloat64()*1.5+6)), 4775)
	}
	for b.Loop() {
		mustExact(b, counts, w)
	}
	reportPerCell(b, w.Cells())
}

func BenchmarkBenjaminiHochbergMillion(b *testing.B) {
	random := rand.New(rand.NewPCG(3, 3))
	p := make([]float64, 1_000_000)
	for i := range p {
		p[i] = random.Float64()
	}
	for b.Loop() {
		if _, err := BenjaminiHochberg(p, nil); err != nil {
			b.Fatal(err)
		}
	}
	reportPerCell(b, len(p))
}

func BenchmarkNewWeightsMillionCells(b *testing.B) {
	w := hexLattice(b, 1000, 1000)
	for b.Loop() {
		if _, err := NewWeights(w.offsets, w.neighbours, nil); err != nil {
			b.Fatal(err)
		}
	}
	reportPerCell(b, w.Cells())
}

func BenchmarkSurvivalFromBuckets(b *testing.B) {
	var d Durations
	for k := range TenYears {
		d.Bucket = append(d.Bucket, k)
		d.Closed, d.Open = append(d.Closed, 50), append(d.Open, 5)
	}
	for b.Loop() {
		s, err := d.KaplanMeier()
		if err != nil {
			b.Fatal(err)
		}
		s.Quantile(0.9, Band{})
	}
}
