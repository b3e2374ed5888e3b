package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo"
)

// fakeEngine makes a small layer by hand, as told.
type fakeEngine struct {
	fail  error
	panic any
	hold  chan struct{} // Run waits until it is closed, or the request ends
}

func (e *fakeEngine) Version(context.Context) (string, error) { return "v1", nil }
func (e *fakeEngine) Settings(context.Context) (data.Settings, error) {
	return data.Settings{Resolutions: data.DefaultResolutions(), Zone: "Asia/Shanghai"}, nil
}

func (e *fakeEngine) Hierarchy(context.Context) (*data.Hierarchy, error) {
	return data.NewHierarchy(nil), nil
}

func (e *fakeEngine) Extent(context.Context) (orb.Bound, time.Time, time.Time, error) {
	return orb.Bound{Min: orb.Point{114, 22}, Max: orb.Point{115, 23}}, time.Unix(1e9, 0), time.Unix(1.1e9, 0), nil
}

func (e *fakeEngine) Params(_ context.Context, a analytics.Analysis) ([]analytics.Param, error) {
	return engine.Params(a), nil
}

func (e *fakeEngine) Parties(context.Context, data.Dataset) ([]data.Level, error) { return nil, nil }

// Plan finds nowhere to go.
func (e *fakeEngine) Plan(context.Context, map[string]string) (*analytics.Itinerary, error) {
	return &analytics.Itinerary{Begin: time.Unix(1e9, 0).UTC(), End: time.Unix(1e9, 0).UTC(), Provenance: analytics.Provenance{DataVersion: "v1"}}, e.fail
}

func (e *fakeEngine) Run(ctx context.Context, name string, _ map[string]string) (*analytics.Layer, error) {
	if e.hold != nil {
		select {
		case <-e.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if e.panic != nil {
		panic(e.panic)
	}
	if e.fail != nil {
		return nil, e.fail
	}
	origin, err := geo.CellAt(orb.Point{114.06, 22.54}, 9)
	if err != nil {
		return nil, err
	}
	cells := []geo.Cell{origin}
	return &analytics.Layer{
		Name: name, Title: name, Frame: &analytics.Frame{Unit: analytics.CellsOf(9), Cells: cells},
		Columns:    []analytics.Column{{Name: "cell", Type: analytics.WordColumn, Words: []string{origin.String()}}, {Name: "x", Type: analytics.FloatColumn, Floats: []float64{5}}},
		Legend:     analytics.Legend{Column: "x", Classes: []analytics.Class{{Key: "all", Label: "all", Color: "#a50f15", Rows: 1}}},
		Rank:       analytics.Rank{Column: "x", Show: []string{"x"}},
		Provenance: analytics.Provenance{DataVersion: "v1", Unit: "h3-9"},
	}, nil
}

func (e *fakeEngine) Report(context.Context, map[string]string) (*analytics.Report, error) {
	return nil, errors.New("no report")
}

func handler(e *fakeEngine, o Options) *Service {
	return newHandler(shows(e), o.orDefaults())
}

// shows returns a lens that shows one engine to everybody.
func shows(e worker) lens {
	return func(bool, api.Scope) (worker, data.Store) { return e, memory.New() }
}

func do(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

func TestRoutes(t *testing.T) {
	h := handler(&fakeEngine{}, Options{})
	f := func(target, accept string, status int, media string) {
		t.Helper()
		for _, method := range []string{"GET", "HEAD"} {
			w := do(h, method, target, "Accept", accept)
			if w.Code != status || !strings.HasPrefix(w.Header().Get("Content-Type"), media) {
				t.Errorf("%s %s: %d %s, want %d %s: %s", method, target, w.Code, w.Header().Get("Content-Type"), status, media, w.Body)
			}
		}
	}
	f("/", browser, 200, "text/html")
	f("/", "*/*", 200, "application/json")
	f("/?f=json", browser, 200, "application/json")
	f("/?f=html", "", 200, "text/html")
	f("/?layer=compliance&lang=zh-Hant", browser, 200, "text/html")
	f("/?layer=nothing", browser, 404, "text/html")
	f("/?limt=3", browser, 400, "text/html")
	f("/?within=&from=&res=9", browser, 200, "text/html")
	f("/map.svg?layer=response", "", 200, "image/svg+xml")
	f("/map.svg?layer=nothing", "", 404, "application/problem+json")
	f("/layers/hotspot.geojson?res=9", "", 200, "application/geo+json")
	f("/layers/hotspot.csv?bom=true", "", 200, "text/csv")
	for _, format := range encode.Formats() {
		f("/layers/hotspot."+format.Name+"?res=9", "", 200, string(format.MediaType))
	}
	f("/layers/hotspot.json", "", 200, "application/json")
	f("/layers/hotspot.shp", "", 404, "application/problem+json")
	f("/layers/hotspot.geojson?nothing=1", "", 400, "application/problem+json")
	f("/layers/hotspot.geojson?within=", "", 400, "application/problem+json")
	f("/layers/hotspot.csv?bom=yes", "", 400, "application/problem+json")
	f("/?all=maybe", browser, 400, "text/html")
	f("/?within==", browser, 200, "text/html")
	f("/collections", "", 200, "application/json")
	f("/collections/hotspot/items", "", 200, "application/geo+json")
	f("/static/page.css", "", 200, "text/css")
	f("/static/..%2Fpage.html", "", 404, "application/problem+json")
	f("/favicon.ico", "", 200, "image/svg+xml")
	f("/problems/unknown-parameter", "", 200, "text/plain")
	f("/status", "", 200, "application/json")
	f("/livez", "", 200, "text/plain")
	f("/readyz", "", 200, "text/plain")
	f("/healthz", "", 200, "text/plain")
	f("/robots.txt", "", 200, "text/plain")
	f("/dggs/H3/zones?zone-level=9", "", 200, "application/json")
	f("/problems/too-many-zones", "", 200, "text/plain")
	f("/nothing", "", 404, "application/problem+json")
	f("/collections/hotspot/items?limit=1;x=2", "", 400, "application/problem+json")
	f("/"+strings.Repeat("x", 9000), "", 414, "application/problem+json")
	if w := do(h, "GET", "/robots.txt"); !strings.Contains(w.Body.String(), "\nDisallow: */dggs/*/zones/*\n") { // 21-038r1, /rec/core/robots-txt
		t.Errorf("robots may walk through every zone: %s", w.Body)
	}
	if w := do(h, "POST", "/collections", ""); w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("POST: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	if w := do(h, "GET", "/collections/hotspot"); !strings.Contains(w.Body.String(), "http://example.com/collections/hotspot/items") {
		t.Errorf("links are not those of the host: %s", w.Body)
	}
	if w := do(h, "GET", "/layers/hotspot.csv?bom=true"); !strings.HasPrefix(w.Body.String(), "\uFEFFcell") || w.Header().Get("Content-Disposition") != `attachment; filename="hotspot-h3-9.csv"` {
		t.Errorf("CSV begins %q, is called %s", w.Body.String()[:8], w.Header().Get("Content-Disposition"))
	}
}

func TestEveryAnswerIsFenced(t *testing.T) {
	h := handler(&fakeEngine{}, Options{})
	for _, target := range []string{"/", "/nothing", "/collections/hotspot/items?x=1", "/static/page.css"} {
		w := do(h, "GET", target)
		for _, name := range []string{"X-Content-Type-Options", "Content-Security-Policy", "X-Request-Id", "Access-Control-Allow-Origin", "Referrer-Policy"} {
			if w.Header().Get(name) == "" {
				t.Errorf("%s has no %s", target, name)
			}
		}
	}
	w := do(h, "OPTIONS", "/collections/hotspot/items", "Origin", "http://elsewhere", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "x-api-key")
	if w.Code != 204 || !strings.Contains(w.Header().Get("Access-Control-Allow-Headers"), "X-API-Key") || w.Header().Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("preflight: %d %v", w.Code, w.Header())
	}
	if page := do(h, "GET", "/", "Accept", browser); !strings.Contains(page.Header().Get("Content-Security-Policy"), "style-src 'self'") || strings.Contains(page.Header().Get("Content-Security-Policy"), "unsafe") {
		t.Errorf("policy of the page: %s", page.Header().Get("Content-Security-Policy"))
	}
}

func TestLinksFollowTheConfiguredAddress(t *testing.T) {
	f := func(o Options, want string, headers ...string) {
		t.Helper()
		if w := do(handler(&fakeEngine{}, o), "GET", "/collections/hotspot", headers...); !strings.Contains(w.Body.String(), `"`+want+`/collections/hotspot"`) {
			t.Errorf("%+v %v: %s", o.BaseURL, headers, w.Body)
		}
	}
	f(Options{}, "http://example.com", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https")
	f(Options{TrustProxy: true}, "https://maps.example", "X-Forwarded-Host", "maps.example", "X-Forwarded-Proto", "https")
	f(Options{TrustProxy: true}, "http://localhost", "X-Forwarded-Host", `x"><script>`)
	f(Options{BaseURL: "https://maps.example/civgrid/"}, "https://maps.example/civgrid")
}

// TestRequestIdsTellNothingOfOthers: they are random, whatever a client says, and a trusted
// proxy's where it is harmless.
func TestRequestIdsTellNothingOfOthers(t *testing.T) {
	open, proxied := handler(&fakeEngine{}, Options{}), handler(&fakeEngine{}, Options{TrustProxy: true})
	seen := map[string]bool{}
	random := func(h http.Handler, told string) {
		t.Helper()
		id := do(h, "GET", "/conformance", "X-Request-Id", told).Header().Get("X-Request-Id")
		for before := range seen {
			same := 0
			for same < min(len(id), len(before)) && id[same] == before[same] {
				same++
			}
			if same > 8 { // by chance one of a million million
				t.Errorf("the id %s after %s", id, before)
			}
		}
		if seen[id] = true; len(id) < 22 || id == told {
			t.Errorf("told %q the id is %q, want one of 128 random bits", told, id)
		}
	}
	for range 20 {
		random(open, "")
	}
	random(open, "abc-1")
	random(proxied, "")
	random(proxied, strings.Repeat("a", 65))
	random(proxied, "a\"b")
	if id := do(proxied, "GET", "/conformance", "X-Request-Id", "abc-1").Header().Get("X-Request-Id"); id != "abc-1" {
		t.Errorf("of a proxy's abc-1 is made %q", id)
	}
}

func TestWhatGoesWrongIsToldAndLogged(t *testing.T) {
	var log bytes.Buffer
	engine := &fakeEngine{fail: errors.New("SQLSTATE 42P01")}
	h := handler(engine, Options{TrustProxy: true, Logger: slog.New(slog.NewJSONHandler(&log, nil))})
	for _, target := range []string{"/collections/hotspot/items", "/layers/hotspot.geojson", "/map.svg", "/"} {
		log.Reset()
		w := do(h, "GET", target, "Accept", "text/html;q=0.9, */*;q=0.1", "X-Request-Id", "abc-1")
		if w.Code != 500 || strings.Contains(w.Body.String(), "SQLSTATE") {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
		var line struct{ Level, ID, Error string }
		if err := json.Unmarshal(log.Bytes(), &line); err != nil || line.Level != "ERROR" || !strings.Contains(line.Error, "SQLSTATE") || line.ID != "abc-1" {
			t.Errorf("%s is logged as %s (%v)", target, &log, err)
		}
	}
	engine.fail, engine.panic = nil, "out of luck"
	if w := do(h, "GET", "/map.svg?res=7"); w.Code != 500 || !strings.Contains(log.String(), "out of luck") || strings.Contains(w.Body.String(), "luck") {
		t.Errorf("after a panic: %d %s", w.Code, w.Body)
	}
	log.Reset()
	if do(h, "GET", "/collections?x=1"); strings.Contains(log.String(), "ERROR") {
		t.Error("the client's fault is logged as ours")
	}
}

func TestAbortPassesThrough(t *testing.T) {
	s := newServer(shows(&fakeEngine{}), Options{}.orDefaults())
	h := s.surround(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer func() {
		if cause := recover(); cause != http.ErrAbortHandler { //nolint:errorlint // it must be this very value
			t.Errorf("recovered %v", cause)
		}
	}()
	do(h, "GET", "/")
	t.Error("the abort was swallowed")
}

func TestRequestsHaveATimeLimit(t *testing.T) {
	engine := &fakeEngine{hold: make(chan struct{})}
	h := handler(engine, Options{RequestTimeout: 20 * time.Millisecond})
	if w := do(h, "GET", "/layers/hotspot.geojson"); w.Code != 503 || !strings.Contains(w.Body.String(), "timeout") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestServeLetsRequestsEnd(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	engine := &fakeEngine{hold: make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, listener, handler(engine, Options{})) }()
	status := make(chan int, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String() + "/layers/hotspot.geojson")
		if err != nil {
			status <- 0
			return
		}
		_ = response.Body.Close()
		status <- response.StatusCode
	}()
	time.Sleep(100 * time.Millisecond)
	stop()
	time.Sleep(20 * time.Millisecond)
	close(engine.hold)
	if got := <-status; got != 200 {
		t.Errorf("the request under way got %d", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

// TestAReportMakesANewVersion puts the quality report where an import does:
// some time after the last facts.
func TestAReportMakesANewVersion(t *testing.T) {
	store := memory.New()
	h := New(store, Options{})
	before := do(h, "GET", "/collections")
	report := data.Report{Dataset: data.Incidents, Rows: 2, First: time.Unix(1e9, 0), Last: time.Unix(1.1e9, 0)}
	if err := store.PutReport(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	after := do(h, "GET", "/collections", "If-None-Match", before.Header().Get("ETag"))
	if after.Code != 200 || !strings.Contains(after.Body.String(), `"hotspot"`) {
		t.Errorf("with a report there are still no analyses: %d %s", after.Code, after.Body)
	}
	report.Defaults = []data.DefaultLocation{{PileUp: data.PileUp{Lon: 114, Lat: 22, Rows: 2}}}
	if err := store.PutReport(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	if w := do(h, "GET", "/collections", "If-None-Match", after.Header().Get("ETag")); w.Code != 200 {
		t.Errorf("a default location leaves the tag as it was: %d", w.Code)
	}
}

func TestErrorPagesAreNotKept(t *testing.T) {
	h := handler(&fakeEngine{fail: &analytics.ParamError{Name: "within", Why: "unknown"}}, Options{})
	w := do(h, "GET", "/?within=x", "Accept", browser)
	if w.Code != 400 || w.Header().Get("ETag") != "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("error page: %d %v", w.Code, w.Header())
	}
}

// TestAnswersSayWhatTheyDependOn looks at 304 too, by which caches renew what
// they know (RFC 9110, section 15.4.5).
func TestAnswersSayWhatTheyDependOn(t *testing.T) {
	h := handler(&fakeEngine{}, Options{})
	for _, target := range []string{"/", "/map.svg"} {
		tag := ""
		for _, status := range []int{200, 304} {
			w := do(h, "GET", target, "Accept", browser, "Accept-Language", "zh", "If-None-Match", tag)
			if tag = w.Header().Get("ETag"); w.Code != status || !strings.Contains(strings.Join(w.Header().Values("Vary"), ","), "Accept-Language") {
				t.Errorf("%s: %d, want %d with Accept-Language among %v", target, w.Code, status, w.Header().Values("Vary"))
			}
		}
	}
	tag := do(h, "GET", "/collections").Header().Get("ETag")
	if w := do(handler(&fakeEngine{}, Options{Title: "Another"}), "GET", "/collections", "If-None-Match", tag); w.Code != 200 {
		t.Errorf("another title: %d", w.Code)
	}
}

// TestClientsThatTakeNothingAreCutOff has a client that asks and never reads.
func TestClientsThatTakeNothingAreCutOff(t *testing.T) {
	s := newServer(shows(&fakeEngine{}), Options{MaxConcurrent: 1, StallTimeout: 50 * time.Millisecond}.orDefaults())
	ended := make(chan error, 1)
	endless := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/short" {
			return
		}
		var err error
		for piece := make([]byte, 32<<10); err == nil; {
			_, err = w.Write(piece)
		}
		ended <- err
	})
	service := httptest.NewServer(s.surround(endless))
	defer service.Close()
	client, err := net.Dial("tcp", service.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := io.WriteString(client, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the answer is still under way after 10 s")
	}
	for range 2 { // on one connection, idle for longer than a client may stall
		response, err := http.Get(service.URL + "/short")
		if err != nil || response.StatusCode != 200 {
			t.Fatalf("afterwards: %v", err)
		}
		_ = response.Body.Close()
		time.Sleep(100 * time.Millisecond)
	}
}

func TestClientsThatLeaveAreNotOurErrors(t *testing.T) {
	var log bytes.Buffer
	h := handler(&fakeEngine{fail: context.Canceled}, Options{Logger: slog.New(slog.NewJSONHandler(&log, nil))})
	if do(h, "GET", "/layers/hotspot.geojson"); strings.Contains(log.String(), "ERROR") {
		t.Errorf("logged as ours: %s", &log)
	}
}

func TestAnEmptyStoreSaysSo(t *testing.T) {
	h := New(memory.New(), Options{})
	if w := do(h, "GET", "/", "Accept", browser); w.Code != 200 || !strings.Contains(w.Body.String(), `data-testid="empty"`) {
		t.Errorf("page: %d %s", w.Code, w.Body)
	}
	if w := do(h, "GET", "/collections"); w.Code != 200 || strings.Contains(w.Body.String(), "hotspot") || !strings.Contains(w.Body.String(), "resources") {
		t.Errorf("collections: %d %s", w.Code, w.Body)
	}
	if w := do(h, "GET", "/layers/hotspot.geojson"); w.Code != 404 {
		t.Errorf("layer: %d %s", w.Code, w.Body)
	}
}

// TestWholeLayersComeInParts asks as GDAL's /vsicurl/ does: for the length, and
// then for stretches of the file.
func TestWholeLayersComeInParts(t *testing.T) {
	h := handler(&fakeEngine{}, Options{})
	const path = "/layers/hotspot.geojson"
	first := do(h, http.MethodGet, path)
	whole := first.Body.Bytes()
	if got := first.Header().Get("Accept-Ranges"); got != "bytes" {
		t.Errorf("Accept-Ranges is %q, want bytes", got)
	}
	if got, want := do(h, http.MethodHead, path).Header().Get("Content-Length"), strconv.Itoa(len(whole)); got != want {
		t.Errorf("HEAD says length %q, want %s", got, want)
	}
	part := do(h, http.MethodGet, path, "Range", "bytes=10-29")
	if part.Code != http.StatusPartialContent || !bytes.Equal(part.Body.Bytes(), whole[10:30]) {
		t.Errorf("bytes 10-29 come with status %d as %q, want 206 and %q", part.Code, part.Body, whole[10:30])
	}
}
