package blindspot

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

func request(t testing.TB, given map[string]string) analytics.Request {
	t.Helper()
	values, err := analytics.ParseValues(Analysis.Params, given)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	return analytics.Request{Unit: analytics.CellsOf(9), From: from, To: from.AddDate(1, 0, 0), AsOf: from.AddDate(1, 0, 0), Zone: time.UTC, Params: values}
}

// A city is complaints and inspections by row.
type city struct {
	frame                      *analytics.Frame
	complaints, failed, passed []int64
}

// newCity draws complaints that scatter more than chance, and a point that is
// inspected ten times in one row of eight, each with a neglect of its own.
func newCity(t testing.TB, rings int, seed uint64) city {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	c := city{frame: analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(rings))}
	n := c.frame.Len()
	c.complaints, c.failed, c.passed = make([]int64, n), make([]int64, n), make([]int64, n)
	for row := range n {
		c.complaints[row] = int64(rng.ExpFloat64() * 6)
		if rng.IntN(8) == 0 {
			c.inspect(row, 0.2*math.Exp(0.5*rng.NormFloat64()), rng)
		}
	}
	return c
}

// inspect adds ten inspections of a point of which so many fail.
func (c city) inspect(row int, chance float64, rng *rand.Rand) {
	for range 10 {
		if rng.Float64() < chance {
			c.failed[row]++
		} else {
			c.passed[row]++
		}
	}
}

// around returns the rows within steps of the n-th row.
func (c city) around(row, steps int) []int {
	var rows []int
	for _, cell := range c.frame.Cells[row].Disk(steps) {
		if at, ok := slices.BinarySearch(c.frame.Cells, cell); ok {
			rows = append(rows, at)
		}
	}
	return rows
}

func (c city) layer(t testing.TB, given map[string]string) *analytics.Layer {
	t.Helper()
	tally := func(names []string, columns ...[]int64) analytics.Tally {
		made := analytics.Tally{Names: names, Counts: columns, Elsewhere: []int64{0, 0}, Nowhere: []int64{0, 0}, Keyless: []int64{0, 0}}
		for row := range c.complaints {
			made.Rows = append(made.Rows, int32(row))
		}
		return made
	}
	answers := []analytics.Tally{tally([]string{"n"}, c.complaints), tally([]string{"failed", "passed"}, c.failed, c.passed)}
	layer, err := Analysis.Compute(t.Context(), request(t, given), c.frame, answers)
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// TestNoBlindSpotWithoutDisagreement draws cities in which complaints and
// inspections have nothing to do with each other, and ones in which they agree: at
// most 2 of 40 may show a blind spot.
func TestNoBlindSpotWithoutDisagreement(t *testing.T) {
	shown := map[string]int{}
	for seed := range uint64(40) {
		independent, agreeing := newCity(t, 14, seed), newCity(t, 14, seed)
		rng := rand.New(rand.NewPCG(seed, 2))
		for _, row := range agreeing.around(agreeing.frame.Len()/2, 3) {
			agreeing.complaints[row] += 12
			agreeing.inspect(row, 0.7, rng)
		}
		for name, c := range map[string]city{"independent": independent, "agreeing": agreeing} {
			layer := c.layer(t, nil)
			if analysistest.Item(t, layer, "unseen") != int64(0) || analysistest.Item(t, layer, "unheard") != int64(0) {
				shown[name]++
			}
		}
	}
	for _, name := range []string{"independent", "agreeing"} {
		t.Logf("%s: blind spots in %d of 40 cities without any", name, shown[name])
		if shown[name] > 2 {
			t.Errorf("%s: blind spots in %d of 40 cities without any, want at most 2", name, shown[name])
		}
	}
}

// TestBlindSpotsAreFound plants one of each class.
func TestBlindSpotsAreFound(t *testing.T) {
	f := func(want string, complain func(int64) int64, fails float64) {
		t.Helper()
		c := newCity(t, 14, 3)
		rng := rand.New(rand.NewPCG(9, 9))
		middle := c.frame.Len() / 2
		for i, row := range c.around(middle, 4) {
			c.complaints[row] = complain(c.complaints[row])
			c.failed[row], c.passed[row] = 0, 0
			if fails >= 0 && i%2 == 0 {
				c.inspect(row, fails, rng)
			}
		}
		layer := c.layer(t, nil)
		class := analysistest.Column(t, layer, "class")
		if got := class.Words[middle]; got != want {
			t.Errorf("the middle is %q, want %q (q %v)", got, want, analysistest.Column(t, layer, "q").Floats[middle])
		}
		mismatch := analysistest.Column(t, layer, "mismatch")
		if want == Unseen && mismatch.Floats[middle] <= 0 || want == Unheard && mismatch.Floats[middle] >= 0 {
			t.Errorf("%s: mismatch %v points the other way", want, mismatch.Floats[middle])
		}
	}
	many, none, same := func(n int64) int64 { return n + 20 }, func(int64) int64 { return 0 }, func(n int64) int64 { return n }
	f(Unseen, many, 0)
	f(Unheard, none, 0.8)
	f(BothBad, many, 0.8)
	f(Uninspected, many, -1)
	f(None, same, 0.2)
}

// TestEvidenceIsAddedUp follows the columns of one row by hand.
func TestEvidenceIsAddedUp(t *testing.T) {
	c := newCity(t, 6, 5)
	layer := c.layer(t, map[string]string{"rings": "1"})
	row := c.frame.Len() / 2
	var complaints, failed, all, cityFailed, cityAll int64
	for _, at := range c.around(row, 1) {
		complaints += c.complaints[at]
		failed += c.failed[at]
		all += c.failed[at] + c.passed[at]
	}
	for at := range c.failed {
		cityFailed += c.failed[at]
		cityAll += c.failed[at] + c.passed[at]
	}
	if got := analysistest.Column(t, layer, "complaints").Ints[row]; got != complaints {
		t.Errorf("%d complaints, want %d", got, complaints)
	}
	if got := analysistest.Column(t, layer, "inspections").Ints[row]; got != all {
		t.Errorf("%d inspections, want %d", got, all)
	}
	share := analysistest.Column(t, layer, "failed_share")
	if share.Has(row) != (all > 0) || all > 0 && share.Floats[row] != float64(failed)/float64(all) {
		t.Errorf("share failed %v, want %d of %d", share.Floats[row], failed, all)
	}
	if got := analysistest.Item(t, layer, "failed_share"); got != float64(cityFailed)/float64(cityAll) {
		t.Errorf("share of all %v, want %d of %d", got, cityFailed, cityAll)
	}
}

// TestWhatTheFactsMustSay runs the plan: conditions on complaints do not narrow
// inspections, and results that are neither count nowhere.
func TestWhatTheFactsMustSay(t *testing.T) {
	r := request(t, map[string]string{"failed": "bad|worse"})
	r.Where = data.In{Column: "category", Words: []string{"noise"}}
	rollups, err := Analysis.Plan(r, newCity(t, 1, 1).frame)
	if err != nil {
		t.Fatal(err)
	}
	for i, rollup := range rollups {
		if err := rollup.Check(data.SchemaOf(rollup.Dataset, []geo.Resolution{9})); err != nil {
			t.Errorf("rollup %d: %v", i, err)
		}
	}
	if columns := data.ColumnsOf(rollups[1].Where); slices.Contains(columns, "category") {
		t.Errorf("inspections are narrowed by %v", columns)
	}
	if got := rollups[1].Counts[0].Where.(data.In).Words; !slices.Equal(got, []string{"bad", "worse"}) {
		t.Errorf("failures are %v", got)
	}
}

func BenchmarkCompute(b *testing.B) {
	c := newCity(b, 40, 1)
	for b.Loop() {
		c.layer(b, nil)
	}
	b.ReportMetric(float64(c.frame.Len())*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
