package server

import (
	"context"
	"net/http"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/civgrid/civgrid/api"
)

// tracerName names what makes the spans of this package.
const tracerName = "github.com/civgrid/civgrid/api/server"

// beginSpan begins the span of a request, in the trace of whoever asks where it
// says so (W3C Trace Context, section 3.2). Probes and streams, which last, have
// none. Without a tracer it does nothing.
func (s *server) beginSpan(r *http.Request) (context.Context, trace.Span) {
	ctx := r.Context()
	if s.tracer == nil || isProbe(r.URL.Path) || isStream(r.URL.Path) {
		return ctx, trace.SpanFromContext(ctx)
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	return s.tracer.Start(ctx, spanMethod(r.Method), trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		methodOf(r.Method), semconv.URLPath(r.URL.Path), semconv.URLScheme(scheme),
		semconv.NetworkProtocolVersion(strconv.Itoa(r.ProtoMajor)+"."+strconv.Itoa(r.ProtoMinor)),
	))
}

// endSpan ends the span of a request with what came of it (Semantic Conventions
// for HTTP Spans 1.43.0, "HTTP server"): named by the template of its route, so
// that there are few names. The query is left out, which may hold a key or what is
// nobody's business. Whole is whether the answer was sent to the end.
func endSpan(span trace.Span, r *http.Request, left *trail, status int, whole bool) {
	defer span.End()
	if !span.IsRecording() {
		return
	}
	if left.route != "" {
		span.SetName(spanMethod(r.Method) + " " + left.route)
		span.SetAttributes(semconv.HTTPRoute(left.route))
	}
	if status == 0 && whole {
		status = http.StatusOK // net/http sends it where none is given
	}
	if status != 0 {
		span.SetAttributes(semconv.HTTPResponseStatusCode(status))
	}
	switch {
	case status >= http.StatusInternalServerError:
		span.SetAttributes(semconv.ErrorTypeKey.String(strconv.Itoa(status)))
		span.SetStatus(codes.Error, "")
	case !whole:
		span.SetAttributes(semconv.ErrorTypeKey.String("cut"))
		span.SetStatus(codes.Error, "the answer was not sent to the end")
	}
}

// spanMethod returns what the name of a span begins with: clients may make up
// methods.
func spanMethod(method string) string {
	if methodLabel(method) == "other" {
		return "HTTP"
	}
	return method
}

func methodOf(method string) attribute.KeyValue {
	if methodLabel(method) == "other" {
		return semconv.HTTPRequestMethodOther
	}
	return semconv.HTTPRequestMethodKey.String(method)
}

// beginPart begins the span of a part of the work on a request that is traced.
func beginPart(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, trace.Span) {
	whole := trace.SpanFromContext(ctx)
	if !whole.IsRecording() {
		return ctx, trace.SpanFromContext(context.Background())
	}
	return whole.TracerProvider().Tracer(tracerName).Start(ctx, name, trace.WithAttributes(attributes...))
}

// endPart ends the span of a part. What is the client's own fault is no error of
// ours.
func endPart(span trace.Span, err error) {
	if err != nil && span.IsRecording() && api.ProblemOf(err).Status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, err.Error())
	}
	span.End()
}
