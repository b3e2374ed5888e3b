package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// flushTimeout is how long the last spans may take to be sent at the end.
const flushTimeout = 5 * time.Second

// tracing returns what sends spans to the collector that the environment names,
// by OTLP over HTTP (OpenTelemetry Protocol Exporter 1.x), nil where it names none.
// All other OTEL_ variables mean what they mean elsewhere: OTEL_SERVICE_NAME,
// OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS and so
// on.
func (p *program) tracing(ctx context.Context) (*trace.TracerProvider, error) {
	if named, err := namesCollector(); !named || err != nil {
		return nil, err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { p.logger().Warn("traces are lost", "error", err) }))
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("send traces: %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "civgrid"), attribute.String("service.version", programVersion())),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, usageError(fmt.Errorf("read OTEL_RESOURCE_ATTRIBUTES: %w", err))
	}
	return trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(about)), nil
}

// namesCollector reports whether the environment names a collector for traces
// that they can be sent to.
func namesCollector() (bool, error) {
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") || os.Getenv("OTEL_TRACES_EXPORTER") == "none" {
		return false, nil
	}
	endpoint := firstSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
	if endpoint == "" {
		return false, nil
	}
	if at, err := url.Parse(endpoint); err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return false, usageError(errors.New("OTEL_EXPORTER_OTLP_ENDPOINT: want an address such as http://127.0.0.1:4318"))
	}
	if how := cmp.Or(firstSet("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"), "http/protobuf"); !strings.HasPrefix(how, "http/") {
		return false, usageError(fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL %q: traces are sent by http/protobuf, mostly to port 4318", how))
	}
	return true, nil
}

func firstSet(names ...string) string {
	for _, name := range names {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return ""
}

// flush sends what spans there are and ends tracing.
func (p *program) flush(ctx context.Context, tracing *trace.TracerProvider) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	if err := tracing.Shutdown(ctx); err != nil {
		p.logger().Warn("the last traces are lost", "error", err)
	}
}
