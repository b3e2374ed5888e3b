package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOneGroupIsAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for _, units := range []int{0, 1, 3, 9, 10, 200} {
		successes, trials, _ := drawnShares(rng, units, 0.8, 20, 6)
		exposure := make([]float64, units)
		for i := range trials {
			if i%7 == 3 {
				successes[i], trials[i] = 0, 0
			}
			exposure[i] = float64(trials[i]) * 1.37
		}
		for _, g := range []int32{0, 41, math.MaxInt32, noGroup} {
			group := make([]int32, units)
			for i := range group {
				group[i] = g
			}
			want, _ := ShrinkShares(successes, trials)
			got, err := ShrinkSharesWithin(successes, trials, group)
			if d := cmp.Diff(want, got); err != nil || d != "" {
				t.Errorf("shares of %d units in group %d: %v (-want +got):\n%s", units, g, err, d)
			}
			want, _ = ShrinkRates(successes, exposure)
			got, err = ShrinkRatesWithin(successes, exposure, group)
			if d := cmp.Diff(want, got); err != nil || d != "" {
				t.Errorf("rates of %d units in group %d: %v (-want +got):\n%s", units, g, err, d)
			}
		}
	}
}

// TestGroupsApart mixes two groups, a small one and units of none, and compares
// each with a call on its own.
func TestGroupsApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 2))
	successes, trials, _ := drawnShares(rng, 90, 0.7, 8, 9)
	exposure, group := make([]float64, 90), make([]int32, 90)
	rows := map[int32][]int{}
	for i := range group {
		exposure[i] = float64(trials[i])
		group[i] = [...]int32{0, 5, 0, 5, 5, 0, noGroup}[i%7]
		if i%11 == 10 {
			group[i] = 2 // 8 units
		}
		rows[group[i]] = append(rows[group[i]], i)
	}
	successes[0], trials[0], exposure[0] = 0, 0, 0 // of group 0: the mean of its group
	compare := func(what string, apply func(rows []int) (Shrunk, error), got Shrunk, err error) {
		t.Helper()
		everything := make([]int, len(group))
		for i := range everything {
			everything[i] = i
		}
		all, err2 := apply(everything)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if got.Mean != all.Mean || got.Variance != all.Variance {
			t.Errorf("%s: mean %v, variance %v; want those of all, %v and %v", what, got.Mean, got.Variance, all.Mean, all.Variance)
		}
		for g, members := range rows {
			alone, _ := apply(members)
			for k, i := range members {
				want, reason := alone.Estimate[k], alone.Reason[k]
				if g == 2 || g == noGroup {
					want, reason = all.Estimate[i], all.Reason[i]
				}
				if got.Estimate[i] != want || got.Reason[i] != reason || !got.Valid[i] {
					t.Errorf("%s: unit %d of group %d: %v (%v), want %v (%v)", what, i, g, got.Estimate[i], got.Reason[i], want, reason)
				}
			}
		}
		if !got.Imputed(0) || got.Estimate[0] == all.Mean {
			t.Errorf("%s: unit without trials: imputed %v, estimate %v; want the mean of its group", what, got.Imputed(0), got.Estimate[0])
		}
	}
	got, err := ShrinkSharesWithin(successes, trials, group)
	compare("shares", func(rows []int) (Shrunk, error) {
		return ShrinkShares(pick(successes, rows), pick(trials, rows))
	}, got, err)
	got, err = ShrinkRatesWithin(successes, exposure, group)
	compare("rates", func(rows []int) (Shrunk, error) {
		return ShrinkRates(pick(successes, rows), pick(exposure, rows))
	}, got, err)
}

func pick[T any](column []T, rows []int) []T {
	out := make([]T, len(rows))
	for k, i := range rows {
		out[k] = column[i]
	}
	return out
}

// TestFewestUnits shows why groups of fewer than fewestUnits get the prior of
// all: root mean square errors of shares shrunk towards their group and towards
// all. Groups differ much here, as Beta(8, 2), and units within a group as much
// again; with less between groups their own priors need still more units.
func TestFewestUnits(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, size := range []int{3, 5, 10, 20, 40} {
		var successes, trials []int64
		var truth []float64
		for range 20_000 / size {
			x, n, p := drawnShares(rng, size, drawBeta(rng, 8, 2), 10, 5)
			successes, trials, truth = append(successes, x...), append(trials, n...), append(truth, p...)
		}
		all, own := newShrunk(len(truth)), newShrunk(len(truth))
		prior := sharePrior(successes, trials, nil)
		for from := 0; from < len(truth); from += size {
			var units []int32
			for i := from; i < from+size; i++ {
				units = append(units, int32(i))
			}
			mine := sharePrior(successes, trials, units)
			for i := from; i < from+size; i++ {
				all.share(i, prior, successes[i], trials[i])
				own.share(i, mine, successes[i], trials[i])
			}
		}
		errAll, errOwn := rootMeanSquare(all.Estimate, truth), rootMeanSquare(own.Estimate, truth)
		t.Logf("groups of %2d units: error %.4f by the prior of the group, %.4f by that of all", size, errOwn, errAll)
		if better := errOwn < errAll; size != fewestUnits && better != (size > fewestUnits) {
			t.Errorf("groups of %d units: the prior of the group is better: %v", size, better)
		}
	}
}

func TestShrinkWithinRejects(t *testing.T) {
	var value *ValueError
	if _, err := ShrinkSharesWithin([]int64{1}, []int64{2}, []int32{-2}); !errors.As(err, &value) {
		t.Errorf("group -2: error %v, want a *ValueError", err)
	}
	if _, err := ShrinkRatesWithin([]int64{1}, []float64{2}, []int32{math.MinInt32}); !errors.As(err, &value) {
		t.Errorf("smallest group: error %v, want a *ValueError", err)
	}
	if _, err := ShrinkSharesWithin([]int64{1}, []int64{2}, nil); !errors.Is(err, ErrLength) {
		t.Errorf("no groups: error %v, want ErrLength", err)
	}
	if _, err := ShrinkRatesWithin([]int64{1}, []float64{2}, nil); !errors.Is(err, ErrLength) {
		t.Errorf("no groups: error %v, want ErrLength", err)
	}
	if _, err := ShrinkSharesWithin([]int64{3}, []int64{2}, []int32{0}); !errors.As(err, &value) {
		t.Errorf("3 of 2: error %v, want a *ValueError", err)
	}
}
