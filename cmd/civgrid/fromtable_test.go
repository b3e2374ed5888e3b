package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// gisDatabase returns a database with outlines that are none of ours: districts
// in Web Mercator, a view of one half of them, communities of odd names, and
// areas that do not say where they are.
func gisDatabase(t *testing.T) (url string) {
	server := pgtest.Shared(t)
	url = server.Database(t)
	server.Exec(t, url, `CREATE TABLE districts (code text PRIMARY KEY, name text, head int, shape geometry(MultiPolygon, 3857));
		INSERT INTO districts SELECT code, name, 1000, ST_Multi(ST_Transform(ST_MakeEnvelope(x, 22.5, x + 0.1, 22.6, 4326), 3857))
			FROM (VALUES ('福田', '福田区 "中心"', 114.0), ('nan''shan', E'Nan\\shan; DROP TABLE districts', 113.9)) AS v (code, name, x);
		CREATE VIEW central AS SELECT code, name, shape FROM districts WHERE code = '福田';
		CREATE SCHEMA "GIS";
		CREATE TABLE "GIS"."My Table" ("Code no." int, "Name" text, "Kind" text, "Geom" geometry, middle geometry);
		INSERT INTO "GIS"."My Table" SELECT i, 'community ' || i, 'community',
			ST_MakeEnvelope(114 + 0.05 * i, 22.5, 114 + 0.05 * (i + 1), 22.6, 4326), ST_SetSRID(ST_MakePoint(114, 22.5), 4326) FROM generate_series(0, 1) i;
		INSERT INTO "GIS"."My Table" VALUES (7, 'a street', 'community', 'SRID=4326;LINESTRING(114 22.5,114.1 22.6)'), (8, 'unnamed', 'borough', ST_MakeEnvelope(0, 0, 1, 1, 4326));
		CREATE TABLE unsaid AS SELECT code, name, ST_SetSRID(shape, 0) AS shape FROM districts`)
	return url
}

// tells runs civgrid and returns its exit code and all it prints.
func tells(t *testing.T, store string, args ...string) (code int, text string) {
	t.Helper()
	var talk bytes.Buffer
	p := &program{out: &talk, err: &talk, now: fixedNow}
	code = p.run(t.Context(), append(args, "--store", store, "--progress", "none"))
	return code, talk.String()
}

// communitiesIn returns the communities of a store by code.
func communitiesIn(t *testing.T, path string) map[string]data.Community {
	t.Helper()
	p := &program{out: io.Discard, err: io.Discard, config: config{"store": {value: path}, "log-level": {value: "error"}}}
	store, err := p.openStore(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	communities, err := store.Communities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	byCode := map[string]data.Community{}
	for _, c := range communities {
		byCode[c.Code] = c
	}
	return byCode
}

func TestImportBoundariesFromATable(t *testing.T) {
	gis := gisDatabase(t)
	file := filepath.Join(t.TempDir(), "city.gpkg")
	for _, store := range []string{gis, file} {
		from := []string{"import", "boundaries"}
		if store == file {
			from = append(from, "--from-url", gis)
		}
		cases := filepath.Join(t.TempDir(), "cases.csv")
		if err := os.WriteFile(cases, []byte("id,reported_at,lat,lon\n1,2026-01-02,22.55,114.02\n2,2026-01-03,22.55,113.95\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		runs(t, store, "import", "incidents", cases, "--zone", "UTC")
		answer := answerTo[[]boundaryAnswer](t, store, slices.Concat(from, []string{"--from-table", "districts", "--level", "district", "--code", "code", "--name", "name", "--population", "head"})...)
		if a := answer[0]; a.File != "public.districts" || a.Areas != 2 || a.Changed != 2 || a.Restamped.Restamped != 2 {
			t.Errorf("%s: %+v, want 2 areas of public.districts and 2 cases placed anew", store, a)
		}
		code, text := tells(t, store, slices.Concat(from, []string{"--from-table", `"GIS"."My Table"`, "--geom", "Geom", "--level-property", "Kind", "--code", "Code no.", "--name", "Name"})...)
		if code != exitRejected {
			t.Errorf("exit code %d, want %d", code, exitRejected)
		}
		for _, want := range []string{`"GIS"."My Table": 2 areas`, `"Name":"a street"`, "a LineString, want a Polygon", `"Kind":"borough"`, `level "borough"`} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not said in %s", want, text)
			}
		}
		found := communitiesIn(t, store)
		if name := found["福田"].Names.In(""); name != `福田区 "中心"` {
			t.Errorf("福田 is called %q", name)
		}
		if c := found["nan'shan"]; c.Names.In("") != `Nan\shan; DROP TABLE districts` || c.Population != 1000 || c.Outline.Bound().Min[0] < 113.8 {
			t.Errorf("nan'shan is %+v", c)
		}
		if c := found["1"]; c.Level != data.CommunityArea || c.Parent != "福田" {
			t.Errorf("community 1 is a %s in %q, want a community in 福田", c.Level, c.Parent)
		}
		again := answerTo[[]boundaryAnswer](t, store, slices.Concat(from, []string{"--from-table", "public.central", "--level", "district"})...)
		if a := again[0]; a.Areas != 1 || a.Changed != 1 { // it has no inhabitants
			t.Errorf("%s: the view gives %+v, want 1 area that changed", store, a)
		}
	}
}

func TestImportBoundariesFromATableSaysWhatItWants(t *testing.T) {
	gis := gisDatabase(t)
	file := filepath.Join(t.TempDir(), "city.gpkg")
	f := func(want int, store, text string, args ...string) {
		t.Helper()
		code, told := tells(t, store, append([]string{"import", "boundaries"}, args...)...)
		if code != want || !strings.Contains(told, text) {
			t.Errorf("civgrid import boundaries %q: exit code %d, want %d and %q:\n%s", args, code, want, text, told)
		}
	}
	f(exitUsage, file, "--from-url postgres://user@host/database", "--from-table", "districts")
	f(exitUsage, file, "--from-url: want postgres://", "--from-table", "districts", "--from-url", "mysql://x:secret@y/z")
	f(exitUsage, file, "--from-url needs the name of a table", "--from-url", gis)
	f(exitUsage, file, "got both areas.geojson and --from-table districts", "areas.geojson", "--from-table", "districts", "--from-url", gis)
	f(exitUsage, file, "takes one file or more, or --from-table")
	f(exitNotFound, file, "did you mean public.districts", "--from-table", "district", "--from-url", gis)
	f(exitStore, file, "unavailable", "--from-table", "districts", "--from-url", "postgres://x@127.0.0.1:1/y")
	f(exitFailure, gis, "--level district", "--from-table", "districts")
	f(exitFailure, gis, "--crs", "--from-table", "unsaid", "--level", "district")
	f(exitOK, gis, "2 areas", "--from-table", "unsaid", "--level", "district", "--crs", "epsg:3857", "--dry-run")
	if _, err := os.Stat(file); err == nil {
		t.Error("a store was made for an import that did not come to it")
	}
}

// TestImportBoundariesFromATableRunsNoFlag gives SQL in every flag.
func TestImportBoundariesFromATableRunsNoFlag(t *testing.T) {
	gis := gisDatabase(t)
	const attack = `x"; DROP TABLE districts; --`
	flags := map[string]string{
		"--from-table": "districts", "--code": "code", "--name": "name", "--geom": "shape", "--parent": "-", "--population": "head",
		"--level": "district",
	}
	for name := range flags {
		args := []string{"import", "boundaries"}
		for other, value := range flags {
			if other == name {
				value = attack
			}
			args = append(args, other, value)
		}
		if code, text := tells(t, gis, args...); code == exitOK || !strings.Contains(text, "x") {
			t.Errorf("%s %s: exit code %d:\n%s", name, attack, code, text)
		}
	}
	for _, name := range []string{"--level-property", "--geometry", "--language", "--crs", "--valid-from"} {
		if code, text := tells(t, gis, "import", "boundaries", "--from-table", "districts", name, attack); code == exitOK {
			t.Errorf("%s %s: exit code %d:\n%s", name, attack, code, text)
		}
	}
	if code, text := tells(t, gis, "import", "boundaries", "--from-table", "districts", "--level", "district"); code != exitOK || !strings.Contains(text, "2 areas, 2 new") {
		t.Errorf("afterwards: exit code %d: %s", code, text)
	}
}
