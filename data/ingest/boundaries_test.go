package ingest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

// box is a feature that covers a rectangle; properties is JSON without braces.
func box(properties string, west, south, east, north float64) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{%s},"geometry":{"type":"Polygon","coordinates":[[[%v,%v],[%v,%v],[%v,%v],[%v,%v],[%[2]v,%[3]v]]]}}`,
		properties, west, south, east, south, east, north, west, north)
}

func features(boxes ...string) ingest.Input {
	return ingest.Bytes("areas.geojson", []byte(`{"type":"FeatureCollection","features":[`+strings.Join(boxes, ",")+`]}`))
}

func boundaries(t testing.TB, store data.Store, in ingest.Input, o ingest.BoundaryOptions) ingest.BoundaryResult {
	t.Helper()
	r, err := ingest.Boundaries(context.Background(), store, in, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAreasAreLinkedAndFactsStampedAnew(t *testing.T) {
	ctx, store := context.Background(), newStore()
	const file = "id,opened_at,lon,lat,community\nw,2024-01-01,116.31,39.91,\ne,2024-01-01,116.39,39.91,\nout,2024-01-01,117,39.91,\narea,2024-01-01,,,east side\nnone,2024-01-01,,,\nother,2024-01-01,,,Elsewhere\n"
	first := importFile(t, store, ingest.Bytes("a.csv", []byte(file)), ingest.Options{})
	if r := first.Report; r.Outside != 3 || r.Unplaced != 3 {
		t.Errorf("without boundaries: outside %d, unplaced %d; want 3, 3", r.Outside, r.Unplaced)
	}
	streets := boundaries(t, store, features(
		box(`"code":"W","name":"West side","population":120`, 116.30, 39.90, 116.35, 39.95),
		box(`"code":"E","name":"East side"`, 116.35, 39.90, 116.40, 39.95),
	), ingest.BoundaryOptions{Level: data.Street})
	if streets.Changed != 2 || streets.Restamped.Restamped != 3 || len(streets.Reports) != 1 {
		t.Errorf("changed %d, restamped %+v, reports %d; want 2, 3, 1", streets.Changed, streets.Restamped, len(streets.Reports))
	}
	want := map[string]string{"w": "W", "e": "E", "out": "-", "area": "E", "none": "-", "other": "-"}
	if d := cmp.Diff(want, column(t, store, "community")); d != "" {
		t.Errorf("community: %s", d)
	}
	report := streets.Reports[0]
	if report.Located != 2 || report.Outside != 1 || report.AreaOnly != 1 || report.Unplaced != 2 || ruleRows(t, &report, "community_unknown") != 1 {
		t.Errorf("report %+v", report)
	}
	districts := boundaries(t, store, features(box(`"code":"D","name":"District"`, 116.29, 39.89, 116.38, 39.96)), ingest.BoundaryOptions{Level: data.District})
	if len(districts.Notes) != 1 || districts.Notes[0].Code != "E" || !strings.Contains(districts.Notes[0].Message, "% of it lie in district D") {
		t.Errorf("notes %+v, want one on E, which sticks out", districts.Notes)
	}
	communities, err := store.Communities(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range communities {
		if c.Level == data.Street && c.Parent != "D" || c.Code == "W" && (!c.HasPopulation || c.Population != 120) {
			t.Errorf("%s: parent %q, population %d", c.Code, c.Parent, c.Population)
		}
	}
	again := boundaries(t, store, features(box(`"code":"D","name":"District"`, 116.29, 39.89, 116.38, 39.96)), ingest.BoundaryOptions{Level: data.District})
	if again.Changed != 0 || again.Restamped.Rows() != 0 {
		t.Errorf("again: changed %d, restamped %+v; want nothing", again.Changed, again.Restamped)
	}
}

func TestFinestAreaInForceIsStamped(t *testing.T) {
	store := newStore()
	cut := time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)
	boundaries(t, store, features(box(`"code":"old"`, 116.30, 39.90, 116.40, 39.95)), ingest.BoundaryOptions{Level: data.Street, ValidTo: cut})
	boundaries(t, store, features(box(`"code":"new"`, 116.30, 39.90, 116.40, 39.95)), ingest.BoundaryOptions{Level: data.Street, ValidFrom: cut})
	boundaries(t, store, features(
		box(`"code":"b"`, 116.30, 39.90, 116.35, 39.95),
		box(`"code":"a"`, 116.35, 39.90, 116.36, 39.95),
	), ingest.BoundaryOptions{Level: data.CommunityArea, ValidFrom: cut})
	const file = "id,opened_at,lon,lat\n1,2024-05-31T23:59:59Z,116.31,39.91\n2,2024-06-01T00:00:00Z,116.31,39.91\n3,2024-06-02T00:00:00Z,116.38,39.91\n4,2024-06-02T00:00:00Z,116.35,39.91\n"
	importFile(t, store, ingest.Bytes("a.csv", []byte(file)), ingest.Options{})
	want := map[string]string{"1": "old", "2": "b", "3": "new", "4": "a"} // 4 lies on the edge of a and b
	if d := cmp.Diff(want, column(t, store, "community")); d != "" {
		t.Errorf("community: %s", d)
	}
}

func TestBoundaryFilesWithFaults(t *testing.T) {
	store := newStore()
	r := boundaries(t, store, features(
		box(`"code":"P"`, 116.30, 39.90, 116.35, 39.95),
		box(`"code":"P"`, 116.36, 39.90, 116.40, 39.95),
		box(`"code":""`, 116.30, 39.90, 116.35, 39.95),
		box(`"code":"flat"`, 116.30, 39.90, 116.30, 39.90),
		`{"type":"Feature","properties":{"code":"point"},"geometry":{"type":"Point","coordinates":[1,2]}}`,
		box(`"code":"far"`, 1165166.5, 39.90, 116.35, 39.95),
		`{"type":"Feature","properties":{"code":"bow"},"geometry":{"type":"Polygon","coordinates":[[[116.5,39.9],[116.6,40.0],[116.6,39.9],[116.5,40.0],[116.5,39.9]]]}}`,
	), ingest.BoundaryOptions{Level: data.Street, Code: "code"})
	var codes, rejects []string
	for _, c := range r.Communities {
		codes = append(codes, fmt.Sprint(c.Code, len(c.Outline)))
	}
	for _, bad := range r.Rejects {
		rejects = append(rejects, bad.Code)
	}
	if d := cmp.Diff([]string{"P2", "bow2"}, codes); d != "" {
		t.Errorf("communities: %s", d)
	}
	if d := cmp.Diff([]string{"geometry", "range", "missing", "geometry"}, rejects); d != "" {
		t.Errorf("rejects: %s", d)
	}
	if len(r.Notes) < 2 {
		t.Errorf("notes %v, want the joined parts of P and the repaired bow", r.Notes)
	}
}

func TestPropertiesAreGuessed(t *testing.T) {
	f := func(code, name string, boxes ...string) {
		t.Helper()
		r, err := ingest.Boundaries(context.Background(), newStore(), features(boxes...), ingest.BoundaryOptions{Level: data.Street, DryRun: true}, nil)
		if err != nil || r.Code != code || r.Name != name {
			t.Errorf("code %q, name %q, %v; want %q, %q", r.Code, r.Name, err, code, name)
		}
	}
	f("代码", "名称", box(`"代码":"110101001","名称":"东华门街道","类型":"街道"`, 1, 1, 2, 2), box(`"代码":"110101002","名称":"景山街道","类型":"街道"`, 2, 1, 3, 2))
	f("LSOA11CD", "LSOA11NM", box(`"LSOA11CD":"E1","LSOA11NM":"x"`, 1, 1, 2, 2), box(`"LSOA11CD":"E2","LSOA11NM":"y"`, 2, 1, 3, 2))
	f("NTACode", "NTAName", box(`"BoroCode":3,"BoroName":"B","NTACode":"BK88","NTAName":"x"`, 1, 1, 2, 2), box(`"BoroCode":3,"BoroName":"B","NTACode":"BK89","NTAName":"y"`, 2, 1, 3, 2))
	f("", "Title", box(`"Title":"x"`, 1, 1, 2, 2), box(`"Title":"y"`, 2, 1, 3, 2))
}

// Points that fit their areas only when shifted back from GCJ-02 are refused.
func TestCoordinateSystemIsDoubtedByWhereRowsSayTheyAre(t *testing.T) {
	store := newStore()
	var boxes []string
	for i := range 10 {
		west := 116.30 + float64(i)*0.004
		boxes = append(boxes, box(fmt.Sprintf(`"code":"C%d"`, i), west, 39.90, west+0.004, 39.904))
	}
	boundaries(t, store, features(boxes...), ingest.BoundaryOptions{Level: data.CommunityArea})
	var file strings.Builder
	file.WriteString("id,opened_at,lon,lat,community\n")
	for i := range 100 { // GCJ-02 is about 0.0060 east and 0.0014 north here
		fmt.Fprintf(&file, "%d,2024-01-01,%v,%v,C%d\n", i, 116.302+float64(i%10)*0.004+0.0060, 39.902+0.0014, i%10)
	}
	in := ingest.Bytes("a.csv", []byte(file.String()))
	reading, err := ingest.Check(context.Background(), store, in, ingest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(reading.Doubts) == 0 || reading.Doubts[len(reading.Doubts)-1].Code != "looks_gcj02" || !reading.Doubts[len(reading.Doubts)-1].Refuse {
		t.Errorf("doubts %+v, want looks_gcj02, to be refused", reading.Doubts)
	}
	if _, err := ingest.Import(context.Background(), store, in, ingest.Options{}, nil); err == nil || !strings.Contains(err.Error(), "--crs gcj02") {
		t.Errorf("import: %v, want a refusal with a hint", err)
	}
	r := importFile(t, store, in, ingest.Options{Mapping: ingest.Mapping{CRS: "gcj02"}})
	if r.Report.Located != 100 || ruleRows(t, r.Report, "community_differs") != 0 {
		t.Errorf("as GCJ-02: located %d, differ %d; want 100, 0", r.Report.Located, ruleRows(t, r.Report, "community_differs"))
	}
}

func TestNamesInSeveralLanguages(t *testing.T) {
	r := boundaries(t, newStore(), features(box(`"code":"1","name":"朝阳区","name_en":"Chaoyang"`, 1, 1, 2, 2)), ingest.BoundaryOptions{Level: data.District, Language: "zh-Hans"})
	want := data.Names{"zh-Hans": "朝阳区", "en": "Chaoyang"}
	if len(r.Communities) != 1 || !cmp.Equal(r.Communities[0].Names, want) {
		t.Errorf("communities %+v, want names %v", r.Communities, want)
	}
}

// An area of which another holds less than half is not its child, and areas of
// other files that get a parent are counted apart.
func TestAreasAreLinkedToWhatHoldsHalfOfThem(t *testing.T) {
	store := newStore()
	boundaries(t, store, features(
		box(`"code":"in"`, 116.30, 39.90, 116.34, 39.95),
		box(`"code":"out"`, 116.37, 39.90, 116.40, 39.95),
	), ingest.BoundaryOptions{Level: data.Street})
	r := boundaries(t, store, features(box(`"code":"D"`, 116.29, 39.89, 116.38, 39.96)), ingest.BoundaryOptions{Level: data.District})
	if r.Changed != 1 || r.Relinked != 1 {
		t.Errorf("changed %d, relinked %d; want 1, 1", r.Changed, r.Relinked)
	}
	if len(r.Notes) != 1 || r.Notes[0].Code != "out" || !strings.HasPrefix(r.Notes[0].Message, "not linked: no district holds half of it; D holds 3") {
		t.Errorf("notes %+v, want one on out", r.Notes)
	}
	communities, err := store.Communities(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range communities {
		if want := map[string]string{"in": "D"}[c.Code]; c.Parent != want {
			t.Errorf("%s: parent %q, want %q", c.Code, c.Parent, want)
		}
	}
}
