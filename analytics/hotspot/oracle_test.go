package hotspot

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// ours holds the small recorded results that are part of the project; see its
// README for the tools and versions that made them.
const ours = "../stats/testdata"

// shared returns a folder beside the checkout, or skips the test.
func shared(t *testing.T, name string) string {
	t.Helper()
	folder := filepath.Join("..", "..", "..", "shared", name)
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("there is no ../shared/%s beside the checkout", name)
	}
	return folder
}

// readColumns reads a CSV file by column.
func readColumns(t *testing.T, path ...string) map[string][]string {
	t.Helper()
	file, err := os.Open(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
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

func number(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// A study is a study area of cells and the number of reports in each.
type study struct {
	frame  *analytics.Frame
	counts []int64
}

// readStudy makes a study of the columns h3 and counts of a file.
func readStudy(t *testing.T, columns map[string][]string, counts string) study {
	t.Helper()
	byCell := map[geo.Cell]int64{}
	var cells []geo.Cell
	for i, text := range columns["h3"] {
		cell, err := geo.ParseCell(text)
		if err != nil {
			t.Fatal(err)
		}
		cells = append(cells, cell)
		byCell[cell] = int64(number(t, columns[counts][i]))
	}
	slices.Sort(cells)
	s := study{frame: analysistest.Cells(t, cells)}
	for _, cell := range cells {
		s.counts = append(s.counts, byCell[cell])
	}
	return s
}

// tally is what the one rollup of the plan is answered with.
func (s study) tally() analytics.Tally {
	tally := analytics.Tally{Name: "reports", Names: []string{"n"}, Counts: [][]int64{nil}, Elsewhere: []int64{0}, Nowhere: []int64{0}, Keyless: []int64{0}}
	for row, n := range s.counts {
		if n > 0 {
			tally.Rows, tally.Counts[0] = append(tally.Rows, int32(row)), append(tally.Counts[0], n)
		}
	}
	return tally
}

// request asks for the analysis of a study.
func (s study) request(t testing.TB, given map[string]string) analytics.Request {
	t.Helper()
	values, err := analytics.ParseValues(Analysis.Params, given)
	if err != nil {
		t.Fatal(err)
	}
	return analytics.Request{Unit: s.frame.Unit, Params: values}
}

// layer runs the analysis on a study, as it is by default.
func (s study) layer(t testing.TB) *analytics.Layer { return s.layerBy(t, nil) }

func (s study) layerBy(t testing.TB, given map[string]string) *analytics.Layer {
	t.Helper()
	r := s.request(t, given)
	rollups, err := Analysis.Plan(r, s.frame)
	if err != nil || len(rollups) != 1 {
		t.Fatalf("plan has %d rollups, error %v, want one", len(rollups), err)
	}
	layer, err := Analysis.Compute(t.Context(), r, s.frame, []analytics.Tally{s.tally()})
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// TestGiStarOfBostonIsThatOfSpdep compares with R's spdep 1.2-7 on the 311
// cases of Boston, with and without those at the geocoder's default location.
func TestGiStarOfBostonIsThatOfSpdep(t *testing.T) {
	folder := shared(t, "data/reference")
	for _, name := range []string{
		"boston_311_2011H2_h3r8_spdep.csv", "boston_311_2011H2_h3r9_spdep.csv",
		"boston_311_2011H2_noDefault_h3r8_spdep.csv", "boston_311_2011H2_noDefault_h3r9_spdep.csv",
	} {
		t.Run(name, func(t *testing.T) {
			columns := readColumns(t, folder, name)
			s := readStudy(t, columns, "n")
			layer := s.layer(t)
			z, worst := analysistest.Column(t, layer, "gi_z"), 0.0
			for i, id := range columns["h3"] {
				row, ok := s.frame.RowOf(id)
				if !ok || !z.Has(row) {
					t.Fatalf("cell %s has no z", id)
				}
				worst = max(worst, math.Abs(z.Floats[row]-number(t, columns["gistar"][i])))
			}
			if worst > 1e-9 {
				t.Errorf("z is off by %.2g", worst)
			}
			t.Logf("%d cells: z is off by %.2g at most", len(z.Floats), worst)
			checkFalseDiscovery(t, layer)
		})
	}
}

// checkFalseDiscovery compares q with the definition of Benjamini and Hochberg,
// m p / rank and the least of those at or above it, and class with q.
func checkFalseDiscovery(t *testing.T, layer *analytics.Layer) {
	t.Helper()
	p, q, class := analysistest.Column(t, layer, "p"), analysistest.Column(t, layer, "q"), analysistest.Column(t, layer, "class")
	var sorted []float64
	for row, x := range p.Floats {
		if p.Has(row) {
			sorted = append(sorted, x)
		}
	}
	slices.Sort(sorted)
	for row, x := range p.Floats {
		if !p.Has(row) {
			continue
		}
		want := 1.0
		for rank, other := range sorted {
			if other >= x {
				want = min(want, float64(len(sorted))*other/float64(rank+1))
			}
		}
		if math.Abs(q.Floats[row]-want) > 1e-12 {
			t.Fatalf("row %d: q of p %v is %v, want %v", row, x, q.Floats[row], want)
		}
		if significant := class.Words[row] != NotSignificant; significant != (q.Floats[row] <= 0.10) {
			t.Fatalf("row %d: q %v is of class %s", row, q.Floats[row], class.Words[row])
		}
	}
}

// TestProbabilitiesAreExact compares with big-integer arithmetic.
func TestProbabilitiesAreExact(t *testing.T) {
	f := func(root, grid string) {
		t.Run(grid, func(t *testing.T) {
			folder := root
			if folder != ours {
				folder = shared(t, root)
			}
			s := readStudy(t, readColumns(t, folder, "grids", grid, "cells.csv"), "count")
			layer := s.layer(t)
			p, z, reason := analysistest.Column(t, layer, "p"), analysistest.Column(t, layer, "gi_z"), analysistest.Column(t, layer, "reason")
			compared, worst := 0, 0.0
			for row, want := range exactP(t, folder, grid, z.Floats) {
				island := math.IsNaN(want)
				if p.Has(row) == island || reason.Has(row) != island || !z.Has(row) {
					t.Errorf("row %d: has p %t, z %t, reason %q; want p %v", row, p.Has(row), z.Has(row), reason.Words[row], want)
				}
				if !island {
					compared++
					worst = max(worst, math.Abs(p.Floats[row]-want))
				}
			}
			if worst > 1e-11 || compared < s.frame.Len()*9/10 {
				t.Errorf("of %d rows %d have a p, off by %.2g", s.frame.Len(), compared, worst)
			}
			t.Logf("%d of %d rows compared: p is off by %.2g at most", compared, s.frame.Len(), worst)
			checkFalseDiscovery(t, layer)
		})
	}
	f(ours, "S4_tiny12")
	f("oracles", "S1_disk_suzhou_r9")
	f("oracles", "S2_irregular_islands_taipei_r8")
	f("oracles", "S3_pentagon_r4")
}

// exactP returns twice the probability of each row by neighbours at one step, of the
// tail on the side that Gi* is on, NaN for rows without neighbours.
func exactP(t *testing.T, folder, grid string, z []float64) []float64 {
	t.Helper()
	columns := readColumns(t, folder, "exact", grid+"_count_exact_conditional.csv")
	var p []float64
	for i, weights := range columns["weights"] {
		if weights != "B1" {
			continue
		}
		if row := int(number(t, columns["i"][i])); row != len(p) {
			t.Fatalf("row %d comes after %d", row, len(p)-1)
		}
		if columns["p_ge"][i] == "" {
			p = append(p, math.NaN())
			continue
		}
		tail := columns["p_le"][i]
		if z[len(p)] > 0 {
			tail = columns["p_ge"][i]
		}
		p = append(p, min(1, 2*number(t, tail)))
	}
	return p
}

// TestDrawsAgreeWithExactProbabilities makes communities of equal area out of
// cells: their densities are drawn by Monte Carlo and must come near the exact
// probabilities of the counts, where chance does not call them more likely.
func TestDrawsAgreeWithExactProbabilities(t *testing.T) {
	f := func(root, grid string) {
		t.Run(grid, func(t *testing.T) {
			folder := root
			if folder != ours {
				folder = shared(t, root)
			}
			s := asCommunities(readStudy(t, readColumns(t, folder, "grids", grid, "cells.csv"), "count"), func(int) float64 { return 0.25 })
			layer := s.layer(t)
			p, z, worst, drawn := analysistest.Column(t, layer, "p"), analysistest.Column(t, layer, "gi_z"), 0.0, 0
			m := volumes(s.frame, s.counts)
			for row, want := range exactP(t, folder, grid, z.Floats) {
				if !p.Has(row) {
					continue
				}
				if chance := m.chance.P(row, s.frame.Neighbours.Of(row), m.valid, z.Floats[row] > 0); chance > want {
					want = chance
				} else {
					drawn++
				}
				draws := float64(stats.DrawsFor(s.frame.Len()))
				tail := want / 2
				sigma := 2 * math.Sqrt((tail*(1-tail)+1/draws)/draws) // of a few draws too
				off := math.Abs(p.Floats[row]-want) / sigma
				if off > 5 {
					t.Errorf("row %d: p is %v, want %v: off by %.1f sigma", row, p.Floats[row], want, off)
				}
				worst = max(worst, off)
			}
			if t.Logf("drawn p is off by %.2f sigma at most, in %d rows", worst, drawn); drawn == 0 {
				t.Error("no p was drawn")
			}
			checkFalseDiscovery(t, layer)
		})
	}
	f(ours, "S4_tiny12")
	f("oracles", "S1_disk_suzhou_r9")
}

// asCommunities turns the cells of a study into communities of given areas.
func asCommunities(s study, squareKm func(row int) float64) study {
	frame := &analytics.Frame{Unit: analytics.CommunitiesOf(data.UnitGrid), Key: data.ByCode{Column: "community"}, Neighbours: s.frame.Neighbours}
	for row, cell := range s.frame.Cells {
		frame.Communities = append(frame.Communities, data.Community{Code: cell.String(), Level: data.UnitGrid})
		frame.SquareKm = append(frame.SquareKm, squareKm(row))
	}
	return study{frame, s.counts}
}
