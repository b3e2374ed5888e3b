package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/docs"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/api/web"
	"github.com/civgrid/civgrid/data"
)

// firstLayer is what the page shows when nothing is asked for.
const firstLayer = "hotspot"

// page answers / for browsers, with links to all that they are shown.
func (w *world) page(c *gin.Context, links []api.Link) {
	ctx := c.Request.Context()
	c.Header("Content-Security-Policy", web.Policy) // of 304 too, which browsers read it from
	asked, err := w.ask(w.opening(ctx, c.Request.URL.RawQuery), pageParameters())
	all, flagErr := asked.flag("all")
	lang := w.language(c, asked)
	version, versionErr := w.tables.Engine().Version(ctx)
	fresh := w.freshness()
	if err = errors.Join(err, flagErr, versionErr); err == nil && w.unchanged(c, version, asked, "html", lang, fresh.Away.String()) {
		return
	}
	p := web.Page{
		Title: w.Title, Base: w.base(c.Request), Name: asked.analysis.Name, Given: asked.given, Analyses: engine.Analyses(),
		Lang: lang, Select: asked.query.Get("sel"), All: all, Sort: asked.query.Get("sort"), Open: w.tellsOpenData(),
		Links: append(links, docs.Manual{Base: w.base(c.Request), Lang: lang}.Link()),
	}
	if p.Name == "" {
		p.Name = firstLayer
	}
	if !fresh.Away.IsZero() {
		p.Away, p.AsOf = fresh.Away, fresh.Looked
	}
	if setErr := w.setting(ctx, &p); err == nil {
		err = setErr
	}
	if err == nil && !p.Empty {
		p.Layer, err = w.layer(c, version, asked, "html", lang, fresh.Away.String())
	}
	if err == nil && p.Layer != nil {
		err = sortable(p.Layer, p.Sort)
	}
	if choiceErr := w.choices(ctx, &p, asked); err == nil {
		err = choiceErr
	}
	status := http.StatusOK
	if err != nil {
		note(c.Request, err)
		p.Problem, p.Layer = api.ProblemOf(err), nil
		status = p.Problem.Status
	}
	w.html(c, status, p)
}

// sortable tests that a layer can be ordered as the parameter sort says.
func sortable(layer *analytics.Layer, by string) error {
	if by == "" {
		return nil
	}
	if _, ok := layer.Column(strings.TrimPrefix(by, "-")); ok {
		return nil
	}
	var known []string
	for _, c := range layer.Columns {
		known = append(known, c.Name)
	}
	detail := fmt.Sprintf("the layer has no column %q; a - before one means the greatest first", strings.TrimPrefix(by, "-"))
	return &api.QueryError{Known: known, Faults: []api.Fault{{Parameter: "sort", Detail: detail}}}
}

// language returns the language to answer in, which the answer then depends on.
func (s *server) language(c *gin.Context, asked ask) string {
	c.Writer.Header().Add("Vary", "Accept-Language")
	return web.Language(asked.query.Get("lang"), c.GetHeader("Accept-Language"))
}

// setting fills in what surrounds any layer.
func (w *world) setting(ctx context.Context, p *web.Page) (err error) {
	e := w.tables.Engine()
	if p.Hierarchy, err = e.Hierarchy(ctx); err != nil {
		return err
	}
	settings, err := e.Settings(ctx)
	if err != nil {
		return err
	}
	p.Resolutions, p.Zone = settings.Resolutions, settings.Zone
	if _, p.From, p.To, err = e.Extent(ctx); err != nil {
		return err
	}
	p.Empty = p.From.IsZero()
	return nil
}

// choices fills in what there is to choose from: indicators, where the analysis
// shows one, and those who answer for the facts of the layer.
func (w *world) choices(ctx context.Context, p *web.Page, asked ask) (err error) {
	dataset := data.Incidents
	if p.Layer != nil && p.Layer.Quality != nil {
		dataset = p.Layer.Quality.Dataset
	}
	e := w.tables.Engine()
	if !asked.analysis.Near {
		if p.Parties, err = e.Parties(ctx, dataset); err != nil {
			return err
		}
	}
	params, err := e.Params(ctx, asked.analysis)
	if err != nil {
		return err
	}
	for _, param := range params {
		if param.Offers == nil {
			continue
		}
		p.Indicators, p.Indicator = param.Offers, param.Default
		code := asked.given[param.Name]
		if slices.ContainsFunc(param.Offers, func(o analytics.Offer) bool { return o.Value == code }) {
			p.Indicator = code
		}
	}
	return nil
}

func (s *server) html(c *gin.Context, status int, p web.Page) {
	var buf bytes.Buffer
	if err := p.Write(&buf); err != nil {
		s.fail(c, fmt.Errorf("write the page: %w", err))
		return
	}
	c.Header("Content-Language", p.Lang)
	if status != http.StatusOK {
		c.Writer.Header().Del("ETag")
		c.Header("Cache-Control", "no-store")
	}
	c.Data(status, string(api.HTML), buf.Bytes())
}

// layer returns the layer that is asked for, of the data version or a later one, by
// which the answer is tagged then.
func (w *world) layer(c *gin.Context, version string, asked ask, parts ...string) (*analytics.Layer, error) {
	ctx := c.Request.Context()
	table, of, err := w.tables.Latest(ctx, version, func(version string) (*encode.Table, error) {
		return w.tables.Layer(ctx, version, asked.analysis.Name, asked.given)
	})
	if err != nil {
		return nil, err
	}
	if of != version {
		w.tag(c, of, asked, parts...)
	}
	return table.Layer, nil
}

// unchanged answers 304 where the client has the answer already.
func (w *world) unchanged(c *gin.Context, version string, asked ask, parts ...string) bool {
	if !api.Matches(c.GetHeader("If-None-Match"), w.tag(c, version, asked, parts...)) {
		return false
	}
	c.Status(http.StatusNotModified)
	c.Writer.WriteHeaderNow()
	return true
}

// tag sets the entity tag of an answer. What was made of no version, while the data
// moved on, has none.
func (w *world) tag(c *gin.Context, version string, asked ask, parts ...string) string {
	if version == "" {
		c.Writer.Header().Del("ETag")
		c.Header("Cache-Control", "no-store")
		return ""
	}
	parts = append(parts, version, w.Version, w.Title, w.shown(), w.base(c.Request), asked.analysis.Name, asked.query.Canonical())
	tag := api.ETag(parts...)
	c.Header("ETag", tag)
	c.Header("Cache-Control", api.Revalidated(c.Request.Context()))
	c.Header("Civgrid-Data-Version", version)
	return tag
}

// svg answers /map.svg with the map as a picture that stands alone or, bare, within the
// page.
func (w *world) svg(c *gin.Context) {
	ctx := c.Request.Context()
	asked, err := w.ask(w.opening(ctx, c.Request.URL.RawQuery), pageParameters())
	bare, flagErr := asked.flag("bare")
	if err = errors.Join(err, flagErr); err != nil {
		w.fail(c, err)
		return
	}
	lang := w.language(c, asked)
	version, err := w.tables.Engine().Version(ctx)
	if err == nil && w.unchanged(c, version, asked, "svg", lang) {
		return
	}
	var layer *analytics.Layer
	var h *data.Hierarchy
	if err == nil {
		layer, err = w.layer(c, version, asked, "svg", lang)
	}
	if err == nil {
		h, err = w.tables.Engine().Hierarchy(ctx)
	}
	if err != nil {
		w.fail(c, err)
		return
	}
	c.Header("Content-Type", string(api.SVG))
	m := web.Map{Layer: layer, Hierarchy: h, Lang: lang, Select: asked.query.Get("sel")}
	if bare {
		w.streamed(c, m.WriteBare(c.Writer))
		return
	}
	w.streamed(c, m.WriteSVG(c.Writer))
}
