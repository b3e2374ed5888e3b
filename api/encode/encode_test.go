package encode_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// cellsAround returns the cells of a disk in ascending order.
func cellsAround(t testing.TB, lon, lat float64, res geo.Resolution, steps int) []geo.Cell {
	t.Helper()
	origin, err := geo.CellAt(orb.Point{lon, lat}, res)
	if err != nil {
		t.Fatal(err)
	}
	cells := origin.Disk(steps)
	sortCells(cells)
	return cells
}

func sortCells(cells []geo.Cell) {
	for i := 1; i < len(cells); i++ {
		for j := i; j > 0 && cells[j] < cells[j-1]; j-- {
			cells[j], cells[j-1] = cells[j-1], cells[j]
		}
	}
}

func ptr(x float64) *float64 { return &x }

// cellLayer is a layer of seven cells made by hand.
func cellLayer(t testing.TB) *analytics.Layer {
	cells := cellsAround(t, 114.06, 22.54, 9, 1)
	ids := make([]string, len(cells))
	for i, c := range cells {
		ids[i] = c.String()
	}
	return &analytics.Layer{
		Name: "waiting", Title: "Where cases wait longest",
		Frame: &analytics.Frame{Unit: analytics.CellsOf(9), Cells: cells},
		Columns: []analytics.Column{
			{Name: "cell", Type: analytics.WordColumn, Title: "H3 cell", Words: ids},
			{
				Name: "place_name", Type: analytics.WordColumn, Title: "Place", Words: []string{"田香社區", `"><img onerror>`, "=1+1", "a,\"b\"\nc", "", "Zoë", "@x"},
				Valid: []bool{true, true, true, true, false, true, true},
			},
			{Name: "n", Type: analytics.IntColumn, Title: "Cases", Unit: "count", Ints: []int64{5, 0, -3, 12345, 7, 1, 2}, Valid: []bool{true, true, true, true, true, true, false}},
			{
				Name: "share", Type: analytics.FloatColumn, Title: "Share", Unit: "share", Floats: []float64{1, 0, 0.5, 1e-9, 123456789, -2, 7},
				Valid: []bool{true, true, true, true, true, true, false},
			},
		},
		Legend: analytics.Legend{Column: "share", Title: "Share", Unit: "share", Classes: []analytics.Class{
			{Key: "low", Label: "below half", Color: "#009e73", High: ptr(0.5), Rows: 3},
			{Key: "high", Label: "half and more", Color: "#b2182b", Low: ptr(0.5), Rows: 3},
			{Key: analytics.NoData, Label: "no data", Color: "#d9d9d9", Rows: 1},
		}},
		Rank:    analytics.Rank{Column: "share", Descending: true, Show: []string{"share", "n"}},
		Matrix:  &analytics.Matrix{Title: "Cases", Zone: "Asia/Shanghai"},
		Summary: []analytics.Item{{Key: "share", Title: "Share 全部", Value: 1.0, Unit: "share"}, {Key: "n", Title: "Cases", Value: int64(24), Unit: "count"}, {Key: "none", Title: "None", Value: nil}},
		Balances: []analytics.Balance{
			{Of: "cases", Count: "late", Total: 4, InRows: 4},
			{Of: "cases", Count: analytics.AllFacts, Total: 12366, InRows: 12357, Outside: 5, AreaOnly: 1, Unlocated: 3},
		},
		Caveats: []string{"Few cases. <5 & more"},
		Method:  "By hand.", Reference: "Nobody 2026",
		Provenance: analytics.Provenance{
			DataVersion: "abc", Unit: "h3-9", Zone: "Asia/Shanghai", StudyArea: "seven cells",
			From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), AsOf: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
			Recorded: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), Boundaries: "b0", Indicator: "town.waiting@2", Definition: "d0", Calendar: "office@1",
			Params: map[string]string{"res": "9", "fill": "overlap"},
		},
	}
}

// communityLayer is a layer of two communities: one ring given the wrong way
// round and open, one with a hole.
func communityLayer() *analytics.Layer {
	square := func(x, y, d float64) orb.Ring {
		return orb.Ring{{x, y}, {x + d, y}, {x + d, y + d}, {x, y + d}, {x, y}}
	}
	clockwise := orb.Ring{{114, 22}, {114, 23}, {115, 23}, {115, 22}}
	return &analytics.Layer{
		Name: "waiting", Title: "Where cases wait longest",
		Frame: &analytics.Frame{Unit: analytics.CommunitiesOf(data.District), Communities: []data.Community{
			{Code: "D1", Level: data.District, Names: data.Names{"": "東湖區"}, Outline: orb.MultiPolygon{{clockwise}}},
			{Code: "D2", Level: data.District, Outline: orb.MultiPolygon{{square(116, 22, 1), square(116.25, 22.25, 0.123456789)}}},
		}},
		Columns: []analytics.Column{
			{Name: "code", Type: analytics.WordColumn, Words: []string{"D1", "D2"}},
			{Name: "share", Type: analytics.FloatColumn, Unit: "share", Floats: []float64{0.25, 0}},
		},
		Rank: analytics.Rank{Column: "share", Show: []string{"share"}},
	}
}

func write(t testing.TB, format string, layer *analytics.Layer, o encode.Options) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := encode.Write(&buf, format, layer, o); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestGolden(t *testing.T) {
	page := &encode.Page{Matched: 9, TimeStamp: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), Links: []api.Link{{Href: "http://x/items?a=1&b=2", Rel: "next", Type: "application/geo+json"}}}
	for name, layer := range map[string]*analytics.Layer{"cells": cellLayer(t), "communities": communityLayer()} {
		for _, format := range []string{"geojson", "csv", "json", "table"} {
			f, err := encode.Find(format)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+f.Extension, write(t, f.Name, layer, encode.Options{}))
		}
	}
	golden(t, "page.geojson", write(t, "geojson", cellLayer(t), encode.Options{Rows: []int{6, 0}, Page: page}))
	golden(t, "bom.csv", write(t, "csv", cellLayer(t), encode.Options{BOM: true, Rows: []int{1}}))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestFormatsAreDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range encode.Formats() {
		if f.Name == "" || f.Title == "" || f.MediaType == "" || f.Extension == "" || seen[f.Name] {
			t.Errorf("format %+v is not described, or twice there", f)
		}
		seen[f.Name] = true
	}
	if _, err := encode.Find("shp"); err == nil {
		t.Error("Find(shp) found something")
	}
}

func TestSameLayerGivesTheSameBytes(t *testing.T) {
	for _, f := range encode.Formats() {
		a, b := write(t, f.Name, cellLayer(t), encode.Options{}), write(t, f.Name, cellLayer(t), encode.Options{})
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs between two runs", f.Name)
		}
	}
}

func TestAnEmptyAnswerIsACollection(t *testing.T) {
	got := write(t, "geojson", cellLayer(t), encode.Options{Rows: []int{}, Page: &encode.Page{Matched: 7}})
	var c struct {
		NumberMatched, NumberReturned int
		Features                      []any
	}
	if err := json.Unmarshal(got, &c); err != nil {
		t.Fatal(err)
	}
	if c.NumberMatched != 7 || c.NumberReturned != 0 || len(c.Features) != 0 {
		t.Errorf("hits = %+v, want 7 matched and nothing returned", c)
	}
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, os.ErrClosed
	}
	return len(p), nil
}

func TestAWriterThatFailsEndsTheWriting(t *testing.T) {
	for _, f := range encode.Formats() {
		if err := encode.Write(&failing{}, f.Name, cellLayer(t), encode.Options{}); err == nil {
			t.Errorf("%s: no error from a closed writer", f.Name)
		}
	}
}

// TestSpreadsheetsSeeNoFormula writes names that Excel and LibreOffice would
// carry out.
func TestSpreadsheetsSeeNoFormula(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		var out strings.Builder
		table := encode.Communities("c", "C", []data.Community{{Code: name, Level: data.District}})
		if err := encode.WriteTable(&out, "csv", table, encode.Options{}); err != nil {
			t.Fatal(err)
		}
		if _, row, _ := strings.Cut(out.String(), "\r\n"); !strings.HasPrefix(row, want+",district") {
			t.Errorf("%q is written as %q, want %q", name, row, want)
		}
	}
	f("=1+1", "'=1+1")
	f("@SUM(A1)", "'@SUM(A1)")
	f("-2+3", "'-2+3")
	f("\t=1", "'\t=1")
	f("\n=1", "\"'\n=1\"")
	f("\x00=1", "'\x00=1")
	f("A=1", "A=1")
}

func TestTextTellsWhereFactsAre(t *testing.T) {
	f := func(want string, balances ...analytics.Balance) {
		t.Helper()
		layer := communityLayer()
		layer.Balances = balances
		var got []string
		for line := range strings.Lines(string(write(t, "table", layer, encode.Options{}))) {
			if strings.HasPrefix(line, "Facts by place") {
				got = append(got, strings.Join(strings.Fields(line), " "))
			}
		}
		if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%v (-want +got): %s", balances, diff)
		}
	}
	f("")
	f("", analytics.Balance{Of: "cases", Count: "late", Total: 9, InRows: 9})
	f("Facts by place 267,917 in rows · 544 by a community in no row · 72,733 without any place",
		analytics.Balance{Of: "cases", Count: analytics.AllFacts, Total: 341194, InRows: 267917, AreaOnly: 544, Unlocated: 72733})
	f("Facts by place 0 in rows · 7 with a point in no row", analytics.Balance{Of: "cases", Count: analytics.AllFacts, Total: 7, Outside: 7})
	f("Facts by place 1,000, all in rows", analytics.Balance{Of: "cases", Count: analytics.AllFacts, Total: 1000, InRows: 1000})
	f("Facts by place none", analytics.Balance{Of: "cases", Count: analytics.AllFacts})
	item := func(of string) analytics.Balance {
		return analytics.Balance{Of: of, Count: analytics.AllFacts, Total: 2, InRows: 2}
	}
	f("Facts by place, a 2, all in rows\nFacts by place, b 2, all in rows", item("a"), item("b"))
	f("Facts by place, a 2, all in rows\nFacts by place, b 2, all in rows\nFacts by place, c 2, all in rows\nFacts by place, d 2, all in rows\nFacts by place, others 2 more, in the format json",
		item("a"), item("b"), item("c"), item("d"), item("e"), item("f"))
}

// TestBareCellsHaveNoPlace shows cells without geometries, which must be as rows that
// never had one, in every format.
func TestBareCellsHaveNoPlace(t *testing.T) {
	cells := cellSample(t, rand.New(rand.NewPCG(1, 2)), 19).table
	placeless := &encode.Table{Name: cells.Name, Title: cells.Title, Columns: cells.Columns}
	for row := range cells.Len() {
		placeless.IDs = append(placeless.IDs, cells.ID(row))
	}
	for _, format := range encode.Formats() {
		write := func(table *encode.Table) string {
			var b bytes.Buffer
			if err := encode.WriteTable(&b, format.Name, table, encode.Options{}); err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
		if got, want := write(cells.Show(encode.View{Bare: true})), write(placeless); got != want {
			t.Errorf("%s: bare cells are\n%.400s\nwant\n%.400s", format.Name, got, want)
		}
	}
}
