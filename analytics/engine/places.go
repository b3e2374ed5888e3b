package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// placesResolution is the H3 resolution of places: cells 130 m across, smaller
// than any distance people walk.
const placesResolution geo.Resolution = 10

// places is a source that has, beside its own datasets, that of the places where
// people live.
type places struct {
	data.Source
	batch data.Batch
}

// Schema implements data.Source.
func (p places) Schema(d data.Dataset) []data.Column {
	if d == analytics.Places {
		return p.batch.Columns()
	}
	return p.Source.Schema(d)
}

// Scan implements data.Source.
func (p places) Scan(ctx context.Context, q data.Query) data.Batches {
	if q.Dataset != analytics.Places {
		return p.Source.Scan(ctx, q)
	}
	return func(yield func(data.Batch, error) bool) { yield(q.Filter(p.batch)) }
}

// plainPlaces adds the places to a source. They are made once for a version of the
// store.
func (e *Engine) plainPlaces(ctx context.Context, source data.Source, v *view) (places, error) {
	batch, err := e.areas.placesOnce(v.content, func() (data.Batch, error) {
		made, err := withPlaces(ctx, source, v, nil)
		if err != nil {
			return data.Batch{}, err
		}
		return made.batch, nil
	})
	return places{source, batch}, err
}

// placesOnce returns the places of a version, made if they were not before.
func (c *areaCache) placesOnce(version string, build func() (data.Batch, error)) (data.Batch, error) {
	c.mu.Lock()
	c.turnLocked(version)
	kept := c.places
	c.mu.Unlock()
	if kept != nil {
		return *kept, nil
	}
	batch, err := build()
	if err != nil {
		return data.Batch{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turnLocked(version)
	c.places = &batch
	return batch, nil
}

// withPlaces adds the places to a source, with what is in their reach.
func withPlaces(ctx context.Context, source data.Source, v *view, reaches []indicator.Reach) (places, error) {
	reached := make([]map[geo.Cell]bool, len(reaches))
	for i, r := range reaches {
		var err error
		if reached[i], err = inReach(ctx, source, r); err != nil {
			return places{}, err
		}
	}
	columns := []data.Column{
		{Name: analytics.PlaceWhere, Type: data.Code},
		{Name: "community", Type: data.Code},
		{Name: analytics.PlacePeople, Type: data.Int},
		{Name: analytics.PlaceArea, Type: data.Int},
		{Name: analytics.PlaceCell, Type: data.Cell},
	}
	for _, res := range v.settings.Resolutions {
		columns = append(columns, data.Column{Name: data.CellColumn(res), Type: data.Cell})
	}
	for _, r := range reaches {
		columns = append(columns, data.Column{Name: r.Column, Type: data.Int})
	}
	b := data.NewBuilder(columns)
	if err := v.appendPlaces(b, reached); err != nil {
		return places{}, fmt.Errorf("make places: %w", err)
	}
	return places{source, b.Build()}, nil
}

// inReach returns the cells whose centre is in reach of a resource, nil where
// there is no resource.
func inReach(ctx context.Context, source data.Source, r indicator.Reach) (map[geo.Cell]bool, error) {
	var found map[geo.Cell]bool
	query := data.Query{Dataset: data.Resources, Columns: []string{"lon", "lat"}, Where: r.Resources}
	for b, err := range source.Scan(ctx, query) {
		if err != nil {
			return nil, fmt.Errorf("find resources: %w", err)
		}
		lon, lat, valid := b.Floats("lon"), b.Floats("lat"), b.Valid("lon")
		for row := range b.Len() {
			if err := ctx.Err(); err != nil { // a resource can reach a million cells
				return nil, err
			}
			if !valid.At(row) {
				continue
			}
			if found == nil {
				found = map[geo.Cell]bool{}
			}
			if err := spread(found, orb.Point{lon[row], lat[row]}, geo.Metres(r.Metres)); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// spread adds the cells whose centre is within a distance of a point.
func spread(found map[geo.Cell]bool, p orb.Point, within geo.Metres) error {
	centre, err := geo.CellAt(p, placesResolution)
	if err != nil {
		return err
	}
	const step = 75 // metres that a ring is farther than the one before, at least, where cells are smallest
	for _, c := range centre.Disk(int(within/step) + 2) {
		if !found[c] && geo.Distance(c.Centre(), p) <= within {
			found[c] = true
		}
	}
	return nil
}

// appendPlaces appends the cells whose centre lies in a community, each with the
// finest that holds it.
func (v *view) appendPlaces(b *data.Builder, reached []map[geo.Cell]bool) error {
	taken := map[geo.Cell]string{}
	for _, level := range slices.Backward(v.hierarchy.Levels()) {
		for _, c := range v.hierarchy.At(level) {
			cells, err := geo.Cover(c.Outline, placesResolution, geo.Centre)
			if err != nil {
				return fmt.Errorf("fill %s: %w", c.Code, err)
			}
			for _, cell := range cells {
				if taken[cell] == "" {
					taken[cell] = c.Code
				}
			}
		}
	}
	people := v.inhabitants(taken)
	cells := make([]geo.Cell, 0, len(taken))
	for cell := range taken {
		cells = append(cells, cell)
	}
	slices.Sort(cells)
	for _, cell := range cells {
		b.SetText(0, data.LocationPoint)
		b.SetText(1, taken[cell])
		if n, ok := people[cell]; ok {
			b.SetInt(2, n)
		} else {
			b.Missing(2)
		}
		b.SetInt(3, int64(cell.Area()))
		b.SetCell(4, cell)
		for i, res := range v.settings.Resolutions {
			at, err := geo.CellAt(cell.Centre(), res)
			if err != nil {
				return err
			}
			b.SetCell(5+i, at)
		}
		for i, found := range reached {
			column := 5 + len(v.settings.Resolutions) + i
			switch {
			case found == nil:
				b.Missing(column)
			case found[cell]:
				b.SetInt(column, 1)
			default:
				b.SetInt(column, 0)
			}
		}
	}
	return nil
}

// inhabitants spreads the population of each community, in thousandths, over the
// cells that lie in no community of known population below it, less what those have.
func (v *view) inhabitants(taken map[geo.Cell]string) map[geo.Cell]int64 {
	cellsOf := map[string][]geo.Cell{}
	for cell, code := range taken {
		for code != "" {
			if c, ok := v.hierarchy.Get(code); ok && c.HasPopulation {
				cellsOf[code] = append(cellsOf[code], cell)
				break
			}
			code, _ = v.hierarchy.Parent(code)
		}
	}
	below := v.knownBelow()
	people := make(map[geo.Cell]int64, len(taken))
	for code, cells := range cellsOf {
		c, _ := v.hierarchy.Get(code)
		slices.Sort(cells)
		n, left := int64(len(cells)), 1000*max(0, c.Population-below[code])
		for i, cell := range cells {
			share := left / (n - int64(i))
			people[cell] = share
			left -= share
		}
	}
	return people
}

// knownBelow returns how many people live in the communities of known population that
// lie next below each other one of known population.
func (v *view) knownBelow() map[string]int64 {
	below := map[string]int64{}
	for _, level := range v.hierarchy.Levels() {
		for _, c := range v.hierarchy.At(level) {
			if !c.HasPopulation {
				continue
			}
			for code, ok := v.hierarchy.Parent(c.Code); ok && code != ""; code, ok = v.hierarchy.Parent(code) {
				if above, known := v.hierarchy.Get(code); known && above.HasPopulation {
					below[code] += c.Population
					break
				}
			}
		}
	}
	return below
}
