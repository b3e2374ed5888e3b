package engine

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/analytics/targeting"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// targetRings is how many steps around a cell the widest neighbourhood has that
// the ranking may choose.
const targetRings = 3

// halfLives are those that the ranking may choose from, in weeks.
func halfLives() []float64 { return []float64{8, 26, 52, 104} }

// targetArea returns the cells of a frame as an area to be ranked.
func (e *Engine) targetArea(ctx context.Context, v *view, f *analytics.Frame) (*targeting.Area, error) {
	area := &targeting.Area{}
	for _, c := range f.Cells {
		area.Centres = append(area.Centres, c.Centre())
	}
	var err error
	if area.SquareKm, err = v.withinKm2(f); err != nil {
		return nil, err
	}
	for k := range targetRings {
		ring, err := f.Around(k + 1)
		if err != nil {
			return nil, err
		}
		area.Rings = append(area.Rings, ring)
	}
	source, err := withPlaces(ctx, e.store, v, nil)
	if err != nil {
		return nil, err
	}
	people := data.Rollup{
		Name: "people", Dataset: analytics.Places, Keys: []data.Key{f.Key},
		Sums: []data.Sum{{Name: analytics.PlacePeople, Column: analytics.PlacePeople}},
	}
	tallies, err := agg.Collect(ctx, source, f, []data.Rollup{people}, e.options.Explain)
	if err != nil {
		return nil, err
	}
	if tallies[0].Total(analytics.PlacePeople) > 0 {
		area.People = make([]float64, f.Len())
		for row, thousandths := range tallies[0].Dense(analytics.PlacePeople, f.Len()) {
			area.People[row] = float64(thousandths) / 1000
		}
	}
	return area, nil
}

// withinKm2 returns the area of each cell of a frame that lies within the
// boundaries of the study area, in km²: all of it where there are none, or where
// cells count that lie beyond them.
func (v *view) withinKm2(f *analytics.Frame) ([]float64, error) {
	if f.Inside == nil {
		return f.SquareKm, nil
	}
	inside := f.Inside // the city, of which the frame may be a part
	if f.Within != "" {
		var err error
		if inside, err = insideShares(f.Cells, v.hierarchy.Outermost(f.Within)); err != nil {
			return nil, err
		}
	}
	within := make([]float64, len(f.SquareKm))
	for row, km2 := range f.SquareKm {
		within[row] = km2 * inside[row]
	}
	return within, nil
}

// spacing returns about how far the centres of neighbouring cells lie apart.
func spacing(f *analytics.Frame) geo.Metres {
	var sum geo.Metres
	n := 0
	for row, c := range f.Cells {
		for _, near := range f.Neighbours.Of(row) {
			sum += geo.Distance(c.Centre(), f.Cells[near].Centre())
			n++
		}
	}
	if n == 0 { // a single cell, or none beside another
		return 2 * geo.EdgeLength(f.Unit.Resolution)
	}
	return sum / geo.Metres(n)
}

// cellsOnly returns the parameters all analyses have in common without those that
// make no sense where cells are ranked, and others.
func cellsOnly(without ...string) []analytics.Param {
	drop := map[string]bool{"level": true, recorded: true, "as-of": true}
	for _, name := range without {
		drop[name] = true
	}
	var params []analytics.Param
	for _, p := range common() {
		if !drop[p.Name] {
			params = append(params, p)
		}
	}
	return params
}

// steadily does work on one state of the store: again, if it was written to
// meanwhile. A store that is written to without a pause gets the last try.
func (e *Engine) steadily(ctx context.Context, work func() error) error {
	for try := 1; ; try++ {
		now := e.present()
		began, err := e.versionAt(ctx, now)
		if err != nil {
			return err
		}
		if err := work(); err != nil || try == maxTries {
			return err
		}
		version, err := e.versionAt(ctx, now)
		if err != nil || version == began {
			return err
		}
	}
}

// errNoCells says that there is nothing to rank.
var errNoCells = fmt.Errorf("the study area has no cell: %w", data.ErrNotFound)
