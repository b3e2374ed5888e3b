package cql2

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// points has each row stand at a place: a row number along a line of latitude, where
// column has a value.
func points(column string, lat float64) *Geometry {
	return &Geometry{Name: "geometry", Column: column, Relate: func(r geo.Relation, p *geo.Probe) data.Condition {
		return data.Test{Columns: []string{column}, Of: func(data.Batch) func(int) bool {
			return func(row int) bool {
				is, err := p.Is(orb.Point{float64(row), lat}, r)
				return err == nil && is
			}
		}}
	}}
}

// column is of numbers, missing in every fifth row.
func placed(t *testing.T, rows int) ([]data.Column, data.Batch) {
	t.Helper()
	columns := []data.Column{{Name: "n", Type: data.Int}}
	b := data.NewBuilder(columns)
	for row := range rows {
		if row%5 == 4 {
			b.Missing(0)
		} else {
			b.SetInt(0, int64(row))
		}
	}
	return columns, b.Build()
}

func rowsOf(t *testing.T, e Expr, columns []data.Column, b data.Batch, g *Geometry) string {
	t.Helper()
	c, err := Compile(e, columns, Options{Geometry: g})
	if err != nil {
		t.Fatalf("%s: %v", e, err)
	}
	var rows []string
	for row, ok := range data.Select(nil, b, c) {
		if ok {
			rows = append(rows, fmt.Sprint(row))
		}
	}
	return strings.Join(rows, " ")
}

// TestSpatialFunctions has rows 0 to 9 at POINT(row 0), of which 4 and 9 have no
// shape: they meet neither a function nor its NOT.
func TestSpatialFunctions(t *testing.T) {
	columns, b := placed(t, 10)
	f := func(text, encoded, want string) {
		t.Helper()
		e, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := rowsOf(t, e, columns, b, points("n", 0)); got != want {
			t.Errorf("%s is met by %s, want %s", text, got, want)
		}
		again, err := ParseJSON([]byte(encoded))
		if err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		if diff := different(e, again); diff != "" {
			t.Errorf("%s (-text +JSON):\n%s", text, diff)
		}
		checkExpr(t, e)
	}
	property := `{"property":"geometry"}`
	f("S_INTERSECTS(geometry, BBOX(1, -1, 3, 1))", `{"op":"s_intersects","args":[`+property+`,{"bbox":[1,-1,3,1]}]}`, "1 2 3")
	f("NOT S_INTERSECTS(geometry, BBOX(1, -1, 0, 3, 1, 9))", `{"op":"not","args":[{"op":"s_intersects","args":[`+property+`,{"bbox":[1,-1,0,3,1,9]}]}]}`, "0 5 6 7 8")
	f("S_WITHIN(geometry, POLYGON((1 -1, 3 -1, 3 1, 1 1, 1 -1)))", `{"op":"s_within","args":[`+property+`,{"type":"Polygon","coordinates":[[[1,-1],[3,-1],[3,1],[1,1],[1,-1]]]}]}`, "2")
	f("S_CONTAINS(POLYGON((1 -1, 3 -1, 3 1, 1 1, 1 -1)), geometry)", `{"op":"s_contains","args":[{"type":"Polygon","coordinates":[[[1,-1],[3,-1],[3,1],[1,1],[1,-1]]]},`+property+`]}`, "2")
	f("S_TOUCHES(geometry, LINESTRING(1 0, 3 0))", `{"op":"s_touches","args":[`+property+`,{"type":"LineString","coordinates":[[1,0],[3,0]]}]}`, "1 3")
	f("S_EQUALS(geometry, POINT(5 0))", `{"op":"s_equals","args":[`+property+`,{"type":"Point","coordinates":[5,0]}]}`, "5")
	f("S_INTERSECTS(geometry, MULTIPOINT((6 0), (7 0)))", `{"op":"s_intersects","args":[`+property+`,{"type":"MultiPoint","coordinates":[[6,0],[7,0]]}]}`, "6 7")
	f("S_INTERSECTS(geometry, MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)), ((7 0, 8 0, 8 1, 7 0))))",
		`{"op":"s_intersects","args":[`+property+`,{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[7,0],[8,0],[8,1],[7,0]]]]}]}`, "0 1 7 8")
	f("S_DISJOINT(geometry, BBOX(2, 0, 2, 0)) AND n < 4", `{"op":"and","args":[{"op":"s_disjoint","args":[`+property+`,{"bbox":[2,0,2,0]}]},{"op":"<","args":[{"property":"n"},4]}]}`, "0 1 3")
	f("S_INTERSECTS(geometry, BBOX(7, 0, 2, 0))", `{"op":"s_intersects","args":[`+property+`,{"bbox":[7,0,2,0]}]}`, "0 1 2 7 8") // across the antimeridian
	f("geometry IS NULL", `{"op":"isNull","args":[`+property+`]}`, "4 9")
	f("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(1 0), LINESTRING(5 0, 6 0)))",
		`{"op":"s_intersects","args":[`+property+`,{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,0]},{"type":"LineString","coordinates":[[5,0],[6,0]]}]}]}`, "1 5 6")
}

// TestCoordinatesAreTurned reads latitude before longitude.
func TestCoordinatesAreTurned(t *testing.T) {
	columns, b := placed(t, 10)
	g := points("n", 3)
	g.Point = func(p orb.Point) (orb.Point, error) {
		if p[0] > 90 {
			return p, errors.New("latitude is beyond 90")
		}
		return orb.Point{p[1], p[0]}, nil
	}
	for text, want := range map[string]string{
		"S_INTERSECTS(geometry, BBOX(2, 0, 4, 2))":                                   "0 1 2",
		"S_INTERSECTS(geometry, POINT(3 2))":                                         "2",
		"S_INTERSECTS(geometry, MULTILINESTRING((3 1, 3 2), (3 6, 3 7)))":            "1 2 6 7",
		"S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(3 1), POINT(2 1)))":         "1",
		"S_WITHIN(geometry, MULTIPOLYGON(((2 0, 4 0, 4 2, 2 2, 2 0))))":              "1",
		"S_WITHIN(geometry, POLYGON((2 0, 4 0, 4 2, 2 2, 2 0))) OR geometry IS NULL": "1 4 9",
	} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := rowsOf(t, e, columns, b, g); got != want {
			t.Errorf("%s is met by %s, want %s", text, got, want)
		}
	}
	e, err := Parse("S_INTERSECTS(geometry, POINT(100 2))")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Compile(e, columns, Options{Geometry: g}); err == nil || !strings.Contains(err.Error(), "beyond 90") {
		t.Errorf("error %v, want that of the coordinate system", err)
	}
}

func TestSpatialErrors(t *testing.T) {
	columns, _ := placed(t, 1)
	f := func(text string, g *Geometry, why string) {
		t.Helper()
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Compile(e, columns, Options{Geometry: g})
		var wrong *Error
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Why, why) {
			t.Errorf("%s: error %v, want %q", text, err, why)
		}
	}
	f("S_INTERSECTS(geometry, POINT(1 2))", nil, "there are no shapes here")
	f("S_INTERSECTS(n, POINT(1 2))", points("n", 0), "that is geometry")
	f("S_INTERSECTS(geometry, geometry)", points("n", 0), "the other a geometry")
	f("S_INTERSECTS(POINT(1 2), POINT(1 2))", points("n", 0), "the other a geometry")
	f("S_INTERSECTS(geometry, 'x')", points("n", 0), "a geometry is wanted")
	f("S_INTERSECTS(geometry, POLYGON((0 0, 1 0, 1 1)))", points("n", 0), "not an outline")
	f("S_INTERSECTS(geometry, BBOX(0, 2, 1, 1))", points("n", 0), "south is greater")
	f("n = POINT(1 2)", points("n", 0), "n")
	f("geometry = 5", points("n", 0), "ask with a spatial function")
	long := "S_INTERSECTS(geometry, LINESTRING(0 0" + strings.Repeat(", 1 1", maxVertices) + "))"
	if len(long) < maxBytes {
		if _, err := Parse(long); err == nil {
			t.Error("a line of too many points is read")
		}
	}
}

// TestWrittenGeometriesAreReadAgain writes random geometries in both encodings.
func TestWrittenGeometriesAreReadAgain(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	at := func() orb.Point {
		return orb.Point{(rng.Float64() - 0.5) * 360, float64(rng.IntN(1800)-900) / 10}
	}
	line := func() orb.LineString { return orb.LineString{at(), at(), at()} }
	ring := func() orb.Ring { r := orb.Ring(line()); return append(r, r[0]) }
	for range 300 {
		var g orb.Geometry
		switch rng.IntN(7) {
		case 0:
			g = at()
		case 1:
			g = orb.MultiPoint{at(), at()}
		case 2:
			g = line()
		case 3:
			g = orb.MultiLineString{line(), line()}
		case 4:
			g = orb.Polygon{ring(), ring()}
		case 5:
			g = orb.MultiPolygon{{ring()}, {ring()}}
		default:
			g = orb.Collection{at(), orb.Polygon{ring()}}
		}
		checkExpr(t, Expr{spatial{op: geo.Intersects, left: property{name: "geometry"}, right: outline{geometry: g}}})
	}
}
