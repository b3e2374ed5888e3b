package contrast

import (
	"context"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// Of returns the analysis of how a, which has a contrast, changed between two periods:
// that of a request, and the one it is against.
func Of(a analytics.Analysis) analytics.Analysis {
	d := a
	d.Title = "Change: " + a.Title
	d.Reference = reference(a.Contrast.Test)
	d.Columns = Columns(a.Contrast)
	d.Plan = func(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
		now, err := a.Plan(r, f)
		if err != nil {
			return nil, err
		}
		before, err := a.Plan(earlier(r), f)
		return append(now, before...), err
	}
	if a.Derive != nil {
		d.Derive = func(r analytics.Request) []analytics.Derivation { return a.Derive(spanning(r)) }
	}
	d.Compute = func(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
		return compute(ctx, a, r, f, tallies)
	}
	return d
}

// earlier is the request for the period that r is against.
func earlier(r analytics.Request) analytics.Request {
	r.From, r.To, r.Against = r.Against.From, r.Against.To, analytics.Span{From: r.From, To: r.To}
	return r
}

// spanning is the request for both periods and what lies between them.
func spanning(r analytics.Request) analytics.Request {
	if r.Against.From.Before(r.From) {
		r.From = r.Against.From
	}
	if r.Against.To.After(r.To) {
		r.To = r.Against.To
	}
	return r
}

// Known returns the part of a period of which something is known: from the day of the
// first fact up to the moment of judgement.
func Known(r analytics.Request, s analytics.Span) analytics.Span {
	if !r.First.IsZero() {
		first := r.First.In(r.Zone)
		if day := analytics.DayStart(first.Year(), first.Month(), first.Day(), r.Zone); day.After(s.From) {
			s.From = day.UTC()
		}
	}
	if r.AsOf.Before(s.To) {
		s.To = r.AsOf
	}
	if !s.From.Before(s.To) {
		return analytics.Span{}
	}
	return s
}

// rateDays is how many days the rates of counts are of: periods need not be of one
// length.
const rateDays = 30

// perMonth is how often rateDays fit into a period, as far as it is known.
func perMonth(r analytics.Request, s analytics.Span) float64 {
	known := Known(r, s)
	return known.To.Sub(known.From).Hours() / (24 * rateDays)
}

// rowsPerCheck is how many rows are computed between two looks at the context.
const rowsPerCheck = 1024

func compute(ctx context.Context, a analytics.Analysis, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	half := len(tallies) / 2
	now, allNow, err := sidesOf(ctx, a.Contrast, r, f, tallies[:half])
	if err != nil {
		return nil, err
	}
	before, allBefore, err := sidesOf(ctx, a.Contrast, earlier(r), f, tallies[half:])
	if err != nil {
		return nil, err
	}
	j := judge{Contrast: a.Contrast, level: 0.95, least: 1, backwards: r.From.Before(r.Against.From)}
	if a.Contrast.Level != nil {
		j.level = a.Contrast.Level(r)
	}
	if a.Contrast.Least != nil {
		j.least = max(1, a.Contrast.Least(r))
	}
	changes := make([]change, f.Len())
	for row := range changes {
		if row%rowsPerCheck == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		changes[row] = j.of(before[row], now[row])
	}
	if err := discover(changes); err != nil {
		return nil, err
	}
	layer := &analytics.Layer{Columns: j.fill(before, now, changes), Title: "Change: " + a.Title, Legend: legend(), Rank: rank(a.Contrast)}
	layer.Method = j.method(r)
	layer.Summary = j.summary(allBefore, allNow, changes)
	layer.Caveats = caveats(r, a.Contrast)
	return layer, nil
}

// sidesOf returns what rows came to in the period of r. Events are those of a time.
func sidesOf(ctx context.Context, c *analytics.Contrast, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (rows []analytics.Side, all analytics.Side, err error) {
	if rows, all, err = c.Sides(ctx, r, f, tallies); err != nil || c.Test != analytics.RateTest {
		return rows, all, err
	}
	times := perMonth(r, analytics.Span{From: r.From, To: r.To})
	timed := func(s *analytics.Side) {
		s.Exposure *= times
		s.Has = s.Has && s.Exposure > 0
	}
	for row := range rows {
		timed(&rows[row])
	}
	timed(&all)
	return rows, all, nil
}

// discover gives each row that is tested its q-value, and the word for what became of
// it.
func discover(changes []change) error {
	p, tested := make([]float64, len(changes)), make([]bool, len(changes))
	for row, c := range changes {
		p[row], tested[row] = c.P, c.tested
	}
	q, err := stats.BenjaminiHochberg(p, tested)
	if err != nil {
		return fmt.Errorf("adjust for the number of rows: %w", err)
	}
	for row := range changes {
		if c := &changes[row]; c.tested {
			c.q = q[row]
			c.status = c.direction()
		}
	}
	return nil
}

// minute is how moments are written in sentences.
const minute = "2006-01-02 15:04"

func (j *judge) method(r analytics.Request) string {
	day := func(t time.Time) string { return t.In(r.Zone).Format(minute) }
	return fmt.Sprintf("%s from %s to %s, compared with that from %s to %s (%s), both as of %s. %s "+
		"Interval at %v. Rows are said to have changed where q ≤ %v, by Benjamini and Hochberg over the rows that were tested.",
		j.Title, day(r.From), day(r.To), day(r.Against.From), day(r.Against.To), r.Zone, r.AsOf.In(r.Zone).Format(time.RFC3339), j.testWords(), j.level, falseShare)
}
