package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// keptAreas is how many study areas an engine remembers.
const keptAreas = 16

// An area is a study area with the columns that name its rows.
type area struct {
	frame    *analytics.Frame
	identity []analytics.Column
}

// An areaCache remembers study areas and the hierarchy of one data version.
type areaCache struct {
	mu         sync.Mutex
	version    string
	hierarchy  *data.Hierarchy
	boundaries string // version of the communities
	areas      map[string]func() (area, error)
	parties    map[data.Dataset][]data.Level
	places     *data.Batch // where people live; nil until it is asked for
}

// turnLocked forgets what belongs to another version. mu must be held.
func (c *areaCache) turnLocked(version string) {
	if c.version != version {
		c.version, c.hierarchy, c.areas, c.parties, c.places = version, nil, nil, nil, nil
	}
}

// once returns the function that makes the area of a key: the one handed in,
// or the one that is under way or done already.
func (c *areaCache) once(version, key string, build func() (area, error)) func() (area, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turnLocked(version)
	if c.areas[key] == nil {
		if c.areas == nil || len(c.areas) >= keptAreas {
			c.areas = map[string]func() (area, error){}
		}
		c.areas[key] = sync.OnceValues(build)
	}
	return c.areas[key]
}

// forget drops an area that could not be made, so that it is tried again.
func (c *areaCache) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.areas, key)
}

// hierarchyAt returns the communities of a version, and what identifies them.
func (e *Engine) hierarchyAt(ctx context.Context, version string) (*data.Hierarchy, string, error) {
	e.areas.mu.Lock()
	defer e.areas.mu.Unlock()
	e.areas.turnLocked(version)
	if e.areas.hierarchy == nil {
		communities, err := e.store.Communities(ctx)
		if err != nil {
			return nil, "", fmt.Errorf("read communities: %w", err)
		}
		e.areas.hierarchy = data.NewHierarchy(communities)
		digest := sha256.New()
		for _, c := range communities {
			digest.Write([]byte(data.CommunityDigest(c)))
		}
		e.areas.boundaries = fmt.Sprintf("%x", digest.Sum(nil)[:8])
	}
	return e.areas.hierarchy, e.areas.boundaries, nil
}

// area returns the study area of a request, from memory where it was made
// before.
func (e *Engine) area(ctx context.Context, v *view, r analytics.Request) (area, error) {
	key := strings.Join([]string{r.Unit.String(), r.Within, r.Params.Text("fill"), string(v.dataset), fmt.Sprint(v.located(r))}, "\x00")
	shared := context.WithoutCancel(ctx) // others may wait for it: who asked first must not take it from them
	a, err := e.areas.once(v.content, key, func() (area, error) { return e.makeArea(shared, v, r) })()
	if err != nil {
		e.areas.forget(key)
		return area{}, fmt.Errorf("make the study area: %w", err)
	}
	return a, nil
}

func (e *Engine) makeArea(ctx context.Context, v *view, r analytics.Request) (a area, err error) {
	a.frame = &analytics.Frame{Unit: r.Unit, Within: r.Within, Tables: &analytics.NeighbourTables{}}
	if r.Unit.IsParty() {
		if err = e.fillParties(ctx, v, a.frame); err == nil {
			a.identity = communityIdentity(a.frame, v.hierarchy)
		}
		return a, err
	}
	if !r.Unit.IsCells() {
		if err = v.fillCommunities(a.frame); err == nil {
			a.identity = communityIdentity(a.frame, v.hierarchy)
		}
		return a, err
	}
	if err = e.fillCells(ctx, v, a.frame, r); err == nil {
		a.identity, err = cellIdentity(a.frame, v.hierarchy)
	}
	return a, err
}

// fillCells makes the rows of a frame of cells: the fill of the outlines at the
// roots of the hierarchy, or where there are no outlines the cells with facts
// and their neighbours.
func (e *Engine) fillCells(ctx context.Context, v *view, f *analytics.Frame, r analytics.Request) error {
	column, fill := data.CellColumn(f.Unit.Resolution), r.Params.Text("fill")
	f.Key = data.ByCell{Column: column}
	outlines := v.hierarchy.Outermost(f.Within)
	mode, err := geo.ParseCoverMode(strings.TrimSuffix(fill, plusObserved))
	if err != nil {
		return err
	}
	described := "cells that overlap the boundary"
	if mode == geo.Centre {
		described = "cells whose centre lies inside the boundary"
	}
	for _, c := range outlines {
		cells, err := geo.Cover(c.Outline, f.Unit.Resolution, mode)
		if err != nil {
			return fmt.Errorf("fill %s: %w", c.Code, err)
		}
		f.Cells = append(f.Cells, cells...)
	}
	if len(outlines) == 0 || strings.HasSuffix(fill, plusObserved) {
		observed, err := e.observed(ctx, v, column, v.located(r))
		if err != nil {
			return err
		}
		described += ", and cells with facts"
		if len(outlines) == 0 {
			observed, described = withRing(observed), "cells with facts and their neighbours, as there are no boundaries"
		}
		f.Cells = append(f.Cells, observed...)
	}
	slices.Sort(f.Cells)
	f.Cells = slices.Compact(f.Cells)
	f.Describe = described
	if len(outlines) > 0 && !strings.HasSuffix(fill, plusObserved) {
		var err error
		if f.Inside, err = insideShares(f.Cells, v.hierarchy.Outermost("")); err != nil {
			return err
		}
	}
	return finishCells(f)
}

// located returns the condition of the facts whose cells belong to the study
// area of a request: those of the community it is cut to, and at no default
// location unless they are kept.
func (v *view) located(r analytics.Request) data.Condition {
	var all data.All
	if r.Within != "" {
		all = append(all, data.In{Column: "community", Words: v.hierarchy.Within(r.Within)})
	}
	if v.leavesOut(r) {
		all = append(all, data.NotAt(v.report.Defaults))
	}
	return all
}

// observed returns every cell of the column with a fact that meets where.
func (e *Engine) observed(ctx context.Context, v *view, column string, where data.Condition) ([]geo.Cell, error) {
	seen := map[geo.Cell]bool{}
	for b, err := range e.store.Scan(ctx, data.Query{Dataset: v.dataset, Columns: []string{column}, Where: where}) {
		if err != nil {
			return nil, fmt.Errorf("find cells with facts: %w", err)
		}
		valid := b.Valid(column)
		for i, c := range b.Cells(column) {
			if valid.At(i) {
				seen[c] = true
			}
		}
	}
	return slices.Collect(maps.Keys(seen)), nil
}

func withRing(cells []geo.Cell) []geo.Cell {
	var all []geo.Cell
	for _, c := range cells {
		all = append(all, c.Disk(1)...)
	}
	return all
}

// finishCells adds areas, neighbours and edges to a frame of sorted cells.
func finishCells(f *analytics.Frame) error {
	start, rows, full, err := geo.Neighbours(f.Cells, 1)
	if err != nil {
		return err
	}
	f.Neighbours = analytics.Adjacency{Start: start, Rows: rows}
	f.SquareKm, f.Edge = make([]float64, len(f.Cells)), make([]bool, len(f.Cells))
	for i, c := range f.Cells {
		f.SquareKm[i] = float64(c.Area()) / 1e6
		f.Edge[i] = !full[i]
	}
	return nil
}

// touchResolution returns the H3 resolution at which two outlines of a level
// count as touching when the rims of their borders share a cell. It has to
// bridge the slivers between boundaries of different making, and no unit grid,
// which is about 100 m wide: a rim reaches some 50 m to either side of a border
// at resolution 11 and 20 m at 12, which takes four times as long.
func touchResolution(l data.Level) geo.Resolution {
	if l == data.UnitGrid {
		return 12
	}
	return 11
}

// fillCommunities makes the rows of a frame of communities.
func (v *view) fillCommunities(f *analytics.Frame) error {
	f.Key = data.ByCode{Column: "community", Recode: v.hierarchy.Recode(f.Unit.Level)}
	var inside []string
	if f.Within != "" {
		inside = v.hierarchy.Within(f.Within)
	}
	for _, c := range v.hierarchy.At(f.Unit.Level) {
		if _, found := slices.BinarySearch(inside, c.Code); found || f.Within == "" {
			f.Communities = append(f.Communities, c)
			f.SquareKm = append(f.SquareKm, float64(geo.AreaOf(c.Outline))/1e6)
		}
	}
	f.Describe = "communities of level " + string(f.Unit.Level)
	var err error
	f.Neighbours, err = touching(f.Communities, touchResolution(f.Unit.Level))
	return err
}

// fillParties makes the rows of a frame of those who answer for facts: every
// word of their column.
func (e *Engine) fillParties(ctx context.Context, v *view, f *analytics.Frame) error {
	column := f.Unit.Party()
	if !slices.ContainsFunc(e.store.Schema(v.dataset), func(c data.Column) bool { return c.Name == column }) {
		return &analytics.ParamError{Name: "level", Value: string(f.Unit.Level), Why: fmt.Sprintf("%s do not say so", v.dataset)}
	}
	seen := map[string]bool{}
	for b, err := range e.store.Scan(ctx, data.Query{Dataset: v.dataset, Columns: []string{column}}) {
		if err != nil {
			return fmt.Errorf("find who answers for facts: %w", err)
		}
		codes := b.Codes(column)
		for row := range b.Len() {
			if codes.Valid().At(row) {
				seen[codes.At(row)] = true
			}
		}
	}
	for _, word := range slices.Sorted(maps.Keys(seen)) {
		f.Communities = append(f.Communities, data.Community{Code: word, Level: f.Unit.Level, Names: data.Names{"": word}})
		f.SquareKm = append(f.SquareKm, 0)
	}
	f.Key = data.ByCode{Column: column}
	f.Neighbours = analytics.Adjacency{Start: make([]int32, len(f.Communities)+1)}
	f.Describe = "those who answer for facts, by column " + column
	return nil
}

// touching returns which communities share some of their boundary, be it a
// corner, seen at resolution r.
func touching(communities []data.Community, r geo.Resolution) (analytics.Adjacency, error) {
	type place struct {
		cell geo.Cell
		row  int32
	}
	var rims []place
	for i, c := range communities {
		rim, err := rimOf(c.Outline, r)
		if err != nil {
			return analytics.Adjacency{}, fmt.Errorf("boundary of %s: %w", c.Code, err)
		}
		for _, cell := range rim {
			rims = append(rims, place{cell, int32(i)})
		}
	}
	slices.SortFunc(rims, func(a, b place) int { return cmp.Or(cmp.Compare(a.cell, b.cell), cmp.Compare(a.row, b.row)) })
	neighbours := make([]map[int32]bool, len(communities))
	for i := range neighbours {
		neighbours[i] = map[int32]bool{}
	}
	for i, a := range rims {
		for _, b := range rims[i+1:] {
			if a.cell != b.cell {
				break
			}
			neighbours[a.row][b.row], neighbours[b.row][a.row] = true, true
		}
	}
	return compress(neighbours), nil
}

func rimOf(outline orb.MultiPolygon, r geo.Resolution) ([]geo.Cell, error) {
	region, err := geo.NewRegion(outline)
	if err != nil {
		return nil, err
	}
	const limit = 5_000_000 // cells: 100,000 km of boundary and more
	return region.Rim(r, limit)
}

func compress(neighbours []map[int32]bool) analytics.Adjacency {
	a := analytics.Adjacency{Start: []int32{0}}
	for _, set := range neighbours {
		a.Rows = append(a.Rows, slices.Sorted(maps.Keys(set))...)
		a.Start = append(a.Start, int32(len(a.Rows)))
	}
	return a
}
