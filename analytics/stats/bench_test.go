package stats

import (
	"context"
	"math"
	"math/rand/v2"
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

// BenchmarkHotSpotsMillionCells is the whole statistical part of a hot spot
// map: z, exact p, q.
func BenchmarkHotSpotsMillionCells(b *testing.B) {
	w := hexLattice(b, 1000, 1000)
	counts := sparseCounts(w.Cells())
	for b.Loop() {
		if _, err := GiStar(asFloats(counts), nil, w); err != nil {
			b.Fatal(err)
		}
		p := mustExact(b, counts, w)
		if _, err := BenjaminiHochberg(p.P(TwoSided), p.Valid); err != nil {
			b.Fatal(err)
		}
	}
	reportPerCell(b, w.Cells())
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
