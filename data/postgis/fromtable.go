package postgis

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"
	"github.com/paulmach/orb/geojson"
)

// A TableSource names outlines in a table or view of somebody else's.
type TableSource struct {
	// Table is the name of the table or view, with its schema or without:
	// public.districts. Without a schema it is looked for on the search path. A
	// part in double quotes is taken as it is: gis."Districts 2024".
	Table string
	// Geometry names the column of the outlines. "" means the only one that is
	// of type geometry or geography.
	Geometry string
	// AsIs leaves coordinates as they are, whatever the column says of them: for
	// who knows better. Else they are brought to WGS 84, and a column that does
	// not say what they are in is an error.
	AsIs bool
}

// A TableContent is what a table of outlines holds.
type TableContent struct {
	Name     string // with the schema, quoted where SQL needs it
	Geometry string // the column of the outlines
	// GeoJSON is a FeatureCollection, one feature a line, whose properties are
	// the other columns.
	GeoJSON []byte
	Refused []RefusedRow // rows without an outline that can be read
}

// A RefusedRow is a row of a table that has no usable outline.
type RefusedRow struct {
	Properties json.RawMessage // its other columns
	Reason     string
}

// TableFeatures reads the outlines of a table, view, materialized view or
// foreign table in the database of a URL into GeoJSON. Coordinates are those of
// the table to the last bit, unless they are brought to WGS 84. Curves become
// lines, and heights are left out. Nothing is written, and all is read at one
// moment.
//
// The error wraps data.ErrNotFound when there is no such table,
// data.ErrUnavailable when the server cannot be reached, and fs.ErrPermission
// when the role may not read it.
func TableFeatures(ctx context.Context, url string, t TableSource) (TableContent, error) {
	content, err := tableFeatures(ctx, url, t)
	if err != nil {
		return TableContent{}, fmt.Errorf("read table %s of %s: %w", t.Table, Redact(url), known(ctx, err))
	}
	return content, nil
}

func tableFeatures(ctx context.Context, url string, t TableSource) (content TableContent, err error) {
	pool, err := newPool(ctx, url, Options{ReadOnly: true, Connections: 1}.withDefaults())
	if err != nil {
		return content, err
	}
	defer pool.Close()
	moment := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, pool, moment, func(tx pgx.Tx) error {
		found, err := findTable(ctx, tx, t.Table)
		if err != nil {
			return err
		}
		geometry, properties, err := found.choose(t.Geometry)
		if err != nil {
			return err
		}
		rows, err := readRows(ctx, tx, found.name, geometry, properties)
		if err != nil {
			return err
		}
		if err := checkRows(rows, t.AsIs); err != nil {
			return fmt.Errorf("column %q: %w", geometry, err)
		}
		if !t.AsIs {
			if err := toWGS84(ctx, tx, rows); err != nil {
				return err
			}
		}
		content = TableContent{Name: found.String(), Geometry: geometry}
		content.fill(rows)
		return nil
	})
	return content, err
}

// A tableRow is one row of a table of outlines.
type tableRow struct {
	properties json.RawMessage
	kind       string // of geometry, as GeoJSON calls it; "" for none
	srid       int    // 0 for none stated
	shape      []byte // well-known binary, of polygons only
	bad        string // why there is no outline
}

// readRows reads all rows, in an order of their own content.
func readRows(ctx context.Context, tx pgx.Tx, name pgx.Identifier, geometry string, properties []string) ([]tableRow, error) {
	columns := make([]string, len(properties))
	for i, p := range properties {
		columns[i] = "t." + quote(p)
	}
	rows, err := tx.Query(ctx, `SELECT properties::text COLLATE "C", substr(ST_GeometryType(g), 4), coalesce(ST_SRID(g), 0),
		CASE WHEN ST_GeometryType(g) IN ('ST_Polygon', 'ST_MultiPolygon', 'ST_CurvePolygon', 'ST_MultiSurface')
			THEN ST_AsBinary(ST_Force2D(ST_CurveToLine(g)), 'NDR') END AS shape
		FROM (SELECT t.`+quote(geometry)+`::geometry AS g, (SELECT row_to_json(p) FROM (SELECT `+strings.Join(columns, ", ")+`) p) AS properties
			FROM `+name.Sanitize()+` t) f ORDER BY 1, shape`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r tableRow, err error) {
		var kind *string
		err = row.Scan(&r.properties, &kind, &r.srid, &r.shape)
		if kind != nil {
			r.kind = *kind
		}
		return r, err
	})
}

// checkRows tests that there are outlines, and that it is known what their
// coordinates are. It marks the rows that have none.
func checkRows(rows []tableRow, asIs bool) error {
	if len(rows) == 0 {
		return errors.New("the table has no rows")
	}
	outlines, unknown := 0, 0
	others := map[string]int{}
	for i := range rows {
		r := &rows[i]
		switch {
		case r.shape == nil && r.kind == "":
			others["NULL"]++
			r.bad = "no geometry"
		case r.shape == nil:
			others[r.kind]++
			r.bad = fmt.Sprintf("a %s, want a Polygon or MultiPolygon", r.kind)
		case r.srid == 0:
			outlines++
			unknown++
		default:
			outlines++
		}
	}
	if outlines == 0 {
		var counts []string
		for _, kind := range slices.Sorted(maps.Keys(others)) {
			counts = append(counts, fmt.Sprintf("%d %s", others[kind], kind))
		}
		return fmt.Errorf("holds no polygons, but %s", strings.Join(counts, ", "))
	}
	if unknown > 0 && !asIs {
		return fmt.Errorf("%d of %d outlines do not say what their coordinates are (SRID 0): name it with --crs, or set it in the table with UpdateGeometrySRID", unknown, outlines)
	}
	return nil
}

// toWGS84 has the server bring outlines to longitude and latitude. Those for
// which that does not work are marked.
func toWGS84(ctx context.Context, tx pgx.Tx, rows []tableRow) error {
	systems := map[int][]int{} // rows by SRID
	for i, r := range rows {
		if r.shape != nil && r.srid != wgs84 {
			systems[r.srid] = append(systems[r.srid], i)
		}
	}
	for _, srid := range slices.Sorted(maps.Keys(systems)) {
		err := transform(ctx, tx, rows, systems[srid], srid)
		if refusal(err) != "" {
			err = transformEach(ctx, tx, rows, systems[srid], srid)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// transformEach brings outlines to WGS 84 one by one, and marks those that the
// server refuses. That it refuses all is an error.
func transformEach(ctx context.Context, tx pgx.Tx, rows []tableRow, of []int, srid int) error {
	refused := 0
	for _, i := range of {
		err := transform(ctx, tx, rows, []int{i}, srid)
		if err == nil {
			continue
		}
		why := refusal(err)
		if refused++; why == "" || refused == len(of) {
			return fmt.Errorf("transform from SRID %d: %w", srid, err)
		}
		rows[i].bad = fmt.Sprintf("cannot be transformed from SRID %d: %s", srid, why)
	}
	return nil
}

// transform brings some outlines to WGS 84, all of them or none.
func transform(ctx context.Context, tx pgx.Tx, rows []tableRow, some []int, srid int) error {
	shapes := make([][]byte, len(some))
	for k, i := range some {
		shapes[k] = rows[i].shape
	}
	var moved [][]byte
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error { // a savepoint
		answer, err := tx.Query(ctx, `SELECT ST_AsBinary(ST_Transform(ST_GeomFromWKB(shape, $2::int), 4326), 'NDR')
			FROM unnest($1::bytea[]) WITH ORDINALITY AS u (shape, i) ORDER BY i`, shapes, srid)
		if err != nil {
			return err
		}
		moved, err = pgx.CollectRows(answer, pgx.RowTo[[]byte])
		return err
	})
	if err != nil {
		return err
	}
	for k, i := range some {
		rows[i].shape = moved[k]
	}
	return nil
}

// fill writes the rows as features, or among those refused.
func (c *TableContent) fill(rows []tableRow) {
	var out bytes.Buffer
	out.WriteString(`{"type":"FeatureCollection","features":[`)
	comma := ""
	for _, r := range rows {
		var geometry []byte
		if r.bad == "" {
			geometry, r.bad = geometryOf(r.shape)
		}
		if r.bad != "" {
			c.Refused = append(c.Refused, RefusedRow{r.properties, r.bad})
			continue
		}
		fmt.Fprintf(&out, "%s\n{\"type\":\"Feature\",\"geometry\":%s,\"properties\":%s}", comma, geometry, r.properties)
		comma = ","
	}
	out.WriteString("\n]}\n")
	c.GeoJSON = out.Bytes()
}

// geometryOf turns well-known binary into a GeoJSON geometry, in which numbers
// keep every bit, or says why that does not work.
func geometryOf(shape []byte) (geometry []byte, bad string) {
	g, _, err := ewkb.Unmarshal(shape)
	if err != nil {
		return nil, err.Error()
	}
	for _, p := range cornersOf(g) {
		if s := p[0] - p[0] + p[1] - p[1]; s != 0 || math.IsNaN(s) {
			return nil, fmt.Sprintf("a corner at %v, %v", p[0], p[1])
		}
	}
	geometry, err = geojson.NewGeometry(g).MarshalJSON()
	if err != nil {
		return nil, err.Error()
	}
	return geometry, ""
}

func cornersOf(g orb.Geometry) (corners []orb.Point) {
	switch g := g.(type) {
	case orb.Polygon:
		for _, ring := range g {
			corners = append(corners, ring...)
		}
	case orb.MultiPolygon:
		for _, polygon := range g {
			corners = append(corners, cornersOf(polygon)...)
		}
	}
	return corners
}
