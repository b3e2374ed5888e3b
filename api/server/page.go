package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/api/web"
	"github.com/civgrid/civgrid/data"
)

// firstLayer is what the page shows when nothing is asked for.
const firstLayer = "hotspot"

// ask is a layer as a query asks for it, with the page's own parameters.
type ask struct {
	analysis analytics.Analysis
	given    map[string]string
	query    api.Query
}

// pageParameters are those of the page beside those of the analysis.
func pageParameters() []string { return []string{"layer", "lang", "sel", "all", "f", "test"} }

// ask reads the query of the page. Fields of its form that were left empty count
// as not given.
func (s *server) ask(rawQuery string, own []string) (ask, error) {
	name := firstLayer
	if values, err := url.ParseQuery(rawQuery); err == nil && values.Get("layer") != "" {
		name = values.Get("layer")
	}
	a, err := engine.Find(name)
	if err != nil {
		return ask{}, err
	}
	return askFor(a, withoutEmpty(rawQuery), own)
}

// opening returns the query of what the page opens with where it asks for none: where
// small counts are not told hardly a cell is, so there it is communities.
func (w *world) opening(ctx context.Context, rawQuery string) string {
	q, err := url.ParseQuery(rawQuery)
	if err != nil || w.role != api.Anonymous || w.Engine.MinCount == 0 || q.Has("layer") || q.Has("level") || q.Has("res") {
		return rawQuery
	}
	h, err := w.tables.Engine().Hierarchy(ctx)
	if err != nil {
		return rawQuery // whoever asks next hears why
	}
	for _, level := range h.Levels() {
		if len(h.At(level)) > 1 {
			return strings.TrimPrefix(rawQuery+"&layer=density&level="+string(level), "&")
		}
	}
	return rawQuery
}

// askFor reads the query of a layer.
func askFor(a analytics.Analysis, rawQuery string, own []string) (ask, error) {
	return askWith(a, engine.Params(a), rawQuery, own)
}

// askWith reads a query of some parameters.
func askWith(a analytics.Analysis, params []analytics.Param, rawQuery string, own []string) (ask, error) {
	known := append([]string(nil), own...)
	for _, p := range params {
		known = append(known, p.Name)
	}
	q, err := api.ParseQuery(rawQuery, known)
	if err != nil {
		return ask{analysis: a, given: map[string]string{}}, err
	}
	asked := ask{analysis: a, given: map[string]string{}, query: q}
	for _, p := range params {
		if q.Has(p.Name) {
			asked.given[p.Name] = q.Get(p.Name)
		}
	}
	return asked, nil
}

func withoutEmpty(rawQuery string) string {
	var left []string
	for part := range strings.SplitSeq(rawQuery, "&") {
		if _, value, named := strings.Cut(part, "="); !named || value != "" {
			left = append(left, part)
		}
	}
	return strings.Join(left, "&")
}

// flag returns the value of a parameter that is true or false.
func (a ask) flag(name string) (bool, error) {
	switch a.query.Get(name) {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	}
	return false, &api.QueryError{Faults: []api.Fault{{Parameter: name, Detail: "want true or false"}}}
}

// page answers / for browsers, with links to all that they are shown.
func (w *world) page(c *gin.Context, links []api.Link) {
	ctx := c.Request.Context()
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
		Lang: lang, Select: asked.query.Get("sel"), All: all, Links: links,
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
	c.Header("Content-Security-Policy", web.Policy)
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

// svg answers /map.svg with the map as a picture.
func (w *world) svg(c *gin.Context) {
	ctx := c.Request.Context()
	asked, err := w.ask(w.opening(ctx, c.Request.URL.RawQuery), pageParameters())
	if err != nil {
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
	w.streamed(c, web.Map{Layer: layer, Hierarchy: h, Lang: lang, Select: asked.query.Get("sel")}.WriteSVG(c.Writer))
}
