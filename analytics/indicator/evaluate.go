package indicator

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
)

// rowsPerCheck is how many rows are computed between two looks at the context.
const rowsPerCheck = 1024

// A result is what came of one definition for one period.
type result struct {
	rows   []Outcome
	all    Outcome          // of all facts, in a row or not
	cases  *analytics.Tally // nil for composites
	total  func(name string) int64
	parts  []result      // of the items and then the guards of a composite
	length time.Duration // of the period, as far as it was seen
}

// An evaluation takes the tallies of a plan in their order.
type evaluation struct {
	frame   *analytics.Frame
	within  bool // only facts in rows are asked for, those of parties being narrowed already
	blind   bool // nothing is known of the period: no fact means no data
	tallies []analytics.Tally
}

// evaluationOf is that of a request for a period.
func evaluationOf(r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) *evaluation {
	return &evaluation{frame: f, within: r.Within != "" && !r.Unit.IsParty(), blind: blind(r), tallies: tallies}
}

// blind reports whether the period of a request lies before or after all facts.
func blind(r analytics.Request) bool {
	return !r.First.IsZero() && (!r.To.After(r.First) || r.From.After(r.Last))
}

func (e *evaluation) next() *analytics.Tally {
	t := &e.tallies[0]
	e.tallies = e.tallies[1:]
	return t
}

// of computes a definition and everything it is made of.
func (e *evaluation) of(ctx context.Context, c *Compiled) (result, error) {
	var waits, subjects *analytics.Tally
	res := result{total: func(string) int64 { return 0 }}
	if c.kind.Counts != nil {
		res.cases = e.next()
		res.total = e.totals(res.cases, c.kind.Shrink == RateShrinkage)
		if c.kindWaits() {
			waits = e.next()
		}
		if c.kind.Subjects {
			subjects = e.next()
		}
	}
	var parts []result
	for _, part := range c.parts() {
		made, err := e.of(ctx, part)
		if err != nil {
			return result{}, err
		}
		parts = append(parts, made)
	}
	if e.blind && res.cases != nil && !c.kind.Places && res.cases.IsEmpty() {
		res.rows, res.all = make([]Outcome, e.frame.Len()), Outcome{Estimate: none(NoFacts)}
		for row := range res.rows {
			res.rows[row] = res.all
		}
		return res, nil
	}
	all := e.everything(res, waits, parts)
	if subjects != nil {
		all.findings = everyFinding(subjects)
	}
	res.all = c.fill(c.judge(c.kind.Estimate(c, all), nil), Outcome{})
	res.parts = parts
	return e.eachRow(ctx, c, res, waits, subjects, parts)
}

func (e *evaluation) eachRow(ctx context.Context, c *Compiled, res result, waits, subjects *analytics.Tally, parts []result) (result, error) {
	dense := map[string][]int64{}
	if res.cases != nil {
		for _, name := range res.cases.Names {
			dense[name] = res.cases.Dense(name, e.frame.Len())
		}
	}
	res.rows = make([]Outcome, e.frame.Len())
	for row := range res.rows {
		if row%rowsPerCheck == 0 && ctx.Err() != nil {
			return result{}, ctx.Err()
		}
		s := Sample{count: func(name string) int64 {
			counts, ok := dense[name]
			if !ok {
				panic(fmt.Sprintf("BUG: %s counts no %q", c.Kind, name))
			}
			return counts[row]
		}}
		e.place(&s, row)
		if waits != nil {
			lo, hi := waits.Span(row)
			s.waits = stats.WaitsOf(waits.Keys[lo:hi], waits.Count("closed")[lo:hi], waits.Count("open")[lo:hi])
		}
		if subjects != nil {
			lo, hi := subjects.Span(row)
			s.findings = subjects.Count("found")[lo:hi]
		}
		for _, part := range parts {
			s.parts = append(s.parts, part.rows[row])
		}
		res.rows[row] = c.fill(c.judge(c.kind.Estimate(c, s), e.frame.Path(row)), res.all)
	}
	return res, nil
}

// place tells a sample the area and population of a row.
func (e *evaluation) place(s *Sample, row int) {
	if e.frame.SquareKm != nil {
		s.squareKm = e.frame.SquareKm[row]
	}
	if !e.frame.Unit.IsCells() {
		c := e.frame.Communities[row]
		s.population, s.hasPopulation = c.Population, c.HasPopulation
	}
}

// totals returns the counts of all facts, in a row or not; within an area, and
// for rates, which are of the area and the inhabitants of rows, of those in rows.
func (e *evaluation) totals(t *analytics.Tally, rate bool) func(string) int64 {
	return func(name string) int64 {
		sum := t.Total(name)
		if !e.within && !rate {
			elsewhere, nowhere := t.Beyond(name)
			sum += elsewhere + nowhere
		}
		return sum
	}
}

// everything is the sample of all facts. Its waits are those of facts in rows.
func (e *evaluation) everything(res result, waits *analytics.Tally, parts []result) Sample {
	s := Sample{count: res.total, hasPopulation: e.frame.Len() > 0}
	for row := range e.frame.Len() {
		var one Sample
		e.place(&one, row)
		s.squareKm += one.squareKm
		s.population += one.population
		s.hasPopulation = s.hasPopulation && one.hasPopulation
	}
	if waits != nil {
		s.waits = stats.AllWaits(waits.Keys, waits.Count("closed"), waits.Count("open"))
	}
	for _, part := range parts {
		s.parts = append(s.parts, part.all)
	}
	return s
}

// everyFinding returns the findings of each subject, over all rows.
func everyFinding(t *analytics.Tally) []int64 {
	found := map[int64]int64{}
	for i, n := range t.Count("found") {
		found[t.Keys[i]] += n
	}
	return slices.Sorted(maps.Values(found))
}
