package ogc

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// openAPI answers /api with the OpenAPI 3.0.3 document or, for browsers and by f=html,
// with a page of it. Each collection has its own paths, since that is where GDAL looks
// for parameters.
func (s *service) openAPI(c *gin.Context) error {
	q, err := api.ParseQuery(c.Request.URL.RawQuery, []string{"f"})
	if err != nil {
		return err
	}
	if f := q.Get("f"); f == "html" || f == "" && api.PrefersHTML(c.GetHeader("Accept")) {
		return s.interfacePage(c)
	}
	return s.plain(c, api.OpenAPI, func(k *catalog) (any, error) {
		return s.describeInterface(k, s.Base(c.Request)), nil
	})
}

func (s *service) describeInterface(k *catalog, base string) object {
	paths := object{
		"/":            get("getLandingPage", "Landing page", nil, api.JSON),
		"/conformance": get("getConformance", "Conformance classes", nil, api.JSON),
		"/api":         get("getAPI", "This document", []object{documentFormat()}, api.OpenAPI, api.HTML),
		"/collections": get("getCollections", "All collections", nil, api.JSON),
	}
	for col := range k.all() {
		at, name := "/collections/"+col.id, "."+col.id
		feature := object{"name": "featureId", "in": "path", "required": true, "schema": object{"type": "string"}}
		one := []object{feature}
		for _, own := range col.itemParameters()[1:] { // a feature has one format
			one = append(one, shared(own))
		}
		one = append(one, col.analysisParameters()...)
		paths[at] = get("describeCollection"+name, col.title, col.analysisParameters(), api.JSON)
		paths[at+"/items"] = get("getFeatures"+name, col.title, col.parameters(ownParameters()), formatMedia()...)
		paths["/exports/"+col.id+".{extension}"] = describeExport(col)
		paths[at+"/items/{featureId}"] = get("getFeature"+name, "One feature of "+col.title, one, api.GeoJSON)
		paths[at+"/schema"] = get("getSchema"+name, "Properties of "+col.title, col.analysisParameters(), api.Schema)
		paths[at+"/feature-schema"] = get("getFeatureSchema"+name, "Schema of a feature of "+col.title, col.analysisParameters(), api.Schema)
		paths[at+"/sortables"] = get("getSortables"+name, "Sortables of "+col.title, col.analysisParameters(), api.Schema)
		paths[at+"/queryables"] = get("getQueryables"+name, "Queryables of "+col.title, col.analysisParameters(), api.Schema)
	}
	parameters := sharedParameters()
	describeGrids(paths, parameters, k)
	maps.Copy(paths, s.tilePaths(k))
	maps.Copy(paths, stylePaths(k))
	return object{
		"openapi": "3.0.3",
		"info":    object{"title": s.Title, "description": s.Description, "version": orUnknown(s.Version)},
		"servers": []object{{"url": base}},
		"paths":   paths,
		"components": object{
			"parameters": parameters,
			"responses": object{"Problem": object{
				"description": "What went wrong (RFC 9457)",
				"content":     object{string(api.ProblemJSON): object{"schema": object{"type": "object"}}},
			}},
		},
	}
}

func orUnknown(version string) string {
	if version == "" {
		return "0.0.0"
	}
	return version
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
			"304":     object{"description": "The client has it already (RFC 9110, section 15.4.5)"},
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
	list = append(list, col.analysisParameters()...)
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
		"schema": object{"type": "string", "enum": exportExtensions()},
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
			"description": paramDoc(p), "schema": paramSchema(p),
		})
	}
	return list
}

func paramDoc(p analytics.Param) string {
	if p.Doc == "" {
		return p.Title
	}
	return p.Title + ". " + p.Doc
}

func paramSchema(p analytics.Param) object {
	var schema object
	switch p.Kind {
	case analytics.Choice:
		schema = object{"type": "string", "enum": p.Choices}
	case analytics.Integer:
		schema = object{"type": "integer", "minimum": p.Min, "maximum": p.Max}
	case analytics.Number:
		schema = object{"type": "number", "minimum": p.Min, "maximum": p.Max}
	case analytics.Switch:
		schema = object{"type": "boolean"}
	default:
		schema = wordSchema(p)
	}
	if value, ok := paramDefault(p); ok {
		schema["default"] = value
	}
	return schema
}

// wordSchema describes a word. Those that are offered are all there are, each
// with what it is called.
func wordSchema(p analytics.Param) object {
	schema := object{"type": "string"}
	if len(p.Offers) == 0 {
		return schema
	}
	values, titles := make([]string, len(p.Offers)), make([]string, len(p.Offers))
	for i, o := range p.Offers {
		values[i], titles[i] = o.Value, o.Names.In("en")
	}
	schema["enum"], schema["x-enum-descriptions"] = values, titles
	return schema
}

func paramDefault(p analytics.Param) (value any, ok bool) {
	if p.Default == "" {
		return nil, false
	}
	var err error
	switch p.Kind {
	case analytics.Integer:
		value, err = strconv.Atoi(p.Default)
	case analytics.Number:
		value, err = strconv.ParseFloat(p.Default, 64)
	case analytics.Switch:
		value, err = strconv.ParseBool(p.Default)
	default:
		value = p.Default
	}
	return value, err == nil
}

// sharedParameters describes the parameters of every items request (17-069r4,
// requirements 19, 22 and 25). QGIS takes its page size from limit.
func sharedParameters() object {
	query := func(name, doc string, schema object) object {
		return object{"name": name, "in": "query", "required": false, "style": "form", "explode": false, "description": doc, "schema": schema}
	}
	return object{
		"limit": query("limit", "The most features of one answer. A larger number is cut to the maximum; the rest follows by next.",
			object{"type": "integer", "minimum": 1, "maximum": api.MaxLimit, "default": api.DefaultLimit}),
		"bbox": query("bbox", "Only features whose geometry meets this box: west, south, east, north in degrees. West greater than east crosses the antimeridian.",
			object{"type": "array", "minItems": 4, "maxItems": 6, "items": object{"type": "number"}}),
		"bbox-crs": query("bbox-crs", "The coordinate system of bbox.", object{"type": "string", "format": "uri", "enum": systemURIs(), "default": crs84}),
		"crs":      query("crs", "The coordinate system of the geometries.", object{"type": "string", "format": "uri", "enum": systemURIs(), "default": crs84}),
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
	}
}
