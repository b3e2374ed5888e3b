package ogc_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/segment"
	"github.com/civgrid/civgrid/data/sqlite"
	"github.com/civgrid/civgrid/data/storetest"
)

// TestAnExportIsWhatItemsAre compares a file in each text format with the pages of
// items under the same conditions.
func TestAnExportIsWhatItemsAre(t *testing.T) {
	server := serveFacts(t, &ogc.Facts{Source: someFacts(t, 300)})
	for _, query := range []string{"", "status=open", "datetime=2025-01-10/..&bbox=114.2,22.6,114.7,22.8", "properties=source,incident_id,reports&filter=reports%3E1", "filter=S_WITHIN(geometry,BBOX(114.2,22.6,114.7,22.8))"} {
		var want []string
		for _, f := range factPages(t, server.URL+"/collections/incidents/items?limit=1000&"+query) {
			text, _ := json.Marshal(f)
			want = append(want, string(text))
		}
		slices.Sort(want)
		same := func(format string, features []json.RawMessage) {
			t.Helper()
			var got []string
			for _, feature := range features {
				var f factFeature
				if err := json.Unmarshal(feature, &f); err != nil {
					t.Fatal(err)
				}
				text, _ := json.Marshal(f)
				got = append(got, string(text))
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%s, %s: %d features, want %d", format, query, len(got), len(want))
			}
		}
		for _, format := range []string{"geojson", "jsonfg"} {
			var c struct{ Features []json.RawMessage }
			if err := json.Unmarshal([]byte(get(t, "GET", server.URL+"/exports/incidents."+format+"?"+query).body), &c); err != nil {
				t.Fatal(err)
			}
			same(format, c.Features)
		}
		var lines []json.RawMessage
		for line := range strings.SplitSeq(get(t, "GET", server.URL+"/exports/incidents.geojsons?"+query).body, "\x1e") {
			if line != "" {
				lines = append(lines, json.RawMessage(line))
			}
		}
		same("geojsons", lines)
		rows, err := csv.NewReader(strings.NewReader(get(t, "GET", server.URL+"/exports/incidents.csv?"+query).body)).ReadAll()
		if err != nil || len(rows) != len(want)+1 || !slices.Contains(rows[0], "lon") {
			t.Errorf("csv, %s: %d rows with the header, want %d; %v", query, len(rows), len(want)+1, err)
		}
	}
}

// TestExportsOfOtherCollections asks for the rows of a layer and of communities.
func TestExportsOfOtherCollections(t *testing.T) {
	server, _ := serve(t)
	f := func(path string, features int) {
		t.Helper()
		a := get(t, "GET", server.URL+"/exports/"+path)
		var c struct{ Features []any }
		if err := json.Unmarshal([]byte(a.body), &c); err != nil || len(c.Features) != features || a.header.Get("Content-Disposition") == "" {
			t.Errorf("%s: %d, %d features, want %d; %v", path, a.status, len(c.Features), features, a.header)
		}
	}
	f("waiting.geojson", cellRows)
	f("waiting.jsonfg?filter=n%3C20", 20)
	f("communities.geojson?level=district", 2)
	f("waiting-district.geojson", 2)
	for path, want := range map[string]int{"waiting": 404, "waiting.xlsx": 404, "none.csv": 404, ".csv": 404, "waiting.csv?limit=1": 400, "waiting.csv?sortby=n": 400, "waiting.table": 404, "waiting.html": 404} {
		if a := get(t, "GET", server.URL+"/exports/"+path); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
	tag := get(t, "HEAD", server.URL+"/exports/waiting.csv").header.Get("ETag")
	if a := get(t, "GET", server.URL+"/exports/waiting.csv", "If-None-Match", tag); a.status != 304 {
		t.Errorf("a file with its tag: %d", a.status)
	}
}

// TestPagesWhileFactsAreWritten reads all pages while others insert, change and delete:
// what nobody touches comes exactly once, and nothing comes twice.
func TestPagesWhileFactsAreWritten(t *testing.T) {
	for _, sort := range []string{"", "&sortby=-reports,status", "&sortby=reported_at"} {
		store := someFacts(t, 200)
		hiding := &hider{Store: store}
		server := serveFacts(t, &ogc.Facts{Source: hiding})
		untouched := map[string]bool{}
		for _, f := range factPages(t, server.URL+"/collections/incidents/items?limit=1000") {
			untouched[f.ID] = true
		}
		ctx, cancel := context.WithCancel(t.Context())
		var writing sync.WaitGroup
		var written atomic.Int64
		writing.Go(func() {
			r := rand.New(rand.NewPCG(5, 6))
			for i := 0; ctx.Err() == nil; i++ {
				row := randomIncident(t, r, i%100)
				row["source"], row["id"], row["updated_at"] = "writer", fmt.Sprint(i%100), int64(i)
				if _, err := store.Append(ctx, data.Incidents, data.Chunk{}, storetest.Batch(store.Schema(data.Incidents), row)); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				hiding.hide(fmt.Sprint(r.IntN(100)))
				written.Add(1)
				time.Sleep(100 * time.Microsecond)
			}
		})
		seen := map[string]int{}
		for at := server.URL + "/collections/incidents/items?limit=7" + sort; at != ""; {
			for before := written.Load(); written.Load() < before+3; { // between any two pages
				time.Sleep(100 * time.Microsecond)
			}
			page := items(t, at)
			for _, f := range page.Features {
				seen[f.ID]++
			}
			at = page.link("next")
		}
		cancel()
		writing.Wait()
		if len(seen) <= len(untouched) {
			t.Errorf("%s: %d facts seen, %d of which were there before: nobody wrote", sort, len(seen), len(untouched))
		}
		for id := range untouched {
			if seen[id] != 1 {
				t.Errorf("%s: %s, which nobody touched, comes %d times", sort, id, seen[id])
			}
		}
		for id, times := range seen {
			if times > 1 && (sort == "" || !strings.HasPrefix(id, "writer:")) { // what is written may move on in another order
				t.Errorf("%s: %s comes %d times", sort, id, times)
			}
		}
	}
}

// A hider is a store from which facts of a source vanish.
type hider struct {
	*memory.Store
	mu  sync.Mutex
	ids []string
}

func (h *hider) hide(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ids = append(h.ids, id); len(h.ids) > 30 {
		h.ids = nil
	}
}

func (h *hider) Scan(ctx context.Context, q data.Query) data.Batches {
	h.mu.Lock()
	gone := data.All{data.Compare{Column: "source", Op: data.Equal, Value: "writer"}, data.In{Column: "id", Words: slices.Clone(h.ids)}}
	h.mu.Unlock()
	q.Where = data.All{q.Where, data.Not{Condition: gone}}
	return h.Store.Scan(ctx, q)
}

// TestAClientThatGoesEndsTheScan reads the beginning of a million facts.
func TestAClientThatGoesEndsTheScan(t *testing.T) {
	source := &manyFacts{n: 1_000_000}
	server := serveFacts(t, &ogc.Facts{Source: source})
	base := runtime.NumGoroutine()
	for _, extension := range []string{"geojson", "csv", "fgb", "arrows", "parquet"} {
		client := &http.Client{Transport: &http.Transport{}}
		response, err := client.Get(server.URL + "/exports/incidents." + extension)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, response.Body, 100<<10); err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		client.CloseIdleConnections()
	}
	for deadline := time.Now().Add(20 * time.Second); source.ended.Load() < 5 || runtime.NumGoroutine() > base; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of 5 scans are over, %d goroutines, at first %d", source.ended.Load(), runtime.NumGoroutine(), base)
		}
	}
	if given := source.given.Load(); given > 3_000_000 {
		t.Errorf("%d facts were read for nobody", given)
	}
}

// TestAnErrorBreaksTheAnswer has the store fail half-way: the client must not take what
// it got for all.
func TestAnErrorBreaksTheAnswer(t *testing.T) {
	server := serveFacts(t, &ogc.Facts{Source: &manyFacts{n: 100_000, fail: errors.New("the disk is gone")}})
	server.Config.ErrorLog = nil
	for _, extension := range []string{"geojson", "csv", "fgb", "arrows"} {
		response, err := http.Get(server.URL + "/exports/incidents." + extension)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if !errors.Is(err, io.ErrUnexpectedEOF) || len(text) == 0 {
			t.Errorf("%s: %d bytes, then %v", extension, len(text), err)
		}
	}
	a := get(t, "GET", server.URL+"/collections/incidents/items")
	if a.status != 500 || strings.Contains(a.body, "disk") {
		t.Errorf("items: %d %s", a.status, a.body)
	}
}

// secrets are what only those see who may see personal data: columns and their values.
var secrets = []string{"address", "attributes", "Secret", "phone"}

// TestWithoutPersonalNobodyCanTellThatThereIsAny looks for personal data in everything
// that is served of facts.
func TestWithoutPersonalNobodyCanTellThatThereIsAny(t *testing.T) {
	store := someFacts(t, 50)
	public := serveFacts(t, &ogc.Facts{Source: store})
	personal := serveFacts(t, &ogc.Facts{Source: store, Personal: true})
	for _, name := range []string{"incidents", "inspections"} {
		at := "/collections/" + name
		paths := []string{at, at + "/schema", at + "/queryables", at + "/sortables", at + "/feature-schema", "/api", "/api?f=html", "/collections", at + "/items?properties=none", at + "/items?filter=none=1"}
		for _, f := range []string{"geojson", "geojsonseq", "jsonfg", "csv", "fgb", "arrow", "parquet", "html", "table"} {
			paths = append(paths, at+"/items?limit=50&f="+f)
		}
		for _, extension := range []string{"geojson", "geojsons", "jsonfg", "csv", "fgb", "arrows", "parquet"} {
			paths = append(paths, "/exports/"+name+"."+extension)
		}
		for _, f := range items(t, public.URL+at+"/items?limit=3").Features {
			paths = append(paths, at+"/items/"+f.ID)
		}
		for _, path := range paths {
			body := get(t, "GET", public.URL+path).body
			for _, secret := range secrets {
				if strings.Contains(body, secret) {
					t.Errorf("%s tells %s", path, secret)
				}
			}
		}
		for _, query := range []string{"filter=address='x'", "filter=none=1%20OR%20address%20IS%20NULL", "sortby=address", "sortby=attributes", "properties=address", "address=x", "attributes=x"} {
			for _, path := range []string{at + "/items?" + query, "/exports/" + name + ".csv?" + query} {
				a := get(t, "GET", public.URL+path)
				strange := get(t, "GET", public.URL+strings.NewReplacer("address", "nonesuch", "attributes", "nonesuch").Replace(path))
				if a.status != 400 || strange.status != 400 || strings.NewReplacer("address", "nonesuch", "attributes", "nonesuch").Replace(a.body) != strange.body {
					t.Errorf("%s: %d %s\nof a property that there is not: %s", path, a.status, a.body, strange.body)
				}
			}
		}
		for _, path := range []string{at + "/schema", at + "/items?limit=50", at + "/queryables", at + "/items?filter=address='1%20Secret%20Street'", at + "/items?address=1%20Secret%20Street&sortby=address", "/exports/" + name + ".csv"} {
			if a := get(t, "GET", personal.URL+path); a.status != 200 || !strings.Contains(a.body, "address") {
				t.Errorf("%s of who may see personal data: %d %.300s", path, a.status, a.body)
			}
		}
	}
	tag := get(t, "GET", public.URL+"/collections/incidents/items").header.Get("ETag")
	router := factHandler(&fakeEngine{version: "v1"}, &ogc.Facts{Source: store, Personal: true})
	request := httptest.NewRequest("GET", "/collections/incidents/items", nil)
	request.Host = strings.TrimPrefix(public.URL, "http://")
	request.Header.Set("If-None-Match", tag)
	recorder := httptest.NewRecorder()
	if router.ServeHTTP(recorder, request); recorder.Code != 200 {
		t.Errorf("who may see personal data gets %d for the tag of who may not", recorder.Code)
	}
}

// TestFactsAreDescribed looks at the extent and the roles.
func TestFactsAreDescribed(t *testing.T) {
	store := memory.New()
	server := serveFacts(t, &ogc.Facts{Source: store})
	extents := func(name, want string) {
		t.Helper()
		var c struct{ Extent json.RawMessage }
		if err := json.Unmarshal([]byte(get(t, "GET", server.URL+"/collections/"+name).body), &c); err != nil {
			t.Fatal(err)
		}
		var compact bytes.Buffer
		if json.Compact(&compact, c.Extent); compact.String() != want {
			t.Errorf("the extent of %s is %s, want %s", name, &compact, want)
		}
	}
	extents("incidents", `{}`)
	incident := func(id, at string, lon, lat float64) storetest.Row {
		return storetest.Row{"source": "s", "id": id, "location": data.LocationPoint, "status": "open", "reported_at": micros(at), "lon": lon, "lat": lat}
	}
	keep(t, store, data.Incidents, incident("1", "2025-01-02T03:04:05.5Z", 114.5, 22.25), incident("2", "2024-12-31T23:00:00Z", 113.5, 22.75),
		storetest.Row{"source": "s", "id": "3", "location": data.LocationNone, "status": "open", "reported_at": micros("2025-02-01T00:00:00Z")})
	server = serveFacts(t, &ogc.Facts{Source: store})
	extents("incidents", `{"spatial":{"bbox":[[113.5,22.25,114.5,22.75]],"crs":"http://www.opengis.net/def/crs/OGC/1.3/CRS84"},"temporal":{"interval":[["2024-12-31T23:00:00Z","2025-02-01T00:00:00Z"]],"trs":"http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"}}`)
	extents("inspections", `{}`)
	var schema struct {
		Properties map[string]struct {
			Type, Format string
			Role         string `json:"x-ogc-role"`
			Unit         string `json:"x-ogc-unit"`
		}
	}
	if err := json.Unmarshal([]byte(get(t, "GET", server.URL+"/collections/inspections/schema").body), &schema); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][4]string{
		"id": {"string", "", "id", ""}, "geometry": {"", "geometry-point", "primary-geometry", ""}, "inspected_at": {"string", "date-time", "primary-instant", ""},
		"rectified_at": {"string", "date-time", "", ""}, "score": {"number", "", "", ""}, "found": {"integer", "", "", ""}, "cell_9": {"string", "", "", ""},
	} {
		if p := schema.Properties[name]; [4]string{p.Type, p.Format, p.Role, p.Unit} != want {
			t.Errorf("%s is described as %v, want %v", name, p, want)
		}
	}
}

// TestStoresGiveTheSamePages asks stores of the same facts for the same pages, byte by
// byte, and for files, which have the same rows in any order.
func TestStoresGiveTheSamePages(t *testing.T) {
	folder := t.TempDir()
	database, err := sqlite.Open(t.Context(), filepath.Join(folder, "facts.gpkg"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	fillFacts(t, database, 250)
	cache, err := segment.Open(t.Context(), database, filepath.Join(folder, "cache"), segment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	answer := func(source data.Source, path string) string {
		recorder := httptest.NewRecorder()
		factHandler(&fakeEngine{version: "v1"}, &ogc.Facts{Source: source}).ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
		if recorder.Code != 200 {
			t.Errorf("GET %s: %d %s", path, recorder.Code, recorder.Body)
		}
		return recorder.Body.String()
	}
	memory := someFacts(t, 250)
	for _, query := range []string{
		"limit=50", "limit=3&sortby=-reported_at,category", "limit=9&sortby=limit_amount&filter=NOT%20(reports%3E2)", "f=parquet&bbox=114.2,22,114.9,23", "f=csv&incident_id=2025-0",
		"f=fgb&filter=S_INTERSECTS(geometry,BBOX(114.2,22.6,114.7,22.8))%20AND%20status='open'", "f=jsonfg&filter=category%20LIKE%20'%25ch%25'&datetime=2025-01-10/2025-02-10",
	} {
		want := answer(memory, "/collections/incidents/items?"+query)
		for name, source := range map[string]data.Source{"sqlite": database, "segment": cache} {
			if got := answer(source, "/collections/incidents/items?"+query); got != want {
				t.Errorf("%s, %s: %d bytes, want the %d of the store in memory", name, query, len(got), len(want))
			}
		}
	}
	lines := func(source data.Source) []string {
		list := strings.Split(answer(source, "/exports/incidents.csv?filter=reports%3E0"), "\r\n")
		slices.Sort(list)
		return list
	}
	if want := lines(memory); !slices.Equal(lines(database), want) || !slices.Equal(lines(cache), want) {
		t.Error("files of the same facts have other rows")
	}
}

// TestGDALReadsFacts lets GDAL read incidents from the service, with what it hands on of
// conditions, and from a file of every format that it knows.
func TestGDALReadsFacts(t *testing.T) {
	for _, tool := range []string{"ogrinfo", "ogr2ogr"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed (Debian: gdal-bin)", tool)
		}
	}
	server := serveFacts(t, &ogc.Facts{Source: someFacts(t, 120)})
	all := factPages(t, server.URL+"/collections/incidents/items?limit=1000")
	ogrinfo := func(args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), "ogrinfo", append([]string{"-ro", "-so"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("ogrinfo %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	count := func(meets func(factFeature) bool) (n int) {
		for _, f := range all {
			if meets(f) {
				n++
			}
		}
		return n
	}
	summary := ogrinfo("OAPIF:"+server.URL, "incidents")
	for _, want := range []string{"Feature Count: 120", "Geometry: Point", "reported_at: DateTime", "closed_at: DateTime", "limit_amount: Real", "reports: Integer", "incident_id: String", "cell_9: String"} {
		if !strings.Contains(summary, want) {
			t.Errorf("ogrinfo does not say %q:\n%s", want, summary)
		}
	}
	at := func(text string) time.Time { return time.UnixMicro(micros(text)) }
	for where, meets := range map[string]func(factFeature) bool{
		"status = 'open'":                       func(f factFeature) bool { return f.Properties["status"] == "open" },
		"reports > 2":                           func(f factFeature) bool { n, ok := f.number("reports"); return ok && n > 2 },
		"category LIKE '路燈%'":                   func(f factFeature) bool { return f.Properties["category"] == "路燈 & Licht" },
		"limit_amount IS NULL":                  func(f factFeature) bool { return f.Properties["limit_amount"] == nil },
		"reported_at >= '2025/01/20 00:00:00Z'": func(f factFeature) bool { return !f.at("reported_at").Before(at("2025-01-20T00:00:00Z")) },
	} {
		got := ogrinfo("-where", where, "OAPIF:"+server.URL, "incidents")
		if want := fmt.Sprintf("Feature Count: %d\n", count(meets)); !strings.Contains(got, want) {
			t.Errorf("%s: want %s:\n%s", where, want, got)
		}
	}
	folder := t.TempDir()
	for _, size := range []string{"1", "7", "1000"} {
		file := filepath.Join(folder, "box"+size+".gpkg")
		out, err := exec.CommandContext(t.Context(), "ogr2ogr", "-f", "GPKG", file, "-spat", "114.2", "22.6", "114.7", "22.8", "-where", "status = 'open'", "-oo", "PAGE_SIZE="+size, "OAPIF:"+server.URL, "incidents").CombinedOutput()
		if err != nil {
			t.Fatalf("ogr2ogr: %v\n%s", err, out)
		}
		inside := count(func(f factFeature) bool { return f.in(114.2, 22.6, 114.7, 22.8) && f.Properties["status"] == "open" })
		if got := ogrinfo(file, "incidents"); !strings.Contains(got, fmt.Sprintf("Feature Count: %d\n", inside)) {
			t.Errorf("the box by pages of %s: want %d:\n%s", size, inside, got)
		}
	}
	for _, extension := range []string{"geojson", "geojsons", "fgb"} {
		got := ogrinfo("-al", "/vsicurl_streaming/"+server.URL+"/exports/incidents."+extension)
		if extension == "fgb" {
			file := filepath.Join(folder, "copy.gpkg")
			out, err := exec.CommandContext(t.Context(), "ogr2ogr", "-f", "GPKG", file, "/vsicurl_streaming/"+server.URL+"/exports/incidents.fgb").CombinedOutput()
			if err != nil {
				t.Fatalf("ogr2ogr: %v\n%s", err, out)
			}
			got = ogrinfo("-al", file)
		}
		for _, want := range []string{"Feature Count: 120\n", "reported_at: DateTime"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: ogrinfo does not say %q:\n%s", extension, want, got)
			}
		}
	}
}

// TestFilesOfFactsTakeTurns asks for a file while as many are read as may be.
func TestFilesOfFactsTakeTurns(t *testing.T) {
	turns := make(chan struct{}, 1)
	server := serveFacts(t, &ogc.Facts{Source: someFacts(t, 10), Turns: turns})
	at := server.URL + "/exports/incidents.csv"
	turns <- struct{}{}
	if a := get(t, "GET", at); a.status != 503 || a.header.Get("Retry-After") == "" || a.header.Get("ETag") != "" || a.header.Get("Content-Disposition") != "" {
		t.Errorf("without a turn: %d %v", a.status, a.header)
	}
	<-turns
	for range 2 {
		if a := get(t, "GET", at); a.status != 200 {
			t.Errorf("with a turn: %d %s", a.status, a.body)
		}
	}
}

// TestFactsOfNoVersionHaveNoTag has the data move on after the version was read that a
// tag would name. That of a single fact names nothing but the fact.
func TestFactsOfNoVersionHaveNoTag(t *testing.T) {
	store := someFacts(t, 10)
	for _, path := range []string{
		"/collections/incidents/items", "/collections/incidents/items?resultType=hits", "/collections/incidents",
		"/exports/incidents.csv", "/exports/incidents.geojson?status=none",
	} {
		engine := &fakeEngine{version: "v1"}
		service := factHandler(engine, &ogc.Facts{Source: store})
		ask := func() http.Header {
			recorder := httptest.NewRecorder()
			service.ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
			if recorder.Code != 200 {
				t.Errorf("%s: %d %s", path, recorder.Code, recorder.Body)
			}
			return recorder.Result().Header
		}
		get := ask() // makes the catalog
		if get.Get("ETag") == "" && path != "/collections/incidents" {
			t.Errorf("%s has no tag while nothing moves", path)
		}
		service = factHandler(engine, &ogc.Facts{Source: store})
		service.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/conformance", nil))
		engine.coming = []string{"v2"} // after the catalog was looked for
		if h := ask(); h.Get("ETag") != "" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s has the tag %s of a version that it is not of", path, h.Get("ETag"))
		}
	}
}
