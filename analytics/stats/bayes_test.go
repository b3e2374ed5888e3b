package stats

import (
	"errors"
	"math"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestShrinkAgainstSpdep compares with spdep 1.2-7 (EBest, EBlocal with
// geoda=TRUE).
func TestShrinkAgainstSpdep(t *testing.T) {
	dir := sharedOracles(t)
	dev := worst{name: "empirical Bayes"}
	for _, name := range []string{"S1_disk_suzhou_r9", "S2_irregular_islands_taipei_r8", "S3_pentagon_r4", "S4_tiny12"} {
		want := readTable(t, dir, "spdep", name, "rates.csv")
		w := readGrid(t, dir, name).weights(t, rings(1))
		compareShrunk(t, &dev, name, want, w, "eb_global_poisson", "eb_global_binomial", "eb_local_geoda")
	}
	sids := filepath.Join(dir, "published", "nc_sids_1974")
	edges := readTable(t, sids, "neighbours.csv")
	want := readTable(t, sids, "cells.csv")
	lists := make([][]int32, len(want["i"]))
	to := edges.ints(t, "j")
	for e, i := range edges.ints(t, "i") {
		lists[i] = append(lists[i], int32(to[e]))
	}
	compareShrunk(t, &dev, "nc.sids", want, makeWeights(t, lists, nil, true), "eb_poisson", "eb_binomial", "eb_local_marshall")
	dev.log(t)
}

func compareShrunk(t *testing.T, dev *worst, name string, want table, w Weights, rates, shares, nearby string) {
	t.Helper()
	events, pop := want.ints(t, "events"), want.floats(t, "pop")
	f := func(column string, s Shrunk, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range want.floats(t, column) {
			if math.IsNaN(v) {
				v = 0 // no event in a neighbourhood: spdep divides by its mean
			}
			if !s.Valid[i] {
				t.Errorf("%s: %s of unit %d: %v", name, column, i, s.Reason[i])
			}
			dev.near(t, s.Estimate[i], v, 1e-9, "%s: %s of unit %d", name, column, i)
		}
	}
	s, err := ShrinkRates(events, pop)
	f(rates, s, err)
	s, err = ShrinkShares(events, want.ints(t, "pop"))
	f(shares, s, err)
	s, err = ShrinkRatesNearby(events, pop, w)
	f(nearby, s, err)
}

// TestShrinkRatesUnderdispersed holds a case in which rates vary less than
// chance: spdep 1.2-7, EBest.
func TestShrinkRatesUnderdispersed(t *testing.T) {
	s, err := ShrinkRates([]int64{10, 20, 30, 40, 11}, []float64{100, 200, 300, 400, 100})
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range s.Estimate {
		if math.Abs(got-0.10090909090909091) > 1e-16 {
			t.Errorf("estimate %d = %v, want 0.10090909090909091", i, got)
		}
	}
}

func TestShrinkWithoutExposure(t *testing.T) {
	s, err := ShrinkRates([]int64{0, 3, 2}, []float64{0, 10, 0})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]Reason{ZeroExposure, OK, EventsWithoutExposure}, s.Reason); d != "" {
		t.Errorf("reasons (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]float64{0.3, 0.3, 0}, s.Estimate); d != "" {
		t.Errorf("estimates (-want +got):\n%s", d)
	}
	if !s.Imputed(0) || s.Imputed(1) || s.Imputed(2) || s.Valid[2] {
		t.Errorf("imputed = %v, %v, %v and valid[2] = %v; want only the first imputed, the last not valid",
			s.Imputed(0), s.Imputed(1), s.Imputed(2), s.Valid[2])
	}
	empty, err := ShrinkShares([]int64{0, 0}, []int64{0, 0})
	if err != nil || empty.Valid[0] || empty.Reason[0] != NoData {
		t.Errorf("no trials at all: %v, %v; want no_data", empty.Reason, err)
	}
}

// TestShrinkSharesIsBetaBinomial checks the posterior mean (x + m S)/(n + S),
// and that little evidence moves further than much.
func TestShrinkSharesIsBetaBinomial(t *testing.T) {
	successes, trials := []int64{1, 99, 40, 0, 55, 3}, []int64{1, 100, 80, 0, 60, 9}
	s, err := ShrinkShares(successes, trials)
	if err != nil {
		t.Fatal(err)
	}
	strength := s.Mean*(1-s.Mean)/s.Variance - 1
	for i, n := range trials {
		want := (float64(successes[i]) + s.Mean*strength) / (float64(n) + strength)
		if math.Abs(s.Estimate[i]-want) > 1e-14 {
			t.Errorf("estimate %d = %v, want %v", i, s.Estimate[i], want)
		}
	}
	if s.Estimate[0] >= s.Estimate[1] {
		t.Errorf("1 of 1 ranks at %v, above 99 of 100 at %v", s.Estimate[0], s.Estimate[1])
	}
	if !s.Imputed(3) || math.Abs(s.Estimate[3]-s.Mean) > 1e-16 {
		t.Errorf("no trials: %v (imputed %v), want the mean %v", s.Estimate[3], s.Imputed(3), s.Mean)
	}
}

func TestShrinkSharesExtremes(t *testing.T) {
	f := func(name string, successes, trials []int64, want []float64) {
		t.Helper()
		s, err := ShrinkShares(successes, trials)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if !(math.Abs(s.Estimate[i]-want[i]) < 1e-14) {
				t.Errorf("%s: estimate %d = %v, want %v", name, i, s.Estimate[i], want[i])
			}
		}
	}
	f("all comply", []int64{5, 9}, []int64{5, 9}, []float64{1, 1})
	f("none complies", []int64{0, 0}, []int64{5, 9}, []float64{0, 0})
	f("single trials", []int64{1, 0}, []int64{1, 1}, []float64{0.5, 0.5})
	f("all or nothing", []int64{50, 0}, []int64{50, 50}, []float64{1, 0})
	f("one unit", []int64{2}, []int64{8}, []float64{0.25})
}

func TestShrinkRejects(t *testing.T) {
	var value *ValueError
	if _, err := ShrinkShares([]int64{3}, []int64{2}); !errors.As(err, &value) {
		t.Errorf("3 of 2: error %v, want a *ValueError", err)
	}
	if _, err := ShrinkShares([]int64{0}, []int64{-2}); !errors.As(err, &value) {
		t.Errorf("-2 trials: error %v, want a *ValueError", err)
	}
	if _, err := ShrinkRates([]int64{-1}, []float64{2}); !errors.As(err, &value) {
		t.Errorf("-1 events: error %v, want a *ValueError", err)
	}
	if _, err := ShrinkRates([]int64{1}, []float64{math.NaN()}); !errors.As(err, &value) {
		t.Errorf("exposure NaN: error %v, want a *ValueError", err)
	}
	if _, err := ShrinkRates([]int64{1}, nil); !errors.Is(err, ErrLength) {
		t.Errorf("no exposure: error %v, want ErrLength", err)
	}
	if _, err := ShrinkRatesNearby([]int64{1}, []float64{1}, Weights{}); !errors.Is(err, ErrLength) {
		t.Errorf("no weights: error %v, want ErrLength", err)
	}
}
