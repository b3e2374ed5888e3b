package lisa

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/geo"
)

// readColumns reads a CSV file by column, or skips the test where it is not there.
func readColumns(t *testing.T, path ...string) map[string][]string {
	t.Helper()
	file, err := os.Open(filepath.Join(path...))
	if err != nil {
		t.Skip("the recorded results of ../shared/oracles are not here")
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string][]string{}
	for _, line := range lines[1:] {
		for i, name := range lines[0] {
			columns[name] = append(columns[name], line[i])
		}
	}
	return columns
}

func floats(t *testing.T, texts []string) []float64 {
	t.Helper()
	x := make([]float64, len(texts))
	for i, text := range texts {
		if x[i] = math.NaN(); text != "NaN" && text != "" {
			x[i] = floatOf(t, text)
		}
	}
	return x
}

func wholes(t *testing.T, texts []string) []int64 {
	t.Helper()
	n := make([]int64, len(texts))
	for i, x := range floats(t, texts) {
		n[i] = int64(x)
	}
	return n
}

// A place is a study area that results were recorded for, its cells in the order
// of their indexes.
type place struct {
	folder, name string
	frame        *analytics.Frame
	cells        map[string][]string
}

// eachPlace runs a test over the area in the tree and those beside the checkout.
func eachPlace(t *testing.T, test func(t *testing.T, p place)) {
	shared := filepath.Join("..", "..", "..", "shared", "oracles")
	ours := filepath.Join("..", "stats", "testdata")
	for name, folder := range map[string]string{
		"S4_tiny12": ours, "S1_disk_suzhou_r9": shared, "S2_irregular_islands_taipei_r8": shared, "S3_pentagon_r4": shared,
	} {
		t.Run(name, func(t *testing.T) {
			p := place{folder: folder, name: name, cells: readColumns(t, folder, "grids", name, "cells.csv")}
			var cells []geo.Cell
			for _, text := range p.cells["h3"] {
				cells = append(cells, cellOf(t, text))
			}
			p.frame = analysistest.Cells(t, cells)
			test(t, p)
		})
	}
}

func compareColumn(t *testing.T, layer *analytics.Layer, name string, want []float64) {
	t.Helper()
	got := analysistest.Column(t, layer, name)
	for row, x := range want {
		if defined := !math.IsNaN(x) && !math.IsInf(x, 0); !defined && got.Has(row) {
			t.Errorf("%s of row %d is %v, want none", name, row, got.Floats[row])
		} else if defined && (!got.Has(row) || math.Abs(got.Floats[row]-x) > 1e-9*(1+math.Abs(x))) {
			t.Errorf("%s of row %d is %v, want %v", name, row, got.Floats[row], x)
		}
	}
}

// TestCountsAreThoseOfSpdep compares with spdep 1.2-7: weights row-standardised for
// one ring; for two, of which binary ones are recorded, z and quadrant, which a
// factor of a row does not change.
func TestCountsAreThoseOfSpdep(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		counts := wholes(t, p.cells["count"])
		one := readColumns(t, p.folder, "spdep", p.name, "local_count_W1.csv")
		layer := layerOf(t, p.frame, counts, nil, nil)
		compareColumn(t, layer, "moran_i", withoutIslands(p.frame, floats(t, one["moran_I"])))
		compareColumn(t, layer, "moran_z", floats(t, one["moran_z_cond"]))
		compareColumn(t, layer, "geary_c", withoutIslands(p.frame, floats(t, one["geary_c"])))
		compareQuadrants(t, layer, one["quad_pysal"])
		compareLag(t, p.frame, layer, counts)
		two := readColumns(t, p.folder, "spdep", p.name, "local_count_B2.csv")
		layer = layerOf(t, p.frame, counts, nil, map[string]string{"rings": "2"})
		compareColumn(t, layer, "moran_z", floats(t, two["moran_z_cond"]))
		compareQuadrants(t, layer, two["quad_pysal"])
	})
}

// withoutIslands takes out the 0 that spdep has for cells without neighbours.
func withoutIslands(f *analytics.Frame, x []float64) []float64 {
	for row := range x {
		if len(f.Neighbours.Of(row)) == 0 {
			x[row] = math.NaN()
		}
	}
	return x
}

func compareQuadrants(t *testing.T, layer *analytics.Layer, want []string) {
	t.Helper()
	names := map[string]string{"HH": HighHigh, "LL": LowLow, "HL": HighLow, "LH": LowHigh}
	quadrant := analysistest.Column(t, layer, "quadrant")
	for row, word := range want {
		if quadrant.Has(row) && quadrant.Words[row] != names[word] {
			t.Errorf("quadrant of row %d is %s, want %s", row, quadrant.Words[row], word)
		}
	}
}

func compareLag(t *testing.T, f *analytics.Frame, layer *analytics.Layer, counts []int64) {
	t.Helper()
	want := make([]float64, f.Len())
	for row := range want {
		around, sum := f.Neighbours.Of(row), 0.0
		for _, n := range around {
			sum += float64(counts[n])
		}
		want[row] = sum / float64(len(around)) // NaN for none
	}
	compareColumn(t, layer, "lag", want)
}

// TestProbabilitiesAreExact compares p with the whole permutation distribution of
// the lag: twice the tail on the side that I is on.
func TestProbabilitiesAreExact(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		exact := readColumns(t, p.folder, "exact", p.name+"_count_exact_conditional.csv")
		rows, greater, less := wholes(t, exact["i"]), floats(t, exact["p_ge"]), floats(t, exact["p_le"])
		counts, mean := wholes(t, p.cells["count"]), 0.0
		for _, n := range counts {
			mean += float64(n) / float64(len(counts))
		}
		for rings, weights := range map[string]string{"1": "B1", "2": "B2"} {
			layer := layerOf(t, p.frame, counts, nil, map[string]string{"rings": rings})
			got, moran := analysistest.Column(t, layer, "p"), analysistest.Column(t, layer, "moran_i")
			compared := 0
			for i, row := range rows {
				if exact["weights"][i] != weights || !got.Has(int(row)) {
					continue
				}
				compared++
				tail := less[i] // of the lag: few neighbours make I negative where the row has many
				if (moran.Floats[row] > 0) == (float64(counts[row]) > mean) {
					tail = greater[i]
				}
				want := min(1, 2*tail)
				if math.Abs(float64(counts[row])-mean) < 1e-12 {
					want = 1
				}
				if math.Abs(got.Floats[row]-want) > 1e-11 {
					t.Errorf("%s rings: p of row %d is %v, want %v", rings, row, got.Floats[row], want)
				}
			}
			if compared < p.frame.Len()*9/10 {
				t.Errorf("%s rings: compared %d of %d rows", rings, compared, p.frame.Len())
			}
		}
	})
}

// TestTheWholeMapIsThatOfSpdep compares the summary, on the areas without islands,
// which spdep leaves out of n.
func TestTheWholeMapIsThatOfSpdep(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		text, err := os.ReadFile(filepath.Join(p.folder, "spdep", p.name, "global.json"))
		if err != nil {
			t.Fatal(err)
		}
		var recorded struct {
			Means summaryOfSpdep `json:"count_W1"`
			Sums  summaryOfSpdep `json:"count_B1"`
		}
		if err := json.Unmarshal(text, &recorded); err != nil {
			t.Fatal(err)
		}
		if recorded.Means.Islands > 0 {
			return
		}
		layer := layerOf(t, p.frame, wholes(t, p.cells["count"]), nil, nil)
		for key, want := range map[string]float64{
			"moran": recorded.Means.Moran.I, "moran_z": recorded.Means.Moran.Z, "moran_p": recorded.Means.Moran.P,
			"geary": recorded.Means.Geary.C, "geary_z": -recorded.Means.Geary.Z, // spdep prints the opposite sign
			"general_g": recorded.Sums.GeneralG.G, "general_g_z": recorded.Sums.GeneralG.Z,
		} {
			if got, ok := analysistest.Item(t, layer, key).(float64); !ok || math.Abs(got-want) > 1e-9 {
				t.Errorf("%s is %v, want %v", key, got, want)
			}
		}
	})
}

type summaryOfSpdep struct {
	Moran struct {
		I float64
		Z float64 `json:"z_rand"`
		P float64 `json:"p2_rand"`
	}
	Geary struct {
		C float64
		Z float64 `json:"z_rand_spdep_sign"`
	}
	GeneralG struct{ G, Z float64 } `json:"generalG"`
	Islands  int                    `json:"n_islands"`
}

// TestRatesAreThoseOfSpdep compares standardised rates, and their local Moran.
func TestRatesAreThoseOfSpdep(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		rates := readColumns(t, p.folder, "spdep", p.name, "rates.csv")
		people := wholes(t, rates["pop"])
		for row := range people {
			people[row] *= 1000 // in thousandths
		}
		layer := layerOf(t, p.frame, wholes(t, rates["events"]), people, map[string]string{"measure": Rate})
		compareColumn(t, layer, "value", floats(t, rates["assuncao_reis_z"]))
		compareColumn(t, layer, "moran_i", withoutIslands(p.frame, floats(t, rates["local_moran_EB_W1"])))
		compareColumn(t, layer, "moran_z", floats(t, rates["local_moran_EB_W1_z_cond"]))
	})
}
