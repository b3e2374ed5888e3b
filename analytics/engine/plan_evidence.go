package engine

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/analytics/hotspot"
	"github.com/civgrid/civgrid/data"
)

// hotWeeks is over how many weeks hot spots are looked for.
const hotWeeks = 13

// An evidence is what is known of a cell before the day of a plan.
type evidence struct {
	reports, recent int64 // of all weeks, and of the recent ones
	overdue         int64 // open cases past their deadline
	hot             string
	inspected       time.Time // zero for never
	failed          bool      // then
}

// look finds what speaks for each cell.
func (p *planner) look(ctx context.Context) error {
	for _, find := range []func(context.Context) error{p.overdue, p.inspections, p.hotspots} {
		if err := find(ctx); err != nil {
			return err
		}
	}
	return nil
}

// overdue counts the cases that were open when the day began, and past their
// deadline.
func (p *planner) overdue(ctx context.Context) error {
	at := p.request.AsOf
	open := data.Any{
		data.Compare{Column: "status", Op: data.Equal, Value: data.StatusOpen},
		data.Compare{Column: "closed_at", Op: data.Greater, Value: at},
	}
	where := p.request.Narrow(data.All{
		open,
		data.Compare{Column: "reported_at", Op: data.LessOrEqual, Value: at},
		data.Compare{Column: "due_at", Op: data.LessOrEqual, Value: at},
	})
	rollup := data.Rollup{Name: "overdue", Dataset: data.Incidents, Where: where, Keys: []data.Key{p.frame.Key}, Counts: []data.Count{{Name: "n"}}}
	tallies, err := agg.Collect(ctx, p.engine.store, p.frame, []data.Rollup{rollup}, p.engine.options.Explain)
	if err != nil {
		return err
	}
	for row, n := range tallies[0].Dense("n", p.frame.Len()) {
		p.seen[row].overdue = n
	}
	return nil
}

// inspections finds the last inspection of each cell, and whether anything was
// found wrong then.
func (p *planner) inspections(ctx context.Context) error {
	column := data.CellColumn(p.frame.Unit.Resolution)
	query := data.Query{
		Dataset: data.Inspections, Columns: []string{"inspected_at", "result", "found", column},
		Where: data.Compare{Column: "inspected_at", Op: data.LessOrEqual, Value: p.request.AsOf},
	}
	for b, err := range p.engine.store.Scan(ctx, query) {
		if err != nil {
			return fmt.Errorf("read inspections: %w", err)
		}
		cells, placed, at := b.Cells(column), b.Valid(column), b.Ints("inspected_at")
		results, found, counted := b.Codes("result"), b.Ints("found"), b.Valid("found")
		for i := range b.Len() {
			p.it.Inspected = true
			row, ours := slices.BinarySearch(p.frame.Cells, cells[i])
			if !placed.At(i) || !ours {
				continue
			}
			when := time.UnixMicro(at[i]).UTC()
			failed := results.Valid().At(i) && results.At(i) == "fail" || counted.At(i) && found[i] > 0
			switch seen := &p.seen[row]; {
			case when.After(seen.inspected):
				seen.inspected, seen.failed = when, failed
			case when.Equal(seen.inspected):
				seen.failed = seen.failed || failed
			}
		}
	}
	return nil
}

// hotspots finds the hot spots of the last weeks.
func (p *planner) hotspots(ctx context.Context) error {
	given := map[string]string{"to": p.day.Format(time.RFC3339), "from": p.day.AddDate(0, 0, -7*hotWeeks).Format(time.RFC3339)}
	shared := p.request.Params.All()
	for _, param := range cellsOnly("from", "to") {
		if value, ok := shared[param.Name]; ok {
			given[param.Name] = value
		}
	}
	request, err := p.view.request(hotspot.Analysis, given)
	if err != nil {
		return err
	}
	request.AsOf = p.request.AsOf
	layer, err := p.engine.run(ctx, hotspot.Analysis, request, p.view)
	if err != nil {
		return err
	}
	class, _ := layer.Column("class")
	for row, word := range class.Words {
		if class.Has(row) && slices.Contains([]string{hotspot.Hot90, hotspot.Hot95, hotspot.Hot99}, word) {
			p.seen[row].hot = word
		}
	}
	return nil
}

// resting reports whether a cell was inspected too recently.
func (p *planner) resting(row int) bool {
	at := p.seen[row].inspected
	return !at.IsZero() && p.day.Sub(at).Hours() < 24*p.it.Settings.Revisit
}

// daysSince returns how many midnights of the city lie between a moment and the
// day of the plan.
func (p *planner) daysSince(at time.Time) int64 {
	return int64(math.Round(p.day.Sub(startOfDay(at.In(p.view.zone))).Hours() / 24))
}

// reasons returns what speaks for a cell, or must be known there.
func (p *planner) reasons(row int) []analytics.Reason {
	seen := p.seen[row]
	reasons := []analytics.Reason{}
	add := func(code string, n int64) {
		reasons = append(reasons, analytics.Reason{Code: code, N: n})
	}
	if seen.overdue > 0 {
		add(analytics.ReasonOverdue, seen.overdue)
	}
	if seen.reports > 0 {
		reasons = append(reasons, p.reported(row))
	}
	if seen.hot != "" {
		reasons = append(reasons, analytics.Reason{Code: analytics.ReasonHot, Class: seen.hot})
	}
	switch {
	case seen.failed:
		add(analytics.ReasonFailed, p.daysSince(seen.inspected))
	case !seen.inspected.IsZero():
		add(analytics.ReasonInspected, p.daysSince(seen.inspected))
	case seen.reports == 0 && p.people != nil && p.people[row] >= 0.5:
		add(analytics.ReasonBlind, int64(math.Round(p.people[row])))
	case p.it.Inspected:
		add(analytics.ReasonNever, 0)
	}
	return reasons
}

// reported says how many reports there were in a cell that has any.
func (p *planner) reported(row int) analytics.Reason {
	r := analytics.Reason{Code: analytics.ReasonReports, N: p.seen[row].recent, Expected: p.before[row].Mean}
	if r.N == 0 {
		r.Code, r.N = analytics.ReasonPast, p.seen[row].reports
	} else if _, high, ok := p.before[row].Interval(1 - 2*risingAlpha); ok && r.N > int64(high) {
		r.Code = analytics.ReasonRising
	}
	return r
}

// risingAlpha is how likely it is, at most, that a cell is said to rise where
// nothing changed.
const risingAlpha = 0.01

// name returns the code and the names of the finest community at a cell's centre.
func (p *planner) name(row int) (code string, names data.Names) {
	path := p.frame.Path(row)
	if len(path) == 0 {
		return "", nil
	}
	code = path[len(path)-1]
	c, _ := p.view.hierarchy.Get(code)
	return code, maps.Clone(c.Names)
}
