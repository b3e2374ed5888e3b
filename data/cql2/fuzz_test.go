package cql2

import (
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
)

// checkExpr tests that an expression can be written and read in both
// encodings, and compiled or refused.
func checkExpr(t *testing.T, e Expr) {
	t.Helper()
	if text := e.String(); len(text) <= maxBytes {
		again, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := different(e, again); diff != "" {
			t.Fatalf("%s (-once +again):\n%s", text, diff)
		}
		if again.String() != text {
			t.Fatalf("%s is written %s the second time", text, again)
		}
	}
	encoded, err := e.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if len(encoded) <= maxBytes {
		again, err := ParseJSON(encoded)
		if err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		if diff := different(e, again); diff != "" {
			t.Fatalf("%s (-once +again):\n%s", encoded, diff)
		}
	}
	Properties(e)
	for _, columns := range [][]data.Column{kleeneColumns, data.SchemaOf(data.Inspections, nil)} {
		c, err := Compile(e, columns, Options{Zone: time.FixedZone("", 3600), Private: true, Geometry: points(columns[0].Name, 0)})
		if err != nil {
			continue
		}
		if err := data.CheckCondition(c, columns); err != nil {
			t.Fatalf("%s: %v", e, err)
		}
		data.Select(nil, data.NewBuilder(columns).Build(), c)
	}
}

func FuzzText(f *testing.F) {
	for _, text := range []string{
		`text = 'a' AND NOT (n > 3.5 OR code IS NOT NULL)`,
		`CASEI(text) LIKE CASEI('50\%') OR text NOT ILIKE '_'`,
		`score BETWEEN -1e3 AND .5 AND n NOT IN (1, 2, m)`,
		`at >= DATE('2024-03-01') AND due < '2024-03-01T' OR at = TIMESTAMP('2024-03-01T00:00:00.5+08:00')`,
		`T_INTERSECTS(at, INTERVAL('..', '2024-03-01T08:00:00')) AND T_DURING(INTERVAL(at, due), INTERVAL("at", '..'))`,
		`S_INTERSECTS(geometry, POLYGON((0 0, 2 0, 2 2, 0 0))) OR NOT S_DISJOINT(BBOX(170, -1, -170, 1), geometry)`,
		`s_within(geometry, GEOMETRYCOLLECTION(POINT(1 2 3), MULTIPOINT((1 2), 3 4), LINESTRING(-1 0, +1.5e1 .5)))`,
		`S_TOUCHES(geometry, MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))) AND geometry IS NOT NULL`,
		`"say ""hi""" = 'it''s\n\\' OR 类别 = '路灯' OR TRUE`,
		`cell = '8931aa50003ffff' AND n <> 9223372036854775807.5`,
		`((((`, `a = 'x\'`, `NOT NOT`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := Parse(text); err == nil {
			checkExpr(t, e)
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, text := range []string{
		`true`,
		`{"op":"and","args":[{"op":"=","args":[{"property":"text"},"a"]},{"op":"not","args":[{"op":"isNull","args":[{"property":"n"}]}]}]}`,
		`{"op":"like","args":[{"op":"casei","args":[{"property":"text"}]},{"op":"casei","args":["A%\\"]}]}`,
		`{"op":"in","args":[{"property":"n"},[1,2.5,-1e30]]}`,
		`{"op":"between","args":[{"property":"at"},{"date":"2024-03-01"},{"timestamp":"2024-03-01T00:00:00Z"}]}`,
		`{"op":"t_during","args":[{"property":"at"},{"interval":["..",{"property":"due"}]}]}`,
		`[[[[`, `{"op":`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if e, err := ParseJSON(text); err == nil {
			checkExpr(t, e)
		}
	})
}
