package blindspot

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// TestNoBlindSpotWithoutDisagreement draws cities in which complaints and inspections
// have nothing to do with each other, among them such as complain much more here than
// there, whose failures are rare, or whose points differ much; and ones in which they
// agree. Blind spots may be shown in no more than 5 in 100 of them.
func TestNoBlindSpotWithoutDisagreement(t *testing.T) {
	natures := map[string]nature{
		"independent":      {share: 0.2, spread: 0.5, visits: 10, oneIn: 8},
		"lively":           {share: 0.2, spread: 0.5, visits: 10, oneIn: 8, spots: 12},
		"rare failures":    {share: 0.05, spread: 1, visits: 10, oneIn: 8, spots: 12},
		"single visits":    {share: 0.05, spread: 0.5, visits: 1, oneIn: 4, spots: 12},
		"unlike points":    {share: 0.2, spread: 1, visits: 10, oneIn: 8, spots: 12},
		"frequent failure": {share: 0.8, spread: 0.1, visits: 10, oneIn: 16, spots: 12},
	}
	cities, most, rings := uint64(12), 2, 10 // more than 2 of 12 with 5 in 100 each come up twice in 100
	switch {
	case os.Getenv("CIVGRID_TEST_LONG") == "1":
		cities, most, rings = 100, 10, 12
	case testing.Short():
		rings = 7
	}
	check := func(name string, draw func(seed uint64) city) {
		shown := 0
		for seed := range cities {
			layer := draw(seed).layer(t, nil)
			if analysistest.Item(t, layer, "unseen") != int64(0) || analysistest.Item(t, layer, "unheard") != int64(0) {
				shown++
			}
		}
		t.Logf("%s: blind spots in %d of %d cities without any", name, shown, cities)
		if shown > most {
			t.Errorf("%s: blind spots in %d of %d cities without any, want at most %d", name, shown, cities, most)
		}
	}
	for name, n := range natures {
		check(name, func(seed uint64) city { return n.city(t, rings, seed) })
	}
	check("agreeing", func(seed uint64) city {
		c := newCity(t, rings, seed)
		rng := rand.New(rand.NewPCG(seed, 2))
		for _, row := range c.around(c.frame.Len()/2, 3) {
			c.complaints[row] += 12
			c.inspect(row, 10, 0.7, rng)
		}
		return c
	})
}

// TestBlindSpotsAreFound plants one of each class.
func TestBlindSpotsAreFound(t *testing.T) {
	f := func(want string, complain func(int64) int64, fails float64) {
		t.Helper()
		c := newCity(t, 14, 3)
		rng := rand.New(rand.NewPCG(9, 9))
		middle := c.frame.Len() / 2
		for _, row := range c.around(middle, 4) {
			c.complaints[row] = complain(c.complaints[row])
			c.failed[row], c.passed[row] = 0, 0
			if fails >= 0 {
				c.inspect(row, 10, fails, rng)
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
	f(BothGood, none, 0)
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
	if got := analysistest.Column(t, layer, "complaints_nearby").Ints[row]; got != complaints {
		t.Errorf("%d complaints, want %d", got, complaints)
	}
	if got := analysistest.Column(t, layer, "complaints").Ints[row]; got != c.complaints[row] {
		t.Errorf("%d complaints in the row itself, want %d", got, c.complaints[row])
	}
	if own := c.failed[row] + c.passed[row]; analysistest.Column(t, layer, "inspections").Ints[row] != own || analysistest.Column(t, layer, "failed").Ints[row] != c.failed[row] {
		t.Errorf("inspections of the row itself are not %d, %d of them failed", own, c.failed[row])
	}
	if got := analysistest.Column(t, layer, "inspections_nearby").Ints[row]; got != all {
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

// TestByInhabitants moves many people to where many complain: there are no more
// complaints there than that.
func TestByInhabitants(t *testing.T) {
	c := newCity(t, 14, 3)
	rng := rand.New(rand.NewPCG(9, 9))
	middle := c.frame.Len() / 2
	people := make([]int64, c.frame.Len())
	for row := range people {
		people[row] = 200_000 // thousandths
	}
	for _, row := range c.around(middle, 4) {
		people[row] *= 5
		c.complaints[row] *= 5
		c.failed[row], c.passed[row] = 0, 0
		c.inspect(row, 10, 0, rng)
	}
	byArea := c.layer(t, nil)
	if got := analysistest.Column(t, byArea, "class").Words[middle]; got != Unseen {
		t.Errorf("by area the middle is %q, want %q", got, Unseen)
	}
	c.people = people
	people[0] = 0
	layer := c.layer(t, map[string]string{"per": "inhabitants"})
	if got := analysistest.Column(t, layer, "class").Words[middle]; got != None {
		t.Errorf("by inhabitants the middle is %q, want %q", got, None)
	}
	if got := analysistest.Column(t, layer, "complaints_ratio").Floats[middle]; got < 0.8 || got > 1.2 {
		t.Errorf("by inhabitants the middle has %v times the complaints expected, want about as many", got)
	}
	if got := analysistest.Column(t, layer, "reason").Words[0]; got != "zero_exposure" && got != "events_without_exposure" {
		t.Errorf("where nobody lives the reason is %q", got)
	}
}

// TestExpectationsAddUp: what is expected of rows by themselves adds up to what there
// is, in area as in inspections.
func TestExpectationsAddUp(t *testing.T) {
	c := newCity(t, 6, 5)
	layer := c.layer(t, map[string]string{"rings": "1"})
	total, area := int64(0), 0.0
	for row, n := range c.complaints {
		total, area = total+n, area+c.frame.SquareKm[row]
	}
	row := c.frame.Len() / 2
	want := 0.0
	for _, at := range c.around(row, 1) {
		want += float64(total) * c.frame.SquareKm[at] / area
	}
	if got := analysistest.Column(t, layer, "complaints_nearby_expected").Floats[row]; math.Abs(got-want) > 1e-9 {
		t.Errorf("%v complaints expected, want %v", got, want)
	}
	share := analysistest.Item(t, layer, "failed_share").(float64)
	expected, visits := analysistest.Column(t, layer, "failed_nearby_expected"), analysistest.Column(t, layer, "inspections_nearby")
	for row := range expected.Floats {
		if expected.Has(row) != (visits.Ints[row] > 0) || expected.Has(row) && math.Abs(expected.Floats[row]-share*float64(visits.Ints[row])) > 1e-9 {
			t.Errorf("row %d: %v failures expected of %d inspections", row, expected.Floats[row], visits.Ints[row])
		}
	}
}

// TestWhyThereIsNoComparison has rows nobody inspected, and a city in which all
// inspections pass.
func TestWhyThereIsNoComparison(t *testing.T) {
	c := newCity(t, 6, 5)
	for row := range c.failed {
		c.passed[row], c.failed[row] = c.passed[row]+c.failed[row], 0
	}
	layer := c.layer(t, map[string]string{"rings": "1"})
	reason, visits := analysistest.Column(t, layer, "reason"), analysistest.Column(t, layer, "inspections_nearby")
	for row, word := range reason.Words {
		want := "all_alike"
		if visits.Ints[row] == 0 {
			want = "no_inspections"
		}
		if word != want || analysistest.Column(t, layer, "p").Has(row) {
			t.Errorf("row %d of %d inspections: reason %q, want %q", row, visits.Ints[row], word, want)
		}
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
