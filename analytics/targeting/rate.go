package targeting

import "math"

// watched is how many periods back a model is judged by what it foretold.
const watched = 13

// A Rate ranks by a rate that counts what is recent more than what is long ago,
// and what is near too: an empirical Bayes estimate in two steps. The
// neighbourhood of a row is drawn towards the whole area as far as neighbourhoods
// do not differ by more than chance, and the row towards its neighbourhood
// likewise, both by the gamma-Poisson model of Clayton and Kaldor (1987). The two
// steps, and counts that halve with age, are ours.
//
// Which half-life and which neighbourhood is decided at every cut-off anew, from
// those handed in and from the past alone: by the multinomial likelihood of the
// events of the 13 periods before, as far as they are known, under what each
// would have foretold at their beginning.
type Rate struct {
	area    *Area
	models  []model
	decayed [][]float64 // by half-life: events by row, each counted by its age
	halves  []float64
	period  int
	chosen  int
	// past holds the last forecasts, that of period p at p modulo watched.
	past [watched]foretold
	now  []Forecast
}

// A model is one choice of what Rate could be.
type model struct {
	half int // of halves
	ring int // of Rings
}

// A foretold is what models expected of one period.
type foretold struct {
	logShare   [][]float32 // by model and row
	likelihood []float64   // by model: of the events of the period known so far
}

// NewRate returns the ranker. halfLives are in periods, above 0; +Inf counts all
// periods alike. There must be at least one, and a ring in the area.
func NewRate(area *Area, halfLives []float64) *Rate {
	r := &Rate{area: area, halves: halfLives, period: -1, now: make([]Forecast, len(area.SquareKm))}
	for h := range halfLives {
		r.decayed = append(r.decayed, make([]float64, len(area.SquareKm)))
		for k := range area.Rings {
			r.models = append(r.models, model{h, k})
		}
	}
	r.chosen = len(r.models) - 1 // the longest memory, until there is something to go by
	return r
}

// Name implements Ranker.
func (*Rate) Name() string { return "rate" }

// Chosen returns the half-life, in periods, and the number of steps to the
// farthest neighbours that the present estimate goes by.
func (r *Rate) Chosen() (halfLife float64, steps int) {
	m := r.models[r.chosen]
	return r.halves[m.half], m.ring + 1
}

// Learn implements Ranker.
func (r *Rate) Learn(events []Event, period int) {
	r.judge(events, period)
	for h, half := range r.halves {
		keep := math.Exp2(-float64(period-r.period) / half)
		for row := range r.decayed[h] {
			r.decayed[h][row] *= keep
		}
		for _, e := range events {
			r.decayed[h][e.Row] += math.Exp2(-float64(period-1-int(e.Period)) / half)
		}
	}
	r.period = period
	best := r.best()
	next := &r.past[period%watched]
	*next = foretold{likelihood: make([]float64, len(r.models))}
	estimate := make([]Forecast, len(r.now))
	for m, model := range r.models {
		r.estimate(estimate, model)
		next.logShare = append(next.logShare, logShares(estimate))
		if m == best {
			copy(r.now, estimate)
		}
	}
	r.chosen = best
}

// judge adds what is new to the likelihood of the models.
func (r *Rate) judge(events []Event, period int) {
	for _, e := range events {
		if int(e.Period) < period-watched {
			continue
		}
		past := &r.past[int(e.Period)%watched]
		for m := range past.logShare {
			past.likelihood[m] += float64(past.logShare[m][e.Row])
		}
	}
}

// best returns the model that foretold the past best; the last of equal ones,
// which is the steadiest.
func (r *Rate) best() int {
	best, highest := r.chosen, math.Inf(-1)
	for m := range r.models {
		sum, some := 0.0, false
		for i := range r.past {
			if r.past[i].logShare != nil {
				sum += r.past[i].likelihood[m]
				some = true
			}
		}
		if some && sum >= highest {
			best, highest = m, sum
		}
	}
	return best
}

// estimate sets dst to what a model expects of each row in one period.
func (r *Rate) estimate(dst []Forecast, m model) {
	events := r.decayed[m.half]
	periods, noise := weightOf(r.period, r.halves[m.half])
	var all, area float64
	for row, n := range events {
		all += n
		area += r.area.SquareKm[row]
	}
	if all == 0 || periods == 0 {
		for row := range dst {
			dst[row] = Forecast{}
		}
		return
	}
	perKm2 := all / area // in all periods, by their weight
	observed, expected := make([]float64, len(events)), make([]float64, len(events))
	for row, n := range events {
		observed[row], expected[row] = n, r.area.SquareKm[row]*perKm2
		for _, near := range r.area.Rings[m.ring].Of(row) {
			observed[row] += events[near]
			expected[row] += r.area.SquareKm[near] * perKm2
		}
	}
	around := fitGamma(observed, expected, noise)
	for row := range events {
		expected[row] = r.area.SquareKm[row] * perKm2 * around.factor(observed[row], expected[row])
	}
	self := fitGamma(events, expected, noise)
	for row, n := range events {
		dst[row] = Forecast{Mean: expected[row] * self.factor(n, expected[row]) / periods, Shape: self.shape(n)}
	}
}

// weightOf returns the weight of all periods before one together, if that right
// before it weighs 1, and the variance of a count so weighted by its mean:
// Σ w² / Σ w.
func weightOf(period int, half float64) (weight, noise float64) {
	var squares float64
	for age := range period {
		w := math.Exp2(-float64(age) / half)
		weight += w
		squares += w * w
	}
	if weight == 0 {
		return 0, 1
	}
	return weight, squares / weight
}

// logShares returns the logarithm of each row's share of all that is expected.
func logShares(estimate []Forecast) []float32 {
	var all float64
	for _, f := range estimate {
		all += f.Mean
	}
	shares := make([]float32, len(estimate))
	for row, f := range estimate {
		share := 1 / float64(len(estimate)) // all alike, while nothing is known
		if all > 0 {
			share = f.Mean / all
		}
		// A row of which nothing at all is expected must not rule a model out for
		// good.
		const least = 1e-12
		shares[row] = float32(math.Log(max(share, least)))
	}
	return shares
}

// Score implements Ranker.
func (r *Rate) Score(dst []float64) {
	for row, f := range r.now {
		dst[row] = f.Mean
	}
}

// Forecasts returns what is expected of each row in the period that began. The
// slice is the ranker's until it learns more.
func (r *Rate) Forecasts() []Forecast { return r.now }
