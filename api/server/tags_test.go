package server

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/sqlite"
	"github.com/civgrid/civgrid/data/storetest"
	"github.com/civgrid/civgrid/geo"
)

// A borough is a store of two districts with sixty cases of January and February 2024
// and a fire station, and the service over it.
type borough struct {
	store   data.Store
	options Options
	now     time.Time
	handler http.Handler
}

func newBorough(t *testing.T, store data.Store) *borough {
	t.Helper()
	b := &borough{store: store, now: time.Date(2024, 2, 20, 8, 0, 0, 0, time.UTC)}
	b.options = Options{
		Version: "1.0", BaseURL: "https://maps.example.org", Secret: []byte("known"),
		Now: func() time.Time { return time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC) }, Engine: engine.Options{Now: func() time.Time { return b.now }},
	}
	b.fill(t)
	b.serve()
	return b
}

func (b *borough) serve() { b.handler = New(b.store, b.options) }

// fill writes all there is, as a first or a repeated import does.
func (b *borough) fill(t *testing.T) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	must(b.store.PutSettings(t.Context(), data.Settings{Zone: "Asia/Shanghai", Resolutions: []geo.Resolution{7, 8, 9}}))
	var areas []data.Community
	for i := range 2 {
		west := 114 + 0.02*float64(i)
		outline := orb.MultiPolygon{{{{west, 22.5}, {west + 0.02, 22.5}, {west + 0.02, 22.52}, {west, 22.52}, {west, 22.5}}}}
		areas = append(areas, data.Community{Code: fmt.Sprint("D", i+1), Level: data.District, Names: data.Names{"en": fmt.Sprint("District ", i+1)}, Outline: outline})
	}
	_, err := b.store.PutCommunities(t.Context(), areas)
	must(err)
	var cases []storetest.Row
	for i := range 60 {
		at := time.Date(2024, 1, 1+i%46, i%24, 0, 0, 0, time.UTC)
		cases = append(cases, storetest.Row{
			"source": "311", "id": fmt.Sprintf("%03d", i), "status": data.StatusClosed, "category": []string{"noise", "waste"}[i%2], "location": data.LocationPoint,
			"lon": 114.001 + 0.0007*float64(i*7%55), "lat": 22.501 + 0.0007*float64(i*3%26),
			"reported_at": at.UnixMicro(), "closed_at": at.Add(30 * time.Hour).UnixMicro(), "due_at": at.Add(48 * time.Hour).UnixMicro(),
		})
	}
	b.append(t, data.Incidents, cases...)
	b.append(t, data.Resources, storetest.Row{"source": "s", "id": "1", "name": "Fire station", "location": data.LocationPoint, "lon": 114.01, "lat": 22.51})
	must(b.store.PutImport(t.Context(), data.Import{ID: "x", Dataset: "incidents", Started: b.now, Finished: b.now}))
}

// append stamps rows, keeps them and assesses their dataset.
func (b *borough) append(t *testing.T, d data.Dataset, rows ...storetest.Row) {
	t.Helper()
	communities, err := b.store.Communities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stamper, err := ingest.NewStamper(communities, []geo.Resolution{7, 8, 9})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := stamper.Stamp(d, storetest.Batch(b.store.Schema(d), rows...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = b.store.Append(t.Context(), d, data.Chunk{}, batch); err != nil {
		t.Fatal(err)
	}
	if _, err = ingest.Assess(t.Context(), b.store, d, b.now); err != nil {
		t.Fatal(err)
	}
}

// families are addresses of all routes whose answers have an entity tag.
func families() []string {
	zone, err := geo.CellAt(orb.Point{114.01, 22.51}, 8)
	if err != nil {
		panic(err)
	}
	list := []string{
		"/?f=json", "/?f=html&layer=indicator&indicator=general.cases", "/conformance", "/api", "/api?f=html", "/collections",
		"/collections/communities/items", "/collections/communities-district/items/D1", "/collections/resources/items?f=csv",
		"/tileMatrixSets", "/tileMatrixSets/WebMercatorQuad", "/styles", "/styles/indicator?indicator=general.cases", "/styles/hotspot?f=qml",
		"/dggs/H3/definition", "/layers/indicator.geojson?indicator=general.cases", "/layers/density.csv", "/map.svg?layer=indicator&indicator=general.cases",
		"/report?indicator=general.cases", "/report?indicator=general.cases&f=csv", "/layers/density.csv?from=2024-02&compare=previous",
	}
	for _, at := range []string{"", "/collections/density"} {
		list = append(list, at+"/tiles", at+"/tiles/WebMercatorQuad", at+"/tiles/WebMercatorQuad/tilejson.json", at+"/tiles/WebMercatorQuad/12/1784/3345",
			at+"/dggs", at+"/dggs/H3", at+"/dggs/H3/zones", at+"/dggs/H3/zones/"+zone.String(), at+"/dggs/H3/zones/"+zone.String())
	}
	list = append(list, "/dggs/H3/zones/"+zone.String()+"/data?collections=density", "/collections/density/dggs/H3/zones/"+zone.String()+"/data?zone-depth=0-1")
	for _, part := range []string{"", "/schema", "/queryables", "/sortables", "/feature-schema", "/items?limit=3", "/items?f=html", "/items?f=parquet&filter=value%3E0"} {
		name, query, _ := strings.Cut(part, "?")
		list = append(list, "/collections/indicator-district"+name+"?indicator=general.cases&"+query)
	}
	return append(list, "/collections/indicator/items/"+"894"+"?indicator=general.cases")
}

// A reply is what was answered for an address.
type reply struct{ tag, body string }

// ask asks for all families.
func (b *borough) ask(t *testing.T) map[string]reply {
	t.Helper()
	replies := map[string]reply{}
	for _, at := range families() {
		at = strings.TrimSuffix(at, "&")
		w := do(b.handler, "GET", at)
		switch tag := w.Header().Get("ETag"); {
		case strings.Contains(at, "/items/894"):
			if w.Code != 404 || tag != "" {
				t.Errorf("%s: %d with tag %q", at, w.Code, tag)
			}
			continue
		case w.Code != 200 && w.Code != 204 || tag == "":
			t.Errorf("%s: %d with tag %q: %.300s", at, w.Code, tag, w.Body)
		default:
			replies[at] = reply{tag, w.Body.String()}
		}
		if again := do(b.handler, "GET", at, "If-None-Match", replies[at].tag); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s with its tag: %d", at, again.Code)
		}
	}
	return replies
}

// tagsMoved returns the addresses whose tags differ.
func tagsMoved(before, after map[string]reply) []string {
	var list []string
	for _, at := range slices.Sorted(maps.Keys(after)) {
		if before[at].tag != after[at].tag {
			list = append(list, at)
		}
	}
	return list
}

// TestTagsChangeWithWhatIsTold writes to a store and asks for everything: tags stay where
// nothing is said that was not said before, change where something is, and never stand
// for two bodies.
func TestTagsChangeWithWhatIsTold(t *testing.T) {
	if testing.Short() {
		t.Skip("asks for everything after each of many changes")
	}
	for name, open := range map[string]func() (data.Store, error){
		"memory": func() (data.Store, error) { return memory.New(), nil },
		"sqlite": func() (data.Store, error) {
			return sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "town.gpkg"), sqlite.Options{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := open()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { store.Close() })
			tagsFollow(t, newBorough(t, store))
		})
	}
}

func tagsFollow(t *testing.T, b *borough) {
	first := b.ask(t)
	last, bodies := first, map[string]string{}
	remember := func(replies map[string]reply) {
		for at, r := range replies {
			if body, met := bodies[at+" "+r.tag]; met && body != r.body {
				t.Errorf("%s: tag %s stands for two bodies", at, r.tag)
			}
			bodies[at+" "+r.tag] = r.body
		}
	}
	remember(first)
	step := func(what string, changes func(at string) bool, do func()) {
		t.Helper()
		do()
		next := b.ask(t)
		remember(next)
		moved := tagsMoved(last, next)
		for at := range next {
			if want := changes(at); want != slices.Contains(moved, at) {
				t.Errorf("%s: the tag of %s changes: %t, want %t", what, at, !want, want)
			}
		}
		last = next
	}
	none, all := func(string) bool { return false }, func(string) bool { return true }
	step("nothing", none, func() {})
	step("another process", none, b.serve)
	step("an import repeated", none, func() { b.fill(t) })
	step("a document that is no definition", none, func() {
		if _, err := b.store.PutDocument(t.Context(), data.Document{Kind: "number", Name: "x", Body: "1"}); err != nil {
			t.Fatal(err)
		}
	})
	step("a definition", all, func() { publishAgain(t, b.store, "Cases, counted anew") })
	step("the same definition", none, func() { publishAgain(t, b.store, "Cases, counted anew") })
	step("the end of the month", all, func() { b.now = b.now.AddDate(0, 1, 0) })
	step("a later day", none, func() { b.now = b.now.AddDate(0, 0, 1) })
	step("a case", all, func() {
		b.append(t, data.Incidents, storetest.Row{
			"source": "311", "id": "new", "status": data.StatusOpen, "category": "noise", "location": data.LocationPoint, "lon": 114.01, "lat": 22.51,
			"reported_at": time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC).UnixMicro(),
		})
	})
	step("a station that moved", all, func() {
		b.append(t, data.Resources, storetest.Row{"source": "s", "id": "1", "name": "Fire station", "location": data.LocationPoint, "lon": 114.03, "lat": 22.51})
	})
	step("a name of a community", all, func() {
		communities, err := b.store.Communities(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		communities[0].Names = data.Names{"en": "Old Town"}
		if _, err := b.store.PutCommunities(t.Context(), communities[:1]); err != nil {
			t.Fatal(err)
		}
	})
	step("another time zone", all, func() {
		if err := b.store.PutSettings(t.Context(), data.Settings{Zone: "UTC", Resolutions: []geo.Resolution{7, 8, 9}}); err != nil {
			t.Fatal(err)
		}
	})
	step("another program", all, func() { b.options.Version = "1.1"; b.serve() })
	step("another address", all, func() { b.options.BaseURL = "https://other.example.org"; b.serve() })
	step("another title", all, func() { b.options.Title = "Town"; b.serve() })
	paged := func(at string) bool { return strings.Contains(at+"?", "/items?") || strings.HasSuffix(at, "/zones") }
	step("another key of cursors", paged, func() { b.options.Secret = []byte("other"); b.serve() })
}

// publishAgain publishes a second version of the number of cases, which means the same.
func publishAgain(t *testing.T, store data.Store, name string) {
	t.Helper()
	file, err := indicator.Read(strings.NewReader(
		"code: general.cases\nversion: 2\nkind: count\ndirection: none\nempty: no_data\nperiod: {by: opened, unit: month}\nname: {en: \""+name+"\"}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.New(store, engine.Options{}).Publish(context.Background(), file.Pack.Indicators[0]); err != nil {
		t.Fatal(err)
	}
}
