package server

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/inspect"
)

// inspect answers /inspect with the page that inspectors carry.
func (w *world) inspect(c *gin.Context) {
	ctx := c.Request.Context()
	asked, version, err := w.planAsked(ctx, c.Request.URL.RawQuery, []string{"lang"}, inspect.Defaults())
	lang := w.language(c, asked)
	c.Header("Content-Security-Policy", inspect.Policy) // of 304 too: browsers take it from there (RFC 9111, section 3.2)
	c.Header("Content-Language", lang)
	p := inspect.Page{
		Title: w.Title, Lang: lang, Given: asked.given, Query: map[string]string{}, External: !w.NoExternalLinks, Records: w.Write, Photos: w.Write && w.Photos != nil, Keys: w.Write && w.Doorkeeper != nil,
	}
	for name := range asked.given {
		if asked.query.Has(name) {
			p.Query[name] = asked.given[name]
		}
	}
	parts := []string{"inspect", lang, asked.given["start"], fmt.Sprint(p.External, p.Records, p.Photos, p.Keys)}
	if err == nil && w.unchanged(c, version, asked, parts...) {
		return
	}
	if err == nil {
		p.Hierarchy, err = w.tables.Engine().Hierarchy(ctx)
	}
	if err == nil {
		p.Itinerary, err = w.plan(ctx, version, asked.given)
	}
	status := http.StatusOK
	if err != nil {
		note(c.Request, err)
		p.Problem = api.ProblemOf(err)
		status = p.Problem.Status
	}
	var buf bytes.Buffer
	if err := p.Write(&buf); err != nil {
		w.fail(c, fmt.Errorf("write the page of inspectors: %w", err))
		return
	}
	if p.Itinerary != nil {
		w.tag(c, p.Itinerary.Provenance.DataVersion, asked, parts...)
	} else {
		w.tag(c, "", asked)
	}
	c.Data(status, string(api.HTML), buf.Bytes())
}

// inspectAsset answers /inspect/{name}. The service worker is allowed the page itself,
// which lies above its folder (Service Workers, section 4.1).
func (s *server) inspectAsset(c *gin.Context) {
	if c.Param("name") == "sw.mjs" {
		c.Header("Service-Worker-Allowed", "../inspect")
	}
	s.send(c, inspect.Static, inspect.Policy, c.Param("name"))
}
