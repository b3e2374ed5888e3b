package postgis_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// featuresOf reads a table and returns what is in it.
func featuresOf(t *testing.T, url string, source postgis.TableSource) (postgis.TableContent, []*geojson.Feature) {
	t.Helper()
	content, err := postgis.TableFeatures(t.Context(), url, source)
	if err != nil {
		t.Fatal(err)
	}
	collection, err := geojson.UnmarshalFeatureCollection(content.GeoJSON)
	if err != nil {
		t.Fatalf("%v in %s", err, content.GeoJSON)
	}
	return content, collection.Features
}

// square is the well-known text of a square's ring, one wide.
func square(x, y float64) string {
	return fmt.Sprintf("(%[1]v %[2]v,%[3]v %[2]v,%[3]v %[4]v,%[1]v %[4]v,%[1]v %[2]v)", x, y, x+1, y+1)
}

func TestTableFeaturesKeepsEveryBit(t *testing.T) {
	server := pgtest.Shared(t)
	url := server.Database(t)
	server.Exec(t, url, "CREATE TABLE areas (id int, g geometry(Polygon, 4326))")
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rng := rand.New(rand.NewPCG(8, 8))
	var want []orb.Polygon
	for i := range 50 {
		size := math.Pow(10, float64(i%12-10))
		ring := star(rng, orb.Point{rng.Float64() * size, -rng.Float64() * size}, 0.3*size, 12)
		want = append(want, orb.Polygon{ring})
		lon, lat := []float64{}, []float64{}
		for _, p := range ring {
			lon, lat = append(lon, p[0]), append(lat, p[1])
		}
		_, err := conn.Exec(t.Context(), `INSERT INTO areas SELECT $1, ST_SetSRID(ST_MakePolygon(ST_MakeLine(ST_MakePoint(x, y) ORDER BY i)), 4326)
			FROM unnest($2::float8[], $3::float8[]) WITH ORDINALITY AS u (x, y, i)`, i, lon, lat)
		if err != nil {
			t.Fatal(err)
		}
	}
	_, features := featuresOf(t, url, postgis.TableSource{Table: "areas"})
	if len(features) != len(want) {
		t.Fatalf("%d features, want %d", len(features), len(want))
	}
	for _, f := range features {
		if i := f.Properties.MustInt("id"); !orb.Equal(f.Geometry, want[i]) {
			t.Errorf("area %d is %v, want %v", i, f.Geometry, want[i])
		}
	}
}

func TestTableFeaturesBringsCoordinatesToWGS84(t *testing.T) {
	server := pgtest.Shared(t)
	url := server.Database(t)
	server.Exec(t, url, `CREATE TABLE lonlat AS SELECT 'a' AS code, ST_GeomFromText('POLYGON`+"("+square(113, 22)+")"+`', 4326) AS geom;
		CREATE TABLE mercator AS SELECT code, ST_Transform(geom, 3857) AS geom FROM lonlat;
		CREATE TABLE gauss AS SELECT code, ST_Transform(geom, 4547) AS geom FROM lonlat;
		CREATE TABLE both_ways AS SELECT * FROM mercator UNION ALL SELECT 'b', geom FROM lonlat;
		CREATE TABLE earth AS SELECT code, geom::geography AS geom FROM lonlat;
		CREATE TABLE unsaid AS SELECT code, ST_SetSRID(geom, 0) AS geom FROM lonlat;
		CREATE TABLE strange AS SELECT code, ST_SetSRID(geom, 990000) AS geom FROM lonlat;
		CREATE TABLE curved AS SELECT 'c' AS code, ST_GeomFromText('CURVEPOLYGON(CIRCULARSTRING(114 22, 113 23, 112 22, 113 21, 114 22))', 4326) AS geom;
		CREATE TABLE high AS SELECT code, ST_Multi(ST_Force3DZ(geom)) AS geom FROM lonlat;
		CREATE VIEW seen AS SELECT * FROM mercator;
		CREATE MATERIALIZED VIEW kept AS SELECT * FROM mercator`)
	_, plain := featuresOf(t, url, postgis.TableSource{Table: "lonlat"})
	for _, table := range []string{"mercator", "gauss", "both_ways", "earth", "high", "seen", "kept"} {
		_, features := featuresOf(t, url, postgis.TableSource{Table: table})
		for _, f := range features {
			if off := furthest(f.Geometry, plain[0].Geometry); off > 1e-9 {
				t.Errorf("%s: a corner is %g degrees off", table, off)
			}
		}
	}
	_, features := featuresOf(t, url, postgis.TableSource{Table: "curved"})
	if n := len(features[0].Geometry.(orb.Polygon)[0]); n < 100 {
		t.Errorf("the circle has %d corners, want 100 or more", n)
	}
	_, features = featuresOf(t, url, postgis.TableSource{Table: "mercator", AsIs: true})
	if x := features[0].Geometry.Bound().Min[0]; math.Abs(x-12579102.4) > 0.1 {
		t.Errorf("left as it is, the west is at %v, want metres", x)
	}
	_, features = featuresOf(t, url, postgis.TableSource{Table: "unsaid", AsIs: true})
	if off := furthest(features[0].Geometry, plain[0].Geometry); off != 0 {
		t.Errorf("left as it is, a corner is %g degrees off", off)
	}
	refuses(t, url, postgis.TableSource{Table: "unsaid"}, "1 of 1 outlines", "SRID 0", "--crs")
	refuses(t, url, postgis.TableSource{Table: "strange"}, "SRID 990000", "Cannot find SRID (990000) in spatial_ref_sys")
}

// furthest returns the largest difference of coordinates of two outlines.
func furthest(a, b orb.Geometry) float64 {
	if m, ok := a.(orb.MultiPolygon); ok {
		a = m[0]
	}
	off := 0.0
	for i, p := range a.(orb.Polygon)[0] {
		q := b.(orb.Polygon)[0][i]
		off = max(off, math.Abs(p[0]-q[0]), math.Abs(p[1]-q[1]))
	}
	return off
}

// refuses tests that a table cannot be read, and for what reason.
func refuses(t *testing.T, url string, source postgis.TableSource, reasons ...string) error {
	t.Helper()
	content, err := postgis.TableFeatures(t.Context(), url, source)
	if err == nil {
		t.Errorf("%+v was read: %s", source, content.GeoJSON)
		return nil
	}
	for _, reason := range reasons {
		if !strings.Contains(err.Error(), reason) {
			t.Errorf("%+v: error %q, want one with %q", source, err, reason)
		}
	}
	return err
}

func TestTableFeaturesOfOddNamesAndTexts(t *testing.T) {
	server := pgtest.Shared(t)
	url := server.Database(t)
	polygon := "'SRID=4326;POLYGON(" + square(1, 1) + ")'::geometry"
	server.Exec(t, url, `CREATE SCHEMA "Odd.Schema";
		CREATE TABLE "Odd.Schema"."My ""Table""" ("the code" text, "名称" text, "Geom" geometry, other geometry, "t.x" json, n numeric, big bigint, at timestamptz, nothing text);
		INSERT INTO "Odd.Schema"."My ""Table""" VALUES ('a''b";--', E'福田\n区 "x" \\ é', `+polygon+`, NULL, '{"k": [1, "\u0000"]}', 1.50, 9007199254740993, '2024-02-29 12:00+08', NULL);
		CREATE TABLE "Plain" ("Geom" geometry); INSERT INTO "Plain" VALUES (`+polygon+`);
		CREATE TABLE folded (geom geometry); INSERT INTO folded VALUES (`+polygon+`)`)
	const table = `"Odd.Schema"."My ""Table"""`
	content, features := featuresOf(t, url, postgis.TableSource{Table: table, Geometry: "Geom"})
	if content.Name != table || content.Geometry != "Geom" || len(features) != 1 {
		t.Errorf("read %s, column %s, with %d features", content.Name, content.Geometry, len(features))
	}
	want := map[string]string{
		"the code": `"a'b\";--"`, "名称": `"福田\n区 \"x\" \\ é"`, "t.x": `{"k": [1, "\u0000"]}`, "n": "1.50", "big": "9007199254740993",
		"at": `"2024-02-29T04:00:00+00:00"`, "nothing": "null",
	}
	var collection struct {
		Features []struct{ Properties map[string]json.RawMessage }
	}
	if err := json.Unmarshal(content.GeoJSON, &collection); err != nil {
		t.Fatal(err)
	}
	properties := collection.Features[0].Properties
	for name, value := range want {
		if got := string(properties[name]); got != value {
			t.Errorf("property %q is %s, want %s", name, got, value)
		}
	}
	if len(properties) != len(want) {
		t.Errorf("properties are %v, want %d", properties, len(want))
	}
	featuresOf(t, url, postgis.TableSource{Table: table, Geometry: `"Geom"`})
	featuresOf(t, url, postgis.TableSource{Table: "public.Plain", Geometry: "Geom"})
	featuresOf(t, url, postgis.TableSource{Table: " PUBLIC.Folded", Geometry: "GEOM"})
	refuses(t, url, postgis.TableSource{Table: `"FOLDED"`}, "not found", "public.folded")
	refuses(t, url, postgis.TableSource{Table: table}, "several columns of type geometry", "--geom", "Geom, other")
}

func TestTableFeaturesSaysWhatIsWrong(t *testing.T) {
	server := pgtest.Shared(t)
	address := server.Database(t)
	server.Exec(t, address, `CREATE SCHEMA gis; CREATE TABLE gis.districts (code text, geom geometry);
		CREATE TABLE names (code text, name text); CREATE TABLE empty (code text, geom geometry);
		CREATE TABLE roads (code text, geom geometry);
		INSERT INTO roads VALUES ('a', 'LINESTRING(0 0,1 1)'), ('b', 'LINESTRING(0 0,2 2)'), ('c', 'POINT(1 1)'), ('d', NULL)`)
	f := func(source postgis.TableSource, reasons ...string) error {
		t.Helper()
		return refuses(t, address, source, reasons...)
	}
	if err := f(postgis.TableSource{Table: "gis.distrcts"}, "did you mean gis.districts"); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("error %v is no data.ErrNotFound", err)
	}
	f(postgis.TableSource{Table: "districts"}, "did you mean gis.districts")
	f(postgis.TableSource{Table: "something"}, "tables with geometries are gis.districts, public.empty, public.roads")
	f(postgis.TableSource{Table: "a.b.c"}, "want a table or schema.table")
	f(postgis.TableSource{Table: `"names`}, "a quote is not closed")
	f(postgis.TableSource{Table: `"names"x`}, "want a dot")
	f(postgis.TableSource{Table: "gis."}, "a part of it is empty")
	f(postgis.TableSource{Table: ""}, "a part of it is empty")
	f(postgis.TableSource{Table: "names"}, "no column of type geometry", "code, name")
	f(postgis.TableSource{Table: "empty"}, "no rows")
	f(postgis.TableSource{Table: "empty", Geometry: "code"}, `column "code" is not of type geometry`, "geom")
	f(postgis.TableSource{Table: "empty", Geometry: "shape"}, `no column "shape"`, "geom")
	f(postgis.TableSource{Table: "roads"}, "no polygons, but 2 LineString, 1 NULL, 1 Point")

	server.Exec(t, address, "DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN; GRANT SELECT (code) ON roads TO stranger")
	t.Cleanup(func() {
		server.Exec(t, address, "DROP OWNED BY stranger; DROP ROLE stranger")
	})
	strange, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	strange.User = url.User("stranger")
	err = refuses(t, strange.String(), postgis.TableSource{Table: "empty"}, "GRANT SELECT ON public.empty TO stranger")
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v is no fs.ErrPermission", err)
	}
	refuses(t, strange.String(), postgis.TableSource{Table: "gis.districts"}, "GRANT USAGE ON SCHEMA gis TO stranger")
	refuses(t, strange.String(), postgis.TableSource{Table: "roads"}, "no column of type geometry", "columns are code")
	err = refuses(t, "postgres://nobody:secret@127.0.0.1:1/none?connect_timeout=1", postgis.TableSource{Table: "x"})
	if !errors.Is(err, data.ErrUnavailable) || strings.Contains(err.Error(), "secret") {
		t.Errorf("error of a server that is not there: %v", err)
	}
}

func TestTableFeaturesRefusesRows(t *testing.T) {
	server := pgtest.Shared(t)
	url := server.Database(t)
	server.Exec(t, url, `CREATE TABLE mixed (code text, geom geometry);
		INSERT INTO mixed VALUES ('line', 'SRID=4326;LINESTRING(0 0,1 1)'), ('none', NULL), ('good', 'SRID=4326;POLYGON(`+square(1, 1)+`)'),
			('mercator', 'SRID=3857;POLYGON(`+square(1, 1)+`)'),
			('far', ST_SetSRID(ST_MakePolygon(ST_MakeLine(ARRAY[ST_MakePoint(0, 0), ST_MakePoint(1, 0), ST_MakePoint(1e300, 1e300), ST_MakePoint(0, 0)])), 2437)),
			('gauss', ST_Transform('SRID=4326;POLYGON(`+square(120, 30)+`)'::geometry, 2437)),
			('nan', ST_SetSRID(ST_MakePolygon(ST_MakeLine(ARRAY[ST_MakePoint(0, 0), ST_MakePoint(1, 0), ST_MakePoint(1, 'NaN'), ST_MakePoint(0, 0)])), 4326))`)
	content, features := featuresOf(t, url, postgis.TableSource{Table: "mixed"})
	if len(features) != 3 {
		t.Errorf("%d features, want those good, mercator and gauss", len(features))
	}
	want := map[string]string{
		`{"code":"line"}`: "a LineString, want a Polygon or MultiPolygon", `{"code":"none"}`: "no geometry",
		`{"code":"far"}`: "cannot be transformed from SRID 2437", `{"code":"nan"}`: "a corner at 1, NaN",
	}
	for _, r := range content.Refused {
		if reason := want[string(r.Properties)]; reason == "" || !strings.HasPrefix(r.Reason, reason) {
			t.Errorf("row %s: %s, want %q", r.Properties, r.Reason, reason)
		}
	}
	if len(content.Refused) != len(want) {
		t.Errorf("%d rows are refused, want %d", len(content.Refused), len(want))
	}
	again, _ := featuresOf(t, url, postgis.TableSource{Table: "mixed"})
	if string(again.GeoJSON) != string(content.GeoJSON) {
		t.Error("the same table gives other bytes")
	}
}

// TestTableFeaturesRunsNothing gives SQL where a name is wanted.
func TestTableFeaturesRunsNothing(t *testing.T) {
	server := pgtest.Shared(t)
	url := server.Database(t)
	server.Exec(t, url, `CREATE TABLE areas (code text, geom geometry); INSERT INTO areas VALUES ('a', 'SRID=4326;POLYGON(`+square(1, 1)+`)')`)
	for _, attack := range []string{
		"x; DROP TABLE areas", "areas; DROP TABLE areas; --", `areas" t) f; DROP TABLE areas; --`, `"areas"" t) f; DROP TABLE areas; --"`,
		"public.areas'; DROP TABLE areas; --", "$1; DROP TABLE areas", "areas t, pg_authid", "areas\x00; DROP TABLE areas",
	} {
		refuses(t, url, postgis.TableSource{Table: attack})
		refuses(t, url, postgis.TableSource{Table: "areas", Geometry: attack})
	}
	if _, features := featuresOf(t, url, postgis.TableSource{Table: "areas"}); len(features) != 1 {
		t.Errorf("%d areas are left, want 1", len(features))
	}
}

func TestTableFeaturesReadsOurOwnView(t *testing.T) {
	url := pgtest.Shared(t).Database(t)
	s := open(t, url, postgis.Options{})
	defer s.Close()
	first := time.Date(2024, 2, 29, 0, 0, 0, 1000, time.UTC)
	_, err := s.PutCommunities(t.Context(), []data.Community{{
		Code: "440304", Level: data.District, Parent: "4403", Names: data.Names{"": "福田区"}, Population: 1_500_000, HasPopulation: true,
		Responsible: "区政府", ValidFrom: first, Outline: orb.MultiPolygon{{{{114, 22}, {115, 22}, {115, 23}, {114, 22}}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	_, features := featuresOf(t, url, postgis.TableSource{Table: "civgrid.communities"})
	got, err := json.Marshal(features[0].Properties)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"code":"440304","id":1,"level":"district","name":"福田区","parent":"4403","population":1500000,` +
		`"responsible":"区政府","valid_from":"2024-02-29T00:00:00.000001+00:00","valid_to":null}`
	if string(got) != want {
		t.Errorf("the view says %s, want %s", got, want)
	}
}
