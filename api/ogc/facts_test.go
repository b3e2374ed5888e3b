package ogc_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/storetest"
	"github.com/civgrid/civgrid/geo"
)

// factHandler serves the facts of a source.
func factHandler(engine ogc.Engine, facts *ogc.Facts) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.UseRawPath, router.UnescapePathValues = true, true
	ogc.Register(router, ogc.Options{
		Tables: ogc.NewTables(engine, memory.New()), Title: "Test", Facts: facts,
		Analyses: []analytics.Analysis{{Name: "waiting", Title: "Where cases wait longest", Columns: values(0, false)[1:]}, {Name: "near", Title: "Near", Near: true}},
		Base:     func(r *http.Request) string { return api.BaseURL(r, "", false) },
		Now:      sometime,
	})
	return router
}

func serveFacts(t testing.TB, facts *ogc.Facts) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(factHandler(&fakeEngine{version: "v1"}, facts))
	t.Cleanup(server.Close)
	return server
}

// someFacts returns a store of random incidents, with everything that a value may be,
// and of a few inspections.
func someFacts(t testing.TB, n int) *memory.Store {
	t.Helper()
	store := memory.New()
	fillFacts(t, store, n)
	return store
}

func fillFacts(t testing.TB, store data.Store, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var rows []storetest.Row
	for i := range n {
		rows = append(rows, randomIncident(t, r, i))
	}
	keep(t, store, data.Incidents, rows...)
	keep(t, store, data.Inspections, storetest.Row{
		"source": "patrol", "id": "1", "location": data.LocationPoint, "lon": 114.06, "lat": 22.54, "result": "fail",
		"score": 7.0, "found": int64(2), "inspected_at": micros("2025-03-02T01:00:00Z"), "incident": "7", "address": "1 Secret Street",
	})
}

func micros(text string) int64 {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return at.UnixMicro()
}

func keep(t testing.TB, store data.Store, d data.Dataset, rows ...storetest.Row) {
	t.Helper()
	if _, err := store.Append(t.Context(), d, data.Chunk{}, storetest.Batch(store.Schema(d), rows...)); err != nil {
		t.Fatal(err)
	}
}

// randomIncident returns the ith incident: one of three sources, ids of any sign, times
// of which several are the same.
func randomIncident(t testing.TB, r *rand.Rand, i int) storetest.Row {
	t.Helper()
	ids := []string{"2025-%d", "案件/%d", "a:b?c#%d", "100%% %d", "~%d\n"}
	row := storetest.Row{
		"source": []string{"hotline", "熱線:1", "app"}[r.IntN(3)], "id": fmt.Sprintf(ids[r.IntN(len(ids))], i),
		"location": data.LocationNone, "status": []string{"open", "closed"}[r.IntN(2)],
		"reported_at": micros("2025-01-01T00:00:00Z") + int64(r.IntN(90))*43_200_000_000 + int64(r.IntN(2))*250_000,
		"address":     "1 Secret Street", "attributes": `{"phone":"Secret"}`,
	}
	switch r.IntN(4) {
	case 0:
		row["location"], row["community"] = data.LocationArea, "D1"
	case 1:
	default:
		row["location"], row["lon"], row["lat"] = data.LocationPoint, 114+r.Float64(), 22.5+r.Float64()/2
		row["cell_9"] = geo.Cell(0x8931aa50003ffff)
	}
	if r.IntN(2) == 0 {
		row["category"] = []string{"noise", "路燈 & Licht", "O'Neill \\ 50%", ""}[r.IntN(4)]
	}
	if r.IntN(2) == 0 {
		row["reports"] = int64(r.IntN(5))
	}
	if r.IntN(2) == 0 {
		row["limit_amount"] = float64(r.IntN(20)) / 4
	}
	if row["status"] == "closed" {
		row["closed_at"] = row["reported_at"].(int64) + int64(r.IntN(5))*3_600_000_000
	}
	return row
}

// A factFeature is a feature as a client reads it.
type factFeature struct {
	ID         string
	Geometry   *struct{ Coordinates [2]float64 }
	Properties map[string]any
}

func (f factFeature) number(name string) (float64, bool) {
	x, ok := f.Properties[name].(float64)
	return x, ok
}

func (f factFeature) in(west, south, east, north float64) bool {
	if f.Geometry == nil {
		return false
	}
	lon, lat := f.Geometry.Coordinates[0], f.Geometry.Coordinates[1]
	return lon >= west && lon <= east && lat >= south && lat <= north
}

// at returns a time of a feature.
func (f factFeature) at(name string) time.Time {
	text, _ := f.Properties[name].(string)
	at, _ := time.Parse(time.RFC3339Nano, text)
	return at
}

// factPages reads all pages from an address on.
func factPages(t *testing.T, first string) (all []factFeature) {
	t.Helper()
	matched := -1
	for at := first; at != ""; {
		var page struct {
			NumberMatched, NumberReturned int
			Links                         []api.Link
			Features                      []factFeature
		}
		a := get(t, "GET", at)
		if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != 200 {
			t.Fatalf("GET %s: %d %v %s", at, a.status, err, a.body)
		}
		if page.NumberReturned != len(page.Features) || matched >= 0 && page.NumberMatched != matched {
			t.Fatalf("GET %s: %d of %d, have %d, had %d", at, page.NumberReturned, page.NumberMatched, len(page.Features), matched)
		}
		all, matched, at = append(all, page.Features...), page.NumberMatched, collection{Links: page.Links}.link("next")
	}
	if matched != len(all) {
		t.Fatalf("GET %s: %d features on all pages, numberMatched %d", first, len(all), matched)
	}
	return all
}

// factKey is source and id, by which facts stand where nothing else is said.
func factKey(f factFeature) string {
	return f.Properties["source"].(string) + "\x00" + f.Properties["incident_id"].(string)
}

// TestFactsAreThoseOfTheClient compares each condition with what a client works out of
// all features, at every size of page.
func TestFactsAreThoseOfTheClient(t *testing.T) {
	server := serveFacts(t, &ogc.Facts{Source: someFacts(t, 300)})
	base := server.URL + "/collections/incidents/items?"
	all := factPages(t, base+"limit=1000")
	if len(all) != 300 || !slices.IsSortedFunc(all, func(a, b factFeature) int { return cmp.Compare(factKey(a), factKey(b)) }) {
		t.Fatalf("%d features, or not by source and id", len(all))
	}
	f := func(query string, meets func(factFeature) bool) {
		t.Helper()
		var want []string
		for _, feature := range all {
			if meets(feature) {
				want = append(want, feature.ID)
			}
		}
		if len(want) == 0 || len(want) == len(all) {
			t.Errorf("%s: %d of %d say nothing", query, len(want), len(all))
		}
		for _, size := range []int{1, 7, 1000} {
			var got []string
			for _, feature := range factPages(t, fmt.Sprint(base, query, "&limit=", size)) {
				got = append(got, feature.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %d features by %d, want %d", query, len(got), size, len(want))
			}
		}
		if hits := items(t, base+query+"&resultType=hits"); hits.NumberMatched != len(want) || len(hits.Features) != 0 || hits.link("next") != "" {
			t.Errorf("%s: %d hits, want %d", query, hits.NumberMatched, len(want))
		}
	}
	filter := func(text string) string { return url.Values{"filter": {text}}.Encode() }
	instant := func(text string) time.Time { return time.UnixMicro(micros(text)).UTC() }
	f(filter("status = 'open'"), func(f factFeature) bool { return f.Properties["status"] == "open" })
	f(filter("incident_id LIKE '案件/%' AND reports >= 2"), func(f factFeature) bool {
		n, ok := f.number("reports")
		return strings.HasPrefix(f.Properties["incident_id"].(string), "案件/") && ok && n >= 2
	})
	f(filter("NOT (limit_amount > 2.5) OR category = 'O''Neill \\\\ 50%'"), func(f factFeature) bool {
		x, ok := f.number("limit_amount")
		return ok && x <= 2.5 || f.Properties["category"] == `O'Neill \ 50%`
	})
	f(filter("incident_id IS NULL OR geometry IS NULL"), func(f factFeature) bool { return f.Geometry == nil })
	f(filter("reported_at >= TIMESTAMP('2025-02-01T00:00:00.25Z')"), func(f factFeature) bool { return !f.at("reported_at").Before(instant("2025-02-01T00:00:00.25Z")) })
	f(filter("closed_at = reported_at"), func(f factFeature) bool {
		return f.Properties["closed_at"] != nil && f.Properties["closed_at"] == f.Properties["reported_at"]
	})
	f(filter("cell_9 = '8931aa50003ffff'"), func(f factFeature) bool { return f.Properties["cell_9"] == "8931aa50003ffff" })
	f(filter("S_INTERSECTS(geometry, BBOX(114.2, 22.6, 114.7, 22.8))"), func(f factFeature) bool { return f.in(114.2, 22.6, 114.7, 22.8) })
	f(filter("S_DISJOINT(geometry, BBOX(114.2, 22.6, 114.7, 22.8)) AND status = 'closed'"), func(f factFeature) bool {
		return f.Geometry != nil && !f.in(114.2, 22.6, 114.7, 22.8) && f.Properties["status"] == "closed"
	})
	f("filter-lang=cql2-json&"+filter(`{"op":"in","args":[{"property":"source"},["app","none"]]}`), func(f factFeature) bool { return f.Properties["source"] == "app" })
	f("status=open&reports=3", func(f factFeature) bool {
		n, ok := f.number("reports")
		return f.Properties["status"] == "open" && ok && n == 3
	})
	f(url.Values{"category": {`O'Neill \ 50%`}}.Encode(), func(f factFeature) bool { return f.Properties["category"] == `O'Neill \ 50%` })
	f("limit_amount=2.5", func(f factFeature) bool { x, ok := f.number("limit_amount"); return ok && x == 2.5 })
	f("reported_at=2025-01-01T12:00:00Z", func(f factFeature) bool { return f.at("reported_at").Equal(instant("2025-01-01T12:00:00Z")) })
	f("incident_id="+url.QueryEscape(all[5].Properties["incident_id"].(string)), func(f factFeature) bool { return f.Properties["incident_id"] == all[5].Properties["incident_id"] })
	// A feature without a geometry meets every box (17-069r4, /req/core/fc-bbox-response).
	f("bbox=114.2,22.6,114.7,22.8", func(f factFeature) bool { return f.Geometry == nil || f.in(114.2, 22.6, 114.7, 22.8) })
	f("bbox=114.5,-90,114.1,90", func(f factFeature) bool { return f.Geometry == nil || !f.in(114.1000001, -90, 114.4999999, 90) })
	f("bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326&bbox=22.6,114.2,22.8,114.7", func(f factFeature) bool { return f.Geometry == nil || f.in(114.2, 22.6, 114.7, 22.8) })
	// Both ends of an interval belong to it; a date is a day of the city.
	f("datetime=2025-01-10T00:00:00Z/2025-01-20T00:00:00Z", func(f factFeature) bool {
		at := f.at("reported_at")
		return !at.Before(instant("2025-01-10T00:00:00Z")) && !at.After(instant("2025-01-20T00:00:00Z"))
	})
	f("datetime="+all[0].Properties["reported_at"].(string), func(f factFeature) bool { return f.at("reported_at").Equal(all[0].at("reported_at")) })
	f("datetime=2025-01-10", func(f factFeature) bool {
		at := f.at("reported_at")
		return !at.Before(instant("2025-01-09T16:00:00Z")) && at.Before(instant("2025-01-10T16:00:00Z"))
	})
	f("datetime=../2025-01-10", func(f factFeature) bool { return f.at("reported_at").Before(instant("2025-01-10T16:00:00Z")) })
	f("datetime=2025-01-10T12:00:00Z/..&status=open", func(f factFeature) bool {
		return !f.at("reported_at").Before(instant("2025-01-10T12:00:00Z")) && f.Properties["status"] == "open"
	})
}

// TestFactsAreSorted sorts by columns of every type; those without a value come last,
// and equals are by source and id.
func TestFactsAreSorted(t *testing.T) {
	server := serveFacts(t, &ogc.Facts{Source: someFacts(t, 150)})
	base := server.URL + "/collections/incidents/items?sortby="
	all := factPages(t, server.URL+"/collections/incidents/items?limit=1000")
	by := func(name string, compare func(a, b any) int) func(a, b factFeature) int {
		return func(a, b factFeature) int {
			x, y := a.Properties[name], b.Properties[name]
			switch {
			case x == nil && y == nil:
				return 0
			case x == nil:
				return 1
			case y == nil:
				return -1
			}
			return compare(x, y)
		}
	}
	words := func(a, b any) int { return strings.Compare(a.(string), b.(string)) }
	numbers := func(a, b any) int { return cmp.Compare(a.(float64), b.(float64)) }
	times := func(a, b any) int {
		return time.UnixMicro(micros(a.(string))).Compare(time.UnixMicro(micros(b.(string))))
	}
	down := func(compare func(a, b any) int) func(a, b any) int {
		return func(a, b any) int { return compare(b, a) }
	}
	f := func(keys string, compare ...func(a, b factFeature) int) {
		t.Helper()
		want := slices.Clone(all)
		slices.SortStableFunc(want, func(a, b factFeature) int {
			for _, c := range compare {
				if order := c(a, b); order != 0 {
					return order
				}
			}
			return 0
		})
		for _, size := range []int{1, 7, 1000} {
			got := factPages(t, fmt.Sprint(base, url.QueryEscape(keys), "&limit=", size))
			if !slices.EqualFunc(got, want, func(a, b factFeature) bool { return a.ID == b.ID }) {
				t.Errorf("sorted by %s, pages of %d: not in order", keys, size)
			}
		}
	}
	f("+reported_at", by("reported_at", times))
	f("-reported_at,reports", by("reported_at", down(times)), by("reports", numbers))
	f("category,-limit_amount", by("category", words), by("limit_amount", down(numbers)))
	f("-category", by("category", down(words)))
	f("-incident_id", by("incident_id", down(words)))
	f("cell_9,closed_at", by("cell_9", words), by("closed_at", times))
}

// TestAFactHasAnAddress reads every fact by its id, as a client writes it and as GDAL
// does, which escapes nothing.
func TestAFactHasAnAddress(t *testing.T) {
	server := serveFacts(t, &ogc.Facts{Source: someFacts(t, 60)})
	base := server.URL + "/collections/incidents/items"
	for _, want := range factPages(t, base+"?limit=1000") {
		for _, id := range []string{want.ID, url.PathEscape(want.ID)} {
			var got factFeature
			a := get(t, "GET", base+"/"+id)
			if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.ID != want.ID || factKey(got) != factKey(want) {
				t.Errorf("GET %s: %d %s", id, a.status, a.body)
			}
		}
		if source, id, ok := encode.ParseFactID(want.ID); !ok || source+"\x00"+id != factKey(want) {
			t.Errorf("%s is read as %q, %q", want.ID, source, id)
		}
	}
	for _, none := range []string{"app:none", "none", "app", "a%2Fb:c"} {
		if a := get(t, "GET", base+"/"+none); a.status != 404 {
			t.Errorf("GET %s: %d", none, a.status)
		}
	}
	a := get(t, "GET", server.URL+"/collections/inspections/items/patrol:1?crs="+url.QueryEscape("http://www.opengis.net/def/crs/EPSG/0/4326"))
	if a.status != 200 || !strings.Contains(a.body, `"coordinates":[22.54,114.06]`) || !strings.Contains(a.body, `"inspection_id":"1"`) {
		t.Errorf("an inspection in EPSG:4326: %d %s", a.status, a.body)
	}
}

func TestQueriesOfFactsAreReadStrictly(t *testing.T) {
	server := serveFacts(t, &ogc.Facts{Source: someFacts(t, 40)})
	base := server.URL + "/collections/incidents/items?"
	f := func(query string, want int, told string) {
		t.Helper()
		if a := get(t, "GET", base+query); a.status != want || !strings.Contains(a.body, told) {
			t.Errorf("%s: %d %s, want %d with %q", query, a.status, a.body, want, told)
		}
	}
	next := items(t, base+"limit=5&sortby=-reported_at").link("next")
	_, query, _ := strings.Cut(next, "?")
	f(query, 200, "")
	f(strings.Replace(query, "limit=5", "limit=9", 1), 200, "")
	f(query+"&status=open", 400, "belongs to another query")
	f(strings.Replace(query, "-reported_at", "reported_at", 1), 400, "belongs to another query")
	f(strings.Replace(query, "cursor=", "cursor=A", 1), 400, "invalid-cursor")
	f("cursor=AAAA", 400, "invalid-cursor")
	f("sortby=none", 400, `"parameter":"sortby"`)
	f("sortby=id", 400, `"parameter":"sortby"`)
	f("filter=none=1", 400, "there is no such property")
	f("filter=id='app:1'", 400, "there is no such property")
	f("reports=many", 400, "want a whole number")
	f("reports=1.5", 400, "want a whole number")
	f("limit_amount=NaN", 400, "want a number")
	f("reported_at=yesterday", 400, "want a date or an instant")
	f("cell_9=zz", 400, "want a cell")
	f("status="+url.QueryEscape(`open' OR 'a'='a`), 200, `"numberMatched":0`)
	f("properties=none", 400, `"parameter":"properties"`)
	f("lon=1", 400, "unknown-parameter")
	if a := get(t, "GET", server.URL+"/collections/incidents/tiles"); a.status != 404 {
		t.Errorf("tiles of facts: %d", a.status)
	}
	without := serveFacts(t, nil)
	if a := get(t, "GET", without.URL+"/collections/incidents/items"); a.status != 404 {
		t.Errorf("facts that are not served: %d", a.status)
	}
}
