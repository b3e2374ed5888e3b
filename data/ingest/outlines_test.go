package ingest

import (
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

func TestOutlinesFromTables(t *testing.T) {
	square := `POLYGON((110 23,110.1 23,110.1 23.1,110 23.1,110 23))`
	f := func(text string, want int, why string) {
		t.Helper()
		shape, err := outlineIn(text)
		if len(shape) != want || (err == nil) != (why == "") || err != nil && !strings.Contains(err.Error(), why) {
			t.Errorf("outlineIn(%q) has %d polygons and error %v, want %d and %q", text, len(shape), err, want, why)
		}
	}
	f(square, 1, "")
	f("SRID=4326;"+square, 1, "")
	f("multipolygon(((0 0,1 0,1 1,0 0)),((2 2,3 2,3 3,2 2)))", 2, "")
	f(`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}`, 1, "")
	// ST_AsHexEWKB of the triangle 0 0, 1 0, 1 1 with SRID 4326, byte by byte.
	f("0103000020E6100000"+"01000000"+"04000000"+
		"0000000000000000"+"0000000000000000"+"000000000000F03F"+"0000000000000000"+
		"000000000000F03F"+"000000000000F03F"+"0000000000000000"+"0000000000000000", 1, "")
	f("SRID=3857;"+square, 0, "SRID 3857")
	f("", 0, "no geometry")
	f("POINT(1 2)", 0, "want a Polygon")
	f("POLYGON((1 2", 0, "well-known text")
	f("0103", 0, "well-known binary")
}

func TestBoundariesFromCSV(t *testing.T) {
	file := "code,name,wkt\nA,Alpha,\"POLYGON((110 23,110.1 23,110.1 23.1,110 23.1,110 23))\"\nB,贝塔,not an outline\n"
	result, err := Boundaries(t.Context(), memory.New(), Bytes("areas.csv", []byte(file)), BoundaryOptions{Level: data.District}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Communities) != 1 || result.Communities[0].Code != "A" || result.Communities[0].Names.In("") != "Alpha" {
		t.Errorf("read %v, want area A alone", result.Communities)
	}
	if len(result.Rejects) != 1 || result.Rejects[0].Line != 3 || result.Rejects[0].Column != "wkt" {
		t.Errorf("rejected %v, want line 3 for column wkt", result.Rejects)
	}
}
