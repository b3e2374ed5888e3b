package server

import (
	"context"
	"net/http"
	"net/http/pprof"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// A Service answers requests. It is safe for concurrent use.
type Service struct {
	// Handler answers the public.
	http.Handler
	operations http.Handler
	close      func(context.Context) error
	warm       func(context.Context) error
}

// Warm makes what the pages open with for the public, so that who comes first does not
// wait for it; where the service is private, nothing. It takes seconds, and may be called
// while requests are answered.
func (s *Service) Warm(ctx context.Context) error { return s.warm(ctx) }

// Close lets jobs under way end, or ends them once ctx is done, and waits for them, and
// takes a last look at what was recorded: to be called before the store is closed, when
// no more requests come.
func (s *Service) Close(ctx context.Context) error { return s.close(ctx) }

// Operations returns what answers operators: metrics in the text format of
// Prometheus at /metrics, profiles of Go at /debug/pprof/, and the probes. It
// tells what the public has no business to know, so that it must have a
// listener of its own, out of their reach.
func (s *Service) Operations() http.Handler { return s.operations }

func (w *world) operations() http.Handler {
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.GET("/metrics", w.metered)
	router.GET("/debug/pprof/*profile", profile)
	for path, handler := range map[string]gin.HandlerFunc{"/livez": w.live, "/readyz": w.ready} {
		router.GET(path, handler)
		router.HEAD(path, handler)
	}
	return router
}

// metered answers /metrics. It asks for the data version first, so that its age
// is right even while nobody else asks.
func (w *world) metered(c *gin.Context) {
	if _, err := w.engine.Version(c.Request.Context()); err != nil {
		w.Logger.WarnContext(c.Request.Context(), "the data version cannot be read for /metrics", "error", err)
	}
	promhttp.HandlerFor(w.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP(c.Writer, c.Request)
}

// profile answers /debug/pprof/. There is no cmdline, because arguments may hold
// the password of a database.
func profile(c *gin.Context) {
	switch c.Param("profile") {
	case "/profile":
		pprof.Profile(c.Writer, c.Request)
	case "/symbol":
		pprof.Symbol(c.Writer, c.Request)
	case "/trace":
		pprof.Trace(c.Writer, c.Request)
	default:
		pprof.Index(c.Writer, c.Request)
	}
}
