package ogc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/geo"
)

// zoneFormats are those of lists of zones (21-038r1, requirements
// /req/zone-query/json-response, /req/zone-geojson/content and
// /req/zone-uint64/content).
func zoneFormats() []gridFormat {
	return []gridFormat{{"json", api.JSON}, {"geojson", api.GeoJSON}, {"uint64", "application/x-binary"}, {"html", api.HTML}}
}

// zones answers .../dggs/H3/zones (requirement /req/zone-query/zones-list): the
// zones of the layer or, for the dataset, of the study area.
func (s *service) zones(c *gin.Context) error {
	o, err := s.origin(c)
	if err != nil {
		return err
	}
	r, err := s.parseZones(c, o)
	if err != nil {
		return err
	}
	if s.known(c, o.k, r.cursor, r.query.Canonical("f"), string(r.format.media), markOf(s.Secret)) {
		return nil
	}
	listed, err := s.zonesOf(c, o, r)
	if err != nil {
		return err
	}
	if o.root {
		table := encode.Zones(dggrs, gridTitle, listed, encode.ZoneRegion)
		if listed, err = r.sift(c.Request.Context(), table, listed); err != nil {
			return err
		}
	}
	if len(listed) > api.MaxZones {
		return tooMany(int64(len(listed)))
	}
	if r.compact {
		if listed, err = geo.Compact(listed); err != nil {
			return err
		}
	}
	return s.zonesPage(c, o, r, listed)
}

// zonesOf returns the zones of the level that match.
func (s *service) zonesOf(c *gin.Context, o *origin, r *zonesRequest) ([]geo.Cell, error) {
	col := o.col
	if o.root {
		area, err := o.k.studyArea()
		if err != nil {
			return nil, err
		}
		if !area.Empty() {
			return s.zonesIn(area, o, r)
		}
		if r.checkIndexed(o.k); len(r.faults) > 0 {
			return nil, r.check()
		}
		if col = o.k.firstByCells(); col == nil {
			return nil, nil
		}
	}
	r.given["res"] = r.level.String()
	table, err := s.rows(c, o.k, col, r.given, r.cursor)
	if err != nil {
		return nil, err
	}
	listed := r.matching(table.Cells, r.place)
	if o.root {
		return listed, nil
	}
	return r.sift(c.Request.Context(), table, listed)
}

// sift returns the zones out of some that are rows of a table and that the filter is
// true of (requirement /req/zone-query-cql2-filter/filter).
func (g *gridQuery) sift(ctx context.Context, t *encode.Table, zones []geo.Cell) ([]geo.Cell, error) {
	if !g.wanted.narrows() {
		return zones, nil
	}
	rows := slices.DeleteFunc(t.RowsOf(zones), func(row int) bool { return row < 0 })
	rows, err := g.wanted.among(ctx, t, rows)
	if err != nil {
		return nil, err
	}
	kept := make([]geo.Cell, len(rows))
	for i, row := range rows {
		kept[i] = t.Cells[row]
	}
	return kept, nil
}

// firstByCells returns the first collection by cells. All have the same cells, as far
// as nothing else is asked for.
func (k *catalog) firstByCells() *collection {
	for i := range k.collections {
		if k.collections[i].byCells {
			return &k.collections[i]
		}
	}
	return nil
}

// studyArea returns what the outermost boundaries enclose: nothing where there are
// none.
func (k *catalog) studyArea() (*geo.Region, error) {
	var outline orb.MultiPolygon
	for _, community := range k.hierarchy.Outermost("") {
		outline = append(outline, community.Outline...)
	}
	return geo.NewRegion(outline)
}

// zonesIn returns the zones that overlap the study area, as layers fill it, and
// match the request. They are looked for below the parent, in the place or in the
// area, wherever they are few enough; how many there would be is estimated before any
// is made.
func (s *service) zonesIn(area *geo.Region, o *origin, r *zonesRequest) ([]geo.Cell, error) {
	switch {
	case r.cursor != nil && r.cursor.version != o.k.version:
		return nil, api.NewProblem("cursor-expired", "")
	case r.interval != nil && !r.interval.Meets(o.k.from, o.k.to):
		return nil, nil
	}
	var few *geo.TooManyCellsError
	if r.parent != geo.NoCell {
		cells, err := geo.Uncompact([]geo.Cell{r.parent}, r.level, api.MaxZones)
		if !errors.As(err, &few) {
			return r.matching(cells, r.place, area), err
		}
	}
	for _, try := range []struct{ covered, other *geo.Region }{{r.place, area}, {area, r.place}} {
		if try.covered == nil {
			continue
		}
		cells, err := try.covered.Cover(r.level, geo.Overlap, api.MaxZones)
		if !errors.As(err, &few) {
			return r.matching(cells, try.other), err
		}
	}
	return nil, tooMany(few.Estimate)
}

// matching returns the cells below the parent that overlap each of some regions, of
// which nil is all.
func (r *zonesRequest) matching(cells []geo.Cell, regions ...*geo.Region) []geo.Cell {
	if r.parent != geo.NoCell {
		first, last := r.parent.Descendants(r.level)
		from, _ := slices.BinarySearch(cells, first)
		to, found := slices.BinarySearch(cells, last)
		if found {
			to++
		}
		cells = cells[from:to]
	}
	for _, region := range regions {
		if region == nil {
			continue
		}
		var met []geo.Cell // cells may be those of a kept table
		for _, cell := range cells {
			if region.Meets(cell) {
				met = append(met, cell)
			}
		}
		cells = met
	}
	return cells
}

// zonesPage answers with a page of a list of zones.
func (s *service) zonesPage(c *gin.Context, o *origin, r *zonesRequest, listed []geo.Cell) error {
	begin := 0
	if r.cursor != nil {
		if begin = r.cursor.row + 1; begin > len(listed) || listed[begin-1].String() != r.cursor.id {
			return api.NewProblem("invalid-cursor", "")
		}
	}
	end := min(begin+r.limit, len(listed))
	page := listed[begin:end:end]
	links := r.itself(o.href(gridPath+"/zones", ""), zoneFormats())
	if end < len(listed) {
		next := cursor{version: o.k.versionOf(r.cursor), query: r.hash(o), row: end - 1, id: listed[end-1].String()}
		href := o.href(gridPath+"/zones", r.query.With("cursor", next.text(s.Secret)).Canonical())
		links = append(links, api.Link{Href: href, Rel: "next", Type: r.format.media.Bare(), Title: "Further zones"})
		c.Writer.Header().Add("Link", fmt.Sprintf("<%s>; rel=\"next\"", href))
	}
	query := r.query.Canonical(zonesParameters()...)
	links = append(links, api.Link{Href: o.href(gridPath, query), Rel: relations + "dggrs", Type: api.JSON.Bare(), Title: gridTitle}, o.definition(), o.owner(query))
	if r.format.name == "json" {
		area, err := areaAt(page, r.level)
		if err != nil {
			return err
		}
		zones := make([]string, len(page))
		for i, zone := range page {
			zones[i] = zone.String()
		}
		return s.json(c, api.JSON, object{"zones": zones, "returnedAreaMetersSquare": area, "links": links, "linkTemplates": []linkTemplate{o.dataTemplate(query)}})
	}
	c.Header("Content-Type", string(r.format.media))
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return nil
	}
	if r.format.name == "uint64" {
		return encode.WriteZoneNumbers(c.Writer, page)
	}
	return encode.WriteTable(c.Writer, r.format.name, encode.Zones(dggrs, gridTitle, page, r.shape), encode.Options{Page: &encode.Page{
		Matched: len(listed), TimeStamp: s.Now(), Links: links, Further: r.cursor != nil,
		Trail: s.trail(c), At: func(zone string) string { return o.href(gridPath+"/zones/"+zone, query) },
	}})
}

// areaAt returns the area of zones at a level, in square metres: of those they stand
// for where they are coarser, so that it does not depend on compacting
// (recommendation /rec/zone-query/zone-total-area).
func areaAt(zones []geo.Cell, level geo.Resolution) (area float64, err error) {
	cells, err := geo.Uncompact(zones, level, api.MaxZones)
	for _, cell := range cells {
		area += float64(cell.Area())
	}
	return area, err
}
