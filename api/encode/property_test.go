package encode_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/geo"
)

func TestGeoJSONReadsBackToTheSameValues(t *testing.T) {
	layer := cellLayer(t)
	c, err := geojson.UnmarshalFeatureCollection(write(t, "geojson", layer, encode.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	for row, f := range c.Features {
		if f.ID != layer.Frame.ID(row) {
			t.Errorf("row %d has id %v, want %s", row, f.ID, layer.Frame.ID(row))
		}
		for _, column := range layer.Columns {
			checkProperty(t, column, row, f.Properties)
		}
		checkOutline(t, layer.Frame.Cells[row], f.Geometry)
	}
}

func checkProperty(t *testing.T, c analytics.Column, row int, properties geojson.Properties) {
	t.Helper()
	got, present := properties[c.Name]
	var want any
	switch {
	case !c.Has(row):
	case c.Type == analytics.IntColumn:
		want = float64(c.Ints[row])
	case c.Type == analytics.FloatColumn:
		want = c.Floats[row]
	default:
		want = c.Words[row]
	}
	if !present || got != want {
		t.Errorf("row %d: %s reads %v, want %v", row, c.Name, got, want)
	}
}

func checkOutline(t *testing.T, c geo.Cell, g orb.Geometry) {
	t.Helper()
	p, ok := g.(orb.Polygon)
	if !ok || len(p) != 1 || !p[0].Closed() || p[0].Orientation() != orb.CCW {
		t.Fatalf("cell %s is drawn as %v", c, g)
	}
	if !planar.PolygonContains(p, c.Centre()) {
		t.Errorf("cell %s does not hold its centre", c)
	}
}

func TestCellsAcrossTheAntimeridianAreCut(t *testing.T) {
	cells := cellsAround(t, 180, -17, 5, 1)
	layer := &analytics.Layer{Frame: &analytics.Frame{Unit: analytics.CellsOf(5), Cells: cells}}
	c, err := geojson.UnmarshalFeatureCollection(write(t, "geojson", layer, encode.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	cut := 0
	for _, f := range c.Features {
		b := f.Geometry.Bound()
		if m, ok := f.Geometry.(orb.MultiPolygon); ok {
			cut++
			for _, p := range m {
				if p[0].Orientation() != orb.CCW || p.Bound().Max[0]-p.Bound().Min[0] > 2 {
					t.Errorf("part %v of %v", p, f.ID)
				}
			}
		} else if b.Max[0]-b.Min[0] > 2 {
			t.Errorf("cell %v spans %v", f.ID, b)
		}
	}
	if cut == 0 {
		t.Error("no cell is cut")
	}
}

func TestFloatsKeepTheirPoint(t *testing.T) {
	f := func(x float64) {
		t.Helper()
		layer := cellLayer(t)
		layer.Columns = []analytics.Column{{Name: "x", Type: analytics.FloatColumn, Floats: []float64{x, x, x, x, x, x, x}}}
		got := string(write(t, "geojson", layer, encode.Options{Rows: []int{0}}))
		_, after, _ := strings.Cut(got, `"properties":{"x":`)
		text, _, _ := strings.Cut(after, "}")
		back, err := strconv.ParseFloat(text, 64)
		if math.IsNaN(x) || math.IsInf(x, 0) {
			if text != "null" {
				t.Errorf("%v is written %q, want null", x, text)
			}
			return
		}
		if err != nil || back != x || !strings.ContainsAny(text, ".e") || !json.Valid([]byte(text)) {
			t.Errorf("%v is written %q", x, text)
		}
	}
	for _, x := range []float64{
		0, math.Copysign(0, -1), 5, -5, 0.1, 1.0 / 3, 1e-6, 9.99e-7, 1e20, 1e21, 5e-324,
		math.MaxFloat64, 1 << 53, math.NaN(), math.Inf(1), math.Inf(-1),
	} {
		f(x)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "田香社區", `"\` + "\x00\x1f\x7f", "\xff\xfe", "=cmd()", "a,b\r\nc\"d\"", "\u2028", "<script>", "\t", "🦊"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		layer := cellLayer(t)
		layer.Columns[1].Words[0], layer.Title, layer.Caveats[0] = s, s, s
		want := strings.ToValidUTF8(s, "\uFFFD")
		if n := strings.Count(s, ""); n != strings.Count(want, "") { // runs of bad bytes: one sign each
			want = string([]rune(s))
		}
		c, err := geojson.UnmarshalFeatureCollection(write(t, "geojson", layer, encode.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Features[0].Properties["place_name"]; got != want {
			t.Errorf("GeoJSON reads %q, want %q", got, want)
		}
		for _, format := range encode.Formats() {
			write(t, format.Name, layer, encode.Options{})
		}
		for _, r := range readFlat(t, write(t, "fgb", layer, encode.Options{})).records(t) {
			if r.id == layer.Frame.ID(0) && r.values["place_name"] != want {
				t.Errorf("FlatGeobuf reads %q, want %q", r.values["place_name"], want)
			}
		}
		if !json.Valid(write(t, "json", layer, encode.Options{})) {
			t.Error("JSON does not parse")
		}
		checkCSV(t, write(t, "csv", layer, encode.Options{}), s)
		if text := write(t, "table", layer, encode.Options{}); bytes.ContainsAny(text, "\x1b\r\x07") || !utf8.Valid(text) && utf8.ValidString(s) {
			t.Errorf("table holds signs that steer a terminal: %q", text)
		}
	})
}

func checkCSV(t *testing.T, written []byte, s string) {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(written)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got, want := records[1][1], strings.ReplaceAll(s, "\r\n", "\n") // what encoding/csv makes of it
	if want != "" && strings.IndexByte("=+-@\t\r\n\x00", s[0]) >= 0 {
		want = "'" + want
	}
	if got != want {
		t.Errorf("CSV reads %q, want %q", got, want)
	}
}

func FuzzFloat(f *testing.F) {
	f.Add(1.5)
	f.Add(1e300)
	f.Fuzz(func(t *testing.T, x float64) {
		layer := communityLayer()
		layer.Columns[1].Floats[0] = x
		c, err := geojson.UnmarshalFeatureCollection(write(t, "geojson", layer, encode.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		got := c.Features[0].Properties["share"]
		if math.IsNaN(x) || math.IsInf(x, 0) {
			if got != nil {
				t.Errorf("%v reads %v, want null", x, got)
			}
		} else if got != x {
			t.Errorf("%v reads %v", x, got)
		}
	})
}

func TestBoxMeetsTheGeometryAndNotItsEnvelope(t *testing.T) {
	table := encode.TableOf(communityLayer())
	f := func(row int, box geo.Box, want bool) {
		t.Helper()
		if got := table.In(row, box); got != want {
			t.Errorf("In(%d, %v) = %v, want %v", row, box, got, want)
		}
	}
	f(0, geo.Box{West: 114.2, South: 22.2, East: 114.3, North: 22.3}, true)
	f(0, geo.Box{West: 113, South: 21, East: 116, North: 24}, true)
	f(0, geo.Box{West: 115, South: 23, East: 116, North: 24}, true)
	f(0, geo.Box{West: 115.1, South: 22, East: 115.9, North: 23}, false)
	f(0, geo.Box{West: 114.5, South: 22.5, East: 114.5, North: 22.5}, true)
	f(1, geo.Box{West: 116.3, South: 22.3, East: 116.31, North: 22.31}, false)
	f(1, geo.Box{West: 116.2, South: 22.2, East: 116.3, North: 22.3}, true)
	f(1, geo.Box{West: 170, South: 0, East: -170, North: 60}, false)
	f(1, geo.Box{West: 115.5, South: 0, East: -170, North: 60}, true)
	f(0, geo.Box{West: 115.5, South: 0, East: -170, North: 60}, false)
	cells := encode.TableOf(cellLayer(t))
	centre := cells.Cells[3].Centre()
	for row := range cells.Len() {
		if got, want := cells.In(row, geo.Box{West: centre[0], South: centre[1], East: centre[0], North: centre[1]}), row == 3; got != want {
			t.Errorf("the centre of cell 3 is in cell %d: %v", row, got)
		}
	}
}
