package ingest_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data/ingest"
)

const collection = `{
 "type": "FeatureCollection",
 "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
 "features": [
  {"type": "Feature", "id": 7, "properties": {"id": "a", "created": "2024-01-01", "category": "pothole", "n": 1.50, "tags": ["x"]}, "geometry": {"type": "Point", "coordinates": [116.3, 39.9, 12]}},
  {"type": "Feature", "properties": {"id": "b", "created": "2024-01-02", "category": "路灯"}, "geometry": null},
  {"type": "Feature", "properties": {"id": "c", "created": "2024-01-03"}, "geometry": {"type": "LineString", "coordinates": [[1,2],[3,4]]}},
  {"type": "Feature", "properties": {"id": "d", "created": "soon"}, "geometry": {"type": "Point", "coordinates": [116.3, 39.9]}},
  7,
  {"type": "Feature", "properties": {"id": "e", "created": "2024-01-05"}, "geometry": {"type": "MultiPoint", "coordinates": [[116.4, 39.8]]}}
 ]
}`

func TestFeaturesAreReadOneByOne(t *testing.T) {
	store := newStore()
	r := importFile(t, store, ingest.Bytes("x.geojson", []byte(collection)), ingest.Options{})
	if r.Reading.Format != "geojson" || r.Read != 6 || r.Rejected != 3 || r.Changes.Inserted != 3 {
		t.Errorf("%s: read %d, rejected %v, inserted %d; want geojson, 6, 3, 3", r.Reading.Format, r.Read, r.Rejects, r.Changes.Inserted)
	}
	var got []string
	for _, bad := range r.Rejects {
		got = append(got, strings.Join([]string{string(rune('0' + bad.Line)), bad.Code}, " "))
	}
	if d := cmp.Diff([]string{"7 geometry", "8 time", "9 syntax"}, got); d != "" {
		t.Errorf("rejects: %s", d)
	}
	if d := cmp.Diff(map[string]string{"a": "116.3", "b": "-", "e": "116.4"}, column(t, store, "lon")); d != "" {
		t.Errorf("lon: %s", d)
	}
	if got := column(t, store, "category")["b"]; got != "路灯" {
		t.Errorf("category of b is %q, want 路灯", got)
	}
}

func TestFeaturesALineAreReadAlike(t *testing.T) {
	store := newStore()
	importFile(t, store, ingest.Bytes("x.geojson", []byte(collection)), ingest.Options{Mapping: ingest.Mapping{Source: "s"}})
	lines := "\x1e" + `{"type":"Feature","properties":{"id":"a","created":"2024-01-01","category":"pothole"},"geometry":{"type":"Point","coordinates":[116.3,39.9]}}` + "\n" +
		`{"type":"Feature","properties":{"id":"b","created":"2024-01-02","category":"路灯"},"geometry":null}` + "\n{broken\n"
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write([]byte(lines)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	var rejects bytes.Buffer
	r := importFile(t, store, ingest.Bytes("x.geojsonl.gz", zipped.Bytes()), ingest.Options{Mapping: ingest.Mapping{Source: "s"}, Rejects: &rejects})
	if r.Reading.Format != "geojsonseq" || !r.Reading.Gzip || r.Changes.Unchanged != 2 || r.Rejected != 1 || r.Rejects[0].Line != 3 {
		t.Errorf("%s: %+v, rejects %v; want geojsonseq, 2 unchanged, one reject of line 3", r.Reading.Format, r.Changes, r.Rejects)
	}
	if rejects.String() != "{broken\n" {
		t.Errorf("rejects file %q", rejects.String())
	}
}

func TestBrokenCollectionIsReadAsFarAsItGoes(t *testing.T) {
	cut := collection[:strings.Index(collection, `"路灯"`)]
	r := importFile(t, newStore(), ingest.Bytes("x.json", []byte(cut)), ingest.Options{})
	if r.Read != 2 || r.Rejected != 1 || r.Rejects[0].Code != ingest.CodeSyntax {
		t.Errorf("read %d, rejects %v; want 2, one for the rest", r.Read, r.Rejects)
	}
}

func TestRejectedFeaturesKeepTheirReasons(t *testing.T) {
	var rejects bytes.Buffer
	importFile(t, newStore(), ingest.Bytes("x.geojson", []byte(collection)), ingest.Options{Rejects: &rejects})
	lines := strings.Split(strings.TrimSpace(rejects.String()), "\n")
	if len(lines) != 3 || !strings.HasSuffix(lines[1], `,"_row":8,"_column":"created","_code":"time","_message":"not a time such as 2011-07-01 01:32:33"}`) {
		t.Errorf("rejects file:\n%s", rejects.String())
	}
	fixed := strings.ReplaceAll(lines[1], "soon", "2024-01-04") + "\n"
	r := importFile(t, newStore(), ingest.Bytes("x.geojsonl", []byte(fixed)), ingest.Options{})
	if r.Rejected != 0 || r.Changes.Inserted != 1 {
		t.Errorf("corrected: rejects %v, inserted %d", r.Rejects, r.Changes.Inserted)
	}
}

func TestFilesOfOtherKindsAreNamed(t *testing.T) {
	f := func(content, want string) {
		t.Helper()
		_, err := ingest.FormatOf("x", []byte(content))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("FormatOf(%q): %v, want %q", content, err, want)
		}
	}
	f("", "empty")
	f("PK\x03\x04rest", "zip")
	f("PAR1", "Parquet")
	f(`<?xml version="1.0"?>`, "XML")
	f(`{"type":"Topology","objects":{}}`, "TopoJSON")
	f("SQLite format 3\x00", "GeoPackage")
}
