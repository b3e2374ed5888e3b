package hotspot

import (
	"context"
	"fmt"
	"hash/fnv"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// The values of parameter measure.
const (
	Reports    = "reports"
	Cases      = "cases"
	Rate       = "rate"
	Compliance = "compliance"
	Late       = "late"
	Wait       = "wait"
)

// measured is what is compared, one entry for each row.
type measured struct {
	what   string    // in words
	values []float64 // 0 where valid is false
	valid  []bool
	reason []string // why there is no value
	counts []int64  // the same as values where those are counts; else nil

	observed    []int64
	of          []float64
	hasOf       []bool
	expected    []float64
	hasExpected []bool
	wait        []float64 // seconds, where what is compared is waits
	hasWait     []bool
	chance      *stats.Chance    // nil where values are as likely in any row as in any other
	figures     []analytics.Item // what holds for all rows together
	caveats     []string
}

func newMeasured(f *analytics.Frame, what string) *measured {
	n := f.Len()
	m := &measured{
		what: what, values: make([]float64, n), valid: make([]bool, n), reason: make([]string, n),
		observed: make([]int64, n), of: make([]float64, n), hasOf: make([]bool, n),
		expected: make([]float64, n), hasExpected: make([]bool, n),
		wait: make([]float64, n), hasWait: make([]bool, n),
	}
	for row := range n {
		switch {
		case f.MostlyOutside(row):
			m.reason[row] = MostlyOutside
		case f.SquareKm[row] <= 0: // there are communities without an outline
			m.reason[row] = stats.Missing.String()
		}
	}
	return m
}

// derive makes the key by which categories are counted apart.
func derive(r analytics.Request) []analytics.Derivation {
	if r.Params.Text("measure") != Compliance {
		return nil
	}
	return []analytics.Derivation{{Dataset: data.Incidents, Derivation: data.Derivation{
		Reads:   []string{"category"},
		Columns: []data.Column{{Name: categoryKey, Type: data.Int, Doc: "A number for each category, 0 for none."}},
		Compute: func(rows data.Batch, into *data.Builder) error {
			words := rows.Codes("category")
			for row := range rows.Len() {
				key := int64(0)
				if words.Valid().At(row) {
					key = numberOf(words.At(row))
				}
				into.SetInt(0, key)
			}
			return nil
		},
	}}}
}

const (
	categoryKey  = "category_key"
	categoryKeys = 1 << 36
)

// numberOf returns a number from 1 to categoryKeys-1 that stands for a word: of a
// thousand words two have the same in one city of a hundred thousand, and would
// then count as one.
func numberOf(word string) int64 {
	h := fnv.New64a()
	h.Write([]byte(word)) // never fails
	return 1 + int64(h.Sum64()%(categoryKeys-1))
}

func plan(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
	what := r.Params.Text("measure")
	notVoid := data.Not{Condition: data.Compare{Column: "status", Op: data.Equal, Value: data.StatusVoid}}
	reports := data.Rollup{
		Name: "reports", Dataset: data.Incidents, Where: r.Member("reported_at"),
		Keys: []data.Key{f.Key}, Counts: []data.Count{{Name: "n"}},
	}
	switch what {
	case Cases:
		reports.Where = append(r.Member("reported_at"), notVoid)
	case Rate:
		return []data.Rollup{reports, analytics.CountInhabitants(f.Key)}, nil
	case Compliance, Late:
		due := data.Rollup{
			Name: "due", Dataset: data.Incidents, Where: r.Narrow(indicator.DueIn(r.From, r.To, r.AsOf)),
			Keys: []data.Key{f.Key}, Counts: append(cases().Populations(r.AsOf), data.Count{Name: "n"}),
		}
		if what == Compliance {
			due.Keys = append(due.Keys, data.ByInt{Column: categoryKey, Below: categoryKeys})
		}
		return []data.Rollup{due}, nil
	case Wait:
		done := data.Compare{Column: "closed_at", Op: data.LessOrEqual, Value: r.AsOf}
		undated := data.All{data.Compare{Column: "status", Op: data.Equal, Value: data.StatusClosed}, data.Missing{Column: "closed_at"}}
		return []data.Rollup{{
			Name: "waits", Dataset: data.Incidents, Where: append(r.Member("reported_at"), notVoid),
			Keys: []data.Key{f.Key, data.ByWait{From: "reported_at", To: "closed_at", AsOf: r.AsOf, Bounds: stats.WaitBounds()}},
			Counts: []data.Count{
				{Name: "n"},
				{Name: "closed", Where: done},
				{Name: "open", Where: data.All{data.Not{Condition: done}, data.Not{Condition: undated}}},
				{Name: "undated", Where: data.All{data.Not{Condition: done}, undated}},
			},
		}}, nil
	}
	return []data.Rollup{reports}, nil
}

// cases says which events the time of a case runs between.
func cases() indicator.Timing {
	return indicator.Timing{Start: "reported_at", Stop: "closed_at", Due: "due_at", HasStatus: true}
}

// measuredFrom makes what is compared of the answers to the plan.
func measuredFrom(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*measured, error) {
	least := int64(r.Params.Int("min-n"))
	switch r.Params.Text("measure") {
	case Rate:
		return rates(f, tallies)
	case Late, Compliance:
		return lateness(f, &tallies[0], least), nil
	case Wait:
		return waits(ctx, f, &tallies[0], least, r.Params.Number("horizon-days")*secondsPerDay)
	}
	return volumes(f, tallies[0].Dense("n", f.Len())), nil
}

// volumes compares counts of cells and, as communities differ in area, counts per
// km² of those.
func volumes(f *analytics.Frame, counts []int64) *measured {
	m := newMeasured(f, "reports")
	if !f.Unit.IsCells() {
		m.what = "reports per km², as communities differ in area"
	}
	m.counts, m.observed = counts, counts
	seen := make([]float64, len(counts))
	for row, n := range counts {
		seen[row] = float64(n)
		if m.valid[row] = m.reason[row] == ""; !m.valid[row] {
			continue
		}
		if m.values[row] = float64(n); !f.Unit.IsCells() {
			m.values[row] /= f.SquareKm[row]
		}
	}
	m.expected, m.hasExpected = spread(f, counts)
	if !f.Unit.IsCells() {
		m.chance = stats.ByExposure(seen, f.SquareKm, m.valid)
	}
	return m
}

// rates compares reports by inhabitants, standardised for how many there are.
func rates(f *analytics.Frame, tallies []analytics.Tally) (*measured, error) {
	m := newMeasured(f, "reports by inhabitants, standardised by the empirical Bayes index of Assunção and Reis")
	m.observed = tallies[0].Dense("n", f.Len())
	living := analytics.InhabitantsOf(&tallies[1], f.Len())
	m.of, m.hasOf, m.caveats = living.People, living.Known, living.Caveats()
	for row, known := range living.Known {
		if !known {
			m.take(row, 0, false, analytics.NoPopulation)
		}
	}
	events, seen, people := make([]int64, f.Len()), make([]float64, f.Len()), make([]float64, f.Len())
	all, everybody := 0.0, 0.0
	for row := range events {
		seen[row] = float64(m.observed[row])
		if m.reason[row] == "" {
			events[row], people[row] = m.observed[row], m.of[row]
		}
		if m.of[row] > 0 {
			all, everybody = all+seen[row], everybody+m.of[row]
		}
	}
	standard, err := stats.StandardiseRates(events, people)
	if err != nil {
		return nil, fmt.Errorf("reports by inhabitants: %w", err)
	}
	for row := range events {
		m.take(row, standard.Z[row], standard.Valid[row], standard.Reason[row].String())
		if m.hasExpected[row] = m.of[row] > 0; m.hasExpected[row] {
			m.expected[row] = all * m.of[row] / everybody
		}
	}
	m.chance = stats.ByExposure(seen, people, m.valid)
	return m, nil
}

// take sets what is compared of a row that is looked at.
func (m *measured) take(row int, value float64, ok bool, reason string) {
	switch {
	case m.reason[row] != "":
	case ok:
		m.values[row], m.valid[row] = value, true
	default:
		m.reason[row] = reason
	}
}

// spread returns how many reports each row would have if all those in rows of
// known area were spread evenly over what of it lies inside the boundary.
func spread(f *analytics.Frame, counts []int64) (expected []float64, valid []bool) {
	var total int64
	var area float64
	expected, valid = make([]float64, len(counts)), make([]bool, len(counts))
	for row, n := range counts {
		expected[row] = f.KmInside(row)
		if valid[row] = f.SquareKm[row] > 0; valid[row] {
			total += n
			area += expected[row]
		}
	}
	for row := range expected {
		if area > 0 {
			expected[row] *= float64(total) / area
		}
	}
	return expected, valid
}
