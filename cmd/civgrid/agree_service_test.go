package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/auth"
	"github.com/civgrid/civgrid/api/server"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/follow"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
	"github.com/civgrid/civgrid/data/segment"
	"github.com/civgrid/civgrid/data/sqlite"
	"github.com/civgrid/civgrid/data/storetest"
	"github.com/civgrid/civgrid/geo"
)

// A hamlet is what the stores of a test hold: communities of two levels, and facts of
// every dataset as awkward as they come.
type hamlet struct {
	areas []data.Community
	facts map[data.Dataset][]storetest.Row
}

func newHamlet() hamlet {
	h := hamlet{facts: map[data.Dataset][]storetest.Row{}}
	square := func(west, south, east, north float64) orb.MultiPolygon {
		return orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
	}
	for d := range 2 {
		west, code := 114+0.03*float64(d), fmt.Sprint("D", d+1)
		h.areas = append(h.areas, data.Community{Code: code, Level: data.District, Names: data.Names{"": "東湖區", "en": "East & West <" + code + ">"}, Outline: square(west, 22.5, west+0.03, 22.53)})
		for s := range 2 {
			south := 22.5 + 0.015*float64(s)
			h.areas = append(h.areas, data.Community{
				Code: fmt.Sprint(code, "S", s+1), Level: data.Street, Parent: code, Outline: square(west, south, west+0.03, south+0.015),
				HasPopulation: s == 0, Population: int64(1000 * (d + 1) * (1 - s)), ValidFrom: time.Date(2000*s, 1, 1, 0, 0, 0, 0, time.UTC),
			})
		}
	}
	dice := rand.New(rand.NewPCG(7, 11))
	for i := range 1200 {
		h.facts[data.Incidents] = append(h.facts[data.Incidents], someCase(dice, i))
	}
	for i := range 300 {
		row := placed(dice, storetest.Row{
			"source": "round", "id": fmt.Sprintf("i%03d", i), "result": pick(dice, "pass", "fail", "na"), "point": fmt.Sprint("p", dice.IntN(40)),
			"item": pick(dice, "餐飲", "bins"), "inspected_at": time.Date(2024, 1, 1+dice.IntN(120), 9, 0, 0, 0, time.UTC).UnixMicro(),
			"score": dice.Float64() * 100, "max_score": 100.0, "found": int64(dice.IntN(5)),
		})
		h.facts[data.Inspections] = append(h.facts[data.Inspections], row)
	}
	for i := range 60 {
		row := placed(dice, storetest.Row{
			"source": pick(dice, "b", "a"), "id": fmt.Sprintf("r%02d", i), "kind": pick(dice, "station", "toilet"), "name": pick(dice, "Fire station", "消防站", "zwölf", "=1+1"),
			"status": "active", "capacity": float64(dice.IntN(9)) / 4, "valid_from": time.Date(2010+dice.IntN(20), 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro(),
		})
		h.facts[data.Resources] = append(h.facts[data.Resources], row)
	}
	return h
}

func pick(dice *rand.Rand, words ...string) string { return words[dice.IntN(len(words))] }

// placed gives a row a point inside or outside, one of a crowd at the same point, the
// code of an area, or no place.
func placed(dice *rand.Rand, row storetest.Row) storetest.Row {
	row["location"] = data.LocationPoint
	switch dice.IntN(10) {
	case 0:
		row["location"] = data.LocationNone
	case 1:
		row["location"], row["community_given"] = data.LocationArea, pick(dice, "D1", "D2S1", "nowhere")
	case 2:
		row["lon"], row["lat"] = 114.0451, 22.5151
	default:
		row["lon"], row["lat"] = 113.995+0.07*dice.Float64(), 22.495+0.04*dice.Float64()
	}
	return row
}

// someCase is an incident of the first months of 2024.
func someCase(dice *rand.Rand, i int) storetest.Row {
	at := time.Date(2024, 1, 1, dice.IntN(120*24), dice.IntN(60), 0, dice.IntN(1e6)*1000, time.UTC)
	row := placed(dice, storetest.Row{
		"source": "311", "id": fmt.Sprintf("%04d", i), "category": pick(dice, "noise", "垃圾", "light"), "channel": pick(dice, "app", "patrol"),
		"responsible": pick(dice, "Parks", "Roads"), "status": pick(dice, data.StatusOpen, data.StatusClosed, data.StatusClosed, data.StatusVoid), "reported_at": at.UnixMicro(),
	})
	after := func(column string) {
		if n := dice.IntN(5); n > 0 {
			row[column] = at.Add(time.Duration(dice.IntN(300)) * time.Hour).UnixMicro()
		}
	}
	after("responded_at")
	after("due_at")
	if row["status"] == data.StatusClosed {
		after("closed_at")
	}
	return row
}

// settle keeps everything in a store: facts in an order and in pieces of their own, some
// in an earlier form first.
func (h hamlet) settle(t *testing.T, store data.Store, seed uint64) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	dice := rand.New(rand.NewPCG(seed, 1))
	must(store.PutSettings(t.Context(), data.Settings{Zone: "Asia/Shanghai"}))
	areas := slices.Clone(h.areas)
	dice.Shuffle(len(areas), func(i, j int) { areas[i], areas[j] = areas[j], areas[i] })
	_, err := store.PutCommunities(t.Context(), areas)
	must(err)
	stamper, err := ingest.NewStamper(h.areas, nil)
	must(err)
	for _, d := range data.Datasets() {
		rows := slices.Clone(h.facts[d])
		dice.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		earlier := maps.Clone(rows[0])
		earlier["location"] = data.LocationNone
		delete(earlier, "lon")
		delete(earlier, "lat")
		delete(earlier, "community_given")
		for _, part := range append([][]storetest.Row{{earlier}}, slices.Collect(slices.Chunk(rows, 100+dice.IntN(300)))...) {
			batch, err := stamper.Stamp(d, storetest.Batch(store.Schema(d), part...))
			must(err)
			_, err = store.Append(t.Context(), d, data.Chunk{}, batch)
			must(err)
		}
		_, err := ingest.Assess(t.Context(), store, d, fixedNow())
		must(err)
	}
}

// serviceOf serves a store to the holders of the keys of a catalog.
func serviceOf(t *testing.T, store data.Store, keys data.Catalog) http.Handler {
	t.Helper()
	doorkeeper, err := auth.New(auth.Options{Catalog: keys, Now: fixedNow})
	if err != nil {
		t.Fatal(err)
	}
	return server.New(store, server.Options{
		Doorkeeper: doorkeeper, Version: "1.0", TrustProxy: true, BaseURL: "https://maps.example.org", Secret: []byte("known"), Now: fixedNow, Engine: engine.Options{Now: fixedNow},
	})
}

// everywhere are addresses of all families of routes.
func everywhere() []string {
	filter := func(text string) string { return "filter=" + url.QueryEscape(text) }
	list := []string{
		"/?f=json", "/?f=html", "/?f=html&layer=indicator&lang=zh-Hans", "/conformance", "/api", "/api?f=html", "/collections", "/styles", "/tileMatrixSets/WebMercatorQuad", "/dggs/H3/definition",
		"/collections/communities/items", "/collections/communities-street/items?sortby=-population", "/collections/communities/items?datetime=1999-01-01",
		"/collections/communities-district/items/D1", "/collections/resources/items?limit=7", "/collections/resources/items?f=csv&sortby=name,-capacity",
		"/collections/resources/items?" + filter("kind = 'station' AND capacity > 1"), "/collections/resources/items?bbox=114.01,22.5,114.02,22.53", "/collections/resources/items?f=parquet",
		"/collections/resources/items/a:r07", "/collections/resources/tiles/WebMercatorQuad/13/3568/6691",
		"/collections/density/items?limit=9&sortby=-observed", "/collections/density/items?crs=http://www.opengis.net/def/crs/EPSG/0/3857&properties=observed&limit=5",
		"/collections/density/items?limit=1000&" + filter("S_INTERSECTS(geometry, BBOX(114.01, 22.5, 114.02, 22.52)) OR observed > 3"),
		"/collections/density/items?resultType=hits&observed=2", "/collections/density/items?datetime=2024-02-01/2024-03-01&f=geojsonseq", "/collections/density/items?category=noise&skipGeometry=true&f=csv",
		"/collections/density/schema", "/collections/density/queryables", "/collections/density/tiles/WebMercatorQuad/14/7136/13383", "/collections/density/tiles/WebMercatorQuad/tilejson.json",
		"/collections/indicator-responsible_unit/items", "/collections/indicator-street/items?indicator=general.on_time&period=2024-03&f=arrow",
		"/collections/indicator-district/items?indicator=general.pass_share&f=jsonfg", "/collections/compliance/items?f=fgb", "/collections/compliance-district/items?f=html",
		"/report?lang=zh-Hans", "/report?f=csv&indicator=general.cases&level=district",
		"/styles/hotspot", "/styles/indicator?f=qml", "/tiles/WebMercatorQuad/12/1784/3345", "/dggs/H3/zones?zone-level=8", "/collections/density/dggs/H3/zones?f=uint64",
		"/collections/density/dggs/H3/zones?compact-zones=false&limit=11", "/map.svg?layer=hotspot", "/layers/sites.geojson", "/layers/response.parquet?level=street", "/layers/indicator.json?level=district",
		"/layers/density.csv?from=2024-01-10&to=2024-02-10&as-of=2024-02-10&recorded=now",
		"/layers/density.csv?level=street&from=2024-02&to=2024-03&compare=previous", "/layers/indicator.json?level=district&period=2024-02&compare=2024-01",
	}
	zone, err := geo.CellAt(orb.Point{114.0451, 22.5151}, 8)
	if err != nil {
		panic(err)
	}
	at := "/dggs/H3/zones/" + zone.String()
	list = append(list, at, at+"/data?collections=density,response", "/collections/hotspot"+at, "/collections/lisa"+at+"/data?zone-depth=0-2&f=geojson",
		"/collections/density/tiles/WebMercatorQuad/14/7136/13383?"+filter("observed > 1"), "/collections/density/dggs/H3/zones?zone-level=9&"+filter("observed > 1"),
		"/collections/density"+at+"/data?zone-depth=1&"+filter("observed > 1"), "/collections/density/items?zone="+zone.String(),
		"/collections/resources/items?zone="+zone.String(), "/collections/communities/items?zone="+zone.String())
	for _, a := range engine.Analyses() {
		list = append(list, "/collections/"+a.Name+"/items?limit=2000&f=csv", "/collections/"+a.Name+"/items?res=8&limit=40")
	}
	return list
}

// factsEverywhere are addresses of what only holders of keys may see.
func factsEverywhere() []string {
	list := []string{
		"/collections", "/collections/incidents", "/collections/inspections/schema", "/collections/incidents/items/311:0007",
		"/collections/incidents/items?limit=400&sortby=-reported_at,category", "/collections/incidents/items?bbox=114.01,22.5,114.02,22.53&limit=50&f=csv",
		"/collections/inspections/items?resultType=hits&result=fail", "/collections/inspections/items?sortby=score&limit=100&f=jsonfg",
	}
	for _, extension := range []string{"geojson", "geojsons", "jsonfg", "csv", "fgb", "arrows", "parquet"} {
		list = append(list, "/exports/incidents."+extension, "/exports/inspections."+extension+"?result=fail")
	}
	return list
}

// replies asks for all addresses, and for all further pages: status, tag and body.
func replies(h http.Handler, key string) map[string]string {
	told := map[string]string{}
	ask := func(first, key string) {
		for at := first; at != ""; {
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, at, nil)
			r.Header.Set("X-Request-Id", "known")
			if key != "" {
				r.Header.Set("Authorization", "Bearer "+key)
			}
			h.ServeHTTP(w, r)
			told[key+at] = fmt.Sprintf("%d %s %s\n%s", w.Code, w.Header().Get("ETag"), w.Header().Get("Link"), w.Body)
			next, _, _ := strings.Cut(w.Header().Get("Link"), ">; rel=\"next\"")
			at = strings.TrimPrefix(strings.TrimPrefix(next, "<"), "https://maps.example.org")
		}
	}
	for _, first := range everywhere() {
		ask(first, "")
	}
	for _, first := range factsEverywhere() {
		ask(first, key)
	}
	return told
}

// TestStoresAnswerAlike asks services on stores of the same facts, written in different
// orders, for everything: each answers with the same bytes and the same tags.
func TestStoresAnswerAlike(t *testing.T) {
	h := newHamlet()
	reference := memory.New()
	h.settle(t, reference, 1)
	keys := memory.New()
	_, key, err := auth.Create(t.Context(), keys, auth.Key{Name: "planner", Role: api.Planner}, fixedNow())
	if err != nil {
		t.Fatal(err)
	}
	want := replies(serviceOf(t, reference, keys), key)
	good := 0
	for _, answer := range want {
		if strings.HasPrefix(answer, "20") {
			good++
		}
	}
	if len(want) < 80 || good < len(want)*9/10 {
		t.Fatalf("%d of %d addresses answer", good, len(want))
	}
	alike := func(t *testing.T, store data.Store) {
		t.Helper()
		got := replies(serviceOf(t, store, keys), key)
		for _, at := range slices.Sorted(maps.Keys(want)) {
			if got[at] != want[at] {
				t.Errorf("%s: %s", at, firstDifference([]byte(got[at]), []byte(want[at])))
			}
		}
	}
	t.Run("memory, written otherwise", func(t *testing.T) {
		store := memory.New()
		h.settle(t, store, 2)
		alike(t, store)
	})
	t.Run("sqlite", func(t *testing.T) { alike(t, h.record(t, 3)) })
	t.Run("sqlite with columns", func(t *testing.T) {
		store, err := segment.Open(t.Context(), h.record(t, 4), t.TempDir(), segment.Options{})
		if err != nil {
			t.Fatal(err)
		}
		alike(t, store)
	})
	t.Run("postgis", func(t *testing.T) { h.onPostGIS(t, alike) })
}

// record keeps everything in an embedded store.
func (h hamlet) record(t *testing.T, seed uint64) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "hamlet.gpkg"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h.settle(t, store, seed)
	return store
}

// onPostGIS keeps everything in a database, which is asked in each way there is.
func (h hamlet) onPostGIS(t *testing.T, alike func(*testing.T, data.Store)) {
	store, err := postgis.Open(t.Context(), pgtest.Shared(t).Database(t), postgis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h.settle(t, store, 5)
	t.Run("by scan", func(t *testing.T) { alike(t, forced{store, false}) })
	t.Run("by push-down", func(t *testing.T) { alike(t, forced{store, true}) })
	t.Run("as the planner likes", func(t *testing.T) { alike(t, store) })
	t.Run("followed", func(t *testing.T) {
		copied, err := follow.Open(t.Context(), unowned{store}, t.TempDir(), follow.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { copied.Close() })
		alike(t, copied)
	})
}
