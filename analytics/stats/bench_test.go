package stats

import (
	"math"
	"math/rand/v2"
	"testing"
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

func BenchmarkExactPermutationMillionCells(b *testing.B) {
	w := hexLattice(b, 1000, 1000)
	counts := sparseCounts(w.Cells())
	b.ReportAllocs()
	for b.Loop() {
		mustExact(b, counts, w)
	}
	reportPerCell(b, w.Cells())
}

func BenchmarkGlobalMoranMillionCells(b *testing.B) {
	w := hexLattice(b, 1000, 1000).RowStandardised()
	x := asFloats(sparseCounts(w.Cells()))
	for b.Loop() {
		if _, err := GlobalMoran(x, nil, w); err != nil {
			b.Fatal(err)
		}
	}
	reportPerCell(b, w.Cells())
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
