package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/geo"
)

// TestChicagoBurglaries foretells a year of burglaries week by week. The hits of
// the mean of all weeks before are worked out again from the file, in the
// plainest way there is.
func TestChicagoBurglaries(t *testing.T) {
	areas, file := publicFile(t, "chicago/chicago_community_areas_pop.geojson.gz"), publicFile(t, "chicago/chicago_burglary_2011_2014.csv.gz")
	if os.Getenv("CIVGRID_TEST_LONG") != "1" {
		t.Skip("takes ten seconds: set CIVGRID_TEST_LONG=1")
	}
	store := filepath.Join(t.TempDir(), "chicago.gpkg")
	runs(t, store, "import", "boundaries", areas, "--level", "community")
	runsDespiteRejects(t, store, "import", "incidents", file)
	args := []string{"backtest", "--res", "9", "--step", "week", "--area", "0.05", "--last", "52"}
	b := answerTo[engine.Backtest](t, store, args...)
	hits, km2 := plainMean(t, file, layerCells(t, store), b.First)
	if b.Rankings[2].Name != "mean" || b.Rankings[2].Hits != hits || math.Abs(b.Rankings[2].SquareKm-km2) > 1e-6 {
		t.Errorf("%s catches %d on %v km², want %d on %v", b.Rankings[2].Name, b.Rankings[2].Hits, b.Rankings[2].SquareKm, hits, km2)
	}
	for _, r := range b.Rankings[1:] {
		if weak := r.Name == "random" || r.Name == "people" || r.Name == "last"; weak && r.Verdict != "better" {
			t.Errorf("ours against %s: %s", r.Name, r.Verdict)
		}
	}
	if again := answerTo[engine.Backtest](t, store, args...); *again.Rankings[0].Measures["pai"].Low != *b.Rankings[0].Measures["pai"].Low {
		t.Error("the same back-test comes out otherwise")
	}
}

// A square is a cell with its area within the city.
type square struct {
	cell geo.Cell
	km2  float64
}

// layerCells returns the cells of the study area, ascending.
func layerCells(t *testing.T, store string) []square {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(runs(t, store, "analyze", "hotspot", "--res", "9", "--format", "csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var cells []square
	for _, row := range rows[1:] {
		cell, err := geo.ParseCell(row[slices.Index(rows[0], "cell")])
		if err != nil {
			t.Fatal(err)
		}
		km2, err := strconv.ParseFloat(row[slices.Index(rows[0], "area_km2")], 64)
		if err != nil {
			t.Fatal(err)
		}
		inside, err := strconv.ParseFloat(row[slices.Index(rows[0], "inside")], 64)
		if err != nil {
			t.Fatal(err)
		}
		if inside > 0 {
			cells = append(cells, square{cell, km2 * inside})
		}
	}
	slices.SortFunc(cells, func(a, b square) int { return cmp.Compare(a.cell, b.cell) })
	return cells
}

// A burglary has the days it happened and was last changed on.
type burglary struct {
	cell             geo.Cell
	happened, change time.Time
}

func burglaries(t *testing.T, file string) []burglary {
	t.Helper()
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	unpacked, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(unpacked).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	known := map[string]bool{}
	var all []burglary
	for _, row := range slices.Backward(rows[1:]) { // a later row of the same id stands for it
		if known[at(row, "ID")] {
			continue
		}
		known[at(row, "ID")] = true
		lon, _ := strconv.ParseFloat(at(row, "Longitude"), 64)
		lat, _ := strconv.ParseFloat(at(row, "Latitude"), 64)
		cell, err := geo.CellAt([2]float64{lon, lat}, 9)
		if err != nil {
			t.Fatal(err)
		}
		happened, _ := time.ParseInLocation(time.DateOnly, at(row, "Date"), zone)
		change, _ := time.ParseInLocation(time.DateOnly, at(row, "Updated_On"), zone)
		if change.Before(happened) {
			change = happened
		}
		all = append(all, burglary{cell, happened, change})
	}
	return all
}

// plainMean ranks the cells, for 52 weeks from first on, by all burglaries known
// before the week, and returns how many of those in the week lie in the first
// twentieth of the area, and the mean area of that.
func plainMean(t *testing.T, file string, cells []square, first time.Time) (hits int64, km2 float64) {
	t.Helper()
	all := burglaries(t, file)
	first = first.In(all[0].happened.Location())
	history := time.Date(2011, 7, 4, 0, 0, 0, 0, first.Location()) // the first Monday of the file
	var total float64
	for _, c := range cells {
		total += c.km2
	}
	for week := range 52 {
		cut, end := first.AddDate(0, 0, 7*week), first.AddDate(0, 0, 7*week+7)
		before, during := map[geo.Cell]int64{}, map[geo.Cell]int64{}
		for _, b := range all {
			if b.change.Before(cut) && !b.happened.Before(history) {
				before[b.cell]++
			}
			if !b.happened.Before(cut) && b.happened.Before(end) {
				during[b.cell]++
			}
		}
		order := slices.Clone(cells)
		slices.SortStableFunc(order, func(a, b square) int {
			return cmp.Compare(float64(before[b.cell])/b.km2, float64(before[a.cell])/a.km2)
		})
		sum := 0.0
		for _, c := range order {
			if sum += c.km2; sum > 0.05*total {
				break
			}
			hits += during[c.cell]
			km2 += c.km2 / 52
		}
	}
	return hits, km2
}
