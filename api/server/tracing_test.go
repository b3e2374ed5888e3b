package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// traced returns a service whose spans a recorder keeps.
func traced(e *fakeEngine, o Options) (*Service, *tracetest.SpanRecorder) {
	spans := tracetest.NewSpanRecorder()
	o.Tracer = sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))
	return handler(e, o), spans
}

// attributesOf returns the attributes of a span as text.
func attributesOf(span sdk.ReadOnlySpan) map[string]string {
	has := map[string]string{}
	for _, a := range span.Attributes() {
		has[string(a.Key)] = a.Value.String()
	}
	return has
}

// The example of W3C Trace Context, section 3.2.2.5.
const (
	exampleTrace  = "0af7651916cd43dd8448eb211c80319c"
	exampleParent = "b7ad6b7169203331"
	example       = "00-" + exampleTrace + "-" + exampleParent + "-01"
)

// TestARequestIsASpan compares with what the semantic conventions require of the
// spans of HTTP servers, version 1.43.0.
func TestARequestIsASpan(t *testing.T) {
	engine := &fakeEngine{}
	s, spans := traced(engine, Options{})
	f := func(method, target, name string, want map[string]string) {
		t.Helper()
		spans.Reset()
		do(s, method, target, "traceparent", example)
		ended := spans.Ended()
		if len(ended) == 0 {
			t.Fatalf("%s %s has no span", method, target)
		}
		span := ended[len(ended)-1]
		if span.Name() != name || span.SpanKind() != trace.SpanKindServer {
			t.Errorf("%s %s is span %q of kind %s, want %q of kind server", method, target, span.Name(), span.SpanKind(), name)
		}
		if span.Parent().SpanID().String() != exampleParent || span.SpanContext().TraceID().String() != exampleTrace || !span.Parent().IsRemote() {
			t.Errorf("%s %s is part of %s under %s, want %s under %s", method, target, span.SpanContext().TraceID(), span.Parent().SpanID(), exampleTrace, exampleParent)
		}
		has := attributesOf(span)
		for key, value := range want {
			if has[key] != value {
				t.Errorf("%s %s: %s is %q, want %q", method, target, key, has[key], value)
			}
		}
		for key, value := range has {
			if strings.Contains(value, "hush") {
				t.Errorf("%s %s: %s tells of the query: %s", method, target, key, value)
			}
		}
		if failed := span.Status().Code == codes.Error; failed != (want["error.type"] != "") || has["error.type"] != want["error.type"] {
			t.Errorf("%s %s: status %v, error.type %q, want %q", method, target, span.Status(), has["error.type"], want["error.type"])
		}
	}
	const items = "/collections/:collectionId/items"
	f("GET", "/collections/hotspot/items?limit=1", "GET "+items, map[string]string{
		"http.request.method": "GET", "http.route": items, "url.path": "/collections/hotspot/items", "url.scheme": "http",
		"http.response.status_code": "200", "network.protocol.version": "1.1",
	})
	f("GET", "/collections/hotspot/items?api_key=hush", "GET "+items, map[string]string{"http.response.status_code": "400"})
	f("HEAD", "/conformance", "HEAD /conformance", map[string]string{"http.request.method": "HEAD"})
	f("GET", "/nothing", "GET", map[string]string{"http.response.status_code": "404", "http.route": ""})
	f("BREW", "/collections", "HTTP", map[string]string{"http.request.method": "_OTHER", "http.response.status_code": "405"})
	engine.fail = errors.New("SQLSTATE 42P01")
	f("GET", "/collections/density/items", "GET "+items, map[string]string{"http.response.status_code": "500", "error.type": "500"})
	engine.panic = http.ErrAbortHandler
	func() {
		defer func() { _ = recover() }()
		f("GET", "/map.svg?res=7", "GET /map.svg", map[string]string{"error.type": "cut"})
	}()
	spans.Reset()
	if do(s, "GET", "/livez", "traceparent", example); len(spans.Started()) != 0 {
		t.Error("a probe has a span")
	}
}

func TestTheSpanOfALayerTellsWhatItWaitedFor(t *testing.T) {
	s, spans := traced(&fakeEngine{}, Options{})
	for i, want := range []string{"wait for a turn, compute layer", ""} { // the second time it is kept
		spans.Reset()
		do(s, "GET", "/collections/hotspot/items")
		ended := spans.Ended()
		whole := ended[len(ended)-1]
		var names []string
		for _, part := range ended[:len(ended)-1] {
			names = append(names, part.Name())
			if part.Parent().SpanID() != whole.SpanContext().SpanID() {
				t.Errorf("%s is no part of the request", part.Name())
			}
			if part.Name() == "compute layer" && attributesOf(part)["civgrid.analysis"] != "hotspot" {
				t.Errorf("the layer is of %v, want hotspot", part.Attributes())
			}
		}
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("request %d waited for %q, want %q", i+1, got, want)
		}
	}
}

// TestTheLineOfARequest has all that tells of a request, and nothing of who made
// it.
func TestTheLineOfARequest(t *testing.T) {
	var log bytes.Buffer
	o := Options{TrustProxy: true, Logger: slog.New(slog.NewJSONHandler(&log, nil))}
	s, _ := traced(&fakeEngine{}, o)
	w := do(s, "GET", "/collections/hotspot/items?limit=1", "X-Request-Id", "a-1", "traceparent", example, "User-Agent", "hush")
	var line struct {
		Msg, ID, Method, Route, Path, Trace string
		Status, Bytes                       int
		Took                                *int64
	}
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	took := line.Took
	line.Took = nil
	want := line
	want.Msg, want.ID, want.Method, want.Route, want.Path, want.Trace = "request", "a-1", "GET", "/collections/:collectionId/items", "/collections/hotspot/items", exampleTrace
	want.Status, want.Bytes = 200, w.Body.Len()
	if line != want || took == nil || strings.Contains(log.String(), "hush") || strings.Contains(log.String(), "192.0.2.1") {
		t.Errorf("the line is %s", &log)
	}
	log.Reset()
	if do(handler(&fakeEngine{}, o), "GET", "/collections", "traceparent", example); strings.Contains(log.String(), `"trace"`) {
		t.Errorf("without a tracer there is a trace: %s", &log)
	}
}

// TestWithoutATracerNothingIsMade compares a request that tells of its trace with
// one that does not.
func TestWithoutATracerNothingIsMade(t *testing.T) {
	s := newServer(shows(&fakeEngine{}), Options{}.orDefaults())
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/collections", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("traceparent", example)
	if n := testing.AllocsPerRun(100, func() {
		ctx, span := s.beginSpan(r)
		_, part := beginPart(ctx, "part")
		endPart(part, nil)
		endSpan(span, r, &trail{}, 200, true)
	}); n != 0 {
		t.Errorf("a request without a tracer makes %v allocations for it, want none", n)
	}
}
