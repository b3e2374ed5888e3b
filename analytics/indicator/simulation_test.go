package indicator

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
)

// TestOpenCasesBiasIndicators follows the cases of 30 days, with a limit of 7
// days and log-normal times, as they stand on the last of those days: what is
// still open says most about how long cases take. The truth is the distribution
// itself: 71.6 % within 7 days, nine tenths within 17.6.
func TestOpenCasesBiasIndicators(t *testing.T) {
	const (
		mu, sigma = 1.205, 1.2976 // of log days, as in the tests of analytics/stats
		limit     = 7.0
		cases     = 40_000
		normal90  = 1.2815515655446004 // the normal quantile of 0.9
	)
	trueShare := 0.5 * math.Erfc(-(math.Log(limit)-mu)/sigma/math.Sqrt2)
	trueP90 := math.Exp(mu + sigma*normal90)
	rng := rand.New(rand.NewPCG(30, 7))
	source := facts{dataset: data.Incidents}
	days := func(x float64) time.Duration { return time.Duration(x * 24 * float64(time.Hour)) }
	asOf := on(30)
	for range cases {
		start, took := on(0).Add(days(30*rng.Float64())), days(math.Exp(mu+sigma*rng.NormFloat64()))
		f := fact{"community": "c000", "status": data.StatusOpen, "reported_at": start}
		if end := start.Add(took); !end.After(asOf) {
			f["status"], f["closed_at"] = data.StatusClosed, end
		}
		source.list = append(source.list, f)
	}
	value := func(text string) float64 {
		r := march(t, nil)
		r.AsOf = asOf
		got, ok := floats(t, layerOf(t, compiled(t, define(t, text)), r, districts(1), source), "value")[0].(float64)
		if !ok {
			t.Fatalf("%s has no value", text)
		}
		return got
	}
	within := map[string]float64{}
	for _, policy := range Policies() {
		within[policy] = value("kind: share_within\nclock: {limit: {within: 7 day}}\nopen_policy: " + policy + "\n")
	}
	const p90 = "kind: quantile\nquantile: 0.9\ndirection: lower\nclock: {}\nopen_policy: "
	km, closed := value(p90+"km\n")/86400, value(p90+"closed_only\n")/86400
	t.Logf("on time: truth %.3f, matured %.3f, km %.3f, closed_only %.3f, optimistic %.3f, pessimistic %.3f",
		trueShare, within[Matured], within[KaplanMeier], within[ClosedOnly], within[Optimistic], within[Pessimistic])
	t.Logf("p90: truth %.1f d, km %.1f d, closed_only %.1f d, %.0f %% too short", trueP90, km, closed, 100*(1-closed/trueP90))
	for _, policy := range []string{Matured, KaplanMeier} {
		if math.Abs(within[policy]-trueShare) > 0.01 {
			t.Errorf("%s tells %.4f on time, truth %.4f: want within a point", policy, within[policy], trueShare)
		}
	}
	if math.Abs(km/trueP90-1) > 0.03 {
		t.Errorf("nine tenths are closed within %.2f d by Kaplan and Meier, truth %.2f: want within 3 %%", km, trueP90)
	}
	if off := within[ClosedOnly] - trueShare; math.Abs(off-0.12) > 0.02 {
		t.Errorf("closed_only tells %.3f too much, want about 0.12, or this shows nothing", off)
	}
	if off := 1 - closed/trueP90; math.Abs(off-0.47) > 0.03 {
		t.Errorf("closed_only tells nine tenths %.2f too short, want about 0.47, or this shows nothing", off)
	}
	if within[Optimistic] < trueShare+0.03 || within[Pessimistic] > trueShare-0.03 {
		t.Errorf("optimistic %.3f and pessimistic %.3f do not lie about the truth, %.3f", within[Optimistic], within[Pessimistic], trueShare)
	}
}

// TestRankingFindsBadRows names the 50 worst of 2,000 rows by the column to rank
// by and by the value, in the setting of TestWorstCells in analytics/stats: one
// row in twenty is truly bad, of half its cases on time and not of nine tenths,
// and rows have a handful of cases.
func TestRankingFindsBadRows(t *testing.T) {
	const rows, named, seeds = 2000, 50, 2
	var raw, ranked float64
	for seed := range uint64(seeds) {
		rng := rand.New(rand.NewPCG(seed, 50))
		source := facts{dataset: data.Incidents}
		bad := make([]bool, rows)
		for row := range rows {
			alpha, beta := 18.0, 2.0
			if bad[row] = rng.IntN(20) == 0; bad[row] {
				alpha, beta = 10, 10
			}
			truth := drawBeta(rng, alpha, beta)
			for range 1 + int(5*rng.ExpFloat64()) {
				f := fact{"community": rowCode(row), "status": data.StatusClosed, "reported_at": on(1), "due_at": on(4), "closed_at": on(3)}
				if rng.Float64() >= truth {
					f["closed_at"] = on(5)
				}
				source.list = append(source.list, f)
			}
		}
		layer := layerOf(t, compiled(t, define(t, "kind: share_within\nclock: {limit: {record: due_at}}\n")), march(t, nil), districts(rows), source)
		raw += precision(analysistest.Column(t, layer, "value").Floats, bad, named) / seeds
		ranked += precision(analysistest.Column(t, layer, "ranked").Floats, bad, named) / seeds
	}
	told := fmt.Sprintf("truly bad of the 50 worst of 2,000: %.2f by value, %.2f by the column to rank by", raw, ranked)
	t.Log(told)
	if ranked < 2*raw {
		t.Errorf("%s: want twice as many", told)
	}
}

// drawBeta draws from a beta distribution with whole parameters: the order
// statistic of that rank of uniform numbers.
func drawBeta(rng *rand.Rand, alpha, beta float64) float64 {
	values := make([]float64, int(alpha+beta)-1)
	for i := range values {
		values[i] = rng.Float64()
	}
	slices.Sort(values)
	return values[int(alpha)-1]
}

// precision returns the part of the rows with the smallest values that is bad.
func precision(values []float64, bad []bool, named int) float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	hits := 0
	for _, i := range order[:named] {
		if bad[i] {
			hits++
		}
	}
	return float64(hits) / float64(named)
}
