package targeting

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/civgrid/civgrid/analytics"
)

// A line of rows, each next to two others, with rings of up to three steps.
func line(rows int) *Area {
	area := &Area{}
	for row := range rows {
		area.SquareKm = append(area.SquareKm, 0.1)
		area.Centres = append(area.Centres, [2]float64{float64(row) * 0.004, 0})
		area.People = append(area.People, float64(row%7))
	}
	for k := 1; k <= 3; k++ {
		ring := analytics.Adjacency{Start: []int32{0}}
		for row := range rows {
			for other := max(row-k, 0); other <= min(row+k, rows-1); other++ {
				if other != row {
					ring.Rows = append(ring.Rows, int32(other))
				}
			}
			ring.Start = append(ring.Start, int32(len(ring.Rows)))
		}
		area.Rings = append(area.Rings, ring)
	}
	return area
}

// poisson draws a count.
func poisson(rng *rand.Rand, mean float64) int {
	n, product := 0, rng.Float64()
	for limit := math.Exp(-mean); product > limit; n++ {
		product *= rng.Float64()
	}
	return n
}

// simulate makes events of so many periods at the rate of each row and period,
// known some periods later.
func simulate(rng *rand.Rand, area *Area, periods, delay int, rate func(row, period int) float64) []Event {
	var events []Event
	for p := range periods {
		for row := range area.SquareKm {
			for range poisson(rng, rate(row, p)) {
				c := area.Centres[row]
				events = append(events, Event{Row: int32(row), Period: int32(p), Known: int32(p + 1 + rng.IntN(delay+1)), Lon: c[0] + 0.001*rng.Float64(), Lat: 0.001 * rng.Float64()})
			}
		}
	}
	return events
}

// TestRateLearnsHowFarToLookBack: where what is hot moves every few periods a
// short memory foretells best, where nothing changes a long one.
func TestRateLearnsHowFarToLookBack(t *testing.T) {
	area := line(60)
	f := func(what string, want float64, rate func(row, period int) float64) {
		t.Helper()
		rng := rand.New(rand.NewPCG(7, 1))
		r := NewRate(area, []float64{3, 100})
		events := simulate(rng, area, 80, 0, rate)
		if err := Replay(t.Context(), area, events, 80, []Ranker{r}, func(int) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if half, _ := r.Chosen(); half != want {
			t.Errorf("%s: a half-life of %v, want %v", what, half, want)
		}
	}
	f("what is hot moves", 3, func(row, period int) float64 {
		if row/10 == period/10%6 {
			return 4
		}
		return 0.3
	})
	f("nothing changes", 100, func(row, _ int) float64 { return 0.2 + float64(row*row%7)/5 })
}

// TestRateIsCalibrated: on average as many events come as it said.
func TestRateIsCalibrated(t *testing.T) {
	area, rng := line(200), rand.New(rand.NewPCG(8, 1))
	events := simulate(rng, area, 60, 0, func(row, _ int) float64 { return 0.1 + float64(row%10)/10 })
	r := NewRate(area, []float64{8, 26, 1000})
	said, came := 0.0, 0.0
	inside, rows := 0, 0
	err := Replay(t.Context(), area, events, 59, []Ranker{r}, func(period int) error {
		if period < 30 {
			return nil
		}
		counts := make([]int, len(area.SquareKm))
		for _, e := range events {
			if int(e.Period) == period {
				counts[e.Row]++
				came++
			}
		}
		for row, f := range r.Forecasts() {
			said += f.Mean
			low, high, ok := f.Interval(0.9)
			if !ok {
				t.Fatalf("%+v has no interval", f)
			}
			rows++
			if counts[row] >= low && counts[row] <= high {
				inside++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(said/came-1) > 0.05 {
		t.Errorf("%v were foretold and %v came", said, came)
	}
	if share := float64(inside) / float64(rows); share < 0.88 {
		t.Errorf("%.1f %% of counts lie in intervals of 90 %%", 100*share)
	}
}

// TestReplayKeepsTheFutureOut changes everything that is not known by a cut-off:
// no score before may change by a bit.
func TestReplayKeepsTheFutureOut(t *testing.T) {
	area, rng := line(40), rand.New(rand.NewPCG(9, 1))
	events := simulate(rng, area, 40, 3, func(row, _ int) float64 { return float64(row%5) / 5 })
	const cut = 25
	scoresOf := func(events []Event) (all [][]float64) {
		rankers := []Ranker{NewRate(area, []float64{4, 20}), Last(area), Mean(area), Density(area, 900), People(area), Random(area, 1)}
		err := Replay(t.Context(), area, events, cut, rankers, func(int) error {
			for _, r := range rankers {
				scores := make([]float64, len(area.SquareKm))
				r.Score(scores)
				all = append(all, scores)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	want := scoresOf(events)
	var poisoned []Event
	for _, e := range events {
		if e.Known > cut {
			switch rng.IntN(3) {
			case 0:
				continue
			case 1:
				e.Row, e.Lon = int32(rng.IntN(40)), rng.Float64()
			}
			e.Period = int32(rng.IntN(int(e.Known)))
		}
		poisoned = append(poisoned, e)
	}
	for range 500 {
		poisoned = append(poisoned, Event{Row: 3, Period: int32(rng.IntN(40)), Known: 41})
	}
	rng.Shuffle(len(poisoned), func(i, j int) { poisoned[i], poisoned[j] = poisoned[j], poisoned[i] })
	if got := scoresOf(poisoned); !reflect.DeepEqual(got, want) {
		t.Error("scores depend on what was not known")
	}
}

func TestReplayRefusesWhatCannotBe(t *testing.T) {
	for _, e := range []Event{{Row: -1, Known: 1}, {Row: 5, Known: 1}, {Row: 0, Period: 2, Known: 2}} {
		if err := Replay(t.Context(), line(5), []Event{e}, 3, nil, func(int) error { return nil }); err == nil {
			t.Errorf("%+v: no error", e)
		}
	}
}

// TestRateBeforeAnythingIsKnown: all rows are alike.
func TestRateBeforeAnythingIsKnown(t *testing.T) {
	area := line(5)
	r := NewRate(area, []float64{4})
	scores := make([]float64, 5)
	if err := Replay(t.Context(), area, nil, 3, []Ranker{r}, func(int) error {
		r.Score(scores)
		for _, s := range scores {
			if s != 0 {
				t.Errorf("scores of nothing are %v", scores)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestRateByTheFormula works the two steps out again in the plainest way, from
// the events themselves.
func TestRateByTheFormula(t *testing.T) {
	area, rng := line(25), rand.New(rand.NewPCG(13, 1))
	for row := range area.SquareKm {
		area.SquareKm[row] = 0.08 + 0.04*rng.Float64()
	}
	const periods, half, steps = 30, 6.0, 2
	events := simulate(rng, area, periods, 2, func(row, _ int) float64 { return float64(row%6) / 3 })
	r := NewRate(&Area{SquareKm: area.SquareKm, Centres: area.Centres, Rings: area.Rings[1:2]}, []float64{half})
	if err := Replay(t.Context(), area, events, periods, []Ranker{r}, func(int) error { return nil }); err != nil {
		t.Fatal(err)
	}
	weight := func(period int32) float64 { return math.Pow(0.5, float64(periods-1-int(period))/half) }
	count := make([]float64, 25)
	for _, e := range events {
		if e.Known <= periods {
			count[e.Row] += weight(e.Period)
		}
	}
	var all, km2, span, squares float64
	for row, n := range count {
		all, km2 = all+n, km2+area.SquareKm[row]
	}
	for p := range int32(periods) {
		span, squares = span+weight(p), squares+weight(p)*weight(p)
	}
	noise := squares / span
	// shrink returns (1/c + x/noise) / (1/c + μ/noise) with c by moments.
	shrink := func(x, mu []float64) []float64 {
		var above, below float64
		for i := range x {
			above += (x[i]-mu[i])*(x[i]-mu[i]) - noise*mu[i]
			below += mu[i] * mu[i]
		}
		factors := make([]float64, len(x))
		for i := range x {
			factors[i] = 1
			if c := above / below; c > 0 {
				factors[i] = (1/c + x[i]/noise) / (1/c + mu[i]/noise)
			}
		}
		return factors
	}
	x, mu := make([]float64, 25), make([]float64, 25)
	for row := range x {
		for other := max(row-steps, 0); other <= min(row+steps, 24); other++ {
			x[row] += count[other]
			mu[row] += all / km2 * area.SquareKm[other]
		}
	}
	for row, f := range shrink(x, mu) {
		mu[row] = all / km2 * area.SquareKm[row] * f
	}
	for row, f := range shrink(count, mu) {
		if got, want := r.Forecasts()[row].Mean, mu[row]*f/span; !near(got, want) {
			t.Errorf("row %d: %v, want %v", row, got, want)
		}
	}
}
