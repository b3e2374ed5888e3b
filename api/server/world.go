package server

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/jobs"
	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/scope"
)

// A world is the service as callers of one role and scope meet it. What they may see is
// all there is in it: their part of the store, what is computed of that, what is kept of
// what was computed, and the routes, with cursors and entity tags of their own. So
// nothing of one world can come to light in another.
type world struct {
	*server
	*view
	role   api.Role
	scope  api.Scope
	routes http.Handler
}

// A view is what is computed of one part of the store. Worlds of one scope share it,
// but for that of the public, whose layers tell less.
type view struct {
	part   data.Store
	engine *meteredEngine
	tables *ogc.Tables
	latest *lookout
	plans  plans
}

// A worker computes layers, the reports that are made of them, and where inspectors go.
type worker interface {
	ogc.Engine
	Report(ctx context.Context, given map[string]string) (*analytics.Report, error)
	Plan(ctx context.Context, given map[string]string) (*analytics.Itinerary, error)
}

// A lens shows a part of a store, to the public or not.
type lens func(public bool, of api.Scope) (worker, data.Store)

// lensOf returns what shows parts of a store.
func lensOf(store data.Store, o Options) lens {
	return func(public bool, of api.Scope) (worker, data.Store) {
		part := store
		if len(of) > 0 {
			part = scope.Of(store, of, scope.Options{Now: o.Now})
		}
		options := o.Engine
		options.Public = public
		if !public {
			options.MinCount = 0 // who says who they are is told every count
		}
		return engine.New(part, options), part
	}
}

// newView opens a view.
func (s *server) newView(public bool, of api.Scope) *view {
	e, part := s.lens(public, of)
	metered := &meteredEngine{worker: e, layers: s.metrics.layers, now: s.Now}
	v := &view{part: part, engine: metered, tables: s.shelf.Tables(metered, part), latest: newLookout()}
	s.turns.attach(v.tables)
	return v
}

// newWorld builds the world of a role and scope on a view.
func (s *server) newWorld(v *view, role api.Role, of api.Scope) *world {
	w := &world{server: s, view: v, role: role, scope: of}
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.UseRawPath = true
	router.UnescapePathValues = true
	router.RedirectTrailingSlash = false
	router.Use(leaveTrail)
	router.NoRoute(s.problem("not-found"))
	router.NoMethod(w.otherMethod)
	ogc.Register(router, ogc.Options{
		Tables: v.tables, Analyses: engine.Analyses(), Facts: s.factsOf(v.part, role), First: firstLayer,
		View: w.shown(), Identified: s.Doorkeeper != nil, Private: s.Private,
		Title: s.Title, Description: "Indicators, hot spots and response times by grid cell and community.",
		Version: s.Version, Base: s.base, Secret: s.secretOf("cursors", role, of), TagSecret: s.secretOf("tags", role, of), Now: s.Now, Home: w.page,
		Extensions: []api.Extension{jobs.Extension(engine.Analyses(), role, s.Write), reportExtension(), planExtension(), s.photoExtension()},
	})
	work := jobs.Options{Engine: v.engine, Analyses: engine.Analyses(), Base: s.base, Title: s.Title, Version: s.Version, Now: s.Now}
	if s.Write {
		work.Store = v.part
	}
	jobs.Register(router, s.jobs, work)
	w.register(router)
	w.routes = router
	return w
}

// shown names what callers of the world are shown, for entity tags.
func (w *world) shown() string {
	if w.role == api.Anonymous {
		return fmt.Sprintf("public %d", w.Engine.MinCount)
	}
	return string(w.role) + " of " + w.scope.String()
}

// factsOf returns how incidents and inspections of a part of the store are shown to
// callers of a role, nil where they are not.
func (s *server) factsOf(part data.Store, role api.Role) *ogc.Facts {
	if !role.May(api.ReadFacts) {
		return nil
	}
	f := &ogc.Facts{Source: part, Personal: role.May(api.ReadPersonal), Turns: s.files}
	if feed, ok := scope.FeedOf(part); ok {
		f.Feed, f.Stream = feed, s.stream
	}
	if role.May(api.WriteFacts) && s.registrar != nil {
		f.Record = func(ctx context.Context, d data.Dataset, expected data.Revision, fact data.Batch) (data.Batch, data.Changes, error) {
			kept, changes, err := s.registrar.record(ctx, part, d, expected, fact)
			if errors.Is(err, scope.ErrOutside) { // which of the two it is, is not for the caller
				err = errors.Join(api.NewProblem("forbidden", "The place of the feature, or its id, is outside of the communities that your key is for."), err)
			}
			return kept, changes, err
		}
	}
	return f
}

// secretOf returns what signs the cursors or tags of a world. One of another world is
// none of ours there. It is of 32 bytes, derived by HKDF (RFC 5869) of SHA-256.
func (s *server) secretOf(use string, role api.Role, of api.Scope) []byte {
	label := fmt.Sprintf("civgrid %s\n%s\n%q", use, role, []string(of))
	secret, err := hkdf.Key(sha256.New, s.Secret, nil, label, sha256.Size)
	if err != nil {
		panic("BUG: HKDF gives no 32 bytes: " + err.Error())
	}
	return secret
}

// dispatch hands a request to the world of who makes it.
func (s *server) dispatch(w http.ResponseWriter, r *http.Request) {
	s.worldOf(api.CallerOf(r.Context())).routes.ServeHTTP(w, r)
}
