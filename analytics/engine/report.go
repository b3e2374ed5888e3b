package engine

import (
	"context"
	"maps"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// ReportParams returns the parameters of a report: those of an indicator, but
// its rows are areas, and it tells no changes.
func ReportParams() []analytics.Param {
	left := []string{"res", "fill", indicator.Changes, Compare}
	params := slices.DeleteFunc(Params(indicator.Analysis), func(p analytics.Param) bool { return slices.Contains(left, p.Name) })
	for i := range params {
		if p := &params[i]; p.Name == "level" {
			p.Title, p.Doc = "level of the areas", "Default: street or, where there are none, the finest level above unit_grid."
			p.Choices = nil
			for _, l := range data.Levels() {
				p.Choices = append(p.Choices, string(l))
			}
		}
	}
	return params
}

// Report computes the tables that planners publish of an indicator. Parameters
// are given as text, by the names of [ReportParams]. Errors are those of Run.
func (e *Engine) Report(ctx context.Context, given map[string]string) (*analytics.Report, error) {
	if _, err := analytics.ParseValues(ReportParams(), given); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		now := e.present()
		began, err := e.versionAt(ctx, now)
		if err != nil {
			return nil, err
		}
		report, err := e.tryReport(ctx, given)
		if err != nil || try == maxTries {
			return report, err
		}
		version, err := e.versionAt(ctx, now)
		if err != nil || version == began {
			return report, err
		}
	}
}

func (e *Engine) tryReport(ctx context.Context, given map[string]string) (*analytics.Report, error) {
	v, err := e.look(ctx, data.Incidents)
	if err != nil {
		return nil, err
	}
	level, err := v.areasOf(given)
	if err != nil {
		return nil, err
	}
	byArea, err := e.settle(ctx, v, atLevel(given, level))
	if err != nil {
		return nil, err
	}
	byUnit, err := e.settle(ctx, v, atLevel(given, analytics.ResponsibleUnit))
	if err != nil {
		return nil, err
	}
	levels := []settled{byArea}
	told := e.names(byUnit.view.dataset, byUnit.request.Unit.Party())
	if told {
		levels = append(levels, byUnit)
	}
	var done []reckoned
	for i, s := range levels {
		r, err := e.reckon(ctx, s, i, len(levels))
		if err != nil {
			return nil, err
		}
		done = append(done, r)
	}
	if !told {
		done = append(done, reckoned{settled: byUnit, components: done[0].components, all: done[0].all})
	}
	return reportOf(done[0], done[1]), nil
}

func atLevel(given map[string]string, level data.Level) map[string]string {
	asked := maps.Clone(given)
	if asked == nil {
		asked = map[string]string{}
	}
	asked["level"] = string(level)
	return asked
}

// areasOf returns the level of the areas of a report: the one that is asked for,
// else streets, else the finest that is no unit grid. Within an area it is one
// below that of the area, if there is any.
func (v *view) areasOf(given map[string]string) (data.Level, error) {
	if level := given["level"]; level != "" {
		return data.Level(level), nil
	}
	levels := v.hierarchy.Levels()
	if area, ok := v.hierarchy.Get(given["within"]); ok {
		below := map[data.Level]bool{}
		for _, code := range v.hierarchy.Within(area.Code) {
			c, _ := v.hierarchy.Get(code)
			below[c.Level] = c.Code != area.Code || len(v.hierarchy.Within(area.Code)) == 1
		}
		levels = slices.DeleteFunc(levels, func(l data.Level) bool { return !below[l] })
	}
	if slices.Contains(levels, data.Street) {
		return data.Street, nil
	}
	for _, l := range slices.Backward(levels) {
		if l != data.UnitGrid || len(levels) == 1 {
			return l, nil
		}
	}
	return "", &analytics.ParamError{Name: "level", Why: "a report is by areas, and no boundaries have been imported (civgrid import boundaries FILE)"}
}

// names reports whether facts of a dataset can say who answers for them.
func (e *Engine) names(d data.Dataset, party string) bool {
	return slices.ContainsFunc(e.store.Schema(d), func(c data.Column) bool { return c.Name == party })
}

// A reckoned is an indicator and each of its items, computed for the same rows.
type reckoned struct {
	settled
	components []indicator.Component
	whole      *analytics.Layer   // nil where facts do not say whose they are
	items      []*analytics.Layer // by component
	rows       []indicator.Outcome
	all        outcomes
	parts      [][]indicator.Outcome // by component and row
}

// outcomes are those of all facts together, of an indicator and of its items.
type outcomes struct {
	whole indicator.Outcome
	items []indicator.Outcome
}

// reckon computes an indicator and its items for one kind of rows, the at-th of
// so many.
func (e *Engine) reckon(ctx context.Context, s settled, at, of int) (reckoned, error) {
	r := reckoned{settled: s, components: s.compiled.Components()}
	steps := len(r.components) + 1
	run := func(c *indicator.Compiled, step int) (*analytics.Layer, error) {
		e.tell(ctx, c.Title("en")+" by "+s.request.Unit.String(), at*steps+step, of*steps)
		return e.run(ctx, indicator.AnalysisOf(c), s.request, s.view)
	}
	var err error
	if r.whole, err = run(s.compiled, 0); err != nil {
		return r, err
	}
	tellDefinition(r.whole, s)
	r.rows, r.all.whole = indicator.Outcomes(r.whole)
	for i, c := range r.components {
		layer := r.whole
		if c.Compiled != s.compiled {
			if layer, err = run(c.Compiled, i+1); err != nil {
				return r, err
			}
		}
		rows, all := indicator.Outcomes(layer)
		r.items, r.parts, r.all.items = append(r.items, layer), append(r.parts, rows), append(r.all.items, all)
	}
	return r, ctx.Err()
}
