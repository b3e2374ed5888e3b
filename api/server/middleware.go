package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/page"
)

// surround puts the middleware around the routes, outermost first: request id,
// access log, recovery, security headers, CORS, age, limits, rate, audit log, who asks,
// turns, compression.
func (s *server) surround(routes http.Handler) http.Handler {
	h := compress(routes)
	h = s.gate(h)
	h = s.admit(h)
	h = s.audit(h)
	h = s.throttle(h)
	h = s.limit(h)
	h = s.dated(h)
	h = cors(h)
	h = secure(h)
	h = s.recover(h)
	h = s.log(h)
	return s.identify(h)
}

// identify gives each request an id that appears in logs, in a header and in
// problems. It is random, so that it tells nothing of other requests. One handed in by
// a trusted proxy is kept where it is harmless; anybody else's could be that of the
// requests of others in the audit log.
func (s *server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !s.TrustProxy || id == "" || len(id) > 64 || strings.Trim(id, idSigns) != "" {
			id = rand.Text()
		}
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r)
	})
}

const idSigns = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

// A recorder notes what was answered, and cuts the connection of a client that
// takes no more.
type recorder struct {
	http.ResponseWriter
	patience time.Duration // with one piece, and with all beyond what speed allows
	speed    int64         // bytes a second
	blocked  time.Duration // by the client
	status   int
	bytes    int64
}

// How many bytes a second a client must take of an answer, on average over the time
// that writing waits for it: fileSpeed of files of facts, which keep others from theirs.
const (
	minSpeed  = 1 << 10
	fileSpeed = 16 << 10
)

// speedOf returns how fast clients must take what is at a path.
func speedOf(path string) int64 {
	if isFileOfFacts(path) {
		return fileSpeed
	}
	return minSpeed
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	begin := w.renew()
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	w.blocked += time.Since(begin)
	return n, err
}

// renew gives the client its time for what is written next, or for what is left
// in buffers when the handler ends, and returns the present. A writer without
// deadlines, as in tests, has none.
func (w *recorder) renew() time.Time {
	now := time.Now() //nolint:forbidigo // connections are timed by the real clock
	taking := time.Duration(float64(w.bytes) / float64(w.speed) * float64(time.Second))
	left := w.patience + taking - w.blocked
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(now.Add(min(w.patience, left)))
	return now
}

// Unwrap lets http.ResponseController through.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush implements http.Flusher.
func (w *recorder) Flush() {
	w.renew()
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// trailKey is where handlers leave their trail.
type trailKey struct{}

// A trail is what log, metrics and traces are to know of a request.
type trail struct {
	route  string // the template, "" where there is none
	err    error  // what went wrong
	caller api.Caller
	query  string // without keys
}

// log writes one line a request: the path without its query, which may hold
// what is nobody's business, and the error where one of ours stopped here. It
// counts the request as well.
func (s *server) log(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin, noted, left := s.Now(), &recorder{ResponseWriter: w, patience: s.StallTimeout, speed: speedOf(r.URL.Path)}, &trail{}
		ctx, span := s.beginSpan(r)
		ended := false // without a panic, which is how answers are cut
		defer func() {
			noted.renew()
			took := s.Now().Sub(begin)
			gone := noted.status == 0 && r.Context().Err() != nil
			s.metrics.answered(r, left.route, noted, took, ended && !gone)
			endSpan(span, r, left, noted.status, ended && !gone)
			attributes := []slog.Attr{
				slog.String("id", w.Header().Get("X-Request-Id")), slog.String("method", r.Method),
				slog.String("route", left.route), slog.String("path", r.URL.Path),
				slog.Int("status", noted.status), slog.Int64("bytes", noted.bytes), slog.Duration("took", took),
			}
			if left.caller.ID != "" {
				attributes = append(attributes, slog.String("caller", left.caller.ID))
			}
			if id := span.SpanContext().TraceID(); id.IsValid() {
				attributes = append(attributes, slog.String("trace", id.String()))
			}
			level := slog.LevelInfo
			if left.err != nil {
				level = slog.LevelError
				attributes = append(attributes, slog.Any("error", left.err))
			}
			s.Logger.LogAttrs(r.Context(), level, "request", attributes...)
		}()
		next.ServeHTTP(noted, r.WithContext(context.WithValue(ctx, trailKey{}, left)))
		ended = true
	})
}

// note leaves an internal error for the log. What is the client's own fault, or
// comes of its having gone, is not logged as an error.
func note(r *http.Request, err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return
	}
	if left, ok := r.Context().Value(trailKey{}).(*trail); ok && api.ProblemOf(err).Status >= http.StatusInternalServerError {
		left.err = err
	}
}

// leaveTrail leaves the route of a request, and what handlers of other packages
// kept with it, for log, metrics and traces.
func leaveTrail(c *gin.Context) {
	if left, ok := c.Request.Context().Value(trailKey{}).(*trail); ok {
		left.route = c.FullPath()
	}
	defer func() {
		for _, e := range c.Errors {
			note(c.Request, e.Err)
		}
	}()
	c.Next()
}

// recover turns a panic into a problem, or, once an answer has begun, into a
// broken connection. http.ErrAbortHandler is passed on, which is its purpose.
func (s *server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(http.ErrAbortHandler)
			}
			note(r, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
			if begun, ok := w.(*recorder); ok && begun.status != 0 {
				panic(http.ErrAbortHandler)
			}
			page.WriteProblem(w, r, s.Title, s.base(r), api.NewProblem("internal", ""))
		}()
		next.ServeHTTP(w, r)
	})
}

// secure sets the headers that every answer has.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Content-Security-Policy", page.Policy)
		next.ServeHTTP(w, r)
	})
}

// cors opens the service to pages of other origins, without the credentials that a
// browser keeps: who shows a key shows it knowingly. Preflights are answered here (Fetch
// Living Standard, section 3.2.2), other OPTIONS by the routes.
func cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", "Link, Location, ETag, Content-Crs, Content-Datum, OGC-NumberMatched, OGC-NumberReturned, Civgrid-Data-Version, Civgrid-Left-Out, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id")
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE")
			h.Set("Access-Control-Allow-Headers", "Accept, Accept-Language, Authorization, Content-Crs, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer, X-API-Key, X-Requested-With")
			h.Set("Access-Control-Max-Age", "86400")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refuse turns a request away before it comes to a route.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, p *api.Problem) {
	s.metrics.refused.WithLabelValues(p.Slug).Inc()
	page.WriteProblem(w, r, s.Title, s.base(r), p)
}

// limit refuses addresses that are too long.
func (s *server) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.RequestURI) > api.MaxURLBytes || len(r.URL.RawQuery)+len(r.URL.Path) > api.MaxURLBytes {
			s.refuse(w, r, api.NewProblem("uri-too-long", ""))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isProbe(path string) bool { return path == "/livez" || path == "/readyz" || path == "/healthz" }
