package tile

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/encoding/mvt/vectortile"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/project"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// cells returns a table of a disk of cells with a column of each type, where the
// first row has no values.
func cells(t *testing.T, centre orb.Point, r geo.Resolution, k int) *encode.Table {
	t.Helper()
	origin, err := geo.CellAt(centre, r)
	if err != nil {
		t.Fatal(err)
	}
	table := &encode.Table{Name: "cells", Cells: origin.Disk(k)}
	slices.Sort(table.Cells)
	n := len(table.Cells)
	valid := slices.Repeat([]bool{true}, n)
	valid[0] = false
	ints, floats, words := make([]int64, n), make([]float64, n), make([]string, n)
	for row := range n {
		ints[row], floats[row], words[row] = int64(row)-3, float64(row), "類 & <"+strconv.Itoa(row%3)
	}
	ints[1], floats[2] = math.MinInt64, math.NaN()
	table.Columns = []analytics.Column{
		{Name: "n", Type: analytics.IntColumn, Ints: ints, Valid: valid},
		{Name: "share", Type: analytics.FloatColumn, Floats: floats, Valid: valid},
		{Name: "word", Type: analytics.WordColumn, Words: words, Valid: valid},
	}
	return table
}

func maptileOf(a Address) maptile.Tile {
	return maptile.New(uint32(a.Col), uint32(a.Row), maptile.Zoom(a.Zoom))
}

// around returns the address of the tile that holds a point.
func around(p orb.Point, zoom int) Address {
	at := maptile.At(p, maptile.Zoom(zoom))
	return Address{zoom, int(at.Y), int(at.X)}
}

// TestCellsComeBack reads a tile with orb's own reader and finds the cells with
// their values where they are, to half a unit.
func TestCellsComeBack(t *testing.T) {
	centre := orb.Point{114.06, 22.54}
	table := cells(t, centre, 9, 3)
	at := around(centre, 12)
	read, err := mvt.Unmarshal(Cut(at, []Layer{{Name: "hot", Table: table}}).Data)
	if err != nil || len(read) != 1 {
		t.Fatalf("%d layers, %v", len(read), err)
	}
	layer := read[0]
	if layer.Name != "hot" || layer.Version != 2 || layer.Extent != 4096 {
		t.Errorf("the layer is %s, version %d, extent %d", layer.Name, layer.Version, layer.Extent)
	}
	bound := maptileOf(at).Bound()
	topLeft := project.WGS84.ToMercator(bound.LeftTop())
	unit := 2 * math.Pi * 6378137 / math.Exp2(12) / 4096 // metres of EPSG:3857
	seen := 0
	for _, f := range layer.Features {
		row, ok := table.Find(f.Properties.MustString("cell"))
		if !ok || f.ID != nil {
			t.Fatalf("feature %v has properties %v", f.ID, f.Properties)
		}
		outline := table.Cells[row].Boundary()
		if !bound.Contains(outline.Bound().Min) || !bound.Contains(outline.Bound().Max) {
			continue // cut
		}
		seen++
		ring := f.Geometry.(orb.Polygon)[0]
		if len(ring) != 7 {
			t.Errorf("a hexagon has %d points", len(ring)-1)
		}
		for _, p := range ring {
			if !slices.ContainsFunc(outline[0][0], func(q orb.Point) bool {
				q = project.WGS84.ToMercator(q)
				return math.Abs(topLeft[0]+p[0]*unit-q[0]) <= 0.501*unit && math.Abs(topLeft[1]-p[1]*unit-q[1]) <= 0.501*unit
			}) {
				t.Errorf("%v is no corner of %v", p, outline[0][0])
			}
		}
		checkValues(t, table, row, f.Properties)
	}
	if seen < 10 {
		t.Errorf("%d cells lie whole in the tile, want more", seen)
	}
}

func checkValues(t *testing.T, table *encode.Table, row int, got map[string]any) {
	t.Helper()
	want := map[string]any{"cell": table.ID(row)}
	if row > 0 {
		want["n"] = table.Columns[0].Ints[row]
		want["word"] = table.Columns[2].Words[row]
		if row != 2 {
			want["share"] = table.Columns[1].Floats[row]
		}
	}
	if len(got) != len(want) {
		t.Errorf("row %d has %v, want %v", row, got, want)
	}
	for name, value := range want {
		if n, ok := value.(int64); ok {
			if x, ok := got[name].(float64); !ok || x != float64(n) { // orb reads every number as float64
				t.Errorf("row %d: %s is %v, want %v", row, name, got[name], n)
			}
			continue
		}
		if got[name] != value {
			t.Errorf("row %d: %s is %v, want %v", row, name, got[name], value)
		}
	}
}

// obeys reads a tile as bare messages and holds it to the rules of MVT 2.1.
func obeys(t *testing.T, tile []byte) *vectortile.Tile {
	t.Helper()
	var read vectortile.Tile
	if err := read.XXX_Unmarshal(tile); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, l := range read.Layers {
		if names[l.GetName()] || l.GetVersion() != 2 || l.GetExtent() != 4096 || len(l.Features) == 0 {
			t.Errorf("layer %q: version %d, extent %d, %d features, name twice: %t", l.GetName(), l.GetVersion(), l.GetExtent(), len(l.Features), names[l.GetName()])
		}
		names[l.GetName()] = true
		ids := map[uint64]bool{}
		for _, f := range l.Features {
			if f.Id != nil && (ids[*f.Id] || *f.Id > 1<<53-1) {
				t.Errorf("id %d comes twice or is too large", *f.Id)
			}
			if f.Id != nil {
				ids[*f.Id] = true
			}
			used := map[uint32]bool{}
			for i := 0; i < len(f.Tags); i += 2 {
				if key := f.Tags[i]; used[key] || int(key) >= len(l.Keys) || int(f.Tags[i+1]) >= len(l.Values) {
					t.Errorf("tags %v are not right", f.Tags)
				}
				used[f.Tags[i]] = true
			}
			checkPolygons(t, f)
		}
	}
	return &read
}

// checkPolygons walks the commands of a polygon (section 4.3): an exterior of
// positive area comes first.
func checkPolygons(t *testing.T, f *vectortile.Tile_Feature) {
	t.Helper()
	if f.GetType() != vectortile.Tile_POLYGON {
		return
	}
	var at spot
	step := func(i int) spot {
		decode := func(n uint32) int32 { return int32(n>>1) ^ -int32(n&1) }
		at.x, at.y = at.x+decode(f.Geometry[i]), at.y+decode(f.Geometry[i+1])
		return at
	}
	exterior := false
	for i := 0; i < len(f.Geometry); {
		if f.Geometry[i] != 1<<3|1 {
			t.Fatalf("geometry begins a ring with %d", f.Geometry[i])
		}
		ring := []spot{step(i + 1)}
		n := int(f.Geometry[i+3] >> 3)
		if f.Geometry[i+3]&7 != 2 || n < 2 {
			t.Fatalf("geometry goes on with %d", f.Geometry[i+3])
		}
		for j := range n {
			ring = append(ring, step(i+4+2*j))
		}
		if i += 4 + 2*n; f.Geometry[i] != 1<<3|7 {
			t.Fatalf("geometry ends a ring with %d", f.Geometry[i])
		}
		i++
		area := doubleArea(ring)
		if area > 0 {
			exterior = true
		}
		if area == 0 || area < 0 && !exterior {
			t.Errorf("ring %v has area %d", ring, area)
		}
		checkRing(t, ring, Buffer)
	}
}

// areas returns communities on a grid of ragged squares, every fifth with a hole,
// each edge of a number of points.
func areas(columns, rows, points int, size float64) *encode.Table {
	dice := rand.New(rand.NewPCG(3, 4))
	var list []data.Community
	for row := range rows {
		for col := range columns {
			o := orb.Point{114 + size*float64(col), 22 + size*float64(row)}
			ring := orb.Ring{}
			for _, edge := range [...][2]orb.Point{{{0, 0}, {1, 0}}, {{1, 0}, {1, 1}}, {{1, 1}, {0, 1}}, {{0, 1}, {0, 0}}} {
				for i := range points {
					s := float64(i) / float64(points)
					wobble := 0.1 * dice.Float64() * math.Sin(math.Pi*s)
					x := edge[0][0] + s*(edge[1][0]-edge[0][0])
					y := edge[0][1] + s*(edge[1][1]-edge[0][1])
					ring = append(ring, orb.Point{o[0] + size*(x+wobble*(0.5-x)), o[1] + size*(y+wobble*(0.5-y))})
				}
			}
			polygon := orb.Polygon{append(ring, ring[0])}
			if (row+col)%5 == 0 {
				middle := orb.Point{o[0] + size/2, o[1] + size/2}
				polygon = append(polygon, orb.Bound{Min: middle, Max: middle}.Pad(size/5).ToRing())
			}
			list = append(list, data.Community{
				Code: strconv.Itoa(440300000 + row*columns + col), Level: data.Street, Names: data.Names{"": "街道"}, Outline: orb.MultiPolygon{polygon},
			})
		}
	}
	return encode.Communities("communities", "Communities", list)
}

func TestCommunitiesObeyTheSpecification(t *testing.T) {
	table := areas(8, 8, 12, 0.05)
	for zoom := 4; zoom <= 14; zoom += 2 {
		tile := Cut(around(orb.Point{114.2, 22.2}, zoom), []Layer{{Name: "a", Table: table}, {Name: "b", Table: cells(t, orb.Point{114.2, 22.2}, 9, 4)}})
		read := obeys(t, tile.Data)
		features := 0
		for _, l := range read.Layers {
			features += len(l.Features)
		}
		if features != tile.Features || features == 0 || tile.LeftOut != 0 {
			t.Errorf("zoom %d: %d features, told %d with %d left out", zoom, features, tile.Features, tile.LeftOut)
		}
		if f := read.Layers[0].Features[0]; f.GetId() < 440300000 || f.GetId() > 440300063 {
			t.Errorf("zoom %d: the id is %d, want the code", zoom, f.GetId())
		}
	}
}

// TestSmallCommunitiesAreNotLost counts 64 communities at the zooms of the
// globe, where each is less than a unit wide.
func TestSmallCommunitiesAreNotLost(t *testing.T) {
	table := areas(8, 8, 5, 0.0005)
	for zoom := range 8 {
		tile := Cut(around(orb.Point{114.002, 22.002}, zoom), []Layer{{Name: "a", Table: table}})
		if obeys(t, tile.Data); tile.Features != 64 {
			t.Errorf("zoom %d shows %d of 64 communities", zoom, tile.Features)
		}
	}
}

// TestNeighboursKeepTheirBorder finds no gap between communities that share one:
// areas on the grid add up to that of their union.
func TestNeighboursKeepTheirBorder(t *testing.T) {
	at := Address{9, 223, 418}
	b := at.Bound()
	dice := rand.New(rand.NewPCG(5, 6))
	for _, grid := range []int32{1, 2, 4, 8} {
		border := orb.LineString{}
		for i := range 200 {
			border = append(border, orb.Point{b.Min[0] + (b.Max[0]-b.Min[0])*(0.4+0.2*dice.Float64()), b.Min[1] + (b.Max[1]-b.Min[1])*(0.1+0.004*float64(i))})
		}
		first, last := border[0], border[len(border)-1]
		west, east := orb.Ring(border.Clone()), orb.Ring(border.Clone())
		west = append(west, orb.Point{b.Min[0], last[1]}, orb.Point{b.Min[0], first[1]}, first)
		east = append(east, orb.Point{b.Max[0], last[1]}, orb.Point{b.Max[0], first[1]}, first)
		both := orb.Ring{{b.Min[0], first[1]}, {b.Max[0], first[1]}, {b.Max[0], last[1]}, {b.Min[0], last[1]}, {b.Min[0], first[1]}}
		sum := int64(0)
		for _, ring := range []orb.Ring{west, east} {
			sum += doubleArea(newCutter(at, Buffer, grid).polygons(orb.MultiPolygon{{ring}})[0])
		}
		if want := doubleArea(newCutter(at, Buffer, grid).polygons(orb.MultiPolygon{{both}})[0]); sum != want {
			t.Errorf("on a grid of %d, neighbours hold %d, their union %d", grid, sum, want)
		}
	}
}

func TestTilesKeepWithinTheirBounds(t *testing.T) {
	f := func(name string, table *encode.Table, at Address, least, leftOut int) {
		t.Helper()
		tile := Cut(at, []Layer{{Name: "a", Table: table}})
		if len(tile.Data) > MaxBytes || tile.Features > MaxFeatures {
			t.Errorf("%s: %d bytes, %d features", name, len(tile.Data), tile.Features)
		}
		if tile.Features < least || tile.LeftOut != leftOut {
			t.Errorf("%s: %d features, %d left out, want at least %d and %d", name, tile.Features, tile.LeftOut, least, leftOut)
		}
		obeys(t, tile.Data)
	}
	f("outlines of many points", areas(7, 7, 3000, 0.05), around(orb.Point{114.1, 22.1}, 8), 49, 0)
	f("many communities", areas(60, 60, 5, 0.01), around(orb.Point{114.3, 22.3}, 7), 2500, 1100)
	heavy := cells(t, orb.Point{114.06, 22.54}, 9, 27)
	for i := range 40 {
		c := heavy.Columns[1]
		c.Name, c.Floats = fmt.Sprint("more", i), slices.Clone(c.Floats)
		for row := range c.Floats {
			c.Floats[row] += float64(i) / 7
		}
		heavy.Columns = append(heavy.Columns, c)
	}
	layer, at := Layer{Name: "a", Table: heavy}, around(orb.Point{114.06, 22.54}, 9)
	tile, all := Cut(at, []Layer{layer}), layer.Meeting(at)
	if lost := all - tile.Features - tile.LeftOut; len(tile.Data) > MaxBytes || tile.Features < 1000 || lost < 0 || lost > 10 { // cells that reach less than a unit into the buffer
		t.Errorf("wide rows: %d bytes, %d of %d features, %d left out", len(tile.Data), tile.Features, all, tile.LeftOut)
	}
}

// TestAnEmptyTileIsEmpty also has rows without a shape.
func TestAnEmptyTileIsEmpty(t *testing.T) {
	table := cells(t, orb.Point{114.06, 22.54}, 9, 1)
	nowhere := encode.Communities("c", "C", []data.Community{{Code: "1"}})
	if got := Cut(Address{5, 3, 3}, []Layer{{Name: "a", Table: table}, {Name: "b", Table: nowhere}}); len(got.Data) != 0 || got.Features != 0 {
		t.Errorf("a tile far off has %d bytes", len(got.Data))
	}
	if got := Cut(around(orb.Point{114.06, 22.54}, 9), []Layer{{Name: "a", Table: table, Rows: []int{}}}); len(got.Data) != 0 {
		t.Errorf("a tile of no rows has %d bytes", len(got.Data))
	}
}

func TestPoints(t *testing.T) {
	p := orb.Point{114.06, 22.54}
	table := &encode.Table{Name: "r", IDs: []string{"a:1", "a:2", "a:3"}, Shapes: []orb.Geometry{p, orb.Point{114.0601, 22.5401}, nil}}
	at := around(p, 14)
	read, err := mvt.Unmarshal(Cut(at, []Layer{{Name: "r", Table: table}}).Data)
	if err != nil || len(read) != 1 || len(read[0].Features) != 2 {
		t.Fatalf("read %v, %v", read, err)
	}
	read[0].ProjectToWGS84(maptileOf(at))
	got := read[0].Features[0].Geometry.(orb.Point)
	if unit := 360 / math.Exp2(14) / 4096; math.Abs(got[0]-p[0]) > unit || math.Abs(got[1]-p[1]) > unit {
		t.Errorf("the point lies at %v, want %v", got, p)
	}
}

// TestFeatureIDs are the ids that are whole numbers as they stand.
func TestFeatureIDs(t *testing.T) {
	f := func(id string, want uint64, ok bool) {
		t.Helper()
		if got, is := number(&encode.Table{IDs: []string{id}}, 0); got != want && ok || is != ok {
			t.Errorf("number(%q) = %d, %t, want %d, %t", id, got, is, want, ok)
		}
	}
	f("440300", 440300, true)
	f("0", 0, true)
	f("9007199254740991", 1<<53-1, true)
	f("9007199254740992", 0, false)
	f("0440300", 0, false)
	f("-1", 0, false)
	f("D1", 0, false)
	f("", 0, false)
}

func TestSameRowsSameBytes(t *testing.T) {
	at := around(orb.Point{114.2, 22.2}, 9)
	first := Cut(at, []Layer{{Name: "a", Table: areas(60, 60, 5, 0.01)}}).Data
	if second := Cut(at, []Layer{{Name: "a", Table: areas(60, 60, 5, 0.01)}}).Data; !slices.Equal(first, second) {
		t.Error("the same rows gave other bytes")
	}
}

// TestGDALReadsTiles lets GDAL's MVT driver read a tile.
func TestGDALReadsTiles(t *testing.T) {
	ogrinfo, err := exec.LookPath("ogrinfo")
	if err != nil {
		t.Skip("ogrinfo is not installed (Debian: gdal-bin)")
	}
	at := around(orb.Point{114.06, 22.54}, 12)
	file := filepath.Join(t.TempDir(), strconv.Itoa(at.Zoom), strconv.Itoa(at.Col), strconv.Itoa(at.Row)+".pbf")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	table := cells(t, orb.Point{114.06, 22.54}, 9, 3)
	tile := Cut(at, []Layer{{Name: "hot", Table: table}})
	if err := os.WriteFile(file, tile.Data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), ogrinfo, "-ro", "-al", "-oo", "CLIP=NO", "MVT:"+file).CombinedOutput()
	if err != nil || strings.Contains(string(out), "ERROR") || strings.Contains(string(out), "Warning") {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"Layer name: hot", fmt.Sprintf("Feature Count: %d", tile.Features), "Geometry: Polygon",
		"n: Integer64 ", "share: Real ", "word: String ", "cell: String ", "類 & <1", `PROJCRS["WGS 84 / Pseudo-Mercator"`,
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("ogrinfo does not say %q:\n%s", want, out)
		}
	}
}

func BenchmarkCut(b *testing.B) {
	origin, err := geo.CellAt(orb.Point{114.06, 22.54}, 9)
	if err != nil {
		b.Fatal(err)
	}
	table := &encode.Table{Name: "cells", Cells: origin.Disk(180)}
	slices.Sort(table.Cells)
	at := around(orb.Point{114.06, 22.54}, 12)
	features := 0
	start := time.Now()
	for b.Loop() {
		features += Cut(at, []Layer{{Name: "a", Table: table}}).Features
	}
	b.ReportMetric(float64(features)/time.Since(start).Seconds(), "features/s")
}
