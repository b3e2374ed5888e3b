package ogc

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
)

// openAPI answers /api with the OpenAPI 3.0.3 document or, for browsers and by f=html,
// with a page of it. Each collection has its own paths, since that is where GDAL looks
// for parameters.
func (s *service) openAPI(c *gin.Context) error {
	if _, err := api.ParseQuery(c.Request.URL.RawQuery, []string{"f"}); err != nil {
		return err
	}
	if api.WantsPage(c.Request, api.OpenAPI) {
		return s.interfacePage(c)
	}
	return s.plain(c, api.OpenAPI, func(k *catalog) (any, error) {
		return s.describeInterface(k, s.Base(c.Request))
	})
}

func (s *service) describeInterface(k *catalog, base string) (object, error) {
	paths := object{
		"/":            read("getLandingPage", "Landing page", nil, api.JSON),
		"/conformance": read("getConformance", "Conformance classes", nil, api.JSON),
		"/api":         read("getAPI", "This document", nil, api.OpenAPI),
		"/exports":     read("getExports", "All collections as files", nil, api.JSON),
		"/collections": read("getCollections", "All collections", nil, api.JSON),
	}
	for col := range k.all() {
		at, name := "/collections/"+col.id, "."+col.id
		feature := object{"name": "featureId", "in": "path", "required": true, "schema": object{"type": "string"}}
		one := []object{feature}
		for _, own := range col.itemParameters()[1:] { // a feature has one format
			one = append(one, shared(own))
		}
		one = append(one, col.analysisParameters()...)
		paths[at] = read("describeCollection"+name, col.title, col.analysisParameters(), api.JSON)
		paths[at+"/items"] = get("getFeatures"+name, col.title, col.parameters(ownParameters()), formatMedia()...)
		paths["/exports/"+col.id+".{extension}"] = describeExport(col)
		paths[at+"/items/{featureId}"] = read("getFeature"+name, "One feature of "+col.title, one, api.GeoJSON)
		if col.facts != nil && s.Facts.Feed != nil {
			paths[at+"/changes"] = get("getChanges"+name, "Changes of "+col.title+" as they happen, as server-sent events", col.parameters(changeParameters()), api.EventStream)
		}
		if col.facts != nil && s.records() {
			describeWriting(paths[at+"/items"].(object), paths[at+"/items/{featureId}"].(object), col)
		}
		paths[at+"/schema"] = read("getSchema"+name, "Properties of "+col.title, col.analysisParameters(), api.Schema)
		paths[at+"/feature-schema"] = read("getFeatureSchema"+name, "Schema of a feature of "+col.title, col.analysisParameters(), api.Schema)
		paths[at+"/sortables"] = read("getSortables"+name, "Sortables of "+col.title, col.analysisParameters(), api.Schema)
		paths[at+"/queryables"] = read("getQueryables"+name, "Queryables of "+col.title, col.analysisParameters(), api.Schema)
	}
	parameters := sharedParameters()
	describeGrids(paths, parameters, k)
	maps.Copy(paths, s.tilePaths(k))
	maps.Copy(paths, stylePaths(k))
	for _, e := range s.Extensions {
		for path, item := range e.Paths {
			paths[path] = copyItem(item.(object)) //nolint:forcetypeassert // as Extension says
		}
	}
	if err := shareParameters(paths, parameters); err != nil {
		return nil, err
	}
	document := object{
		"openapi": "3.0.3",
		"info":    object{"title": s.Title, "description": s.Description, "version": orUnknown(s.Version)},
		"servers": []object{{"url": base}},
		"paths":   paths,
		"components": object{
			"parameters": parameters,
			"responses":  sharedResponses(),
		},
	}
	if s.Identified {
		describeIdentity(document, s.Private)
	}
	return document, nil
}

func orUnknown(version string) string {
	if version == "" {
		return "0.0.0"
	}
	return version
}

// read describes a GET operation whose answer is a document, which is served as a page
// as well.
func read(id, summary string, parameters []object, media api.MediaType) object {
	return get(id, summary, append([]object{shared("document-f")}, parameters...), media, api.HTML)
}

// get describes one GET operation.
func get(id, summary string, parameters []object, media ...api.MediaType) object {
	content := object{}
	for _, m := range media {
		content[string(m)] = object{"schema": mediaSchema(m)}
	}
	operation := object{
		"operationId": id, "summary": summary,
		"responses": object{
			"200":     object{"description": summary, "content": content},
			"304":     object{"$ref": "#/components/responses/NotModified"},
			"429":     object{"$ref": "#/components/responses/TooManyRequests"},
			"503":     object{"$ref": "#/components/responses/Unavailable"},
			"default": object{"$ref": "#/components/responses/Problem"},
		},
	}
	if len(parameters) > 0 {
		operation["parameters"] = parameters
	}
	return object{"get": operation}
}

// mediaSchema describes a body: JSON, text, or bytes.
func mediaSchema(m api.MediaType) object {
	switch bare := m.Bare(); {
	case strings.HasSuffix(bare, "json"):
		return object{"type": "object"}
	case strings.HasPrefix(bare, "text/"), bare == api.GeoJSONSeq.Bare():
		return object{"type": "string"}
	}
	return object{"type": "string", "format": "binary"}
}

// parameters returns those of features: their own, which are shared, by reference, then
// those of the analysis and the properties.
func (col *collection) parameters(own []string) []object {
	var list []object
	for _, name := range own {
		list = append(list, shared(name))
	}
	return append(append(list, col.analysisParameters()...), col.propertyParameters()...)
}

// propertyParameters describes the properties that are parameters.
func (col *collection) propertyParameters() []object {
	var list []object
	properties := col.properties()
	for _, c := range col.columns {
		if slices.Contains(properties, c.Name) {
			list = append(list, object{
				"name": c.Name, "in": "query", "required": false, "style": "form", "explode": false,
				"description": c.Title + ", exactly this.", "schema": object{"type": columnSchema(c)["type"]},
			})
		}
	}
	return list
}

// describeExport describes a collection as a file.
func describeExport(col *collection) object {
	extension := object{
		"name": "extension", "in": "path", "required": true, "description": "The format.",
		"schema": object{"type": "string", "enum": exportEndings()},
	}
	var media []api.MediaType
	for _, f := range exportFormats() {
		media = append(media, f.MediaType)
	}
	return get("export."+col.id, "All features of "+col.title+" at once", append([]object{extension}, col.parameters(exportParameters())...), media...)
}

// shared refers to one of sharedParameters.
func shared(name string) object { return object{"$ref": "#/components/parameters/" + name} }

// analysisParameters describes those of the analysis behind a collection.
func (col *collection) analysisParameters() []object {
	var list []object
	for _, p := range col.params {
		list = append(list, object{
			"name": p.Name, "in": "query", "required": false, "style": "form", "explode": false,
			"description": api.ParamDoc(p), "schema": api.ParamSchema(p),
		})
	}
	return list
}

// sharedParameters describes the parameters of every items request (17-069r4,
// requirements 19, 22 and 25). QGIS takes its page size from limit.
func sharedParameters() object {
	query := func(name, doc string, schema object) object {
		return object{"name": name, "in": "query", "required": false, "style": "form", "explode": false, "description": doc, "schema": schema}
	}
	return object{
		"limit": query("limit", "The most features of one answer. A larger number is cut to the maximum; the rest follows by next. As HTML, if it is not given, "+strconv.Itoa(api.DefaultPageLimit)+".",
			object{"type": "integer", "minimum": 1, "maximum": api.MaxLimit, "default": api.DefaultLimit}),
		"bbox": query("bbox", "Only features whose geometry meets this box: west, south, east, north in degrees. West greater than east crosses the antimeridian.",
			object{"type": "array", "minItems": 4, "maxItems": 6, "items": object{"type": "number"}}),
		"bbox-crs": query("bbox-crs", "The coordinate system of bbox.", object{"type": "string", "format": "uri", "enum": systemURIs(), "default": crs84}),
		"zone": query("zone", "Only features in this H3 cell: cells that are it or below it by index, points whose cell it is, and areas that overlap it. Features without a geometry are in none.",
			object{"type": "string", "pattern": "^[0-9a-f]{15}$"}),
		"crs": query("crs", "The coordinate system of the geometries.", object{"type": "string", "format": "uri", "enum": systemURIs(), "default": crs84}),
		"datum": query("datum", "The shifted datum of Chinese map services that coordinates are turned to; it is no coordinate system with a URI.",
			object{"type": "string", "enum": []string{"gcj02", "bd09"}}),
		"filter": query("filter", "A condition in CQL2, such as: observed > 5 AND S_INTERSECTS(geometry, BBOX(114, 22, 115, 23)).",
			object{"type": "string"}),
		"filter-lang": query("filter-lang", "The encoding of filter; cql-text is the same as cql2-text.",
			object{"type": "string", "enum": []string{cql2Text, cql2JSON, cqlText}, "default": cql2Text}),
		"filter-crs": query("filter-crs", "The coordinate system of geometries in filter.", object{"type": "string", "format": "uri", "enum": systemURIs(), "default": crs84}),
		"sortby": query("sortby", "Names of properties, each with + or - before it for ascending and descending.",
			object{"type": "array", "items": object{"type": "string", "pattern": "[+|-]?[A-Za-z_].*"}}),
		"properties":   query("properties", "The properties that are wanted; all if it is not given.", object{"type": "array", "items": object{"type": "string"}}),
		"skipGeometry": query("skipGeometry", "true leaves out geometries.", object{"type": "boolean", "default": false}),
		"datetime": query("datetime", "An instant, a date, or two with a slash between, where .. is open. For analyses it says the period that is computed, begin included, end not; an instant stands for its day.",
			object{"type": "string"}),
		"resultType": query("resultType", "hits counts the features without giving any.",
			object{"type": "string", "enum": []string{"hits", "results"}, "default": "results"}),
		"cursor": query("cursor", "Where to go on reading: part of next links.", object{"type": "string"}),
		"f": query("f", "The format; geojson and json are the same.",
			object{"type": "string", "enum": formatNames(), "default": "geojson"}),
		"document-f": query("f", "The format; if it is not given, Accept says which.", object{"type": "string", "enum": []string{"json", "html"}}),
	}
}
