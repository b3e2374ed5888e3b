package stats

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
)

// TestEdgeCases runs every case of the list of decided behaviour: what it says in
// words stands here as a check, and a case without one fails.
func TestEdgeCases(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		var list struct{ Cases []edgeCase }
		readJSON(t, &list, dir, "edge_cases.json")
		if len(list.Cases) == 0 {
			t.Fatal("no cases")
		}
		checks := edgeChecks()
		for _, c := range list.Cases {
			t.Run(c.Name, func(t *testing.T) {
				check, ok := checks[c.Name]
				if !ok {
					t.Fatal("nothing checks this case")
				}
				check(t, c)
			})
		}
	})
}

type edgeCase struct {
	Name    string
	X       []json.RawMessage
	Events  []int64
	Pop     []float64
	Seconds []float64
	Closed  []int
	EB      json.RawMessage `json:"eb_global"`
}

func (c edgeCase) values(t *testing.T) (x []float64, valid []bool) {
	t.Helper()
	for _, text := range c.X {
		switch strings.Trim(string(text), `"`) {
		case "null":
			x, valid = append(x, 0), append(valid, false)
		case "+Inf":
			x, valid = append(x, math.Inf(1)), append(valid, true)
		default:
			var v float64
			if err := json.Unmarshal(text, &v); err != nil {
				t.Fatal(err)
			}
			x, valid = append(x, v), append(valid, true)
		}
	}
	return x, valid
}

// reasons are those of the local statistics, one per cell, and of the global
// ones.
type reasons struct {
	gi, star, moran, geary []Reason
	i, c, g                Reason
}

func reasonsOf(t *testing.T, c edgeCase, w Weights) reasons {
	t.Helper()
	x, valid := c.values(t)
	gi, err := Gi(x, valid, w)
	must(t, err)
	star, err := GiStar(x, valid, w)
	must(t, err)
	moran, err := LocalMoran(x, valid, w)
	must(t, err)
	geary, err := LocalGeary(x, valid, w)
	must(t, err)
	i, err := GlobalMoran(x, valid, w)
	must(t, err)
	gc, err := GlobalGeary(x, valid, w)
	must(t, err)
	g, err := GeneralG(x, valid, w)
	must(t, err)
	for row := range x {
		for _, v := range []float64{gi.Z[row], star.Z[row], moran.I[row], moran.Z[row], geary.C[row], geary.Z[row]} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("cell %d holds %v", row, v)
			}
		}
	}
	return reasons{gi.Reason, star.Reason, moran.Reason, geary.Reason, i.Reason, gc.Reason, g.Reason}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, what string, got []Reason, reason Reason) {
	t.Helper()
	for cell, r := range got {
		if r != reason {
			t.Errorf("%s of cell %d: %v, want %v", what, cell, r, reason)
		}
	}
}

func graph(t *testing.T, lists ...[]int32) Weights {
	t.Helper()
	w, err := NeighbourLists(lists)
	must(t, err)
	return w
}

func edgeChecks() map[string]func(*testing.T, edgeCase) {
	return map[string]func(*testing.T, edgeCase){
		"all_zero": func(t *testing.T, c edgeCase) {
			r := reasonsOf(t, c, disk(t))
			want(t, "Gi", r.gi, ZeroVariance)
			want(t, "Moran", append(r.moran, r.i), ZeroVariance)
			want(t, "General G", []Reason{r.g}, ZeroSum)
		},
		"constant": func(t *testing.T, c edgeCase) {
			r := reasonsOf(t, c, disk(t))
			want(t, "Gi", r.gi, ZeroVariance)
			want(t, "Moran", r.moran, ZeroVariance)
			want(t, "Geary", append(r.geary, r.c), ZeroVariance)
		},
		"single_cell": func(t *testing.T, c edgeCase) {
			r := reasonsOf(t, c, graph(t, nil))
			for what, got := range map[string][]Reason{"Gi": r.gi, "Gi*": r.star, "Moran": r.moran, "Geary": r.geary, "globals": {r.i, r.c, r.g}} {
				want(t, what, got, TooFewCells)
			}
		},
		"two_cells": func(t *testing.T, c edgeCase) {
			r := reasonsOf(t, c, graph(t, []int32{1}, []int32{0}))
			want(t, "Gi", r.gi, TooFewCells)
			want(t, "Gi*", r.star, DegenerateNeighbourhood)
		},
		"island": checkIsland, "full_neighbourhood": checkFull, "missing": checkMissing,
		"leave_one_out_zero_variance": func(t *testing.T, c edgeCase) {
			r := reasonsOf(t, c, disk(t))
			want(t, "Gi of the centre", r.gi[:1], ZeroVariance)
			want(t, "Gi* of the centre", r.star[:1], DegenerateNeighbourhood)
		},
		"inf_input": func(t *testing.T, c edgeCase) {
			x, valid := c.values(t)
			var value *ValueError
			if _, err := LocalMoran(x, valid, disk(t)); !errors.As(err, &value) || value.Row != 1 {
				t.Errorf("LocalMoran: %v, want a value error of row 1", err)
			}
		},
		"negative_for_general_g": func(t *testing.T, c edgeCase) {
			x, valid := c.values(t)
			var value *ValueError
			if _, err := GeneralG(x, valid, disk(t)); !errors.As(err, &value) || value.Row != 0 {
				t.Errorf("GeneralG: %v, want a value error of row 0", err)
			}
		},
		"rate_zero_population": checkNoPopulation,
		"rate_events_without_population": func(t *testing.T, c edgeCase) {
			rates, err := StandardiseRates(c.Events, c.Pop)
			must(t, err)
			shrunk, err := ShrinkRates(c.Events, c.Pop)
			must(t, err)
			if rates.Valid[0] || rates.Reason[0] != EventsWithoutExposure || shrunk.Reason[0] != EventsWithoutExposure {
				t.Errorf("unit 0: %v and %v, want events_without_exposure", rates.Reason[0], shrunk.Reason[0])
			}
		},
		"eb_underdispersed": func(t *testing.T, c edgeCase) {
			shrunk, err := ShrinkRates(c.Events, c.Pop)
			must(t, err)
			var estimates []float64
			must(t, json.Unmarshal(c.EB, &estimates))
			dev := worst{name: "estimates"}
			for i, v := range estimates {
				dev.near(t, shrunk.Estimate[i], v, 1e-12, "unit %d", i)
			}
		},
		"km_all_open": func(t *testing.T, c edgeCase) {
			closed := make([]bool, len(c.Closed))
			curve, err := KaplanMeier(c.Seconds, closed)
			must(t, err)
			if median := curve.Quantile(0.5, Band{Level: 0.95}); median.Reason != NotReached || median.AtLeast != 30 {
				t.Errorf("median %+v, want not_reached with lower bound 30", median)
			}
		},
		"percentile_empty": func(t *testing.T, _ edgeCase) {
			if p90, err := SampleQuantile(nil, 0.9, InverseECDF, 0.95); err != nil || p90.Reason != NoData {
				t.Errorf("p90 of nothing: %+v, %v; want no_data", p90, err)
			}
		},
	}
}

func checkIsland(t *testing.T, c edgeCase) {
	d := disk(t)
	lists := make([][]int32, 8)
	for i := range 7 {
		lists[i], _ = d.Row(i)
	}
	w := graph(t, lists...)
	r := reasonsOf(t, c, w)
	for what, got := range map[string][]Reason{"Gi": r.gi, "Moran": r.moran, "Geary": r.geary, "Gi*": r.star} {
		want(t, what+" of the island", got[7:], NoNeighbours)
		want(t, what+" of the others", got[:7], OK)
	}
	x, valid := c.values(t)
	star, err := GiStar(x, valid, w)
	must(t, err)
	mean, squares := 16.0, 0.0
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	if z := (100 - mean) / math.Sqrt(squares/8); !star.Valid[7] || math.Abs(star.Z[7]-z) > 1e-12 {
		t.Errorf("Gi* of the island = %v, want %v", star.Z[7], z)
	}
}

func checkFull(t *testing.T, c edgeCase) {
	lists := make([][]int32, 7)
	for i := range lists {
		for j := range 7 {
			if i != j {
				lists[i] = append(lists[i], int32(j))
			}
		}
	}
	r := reasonsOf(t, c, graph(t, lists...))
	want(t, "Gi", r.gi, DegenerateNeighbourhood)
	want(t, "Gi*", r.star, DegenerateNeighbourhood)
	want(t, "Moran", r.moran, DegenerateNeighbourhood)
	want(t, "Geary", r.geary, DegenerateNeighbourhood)
}

func checkMissing(t *testing.T, c edgeCase) {
	r := reasonsOf(t, c, disk(t))
	for what, got := range map[string][]Reason{"Gi": r.gi, "Gi*": r.star, "Moran": r.moran, "Geary": r.geary} {
		want(t, what+" of the missing cell", got[1:2], Missing)
		want(t, what+" of the others", got[2:], OK)
	}
}

func checkNoPopulation(t *testing.T, c edgeCase) {
	rates, err := StandardiseRates(c.Events, c.Pop)
	must(t, err)
	if rates.Valid[0] || rates.Reason[0] != ZeroExposure {
		t.Errorf("unit 0: %v, want zero_exposure", rates.Reason[0])
	}
	shrunk, err := ShrinkRates(c.Events, c.Pop)
	must(t, err)
	if !shrunk.Imputed(0) || shrunk.Estimate[0] != 0.3 {
		t.Errorf("unit 0: %v (%v), want the prior mean 0.3, imputed", shrunk.Estimate[0], shrunk.Reason[0])
	}
}
