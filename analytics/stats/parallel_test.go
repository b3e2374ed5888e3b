package stats

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"
)

// onThreads runs f on so many threads.
func onThreads(n int, f func()) {
	before := runtime.GOMAXPROCS(n)
	defer runtime.GOMAXPROCS(before)
	f()
}

// TestSameBitsForAnyNumberOfThreads takes enough cells for many parts.
func TestSameBitsForAnyNumberOfThreads(t *testing.T) {
	const rows, columns = 150, 300
	ring, rings := hexLattice(t, rows, columns), hexDisk(t, rows, columns, 2)
	few := hexDisk(t, 12, 12, 2)
	random := rand.New(rand.NewPCG(9, 9))
	own := make([]float64, few.Edges())
	for e := range own {
		own[e] = random.Float64() + 0.5
	}
	distances, err := NewWeights(few.offsets, few.neighbours, own)
	if err != nil {
		t.Fatal(err)
	}
	counts, wide := make([]int64, rows*columns), make([]int64, few.Cells())
	x, valid := make([]float64, rows*columns), make([]bool, rows*columns)
	for i := range counts {
		counts[i], x[i], valid[i] = int64(random.ExpFloat64()*2), random.NormFloat64(), random.IntN(9) > 0
	}
	for i := range wide {
		wide[i] = int64(random.ExpFloat64() * 500)
	}
	o := MonteCarloOptions{Permutations: 999, Seed: 4}
	must := func(v any, err error) any {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	run := func() map[string]any {
		ctx := t.Context()
		p := must(ExactPermutation(ctx, counts, valid, ring, ExactOptions{})).(Permutation)
		return map[string]any{
			"exact": p, "exact, many levels": must(ExactPermutation(ctx, wide, nil, hexLattice(t, 12, 12), ExactOptions{})),
			"Gi": must(Gi(x, valid, rings)), "Gi*": must(GiStar(x, valid, rings)), "Gi* of counts": must(GiStar(asFloats(counts), nil, ring)),
			"local Moran": must(LocalMoran(x, valid, rings)), "local Geary": must(LocalGeary(x, valid, rings)),
			"Moran": must(GlobalMoran(x, valid, rings)), "Geary": must(GlobalGeary(x, valid, rings)), "general G": must(GeneralG(asFloats(counts), valid, ring)),
			"false discovery rates":       must(BenjaminiHochberg(p.P(TwoSided), p.Valid)),
			"Monte Carlo, equal weights":  must(PermutationMonteCarlo(ctx, x, valid, ring, o)),
			"Monte Carlo, rings":          must(PermutationMonteCarlo(ctx, x, valid, rings, o)),
			"Monte Carlo, distances":      must(PermutationMonteCarlo(ctx, asFloats(wide), nil, distances, o)),
			"Monte Carlo, Geary of cells": must(GearyMonteCarlo(ctx, asFloats(wide), nil, distances, o)),
		}
	}
	var want map[string]any
	onThreads(1, func() { want = run() })
	for _, threads := range []int{2, 3, 8} {
		onThreads(threads, func() {
			for name, got := range run() {
				if !reflect.DeepEqual(got, want[name]) {
					t.Errorf("%s: results on %d threads differ from those on one", name, threads)
				}
			}
		})
	}
}

func TestShareDoesEveryRowOnceOnAnyThreads(t *testing.T) {
	for _, threads := range []int{1, 2, 8} {
		for _, n := range []int{0, 1, 9, 10, 11, 1000} {
			onThreads(threads, func() {
				seen := make([]int, n)
				err := shareWith(t.Context(), n, 10, func() func(from, to int) error {
					return func(from, to int) error {
						for i := from; i < to; i++ {
							seen[i]++
						}
						return nil
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				for i, times := range seen {
					if times != 1 {
						t.Errorf("%d threads: row %d of %d was done %d times, want once", threads, i, n, times)
					}
				}
			})
		}
	}
}

func TestShareReportsTheFirstErrorOnAnyThreads(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		onThreads(threads, func() {
			for range 50 {
				err := shareWith(t.Context(), 1000, 10, func() func(from, to int) error {
					return func(from, _ int) error {
						if from >= 300 {
							return fmt.Errorf("range from %d", from)
						}
						return nil
					}
				})
				if err == nil || err.Error() != "range from 300" {
					t.Fatalf("%d threads: error %v, want that of the range from 300", threads, err)
				}
			}
		})
	}
}

// TestCancelStopsAnyNumberOfThreads cancels when the first progress is told.
func TestCancelStopsAnyNumberOfThreads(t *testing.T) {
	w := hexLattice(t, 100, 400)
	counts := sparseCounts(w.Cells())
	f := func(name string, run func(ctx context.Context, tell func(done, of int)) error) {
		t.Helper()
		for _, threads := range []int{1, 4} {
			onThreads(threads, func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				last := 0
				err := run(ctx, func(done, of int) {
					cancel()
					if done <= last || done > of {
						t.Errorf("%s: told %d of %d after %d", name, done, of, last)
					}
					last = done
				})
				if !errors.Is(err, context.Canceled) || last == 0 {
					t.Errorf("%s on %d threads: error %v after %d steps, want context.Canceled after some", name, threads, err, last)
				}
			})
		}
	}
	f("exact", func(ctx context.Context, tell func(done, of int)) error {
		_, err := ExactPermutation(ctx, counts, nil, w, ExactOptions{Progress: tell})
		return err
	})
	f("Monte Carlo", func(ctx context.Context, tell func(done, of int)) error {
		_, err := PermutationMonteCarlo(ctx, asFloats(counts), nil, w, MonteCarloOptions{Permutations: 99, Progress: tell})
		return err
	})
	f("Geary", func(ctx context.Context, tell func(done, of int)) error {
		_, err := GearyMonteCarlo(ctx, asFloats(counts), nil, w, MonteCarloOptions{Permutations: 99, Progress: tell})
		return err
	})
}

// TestProgressEndsAtTheLastStep holds for an undisturbed run.
func TestProgressEndsAtTheLastStep(t *testing.T) {
	few := hexDisk(t, 6, 6, 2)
	x := asFloats(sparseCounts(few.Cells()))
	done, of := 0, 0
	tell := func(d, o int) { done, of = d, o }
	f := func(name string, err error, want int) {
		t.Helper()
		if err != nil || done != of || of != want {
			t.Errorf("%s: told %d of %d steps in the end, error %v; want all of %d", name, done, of, err, want)
		}
	}
	_, err := PermutationMonteCarlo(t.Context(), x, nil, few, MonteCarloOptions{Permutations: 99, Progress: tell})
	f("Monte Carlo", err, few.Cells())
	_, err = GearyMonteCarlo(t.Context(), x, nil, few, MonteCarloOptions{Permutations: 99, Progress: tell})
	f("Geary", err, few.Cells())
	_, err = ExactPermutation(t.Context(), []int64{0, 1, 1, 4, 4, 4, 4}, nil, disk(t), ExactOptions{Progress: tell})
	f("exact", err, 2*3) // twice the levels 0, 1 and 4
}
