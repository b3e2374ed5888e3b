package server

import (
	"bytes"
	"context"
	"html/template"
	"maps"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/api/report"
	"github.com/civgrid/civgrid/api/web"
)

// maxReports is how often a report is begun anew so that its map is of the same data.
const maxReports = 3

// report answers /report with the tables that planners publish: as pages for the
// printer, with a map of the areas, or as files.
func (w *world) report(c *gin.Context) {
	format, asked, err := askReport(c.Request)
	if err != nil {
		w.fail(c, err)
		return
	}
	ctx := c.Request.Context()
	c.Writer.Header().Add("Vary", "Accept")
	lang := w.language(c, asked)
	parts := []string{"report", format.Name, lang}
	version, err := w.tables.Engine().Version(ctx)
	if err == nil && w.unchanged(c, version, asked, parts...) {
		return
	}
	var made *analytics.Report
	o := report.Options{Lang: lang}
	if err == nil {
		made, o.Picture, err = w.reportOf(ctx, asked, lang, format.MediaType == api.HTML)
	}
	var text bytes.Buffer
	if err == nil {
		err = report.Write(&text, format.Name, made, o)
	}
	if err != nil {
		w.fail(c, err)
		return
	}
	if made.Provenance.DataVersion != version {
		w.tag(c, made.Provenance.DataVersion, asked, parts...)
	}
	if c.Header("Content-Language", lang); format.MediaType == api.HTML {
		c.Header("Content-Security-Policy", report.Policy())
	} else {
		c.Header("Content-Disposition", `attachment; filename="`+reportName(made)+format.Extension+`"`)
	}
	c.Data(http.StatusOK, string(format.MediaType), text.Bytes())
}

// askReport reads the query of a report, and in which format it is asked for.
func askReport(r *http.Request) (report.Format, ask, error) {
	asked, err := askWith(indicator.Analysis, engine.ReportParams(), withoutEmpty(r.URL.RawQuery), []string{"f", "lang"})
	if err != nil {
		return report.Format{}, asked, err
	}
	format, err := reportFormat(asked.query.Get("f"), r.Header.Get("Accept"))
	return format, asked, err
}

// reportFormat chooses the format by f, else by Accept, else pages.
func reportFormat(name, accept string) (report.Format, error) {
	if name != "" {
		f, err := report.Find(name)
		if err != nil {
			return f, &api.QueryError{Faults: []api.Fault{{Parameter: "f", Detail: "want one of " + strings.Join(reportFormats(), ", ")}}}
		}
		return f, nil
	}
	pages, err := report.Find("html")
	if err != nil {
		return pages, err
	}
	offers := []api.MediaType{pages.MediaType}
	for _, f := range report.Formats() {
		offers = append(offers, f.MediaType)
	}
	media, ok := api.Negotiate(accept, offers)
	for _, f := range report.Formats() {
		if ok && f.MediaType == media {
			return f, nil
		}
	}
	return pages, api.NewProblem("not-acceptable", "Reports are served as "+strings.Join(reportFormats(), ", ")+".")
}

func reportFormats() (names []string) {
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// reportOf computes a report and, where it is wanted, the map of its areas of the same
// data version. While the data change without a pause the last try is taken as of no
// version.
func (w *world) reportOf(ctx context.Context, asked ask, lang string, pictured bool) (made *analytics.Report, picture template.HTML, err error) {
	for try := 1; ; try++ {
		err := w.tables.Wait(ctx, func() error {
			return w.tables.Make(ctx, func() (err error) {
				made, err = w.engine.Report(ctx, asked.given)
				return err
			})
		})
		if err != nil || !pictured {
			return made, "", err
		}
		version := made.Provenance.DataVersion
		given := maps.Clone(asked.given)
		given["level"] = made.Provenance.Unit
		table, of, err := w.tables.Latest(ctx, version, func(version string) (*encode.Table, error) {
			return w.tables.Layer(ctx, version, indicator.Analysis.Name, given)
		})
		if err != nil {
			return made, "", err
		}
		if of != version && try < maxReports {
			continue
		}
		if of != version {
			made.Provenance.DataVersion = ""
		}
		picture, err = w.figure(ctx, table.Layer, lang)
		return made, picture, err
	}
}

// figure draws the map of a report.
func (w *world) figure(ctx context.Context, layer *analytics.Layer, lang string) (template.HTML, error) {
	h, err := w.tables.Engine().Hierarchy(ctx)
	if err != nil {
		return "", err
	}
	var drawn bytes.Buffer
	err = web.Map{Layer: layer, Hierarchy: h, Lang: lang}.WriteFigure(&drawn)
	return template.HTML(drawn.String()), err //nolint:gosec // every text in it was escaped
}

// reportName is what a file of a report is called: indicator, version and period.
func reportName(r *analytics.Report) string {
	p := r.Provenance
	plain := func(c rune) rune {
		if c == '@' {
			return '-'
		}
		if c < 0x80 && (c == '.' || c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return c
		}
		return '_'
	}
	day := func(at string) string { return at[:len("2006-01-02")] }
	return strings.Map(plain, "report-"+p.Indicator+"-"+day(api.ShowMoment(p.From, p.Zone))+"-"+day(api.ShowMoment(p.To, p.Zone)))
}

// reportExtension describes /report.
func reportExtension() api.Extension {
	type object = map[string]any
	query := func(name, doc string, schema object) object {
		return object{"name": name, "in": "query", "required": false, "style": "form", "explode": false, "description": doc, "schema": schema}
	}
	parameters := []object{
		query("f", "The format; if it is not given, Accept says which, else html.", object{"type": "string", "enum": reportFormats()}),
		query("lang", "The language; if it is not given, Accept-Language says which.", object{"type": "string", "enum": api.Languages()}),
	}
	for _, p := range engine.ReportParams() {
		parameters = append(parameters, query(p.Name, api.ParamDoc(p), api.ParamSchema(p)))
	}
	content := object{}
	for _, f := range report.Formats() {
		content[string(f.MediaType)] = object{"schema": object{"type": "string"}}
	}
	return api.Extension{
		Links: []api.Link{{Href: "/report", Rel: "related", Type: api.HTML.Bare(), Title: "The tables that planners publish, to print"}},
		Paths: map[string]any{"/report": object{"get": object{
			"operationId": "getReport", "summary": "The tables that planners publish of an indicator", "parameters": parameters,
			"responses": object{
				"200":     object{"description": "The report", "content": content},
				"304":     object{"$ref": "#/components/responses/NotModified"},
				"default": object{"$ref": "#/components/responses/Problem"},
			},
		}}},
	}
}
