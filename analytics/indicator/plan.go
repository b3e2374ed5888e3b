package indicator

import (
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// periods returns the requests to count for: that of the period and, with
// Changes, those of the periods before it.
func (c *Compiled) periods(r analytics.Request) []analytics.Request {
	requests := []analytics.Request{r}
	if !r.Params.On(Changes) {
		return requests
	}
	previous, yearBefore := c.Period.Before(r.From, r.To, c.zone)
	for _, window := range []analytics.Span{previous, yearBefore} {
		earlier := r
		earlier.From, earlier.To = window.From, window.To
		requests = append(requests, earlier)
	}
	return requests
}

// plan returns the rollups of the definition and of its items and guards, in
// the order in which an evaluation takes their tallies.
func (c *Compiled) plan(r analytics.Request, f *analytics.Frame) []data.Rollup {
	var rollups []data.Rollup
	if c.kind.Counts != nil {
		dataset, where := c.dataset(), append(r.Narrow(c.members(r)), c.where.at(r.AsOf))
		if c.kind.Places {
			dataset, where = analytics.Places, nil
		}
		cases := data.Rollup{Name: c.Code, Dataset: dataset, Where: where, Keys: []data.Key{f.Key}, Counts: c.kind.Counts(c, r.AsOf)}
		if !c.kind.Places {
			cases.Counts = append(cases.Counts, data.Count{Name: analytics.AllFacts, Where: data.All{}})
		}
		if c.kind.Sums != nil {
			cases.Sums = c.kind.Sums(c, r.AsOf)
		}
		rollups = append(rollups, cases)
		if c.kindWaits() {
			rollups = append(rollups, c.waits(r, f, where))
		}
		if c.kind.Subjects {
			key, found := c.findings(r.AsOf)
			rollups = append(rollups, data.Rollup{
				Name: c.Code + " by subject", Dataset: dataset, Where: where, Keys: []data.Key{f.Key, key}, Counts: []data.Count{found},
			})
		}
	}
	for _, part := range c.parts() {
		rollups = append(rollups, part.plan(r, f)...)
	}
	return rollups
}

// parts returns the items and then the guards.
func (c *Compiled) parts() []*Compiled {
	return append(c.items[:len(c.items):len(c.items)], c.guards...)
}

// members returns the condition of the facts that belong to the period of a
// request: by their deadline where they have one and the period goes by it, else
// by the event it goes by. What began after the moment of judgement is not
// known yet.
func (c *Compiled) members(r analytics.Request) data.Condition {
	in := func(column string) data.All {
		return data.All{
			data.Compare{Column: column, Op: data.GreaterOrEqual, Value: r.From},
			data.Compare{Column: column, Op: data.Less, Value: r.To},
		}
	}
	start := c.timing.Start
	began := data.Compare{Column: start, Op: data.LessOrEqual, Value: r.AsOf}
	column := c.eventOf(c.Period.By)
	if column == c.timing.Due && column != "" {
		return data.All{began, data.Any{in(column), append(data.All{data.Missing{Column: column}}, in(start)...)}}
	}
	members := append(data.All{began}, in(column)...)
	if isEvent(column) && column != start {
		members = append(members, data.Compare{Column: column, Op: data.LessOrEqual, Value: r.AsOf})
	}
	return members
}

// eventOf returns the column that puts a fact into a period. Timed cases under
// the matured policy go by their deadline unless told otherwise.
func (c *Compiled) eventOf(by string) string {
	t := &c.timing
	switch by {
	case "":
		if c.byPolicy() && c.policy() == Matured && t.Due != "" {
			return t.Due
		}
		return t.Start
	case "due":
		return or(t.Due, t.Start)
	case "opened":
		return or(data.EventTime(c.dataset()), "valid_from")
	case "registered":
		return "registered_at"
	case "closed":
		return t.Stop
	case "inspected":
		return "inspected_at"
	}
	return by
}

// waits counts closed and open cases by their time on the clock.
func (c *Compiled) waits(r analytics.Request, f *analytics.Frame, where data.Condition) data.Rollup {
	t, asOf := &c.timing, r.AsOf
	if t.from != t.Start {
		asOf = forever() // the columns end where the case was judged
	}
	open, _ := t.Population(Open, r.AsOf)
	return data.Rollup{
		Name: c.Code + " waits", Dataset: c.dataset(), Where: where,
		Keys: []data.Key{f.Key, data.ByWait{From: t.from, To: t.to, AsOf: asOf, Bounds: stats.WaitBounds()}},
		Counts: []data.Count{
			{Name: "closed", Where: data.All{t.Closed(r.AsOf), c.alive(r.AsOf)}},
			{Name: "open", Where: open},
		},
	}
}

func (c *Compiled) alive(asOf time.Time) data.Condition {
	all, _ := c.timing.Population(AllCases, asOf)
	return all
}

// populations returns the counts of the populations, of timed cases and where
// the open policy decides only. Without a clock no case has a limit.
func (c *Compiled) populations(asOf time.Time) []data.Count {
	if c.Clock == nil && !c.byPolicy() {
		return nil
	}
	return c.timing.Populations(asOf)
}
