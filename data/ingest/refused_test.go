package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

func TestForeignFilesAreNamed(t *testing.T) {
	f := func(file, content, want string) {
		t.Helper()
		ctx, in := context.Background(), ingest.Bytes(file, []byte(content))
		_, checked := ingest.Check(ctx, newStore(), in, ingest.Options{})
		_, imported := ingest.Import(ctx, newStore(), in, ingest.Options{}, nil)
		_, bounded := ingest.Boundaries(ctx, newStore(), in, ingest.BoundaryOptions{Level: data.Street}, nil)
		for what, err := range map[string]error{"check": checked, "import": imported, "boundaries": bounded} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s of %s: %v, want %q in it", what, file, err, want)
			}
		}
	}
	f("a.png", "\x89PNG\r\n\x1a\n....", "a PNG picture")
	f("a.pdf", "%PDF-1.7\n", "a PDF is not read")
	f("a.xlsx", "PK\x03\x04....xl/workbook.xml", "save the sheet as CSV")
	f("a.zip", "PK\x03\x04....a.csv", "unpack it")
	f("shapes.zip", "PK\x03\x04....a.shp", "ogr2ogr -f GeoJSON")
	f("a.shp", "\x00\x00\x27\x0A....", "ogr2ogr -f GeoJSON")
	f("a.dbf", "\x03\x7b\x01\x01 CODE N", "ogr2ogr -f GeoJSON")
	f("a.gpkg", "SQLite format 3\x00....", "ogr2ogr -f GeoJSON")
}

func TestOutlinesAreNoCases(t *testing.T) {
	in := features(box(`"code":"1","date":"2024-01-01"`, 1, 1, 2, 2))
	_, checked := ingest.Check(context.Background(), newStore(), in, ingest.Options{})
	_, imported := ingest.Import(context.Background(), newStore(), in, ingest.Options{Dataset: data.Resources}, nil)
	for _, err := range []error{checked, imported} {
		if err == nil || !strings.Contains(err.Error(), "these are outlines, not cases: civgrid import boundaries areas.geojson --level") {
			t.Errorf("error %v", err)
		}
	}
}

func TestTruncatedArchivesSayHowFarTheyGo(t *testing.T) {
	var plain strings.Builder
	plain.WriteString("id,opened_at,note\n")
	for i := range 3000 {
		fmt.Fprintf(&plain, "%d,2024-01-01T00:00:00Z,%x\n", i, i*i*2654435761)
	}
	pack := func(text string) []byte {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return packed.Bytes()[:packed.Len()*2/3]
	}
	_, err := ingest.Import(context.Background(), newStore(), ingest.Bytes("a.csv.gz", pack(plain.String())), ingest.Options{}, nil)
	var row int
	if err == nil || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("import: %v, want an unexpected end", err)
	}
	_, rest, _ := strings.Cut(err.Error(), "the file ends in the middle: unexpected EOF, after row ")
	if _, err := fmt.Sscan(rest, &row); err != nil || row < 1000 || row > 2900 {
		t.Errorf("row %q, want one about 2000", rest)
	}
	var boxes []string
	for i := range 300 {
		boxes = append(boxes, box(fmt.Sprintf(`"code":"%d"`, i), float64(i)/10, 1, float64(i+1)/10, 2))
	}
	store := newStore()
	text := `{"type":"FeatureCollection","features":[` + strings.Join(boxes, ",\n") + `]}`
	_, err = ingest.Boundaries(context.Background(), store, ingest.Bytes("a.geojson.gz", pack(text)), ingest.BoundaryOptions{Level: data.Street}, nil)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("boundaries: %v, want an unexpected end", err)
	}
}
