package jobs

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/page"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

// An Engine computes layers.
type Engine interface {
	Run(ctx context.Context, name string, given map[string]string) (*analytics.Layer, error)
	Params(ctx context.Context, a analytics.Analysis) ([]analytics.Param, error)
}

// Options say what is served.
type Options struct {
	// Engine computes layers, and tells how far it is as engine.WithProgress says.
	Engine Engine
	// Analyses are the processes there are.
	Analyses []analytics.Analysis
	// Store receives what is imported. Nil means that nothing is.
	Store data.Store
	// Base returns the public address of the service, without a slash at the end.
	Base func(*http.Request) string
	// Title is that of the service.
	Title string
	// Version is that of the program. Empty means unknown.
	Version string
	// Now returns the present, for the record of imports.
	Now func() time.Time
	// Upload bounds the files that are imported.
	Upload UploadLimits
}

// service holds the handlers.
type service struct {
	Options
	runner   *Runner
	places   chan struct{} // one for each file that comes, waits or is read
	stampers ingest.StamperCache
}

// A handler answers a request, or returns why not.
type handler func(*gin.Context) error

// Register adds the routes to a router. Their jobs are done by runner.
func Register(router gin.IRouter, runner *Runner, options Options) {
	options.Upload = options.Upload.orDefaults()
	s := &service{Options: options, runner: runner, places: make(chan struct{}, maxParcels)}
	for path, handler := range map[string]handler{
		"/processes":            s.processes,
		"/processes/:processId": s.process,
		"/jobs":                 s.jobs,
		"/jobs/:jobId":          s.job,
		"/jobs/:jobId/results":  s.results,
	} {
		router.GET(path, s.answer(handler))
		router.HEAD(path, s.answer(handler))
	}
	router.POST("/processes/:processId/execution", s.answer(s.execute))
	router.DELETE("/jobs/:jobId", s.answer(s.dismiss))
	if s.Store != nil {
		router.POST("/imports", s.answer(s.imports))
	}
}

// answer turns what a handler returns into a problem, and keeps it with the request
// for whoever writes the log.
func (s *service) answer(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Cache-Control", "private, no-cache")
		c.Writer.Header().Add("Vary", "Accept")
		err := h(c)
		if err == nil {
			return
		}
		_ = c.Error(err)
		if c.Writer.Written() {
			panic(http.ErrAbortHandler) // half an answer must not look like a whole one
		}
		page.WriteProblem(c.Writer, c.Request, s.Title, s.Base(c.Request), api.ProblemOf(err))
	}
}

// json answers with v, or with a page of it where that is asked for.
func (s *service) json(c *gin.Context, code int, v any) error {
	text, err := api.Document(v)
	if err != nil {
		return err
	}
	if api.WantsPage(c.Request, api.JSON) {
		var shown bytes.Buffer
		base := s.Base(c.Request)
		itself := api.Itself(c.Request, api.Address(c.Request, base), api.JSON)
		if err := page.WriteDocument(&shown, text, page.Trail(s.Title, base, c.Request.URL.EscapedPath()), itself); err != nil {
			return err
		}
		c.Data(code, string(api.HTML), shown.Bytes())
		return nil
	}
	c.Data(code, string(api.JSON), text)
	return nil
}

// allowed returns who asks, where they have one of some rights.
func allowed(c *gin.Context, rights ...api.Right) (api.Caller, error) {
	caller := api.CallerOf(c.Request.Context())
	for _, right := range rights {
		if caller.Role.May(right) {
			return caller, nil
		}
	}
	return caller, api.Denied(caller.Role, rights...)
}

// only reads a query of no parameters but those known and f.
func only(c *gin.Context, known ...string) (api.Query, error) {
	known = append([]string{"f"}, known...)
	q, err := api.ParseQuery(c.Request.URL.RawQuery, known)
	if err != nil {
		return q, err
	}
	if f := q.Get("f"); f != "" && f != "json" && f != "html" {
		return q, &api.QueryError{Faults: []api.Fault{{Parameter: "f", Detail: "want json or html"}}, Known: known}
	}
	return q, nil
}
