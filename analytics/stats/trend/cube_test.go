package trend

import (
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/civgrid/civgrid/analytics/stats"
)

// table is a CSV file by column.
type table map[string][]string

func readTable(t *testing.T, path string) table {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := table{}
	for _, row := range rows[1:] {
		for k, name := range rows[0] {
			columns[name] = append(columns[name], row[k])
		}
	}
	return columns
}

func (c table) floats(t *testing.T, name string) []float64 {
	t.Helper()
	list := make([]float64, len(c[name]))
	for i, text := range c[name] {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		list[i] = v
	}
	if len(list) == 0 {
		t.Fatalf("no column %q", name)
	}
	return list
}

// ringOne returns the neighbours of a recorded study area.
func ringOne(t *testing.T, where, name string) stats.Weights {
	t.Helper()
	cells := readTable(t, recorded(t, where, "grids", name, "cells.csv"))
	edges := readTable(t, recorded(t, where, "grids", name, "edges.csv"))
	lists := make([][]int32, len(cells["i"]))
	from, to, ring := edges.floats(t, "i"), edges.floats(t, "j"), edges.floats(t, "ring")
	for e := range from {
		if ring[e] == 1 {
			lists[int(from[e])] = append(lists[int(from[e])], int32(to[e]))
		}
	}
	w, err := stats.NeighbourLists(lists)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestCubesAgainstSpdep compares z of the entire cube with localG of spdep 1.2-7
// over the bins, the other windows with their formula as recorded, the false
// discovery rate with R, and the classes with those recorded.
func TestCubesAgainstSpdep(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		for name, file := range map[string]string{"S3_pentagon_r4": "S3_pentagon_r4_T12", "S2_irregular_islands_taipei_r8": "S2_irregular_islands_taipei_r8_T10"} {
			t.Run(name, func(t *testing.T) { compareCube(t, where, name, file) })
		}
	})
}

func compareCube(t *testing.T, where, name, file string) {
	want := readTable(t, recorded(t, where, "cubes", file+"_gi.csv"))
	classes := readTable(t, recorded(t, where, "cubes", file+"_ehsa.csv"))
	h := Neighbourhood{Space: ringOne(t, where, name), Back: 1}
	x := want.floats(t, "count")
	cells := h.Space.Cells()
	h.Steps = len(x) / cells
	for window, column := range map[Window]string{
		EntireCube: "z_entire_cube", NeighbourhoodInTime: "z_neighborhood_time_step", IndividualTimeStep: "z_individual_time_step",
	} {
		bins, err := GiStar(x, nil, h, window)
		if err != nil {
			t.Fatal(err)
		}
		for i, z := range want.floats(t, column) {
			near(t, bins.Z[i], z, 1e-9, "%s of bin %d", column, i)
		}
	}
	bins, err := GiStar(x, nil, h, EntireCube)
	if err != nil {
		t.Fatal(err)
	}
	q, err := stats.BenjaminiHochberg(bins.P(stats.TwoSided), bins.Valid)
	if err != nil {
		t.Fatal(err)
	}
	significant := make([]int8, len(q))
	for i, v := range want.floats(t, "q_BH") {
		near(t, q[i], v, 1e-9, "q of bin %d", i)
		if q[i] <= 0.10 {
			significant[i] = int8(math.Copysign(1, bins.Z[i]))
		}
	}
	z, p := classes.floats(t, "mk_z"), classes.floats(t, "mk_p")
	for cell := range cells {
		var series []float64
		var steps []int8
		for i := cell; i < len(x); i += cells {
			series, steps = append(series, bins.Z[i]), append(steps, significant[i])
		}
		test, err := MannKendall(series)
		if err != nil {
			t.Fatal(err)
		}
		probability, _ := test.P(stats.TwoSided)
		near(t, test.Z, z[cell], 1e-9, "trend of cell %d", cell)
		near(t, probability, p[cell], 1e-9, "p of the trend of cell %d", cell)
		if got := Classify(steps, direction(test)).String(); got != classes["class_fdr"][cell] && classes["strict_fdr"][cell] == "1" {
			t.Errorf("cell %d is %q, want %q", cell, got, classes["class_fdr"][cell])
		}
	}
}

// direction returns the sign of a trend that is significant at 10 %.
func direction(test Test) int {
	if p, ok := test.P(stats.TwoSided); !ok || p > 0.10 {
		return 0
	}
	return int(math.Copysign(1, test.Z))
}

// TestCubeWeightsAreTheNeighbourhood holds that Gi* of the cube is stats.GiStar
// over its weights, missing cells included.
func TestCubeWeightsAreTheNeighbourhood(t *testing.T) {
	space, err := stats.NeighbourLists([][]int32{{1, 2}, {0}, {0, 3}, {2}, nil})
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, 5*6)
	for i := range x {
		x[i] = float64(i * i % 11)
	}
	for back := range 3 {
		h := Neighbourhood{Space: space, Steps: 6, Back: back}
		w, err := h.Weights()
		if err != nil {
			t.Fatal(err)
		}
		for _, valid := range [][]bool{nil, {true, false, true, true, true}} {
			bins, err := GiStar(x, valid, h, EntireCube)
			if err != nil {
				t.Fatal(err)
			}
			var everywhere []bool
			if valid != nil {
				everywhere = slices.Repeat(valid, 6)
			}
			local, err := stats.GiStar(x, everywhere, w)
			if err != nil {
				t.Fatal(err)
			}
			for i := range x {
				if bins.Valid[i] != local.Valid[i] && local.Reason[i] != stats.NoNeighbours {
					t.Errorf("%d back, bin %d: %v, want %v", back, i, bins.Reason[i], local.Reason[i])
				}
				near(t, bins.Z[i], local.Z[i], 1e-9, "%d back, bin %d", back, i)
			}
		}
	}
}

// TestClassesByTheText compares with every sequence whose class follows from the
// published text alone, and allows any that fits for the others.
func TestClassesByTheText(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		var file struct {
			Cases []struct {
				Bins     []int8
				Z        float64 `json:"mk_z"`
				P        float64 `json:"mk_p"`
				Class    string
				Matching []string
				Strict   bool
			}
		}
		readJSON(t, recorded(t, where, "ehsa", "sequences.json"), &file)
		seen := map[string]int{}
		for k, c := range file.Cases {
			rise := 0
			if c.P <= 0.10 {
				rise = int(math.Copysign(1, c.Z))
			}
			got := Classify(c.Bins, rise).String()
			seen[got]++
			if fits := slices.Contains(c.Matching, got) || len(c.Matching) == 0 && got == "no pattern"; got != c.Class && c.Strict || !fits {
				t.Errorf("sequence %d %v, trend %d: %q, want %q (fitting: %q)", k, c.Bins, rise, got, c.Class, c.Matching)
			}
		}
		for _, class := range Classes() {
			if seen[class.String()] == 0 {
				t.Errorf("no sequence is a %s", class)
			}
		}
	})
}

func TestNamesOfClasses(t *testing.T) {
	all := Classes()
	if len(all) != 17 {
		t.Errorf("%d classes, want 17", len(all))
	}
	seen := map[string]bool{}
	for _, c := range all {
		for _, name := range []string{c.String(), "CARTO " + c.CARTO()} {
			if seen[name] {
				t.Errorf("two classes are called %q", name)
			}
			seen[name] = true
		}
	}
	if got := (Class{Hot, Intensifying}).CARTO(); got != "strengthening hot spot" {
		t.Errorf("intensifying is %q to CARTO, want strengthening hot spot", got)
	}
}
