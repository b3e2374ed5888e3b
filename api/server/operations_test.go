package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// scrape reads /metrics with Prometheus' own parser.
func scrape(t *testing.T, s *Service) map[string]*dto.MetricFamily {
	t.Helper()
	w := do(s.Operations(), "GET", "/metrics")
	if w.Code != 200 {
		t.Fatalf("/metrics: %d %s", w.Code, w.Body)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// sample returns the value of a metric, of a histogram its count, and whether
// there is one with these labels: "route", "/collections" and so on.
func sample(families map[string]*dto.MetricFamily, name string, labels ...string) (float64, bool) {
	for _, m := range families[name].GetMetric() {
		var has []string
		for _, pair := range m.GetLabel() {
			has = append(has, pair.GetName(), pair.GetValue())
		}
		if slices.Equal(has, labels) {
			return m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount()), true
		}
	}
	return 0, false
}

func TestMetricsCountRequests(t *testing.T) {
	engine := &fakeEngine{}
	s := handler(engine, Options{Version: "1.2.3"})
	page := do(s, "GET", "/collections/hotspot/items")
	do(s, "GET", "/collections/hotspot/items?limit=1")
	do(s, "HEAD", "/collections/hotspot/items")
	do(s, "GET", "/collections/nothing/items")
	do(s, "OPTIONS", "/collections/hotspot/items")
	do(s, "BREW", "/collections")
	do(s, "GET", "/"+strings.Repeat("x", 9000))
	for _, path := range []string{"/a", "/b", "/c?d=e"} {
		do(s, "GET", path)
	}
	engine.fail = errors.New("broken")
	do(s, "GET", "/collections/hotspot/items?res=8")
	got := scrape(t, s)
	f := func(want float64, name string, labels ...string) {
		t.Helper()
		if value, ok := sample(got, name, labels...); !ok || value != want {
			t.Errorf("%s %v is %v (there: %t), want %v", name, labels, value, ok, want)
		}
	}
	const items = "/collections/:collectionId/items"
	f(2, "civgrid_http_requests_total", "method", "GET", "route", items, "status", "2xx")
	f(1, "civgrid_http_requests_total", "method", "HEAD", "route", items, "status", "2xx")
	f(1, "civgrid_http_requests_total", "method", "GET", "route", items, "status", "4xx")
	f(1, "civgrid_http_requests_total", "method", "GET", "route", items, "status", "5xx")
	f(1, "civgrid_http_requests_total", "method", "OPTIONS", "route", "unrouted", "status", "2xx")
	f(1, "civgrid_http_requests_total", "method", "other", "route", "unrouted", "status", "4xx")
	f(4, "civgrid_http_requests_total", "method", "GET", "route", "unrouted", "status", "4xx")
	f(5, "civgrid_http_request_duration_seconds", "route", items)
	f(0, "civgrid_http_requests_waiting")
	f(0, "civgrid_http_requests_working")
	f(1, "civgrid_layer_duration_seconds", "analysis", "hotspot", "outcome", "ok")
	f(1, "civgrid_layer_duration_seconds", "analysis", "hotspot", "outcome", "error")
	f(1, "civgrid_tables_kept")
	f(1, "civgrid_table_rows_kept")
	f(1, "civgrid_build_info", "version", "1.2.3")
	if bytes, _ := sample(got, "civgrid_http_response_bytes_total", "route", items); bytes < float64(page.Body.Len()) {
		t.Errorf("%v bytes were sent, want at least the %d of one page", bytes, page.Body.Len())
	}
}

// TestMetricsAreNamedAsIsUsual asks the linter of Prometheus.
func TestMetricsAreNamedAsIsUsual(t *testing.T) {
	s := handler(&fakeEngine{}, Options{Rate: Rate{1, time.Hour}})
	for range 2 {
		do(s, "GET", "/map.svg")
	}
	problems, err := promlint.New(do(s.Operations(), "GET", "/metrics").Body).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint finds %v (%v)", problems, err)
	}
}

// TestMetricsTellNothingOfRequests asks with words of its own wherever a request
// can have some: none may turn up.
func TestMetricsTellNothingOfRequests(t *testing.T) {
	s := handler(&fakeEngine{}, Options{})
	const word = "Zanzibar"
	for _, target := range []string{"/" + word, "/collections/" + word, "/collections/" + word + "/items/" + word, "/layers/" + word + ".csv", "/?" + word + "=1", "/collections/hotspot/items?within=" + word, "/dggs/" + word} {
		do(s, "GET", target, "X-Request-Id", word, "User-Agent", word)
	}
	do(s, word, "/")
	if text := do(s.Operations(), "GET", "/metrics").Body.String(); strings.Contains(text, word) {
		t.Errorf("a word of a request is a label: %s", text)
	}
}

func TestAnswersThatAreCutAreCountedAsSuch(t *testing.T) {
	engine := &fakeEngine{panic: http.ErrAbortHandler}
	s := handler(engine, Options{})
	func() {
		defer func() { _ = recover() }()
		do(s, "GET", "/map.svg")
	}()
	if n, _ := sample(scrape(t, s), "civgrid_http_requests_total", "method", "GET", "route", "/map.svg", "status", "cut"); n != 1 {
		t.Errorf("%v answers were cut, want 1", n)
	}
}

func TestMetricsShowWhoWaits(t *testing.T) {
	engine := &fakeEngine{hold: make(chan struct{})}
	s := handler(engine, Options{MaxConcurrent: 1})
	ended := make(chan struct{})
	for range 3 {
		go func() { do(s, "GET", "/layers/hotspot.geojson"); ended <- struct{}{} }()
	}
	var working, waiting float64
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline) && waiting != 2; {
		got := scrape(t, s)
		working, _ = sample(got, "civgrid_http_requests_working")
		waiting, _ = sample(got, "civgrid_http_requests_waiting")
	}
	if working != 1 || waiting != 2 {
		t.Errorf("%v are worked on and %v wait, want 1 and 2", working, waiting)
	}
	close(engine.hold)
	for range 3 {
		<-ended
	}
}

// versions is an engine whose data version can be set.
type versions struct {
	*fakeEngine
	version string
}

func (v *versions) Version(context.Context) (string, error) {
	if v.version == "" {
		return "", errors.New("out of reach")
	}
	return v.version, nil
}

func TestMetricsTellTheAgeOfTheData(t *testing.T) {
	now := time.Unix(1e9, 0)
	engine := &versions{fakeEngine: &fakeEngine{}}
	o := Options{
		Now:       func() time.Time { return now },
		Freshness: func() Freshness { return Freshness{Looked: time.Unix(1e9-7, 0), Behind: 3} },
	}
	s := newHandler(shows(engine), o.orDefaults())
	f := func(want float64, has bool) {
		t.Helper()
		if age, ok := sample(scrape(t, s), "civgrid_data_version_age_seconds"); ok != has || age != want {
			t.Errorf("the data version is %v s old (known: %t), want %v (%t)", age, ok, want, has)
		}
	}
	f(0, false)
	engine.version = "a"
	f(0, true)
	now = now.Add(time.Minute)
	f(60, true)
	engine.version = "b"
	f(0, true)
	now = now.Add(time.Second)
	engine.version = ""
	f(1, true)
	got := scrape(t, s)
	if age, _ := sample(got, "civgrid_data_age_seconds"); age != 68 {
		t.Errorf("the data are %v s old, want 68", age)
	}
	if behind, _ := sample(got, "civgrid_data_changes_behind"); behind != 3 {
		t.Errorf("%v changes behind, want 3", behind)
	}
}

func TestOperatorsAndPublicAreApart(t *testing.T) {
	s := handler(&fakeEngine{}, Options{})
	for target, status := range map[string]int{
		"/metrics": 200, "/debug/pprof/": 200, "/debug/pprof/goroutine?debug=1": 200, "/debug/pprof/symbol": 200, "/livez": 200, "/readyz": 200,
		"/debug/pprof/cmdline": 404, "/collections": 404, "/": 404,
	} {
		if w := do(s.Operations(), "GET", target); w.Code != status {
			t.Errorf("operators get %d at %s, want %d", w.Code, target, status)
		}
		if w := do(s, "GET", target); w.Code != 404 && !slices.Contains([]string{"/livez", "/readyz", "/collections", "/"}, target) {
			t.Errorf("the public gets %d at %s, want 404", w.Code, target)
		}
	}
	away := newHandler(shows(&versions{fakeEngine: &fakeEngine{}}), Options{}.orDefaults())
	if w := do(away.Operations(), "GET", "/readyz"); w.Code != 503 {
		t.Errorf("without a store /readyz says %d, want 503", w.Code)
	}
}
