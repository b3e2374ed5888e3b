package api

import (
	"strconv"

	"github.com/civgrid/civgrid/analytics"
)

// ParamDoc says what a parameter of an analysis is, in sentences.
func ParamDoc(p analytics.Param) string {
	if p.Doc == "" {
		return p.Title
	}
	return p.Title + ". " + p.Doc
}

// ParamSchema returns the values that a parameter of an analysis takes, as a schema
// of OpenAPI 3.0.3, section 4.7.24. The map is the caller's.
func ParamSchema(p analytics.Param) map[string]any {
	var schema map[string]any
	switch p.Kind {
	case analytics.Choice:
		schema = map[string]any{"type": "string", "enum": p.Choices}
	case analytics.Integer:
		schema = map[string]any{"type": "integer", "minimum": p.Min, "maximum": p.Max}
	case analytics.Number:
		schema = map[string]any{"type": "number", "minimum": p.Min, "maximum": p.Max}
	case analytics.Switch:
		schema = map[string]any{"type": "boolean"}
	default:
		schema = WordSchema(p)
	}
	if value, ok := paramDefault(p); ok {
		schema["default"] = value
	}
	return schema
}

// WordSchema describes a word. Those that are offered are all there are, each
// with what it is called. The map is the caller's.
func WordSchema(p analytics.Param) map[string]any {
	schema := map[string]any{"type": "string"}
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
