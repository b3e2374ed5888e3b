package stats

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// ranking is how well a list of the worst cells does, and how far estimates are
// from the truth: means over seeds.
type ranking struct{ raw, wilson, bayes, rawError, bayesError float64 }

// TestWorstCells names the 50 worst of 2,000 cells by raw share, by upper Wilson
// bound and by empirical Bayes, and counts how many of them are truly bad.
//
// One cell in twenty is truly bad, its true share on time from Beta(10, 10),
// half on average; the others are from Beta(18, 2), nine tenths. Cases per cell
// are 1 and more, exponential with a mean of about 6: many cells have a handful.
// Each method sees the same cases, and ties go to the cell that comes first,
// which tells nothing of its truth. Raw shares catch up as cells get more cases,
// so the figures of other means are printed beside.
func TestWorstCells(t *testing.T) {
	const seeds = 8
	for _, casesEach := range []float64{3, 6, 12, 25, 100} {
		var mean ranking
		for seed := range uint64(seeds) {
			r := rankWorst(t, seed, casesEach)
			if casesEach == 6 {
				t.Logf("seed %d: %s", seed, r)
			}
			mean.raw += r.raw / seeds
			mean.wilson += r.wilson / seeds
			mean.bayes += r.bayes / seeds
			mean.rawError += r.rawError / seeds
			mean.bayesError += r.bayesError / seeds
		}
		t.Logf("%3v cases each: %s", casesEach, mean)
		if casesEach == 6 && (mean.bayes < 2*mean.raw || mean.bayesError > mean.rawError/2) {
			t.Errorf("%v cases each: want empirical Bayes to be right twice as often as raw shares, with half the error: %s", casesEach, mean)
		}
		if mean.bayes < mean.raw || mean.bayesError > mean.rawError {
			t.Errorf("%v cases each: empirical Bayes does worse than raw shares: %s", casesEach, mean)
		}
	}
}

func (r ranking) String() string {
	return fmt.Sprintf("truly bad of the 50 worst: raw %.2f, Wilson %.2f, empirical Bayes %.2f; error of raw shares %.3f, shrunken %.3f",
		r.raw, r.wilson, r.bayes, r.rawError, r.bayesError)
}

// rankWorst draws cells and ranks them.
func rankWorst(t *testing.T, seed uint64, casesEach float64) ranking {
	t.Helper()
	const cells, named = 2000, 50
	rng := rand.New(rand.NewPCG(seed, 50))
	bad, share, high := make([]bool, cells), make([]float64, cells), make([]float64, cells)
	var successes, trials []int64
	var truth []float64
	for i := range cells {
		mean := 0.9
		if bad[i] = rng.IntN(20) == 0; bad[i] {
			mean = 0.5
		}
		x, n, p := drawnShares(rng, 1, mean, 20, casesEach)
		successes, trials, truth = append(successes, x...), append(trials, n...), append(truth, p...)
		share[i] = float64(x[0]) / float64(n[0])
		iv, _ := Wilson(x[0], n[0], 0.95)
		high[i] = iv.High
	}
	s, err := ShrinkShares(successes, trials)
	if err != nil {
		t.Fatal(err)
	}
	return ranking{
		raw: precision(share, bad, named), wilson: precision(high, bad, named), bayes: precision(s.Estimate, bad, named),
		rawError: rootMeanSquare(share, truth), bayesError: rootMeanSquare(s.Estimate, truth),
	}
}

// precision returns the part of the cells with the smallest values that is bad.
func precision(values []float64, bad []bool, named int) float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	hits := int64(0)
	for _, i := range order[:named] {
		hits += oneIf(bad[i])
	}
	return float64(hits) / float64(named)
}
