package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// TestDesignEffectOfWeilsRats compares with the design effects 1.232495 and 3.952861
// of litters without and with treatment: Weil (1970), table 1 of Rao and Scott (1992),
// as computed by rsb of the R package PF.
func TestDesignEffectOfWeilsRats(t *testing.T) {
	f := func(survived, pups []int64, want float64) {
		t.Helper()
		if got, err := DesignEffect(survived, pups); err != nil || math.Abs(got-want) > 5e-7 {
			t.Errorf("design effect %v, %v, want %v", got, err, want)
		}
	}
	f([]int64{13, 12, 9, 9, 8, 8, 12, 11, 9, 9, 8, 11, 4, 5, 7, 7},
		[]int64{13, 12, 9, 9, 8, 8, 13, 12, 10, 10, 9, 13, 5, 7, 10, 10}, 1.232495)
	f([]int64{12, 11, 10, 9, 10, 9, 9, 8, 8, 4, 7, 4, 5, 3, 3, 0},
		[]int64{12, 11, 10, 9, 11, 10, 10, 9, 9, 5, 9, 7, 10, 6, 10, 7}, 3.952861)
}

// TestDesignEffectOfAlikeTrials draws clusters of ten trials whose shares are beta
// distributed, so that two trials of a cluster are correlated by 1/(a+b+1).
func TestDesignEffectOfAlikeTrials(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	const clusters, size = 20_000, 10
	successes, trials := make([]int64, clusters), make([]int64, clusters)
	for i := range clusters {
		a, b := rng.ExpFloat64(), rng.ExpFloat64()+rng.ExpFloat64()+rng.ExpFloat64() // gamma 1 and 3
		trials[i] = size
		for range size {
			if rng.Float64() < a/(a+b) {
				successes[i]++
			}
		}
	}
	got, err := DesignEffect(successes, trials)
	if want := 1 + (size-1)/5.0; err != nil || math.Abs(got-want) > 0.05 {
		t.Errorf("design effect %v, %v, want %v", got, err, want)
	}
}

func TestDesignEffectOfNothing(t *testing.T) {
	f := func(successes, trials []int64) {
		t.Helper()
		if got, err := DesignEffect(successes, trials); err != nil || got != 1 {
			t.Errorf("design effect of %v in %v is %v, %v, want 1", successes, trials, got, err)
		}
	}
	f(nil, nil)
	f([]int64{3}, []int64{9})
	f([]int64{0, 0}, []int64{9, 4})
	f([]int64{9, 4}, []int64{9, 4})
	f([]int64{2, 2, 0}, []int64{8, 8, 0}) // scatter less than chance
	var wrong *ValueError
	if _, err := DesignEffect([]int64{3}, []int64{2}); !errors.As(err, &wrong) {
		t.Errorf("3 of 2: %v, want a ValueError", err)
	}
}

// TestBinomialPIsTheSumOfTheTail adds probabilities up.
func TestBinomialPIsTheSumOfTheTail(t *testing.T) {
	dev := worst{name: "binomial tails"}
	for _, n := range []int64{1, 2, 7, 30, 61} {
		for _, p := range []float64{0.01, 0.25, 0.5, 0.93} {
			density := make([]float64, n+1)
			for k := range density {
				ways := 1.0
				for i := range k {
					ways *= float64(n-int64(i)) / float64(i+1)
				}
				density[k] = ways * math.Pow(p, float64(k)) * math.Pow(1-p, float64(n-int64(k)))
			}
			for x := range density {
				greater, less := 0.0, 0.0
				for _, d := range density[x:] {
					greater += d
				}
				for _, d := range density[:x+1] {
					less += d
				}
				k, of := float64(x), float64(n)
				dev.near(t, BinomialP(k, of, p, Greater), greater, 1e-12, "at least %d of %d at %v", x, n, p)
				dev.near(t, BinomialP(k, of, p, Less), less, 1e-12, "at most %d of %d at %v", x, n, p)
				dev.near(t, BinomialP(k, of, p, TwoSided), min(1, 2*min(greater, less)), 1e-12, "%d of %d at %v", x, n, p)
			}
		}
	}
	dev.log(t)
}

// TestBinomialPBetweenWholeNumbers falls as successes grow, by tenths, and is 1 where
// there is nothing to tell.
func TestBinomialPBetweenWholeNumbers(t *testing.T) {
	before := 1.0
	for tenths := range 100 {
		p := BinomialP(float64(tenths)/10, 10.5, 0.3, Greater)
		if p > before || p < 0 {
			t.Errorf("p of %v successes or more is %v, of fewer %v", float64(tenths)/10, p, before)
		}
		before = p
	}
	for _, args := range [][3]float64{{0, 0, 0.5}, {3, 2, 0.5}, {-1, 2, 0.5}, {1, 2, 0}, {1, 2, 1}, {math.NaN(), 2, 0.5}, {1, math.Inf(1), 0.5}, {1, 2, math.NaN()}} {
		for _, side := range []Side{TwoSided, Greater, Less} {
			if p := BinomialP(args[0], args[1], args[2], side); p != 1 {
				t.Errorf("BinomialP(%v) is %v, want 1", args, p)
			}
		}
	}
}
