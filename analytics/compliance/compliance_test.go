package compliance

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// TestOpenCasesDoNotBiasTheMaturedShare simulates a stream of cases with a
// limit of a week and lognormal resolution, judged while many are open. The
// truth is the lognormal distribution function at the limit.
func TestOpenCasesDoNotBiasTheMaturedShare(t *testing.T) {
	const mu, sigma = 1.205, 1.2976 // of log days: 71.6 % within a week, nine tenths within 17.6 days
	truth := 0.5 * math.Erfc(-(math.Log(7)-mu)/(sigma*math.Sqrt2))
	rng := rand.New(rand.NewPCG(11, 11))
	asOf := day(31)
	stream := make(cases, 100_000)
	if testing.Short() {
		stream = stream[:40_000]
	}
	for i := range stream {
		days := math.Exp(mu + sigma*rng.NormFloat64())
		reported := asOf.Add(-time.Duration(rng.Float64() * 60 * 24 * float64(time.Hour)))
		k := kase{status: data.StatusOpen, reported: reported, due: reported.AddDate(0, 0, 7)}
		if closed := reported.Add(time.Duration(days * 24 * float64(time.Hour))); !closed.After(asOf) {
			k.status, k.closed = data.StatusClosed, closed
		}
		stream[i] = k
	}
	share := func(policy string) float64 {
		r := request(t, map[string]string{"open-policy": policy})
		r.From, r.To, r.AsOf = day(1), day(31), asOf
		return analysistest.Item(t, analysistest.LayerOf(t, Analysis, r, districts(1), stream), "share").(float64)
	}
	matured, closedOnly, optimistic, pessimistic := share("matured"), share("closed_only"), share("optimistic"), share("pessimistic")
	if math.Abs(matured-truth) > 0.01 {
		t.Errorf("matured share is %.4f, truth %.4f: off by more than a point", matured, truth)
	}
	if closedOnly-truth < 0.08 || optimistic-truth < 0.04 || truth-pessimistic < 0.04 {
		t.Errorf("closed only %.4f, optimistic %.4f, pessimistic %.4f: want them far from the truth, %.4f", closedOnly, optimistic, pessimistic, truth)
	}
	t.Logf("truth %.4f, matured %.4f, closed only %.4f, optimistic %.4f, pessimistic %.4f", truth, matured, closedOnly, optimistic, pessimistic)
}

func TestStatusAtExactBounds(t *testing.T) {
	f := func(low, high float64, n int64, want string) {
		t.Helper()
		if got := status(stats.Interval{Low: low, High: high}, n, 0.95, 10); got != want {
			t.Errorf("status(%v to %v, %d) = %s, want %s", low, high, n, got, want)
		}
	}
	f(0.95, 1, 10, indicator.Compliant)
	f(math.Nextafter(0.95, 0), 1, 10, indicator.Undetermined)
	f(0.5, 0.95, 10, indicator.Undetermined)
	f(0.5, math.Nextafter(0.95, 0), 10, indicator.NonCompliant)
	f(0.95, 1, 9, indicator.Insufficient)
	f(0, 0.1, 9, indicator.Insufficient)
	f(0, 0, 10, indicator.NonCompliant)
}

// onTimeOf makes n cases of each row of which x are on time.
func onTimeOf(x, n []int64) *analytics.Tally {
	t := &analytics.Tally{Name: "cases"}
	for _, count := range populations(day(20)) {
		values := make([]int64, len(x))
		for row := range x {
			switch count.Name {
			case indicator.ClosedOnTime:
				values[row] = x[row]
			case indicator.ClosedLate:
				values[row] = n[row] - x[row]
			}
		}
		t.Names, t.Counts = append(t.Names, count.Name), append(t.Counts, values)
		t.Elsewhere, t.Nowhere, t.Keyless = append(t.Elsewhere, 0), append(t.Nowhere, 0), append(t.Keyless, 0)
	}
	for row := range x {
		t.Rows = append(t.Rows, int32(row))
	}
	return t
}

func computed(t *testing.T, r analytics.Request, x, n []int64) *analytics.Layer {
	t.Helper()
	layer, err := Analysis.Compute(t.Context(), r, districts(len(x)), []analytics.Tally{*onTimeOf(x, n)})
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// TestIntervalsAreThoseOfR compares the columns low and high with intervals
// recorded from R's prop.test.
func TestIntervalsAreThoseOfR(t *testing.T) {
	text, err := os.ReadFile("../stats/testdata/rates/intervals.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Binomial []struct {
			X, N   int64
			Conf   float64
			Wilson [2]float64
		}
	}
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	worst, compared := 0.0, 0
	for _, conf := range []float64{0.9, 0.95, 0.99, 0.998} {
		var x, n []int64
		var want [][2]float64
		for _, b := range recorded.Binomial {
			if b.Conf == conf {
				x, n, want = append(x, b.X), append(n, b.N), append(want, b.Wilson)
			}
		}
		layer := computed(t, request(t, map[string]string{"level-of-confidence": fmt.Sprint(conf)}), x, n)
		share, low, high := analysistest.Column(t, layer, "share"), analysistest.Column(t, layer, "low"), analysistest.Column(t, layer, "high")
		for row := range x {
			compared++
			worst = max(worst, math.Abs(low.Floats[row]-want[row][0]), math.Abs(high.Floats[row]-want[row][1]))
			if raw := float64(x[row]) / float64(n[row]); share.Floats[row] != raw {
				t.Errorf("share of %d in %d is %v", x[row], n[row], share.Floats[row])
			}
		}
	}
	if worst > 1e-12 || compared < 30 {
		t.Errorf("%d intervals are off by %.2g", compared, worst)
	}
	t.Logf("%d intervals are off by %.2g at most", compared, worst)
}

func TestRowsWithoutCasesHaveNoShare(t *testing.T) {
	layer := computed(t, request(t, nil), []int64{0, 5, 0, 0}, []int64{0, 5, 3, 20})
	for _, name := range []string{"share", "low", "high", "ranked", "status"} {
		c := analysistest.Column(t, layer, name)
		for row, want := range []bool{false, true, true, true} {
			if c.Has(row) != want {
				t.Errorf("column %s, row %d: has a value is %t, want %t", name, row, c.Has(row), want)
			}
		}
	}
	status := analysistest.Column(t, layer, "status").Words
	if want := []string{"", indicator.Insufficient, indicator.Insufficient, indicator.NonCompliant}; !slices.Equal(status, want) {
		t.Errorf("statuses %q, want %q", status, want)
	}
}

// TestRankingIsNotLedByHandfuls has one row with 1 of 1 late among rows of many
// cases: its raw share is the worst, its shrunken share must not be.
func TestRankingIsNotLedByHandfuls(t *testing.T) {
	layer := computed(t, request(t, nil), []int64{0, 60, 90, 95, 80, 70}, []int64{1, 100, 100, 100, 100, 100})
	ranked := analysistest.Column(t, layer, layer.Rank.Column)
	worst := 0
	for row, x := range ranked.Floats {
		if x < ranked.Floats[worst] {
			worst = row
		}
	}
	if layer.Rank.Descending || worst != 1 {
		t.Errorf("row %d is ranked worst (descending %t), want row 1; shares %.3v", worst, layer.Rank.Descending, ranked.Floats)
	}
}

func TestCaveatsTellWhatFlatters(t *testing.T) {
	f := func(given map[string]string, c cases, want int) {
		t.Helper()
		if got := analysistest.LayerOf(t, Analysis, request(t, given), districts(1), c).Caveats; len(got) != want {
			t.Errorf("%v: caveats %q, want %d", given, got, want)
		}
	}
	f(nil, nil, 0)
	f(map[string]string{"open-policy": "closed_only"}, nil, 1)
	f(map[string]string{"open-policy": "optimistic"}, nil, 1)
	f(nil, cases{{status: data.StatusClosed, reported: day(1)}}, 1)
}

func TestMethodTellsTheMomentInUTC(t *testing.T) {
	r := request(t, nil)
	r.AsOf = r.AsOf.In(time.FixedZone("CST", 8*3600))
	want := analysistest.LayerOf(t, Analysis, request(t, nil), districts(1), cases(nil)).Method
	if got := analysistest.LayerOf(t, Analysis, r, districts(1), cases(nil)).Method; got != want {
		t.Errorf("method of the same moment elsewhere:\n%s, want\n%s", got, want)
	}
}
