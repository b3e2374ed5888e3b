package ogc_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo"
)

// A gridEngine has layers by cells of any resolution that is served: those which
// overlap the outlines, numbered in their order.
type gridEngine struct {
	fakeEngine
	areas []data.Community
	asked []string // the resolutions of all runs
}

func (e *gridEngine) Hierarchy(context.Context) (*data.Hierarchy, error) {
	return data.NewHierarchy(e.areas), nil
}

func (e *gridEngine) Params(ctx context.Context, a analytics.Analysis) ([]analytics.Param, error) {
	params, err := e.fakeEngine.Params(ctx, a)
	return append(params, analytics.Param{Name: "res", Kind: analytics.Integer, Max: 15}), err
}

func (e *gridEngine) Run(_ context.Context, name string, given map[string]string) (*analytics.Layer, error) {
	e.runs.Add(1)
	e.given = given
	e.asked = append(e.asked, name+" "+given["res"])
	r, err := geo.ParseResolution(given["res"])
	if err != nil {
		return nil, err
	}
	var outline orb.MultiPolygon
	for _, c := range data.NewHierarchy(districts()).At(data.District) {
		outline = append(outline, c.Outline...)
	}
	if len(e.areas) > 0 {
		outline = e.areas[0].Outline
	}
	cells, err := geo.Cover(outline, r, geo.Overlap)
	if err != nil {
		return nil, err
	}
	rows := len(cells)
	ids, n, share, valid := make([]string, rows), make([]int64, rows), make([]float64, rows), make([]bool, rows)
	for row, c := range cells {
		ids[row], n[row], share[row], valid[row] = c.String(), int64(row), float64(row)/2, row%3 != 0
	}
	return &analytics.Layer{
		Name: name, Title: "Where cases wait longest", Provenance: analytics.Provenance{DataVersion: e.version}, Frame: &analytics.Frame{Unit: analytics.CellsOf(r), Cells: cells},
		Columns: []analytics.Column{
			{Name: "cell", Type: analytics.WordColumn, Words: ids},
			{Name: "n", Type: analytics.IntColumn, Title: "Number", Ints: n},
			{Name: "share", Type: analytics.FloatColumn, Title: "Share", Unit: "share", Floats: share, Valid: valid},
			{Name: "class", Type: analytics.WordColumn, Words: ids},
		},
	}, nil
}

// square returns a district between two corners.
func square(west, south, east, north float64) []data.Community {
	outline := orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
	return []data.Community{{Code: "D1", Level: data.District, Outline: outline}}
}

func serveGrid(t *testing.T, areas []data.Community) (string, *gridEngine) {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	engine := &gridEngine{fakeEngine: fakeEngine{version: "v1"}, areas: areas}
	router := gin.New()
	router.UseRawPath, router.UnescapePathValues = true, true
	ogc.Register(router, ogc.Options{
		Tables: ogc.NewTables(engine, memory.New()), Title: "Test",
		Analyses: []analytics.Analysis{{Name: "waiting", Title: "Where cases wait longest"}, {Name: "near", Title: "Near", Near: true}},
		Base:     func(r *http.Request) string { return api.BaseURL(r, "", false) },
		Now:      func() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) },
	})
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	return server.URL, engine
}

// town is the study area of most tests: 4 km by 4 km.
func town() []data.Community { return square(114.00, 22.50, 114.04, 22.54) }

const ogcRel = "https://www.opengis.net/def/rel/ogc/1.0/"
