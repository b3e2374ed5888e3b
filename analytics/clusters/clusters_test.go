package clusters

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/geo"
)

// weeks is the number of steps of these tests; the first of January 2024 was a
// Monday.
const weeks = 26

func request(t testing.TB, given map[string]string) analytics.Request {
	t.Helper()
	values, err := analytics.ParseValues(Analysis.Params, given)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	return analytics.Request{Unit: analytics.CellsOf(9), From: from, To: from.AddDate(0, 0, 7*weeks), AsOf: from.AddDate(1, 0, 0), Zone: time.UTC, Params: values}
}

func study9(t testing.TB, rings int) *analytics.Frame {
	t.Helper()
	return analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(rings))
}

// tallies answers the plan with counts by row and week, and inhabitants by row.
func tallies(counts [][weeks]int64, people []int64) []analytics.Tally {
	none := []int64{0, 0}
	reports := analytics.Tally{Names: []string{"n"}, Counts: make([][]int64, 1), Elsewhere: none, Nowhere: none, Keyless: none}
	for row, series := range counts {
		for week, n := range series {
			if n > 0 {
				reports.Rows, reports.Keys, reports.Counts[0] = append(reports.Rows, int32(row)), append(reports.Keys, int64(week)), append(reports.Counts[0], n)
			}
		}
	}
	if people == nil {
		return []analytics.Tally{reports}
	}
	thousandths := make([]int64, len(people))
	for row, n := range people {
		thousandths[row] = 1000 * n
	}
	return []analytics.Tally{reports, analysistest.Inhabitants(thousandths)}
}

// busy draws reports of a city whose middle always reports more and whose last
// weeks are busy everywhere: nothing of it is a surge.
func busy(f *analytics.Frame, seed uint64) [][weeks]int64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	counts := make([][weeks]int64, f.Len())
	for row := range counts {
		for week := range weeks {
			chances := 1
			if row < f.Len()/5 {
				chances = 4
			}
			if week > weeks-4 {
				chances *= 3
			}
			for range chances {
				if rng.IntN(3) == 0 {
					counts[row][week]++
				}
			}
		}
	}
	return counts
}

func layerOf(t testing.TB, f *analytics.Frame, given map[string]string, answers []analytics.Tally) *analytics.Layer {
	t.Helper()
	layer, err := Analysis.Compute(t.Context(), request(t, given), f, answers)
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// TestBusyPlacesAndWeeksAreNoSurge has what neither place nor time alone explains
// as noise: of 20 cities at most 4 may show a surge at 90 %.
func TestBusyPlacesAndWeeksAreNoSurge(t *testing.T) {
	f, shown := study9(t, 5), 0
	for seed := range uint64(20) {
		layer := layerOf(t, f, map[string]string{"simulations": "99"}, tallies(busy(f, seed), nil))
		if analysistest.Item(t, layer, "surges") != int64(0) {
			shown++
		}
	}
	t.Logf("surges at 90 %% in %d of 20 cities without any", shown)
	if shown > 4 {
		t.Errorf("surges in %d of 20 cities without any, want about 2", shown)
	}
}

// TestSurgeIsFound plants a surge of three weeks round one cell.
func TestSurgeIsFound(t *testing.T) {
	f := study9(t, 6)
	counts := busy(f, 7)
	middle := f.Len() / 2
	around := append([]int32{int32(middle)}, f.Neighbours.Of(middle)...)
	for _, row := range around {
		for week := weeks - 3; week < weeks; week++ {
			counts[row][week] += 4
		}
	}
	layer := layerOf(t, f, nil, tallies(counts, nil))
	class, role := analysistest.Column(t, layer, "class"), analysistest.Column(t, layer, "role")
	for _, row := range around {
		if class.Words[row] != Surge99 {
			t.Errorf("row %d is %q, want %q", row, class.Words[row], Surge99)
		}
	}
	if role.Words[middle] != "centre" {
		t.Errorf("the middle is %q, want the centre", role.Words[middle])
	}
	if since := analysistest.Column(t, layer, "since"); since.Words[middle] != "2024-06-10" {
		t.Errorf("since %s, want the Monday three weeks before 1 July", since.Words[middle])
	}
	var observed int64
	for _, row := range around {
		for week := weeks - 3; week < weeks; week++ {
			observed += counts[row][week]
		}
	}
	if got := analysistest.Column(t, layer, "surge_observed").Ints[middle]; got != observed {
		t.Errorf("%d reports in the surge, want %d", got, observed)
	}
}

// TestInhabitantsAreExpectedToReport finds no surge where many live, and leaves
// out, and says so, what comes from where nobody does.
func TestInhabitantsAreExpectedToReport(t *testing.T) {
	f := study9(t, 5)
	rng := rand.New(rand.NewPCG(2, 2))
	counts, people := make([][weeks]int64, f.Len()), make([]int64, f.Len())
	for row := range counts {
		people[row] = int64(100 + 900*(row%2))
		for week := range weeks {
			for range 1 + 9*(row%2) {
				if rng.IntN(4) == 0 {
					counts[row][week]++
				}
			}
		}
	}
	people[3] = 0
	layer := layerOf(t, f, map[string]string{"model": "poisson", "simulations": "99"}, tallies(counts, people))
	if got := analysistest.Item(t, layer, "surges"); got != int64(0) {
		t.Errorf("%v surges, want none", got)
	}
	if class := analysistest.Column(t, layer, "class"); class.Has(3) {
		t.Errorf("where nobody lives is %q, want no class", class.Words[3])
	}
	if len(layer.Caveats) != 2 {
		t.Errorf("caveats %q, want one about reports from where nobody lives", layer.Caveats)
	}
}

func TestWhatWouldTakeHours(t *testing.T) {
	var wrong *analytics.ParamError
	_, err := Analysis.Plan(request(t, map[string]string{"when": "ever", "step": "day", "longest": "90", "simulations": "99999"}), study9(t, 20))
	if !errors.As(err, &wrong) || wrong.Name != "longest" {
		t.Errorf("hours of work: %v, want an error of longest", err)
	}
}

func TestCancelledScan(t *testing.T) {
	f := study9(t, 5)
	ctx, cancel := context.WithCancel(t.Context())
	r := request(t, nil)
	r.Progress = func(done, _ int) {
		if done == 3 {
			cancel()
		}
	}
	if _, err := Analysis.Compute(ctx, r, f, tallies(busy(f, 1), nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled after 3 simulations: %v", err)
	}
}

func BenchmarkCompute(b *testing.B) {
	f := study9(b, 20)
	answers, r := tallies(busy(f, 1), nil), request(b, map[string]string{"simulations": "99"})
	for b.Loop() {
		if _, err := Analysis.Compute(b.Context(), r, f, answers); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(99*float64(b.N)/b.Elapsed().Seconds(), "simulations/s")
}
