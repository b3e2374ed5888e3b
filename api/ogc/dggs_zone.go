package ogc

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/geo"
)

// namedZone returns the zone that the address of a request names.
func namedZone(c *gin.Context) (geo.Cell, error) {
	zone, err := parseZone(c.Param("zoneId"))
	if err != nil {
		return geo.NoCell, api.NewProblem("not-found", "There is no zone of that name: "+err.Error()+".")
	}
	return zone, nil
}

// zone answers .../dggs/H3/zones/{zoneId} (21-038r1, requirement
// /req/core/zone-info, recommendation /rec/core/zone-info).
func (s *service) zone(c *gin.Context) error {
	o, err := s.origin(c)
	if err != nil {
		return err
	}
	zone, err := namedZone(c)
	if err != nil {
		return err
	}
	return s.document(c, o.k, api.JSON, o.col.params, func(q api.Query) (any, error) {
		given, faults := analysisParameters(q, o.col.params, nil)
		if len(faults) > 0 {
			return nil, &api.QueryError{Faults: faults}
		}
		var statistics object
		if !o.root {
			var err error
			if statistics, err = s.statistics(c, o, zone, given); err != nil {
				return nil, err
			}
		}
		return o.describeZone(zone, q.Canonical("f"), statistics, o.k), nil
	})
}

func (o *origin) describeZone(zone geo.Cell, query string, statistics object, k *catalog) object {
	shape := "hexagon"
	if zone.IsPentagon() {
		shape = "pentagon"
	}
	box := zone.Box()
	described := object{
		"id": zone.String(), "level": int(zone.Resolution()), "shapeType": shape, "crs": crs84,
		"centroid": zone.Centre(), "bbox": []float64{box.West, box.South, box.East, box.North},
		"areaMetersSquare": float64(zone.Area()), "geometry": encode.Outline(zone),
		"links": o.zoneLinks(zone, query, k),
	}
	if statistics != nil {
		described["statistics"] = statistics
	}
	return described
}

// zoneLinks returns the links of a zone: to its data, its parent, its children and
// its neighbours.
func (o *origin) zoneLinks(zone geo.Cell, query string, k *catalog) []api.Link {
	link := func(path, rel, title string) api.Link {
		return api.Link{Href: o.href(path, query), Rel: rel, Type: api.JSON.Bare(), Title: title}
	}
	links := append(api.Itself(o.asked, o.href(zonePath(zone), query), api.JSON),
		link(gridPath, relations+"dggrs", gridTitle), o.definition(), o.owner(query))
	if data, ok := o.dataHref(zone, query, k); ok {
		links = append(links, api.Link{Href: data, Rel: relations + "dggrs-zone-data", Type: api.JSON.Bare(), Title: "Data of the zone"})
	}
	level := zone.Resolution()
	if level > 0 {
		parent := zone.Parent(level - 1)
		links = append(links, link(zonePath(parent), relations+"dggrs-zone-parent", "Parent "+parent.String()))
	}
	if children, err := zone.Children(level + 1); err == nil {
		for _, child := range children {
			links = append(links, link(zonePath(child), relations+"dggrs-zone-child", "Child "+child.String()))
		}
	}
	for _, near := range zone.Ring(1) {
		links = append(links, link(zonePath(near), relations+"dggrs-zone-neighbor", "Neighbour "+near.String()))
	}
	return links
}

// dataHref returns the address of the data of a zone at the least depth that leads to
// a level at which facts are indexed. There is none where no depth does, or where the
// zones would be too many.
func (o *origin) dataHref(zone geo.Cell, query string, k *catalog) (string, bool) {
	for _, level := range slices.Sorted(slices.Values(k.settings.Resolutions)) {
		depth := int(level - zone.Resolution())
		switch {
		case depth < 0:
			continue
		case countZones(zone, []int{depth}) > api.MaxZones:
			return "", false
		case depth != defaultDepth:
			query = strings.TrimPrefix(query+"&zone-depth="+strconv.Itoa(depth), "&")
		}
		return o.href(zonePath(zone)+"/data", query), true
	}
	return "", false
}

// statistics sums up each field of numbers: over the cells of the usual resolution
// below the zone, or over the zone alone where it is as fine and facts are indexed at
// its level. It is nil without any.
func (s *service) statistics(c *gin.Context, o *origin, zone geo.Cell, given map[string]string) (object, error) {
	level := max(zone.Resolution(), engine.DefaultResolution(o.k.settings))
	if !slices.Contains(o.k.settings.Resolutions, level) {
		return nil, nil //nolint:nilnil // nothing to sum up
	}
	given["res"] = level.String()
	table, err := s.rows(c, o.k, o.col, given, nil)
	if err != nil {
		return nil, err
	}
	first, last := zone.Descendants(level)
	from, _ := slices.BinarySearch(table.Cells, first)
	to := from
	for to < len(table.Cells) && table.Cells[to] <= last {
		to++
	}
	var all object
	for _, column := range table.Columns {
		d, ok := describeRows(column, from, to)
		if !ok {
			continue
		}
		if all == nil {
			all = object{}
		}
		all[column.Name] = object{"minimum": d.Minimum, "maximum": d.Maximum, "average": d.Mean, "stdDev": d.SD}
	}
	return all, nil
}

// describeRows sums up the numbers of a column from one row to before another.
func describeRows(c analytics.Column, from, to int) (stats.Description, bool) {
	var numbers []float64
	for row := from; row < to; row++ {
		switch {
		case !c.Has(row):
		case c.Type == analytics.IntColumn:
			numbers = append(numbers, float64(c.Ints[row]))
		case c.Type == analytics.FloatColumn:
			numbers = append(numbers, c.Floats[row])
		}
	}
	return stats.Describe(numbers, nil)
}
