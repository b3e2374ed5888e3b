package server

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/docs"
	"github.com/civgrid/civgrid/api/web"
)

// docsIndex answers /docs with the first page of the manual.
func (s *server) docsIndex(c *gin.Context) {
	s.manual(c, func(m docs.Manual) ([]byte, bool, error) {
		html, err := m.Index()
		return html, true, err
	})
}

// docsPage answers /docs/{name}.
func (s *server) docsPage(c *gin.Context) {
	s.manual(c, func(m docs.Manual) ([]byte, bool, error) { return m.Page(c.Param("name")) })
}

// licences answers /licenses with the notices of what the program is made of.
func (s *server) licences(c *gin.Context) {
	s.manual(c, func(m docs.Manual) ([]byte, bool, error) {
		html, err := m.Notices(docs.Modules())
		return html, true, err
	})
}

// manual answers with a page of the manual, in the language that is asked for.
func (s *server) manual(c *gin.Context, show func(docs.Manual) (html []byte, ok bool, err error)) {
	q, err := api.ParseQuery(c.Request.URL.RawQuery, []string{"lang"})
	if err != nil {
		s.fail(c, err)
		return
	}
	lang := web.Language(q.Get("lang"), c.GetHeader("Accept-Language"))
	html, ok, err := show(docs.Manual{Title: s.Title, Base: s.base(c.Request), Lang: lang, Commands: s.Commands, Layers: plainLayers()})
	if err == nil && !ok {
		err = api.NewProblem("not-found", "")
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	h := c.Writer.Header()
	h.Add("Vary", "Accept-Language")
	h.Set("ETag", api.ETag(string(html)))
	h.Set("Cache-Control", api.Revalidated(c.Request.Context()))
	if api.Matches(c.GetHeader("If-None-Match"), h.Get("ETag")) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	c.Data(http.StatusOK, string(api.HTML), html)
}

// plainLayers returns the names of the analyses that need no indicator.
func plainLayers() []string {
	var names []string
	for _, a := range engine.Analyses() {
		if !slices.ContainsFunc(a.Params, func(p analytics.Param) bool { return p.Name == indicator.Code }) {
			names = append(names, a.Name)
		}
	}
	return names
}
