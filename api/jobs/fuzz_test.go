package jobs_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/civgrid/civgrid/api/jobs"
	"github.com/civgrid/civgrid/data/memory"
)

// FuzzImport hands in any bytes as a file of any type and coding, of facts or of
// outlines: nothing panics, and whatever is wrong is the fault of the file.
func FuzzImport(f *testing.F) {
	for _, name := range []string{"cases_gb18030.csv", "cases_utf16.csv", "planted_errors.csv"} {
		b, err := os.ReadFile("../../data/ingest/testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint8(0), uint8(0), name, false)
	}
	var zipped, zstandard bytes.Buffer
	g := gzip.NewWriter(&zipped)
	_, _ = g.Write([]byte(few))
	_ = g.Close()
	z, err := zstd.NewWriter(&zstandard)
	if err != nil {
		f.Fatal(err)
	}
	_, _ = z.Write([]byte(few))
	_ = z.Close()
	f.Add(zipped.Bytes(), uint8(0), uint8(1), "a.csv", false)
	f.Add(zstandard.Bytes(), uint8(0), uint8(2), "a.csv", false)
	f.Add(zipped.Bytes(), uint8(4), uint8(0), "a.csv.gz", false)
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"created":"2024-01-01"},"geometry":{"type":"Point","coordinates":[1,2]}},3]}`), uint8(1), uint8(0), "a.geojson", false)
	f.Add([]byte(`{"type":"Feature","properties":{"code":"D1"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}`+"\n{}\n"), uint8(2), uint8(0), "a.geojsons", true)
	f.Add([]byte("code,wkt\nD1,\"POLYGON ((0 0,1 0,1 1,0 0))\"\nD2,POINT(1 1)\n"), uint8(0), uint8(0), "a.csv", true)
	f.Add([]byte("PK\x03\x04xl/"), uint8(5), uint8(0), "../a.xlsx", false)
	types := []string{"text/csv", "application/geo+json", "application/geo+json-seq", "text/plain", "application/gzip", "application/octet-stream"}
	codings := []string{"identity", "gzip", "zstd"}
	h := open(f, memory.New(), func(o *jobs.Options) { o.Upload.Unpacked = 1 << 20 })
	f.Fuzz(func(t *testing.T, body []byte, media, coding uint8, name string, outlines bool) {
		if len(body) > 1<<16 {
			return
		}
		query := "dataset=incidents&source=fuzz&dry-run=true"
		if outlines {
			query = "dataset=boundaries&level=district&dry-run=true"
		}
		a := h.ask("ada", "POST", "/imports?"+query, string(body), "Content-Type", types[int(media)%len(types)],
			"Content-Encoding", codings[int(coding)%len(codings)], "Content-Disposition", `attachment; filename="`+strings.ReplaceAll(name, `"`, "")+`"`)
		if a.status >= 500 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if a.status != 201 {
			return
		}
		j := h.end(t, "ada", read[jobDoc](t, a, 201).JobID)
		if got := h.ask("ada", "GET", "/jobs/"+j.JobID+"/results", ""); got.status >= 500 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		h.ask("ada", "DELETE", "/jobs/"+j.JobID, "")
	})
}
