package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/data"
)

// run makes the layer of a complete request.
func (e *Engine) run(ctx context.Context, a analytics.Analysis, r analytics.Request, v *view) (*analytics.Layer, error) {
	area, err := e.area(ctx, v, r)
	if err != nil {
		return nil, err
	}
	hidden, err := e.untold(ctx, a, r, v, area.frame)
	if err != nil {
		return nil, err
	}
	frame := area.frame.Without(hidden)
	rollups, err := a.Plan(r, frame)
	if err != nil {
		return nil, fmt.Errorf("plan %s: %w", a.Name, err)
	}
	source, err := e.recorded(r)
	if err != nil {
		return nil, err
	}
	var around places
	switch {
	case len(v.reaches) > 0:
		around, err = withPlaces(ctx, source, v, v.reaches)
		source = around
	case a.Places != nil && a.Places(r):
		around, err = e.plainPlaces(ctx, source, v)
		source = around
	}
	if err != nil {
		return nil, err
	}
	if a.Sites {
		if frame, err = withSites(ctx, source, frame, r.AsOf); err != nil {
			return nil, err
		}
		frame.Homes = around.homes(frame)
	}
	facts := a.Facts(source, r)
	tallies, err := agg.Collect(ctx, facts, frame, rollups, e.options.Explain)
	if err != nil {
		return nil, err
	}
	if v.isOpen() {
		withhold(rollups, tallies)
	}
	layer, err := a.Compute(ctx, r, frame, tallies)
	if err != nil {
		return nil, fmt.Errorf("compute %s: %w", a.Name, err)
	}
	layer.Name, layer.Title, layer.Reference, layer.Frame = a.Name, cmp.Or(layer.Title, a.Title), a.Reference, frame
	if v.isOpen() {
		disclose(layer, v, area.frame, hidden, rollups, tallies)
	}
	layer.Columns = append(slices.Clip(area.identity), layer.Columns...)
	stamp(layer, r, v)
	if err := account(ctx, a, r, v, layer, facts, rollups, tallies); err != nil {
		return nil, err
	}
	return layer, nil
}

// account says of a layer where the facts behind it are, why it shows little, which
// state of the facts it is of, and how many at default locations it leaves out.
func account(ctx context.Context, a analytics.Analysis, r analytics.Request, v *view, layer *analytics.Layer, facts data.Source, rollups []data.Rollup, tallies []analytics.Tally) (err error) {
	if v.isOpen() {
		return nil // it tells of facts in no row
	}
	if layer.Balances, err = balances(ctx, facts, v, layer.Frame, rollups, tallies); err != nil {
		return err
	}
	if empty := tellEmptiness(layer, rollups, tallies, v); empty {
		if err := tellUnknown(ctx, facts, layer, rollups[0].Dataset, r.Params); err != nil {
			return err
		}
	}
	tellRecorded(layer, r)
	if v.report == nil || len(v.report.Defaults) == 0 || len(rollups) == 0 || rollups[0].Dataset == analytics.Places {
		return nil
	}
	n, err := atDefaults(ctx, facts, a, r, v, layer.Frame)
	if err != nil {
		return err
	}
	tellDefaults(layer, r, v, n)
	return nil
}

// stamp adds what every layer carries: provenance and quality.
func stamp(layer *analytics.Layer, r analytics.Request, v *view) {
	if !v.isOpen() {
		layer.Quality = v.report
	}
	layer.Provenance = provenance(r, v, layer.Frame)
	countClasses(layer)
}

// provenance says what the answer to a request is made of.
func provenance(r analytics.Request, v *view, f *analytics.Frame) analytics.Provenance {
	return analytics.Provenance{
		DataVersion: v.version, Unit: r.Unit.String(), Within: r.Within,
		From: r.From, To: r.To, Against: r.Against, AsOf: r.AsOf, Recorded: r.Recorded, Zone: v.zone.String(),
		StudyArea: f.Describe, Params: r.Params.All(), Boundaries: v.boundaries,
	}
}

// recorded returns the facts as the store had them when the request says.
func (e *Engine) recorded(r analytics.Request) (data.Source, error) {
	if r.Recorded.IsZero() {
		return e.store, nil
	}
	historian, ok := e.store.(data.Historian)
	if !ok {
		return nil, &analytics.ParamError{Name: recorded, Value: r.Recorded.Format(time.RFC3339), Why: "this store keeps no history"}
	}
	return historian.AsOf(r.Recorded), nil
}

// tellRecorded says which state of the facts a layer is of, where it is not the
// present one, or where it could be thought not to be.
func tellRecorded(layer *analytics.Layer, r analytics.Request) {
	switch asked := r.Params.Text("as-of") != ""; {
	case !r.Recorded.IsZero():
		layer.Caveats = append(layer.Caveats, "Facts are as the store had them on "+r.Recorded.In(r.Zone).Format(time.RFC3339)+"; what came later, or was corrected later, is not in them.")
	case asked && r.Params.Text(recorded) == "":
		layer.Caveats = append(layer.Caveats, "Facts are as the store has them now: none were kept as early as the moment of judgement.")
	}
}

// tellEmptiness says why a layer shows little or nothing, where that is not
// what its numbers mean, and reports whether there are no facts at all.
func tellEmptiness(layer *analytics.Layer, rollups []data.Rollup, tallies []analytics.Tally, v *view) (empty bool) {
	if len(tallies) == 0 {
		return false // it counts no facts
	}
	some := func(n int64) bool { return n != 0 }
	inRows, beyond := false, false
	seen := map[string]bool{}
	for i, t := range tallies {
		if seen[rollups[i].Name] {
			continue // of an earlier period
		}
		seen[rollups[i].Name] = true
		inRows = inRows || len(t.Rows) > 0
		beyond = beyond || slices.ContainsFunc(t.Elsewhere, some) || slices.ContainsFunc(t.Nowhere, some)
	}
	cells := layer.Frame.Unit.IsCells()
	switch {
	case !inRows && !beyond:
		layer.Caveats = append(layer.Caveats, "No fact of the period meets the conditions.")
	case !inRows && cells && len(v.hierarchy.Levels()) > 0:
		layer.Caveats = append(layer.Caveats, "None of the facts lies in a cell of the layer. Facts without coordinates show by community: choose a level.")
	case !inRows:
		layer.Caveats = append(layer.Caveats, "None of the facts lies in a row of the layer.")
	}
	tellBoundless(layer, v)
	return !inRows && !beyond
}

// tellBoundless says what becomes of cells where there are no boundaries.
func tellBoundless(layer *analytics.Layer, v *view) {
	if layer.Frame.Unit.IsCells() && len(v.hierarchy.Levels()) == 0 {
		layer.Caveats = append(layer.Caveats, "There are no boundaries: the study area is made of the cells with facts and their neighbours, so cold spots and empty places are understated.")
	}
}

// atDefaults returns how many facts at default locations the analysis would
// have counted, or did count when they are kept: with it the facts of the
// period are complete.
func atDefaults(ctx context.Context, facts data.Source, a analytics.Analysis, r analytics.Request, v *view, f *analytics.Frame) (n int64, err error) {
	r.Where = append(v.narrowedTo(r.Params), data.Not{Condition: data.NotAt(v.report.Defaults)})
	rollups, err := a.Plan(r, f)
	if err != nil {
		return 0, fmt.Errorf("plan %s: %w", a.Name, err)
	}
	first := rollups[0]
	for b, err := range facts.Scan(ctx, data.Query{Dataset: first.Dataset, Columns: []string{"source"}, Where: first.Where}) {
		if err != nil {
			return 0, fmt.Errorf("count facts at default locations: %w", err)
		}
		n += int64(b.Len())
	}
	return n, nil
}

// tellDefaults states how many facts at default locations were left out, or
// kept by request.
func tellDefaults(layer *analytics.Layer, r analytics.Request, v *view, n int64) {
	what := "left out"
	if !v.leavesOut(r) {
		what = "kept"
	}
	title := "Facts at default locations, " + what
	if r.Within != "" {
		title = "Facts of the whole city at default locations, " + what
	}
	layer.Summary = append(layer.Summary, analytics.Item{Key: "at_default_locations", Title: title, Value: n, Unit: "count"})
	for _, d := range v.report.Defaults {
		layer.Caveats = append(layer.Caveats, fmt.Sprintf(
			"The point %v, %v is no place but a default; facts of the period that stand on it are %s. %s", d.Lat, d.Lon, what, d.Reason))
	}
}

// countClasses counts the rows of each class of the legend.
func countClasses(layer *analytics.Layer) {
	column, ok := layer.Column(layer.Legend.Column)
	if !ok {
		panic(fmt.Sprintf("BUG: legend of %s colours %q, which is no column", layer.Name, layer.Legend.Column))
	}
	for row := range layer.Frame.Len() {
		if i := layer.Legend.Of(column, row); i >= 0 {
			layer.Legend.Classes[i].Rows++
		}
	}
}
