package ogc

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/page"
)

// A handler answers a request, or returns why not.
type handler func(*gin.Context) error

// answer turns what a handler returns into a problem, and keeps it with the
// request for whoever writes the log.
func (s *service) answer(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		err := steadily(c, h)
		if err == nil {
			return
		}
		p := api.ProblemOf(err)
		_ = c.Error(err)
		if c.Writer.Written() {
			panic(http.ErrAbortHandler) // half an answer must not look like a whole one
		}
		page.WriteProblem(c.Writer, c.Request, s.Title, s.Base(c.Request), p)
	}
}

// lastTry is the key under which a request says that its handler does not begin anew.
const lastTry = "civgrid.lastTry"

// steadily lets a handler begin anew when the data moved on before it came to write,
// so that all of an answer, its entity tag too, is of one data version.
func steadily(c *gin.Context, h handler) error {
	header := c.Writer.Header()
	before := header.Clone()
	for try := 1; try <= maxTries; try++ {
		c.Set(lastTry, try == maxTries)
		if err := h(c); !errors.Is(err, errGone) {
			return err
		}
		clear(header)
		maps.Copy(header, before.Clone())
	}
	return errRestless
}

// known answers 304 where the client has the answer already. The tag depends on
// the data version, which is that of the cursor if there is one, the program and
// everything in the request that counts.
func (s *service) known(c *gin.Context, k *catalog, at *cursor, parts ...string) bool {
	h := c.Writer.Header()
	h.Add("Vary", "Accept")
	if at == nil && k.mixed {
		untag(h)
		return false
	}
	parts = append([]string{k.versionOf(at), s.Version, s.Title, s.View, s.Base(c.Request), c.Request.URL.EscapedPath()}, parts...)
	h.Set("Civgrid-Data-Version", k.versionOf(at))
	return s.tagged(c, api.ETag(parts...))
}

// tagged sets the entity tag of an answer, and answers 304 where the client has it.
func (s *service) tagged(c *gin.Context, tag string) bool {
	h := c.Writer.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", api.Revalidated(c.Request.Context()))
	if !api.Matches(c.GetHeader("If-None-Match"), tag) {
		return false
	}
	c.Status(http.StatusNotModified)
	c.Writer.WriteHeaderNow()
	return true
}

// untag marks an answer that was made while the data moved on: no tag stands for it.
func untag(h http.Header) {
	h.Del("ETag")
	h.Set("Cache-Control", "no-store")
}

// json answers with v, or with a page of it where that is asked for.
func (s *service) json(c *gin.Context, media api.MediaType, v any) error {
	text, err := api.Document(v)
	if err != nil {
		return err
	}
	if media == api.HTML || api.WantsPage(c.Request, media) {
		return s.show(c, media, text)
	}
	if media == api.OpenAPI { // large, and for people there is a page
		var compact bytes.Buffer
		if err := json.Compact(&compact, text); err != nil {
			return err
		}
		text = compact.Bytes()
	}
	c.Data(http.StatusOK, string(media), text)
	return nil
}

// show answers with a JSON text, which is served as media, as a page.
func (s *service) show(c *gin.Context, media api.MediaType, text []byte) error {
	var shown bytes.Buffer
	itself := api.Itself(c.Request, api.Address(c.Request, s.Base(c.Request)), media)
	if err := page.WriteDocument(&shown, text, s.trail(c), itself); err != nil {
		return err
	}
	c.Data(http.StatusOK, string(api.HTML), shown.Bytes())
	return nil
}

// trail leads from the landing page to what a request is for.
func (s *service) trail(c *gin.Context) []api.Link {
	return page.Trail(s.Title, s.Base(c.Request), c.Request.URL.EscapedPath())
}

// plain answers a request that has no parameters but f with a document that
// depends on the state of the data.
func (s *service) plain(c *gin.Context, media api.MediaType, build func(*catalog) (any, error)) error {
	k, err := s.catalog(c.Request.Context())
	if err != nil {
		return err
	}
	return s.document(c, k, media, nil, func(api.Query) (any, error) { return build(k) })
}

// document answers a request whose parameters are f and those of an analysis
// with a document that depends on them and on the state of the data.
func (s *service) document(c *gin.Context, k *catalog, media api.MediaType, params []analytics.Param, build func(api.Query) (any, error)) error {
	known := append([]string{"f"}, names(params)...)
	q, err := api.ParseQuery(c.Request.URL.RawQuery, known)
	if err != nil {
		return err
	}
	if f := q.Get("f"); f != "" && f != "json" && f != "html" {
		return &api.QueryError{Faults: []api.Fault{{Parameter: "f", Detail: "want json or html"}}, Known: known}
	}
	if s.known(c, k, nil, string(media), q.Canonical("f"), strconv.FormatBool(api.WantsPage(c.Request, media))) {
		return nil
	}
	v, err := build(q)
	if err != nil {
		return err
	}
	return s.json(c, media, v)
}
