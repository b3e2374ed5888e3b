package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

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

// ask reads the query of the page. Fields of a form that were left empty count
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
	return askFor(a, rawQuery, own)
}

func askFor(a analytics.Analysis, rawQuery string, own []string) (ask, error) {
	known := append([]string(nil), own...)
	params := engine.Params(a)
	for _, p := range params {
		known = append(known, p.Name)
	}
	q, err := api.ParseQuery(withoutEmpty(rawQuery), known)
	if err != nil {
		return ask{analysis: a}, err
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
		if !strings.HasSuffix(part, "=") {
			left = append(left, part)
		}
	}
	return strings.Join(left, "&")
}

// page answers / for browsers.
func (s *server) page(c *gin.Context) {
	ctx := c.Request.Context()
	asked, err := s.ask(c.Request.URL.RawQuery, pageParameters())
	version, versionErr := s.tables.Engine().Version(ctx)
	if err = errors.Join(err, versionErr); err == nil && s.unchanged(c, version, asked, "html", web.Language(asked.query.Get("lang"), c.GetHeader("Accept-Language"))) {
		return
	}
	p := web.Page{
		Title: s.Title, Base: s.base(c.Request), Name: asked.analysis.Name, Given: asked.given, Analyses: engine.Analyses(),
		Lang: web.Language(asked.query.Get("lang"), c.GetHeader("Accept-Language")), Select: asked.query.Get("sel"), All: asked.query.Has("all"),
	}
	if p.Name == "" {
		p.Name = firstLayer
	}
	if setErr := s.setting(ctx, &p); err == nil {
		err = setErr
	}
	if err == nil && !p.Empty {
		p.Layer, err = s.layer(ctx, version, asked)
	}
	status := http.StatusOK
	if err != nil {
		note(c.Request, err)
		p.Problem, p.Layer = api.ProblemOf(err), nil
		status = p.Problem.Status
	}
	s.html(c, status, p)
}

// setting fills in what surrounds any layer.
func (s *server) setting(ctx context.Context, p *web.Page) (err error) {
	e := s.tables.Engine()
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

func (s *server) html(c *gin.Context, status int, p web.Page) {
	var buf bytes.Buffer
	if err := p.Write(&buf); err != nil {
		s.fail(c, fmt.Errorf("write the page: %w", err))
		return
	}
	c.Header("Content-Security-Policy", web.Policy)
	c.Header("Content-Language", p.Lang)
	c.Writer.Header().Add("Vary", "Accept-Language")
	if status != http.StatusOK {
		c.Header("Cache-Control", "no-store")
	}
	c.Data(status, string(api.HTML), buf.Bytes())
}

// layer returns the layer that is asked for.
func (s *server) layer(ctx context.Context, version string, asked ask) (*analytics.Layer, error) {
	table, err := s.tables.Layer(ctx, version, asked.analysis.Name, asked.given)
	if err != nil {
		return nil, err
	}
	return table.Layer, nil
}

// unchanged answers 304 where the client has the answer already.
func (s *server) unchanged(c *gin.Context, version string, asked ask, parts ...string) bool {
	parts = append(parts, version, s.Version, s.base(c.Request), asked.analysis.Name, asked.query.Canonical())
	tag := api.ETag(parts...)
	c.Header("ETag", tag)
	c.Header("Cache-Control", "public, max-age=0, must-revalidate")
	if !api.Matches(c.GetHeader("If-None-Match"), tag) {
		return false
	}
	c.Status(http.StatusNotModified)
	c.Writer.WriteHeaderNow()
	return true
}

// svg answers /map.svg with the map as a picture.
func (s *server) svg(c *gin.Context) {
	ctx := c.Request.Context()
	asked, err := s.ask(c.Request.URL.RawQuery, pageParameters())
	if err != nil {
		s.fail(c, err)
		return
	}
	lang := web.Language(asked.query.Get("lang"), c.GetHeader("Accept-Language"))
	version, err := s.tables.Engine().Version(ctx)
	if err == nil && s.unchanged(c, version, asked, "svg", lang) {
		return
	}
	var layer *analytics.Layer
	var h *data.Hierarchy
	if err == nil {
		layer, err = s.layer(ctx, version, asked)
	}
	if err == nil {
		h, err = s.tables.Engine().Hierarchy(ctx)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Header("Content-Type", string(api.SVG))
	c.Writer.Header().Add("Vary", "Accept-Language")
	s.streamed(c, web.Map{Layer: layer, Hierarchy: h, Lang: lang, Select: asked.query.Get("sel")}.WriteSVG(c.Writer))
}

// file answers /layers/{name}.{extension} with a whole layer: what civgrid
// analyze writes.
func (s *server) file(c *gin.Context) {
	name, extension, _ := strings.Cut(c.Param("file"), ".")
	a, err := engine.Find(name)
	format, formatErr := encode.Find(extension)
	if err != nil || formatErr != nil {
		s.fail(c, api.NewProblem("not-found", "Layers are at /layers/{name}.{format}, such as /layers/hotspot.geojson; formats are geojson, csv, json and table."))
		return
	}
	asked, err := askFor(a, c.Request.URL.RawQuery, []string{"bom"})
	if err != nil {
		s.fail(c, err)
		return
	}
	ctx := c.Request.Context()
	version, err := s.tables.Engine().Version(ctx)
	if err == nil && s.unchanged(c, version, asked, format.Name) {
		return
	}
	var layer *analytics.Layer
	if err == nil {
		layer, err = s.layer(ctx, version, asked)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Header("Content-Type", string(format.MediaType))
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s%s"`, name, layer.Provenance.Unit, format.Extension))
	options := encode.Options{BOM: asked.query.Get("bom") == "true"}
	if layer.Frame.Len() <= maxRanged && !takesGzip(c.GetHeader("Accept-Encoding")) {
		s.ranged(c, func(w io.Writer) error { return encode.Write(w, format.Name, layer, options) })
		return
	}
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return
	}
	s.streamed(c, encode.Write(c.Writer, format.Name, layer, options))
}

// maxRanged is the most rows of a layer that is written out before it is sent,
// some 100 MB of GeoJSON.
const maxRanged = 100_000

// ranged answers with a known length and with parts on request (RFC 9110,
// section 14), as GDAL's /vsicurl/ needs it.
func (s *server) ranged(c *gin.Context, write func(io.Writer) error) {
	var body bytes.Buffer
	if err := write(&body); err != nil {
		s.fail(c, err)
		return
	}
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(body.Bytes()))
}

// streamed ends an answer whose writing may have failed half way: then the
// connection is cut, so that nobody takes half for a whole.
func (s *server) streamed(c *gin.Context, err error) {
	if err == nil {
		return
	}
	if !c.Writer.Written() {
		s.fail(c, err)
		return
	}
	panic(http.ErrAbortHandler)
}
