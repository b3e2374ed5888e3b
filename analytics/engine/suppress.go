package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// untold returns the rows of a study area that open data do not tell, nil where the
// answer is none. It asks what the request asks, month by month and of all levels or
// resolutions, whichever of them is asked for: so the answer is the same in whatever
// order requests come, and a row is told for several months where it is for each.
func (e *Engine) untold(ctx context.Context, a analytics.Analysis, r analytics.Request, v *view, f *analytics.Frame) ([]bool, error) {
	if !v.isOpen() {
		return nil, nil
	}
	hidden := make([]bool, f.Len())
	bounds := v.months(r.From, r.To)
	for i := range bounds[1:] {
		month := r
		month.From, month.To = bounds[i], bounds[i+1]
		rollups, err := a.Plan(month, f)
		if err != nil {
			return nil, fmt.Errorf("plan %s: %w", a.Name, err)
		}
		rollups = slices.DeleteFunc(slices.Clone(rollups), func(r data.Rollup) bool { return !guarded(r) })
		rows, err := untoldOf(ctx, a.Facts(e.store, month), rollups, v, f)
		if err != nil {
			return nil, fmt.Errorf("find what cannot be told: %w", err)
		}
		for row := range rows {
			hidden[row] = hidden[row] || rows[row]
		}
	}
	return hidden, nil
}

// guarded reports whether small counts of a rollup are not to be told: those of what
// persons reported. Inspections, resources and places are acts and assets of
// authorities, and what is published of where people live.
func guarded(r data.Rollup) bool { return r.Dataset == data.Incidents }

// untoldOf returns the rows that cannot be told for one month.
func untoldOf(ctx context.Context, facts data.Source, rollups []data.Rollup, v *view, f *analytics.Frame) ([]bool, error) {
	if f.Unit.IsCells() {
		var columns []string
		for _, r := range v.settings.Resolutions {
			columns = append(columns, data.CellColumn(r))
		}
		c, err := take(ctx, facts, rollups, columns, cellsAt)
		if err != nil {
			return nil, err
		}
		places := cellForest(c, v.settings.Resolutions).hidden(v.least)
		return rowsAmong(f, places, func(row int) geo.Cell { return f.Cells[row] }), nil
	}
	column := f.Unit.Party()
	if column == "" {
		column = "community"
	}
	c, err := take(ctx, facts, rollups, []string{column}, codesAt)
	if err != nil {
		return nil, err
	}
	tree := flatForest(c)
	if !f.Unit.IsParty() {
		tree = communityForest(c, v.hierarchy)
	}
	return rowsAmong(f, tree.hidden(v.least), func(row int) string { return f.Communities[row].Code }), nil
}

// withhold takes out of tallies what is not in told rows.
func withhold(rollups []data.Rollup, tallies []analytics.Tally) {
	for i := range tallies {
		if t := &tallies[i]; guarded(rollups[i]) {
			t.Elsewhere, t.Nowhere = make([]int64, len(t.Elsewhere)), make([]int64, len(t.Nowhere))
		}
	}
}

// aside are the items of a summary that tell of facts in no row, or of a single one.
func aside(item analytics.Item) bool {
	return slices.Contains([]string{"elsewhere", "without_place", "between_steps", "without_wait", "days_to_first"}, item.Key)
}

// disclose makes a layer of told rows one of the whole study area, as open data.
func disclose(layer *analytics.Layer, v *view, whole *analytics.Frame, hidden []bool, rollups []data.Rollup, tallies []analytics.Tally) {
	layer.Columns, layer.Frame = analytics.Spread(layer.Columns, hidden), whole
	layer.Matrix = nil // its counts are small, and those of different levels tell each other
	layer.Summary = slices.DeleteFunc(layer.Summary, aside)
	var n, facts int64
	for _, not := range hidden {
		if not {
			n++
		}
	}
	guards := false
	for i := range tallies {
		if guarded(rollups[i]) {
			guards = true
			facts += int64(len(tallies[i].Rows))
		}
	}
	if !guards {
		return
	}
	if n > 0 && facts == 0 {
		for i := range layer.Summary {
			if item := &layer.Summary[i]; item.Value == int64(0) {
				item.Value = nil // there are some, and they are not told
			}
		}
	}
	layer.Summary = append(layer.Summary, analytics.Item{Key: suppressed, Title: "Rows whose figures are not told", Value: n, Unit: "count"})
	layer.Caveats = append(layer.Caveats, openCaveat(v.least, n))
	tellBoundless(layer, v)
}

// suppressed is the key of how many rows are not told.
const suppressed = "suppressed"

func openCaveat(least, hidden int64) string {
	text := fmt.Sprintf("These are open data: a count of reports under %d in a month, unless it is 0, is not told, nor what would tell it by subtraction.", least)
	if hidden == 0 {
		return text + " No row is concerned."
	}
	return text + fmt.Sprintf(" The figures of %d rows are missing for that reason, which does not make them 0. The others are computed as if those lay outside the study area, and totals are of told rows only.", hidden)
}
