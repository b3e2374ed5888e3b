package server

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/attribute"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
)

// metrics are what operators may know of a service. Every label has few values
// that are known beforehand: nothing of a request becomes one.
type metrics struct {
	registry            *prometheus.Registry
	requests, bytes     *prometheus.CounterVec
	refused             *prometheus.CounterVec
	seconds, layers     *prometheus.HistogramVec
	waiting, working    prometheus.Gauge
	queueing, computing prometheus.Gauge
}

// answerBuckets are the bounds of the histograms, in seconds.
func answerBuckets() []float64 {
	return []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "civgrid_http_requests_total",
			Help: "Requests answered, by route template, method and status class; \"cut\" are those whose connection broke before the end.",
		}, []string{"route", "method", "status"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "civgrid_http_response_bytes_total",
			Help: "Bytes of the bodies of answers as they are sent.",
		}, []string{"route"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "civgrid_http_requests_refused_total",
			Help: "Requests turned away before they came to a route, by kind of problem.",
		}, []string{"problem"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "civgrid_http_request_duration_seconds", Buckets: answerBuckets(),
			Help: "Time from a request to the last byte of its answer, waiting included.",
		}, []string{"route"}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "civgrid_http_requests_waiting", Help: "Requests that wait for their turn.",
		}),
		working: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "civgrid_http_requests_working", Help: "Requests that are worked on.",
		}),
		queueing: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "civgrid_layers_waiting", Help: "Layers that wait for their turn at being computed.",
		}),
		computing: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "civgrid_layers_computing", Help: "Layers that are being computed.",
		}),
		layers: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "civgrid_layer_duration_seconds", Buckets: answerBuckets(),
			Help: "Layers computed, and the time each took.",
		}, []string{"analysis", "outcome"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "civgrid_build_info", Help: "The version of the program.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.bytes, m.refused, m.seconds, m.waiting, m.working, m.queueing, m.computing, m.layers, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// unrouted stands for the route of requests that none has, and of those turned
// away before one was looked for.
const unrouted = "unrouted"

// answered counts a request. Whole is whether its answer was sent to the end.
func (m *metrics) answered(r *http.Request, route string, answer *recorder, took time.Duration, whole bool) {
	if route == "" {
		route = unrouted
	}
	m.requests.WithLabelValues(route, methodLabel(r.Method), statusLabel(answer.status, whole)).Inc()
	m.bytes.WithLabelValues(route).Add(float64(answer.bytes))
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// methodLabel keeps the methods that are answered apart; clients may make up
// others.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return method
	}
	return "other"
}

// statusLabel returns the class of a status (RFC 9110, section 15), "cut" for an
// answer that was not sent to the end. Net/http sends 200 where none is given.
func statusLabel(status int, whole bool) string {
	switch {
	case !whole:
		return "cut"
	case status == 0:
		return "2xx"
	}
	return strconv.Itoa(status/100) + "xx"
}

// A meteredEngine counts the layers that an engine computes, and notes since
// when it has had the data version it has. It is safe for concurrent use.
type meteredEngine struct {
	worker
	layers *prometheus.HistogramVec
	now    func() time.Time

	mu      sync.Mutex
	version string
	since   time.Time // zero before the version is known
}

// Run implements ogc.Engine.
func (e *meteredEngine) Run(ctx context.Context, name string, given map[string]string) (*analytics.Layer, error) {
	begin := e.now()
	ctx, span := beginPart(ctx, "compute layer", attribute.String("civgrid.analysis", name))
	layer, err := e.worker.Run(ctx, name, given)
	endPart(span, err)
	if _, unknown := engine.Find(name); unknown == nil {
		outcome := "ok"
		if err != nil {
			outcome = "error"
		}
		e.layers.WithLabelValues(name, outcome).Observe(e.now().Sub(begin).Seconds())
	}
	return layer, err
}

// Report implements worker. It counts as a layer of its own.
func (e *meteredEngine) Report(ctx context.Context, given map[string]string) (*analytics.Report, error) {
	begin := e.now()
	ctx, span := beginPart(ctx, "compute report")
	made, err := e.worker.Report(ctx, given)
	endPart(span, err)
	outcome := "ok"
	if err != nil {
		outcome = "error"
	}
	e.layers.WithLabelValues("report", outcome).Observe(e.now().Sub(begin).Seconds())
	return made, err
}

// Version implements ogc.Engine.
func (e *meteredEngine) Version(ctx context.Context) (string, error) {
	version, err := e.worker.Version(ctx)
	if err != nil {
		return "", err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.since.IsZero() || e.version != version {
		e.version, e.since = version, e.now()
	}
	return version, nil
}

// age returns how long the data version has been what it is, as far as this
// process saw; ok is false before it is known.
func (e *meteredEngine) age() (age time.Duration, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return max(e.now().Sub(e.since), 0), !e.since.IsZero()
}

// The state of a service, looked up when it is asked for.
var (
	tablesKept = prometheus.NewDesc("civgrid_tables_kept", "Tables of rows kept for the next request.", nil, nil)
	rowsKept   = prometheus.NewDesc("civgrid_table_rows_kept", "Rows of the tables that are kept.", nil, nil)
	versionAge = prometheus.NewDesc("civgrid_data_version_age_seconds", "Time since the data last changed, as far as this process saw; absent before they were read.", nil, nil)
	dataAge    = prometheus.NewDesc("civgrid_data_age_seconds", "Time since the data served were last known to be those of the store; 0 where they are its own.", nil, nil)
	dataBehind = prometheus.NewDesc("civgrid_data_changes_behind", "Changes of the store that are being caught up with.", nil, nil)
)

// A state tells the state of a service to a registry.
type state struct{ *server }

// Describe implements prometheus.Collector.
func (state) Describe(to chan<- *prometheus.Desc) {
	for _, what := range []*prometheus.Desc{tablesKept, rowsKept, versionAge, dataAge, dataBehind} {
		to <- what
	}
}

// Collect implements prometheus.Collector.
func (s state) Collect(to chan<- prometheus.Metric) {
	tell := func(what *prometheus.Desc, value float64) {
		to <- prometheus.MustNewConstMetric(what, prometheus.GaugeValue, value)
	}
	tables, rows := s.shelf.Kept()
	tell(tablesKept, float64(tables))
	tell(rowsKept, float64(rows))
	if age, ok := s.public.engine.age(); ok {
		tell(versionAge, age.Seconds())
	}
	f := s.freshness()
	tell(dataAge, max(s.Now().Sub(f.Looked), 0).Seconds())
	tell(dataBehind, float64(f.Behind))
}
