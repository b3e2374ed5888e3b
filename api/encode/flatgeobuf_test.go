package encode_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/encode"
)

func TestFlatGeobufRoundTrip(t *testing.T) {
	roundTrip(t, "fgb", 0, func(t *testing.T, b []byte) []record { return readFlat(t, b).records(t) }, promoted)
}

func TestFlatGeobufIndexFindsWhatABoxHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, n := range []int{1, 2, 15, 16, 17, 255, 256, 257, 1500} {
		table := &encode.Table{Name: "points", IDs: []string{}}
		for i := range n {
			table.IDs, table.Shapes = append(table.IDs, fmt.Sprint(i)), append(table.Shapes, randomPoint(r))
		}
		var b bytes.Buffer
		if err := encode.WriteTable(&b, "fgb", table, encode.Options{}); err != nil {
			t.Fatal(err)
		}
		f := readFlat(t, b.Bytes())
		if f.nodeSize != 16 {
			t.Fatalf("%d points have node size %d", n, f.nodeSize)
		}
		for range 20 {
			p, q := randomPoint(r), randomPoint(r)
			box := orb.MultiPoint{p, q}.Bound()
			found := f.search(t, box)
			for i, shape := range table.Shapes {
				if want := box.Contains(shape.(orb.Point)); found[table.IDs[i]] != want {
					t.Fatalf("%d points: point %d in %v is found: %v, want %v", n, i, box, !want, want)
				}
			}
		}
	}
}

// TestFlatGeobufIsInOrder measures the way from feature to feature: along the
// curve it is short.
func TestFlatGeobufIsInOrder(t *testing.T) {
	table := &encode.Table{Name: "grid", IDs: []string{}}
	for i := range 32 * 32 {
		table.IDs, table.Shapes = append(table.IDs, fmt.Sprint(i)), append(table.Shapes, orb.Point{float64(i % 32), float64(i / 32)})
	}
	var b bytes.Buffer
	if err := encode.WriteTable(&b, "fgb", table, encode.Options{}); err != nil {
		t.Fatal(err)
	}
	var last orb.Point
	way, far := 0.0, 0
	for i, r := range readFlat(t, b.Bytes()).records(t) {
		p := r.geometry.(orb.Point)
		if d := math.Abs(p[0]-last[0]) + math.Abs(p[1]-last[1]); i > 0 {
			way += d
			if d > 1 {
				far++
			}
		}
		last = p
	}
	// Hilbert's curve through a grid of a power of two goes from neighbour to
	// neighbour.
	if way != 32*32-1 || far != 0 {
		t.Errorf("the way through the grid is %v long, %d steps of it beyond the next, want %d and none", way, far, 32*32-1)
	}
}

func TestFlatGeobufWithoutIndex(t *testing.T) {
	f := func(name string, table *encode.Table, o encode.Options, want uint16) {
		t.Helper()
		var b bytes.Buffer
		if err := encode.WriteTable(&b, "fgb", table, o); err != nil {
			t.Fatal(err)
		}
		if got := readFlat(t, b.Bytes()).nodeSize; got != want {
			t.Errorf("%s: node size %d, want %d", name, got, want)
		}
	}
	points := func(shapes ...orb.Geometry) *encode.Table {
		return &encode.Table{Name: "x", IDs: make([]string, len(shapes)), Shapes: shapes}
	}
	f("two points", points(orb.Point{1, 2}, orb.Point{3, 4}), encode.Options{}, 16)
	f("a row without geometry", points(orb.Point{1, 2}, nil), encode.Options{}, 0)
	f("rows in an order", points(orb.Point{1, 2}, orb.Point{3, 4}), encode.Options{Rows: []int{1, 0}}, 0)
	f("no rows", points(), encode.Options{}, 0)
	many := &encode.Table{Name: "x", IDs: make([]string, 1<<17+1), Shapes: make([]orb.Geometry, 1<<17+1)}
	for i := range many.Shapes {
		many.Shapes[i] = orb.Point{float64(i % 360), 0}
	}
	f("more than are indexed", many, encode.Options{}, 0)
}

func TestFlatGeobufRefusesMoreColumnsThanItCanNumber(t *testing.T) {
	table := &encode.Table{Name: "x", Columns: make([]analytics.Column, math.MaxUint16)}
	if err := encode.WriteTable(&bytes.Buffer{}, "fgb", table, encode.Options{}); err == nil {
		t.Error("65,535 columns and an id are written")
	}
}

// TestGDALReadsFlatGeobuf lets GDAL turn what we write into GeoJSON, and look
// for what is in a box.
func TestGDALReadsFlatGeobuf(t *testing.T) {
	for _, tool := range []string{"ogrinfo", "ogr2ogr"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed (Debian: gdal-bin)", tool)
		}
	}
	run := func(name string, args ...string) string {
		t.Helper()
		var warnings bytes.Buffer
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Stderr = &warnings
		out, err := cmd.Output()
		if err != nil || warnings.Len() > 0 {
			t.Fatalf("%s %v: %v\n%s", name, args, err, &warnings)
		}
		return string(out)
	}
	for _, s := range samples(t, rand.New(rand.NewPCG(3, 3))) {
		for i := range s.want { // GDAL's texts end at a zero byte
			if word, ok := s.want[i].values["字"].(string); ok && strings.Contains(word, "\x00") {
				s.table.Columns[3].Words[i], s.want[i].values["字"] = "零", "零"
			}
		}
		path := filepath.Join(t.TempDir(), "layer.fgb")
		var b bytes.Buffer
		if err := encode.WriteTable(&b, "fgb", s.table, encode.Options{}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		summary := run("ogrinfo", "-ro", "-so", "-al", path)
		for _, want := range []string{
			fmt.Sprintf("Feature Count: %d", len(s.want)), "id_: String (0.0) NOT NULL", "whole: Real (0.0)", "some: Real (0.0)", "count: Integer64 (0.0)", "字: String (0.0)", "ID: String (0.0)", `ID["EPSG",4326]`,
		} {
			if !strings.Contains(summary, want) {
				t.Errorf("%s: ogrinfo does not say %q:\n%s", s.name, want, summary)
			}
		}
		var c struct{ Features []json.RawMessage }
		if err := json.Unmarshal([]byte(run("ogr2ogr", "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=15", "/vsistdout/", path)), &c); err != nil {
			t.Fatal(err)
		}
		var got []record
		for _, f := range c.Features {
			record := recordOf(t, bytes.Replace(f, []byte(`"Feature",`), []byte(`"Feature", "id": "",`), 1))
			record.id = record.values["id_"].(string)
			delete(record.values, "id_")
			for _, c := range s.table.Columns { // GDAL leaves out what is not set
				if _, has := record.values[c.Name]; !has {
					record.values[c.Name] = nil
				}
			}
			got = append(got, record)
		}
		if err := sameRecords(got, promoted(s.want), 1e-12, false); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		box := orb.Bound{Min: orb.Point{-90, -40}, Max: orb.Point{60, 30}}
		inside := 0
		for _, w := range s.want {
			if p, ok := w.geometry.(orb.Point); ok && box.Contains(p) {
				inside++
			}
		}
		if found := run("ogrinfo", "-ro", "-so", "-al", "-spat", "-90", "-40", "60", "30", path); strings.HasSuffix(s.name, " points") && !strings.Contains(found, fmt.Sprintf("Feature Count: %d", inside)) {
			t.Errorf("%s: %d are in the box, and ogrinfo says:\n%s", s.name, inside, found)
		}
	}
}

// promoted returns records with polygons among multipolygons made such, as a
// format writes them that has one type for all.
func promoted(records []record) []record {
	polygons, others := 0, 0
	for _, r := range records {
		switch r.geometry.(type) {
		case orb.Polygon:
			polygons++
		case orb.Point:
			return records
		case orb.MultiPolygon:
			others++
		}
	}
	if polygons == 0 || others == 0 {
		return records
	}
	list := append([]record(nil), records...)
	for i, r := range list {
		if p, ok := r.geometry.(orb.Polygon); ok {
			list[i].geometry = orb.MultiPolygon{p}
		}
	}
	return list
}
