package ogc

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// A handler answers a request, or returns why not.
type handler func(*gin.Context) error

// answer turns what a handler returns into a problem, and keeps it with the
// request for whoever writes the log.
func (s *service) answer(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		err := h(c)
		if err == nil {
			return
		}
		p := api.ProblemOf(err)
		_ = c.Error(err)
		if c.Writer.Written() {
			panic(http.ErrAbortHandler) // half an answer must not look like a whole one
		}
		api.WriteProblem(c.Writer, s.Base(c.Request), c.Writer.Header().Get("X-Request-Id"), p)
	}
}

// known answers 304 where the client has the answer already. The tag depends on
// the data version, the program and everything in the request that counts.
func (s *service) known(c *gin.Context, version string, parts ...string) bool {
	parts = append([]string{version, s.Version, s.Title, s.Base(c.Request), c.Request.URL.EscapedPath()}, parts...)
	tag := api.ETag(parts...)
	h := c.Writer.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", api.Revalidated(c.Request.Context()))
	h.Set("Civgrid-Data-Version", version)
	h.Add("Vary", "Accept")
	if !api.Matches(c.GetHeader("If-None-Match"), tag) {
		return false
	}
	c.Status(http.StatusNotModified)
	c.Writer.WriteHeaderNow()
	return true
}

// json answers with v.
func (s *service) json(c *gin.Context, media api.MediaType, v any) error {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return err
	}
	c.Data(http.StatusOK, string(media), buf.Bytes())
	return nil
}

// plain answers a request that has no parameters but f with a document that
// depends on the state of the data.
func (s *service) plain(c *gin.Context, media api.MediaType, build func(*catalog) (any, error)) error {
	return s.document(c, media, nil, func(k *catalog, _ api.Query) (any, error) { return build(k) })
}

// document answers a request whose parameters are f and those of an analysis
// with a document that depends on them and on the state of the data.
func (s *service) document(c *gin.Context, media api.MediaType, params []analytics.Param, build func(*catalog, api.Query) (any, error)) error {
	known := append([]string{"f"}, names(params)...)
	q, err := api.ParseQuery(c.Request.URL.RawQuery, known)
	if err != nil {
		return err
	}
	if f := q.Get("f"); f != "" && f != "json" {
		return &api.QueryError{Faults: []api.Fault{{Parameter: "f", Detail: "is json here"}}, Known: known}
	}
	k, err := s.catalog(c.Request.Context())
	if err != nil {
		return err
	}
	if s.known(c, k.version, string(media), q.Canonical("f")) {
		return nil
	}
	v, err := build(k, q)
	if err != nil {
		return err
	}
	return s.json(c, media, v)
}
