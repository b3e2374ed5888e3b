package ogc

import (
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/style"
	"github.com/civgrid/civgrid/api/tile"
)

// tilePaths describes the interface of tiles; the ends of operation ids are
// those of the standard (20-057, table 11).
func (s *service) tilePaths(k *catalog) object {
	paths := object{
		"/tileMatrixSets":                   read("all.getTileMatrixSetsList", "Tile matrix sets", nil, api.JSON),
		"/tileMatrixSets/" + tile.MatrixSet: read(tile.MatrixSet+".getTileMatrixSet", "The tile matrix set", nil, api.JSON),
	}
	usual := &collection{title: s.Title}
	for _, col := range s.usualLayers(k) {
		usual.params = append(usual.params, col.params...)
	}
	chosen := object{
		"name": "collections", "in": "query", "required": false, "style": "form", "explode": false,
		"description": "The collections that are shown, one of an analysis at most; its parameters are taken too. Default: communities and an analysis.",
		"schema":      object{"type": "array", "items": object{"type": "string"}},
	}
	tilesetPaths(paths, "", "all.dataset", s.Title, append([]object{shared("datetime"), chosen}, usual.analysisParameters()...))
	for i := range k.collections {
		col := &k.collections[i]
		parameters := []object{shared("datetime")}
		for _, name := range filterParameters() {
			parameters = append(parameters, shared(name))
		}
		parameters = append(append(parameters, col.analysisParameters()...), col.propertyParameters()...)
		tilesetPaths(paths, "/collections/"+col.id, col.id+".collection", col.title, parameters)
	}
	return paths
}

// tilesetPaths describes the tiles of a collection or of the dataset.
func tilesetPaths(paths object, at, id, title string, parameters []object) {
	one := at + "/tiles/" + tile.MatrixSet
	paths[at+"/tiles"] = read(id+".vector.getTileSetsList", "Tiles of "+title, parameters, api.JSON)
	paths[one] = read(id+".vector.getTileSet", "Tiles of "+title+", described", parameters, api.JSON)
	paths[one+"/tilejson.json"] = read("getTileJSON."+id, "Tiles of "+title+", as TileJSON 3.0", parameters, api.JSON)
	place := func(name, doc string) object {
		return object{"name": name, "in": "path", "required": true, "description": doc, "schema": object{"type": "integer", "minimum": 0}}
	}
	parameters = append([]object{
		place("tileMatrix", "The zoom."), place("tileRow", "Counted from the north."), place("tileCol", "Counted from the west."),
	}, parameters...)
	operation := get(id+".vector.getTile", "A tile of "+title, parameters)
	responses := operation["get"].(object)["responses"].(object)
	responses["200"] = object{
		"description": "The tile",
		"headers": object{leftOut: object{
			"description": "How many rows were left out because they are too many: the smallest.", "schema": object{"type": "integer"},
		}},
		"content": object{string(tile.MediaType): object{"schema": object{"type": "string", "format": "binary"}}},
	}
	responses["204"] = object{"description": "A tile without content"}
	paths[one+"/{tileMatrix}/{tileRow}/{tileCol}"] = operation
}

// stylePaths describes the interface of styles.
func stylePaths(k *catalog) object {
	paths := object{"/styles": read("getStyles", "Styles", nil, api.JSON)}
	for i := range k.collections {
		col := &k.collections[i]
		if !col.period {
			continue
		}
		f := object{
			"name": "f", "in": "query", "required": false, "style": "form", "explode": false, "description": "The kind of style; mapbox and json are the same.",
			"schema": object{"type": "string", "enum": []string{"mapbox", "json", "qml", "html"}, "default": "mapbox"},
		}
		parameters := append([]object{f, shared("datetime")}, col.analysisParameters()...)
		paths["/styles/"+col.id] = get("getStyle."+col.id, "Style of "+col.title, parameters, style.MapLibreType, style.QMLType, api.HTML)
	}
	return paths
}
