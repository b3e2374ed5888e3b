package emerging

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

var from = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// months is the number of steps of these tests.
const months = 12

func request(t testing.TB, given map[string]string) analytics.Request {
	t.Helper()
	values, err := analytics.ParseValues(Analysis.Params, given)
	if err != nil {
		t.Fatal(err)
	}
	return analytics.Request{Unit: analytics.CellsOf(9), From: from, To: from.AddDate(1, 0, 0), AsOf: from.AddDate(1, 1, 0), Zone: time.UTC, Params: values}
}

// study returns the frame of a disk of cells.
func study(t testing.TB, rings int) *analytics.Frame {
	t.Helper()
	return analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(rings))
}

// tallyOf returns the answer to the plan that has these counts by row and month.
func tallyOf(counts [][months]int) []analytics.Tally {
	none := []int64{0}
	t := analytics.Tally{Names: []string{"n"}, Counts: make([][]int64, 1), Elsewhere: none, Nowhere: none, Keyless: none}
	for row, series := range counts {
		for step, n := range series {
			if n > 0 {
				t.Rows, t.Keys, t.Counts[0] = append(t.Rows, int32(row)), append(t.Keys, int64(step)), append(t.Counts[0], int64(n))
			}
		}
	}
	return []analytics.Tally{t}
}

// poisson draws a number of reports (Knuth's method, for small means).
func poisson(rng *rand.Rand, mean float64) int {
	n, product := 0, rng.Float64()
	for limit := math.Exp(-mean); product > limit; n++ {
		product *= rng.Float64()
	}
	return n
}

// noise draws a cube without any pattern.
func noise(f *analytics.Frame, mean float64, seed uint64) [][months]int {
	rng := rand.New(rand.NewPCG(seed, 3))
	counts := make([][months]int, f.Len())
	for row := range counts {
		for step := range months {
			counts[row][step] = poisson(rng, mean)
		}
	}
	return counts
}

func layerOf(t testing.TB, f *analytics.Frame, counts [][months]int, given map[string]string) *analytics.Layer {
	t.Helper()
	layer, err := Analysis.Compute(t.Context(), request(t, given), f, tallyOf(counts))
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// TestNoPatternOnNoise makes forty cubes of pure chance for each of two means: at
// most two may show any pattern. The normal approximation as ArcGIS has it, with q
// of 0.1, shows some on most of the sparse ones.
func TestNoPatternOnNoise(t *testing.T) {
	f := study(t, 9)
	maps := 40
	if testing.Short() {
		maps = 10
	}
	for _, mean := range []float64{0.05, 0.3} {
		shown := map[string]int{}
		for k := range maps {
			counts := noise(f, mean, uint64(k))
			for test, q := range map[string]string{"exact": "0.05", "normal": "0.1"} {
				layer := layerOf(t, f, counts, map[string]string{"test": test, "q": q})
				if analysistest.Item(t, layer, "hot") != int64(0) {
					shown[test]++
				}
			}
		}
		t.Logf("mean %v: hot patterns on %d of %d cubes of noise, by the normal approximation on %d", mean, shown["exact"], maps, shown["normal"])
		if shown["exact"] > 2 {
			t.Errorf("mean %v: %d of %d cubes of noise show a hot pattern, want at most 2", mean, shown["exact"], maps)
		}
		if mean < 0.1 && 2*shown["normal"] <= maps {
			t.Errorf("mean %v: the normal approximation shows patterns on %d of %d cubes only, which the package calls customary", mean, shown["normal"], maps)
		}
	}
}

// TestPlantedPatternsAreFound plants one spot of each history in noise.
func TestPlantedPatternsAreFound(t *testing.T) {
	f := study(t, 9)
	f1 := func(name string, many func(step int) float64, want ...string) {
		t.Helper()
		counts := noise(f, 0.3, 11)
		rng := rand.New(rand.NewPCG(5, 5))
		middle := f.Len() / 2
		for _, row := range append([]int32{int32(middle)}, f.Neighbours.Of(middle)...) {
			for step := range months {
				counts[row][step] += poisson(rng, many(step))
			}
		}
		layer := layerOf(t, f, counts, nil)
		class := analysistest.Column(t, layer, "class")
		for _, w := range want {
			if class.Words[middle] == w {
				return
			}
		}
		t.Errorf("%s: the middle is %q, want one of %q", name, class.Words[middle], want)
	}
	during := func(mean float64, steps ...int) func(int) float64 {
		return func(step int) float64 {
			for _, s := range steps {
				if s == step {
					return mean
				}
			}
			return 0
		}
	}
	f1("in the last month", during(5, 11), "new_hot")
	f1("in the last four months", during(5, 8, 9, 10, 11), "consecutive_hot")
	f1("all year", func(int) float64 { return 5 }, "persistent_hot")
	f1("more every month", func(step int) float64 { return 8 + 2*float64(step) }, "intensifying_hot")
	f1("less every month", func(step int) float64 { return 8 + 2*float64(11-step) }, "diminishing_hot")
	f1("until a month ago", func(step int) float64 { return 6 * min(1, float64(10-step)) * min(1, max(0, float64(10-step))) }, "historical_hot", "no_pattern")
	f1("on and off", during(6, 2, 3, 7, 11), "sporadic_hot")
}

// TestColumnsSayWhatHappened follows one row by hand.
func TestColumnsSayWhatHappened(t *testing.T) {
	f := study(t, 6)
	counts := make([][months]int, f.Len())
	middle := f.Len() / 2
	around := append([]int32{int32(middle)}, f.Neighbours.Of(middle)...)
	for step := range months {
		for _, row := range around {
			counts[row][step] = step * step
		}
		counts[step%5][step]++
	}
	layer := layerOf(t, f, counts, nil)
	total := int64(0)
	for _, n := range counts[middle] {
		total += int64(n)
	}
	if got := analysistest.Column(t, layer, "observed").Ints[middle]; got != total {
		t.Errorf("observed %d, want %d", got, total)
	}
	if got := analysistest.Column(t, layer, "last").Ints[middle]; got != int64(counts[middle][11]) {
		t.Errorf("last %d, want %d", got, counts[middle][11])
	}
	// The slopes (j²-i²)/(j-i) = i+j of 0 to 11 have the median 11.
	if got := analysistest.Column(t, layer, "slope").Floats[middle]; got != 11 {
		t.Errorf("slope %v, want 11", got)
	}
	since, hot := analysistest.Column(t, layer, "since"), analysistest.Column(t, layer, "hot_steps")
	run := fmt.Sprintf("2024-%02d", months+1-hot.Ints[middle])
	if hot.Ints[middle] < 2 || since.Words[middle] != run {
		t.Errorf("hot in %d steps since %q, want %q for one run to the last", hot.Ints[middle], since.Words[middle], run)
	}
}

func TestCubesThatAreTooLarge(t *testing.T) {
	r := request(t, map[string]string{"step": "day"})
	r.From = from.AddDate(-300, 0, 0)
	_, err := Analysis.Plan(r, study(t, 9))
	if wrong := (*analytics.ParamError)(nil); !errors.As(err, &wrong) || wrong.Name != "step" {
		t.Errorf("a cube of 30 million bins: %v, want an error of step", err)
	}
}

// TestFactsBecomeSteps runs the plan on facts: those at the ends of the period,
// in no whole step, are told apart.
func TestFactsBecomeSteps(t *testing.T) {
	f := study(t, 3)
	b := data.NewBuilder(schema())
	for day := range 366 {
		b.SetCell(0, f.Cells[3])
		b.SetText(1, data.StatusOpen)
		b.SetInt(2, from.AddDate(0, 0, day).UnixMicro())
	}
	r := request(t, nil)
	r.From = from.AddDate(0, 0, 10)
	layer := analysistest.LayerOf(t, Analysis, r, f, facts{b.Build()})
	if got := analysistest.Item(t, layer, "in_rows"); got != int64(356) {
		t.Errorf("%v facts in rows, want 356", got)
	}
	if got := analysistest.Item(t, layer, "between_steps"); got != int64(21) {
		t.Errorf("%v facts in no whole month, want those of 11 to 31 January", got)
	}
	if got := analysistest.Column(t, layer, "observed").Ints[3]; got != 335 {
		t.Errorf("observed %d, want 335", got)
	}
}

type facts struct{ batch data.Batch }

func schema() []data.Column {
	return []data.Column{
		{Name: data.CellColumn(9), Type: data.Cell},
		{Name: "status", Type: data.Code, Required: true},
		{Name: "reported_at", Type: data.Time, Required: true},
	}
}

// Schema implements data.Source.
func (f facts) Schema(data.Dataset) []data.Column { return schema() }

// Scan implements data.Source.
func (f facts) Scan(_ context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) { yield(q.Filter(f.batch)) }
}

func BenchmarkCompute(b *testing.B) {
	f := study(b, 25)
	counts := noise(f, 0.3, 1)
	r, tallies := request(b, nil), tallyOf(counts)
	for b.Loop() {
		if _, err := Analysis.Compute(b.Context(), r, f, tallies); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(f.Len()*months)*float64(b.N)/b.Elapsed().Seconds(), "bins/s")
}
