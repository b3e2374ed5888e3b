package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/api/inspect"
	"github.com/civgrid/civgrid/api/route"
	"github.com/civgrid/civgrid/data"
)

// maxPlans is how many itineraries a view keeps.
const maxPlans = 64

// plans are the itineraries made last, by data version and parameters. They are safe for
// concurrent use.
type plans struct {
	mu   sync.Mutex
	kept map[string]*analytics.Itinerary
}

func (p *plans) get(version, asked string) *analytics.Itinerary {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept[version+"\n"+asked]
}

func (p *plans) keep(asked string, it *analytics.Itinerary) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil || len(p.kept) >= maxPlans {
		p.kept = map[string]*analytics.Itinerary{}
	}
	p.kept[it.Provenance.DataVersion+"\n"+asked] = it
}

// plan returns the itinerary of a data version or a later one, which is made in its turn
// as layers are.
func (v *view) plan(ctx context.Context, version string, given map[string]string) (it *analytics.Itinerary, err error) {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		parts = append(parts, fmt.Sprintf("%s=%q", name, given[name]))
	}
	asked := strings.Join(parts, "&")
	if it = v.plans.get(version, asked); it != nil {
		return it, nil
	}
	err = v.tables.Wait(ctx, func() error {
		return v.tables.Make(ctx, func() error {
			it, err = v.engine.Plan(ctx, given)
			return err
		})
	})
	if err == nil {
		v.plans.keep(asked, it)
	}
	return it, err
}

// planAsked reads the query of a plan, with parameters of its own and some that hold
// where nothing is said, and returns the data version by which it was read.
func (w *world) planAsked(ctx context.Context, rawQuery string, own []string, otherwise map[string]string) (asked ask, version string, err error) {
	asked, err = askWith(analytics.Analysis{Name: "plan"}, engine.PlanParams(), withoutEmpty(rawQuery), own)
	if err == nil {
		version, err = w.tables.Engine().Version(ctx)
	}
	if err != nil {
		return asked, "", err
	}
	for name, value := range otherwise {
		if asked.given[name] == "" {
			asked.given[name] = value
		}
	}
	if asked.given["start"] == "" {
		asked.given["start"], err = w.hottest(ctx, version)
	}
	return asked, version, err
}

// hottest returns where inspectors set out who say nothing: at the centre of the cell
// that the page of planners ranks first, or in the middle of the facts where it ranks
// none.
func (w *world) hottest(ctx context.Context, version string) (string, error) {
	at := func(p orb.Point) string { return fmt.Sprintf("%.6f,%.6f", p[0], p[1]) }
	table, _, err := w.tables.Latest(ctx, version, func(version string) (*encode.Table, error) {
		return w.tables.Layer(ctx, version, firstLayer, nil)
	})
	if err == nil {
		if rows, ranked := api.Ranked(table.Layer); ranked > 0 {
			return at(table.Layer.Frame.Cells[rows[0]].Centre()), nil
		}
	}
	box, _, _, err := w.tables.Engine().Extent(ctx)
	if err == nil && box.IsEmpty() {
		err = fmt.Errorf("plan inspections: %w: the store holds nothing", data.ErrNotFound)
	}
	return at(box.Center()), err
}

// warm makes the layer that the page of planners opens with, and the plan that the page of
// inspectors does. A private service shows the public nothing.
func (w *world) warm(ctx context.Context) error {
	if w.Private {
		return nil
	}
	version, err := w.tables.Engine().Version(ctx)
	if err != nil {
		return err
	}
	first, err := w.ask(w.opening(ctx, ""), pageParameters())
	if err == nil {
		_, _, err = w.tables.Latest(ctx, version, func(version string) (*encode.Table, error) {
			return w.tables.Layer(ctx, version, first.analysis.Name, first.given)
		})
	}
	if w.tellsOpenData() {
		return err // open data has no plan
	}
	asked, version, planErr := w.planAsked(ctx, "", nil, inspect.Defaults())
	if planErr == nil {
		_, planErr = w.plan(ctx, version, asked.given)
	}
	return errors.Join(err, planErr)
}

// planFile returns what answers /plan.{extension} with what civgrid plan writes.
func (w *world) planFile(format route.Format) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx := c.Request.Context()
		asked, version, err := w.planAsked(ctx, c.Request.URL.RawQuery, nil, nil)
		if err == nil && w.unchanged(c, version, asked, format.Name, asked.given["start"]) {
			return
		}
		var it *analytics.Itinerary
		if err == nil {
			it, err = w.plan(ctx, version, asked.given)
		}
		if err != nil {
			w.fail(c, err)
			return
		}
		w.tag(c, it.Provenance.DataVersion, asked, format.Name, asked.given["start"])
		c.Header("Content-Type", string(format.MediaType))
		c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="plan-%s%s"`, it.Begin.Format("2006-01-02"), format.Extension))
		w.whole(c, len(it.Stops), func(to io.Writer) error { return route.Write(to, format.Name, it) })
	}
}

// planExtension describes the plan and the page of inspectors.
func planExtension() api.Extension {
	type object = map[string]any
	var formats []string
	content := object{}
	for _, f := range route.Formats() {
		formats = append(formats, strings.TrimPrefix(f.Extension, "."))
		content[f.MediaType.Bare()] = object{"schema": object{"type": "string"}}
	}
	content[api.GeoJSON.Bare()] = object{"schema": object{"type": "object"}}
	parameters := []object{{"name": "format", "in": "path", "required": true, "schema": object{"type": "string", "enum": formats}}}
	for _, p := range engine.PlanParams() {
		doc := api.ParamDoc(p)
		if p.Name == "start" {
			doc = "Where the inspector sets out: longitude and latitude, WGS 84. Default: the hottest cell."
		}
		parameters = append(parameters, object{"name": p.Name, "in": "query", "required": false, "style": "form", "explode": false, "description": doc, "schema": api.ParamSchema(p)})
	}
	operation := object{
		"operationId": "getPlan", "summary": "Where an inspector goes on a day, and why", "parameters": parameters,
		"responses": object{"200": object{"description": "The stops, in the order of visits", "content": content}, "default": object{"$ref": "#/components/responses/Problem"}},
	}
	return api.Extension{
		Links: []api.Link{
			{Href: "/inspect", Rel: "related", Type: api.HTML.Bare(), Title: "The page of inspectors"},
			{Href: "/plan.geojson", Rel: "related", Type: api.GeoJSON.Bare(), Title: "Where inspectors go, and why"},
		},
		Paths: object{"/plan.{format}": object{"get": operation}},
	}
}

// registerPlans adds the routes of plans.
func (w *world) registerPlans(router gin.IRouter) {
	for _, format := range route.Formats() {
		path, handler := "/plan"+format.Extension, w.planFile(format)
		router.Handle(http.MethodGet, path, handler)
		router.Handle(http.MethodHead, path, handler)
	}
}
