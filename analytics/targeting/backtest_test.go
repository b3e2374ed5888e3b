package targeting

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/civgrid/civgrid/analytics/stats"
)

// TestResampleDrawsEveryRowOfBlocksAlike enumerates what can be drawn from four
// periods in blocks of two: three beginnings, twice.
func TestResampleDrawsEveryRowOfBlocksAlike(t *testing.T) {
	seen := map[[4]int32]int{}
	const draws = 9000
	for i := range draws {
		var periods [4]int32
		stream := stats.NewStream(1, uint64(i))
		resample(periods[:], 2, &stream)
		seen[periods]++
	}
	if len(seen) != 9 {
		t.Fatalf("%d different resamples, want 9", len(seen))
	}
	for first := range int32(3) {
		for second := range int32(3) {
			n := seen[[4]int32{first, first + 1, second, second + 1}]
			if math.Abs(float64(n)-draws/9) > 5*math.Sqrt(draws/9.0*8/9) {
				t.Errorf("blocks at %d and %d are drawn %d times of %d, want a ninth", first, second, n, draws)
			}
		}
	}
}

// TestBlockBootstrapHasTheVarianceOfKuensch compares the variance of the mean
// over resamples with its closed form: of k blocks drawn, the variance of the
// means of blocks by k (Künsch 1989).
func TestBlockBootstrapHasTheVarianceOfKuensch(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 1))
	const n, length = 24, 4
	values := make([]float64, n)
	for i := range values {
		values[i] = rng.NormFloat64()
		if i > 0 {
			values[i] += 0.6 * values[i-1]
		}
	}
	var means []float64
	for first := range n - length + 1 {
		sum := 0.0
		for _, v := range values[first : first+length] {
			sum += v
		}
		means = append(means, sum/length)
	}
	want := variance(means) / (n / length)
	var drawn []float64
	for i := range 20_000 {
		periods := make([]int32, n)
		stream := stats.NewStream(2, uint64(i))
		resample(periods, length, &stream)
		sum := 0.0
		for _, p := range periods {
			sum += values[p]
		}
		drawn = append(drawn, sum/n)
	}
	if got := variance(drawn); math.Abs(got/want-1) > 0.05 {
		t.Errorf("the variance of the mean is %v, want %v", got, want)
	}
}

// variance returns that of all values, divided by their number.
func variance(values []float64) float64 {
	mean, sum := 0.0, 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		sum += (v - mean) * (v - mean)
	}
	return sum / float64(len(values))
}

func options() Options {
	return Options{Periods: 50, Last: 30, Share: 0.1, Level: 0.95, Draws: 299, Seed: 1, HalfLives: []float64{8, 50}, Bandwidth: 900}
}

func backtest(t testing.TB, area *Area, events []Event, o Options) *Result {
	t.Helper()
	r, err := Backtest(t.Context(), area, events, events, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestBacktestSeesWhatWasPlanted: a few rows have ten times the events.
func TestBacktestSeesWhatWasPlanted(t *testing.T) {
	area, rng := line(60), rand.New(rand.NewPCG(11, 1))
	events := simulate(rng, area, 50, 0, func(row, _ int) float64 {
		if row%15 == 4 {
			return 2
		}
		return 0.2
	})
	r := backtest(t, area, events, options())
	if len(r.Rankings) != 6 || r.Rankings[0].Name != "rate" || r.Rows != 60 || !near(r.SquareKm, 6) {
		t.Fatalf("%+v", r)
	}
	for _, ranking := range r.Rankings[1:] {
		switch ranking.Name {
		case "people", "random":
			if ranking.Verdict != Better || *ranking.Lead[AccuracyIndex].Low <= 0 {
				t.Errorf("rate against %s: %s by %+v", ranking.Name, ranking.Verdict, ranking.Lead[AccuracyIndex])
			}
		}
	}
	// 4 of 60 rows have 8 of 19.2 expected events: with six rows, hit rate and PAI
	// are about (8+2*0.2)/19.2 and that over a tenth.
	if rate := *r.Rankings[0].Measures[HitRate].Value; math.Abs(rate-8.4/19.2) > 0.05 {
		t.Errorf("the hit rate is %v, want about %v", rate, 8.4/19.2)
	}
	if pai := *r.Rankings[5].Measures[AccuracyIndex].Value; math.Abs(pai-1) > 0.25 {
		t.Errorf("chance has a PAI of %v, want about 1", pai)
	}
	for _, ranking := range r.Rankings {
		for name, m := range ranking.Measures {
			if m.Value == nil || m.Low == nil || *m.Low > *m.Value+0.2 || *m.High < *m.Value-0.2 {
				t.Errorf("%s of %s is %+v", name, ranking.Name, m)
			}
		}
		if last := ranking.Curve[len(ranking.Curve)-1]; last.HitRate != 1 || !near(last.Area, 1) {
			t.Errorf("the curve of %s ends at %+v", ranking.Name, last)
		}
	}
	again, err := json.Marshal(backtest(t, area, events, options()))
	if err != nil {
		t.Fatal(err)
	}
	if first, _ := json.Marshal(r); string(first) != string(again) {
		t.Error("the same back-test comes out otherwise")
	}
}

// TestBacktestDoesNotCallNoiseBetter: where all rows are alike no ranking is
// better than chance, save as often as the level allows.
func TestBacktestDoesNotCallNoiseBetter(t *testing.T) {
	area := line(40)
	better, worse := 0, 0
	const maps = 60
	for i := range maps {
		rng := rand.New(rand.NewPCG(uint64(i), 2))
		o := options()
		o.Periods, o.Last, o.Draws, o.Seed = 40, 24, 199, uint64(i)
		events := simulate(rng, area, 40, 0, func(int, int) float64 { return 0.4 })
		for _, ranking := range backtest(t, area, events, o).Rankings {
			if ranking.Name == "random" {
				better += map[bool]int{true: 1}[ranking.Verdict == Better]
				worse += map[bool]int{true: 1}[ranking.Verdict == Worse]
			}
		}
	}
	t.Logf("of %d maps of noise %d are called better than chance, %d worse", maps, better, worse)
	if better > 6 || worse > 6 { // 1.5 are expected of each; intervals of 24 periods are somewhat too short
		t.Errorf("of %d maps of noise %d are called better than chance and %d worse", maps, better, worse)
	}
}

// TestBacktestKeepsTheFutureOut: what becomes known after a cut-off changes no
// period before it.
func TestBacktestKeepsTheFutureOut(t *testing.T) {
	area, rng := line(40), rand.New(rand.NewPCG(12, 1))
	events := simulate(rng, area, 50, 2, func(row, _ int) float64 { return float64(row%5) / 5 })
	accountsOf := func(known []Event) [][]account {
		rankers := []Ranker{NewRate(area, []float64{4, 20}), Last(area), Mean(area), Density(area, 900), Random(area, 1)}
		accounts, err := foretell(t.Context(), area, known, events, rankers, options())
		if err != nil {
			t.Fatal(err)
		}
		return accounts
	}
	want := accountsOf(events)
	const cut = 35
	var poisoned []Event
	for _, e := range events {
		if e.Known > cut {
			e.Row = (e.Row*7 + 3) % 40
		}
		poisoned = append(poisoned, e)
	}
	got := accountsOf(poisoned)
	changed := false
	for r := range want {
		for p := range want[r] {
			same := reflect.DeepEqual(got[r][p], want[r][p])
			if period := p + 20; period <= cut && !same {
				t.Errorf("ranking %d depends in period %d on what was known after %d", r, period, cut)
			}
			changed = changed || !same
		}
	}
	if !changed {
		t.Error("the poison did nothing")
	}
}

func TestBacktestWithoutEnough(t *testing.T) {
	area := line(10)
	o := options()
	o.Last = 3
	r := backtest(t, area, []Event{{Row: 1, Period: 49, Known: 50}}, o)
	if m := r.Rankings[0].Measures[AccuracyIndex]; m.Value == nil || m.Low != nil || m.Reason != TooFewPeriods {
		t.Errorf("PAI of three periods is %+v", m)
	}
	if m := r.Rankings[0].Measures[Recapture]; m.Value != nil || m.Reason != NoEvents {
		t.Errorf("RRI without a past is %+v", m)
	}
	if v := r.Rankings[1].Verdict; v != Undecided {
		t.Errorf("the verdict on three periods is %s", v)
	}
	if m := backtest(t, area, nil, o).Rankings[0].Measures[HitRate]; m.Value != nil || m.Reason != NoEvents {
		t.Errorf("the hit rate of nothing is %+v", m)
	}
	for _, change := range []func(*Options){
		func(o *Options) { o.Last = 50 },
		func(o *Options) { o.Last = 0 },
		func(o *Options) { o.Share = math.NaN() },
		func(o *Options) { o.Level = 1 },
		func(o *Options) { o.Block = 31 },
		func(o *Options) { o.HalfLives = nil },
	} {
		o := options()
		change(&o)
		if _, err := Backtest(t.Context(), area, nil, nil, o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Backtest(ctx, area, nil, nil, options()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestIntervalsHoldTheirLevel draws 52 weeks of which the true PAI is known, over
// and over: the interval has to hold it about as often as it says.
func TestIntervalsHoldTheirLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 1))
	o := options()
	o.Last, o.Draws, o.Block = 52, 199, blockLength(52)
	if o.Block != 4 {
		t.Fatalf("52 periods are drawn in blocks of %d, want 4", o.Block)
	}
	const truth, trials = 3.0, 400
	held := 0
	for trial := range trials {
		o.Seed = uint64(trial)
		accounts := [][]account{make([]account, o.Last)}
		var sum account
		for p := range accounts[0] {
			hits, misses := poisson(rng, 6), poisson(rng, 14) // 0.3 of the events on a tenth of the area
			accounts[0][p].catch = Catch{Hits: float64(hits), Events: float64(hits + misses), SquareKm: 1, TotalKm: 10}
			sum.add(&accounts[0][p])
		}
		draws, err := bootstrap(t.Context(), accounts, o)
		if err != nil {
			t.Fatal(err)
		}
		pai, ok := sum.catch.PAI()
		e := estimate(pai, ok, draws[0][1], o.Last, o)
		if *e.Low <= truth && truth <= *e.High {
			held++
		}
	}
	t.Logf("%.1f %% of the intervals of 95 %% hold the truth", 100*float64(held)/trials)
	if share := float64(held) / trials; share < 0.88 || share > 0.985 {
		t.Errorf("%.1f %% of the intervals of 95 %% hold the truth", 100*share)
	}
}
