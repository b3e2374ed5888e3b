package locate

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"
)

// chicago is where public data sets of the City of Chicago may lie beside the
// repository; they are not part of it.
const chicago = "../../../shared/data/chicago/"

// openGzip opens a file of the data sets, or skips the test.
func openGzip(t testing.TB, name string) io.Reader {
	t.Helper()
	f, err := os.Open(chicago + name)
	if err != nil {
		t.Skipf("the public data of Chicago is not here: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// readAreas reads areas whose code is a property that holds a number.
func readAreas(t testing.TB, name, property string) []Area {
	t.Helper()
	text, err := io.ReadAll(openGzip(t, name))
	if err != nil {
		t.Fatal(err)
	}
	features, err := geojson.UnmarshalFeatureCollection(text)
	if err != nil {
		t.Fatal(err)
	}
	var areas []Area
	for _, f := range features.Features {
		code, ok := f.Properties[property].(string)
		if !ok {
			code = strconv.Itoa(f.Properties.MustInt(property))
		}
		switch g := f.Geometry.(type) {
		case orb.Polygon:
			areas = append(areas, Area{code, orb.MultiPolygon{g}})
		case orb.MultiPolygon:
			areas = append(areas, Area{code, g})
		}
	}
	return areas
}

// readPoints reads the rows that have coordinates, and what a column says of
// their area.
func readPoints(t testing.TB, name, column string) (points []orb.Point, said []string) {
	t.Helper()
	rows, err := csv.NewReader(openGzip(t, name)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, h := range rows[0] {
		at[h] = i
	}
	for _, row := range rows[1:] {
		lat, err1 := strconv.ParseFloat(row[at["Latitude"]], 64)
		lon, err2 := strconv.ParseFloat(row[at["Longitude"]], 64)
		if err1 != nil || err2 != nil {
			continue
		}
		points = append(points, orb.Point{lon, lat})
		said = append(said, row[at[column]])
	}
	return points, said
}

func TestChicagoAgreesWithItsOwnColumns(t *testing.T) {
	f := func(areaFile, property, pointFile, column string, wantRows, wantAgree int) {
		t.Helper()
		areas := readAreas(t, areaFile, property)
		points, said := readPoints(t, pointFile, column)
		if len(points) != wantRows {
			t.Errorf("%s has %d rows with coordinates, want %d", pointFile, len(points), wantRows)
		}
		start := time.Now()
		x, err := New(areas)
		if err != nil {
			t.Fatal(err)
		}
		built := time.Since(start)
		lon, lat := columns(points)
		start = time.Now()
		found := x.FindAll(nil, lon, lat)
		took := time.Since(start)
		agree, nowhere := 0, 0
		for i, ordinal := range found {
			if ordinal < 0 {
				nowhere++
				continue
			}
			if code, err := strconv.Atoi(x.Code(int(ordinal))); err == nil && strconv.Itoa(code) == said[i] {
				agree++
			}
		}
		t.Logf("%s: %d areas built in %v at resolution %d with %d runs; %d of %d rows agree, %d outside, %d ns a point",
			areaFile, len(areas), built, x.Resolution(), len(x.table.starts), agree, len(points), nowhere, took.Nanoseconds()/int64(len(points)))
		if agree < wantAgree {
			t.Errorf("%d of %d rows agree with column %s, want at least %d", agree, len(points), column, wantAgree)
		}
	}
	f("chicago_community_areas_pop.geojson.gz", "NID", "chicago_311_sanitation_2011_2014.csv.gz", "Community_Area", 74377, 73044)
	f("chicago_police_beats.geojson.gz", "beat_num", "chicago_burglary_2011_2014.csv.gz", "Beat", 66932, 63771)
	f("chicago_community_areas_pop.geojson.gz", "NID", "chicago_burglary_2011_2014.csv.gz", "Community_Area", 66932, 66814)
}

func TestChicagoEqualsBruteForce(t *testing.T) {
	areas := readAreas(t, "chicago_community_areas_pop.geojson.gz", "NID")
	points, _ := readPoints(t, "chicago_burglary_2011_2014.csv.gz", "Beat")
	var some []orb.Point
	for i := 0; i < len(points); i += 40 {
		some = append(some, points[i])
	}
	for _, a := range areas { // every fifth corner, shared with the neighbours or nearly so
		for i := 0; i < len(a.Outline[0][0]); i += 5 {
			some = append(some, a.Outline[0][0][i])
		}
	}
	compare(t, areas, some)
}

func BenchmarkChicago(b *testing.B) {
	areas := readAreas(b, "chicago_community_areas_pop.geojson.gz", "NID")
	points, _ := readPoints(b, "chicago_burglary_2011_2014.csv.gz", "Beat")
	lon, lat := columns(points)
	b.Run("New", func(b *testing.B) {
		for b.Loop() {
			if _, err := New(areas); err != nil {
				b.Fatal(err)
			}
		}
	})
	x, err := New(areas)
	if err != nil {
		b.Fatal(err)
	}
	perPoint := func(b *testing.B, points int) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(points), "ns/point")
	}
	b.Run("FindAll", func(b *testing.B) {
		b.ReportAllocs()
		var dst []int32
		for b.Loop() {
			dst = x.FindAll(dst[:0], lon, lat)
		}
		perPoint(b, len(points))
	})
	b.Run("orb planar", func(b *testing.B) {
		bounds := make([]orb.Bound, len(areas))
		for i, a := range areas {
			bounds[i] = a.Outline.Bound()
		}
		some := points[:2000]
		for b.Loop() {
			for _, p := range some {
				for i := range areas {
					if bounds[i].Contains(p) && planar.MultiPolygonContains(areas[i].Outline, p) {
						break
					}
				}
			}
		}
		perPoint(b, len(some))
	})
}
