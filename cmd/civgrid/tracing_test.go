package main

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// A gathering is a collector that keeps what it is sent.
type gathering struct {
	*httptest.Server

	mu   sync.Mutex
	sent []*spans.ResourceSpans
	key  string // of the last request
}

func newGathering(t *testing.T) *gathering {
	t.Helper()
	g := &gathering{}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body := io.Reader(request.Body)
		if request.Header.Get("Content-Encoding") == "gzip" {
			unpacked, err := gzip.NewReader(body)
			if err != nil {
				t.Error(err)
				return
			}
			body = unpacked
		}
		content, err := io.ReadAll(body)
		var export collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(content, &export)
		}
		if err != nil || request.URL.Path != "/v1/traces" || request.Method != http.MethodPost {
			t.Errorf("%s %s is no export: %v", request.Method, request.URL.Path, err)
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.sent, g.key = append(g.sent, export.GetResourceSpans()...), request.Header.Get("X-Key")
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(g.Close)
	return g
}

// all returns what was sent, and the key it was sent with last.
func (g *gathering) all() (sent []*spans.ResourceSpans, key string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sent, g.key
}

// words returns the attributes that are words.
func words(list []*common.KeyValue) map[string]string {
	of := map[string]string{}
	for _, pair := range list {
		of[pair.GetKey()] = pair.GetValue().GetStringValue()
	}
	return of
}

// TestServeSendsTraces has a collector on this machine: what it gets comes when
// the service ends, at the latest.
func TestServeSendsTraces(t *testing.T) {
	to := newGathering(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", to.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "X-Key=open%20sesame")
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "3600000") // an hour
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
	t.Run("service", func(t *testing.T) {
		statusOf(t, startServe(t)["Map"]+"collections?secret=hush")
	})
	sent, key := to.all()
	if len(sent) != 1 || len(sent[0].GetScopeSpans()) != 1 || key != "open sesame" {
		t.Fatalf("sent were %v with key %q", sent, key)
	}
	about := words(sent[0].GetResource().GetAttributes())
	if about["service.name"] != "civgrid" || about["service.version"] == "" || about["deployment.environment.name"] != "test" {
		t.Errorf("the resource is %v", about)
	}
	got := sent[0].GetScopeSpans()[0].GetSpans()
	if len(got) != 1 || got[0].GetName() != "GET /collections" || got[0].GetKind() != spans.Span_SPAN_KIND_SERVER {
		t.Fatalf("the spans are %v", got)
	}
	if has := words(got[0].GetAttributes()); has["http.route"] != "/collections" || strings.Contains(got[0].String(), "hush") {
		t.Errorf("the span has %v", has)
	}
}

func TestServeNamesItselfInTracesAsTold(t *testing.T) {
	to := newGathering(t)
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", to.URL+"/v1/traces")
	t.Setenv("OTEL_SERVICE_NAME", "city-grid")
	t.Run("service", func(t *testing.T) { statusOf(t, startServe(t)["Map"]+"collections") })
	if sent, _ := to.all(); len(sent) != 1 || words(sent[0].GetResource().GetAttributes())["service.name"] != "city-grid" {
		t.Errorf("sent were %v, want those of city-grid", sent)
	}
}

func TestServeSendsNoTracesUnlessTold(t *testing.T) {
	to := newGathering(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", to.URL)
	for name, value := range map[string]string{"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "none", "OTEL_TRACES_SAMPLER": "always_off"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			statusOf(t, startServe(t)["Map"]+"collections")
		})
	}
	if sent, _ := to.all(); len(sent) != 0 {
		t.Errorf("sent were %v, want none", sent)
	}
}

// TestACollectorThatIsAwayKeepsNobodyWaiting names one that does not listen.
func TestACollectorThatIsAwayKeepsNobodyWaiting(t *testing.T) {
	away := httptest.NewServer(nil)
	away.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", away.URL)
	if status, _ := statusOf(t, startServe(t)["Map"]+"collections"); status != 200 {
		t.Errorf("without the collector: %d, want 200", status)
	}
}

func TestCollectorsThatCannotBeReachedAreRefused(t *testing.T) {
	f := func(name, value string) {
		t.Helper()
		t.Run(name+"="+value, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
			t.Setenv(name, value)
			if code, _, told := run(t, "serve", "--store", "memory:", "--addr", "127.0.0.1:0"); code != exitUsage || !strings.Contains(told, "OTEL_EXPORTER_OTLP_") {
				t.Errorf("serve ends with code %d: %s", code, told)
			}
		})
	}
	f("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4318")
	f("OTEL_EXPORTER_OTLP_ENDPOINT", "collector")
	f("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
}
