package ingest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// A feature is one record of GeoJSON.
type feature struct {
	Type       string                     `json:"type"`
	ID         json.RawMessage            `json:"id"`
	Properties map[string]json.RawMessage `json:"properties"`
	Geometry   json.RawMessage            `json:"geometry"`
}

// A featureParser reads features as rows of text.
type featureParser struct {
	layout Layout
	values []string
}

func newFeatureParser(l Layout) *featureParser { return &featureParser{layout: l} }

func (p *featureParser) parse(r record) ([]string, *Reject) {
	reject := func(code, message string) ([]string, *Reject) {
		return nil, &Reject{Line: r.line, Code: code, Message: message, Raw: r.raw}
	}
	if r.bad != "" {
		return reject(CodeSyntax, r.bad)
	}
	if !validUTF8(r.raw) {
		return reject(CodeEncoding, "not valid utf-8")
	}
	var f feature
	if err := json.Unmarshal(r.raw, &f); err != nil {
		return reject(CodeSyntax, err.Error())
	}
	if f.Type != "Feature" {
		return reject(CodeSyntax, fmt.Sprintf("a %q, want a Feature", f.Type))
	}
	x, y, why := pointOf(f.Geometry)
	if why != "" {
		return reject(CodeGeometry, why)
	}
	p.values = p.values[:0]
	for _, name := range p.layout.Columns {
		switch name {
		case columnFeatureID:
			p.values = append(p.values, plainText(f.ID))
		case columnX:
			p.values = append(p.values, x)
		case columnY:
			p.values = append(p.values, y)
		default:
			p.values = append(p.values, plainText(f.Properties[name]))
		}
	}
	return p.values, nil
}

// pointOf returns the coordinates of a point as they are written, "" for no
// geometry, or why there are none.
func pointOf(raw json.RawMessage) (x, y, why string) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", "", ""
	}
	var g struct {
		Type        string
		Coordinates json.RawMessage
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		return "", "", "not a geometry"
	}
	var point []json.Number
	switch g.Type {
	case "Point":
		if json.Unmarshal(g.Coordinates, &point) != nil {
			return "", "", "a point without coordinates"
		}
	case "MultiPoint":
		var points [][]json.Number
		if json.Unmarshal(g.Coordinates, &points) != nil || len(points) != 1 {
			return "", "", "a MultiPoint that is not one point"
		}
		point = points[0]
	default:
		return "", "", fmt.Sprintf("a %s, want a Point", g.Type)
	}
	if len(point) == 0 { // an empty point, RFC 7946 section 3.1
		return "", "", ""
	}
	if len(point) < 2 {
		return "", "", "a point with one coordinate"
	}
	return point[0].String(), point[1].String(), ""
}

// plainText returns a JSON value as a table would show it: strings without
// quotes, null as nothing.
func plainText(raw json.RawMessage) string {
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	if raw[0] == '"' {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
	}
	return strings.TrimSpace(string(raw))
}

// outlineOf reads a polygon or several.
func outlineOf(raw json.RawMessage) (orb.MultiPolygon, error) {
	var g geojson.Geometry
	if err := json.Unmarshal(raw, &g); err != nil {
		return nil, fmt.Errorf("read outline: %w", err)
	}
	return polygons(g.Geometry())
}
