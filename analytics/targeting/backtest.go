package targeting

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/geo"
)

// Options say how a back-test is done.
type Options struct {
	Periods int     // there are; the last Last of them are foretold
	Last    int     // at least 1, fewer than Periods
	Share   float64 // of the area that is ranked first, above 0 and at most 1
	Level   float64 // of confidence, between 0 and 1
	Draws   int     // resamples of the bootstrap
	// Block is how many periods are drawn together. Zero means the cube root of
	// Last, rounded up.
	Block int
	// Seed selects the draws. Every seed, zero included, is as good as any.
	Seed uint64
	// HalfLives are those that the ranker Rate may choose from, in periods.
	HalfLives []float64
	Bandwidth geo.Metres // of the ranker Density
	// Progress is told how many of so many periods are done. Nil tells nobody.
	Progress func(done, of int)
}

// A Result is what a back-test showed.
type Result struct {
	Rows     int     `json:"rows"`
	SquareKm float64 `json:"square_km"`
	// Events are those in the periods that were foretold.
	Events int64 `json:"events"`
	Block  int   `json:"block"`
	// Rankings are ours and, after it, those it is held against.
	Rankings []Ranking `json:"rankings"`
}

// A Ranking is how well one ranker did.
type Ranking struct {
	Name string `json:"name"`
	// SquareKm and Hits are the mean area that it put first, and all the events
	// there.
	SquareKm float64             `json:"mean_square_km"`
	Hits     int64               `json:"hits"`
	Measures map[string]Estimate `json:"measures"` // by name, see Measures
	Curve    []Point             `json:"curve"`
	// Lead is by how much our ranking is ahead of this one, by measure, and Verdict
	// what that says; none for ours.
	Lead    map[string]Estimate `json:"lead,omitempty"`
	Verdict string              `json:"verdict,omitempty"`
}

// A Point is one of a hit-rate curve.
type Point struct {
	Area    float64 `json:"area"`     // share of the area
	HitRate float64 `json:"hit_rate"` // share of events in the rows ranked first
}

// The verdicts on our ranking, against another.
const (
	Better    = "better"
	Worse     = "worse"
	Undecided = "undecided"
)

// Backtest lets rankers foretell one period after another, each from what was
// known when it began, and says what share of the events that then happened lay
// in the rows that each put first. known are the events as they became known,
// happened what is now known to have happened, whose Known does not matter.
//
// A ranking is called better than another only where the whole interval of the
// difference of their PAI lies above 0.
func Backtest(ctx context.Context, area *Area, known, happened []Event, o Options) (*Result, error) {
	if o.Block == 0 {
		o.Block = blockLength(o.Last)
	}
	if o.Last < 1 || o.Last >= o.Periods || !(o.Share > 0 && o.Share <= 1) || !(o.Level > 0 && o.Level < 1) || o.Draws < 1 ||
		o.Block < 1 || o.Block > o.Last || len(o.HalfLives) == 0 || len(area.Rings) == 0 || len(area.SquareKm) == 0 {
		return nil, fmt.Errorf("back-test %d of %d periods in %d rows, share %v, level %v, blocks of %d: that cannot be done",
			o.Last, o.Periods, len(area.SquareKm), o.Share, o.Level, o.Block)
	}
	rankers := []Ranker{NewRate(area, o.HalfLives), Last(area), Mean(area), Density(area, o.Bandwidth)}
	if area.People != nil {
		rankers = append(rankers, People(area))
	}
	rankers = append(rankers, Random(area, o.Seed))
	accounts, err := foretell(ctx, area, known, happened, rankers, o)
	if err != nil {
		return nil, err
	}
	draws, err := bootstrap(ctx, accounts, o)
	if err != nil {
		return nil, err
	}
	return judge(area, rankers, accounts, draws, o), nil
}

// foretell returns the account of every ranker and period.
func foretell(ctx context.Context, area *Area, known, happened []Event, rankers []Ranker, o Options) ([][]account, error) {
	truth := make([][]float64, o.Periods)
	first := o.Periods - o.Last
	for _, e := range happened {
		if e.Row < 0 || int(e.Row) >= len(area.SquareKm) {
			return nil, fmt.Errorf("event in row %d of %d", e.Row, len(area.SquareKm))
		}
		if int(e.Period) < first || int(e.Period) >= o.Periods {
			continue
		}
		if truth[e.Period] == nil {
			truth[e.Period] = make([]float64, len(area.SquareKm))
		}
		truth[e.Period][e.Row]++
	}
	accounts := make([][]account, len(rankers))
	nothing, scores, before := make([]float64, len(area.SquareKm)), make([]float64, len(area.SquareKm)), make([]float64, len(area.SquareKm))
	past := Mean(area)
	err := Replay(ctx, area, known, o.Periods-1, append([]Ranker{past}, rankers...), func(period int) error {
		if o.Progress != nil {
			o.Progress(period, o.Periods)
		}
		if period < first {
			return nil
		}
		counts := truth[period]
		if counts == nil {
			counts = nothing
		}
		past.Score(before)
		for i, r := range rankers {
			r.Score(scores)
			accounts[i] = append(accounts[i], accountOf(scores, area, counts, before, o.Share))
		}
		return nil
	})
	return accounts, err
}

// judge makes the result of accounts and their resamples.
func judge(area *Area, rankers []Ranker, accounts [][]account, draws bootstrapped, o Options) *Result {
	result := &Result{Rows: len(area.SquareKm), Block: o.Block}
	var ours []float64
	var has []bool
	for i, r := range rankers {
		var sum account
		for p := range accounts[i] {
			sum.add(&accounts[i][p])
		}
		values, ok := sum.measures()
		ranking := Ranking{Name: r.Name(), SquareKm: sum.catch.SquareKm / float64(o.Last), Hits: int64(sum.catch.Hits), Measures: map[string]Estimate{}}
		for m, name := range Measures() {
			ranking.Measures[name] = estimate(values[m], ok[m], draws[i][m], o.Last, o)
		}
		for _, c := range sum.at {
			if rate, ok := c.HitRate(); ok {
				ranking.Curve = append(ranking.Curve, Point{Area: c.SquareKm / c.TotalKm, HitRate: rate})
			}
		}
		if i == 0 {
			ours, has = values, ok
			result.Events, result.SquareKm = int64(sum.catch.Events), sum.catch.TotalKm/float64(o.Last)
		} else {
			ranking.Lead = map[string]Estimate{}
			for m, name := range Measures() {
				ranking.Lead[name] = estimate(ours[m]-values[m], has[m] && ok[m], differences(draws[0][m], draws[i][m]), o.Last, o)
			}
			ranking.Verdict = verdict(ranking.Lead[AccuracyIndex])
		}
		result.Rankings = append(result.Rankings, ranking)
	}
	return result
}

// verdict says what the interval of a lead shows.
func verdict(lead Estimate) string {
	switch {
	case lead.Low == nil:
		return Undecided
	case *lead.Low > 0:
		return Better
	case *lead.High < 0:
		return Worse
	}
	return Undecided
}
