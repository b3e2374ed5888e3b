package ingest

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/civgrid/civgrid/geo/crs"
)

// An outline is a feature, or a row, that may become a community.
type outline struct {
	record     record
	properties map[string]json.RawMessage
	shape      orb.MultiPolygon
}

// An outlineReader reads the outline of one record, in the file's own
// coordinates.
type outlineReader func(r record) (outline, *Reject)

// readOutlines reads all outlines of a file. Those that cannot be read are
// among the result's rejects.
func readOutlines(in Input, format Format, layout Layout, geometry string, system crs.System, result *BoundaryResult) ([]outline, error) {
	read := outlineReader(featureOutline)
	if layout.Format == formatCSV {
		var err error
		if read, err = rowOutlines(format, layout, geometry); err != nil {
			return nil, err
		}
	}
	f, err := in.open(nil)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var outlines []outline
	var rows int64
	split := format.split(f, layout)
	for {
		r, err := split.next()
		if errors.Is(err, io.EOF) {
			_, err = io.Copy(io.Discard, f) // an archive may end before its time
			return outlines, brokenAfter(rows, err)
		}
		if err != nil {
			return nil, brokenAfter(rows, err)
		}
		rows++
		found, bad := readOutline(r, read, system)
		if bad != nil {
			bad.Line, bad.Raw = r.line, r.raw
			result.Rejects = append(result.Rejects, *bad)
			continue
		}
		outlines = append(outlines, found)
	}
}

// readOutline reads one record and brings its outline to WGS 84.
func readOutline(r record, read outlineReader, system crs.System) (outline, *Reject) {
	if r.bad != "" {
		return outline{}, &Reject{Code: CodeSyntax, Message: r.bad}
	}
	found, bad := read(r)
	if bad != nil {
		return outline{}, bad
	}
	for _, polygon := range found.shape {
		for _, ring := range polygon {
			for i, p := range ring {
				var err error
				if ring[i], err = crs.ToWGS84(system, p); err != nil {
					return outline{}, &Reject{Code: CodeRange, Message: fmt.Sprintf("%v, %v: %v", p[0], p[1], err)}
				}
			}
		}
	}
	return found, nil
}

// featureOutline reads a GeoJSON feature.
func featureOutline(r record) (outline, *Reject) {
	var f feature
	if err := json.Unmarshal(r.raw, &f); err != nil {
		return outline{}, &Reject{Code: CodeSyntax, Message: err.Error()}
	}
	shape, err := outlineOf(f.Geometry)
	if err != nil {
		return outline{}, &Reject{Code: CodeGeometry, Message: err.Error()}
	}
	if len(f.ID) > 0 && f.Properties[columnFeatureID] == nil {
		if f.Properties == nil {
			f.Properties = map[string]json.RawMessage{}
		}
		f.Properties[columnFeatureID] = f.ID
	}
	return outline{r, f.Properties, shape}, nil
}

// geometryNames are the plain names of columns that hold outlines.
var geometryNames = []string{"wkt", "the_geom", "geom", "geometry", "shape", "geojson", "outline", "wkb_geometry", "几何", "边界"}

// rowOutlines returns a reader of the rows of a CSV file with the outline in a
// column.
func rowOutlines(format Format, layout Layout, geometry string) (outlineReader, error) {
	if geometry == "" {
		geometry = guessName(layout.Columns, geometryNames, func(string) bool { return true })
	}
	at := layout.column(geometry)
	if at < 0 {
		return nil, settingError("no column holds outlines: name it with %s (columns: %s)", set("geometry", "COLUMN"), strings.Join(layout.Columns, ", "))
	}
	p := format.parse(layout)
	return func(r record) (outline, *Reject) {
		values, bad := p.parse(r)
		if bad != nil {
			return outline{}, bad
		}
		shape, err := outlineIn(values[at])
		if err != nil {
			return outline{}, &Reject{Column: geometry, Value: cut(values[at]), Code: CodeGeometry, Message: err.Error()}
		}
		properties := map[string]json.RawMessage{}
		for i, name := range layout.Columns {
			if i != at && !isRejectColumn(name) {
				properties[name] = quoted(values[i])
			}
		}
		return outline{r, properties, shape}, nil
	}, nil
}

// cut shortens an outline that is quoted in a message.
func cut(s string) string {
	const most = 60
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

func quoted(text string) json.RawMessage {
	raw, err := json.Marshal(text)
	if err != nil {
		panic("BUG: a string does not encode: " + err.Error())
	}
	return raw
}

// outlineIn reads an outline as people put it into tables: GeoJSON, well-known
// text (OGC 06-103r4, clause 7) with or without the SRID before it that PostGIS
// writes, or hexadecimal well-known binary.
func outlineIn(text string) (orb.MultiPolygon, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, errors.New("no geometry")
	case text[0] == '{':
		return outlineOf(json.RawMessage(text))
	}
	if binary, err := hex.DecodeString(text); err == nil {
		shape, srid, err := ewkb.Unmarshal(binary)
		if err != nil {
			return nil, fmt.Errorf("well-known binary: %w", err)
		}
		if err := checkSRID(strconv.Itoa(srid)); err != nil {
			return nil, err
		}
		return polygons(shape)
	}
	if srid, rest, ok := strings.Cut(text, ";"); ok && strings.HasPrefix(strings.ToUpper(srid), "SRID=") {
		if err := checkSRID(srid[len("SRID="):]); err != nil {
			return nil, err
		}
		text = rest
	}
	shape, err := wkt.Unmarshal(text)
	if err != nil {
		return nil, fmt.Errorf("well-known text: %w", err)
	}
	return polygons(shape)
}

// checkSRID refuses a geometry that names another coordinate system than WGS 84
// or CGCS2000: that of the file is said by its options, for all rows alike.
func checkSRID(srid string) error {
	switch srid {
	case "0", "4326", "4490":
		return nil
	}
	return fmt.Errorf("SRID %s: want 4326 (ST_Transform makes it)", srid)
}

// polygons returns the polygons of a geometry that is made of polygons.
func polygons(g orb.Geometry) (orb.MultiPolygon, error) {
	switch shape := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{shape}, nil
	case orb.MultiPolygon:
		return shape, nil
	case nil:
		return nil, errors.New("no geometry")
	default:
		return nil, fmt.Errorf("a %s, want a Polygon or MultiPolygon", shape.GeoJSONType())
	}
}
