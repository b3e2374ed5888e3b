package ogc

import (
	"slices"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/geo"
)

// describeGrids adds the operations on the grid and their parameters to the OpenAPI
// document: operations of the dataset and of each collection by cells. Their ids end as 21-038r1, requirement
// /req/operation-ids/operation-ids, says.
func describeGrids(paths, parameters object, k *catalog) {
	for name, described := range gridParameters() {
		parameters[gridComponent(name)] = described
	}
	grid := object{
		"name": "dggrsId", "in": "path", "required": true, "schema": object{"type": "string", "enum": []string{dggrs}},
	}
	paths["/dggs/{dggrsId}/definition"] = read("h3.definition", "Definition of the grid", []object{grid}, api.JSON)
	describeOrigin(paths, "", "h3.dataset.", "the dataset", grid, nil, dataParameters(true))
	for i := range k.collections {
		if col := k.collections[i]; col.byCells {
			col.params = without(col.params, "res", "level")
			describeOrigin(paths, "/collections/"+col.id, col.id+".collection.", col.title, grid, col.analysisParameters(), dataParameters(false))
		}
	}
}

// describeOrigin adds the operations of one origin.
func describeOrigin(paths object, at, id, title string, grid object, analysis []object, dataParameters []string) {
	zone := object{
		"name": "zoneId", "in": "path", "required": true, "schema": object{"type": "string", "pattern": "^[0-9a-f]{15}$"},
	}
	list := func(path []object, own []string) []object {
		all := slices.Clone(path)
		for _, name := range own {
			all = append(all, shared(gridComponent(name)))
		}
		return append(all, analysis...)
	}
	media := func(formats []gridFormat) (all []api.MediaType) {
		for _, f := range formats {
			all = append(all, f.media)
		}
		return all
	}
	own := dataParameters
	data := get(id+"getDGGRSZoneData", "Data of a zone of "+title, list([]object{grid, zone}, replaced(own, "f", "data-f")), media(dataFormats())...)
	data["get"].(object)["responses"].(object)["204"] = object{"description": "Nothing is known of the zone"} //nolint:forcetypeassert // made by get
	paths[at+"/dggs"] = read(id+"getDGGRSList", "Grids of "+title, analysis, api.JSON)
	paths[at+"/dggs/{dggrsId}"] = read(id+"getDGGRS", "The grid of "+title, list([]object{grid}, nil), api.JSON)
	paths[at+"/dggs/{dggrsId}/zones"] = get(id+"getDGGRSZones", "Zones of "+title, list([]object{grid}, replaced(zonesParameters(), "f", "zones-f")), media(zoneFormats())...)
	paths[at+"/dggs/{dggrsId}/zones/{zoneId}"] = read(id+"getDGGRSZoneInfo", "One zone of "+title, list([]object{grid, zone}, nil), api.JSON)
	paths[at+"/dggs/{dggrsId}/zones/{zoneId}/data"] = data
}

func replaced(names []string, old, name string) []string {
	names = slices.Clone(names)
	names[slices.Index(names, old)] = name
	return names
}

// gridComponent returns the name under which a parameter is described for all.
// Those of items that mean the same here have theirs.
func gridComponent(name string) string {
	switch name {
	case "bbox", "datetime", "cursor", "filter", "filter-lang", "filter-crs":
		return name
	}
	return "dggs-" + name
}

// gridParameters describes the parameters that only operations on the grid have.
func gridParameters() object {
	query := func(name, doc string, schema object) object {
		return object{"name": name, "in": "query", "required": false, "style": "form", "explode": false, "description": doc, "schema": schema}
	}
	word := object{"type": "string"}
	words := object{"type": "array", "items": word}
	format := func(formats []gridFormat) object {
		var names []string
		for _, f := range formats {
			names = append(names, f.name)
		}
		return object{"type": "string", "enum": names, "default": names[0]}
	}
	return object{
		"zone-level":    query("zone-level", "The H3 resolution of the zones; with compact-zones coarser ones stand for all below them.", object{"type": "integer", "minimum": 0, "maximum": int(geo.MaxResolution)}),
		"compact-zones": query("compact-zones", "Whether a zone stands for its sub-zones where all of them are there.", object{"type": "boolean", "default": true}),
		"parent-zone":   query("parent-zone", "Only this zone and those below it by index.", word),
		"bbox-crs":      query("bbox-crs", "What the box is given in: CRS84.", object{"type": "string", "default": crs84}),
		"subset":        query("subset", `A place or time by axes, such as Lat(22.5:22.6),Lon(114:114.1) or time("2025-01-01":"2025-02-01"); * is the end of an axis. Data of a zone have the axis time only.`, words),
		"subset-crs":    query("subset-crs", "What the axes are given in: CRS84.", object{"type": "string", "default": crs84}),
		"geometry":      query("geometry", "How GeoJSON draws zones.", object{"type": "string", "enum": []string{"zone-region", "zone-centroid", "none"}, "default": "zone-region"}),
		"limit": query("limit", "The most zones of one answer. A larger number is cut to the maximum; the rest follows by next.",
			object{"type": "integer", "minimum": 1, "maximum": api.MaxZones, "default": api.MaxZones}),
		"zone-depth":         query("zone-depth", "The steps down to the zones that values are of: a depth (2), a range (0-2) or a list (0,2); 0 is the zone itself.", object{"type": "string", "default": "0"}),
		"properties":         query("properties", "Only these fields, in this order.", words),
		"exclude-properties": query("exclude-properties", "All fields but these.", words),
		"collections":        query("collections", "The collections by cells whose fields are given. Default: all.", words),
		"zones-f":            query("f", "The format.", format(zoneFormats())),
		"data-f":             query("f", "The format; json is DGGS-JSON.", format(dataFormats())),
	}
}
