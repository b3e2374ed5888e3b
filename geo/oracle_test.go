package geo

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
)

// oracleGrids lists recorded grids: the small one in testdata, the larger ones
// beside the repository where they are present.
func oracleGrids(t *testing.T) map[string][2]string {
	grids := map[string][2]string{"S4_tiny12": {"testdata/S4_tiny12_cells.csv", "testdata/S4_tiny12_edges.csv"}}
	found, _ := filepath.Glob("../../shared/oracles/grids/*/cells.csv")
	if len(found) == 0 {
		t.Log("no recorded grids in ../shared/oracles: only the one in testdata is compared")
	}
	for _, cells := range found {
		dir := filepath.Dir(cells)
		grids["shared "+filepath.Base(dir)] = [2]string{cells, filepath.Join(dir, "edges.csv")}
	}
	return grids
}

// readColumns reads a CSV file by column name.
func readColumns(t *testing.T, path string) map[string][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string][]string{}
	for _, row := range rows[1:] {
		for i, name := range rows[0] {
			columns[name] = append(columns[name], row[i])
		}
	}
	return columns
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestOracleGrids(t *testing.T) {
	for name, files := range oracleGrids(t) {
		t.Run(name, func(t *testing.T) {
			table := readColumns(t, files[0])
			cells := make([]Cell, len(table["h3"]))
			for i, s := range table["h3"] {
				var err error
				if cells[i], err = ParseCell(s); err != nil {
					t.Fatal(err)
				}
				compareCell(t, cells[i], number(t, table["lng"][i]), number(t, table["lat"][i]), number(t, table["area_km2"][i])*1e6)
				if got, want := cells[i].IsPentagon(), table["pent"][i] == "1"; got != want {
					t.Errorf("%s.IsPentagon() = %v, want %v", s, got, want)
				}
			}
			comparePairs(t, cells, readColumns(t, files[1]))
		})
	}
}

func compareCell(t *testing.T, c Cell, lon, lat, area float64) {
	t.Helper()
	p := c.Centre()
	if math.Abs(p[0]-lon) > 1e-12 || math.Abs(p[1]-lat) > 1e-12 {
		t.Errorf("%s.Centre() = %v, want %v, %v", c, p, lon, lat)
	}
	if got := float64(c.Area()); math.Abs(got/area-1) > 2e-9 {
		t.Errorf("%s.Area() = %v, want %v", c, got, area)
	}
	if got, err := CellAt(orb.Point{lon, lat}, c.Resolution()); got != c || err != nil {
		t.Errorf("CellAt(%v, %v) = %s, %v, want %s", lon, lat, got, err, c)
	}
}

// comparePairs compares grid distances, metres and neighbour tables with all
// recorded pairs.
func comparePairs(t *testing.T, cells []Cell, pairs map[string][]string) {
	t.Helper()
	near := map[[2]int]int{}
	farthest := 0
	for n := range pairs["i"] {
		i, j := int(number(t, pairs["i"][n])), int(number(t, pairs["j"][n]))
		ring := int(number(t, pairs["ring"][n]))
		near[[2]int{i, j}] = ring
		farthest = max(farthest, ring)
		if d := float64(Distance(cells[i].Centre(), cells[j].Centre())); math.Abs(d-number(t, pairs["dist_m"][n])) > 1e-6 {
			t.Errorf("Distance(%s, %s) = %v, want %s", cells[i], cells[j], d, pairs["dist_m"][n])
		}
		if d, err := GridDistance(cells[i], cells[j]); d != ring || err != nil {
			t.Errorf("GridDistance(%s, %s) = %d, %v, want %d", cells[i], cells[j], d, err, ring)
		}
	}
	for k := range farthest + 1 {
		offsets, cols, _, err := Neighbours(cells, k)
		if err != nil {
			t.Fatal(err)
		}
		for i := range cells {
			var want []int32
			for j := range cells {
				if ring, ok := near[[2]int{i, j}]; ok && ring <= k {
					want = append(want, int32(j))
				}
			}
			if got := cols[offsets[i]:offsets[i+1]]; !slices.Equal(got, want) {
				t.Errorf("neighbours of %s within %d = %v, want %v", cells[i], k, got, want)
			}
		}
	}
}
