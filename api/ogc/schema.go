package ogc

import (
	"encoding/json"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
)

const schemaDialect = "https://json-schema.org/draft/2020-12/schema"

type object = map[string]any

// fields is a JSON object whose members keep their order, which GDAL makes the
// order of fields.
type fields []field

type field struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (f fields) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, member := range f {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := json.Marshal(member.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(member.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}

// schema answers /collections/{collectionId}/schema (OGC API - Features Part 5,
// 23-058r2, section 6): the properties with their roles. QGIS reads it to know
// the fields of a layer before it has seen a feature.
func (s *service) schema(c *gin.Context) error {
	return s.describeRows(c, "/schema", func(col *collection, t *encode.Table) object {
		properties := fields{
			{"id", object{"type": "string", "title": "Id", "x-ogc-role": "id", "x-ogc-propertySeq": 1}},
			{"geometry", object{"title": "Geometry", "x-ogc-role": "primary-geometry", "format": geometryFormat(t), "x-ogc-propertySeq": 2}},
		}
		for i, column := range t.Columns {
			described := columnSchema(column)
			if t.Event != nil && t.Event.Name == column.Name {
				described["x-ogc-role"] = "primary-instant"
			}
			described["x-ogc-propertySeq"] = i + 3
			properties = append(properties, field{column.Name, described})
		}
		return object{"type": "object", "title": col.title, "properties": properties, "additionalProperties": false}
	})
}

// queryables answers /collections/{collectionId}/queryables (Part 3, 19-079r2,
// section 6.2): the properties that a filter may name, and the parameters of the
// analysis whose values are offered, which choose what is computed.
func (s *service) queryables(c *gin.Context) error {
	return s.describeRows(c, "/queryables", func(col *collection, t *encode.Table) object {
		properties := fields{{"geometry", object{"title": "Geometry", "x-ogc-role": "primary-geometry", "format": geometryFormat(t)}}}
		properties = append(properties, col.scalars(t)...)
		for _, p := range col.params {
			if len(p.Offers) > 0 && !hasColumn(t.Columns, p.Name) {
				properties = append(properties, field{p.Name, offered(p)})
			}
		}
		return object{"type": "object", "title": col.title, "additionalProperties": false, "properties": properties}
	})
}

// sortables answers /collections/{collectionId}/sortables (Part 5, 23-058r2, section
// 9.5).
func (s *service) sortables(c *gin.Context) error {
	return s.describeRows(c, "/sortables", func(col *collection, t *encode.Table) object {
		return object{"type": "object", "title": col.title, "additionalProperties": false, "properties": col.scalars(t)}
	})
}

// scalars describes the properties that are no geometry. The id of a fact is made of
// two of its properties, by which it is asked for and sorted.
func (col *collection) scalars(t *encode.Table) fields {
	var properties fields
	if col.facts == nil && !hasColumn(t.Columns, idProperty) {
		properties = append(properties, field{idProperty, object{"type": "string", "title": "Id", "x-ogc-role": "id"}})
	}
	for _, c := range t.Columns {
		properties = append(properties, field{c.Name, columnSchema(c)})
	}
	return properties
}

// offered describes a parameter by the values there are, each with its title.
func offered(p analytics.Param) object {
	schema := wordSchema(p)
	delete(schema, "x-enum-descriptions")
	var each []object
	for _, o := range p.Offers {
		each = append(each, object{"const": o.Value, "title": o.Names.In("en"), "description": o.Doc})
	}
	schema["title"], schema["default"], schema["oneOf"] = p.Title, p.Default, each
	return schema
}

// featureSchema answers with the JSON Schema of a feature of the collection as
// GeoJSON, by which GDAL knows the type of every field whatever the first
// features hold.
func (s *service) featureSchema(c *gin.Context) error {
	return s.describeRows(c, "/feature-schema", func(col *collection, t *encode.Table) object {
		properties := fields{}
		for _, column := range t.Columns {
			properties = append(properties, field{column.Name, columnSchema(column)})
		}
		return object{
			"type": "object", "title": col.title, "required": []string{"type", "id", "geometry", "properties"},
			"properties": object{
				"type": object{"type": "string", "enum": []string{"Feature"}}, "id": object{"type": "string"},
				"geometry": object{"type": []string{"object", "null"}}, "properties": object{"type": "object", "properties": properties},
			},
		}
	})
}

// describeRows answers with a schema made of the rows of a collection.
func (s *service) describeRows(c *gin.Context, suffix string, build func(*collection, *encode.Table) object) error {
	col, k, err := s.findAny(c, c.Param("collectionId"))
	if err != nil {
		return err
	}
	return s.document(c, k, api.Schema, col.params, func(q api.Query) (any, error) {
		given, faults := analysisParameters(q, col.params, nil)
		if len(faults) > 0 {
			return nil, &api.QueryError{Faults: faults}
		}
		t, err := s.sample(c, col, k, given)
		if err != nil {
			return nil, err
		}
		described := build(col, t)
		described["$schema"] = schemaDialect
		described["$id"] = s.Base(c.Request) + "/collections/" + col.id + suffix
		return described, nil
	})
}

// sample returns rows by which a collection is described: none of facts, whose columns
// are known.
func (s *service) sample(c *gin.Context, col *collection, k *catalog, given map[string]string) (*encode.Table, error) {
	if col.facts != nil {
		return col.facts.Head(), nil
	}
	return s.rows(c, k, col, given, nil)
}

// geometryFormat names the type of geometry as Part 5 does (section 6.3).
func geometryFormat(t *encode.Table) string {
	switch {
	case t.Cells != nil:
		return "geometry-polygon"
	case t.Points, t.Name == "resources":
		return "geometry-point"
	}
	return "geometry-multipolygon"
}

func columnSchema(c analytics.Column) object {
	kinds := map[analytics.ColumnType]string{
		analytics.IntColumn: "integer", analytics.FloatColumn: "number", analytics.WordColumn: "string", analytics.TimeColumn: "string",
	}
	described := object{"type": kinds[c.Type], "title": c.Title}
	if c.Type == analytics.TimeColumn {
		described["format"] = "date-time"
	}
	if c.Doc != "" {
		described["description"] = c.Doc
	}
	if c.Unit != "" {
		described["x-ogc-unit"] = c.Unit
	}
	return described
}

func names(params []analytics.Param) []string {
	list := make([]string, len(params))
	for i, p := range params {
		list[i] = p.Name
	}
	return list
}
