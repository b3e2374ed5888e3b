package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // reads what GDAL wrote

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api/server"
	"github.com/civgrid/civgrid/data/sample"
)

// gdalReads has GDAL copy every layer of the service into a GeoPackage, and
// compares that with what the service says: the number of features, the type
// and sum of every number, and the names in Chinese.
func gdalReads(t *testing.T, path string) {
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("gdal-bin is not installed")
	}
	base := serveStore(t, path)
	copied := filepath.Join(t.TempDir(), "copied.gpkg")
	out, err := exec.CommandContext(t.Context(), "ogr2ogr", "-f", "GPKG", copied, "OAPIF:"+base+"/", "-oo", "PAGE_SIZE=10000").CombinedOutput()
	if err != nil {
		t.Fatalf("ogr2ogr: %v\n%s", err, out)
	}
	db, err := sql.Open("sqlite", copied)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var catalog struct{ Collections []struct{ ID string } }
	getJSON(t, base+"/collections?f=json", &catalog)
	if len(catalog.Collections) < 20 {
		t.Errorf("the service lists %d collections, want 3 analyses by cell and 4 levels, communities and resources", len(catalog.Collections))
	}
	for _, c := range catalog.Collections {
		compareCopy(t, db, base, c.ID)
	}
	compareNames(t, db)
}

// serveStore serves a store on a free port of this machine until the test ends.
func serveStore(t *testing.T, path string) (base string) {
	t.Helper()
	p := &program{out: io.Discard, err: io.Discard, config: config{"store": {value: path}, "log-level": {value: "error"}}}
	store, err := p.openStore(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(server.New(store, server.Options{}))
	t.Cleanup(func() {
		s.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.URL
}

func getJSON(t *testing.T, url string, to any) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(to); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", url, response.StatusCode, err)
	}
}

// compareCopy compares the copy of one collection with all its features.
func compareCopy(t *testing.T, db *sql.DB, base, id string) {
	t.Helper()
	var all struct {
		NumberMatched int
		Features      []struct{ Properties map[string]any }
	}
	getJSON(t, base+"/collections/"+id+"/items?limit=10000", &all)
	var rows int
	if err := db.QueryRow(fmt.Sprintf(`SELECT count(*) FROM "%s"`, id)).Scan(&rows); err != nil {
		t.Errorf("%s was not copied: %v", id, err)
		return
	}
	if rows != all.NumberMatched || rows != len(all.Features) || rows == 0 {
		t.Errorf("%s: GDAL read %d features, the service has %d and sent %d", id, rows, all.NumberMatched, len(all.Features))
	}
	for _, column := range numbersOf(id) {
		want := 0.0
		for _, f := range all.Features {
			if x, ok := f.Properties[column.Name].(float64); ok {
				want += x
			}
		}
		compareSum(t, db, id, column, want)
	}
}

// numbersOf returns the number columns of the analysis that a collection is
// of, none for other collections.
func numbersOf(id string) []analytics.Column {
	var numbers []analytics.Column
	for _, a := range engine.Analyses() {
		if rest, ok := bytes.CutPrefix([]byte(id), []byte(a.Name)); !ok || len(rest) > 0 && rest[0] != '-' {
			continue
		}
		for _, c := range a.Columns {
			if c.Type != analytics.WordColumn {
				numbers = append(numbers, c)
			}
		}
	}
	return numbers
}

func compareSum(t *testing.T, db *sql.DB, id string, column analytics.Column, want float64) {
	t.Helper()
	var got sql.NullFloat64
	if err := db.QueryRow(fmt.Sprintf(`SELECT sum("%s") FROM "%s"`, column.Name, id)).Scan(&got); err != nil {
		t.Errorf("%s.%s: %v", id, column.Name, err)
		return
	}
	if math.Abs(got.Float64-want) > 1e-9*math.Max(1, math.Abs(want)) {
		t.Errorf("%s.%s: the copy adds up to %v, the service to %v", id, column.Name, got.Float64, want)
	}
	var kind string
	if err := db.QueryRow(`SELECT type FROM pragma_table_info(?) WHERE name = ?`, id, column.Name).Scan(&kind); err != nil {
		t.Errorf("%s.%s: %v", id, column.Name, err)
	}
	if column.Type == analytics.FloatColumn && kind != "REAL" {
		t.Errorf("%s.%s became %s, want REAL", id, column.Name, kind)
	}
}

// compareNames compares the names of all communities with the city's own.
func compareNames(t *testing.T, db *sql.DB) {
	t.Helper()
	for _, c := range sample.New(demoSeed).Communities() {
		var hans, hant string
		err := db.QueryRow(`SELECT name_zh_hans, name_zh_hant FROM communities WHERE code = ?`, c.Code).Scan(&hans, &hant)
		if err != nil || hans != c.Names["zh-Hans"] || hant != c.Names["zh-Hant"] {
			t.Errorf("%s is called %s and %s, want %s and %s (%v)", c.Code, hans, hant, c.Names["zh-Hans"], c.Names["zh-Hant"], err)
			return
		}
	}
}
