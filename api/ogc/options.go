package ogc

import (
	"context"
	"maps"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// An Engine computes layers. It is engine.Engine, or what a test puts in its
// place.
type Engine interface {
	Run(ctx context.Context, name string, given map[string]string) (*analytics.Layer, error)
	Version(ctx context.Context) (string, error)
	Hierarchy(ctx context.Context) (*data.Hierarchy, error)
	Settings(ctx context.Context) (data.Settings, error)
	Extent(ctx context.Context) (box orb.Bound, from, to time.Time, err error)
	Params(ctx context.Context, a analytics.Analysis) ([]analytics.Param, error)
	Parties(ctx context.Context, d data.Dataset) ([]data.Level, error)
}

// Options say what is served.
type Options struct {
	// Tables keeps what was computed. It must be set.
	Tables *Tables
	// Analyses are the analyses there are.
	Analyses []analytics.Analysis
	// Facts says how incidents and inspections are served; nil means that they are
	// not.
	Facts *Facts
	// View names what callers are shown, where others are shown another: answers of
	// different views have different entity tags.
	View string
	// Identified says that callers can say who they are, Private that they have to.
	Identified, Private bool
	// First names the analysis that tiles of the whole dataset show where none is
	// chosen. Empty means the first of Analyses.
	First string
	// Title and Description stand on the landing page.
	Title, Description string
	// Version is that of the program, for the OpenAPI document and entity tags.
	Version string
	// Base returns the public address of the service, without a slash at the
	// end.
	Base func(*http.Request) string
	// Secret signs cursors, so that one made by somebody else is told from ours.
	// Nil means a key that everybody knows: a cursor says no more than where to
	// go on reading, so that harms nobody.
	Secret []byte
	// TagSecret signs the entity tags of facts, which are made of more than a caller may
	// be shown. Nil means a key that everybody knows.
	TagSecret []byte
	// Now returns the present, for timeStamp.
	Now func() time.Time
	// Extensions are what other parts of the service add to its description.
	Extensions []api.Extension
	// Home answers / for browsers with a page that shows the links of the landing page.
	// Nil means that they get a page of those alone.
	Home func(*gin.Context, []api.Link)
}

// service holds the handlers.
type service struct {
	Options
	latest  atomic.Pointer[catalog] // the last one made
	watches map[data.Dataset]*watch // of facts whose changes are told
}

// Register adds the routes to a router.
func Register(router gin.IRouter, options Options) {
	s := &service{Options: options, watches: newWatches(options.Facts)}
	routes := map[string]handler{
		"/":                                           s.landing,
		"/conformance":                                s.conformance,
		"/api":                                        s.openAPI,
		"/collections":                                s.collections,
		"/collections/:collectionId":                  s.collection,
		"/collections/:collectionId/items":            s.items,
		"/collections/:collectionId/schema":           s.schema,
		"/collections/:collectionId/queryables":       s.queryables,
		"/collections/:collectionId/sortables":        s.sortables,
		"/collections/:collectionId/feature-schema":   s.featureSchema,
		"/collections/:collectionId/items/:featureId": s.item,
		"/collections/:collectionId/changes":          s.changes,
		"/exports":                                    s.exports,
		"/exports/:file":                              s.export,
	}
	maps.Copy(routes, s.tileRoutes())
	maps.Copy(routes, s.styleRoutes())
	maps.Copy(routes, s.gridRoutes())
	for path, handler := range routes {
		router.GET(path, s.answer(handler))
		router.HEAD(path, s.answer(handler))
	}
	s.writeRoutes(router)
}
