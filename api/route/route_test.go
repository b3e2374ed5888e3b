package route

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// hostile is a name that no format may trust.
const hostile = "=A & <b>\"C\"</b> ]]> '\x01\x1b[2J 社区, \n✓"

// made returns an itinerary of three stops, the second drawn.
func made(t testing.TB, name string) *analytics.Itinerary {
	t.Helper()
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("CST", 8*3600))
	it := &analytics.Itinerary{
		Begin: begin, Zone: "Asia/Shanghai", Start: analytics.Point{Lon: -73.5, Lat: 40.25}, Return: true, End: begin.Add(90 * time.Minute),
		Metres: 2345.6, Expected: 4.26, Days: 7, Level: 0.9, Cells: 4833, Resting: 12, InReach: 1200, Candidates: 60, Inspected: true, HalfLife: 26, Steps: 1, DrawnFrom: 300, DrawnMinutes: 21.4, Without: 5.63,
		Settings: analytics.ItinerarySettings{Capacity: 3, Minutes: 240, Service: 10, Speed: 4.5, Detour: 1.3, Revisit: 14, Recent: 28, Seed: 1, ExploreMinutes: 48.2},
	}
	reasons := [][]analytics.Reason{
		{{Code: analytics.ReasonOverdue, N: 1}, {Code: analytics.ReasonRising, N: 12, Expected: 3.14}, {Code: analytics.ReasonHot, Class: "hot95"}, {Code: analytics.ReasonFailed, N: 1}},
		{{Code: analytics.ReasonDrawn, N: 300}, {Code: analytics.ReasonBlind, N: 3400}},
		{{Code: analytics.ReasonReports, N: 1, Expected: 0.5}, {Code: analytics.ReasonInspected, N: 44}},
	}
	for i, why := range reasons {
		at := [2]float64{-73.5 + 0.01*float64(i+1), 40.25}
		cell, err := geo.CellAt(at, 9)
		if err != nil {
			t.Fatal(err)
		}
		it.Stops = append(it.Stops, analytics.Stop{
			Cell: cell, Point: analytics.Point{Lon: at[0], Lat: at[1]}, Community: "C1", Names: data.Names{"": name}, Drawn: i == 1,
			Arrive: begin.Add(time.Duration(20*(i+1)) * time.Minute), Metres: 780.4, Expected: 1.42, Low: 0, High: 4, Reasons: why,
		})
	}
	return it
}

func written(t testing.TB, format string, it *analytics.Itinerary) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, it); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// shown is text as XML can hold it: characters that it cannot are replaced.
func shown(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' {
			return utf8.RuneError
		}
		return r
	}, s)
}

func TestGPXReadsBack(t *testing.T) {
	it := made(t, hostile)
	text := written(t, "gpx", it)
	var file gpxFile
	if err := xml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if file.XMLName.Space != "http://www.topografix.com/GPX/1/1" || file.Version != "1.1" || file.Creator == "" || file.Metadata.Time != "2026-03-02T01:00:00Z" {
		t.Errorf("%+v is no GPX 1.1 of that day", file)
	}
	if len(file.Points) != 3 || len(file.Route.Points) != 5 || file.Points[1].Type != "drawn" || file.Points[0].Type != "stop" {
		t.Fatalf("%d waypoints and %d points of the route, want 3 and 5", len(file.Points), len(file.Route.Points))
	}
	if want := "1. " + shown(hostile); file.Points[0].Name != want {
		t.Errorf("the first is called %q, want %q", file.Points[0].Name, want)
	}
	for i, s := range it.Stops {
		p := file.Points[i]
		lat, _ := strconv.ParseFloat(p.Lat, 64)
		lon, _ := strconv.ParseFloat(p.Lon, 64)
		if math.Abs(lat-s.Lat) > 1e-7 || math.Abs(lon-s.Lon) > 1e-7 || file.Route.Points[i+1].Lat != p.Lat {
			t.Errorf("stop %d lies at %s, %s, want %v", i+1, p.Lon, p.Lat, s.Point)
		}
	}
	want := "09:20: 1 open case overdue; rising: 12 reports in 28 days, 3.1 expected; hot spot (hot95); failed when last inspected 1 day ago. 1.4 reports expected within 7 days (90.0%: 0 to 4). Cell " + it.Stops[0].Cell.String() + "."
	if file.Points[0].Desc != want {
		t.Errorf("of the first is said:\n%s\nwant:\n%s", file.Points[0].Desc, want)
	}
	inOrder(t, text, "<metadata>", "<wpt ", "<rte>") // as the schema has them
}

func inOrder(t *testing.T, text []byte, parts ...string) {
	t.Helper()
	at := 0
	for _, part := range parts {
		i := bytes.Index(text[at:], []byte(part))
		if i < 0 {
			t.Errorf("there is no %s behind what comes before it", part)
			return
		}
		at += i
	}
}

func TestTheTableSaysWhatTheDrawCosts(t *testing.T) {
	it := made(t, "A")
	says := func(want string) {
		t.Helper()
		if text := string(written(t, "table", it)); !strings.Contains(text, want) {
			t.Errorf("the table does not say %q:\n%s", want, text)
		}
	}
	says("1 stop was drawn by lot from the 300 cells near the way that add no more than 48 min each (seed 1)")
	says("They take 21 min of the day; without them 5.6 reports would be expected.")
	it.Stops[1].Drawn = false
	if text := string(written(t, "table", it)); strings.Contains(text, "of the day") {
		t.Errorf("a draw that was not made costs something:\n%s", text)
	}
}

func TestSummariesTellTheCaveats(t *testing.T) {
	it := made(t, "A")
	it.Caveats = []string{"Everything here is old."}
	for _, format := range []string{"table", "gpx", "kml", "geojson"} {
		if text := string(written(t, format, it)); !strings.Contains(text, "Note: Everything here is old.") {
			t.Errorf("%s does not tell the caveat:\n%s", format, text)
		}
	}
}

func TestKMLReadsBack(t *testing.T) {
	it := made(t, hostile)
	var file kmlFile
	if err := xml.Unmarshal(written(t, "kml", it), &file); err != nil {
		t.Fatal(err)
	}
	marks := file.Document.Placemarks
	if file.XMLName.Space != "http://www.opengis.net/kml/2.2" || len(marks) != 4 {
		t.Fatalf("%d placemarks in %s, want 3 stops and the way in KML 2.2", len(marks), file.XMLName.Space)
	}
	if marks[2].Name != "3. "+shown(hostile) || marks[1].Style != "#drawn" || marks[2].Point.Coordinates != "-73.47,40.25" {
		t.Errorf("the third placemark is %+v", marks[2])
	}
	if got, want := marks[3].Line.Coordinates, "-73.5,40.25 -73.49,40.25 -73.48,40.25 -73.47,40.25 -73.5,40.25"; got != want {
		t.Errorf("the way is %s, want %s", got, want)
	}
}

func TestGeoJSONReadsBack(t *testing.T) {
	var file struct {
		Type     string
		Features []struct {
			ID       string
			Geometry struct {
				Type        string
				Coordinates json.RawMessage
			}
			Properties map[string]any
		}
	}
	it := made(t, hostile)
	if err := json.Unmarshal(written(t, "geojson", it), &file); err != nil {
		t.Fatal(err)
	}
	if file.Type != "FeatureCollection" || len(file.Features) != 4 {
		t.Fatalf("%d features of a %s, want 4", len(file.Features), file.Type)
	}
	first, way := file.Features[0], file.Features[3]
	if first.Properties["name"] != hostile || first.Properties["stop"] != 1.0 || first.Properties["drawn"] != false || string(first.Geometry.Coordinates) != "[-73.49,40.25]" {
		t.Errorf("the first feature is %+v", first)
	}
	if want := "[[-73.5,40.25],[-73.49,40.25],[-73.48,40.25],[-73.47,40.25],[-73.5,40.25]]"; way.Geometry.Type != "LineString" || string(way.Geometry.Coordinates) != want {
		t.Errorf("the way is %s, want %s", way.Geometry.Coordinates, want)
	}
}

func TestCSVReadsBack(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(written(t, "csv", made(t, hostile)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 4 || len(rows[0]) != 13 {
		t.Fatalf("%d rows of %d cells, want 4 of 13", len(rows), len(rows[0]))
	}
	// A name that begins like a formula gets an apostrophe, a longitude does not.
	if r := rows[2]; r[1] != "2026-03-02T09:40:00+08:00" || r[3] != "-73.48" || r[6] != "'"+hostile || r[7] != "true" || r[12] != "drawn by lot from 300 cells; blind spot: 3,400 people, no report and no inspection" {
		t.Errorf("the second stop is %q", r)
	}
}

func TestTableCannotMoveTheCursor(t *testing.T) {
	text := string(written(t, "table", made(t, hostile)))
	if strings.ContainsAny(text, "\x01\x1b") {
		t.Errorf("the table has control characters: %q", text)
	}
	for _, want := range []string{
		"Inspections on Mon 2026-03-02\n",
		"3 stops from 09:00 to 10:30 (Asia/Shanghai): 2.3 km on the way; ends where it began.",
		"Ways are straight lines, longer by a factor of 1.3, at 4.5 km/h",
		"1 stop was drawn by lot from the 300 cells near the way that add no more than 48 min each (seed 1): only drawn stops may be read as a sample, of those cells.",
		"1 report in 28 days, 0.5 expected; last inspected 44 days ago",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the table does not say %q:\n%s", want, text)
		}
	}
}

// TestNoStops: every format is whole without any stop.
func TestNoStops(t *testing.T) {
	it := made(t, "")
	it.Stops, it.Inspected = nil, false
	for _, f := range Formats() {
		text := written(t, f.Name, it)
		switch f.Name {
		case "gpx", "kml":
			if err := xml.Unmarshal(text, new(struct{})); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
		case "geojson":
			if !json.Valid(text) || !bytes.Contains(text, []byte(`"features":[]`)) {
				t.Errorf("%s", text)
			}
		case "table":
			if !bytes.Contains(text, []byte("No stop from")) || !bytes.Contains(text, []byte("No inspections are known")) {
				t.Errorf("%s", text)
			}
		}
	}
	if err := Write(io.Discard, "shp", it); err == nil || !strings.Contains(err.Error(), "want one of table, csv, geojson, gpx, kml") {
		t.Errorf("format shp: %v", err)
	}
}

// TestGDALReadsIt has another program read the files.
func TestGDALReadsIt(t *testing.T) {
	if _, err := exec.LookPath("ogrinfo"); err != nil {
		t.Skip("gdal-bin is not installed")
	}
	it := made(t, "C & D <社区>")
	f := func(format, layer string, want ...string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "way."+format)
		if err := os.WriteFile(path, written(t, format, it), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "ogrinfo", "-ro", path, layer).CombinedOutput()
		if err != nil {
			t.Fatalf("ogrinfo %s: %v\n%s", format, err, out)
		}
		for _, w := range want {
			if !strings.Contains(string(out), w) {
				t.Errorf("%s: GDAL does not find %q in\n%s", format, w, out)
			}
		}
	}
	f("gpx", "waypoints", "Feature Count: 3", "1. C & D <社区>", "POINT (-73.49 40.25)")
	f("gpx", "routes", "Feature Count: 1", "LINESTRING (-73.5 40.25,-73.49 40.25,-73.48 40.25,-73.47 40.25,-73.5 40.25)")
	f("kml", title(it), "Feature Count: 4", "1. C & D <社区>", "LINESTRING")
	f("geojson", title(it), "Feature Count: 4", "C & D <社区>")
}

func FuzzNamesStayNames(f *testing.F) {
	for _, seed := range []string{hostile, "", "]]>", "\xff", "&amp;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		it := made(t, name)
		for _, format := range []string{"gpx", "kml"} {
			decoder := xml.NewDecoder(bytes.NewReader(written(t, format, it)))
			elements := 0
			for {
				token, err := decoder.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s of %q: %v", format, name, err)
				}
				if _, ok := token.(xml.StartElement); ok {
					elements++
				}
			}
			// GPX: 1, metadata 4, three waypoints of 4, route 3 with five points of 2.
			// KML: 4, styles 10, three placemarks and the way of 6.
			if want := map[string]int{"gpx": 30, "kml": 38}[format]; elements != want {
				t.Errorf("%s of %q has %d elements, want %d", format, name, elements, want)
			}
		}
		if !json.Valid(written(t, "geojson", it)) {
			t.Errorf("GeoJSON of %q is none", name)
		}
	})
}

func BenchmarkGPX(b *testing.B) {
	it := made(b, "Community")
	for b.Loop() {
		if err := Write(io.Discard, "gpx", it); err != nil {
			b.Fatal(err)
		}
	}
}
