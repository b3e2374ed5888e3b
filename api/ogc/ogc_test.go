package ogc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// fakeEngine makes one layer by hand: a disk of cells, or three districts.
type fakeEngine struct {
	version string
	coming  []string // the versions that follow, one each time somebody looks
	runs    atomic.Int64
	given   map[string]string
}

func (e *fakeEngine) Version(context.Context) (string, error) {
	version := e.version
	if len(e.coming) > 0 {
		e.version, e.coming = e.coming[0], e.coming[1:]
	}
	return version, nil
}

func (e *fakeEngine) Settings(context.Context) (data.Settings, error) {
	return data.Settings{Resolutions: data.DefaultResolutions(), Zone: "Asia/Shanghai"}, nil
}

func (e *fakeEngine) Hierarchy(context.Context) (*data.Hierarchy, error) {
	return data.NewHierarchy(districts()), nil
}

func (e *fakeEngine) Extent(context.Context) (orb.Bound, time.Time, time.Time, error) {
	return orb.Bound{Min: orb.Point{114, 22}, Max: orb.Point{115.1, 23}}, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC), nil
}

func districts() []data.Community {
	square := func(x, y float64) orb.MultiPolygon {
		return orb.MultiPolygon{{{{x, y}, {x + 0.1, y}, {x + 0.1, y + 0.1}, {x, y + 0.1}, {x, y}}}}
	}
	year := func(n int) time.Time { return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC) }
	return []data.Community{
		{Code: "D1", Level: data.District, Names: data.Names{"": "東湖區", "en": "East Lake"}, Outline: square(114, 22.5)},
		{Code: "D2", Level: data.District, Names: data.Names{"": "中和區"}, Outline: square(114.1, 22.5), ValidFrom: year(2020)},
		{Code: "S1", Level: data.Street, Parent: "D1", Names: data.Names{"": "田香街道"}, Outline: square(114, 22.5), HasPopulation: true, Population: 1200},
	}
}

func (e *fakeEngine) Params(context.Context, analytics.Analysis) ([]analytics.Param, error) {
	return []analytics.Param{
		{Name: "level", Kind: analytics.Choice, Choices: []string{"district", "street"}},
		{Name: "within", Kind: analytics.Word},
		{Name: "from", Kind: analytics.Word},
		{Name: "to", Kind: analytics.Word},
		{Name: "min-n", Kind: analytics.Integer, Min: 1, Max: 100, Default: "10"},
		{Name: "indicator", Title: "code of the indicator", Kind: analytics.Word, Default: "a.one", Offers: []analytics.Offer{
			{Value: "a.one", Names: data.Names{"en": "One"}, Doc: "What one means."},
			{Value: "a.two", Names: data.Names{"": "二"}, Lacks: "inspections"},
		}},
	}, nil
}

func (e *fakeEngine) Parties(context.Context, data.Dataset) ([]data.Level, error) {
	return []data.Level{analytics.ResponsibleUnit}, nil
}

// cellRows is how many cells the fake layer has: 8 rings around one.
const cellRows = 217

func (e *fakeEngine) Run(_ context.Context, name string, given map[string]string) (*analytics.Layer, error) {
	e.runs.Add(1)
	e.given = given
	if given["within"] == "nowhere" {
		return nil, &analytics.ParamError{Name: "within", Value: "nowhere", Why: "there is no community of that code"}
	}
	layer := &analytics.Layer{Name: name, Title: "Where cases wait longest", Provenance: analytics.Provenance{DataVersion: e.version, Zone: "Asia/Shanghai"}}
	if unit := analytics.CommunitiesOf(data.Level(given["level"])); unit.IsParty() {
		layer.Frame = &analytics.Frame{Unit: unit, Communities: []data.Community{{Code: "Parks"}, {Code: "Roads"}}}
		layer.Columns = []analytics.Column{{Name: "code", Type: analytics.WordColumn, Words: []string{"Parks", "Roads"}}}
	} else if given["level"] != "" {
		areas := data.NewHierarchy(districts()).At(data.Level(given["level"]))
		layer.Frame = &analytics.Frame{Unit: analytics.CommunitiesOf(data.Level(given["level"])), Communities: areas}
		var codes, names []string
		for _, c := range areas {
			codes, names = append(codes, c.Code), append(names, c.Names.In(""))
		}
		layer.Columns = []analytics.Column{{Name: "code", Type: analytics.WordColumn, Words: codes}, {Name: "name", Type: analytics.WordColumn, Words: names}}
	} else {
		origin, err := geo.CellAt(orb.Point{114.06, 22.54}, 9)
		if err != nil {
			return nil, err
		}
		cells := origin.Disk(8)
		slices.Sort(cells)
		layer.Frame = &analytics.Frame{Unit: analytics.CellsOf(9), Cells: cells}
		var ids []string
		for _, c := range cells {
			ids = append(ids, c.String())
		}
		layer.Columns = []analytics.Column{{Name: "cell", Type: analytics.WordColumn, Words: ids}}
	}
	if given["indicator"] == "a.two" {
		layer.Title = "Two"
	}
	layer.Rank = analytics.Rank{Column: "share", Show: []string{"n", "share", "sometimes"}}
	layer.Legend = analytics.Legend{Column: "share", Classes: []analytics.Class{{Key: "all", Label: "any value", Color: "#2a788e"}}}
	layer.Columns = append(layer.Columns, values(layer.Frame.Len(), given["indicator"] == "a.two")...)
	return layer, nil
}

// values are columns whose first ten floats are whole, the trap for readers
// that take types from the first page; twice as large if asked for.
func values(rows int, twice bool) []analytics.Column {
	word, n, share := make([]string, rows), make([]int64, rows), make([]float64, rows)
	valid := make([]bool, rows)
	for row := range rows {
		word[row], n[row], valid[row] = "香港 & 深圳", int64(row), row%7 != 3
		if twice {
			n[row] *= 2
		}
		if share[row] = float64(row); row >= 10 {
			share[row] += 0.25
		}
	}
	return []analytics.Column{
		{Name: "place_name", Type: analytics.WordColumn, Words: word},
		{Name: "n", Type: analytics.IntColumn, Ints: n},
		{Name: "share", Type: analytics.FloatColumn, Floats: share},
		{Name: "sometimes", Type: analytics.FloatColumn, Floats: share, Valid: valid},
	}
}

func serve(t *testing.T) (*httptest.Server, *fakeEngine) {
	t.Helper()
	engine := &fakeEngine{version: "v1"}
	return serveEngine(t, engine), engine
}

func serveEngine(t testing.TB, engine ogc.Engine) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler(engine))
	t.Cleanup(server.Close)
	return server
}

// handler serves what an engine computes, and a store without facts.
func handler(engine ogc.Engine) http.Handler { return factHandler(engine, nil) }

// sometime is the present of the tests.
func sometime() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

// answer is what tests look at in a response.
type answer struct {
	status int
	header http.Header
	body   string
}

func get(t *testing.T, method, url string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

// collection is an answer of items.
type collection struct {
	NumberMatched, NumberReturned int
	TimeStamp                     string
	Links                         []api.Link
	Features                      []struct {
		ID         string
		Properties map[string]any
	}
}

func (c collection) link(rel string) string {
	for _, l := range c.Links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

func items(t *testing.T, url string) collection {
	t.Helper()
	a := get(t, "GET", url)
	var c collection
	if err := json.Unmarshal([]byte(a.body), &c); err != nil || a.status != 200 {
		t.Fatalf("GET %s: %d %v %s", url, a.status, err, a.body)
	}
	if c.NumberReturned != len(c.Features) {
		t.Errorf("GET %s: numberReturned is %d, there are %d", url, c.NumberReturned, len(c.Features))
	}
	return c
}

func TestPagingReachesEveryFeatureOnce(t *testing.T) {
	server, engine := serve(t)
	for _, query := range []string{"limit=10", "limit=10&bbox=114.05,22.53,114.07,22.55", "limit=1&bbox=114.05,22.535,114.06,22.54"} {
		seen := map[string]bool{}
		matched := 0
		for url := server.URL + "/collections/waiting/items?" + query; url != ""; {
			c := items(t, url)
			for _, f := range c.Features {
				if seen[f.ID] {
					t.Fatalf("%s: %s comes twice", query, f.ID)
				}
				seen[f.ID] = true
			}
			matched, url = c.NumberMatched, c.link("next")
		}
		if len(seen) != matched || matched == 0 || !strings.Contains(query, "bbox") && matched != cellRows {
			t.Errorf("%s: %d features seen, numberMatched %d", query, len(seen), matched)
		}
	}
	if n := engine.runs.Load(); n != 1 {
		t.Errorf("the layer was computed %d times, want 1", n)
	}
}

func TestACursorBelongsToOneQueryAndOneState(t *testing.T) {
	server, engine := serve(t)
	base := server.URL + "/collections/waiting/items?limit=5"
	next := items(t, base).link("next")
	check := func(url string, want int, slug string) {
		t.Helper()
		if a := get(t, "GET", url); a.status != want || !strings.Contains(a.body, slug) {
			t.Errorf("GET %s: %d %s, want %d %s", url, a.status, a.body, want, slug)
		}
	}
	check(next, 200, "")
	check(strings.Replace(next, "limit=5", "limit=7", 1), 200, "")
	check(next+"&bbox=1,2,3,4", 400, "invalid-cursor")
	check(strings.Replace(next, "cursor=", "cursor=x", 1), 400, "invalid-cursor")
	check(base+"&cursor=garbage", 400, "invalid-cursor")
	engine.version = "v2"
	check(next, 200, "") // the rows of v1 are still kept
	items(t, base)
	server2, engine2 := serve(t)
	engine2.version = "v2"
	_, query, _ := strings.Cut(next, "?")
	check(server2.URL+"/collections/waiting/items?"+query, 410, "cursor-expired")
}

// TestDataThatMoveOn asks while facts arrive: who has no cursor cannot mind.
func TestDataThatMoveOn(t *testing.T) {
	for _, path := range []string{"/items?limit=2", "/items/892830828a3ffff", "/schema"} {
		server, engine := serve(t)
		engine.coming = []string{"v2", "v3"}
		a := get(t, "GET", server.URL+"/collections/waiting"+path)
		if a.status != 200 && a.status != 404 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	server, engine := serve(t)
	engine.coming = []string{"v2", "v3"}
	first := items(t, server.URL+"/collections/waiting/items?limit=100")
	second := items(t, first.link("next"))
	if engine.runs.Load() != 1 || len(first.Features)+len(second.Features) != 200 {
		t.Errorf("two pages took %d computations and have %d features, want 1 and 200", engine.runs.Load(), len(first.Features)+len(second.Features))
	}
	for i := range 40 {
		engine.coming = append(engine.coming, "w"+strconv.Itoa(i))
	}
	if a := get(t, "GET", server.URL+"/collections/waiting/items?limit=3&min-n=5"); a.status != 503 {
		t.Errorf("data that never rest: %d", a.status)
	}
}

func TestQueriesAreReadStrictly(t *testing.T) {
	server, _ := serve(t)
	f := func(query string, want int, told string) {
		t.Helper()
		a := get(t, "GET", server.URL+"/collections/waiting/items?"+query)
		if a.status != want || !strings.Contains(a.body, told) {
			t.Errorf("%s: %d %s, want %d with %q", query, a.status, a.body, want, told)
		}
		if want >= 400 && a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %s", query, a.header.Get("Content-Type"))
		}
	}
	f("limit=0", 400, `"parameter":"limit"`)
	f("limit=-1", 400, `"parameter":"limit"`)
	f("limit=1e3", 400, `"parameter":"limit"`)
	f("limit=99999999", 200, "")
	f("bbox=1,2,3", 400, `"parameter":"bbox"`)
	f("bbox=NaN,2,3,4", 400, `"parameter":"bbox"`)
	f("bbox=0,10,1,5", 400, `"parameter":"bbox"`)
	f("bbox=200,10,201,15", 400, `"parameter":"bbox"`)
	f("bbox=100,10,0,190,80,5", 400, `"parameter":"bbox"`)
	f("datetime=yesterday", 400, `"parameter":"datetime"`)
	f("unknown=1", 400, `"known_parameters":["limit"`)
	f("limit=1&limit=2", 400, "more than once")
	f("limit=1;x", 400, "semicolon")
	f("f=xlsx", 400, `"parameter":"f"`)
	f("limit=x&bbox=y", 400, `"parameter":"bbox"`)
	f("min-n=0", 400, `"parameter":"min-n"`)
	f("within=nowhere", 400, `"parameter":"within"`)
	f("level=district&limit=1", 200, `"code":"D1"`)
	f("datetime=2025-01-01/..&from=2025-01-01", 400, `"parameter":"datetime"`)
	f("resultType=hits", 200, `"numberMatched":217,"numberReturned":0`)
	if a := get(t, "GET", server.URL+"/collections/communities/items?min-n=3"); a.status != 400 {
		t.Errorf("communities take min-n: %d", a.status)
	}
}

func TestBoxes(t *testing.T) {
	server, _ := serve(t)
	f := func(collection, query string, want int) {
		t.Helper()
		if got := items(t, server.URL+"/collections/"+collection+"/items?"+query).NumberMatched; got != want {
			t.Errorf("%s?%s matches %d, want %d", collection, query, got, want)
		}
	}
	f("communities", "", 3)
	f("communities", "bbox=114.05,22.55,114.05,22.55", 2)
	f("communities", "bbox=114.05,22.55,0,114.05,22.55,100", 2)
	f("communities", "bbox=114.15,0,-170,60", 1)
	f("communities", "bbox=170,0,-170,60", 0)
	f("communities", "bbox=-180,-90,180,90", 3)
	f("communities-street", "", 1)
	f("communities", "datetime=2019-06-01T00:00:00Z", 2)
	f("communities", "datetime=../2020-06-01", 3)
	f("communities", "datetime=2019-12-31T23:00:00Z", 2) // D2 begins an hour later, on the same day in Shanghai
	f("communities", "datetime=2020-01-01T00:00:00Z/2020-01-01T00:00:00Z", 3)
	f("waiting-district", "", 2)
	f("resources", "", 0)
}

func TestDatetimeIsThePeriod(t *testing.T) {
	server, engine := serve(t)
	f := func(datetime, from, to string) {
		t.Helper()
		items(t, server.URL+"/collections/waiting/items?limit=1&datetime="+datetime)
		if engine.given["from"] != from || engine.given["to"] != to {
			t.Errorf("datetime=%s runs from %q to %q, want %q to %q", datetime, engine.given["from"], engine.given["to"], from, to)
		}
	}
	f("2025-03-01T00:00:00Z%2F2025-04-01T00:00:00Z", "2025-03-01T00:00:00Z", "2025-04-01T00:00:00Z")
	f("2025-03-01", "2025-02-28T16:00:00Z", "2025-03-01T16:00:00Z")
	f("2025-03-02/9999-12-31T00:00:00Z", "2025-03-01T16:00:00Z", "")
	f("2025-05-01T23:00:00%2B08:00", "2025-04-30T16:00:00Z", "2025-05-01T16:00:00Z")
	f("2025-05-01T23:00:00%2B08:00/2025-05-01T15:00:00Z", "2025-04-30T16:00:00Z", "2025-05-01T16:00:00Z")
}

func TestEntityTags(t *testing.T) {
	server, engine := serve(t)
	for _, path := range []string{
		"/", "/conformance", "/api", "/collections", "/collections/waiting", "/collections/waiting/schema",
		"/collections/waiting/queryables", "/collections/waiting/feature-schema", "/collections/waiting/items?limit=2", "/collections/communities/items/D1",
	} {
		first := get(t, "GET", server.URL+path)
		tag := first.header.Get("ETag")
		if first.status != 200 || tag == "" || !json.Valid([]byte(first.body)) {
			t.Errorf("%s: %d, ETag %q", path, first.status, tag)
		}
		if again := get(t, "GET", server.URL+path, "If-None-Match", tag); again.status != 304 || again.body != "" {
			t.Errorf("%s with its tag: %d", path, again.status)
		}
		head := get(t, "HEAD", server.URL+path)
		if head.status != 200 || head.header.Get("ETag") != tag || head.body != "" || head.header.Get("Content-Type") != first.header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d %s", path, head.status, head.header.Get("ETag"))
		}
	}
	tag := get(t, "GET", server.URL+"/collections/waiting/items?limit=2").header.Get("ETag")
	runs := engine.runs.Load()
	if get(t, "GET", server.URL+"/collections/waiting/items?limit=2", "If-None-Match", tag); engine.runs.Load() != runs {
		t.Error("a 304 was computed")
	}
	if other := get(t, "GET", server.URL+"/collections/waiting/items?limit=2", "Accept", "text/csv").header.Get("ETag"); other == tag {
		t.Error("CSV and GeoJSON share a tag")
	}
	engine.version = "v2"
	if a := get(t, "GET", server.URL+"/collections/waiting/items?limit=2", "If-None-Match", tag); a.status != 200 {
		t.Errorf("new data with an old tag: %d", a.status)
	}
}

// TestEveryFormatIsServed asks for each registered format by name and by media
// type, and looks for the way to the next page in the header, since not every
// body has a place for it.
func TestEveryFormatIsServed(t *testing.T) {
	server, _ := serve(t)
	items := server.URL + "/collections/waiting/items?limit=2"
	document := get(t, "GET", server.URL+"/api").body
	for _, f := range encode.Formats() {
		media := string(f.MediaType)
		if f.Name == "json" {
			media = "application/geo+json" // its name stands for GeoJSON here
		}
		check := func(how string, a answer) {
			t.Helper()
			if a.status != 200 || a.header.Get("Content-Type") != media || a.body == "" {
				t.Errorf("%s %s: %d %s, want %s", f.Name, how, a.status, a.header.Get("Content-Type"), media)
			}
			next := regexp.MustCompile("^<(.+)>; rel=\"next\"$").FindStringSubmatch(a.header.Get("Link"))
			if next == nil || get(t, "GET", next[1]).status != 200 {
				t.Errorf("%s %s: Link is %q", f.Name, how, a.header.Get("Link"))
			}
			if kept := strings.Contains(a.header.Get("Content-Disposition"), "waiting"+f.Extension); kept != f.Download {
				t.Errorf("%s %s: Content-Disposition is %q", f.Name, how, a.header.Get("Content-Disposition"))
			}
		}
		check("by f", get(t, "GET", items+"&f="+f.Name))
		if f.Name != "json" {
			check("by Accept", get(t, "GET", items, "Accept", media))
		}
		for _, m := range f.Also {
			check("by "+string(m), get(t, "GET", items, "Accept", string(m)))
		}
		if !strings.Contains(document, strconv.Quote(f.Name)) {
			t.Errorf("the interface does not name %s", f.Name)
		}
		if link := "f=" + f.Name + "&limit=2"; f.Name != "geojson" && f.Name != "json" && !strings.Contains(get(t, "GET", items).body, link) {
			t.Errorf("a page does not link to %s", link)
		}
	}
}

func TestFormats(t *testing.T) {
	server, _ := serve(t)
	f := func(query, accept, want string, status int) {
		t.Helper()
		a := get(t, "GET", server.URL+"/collections/waiting/items?limit=2"+query, "Accept", accept)
		if a.status != status || !strings.HasPrefix(a.header.Get("Content-Type"), want) {
			t.Errorf("%s, Accept %s: %d %s, want %d %s", query, accept, a.status, a.header.Get("Content-Type"), status, want)
		}
	}
	f("", "*/*", "application/geo+json", 200)
	f("", "application/json", "application/json", 200)
	f("", "application/geo+json, application/json", "application/geo+json", 200)
	f("", "text/csv", "text/csv", 200)
	f("&f=csv", "application/json", "text/csv", 200)
	f("&f=json", "", "application/geo+json", 200)
	f("", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html", 200)
	f("", "text/html", "text/html", 200)
	f("", "text/html;q=0.5,*/*", "application/geo+json", 200)
	f("", "image/png", "application/problem+json", 406)
}

func TestLandingPageIsWhatQGISNeeds(t *testing.T) {
	server, _ := serve(t)
	var landing struct{ Links []api.Link }
	if err := json.Unmarshal([]byte(get(t, "GET", server.URL+"/").body), &landing); err != nil {
		t.Fatal(err)
	}
	for _, rel := range []string{"service-desc", "data", "conformance", "self"} {
		found := slices.IndexFunc(landing.Links, func(l api.Link) bool { return l.Rel == rel })
		if found < 0 || !strings.HasPrefix(landing.Links[found].Href, server.URL) {
			t.Errorf("link %s is missing or relative", rel)
		}
	}
	a := get(t, "GET", server.URL+"/api")
	if got := a.header.Get("Content-Type"); got != "application/vnd.oai.openapi+json;version=3.0" {
		t.Errorf("the interface is described as %s", got)
	}
	if !strings.Contains(a.body, `"/collections/waiting-district/items"`) {
		t.Error("collections have no paths of their own")
	}
	if b := get(t, "GET", server.URL+"/collections/none"); b.status != 404 {
		t.Errorf("a collection there is not: %d", b.status)
	}
	if b := get(t, "GET", server.URL+"/collections/waiting/items/none"); b.status != 404 {
		t.Errorf("a feature there is not: %d", b.status)
	}
}

func TestManyAskAtOnceAndOneComputes(t *testing.T) {
	server, engine := serve(t)
	done := make(chan error, 20)
	for range cap(done) {
		go func() {
			response, err := http.Get(server.URL + "/collections/waiting/items?limit=3")
			if err == nil {
				_ = response.Body.Close()
				if response.StatusCode != 200 {
					err = fmt.Errorf("status %d", response.StatusCode)
				}
			}
			done <- err
		}()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := engine.runs.Load(); n != 1 {
		t.Errorf("computed %d times, want 1", n)
	}
}
