package ogc_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/storetest"
)

// A movedEngine has data that move on while it computes: it sees them where it says so,
// and begins anew, or does not.
type movedEngine struct {
	*fakeEngine
	to       string // the next version, once
	seen     bool
	communal bool // they move on while communities are read
}

func (e *movedEngine) move() {
	if e.to != "" {
		e.version, e.to = e.to, ""
	}
}

func (e *movedEngine) Run(ctx context.Context, name string, given map[string]string) (*analytics.Layer, error) {
	if e.seen {
		e.move()
	}
	layer, err := e.fakeEngine.Run(ctx, name, given)
	e.move()
	return layer, err
}

func (e *movedEngine) Hierarchy(ctx context.Context) (*data.Hierarchy, error) {
	h, err := e.fakeEngine.Hierarchy(ctx)
	if e.communal {
		e.move()
	}
	return h, err
}

// movingSource is written to while resources are read from it.
type movingSource struct {
	*memory.Store
	write func()
}

func (s movingSource) Scan(ctx context.Context, q data.Query) data.Batches {
	read := s.Store.Scan(ctx, q)
	return func(yield func(data.Batch, error) bool) {
		for b, err := range read {
			s.write()
			if !yield(b, err) {
				return
			}
		}
	}
}

// local asks a handler.
func local(t *testing.T, h http.Handler, at string, headers ...string) answer {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, at, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// sameState tests that a first answer, which was made while the data moved on, has no tag,
// or the tag and the body of those that follow.
func sameState(t *testing.T, h http.Handler, at string, untagged bool) {
	t.Helper()
	first, second := local(t, h, at), local(t, h, at)
	tag, next := first.header.Get("ETag"), second.header.Get("ETag")
	switch {
	case first.status != http.StatusOK || second.status != http.StatusOK || next == "":
		t.Fatalf("%s: %d, then %d with tag %q", at, first.status, second.status, next)
	case untagged && (tag != "" || first.header.Get("Cache-Control") != "no-store"):
		t.Errorf("%s: rows of no version have tag %q, %s", at, tag, first.header.Get("Cache-Control"))
	case !untagged && (tag != next || first.body != second.body):
		t.Errorf("%s: tag %q, then %q without a change; bodies equal: %t", at, tag, next, first.body == second.body)
	}
	if vary := first.header.Values("Vary"); len(vary) != 1 {
		t.Errorf("%s: Vary is given %d times", at, len(vary))
	}
	if again := local(t, h, at, "If-None-Match", next); again.status != http.StatusNotModified {
		t.Errorf("%s with its tag: %d", at, again.status)
	}
}

// TestRowsOfTheNextVersionDoNotGoByThisOne lets the data move on while a layer is
// computed. The engine begins anew, and says of which version the layer is.
func TestRowsOfTheNextVersionDoNotGoByThisOne(t *testing.T) {
	for _, at := range []string{
		"/collections/waiting/items?limit=3", "/collections/waiting/schema", "/styles/waiting", "/collections/waiting/dggs/H3/zones",
		"/collections/waiting/tiles/WebMercatorQuad/10/446/836", "/tiles/WebMercatorQuad/tilejson.json",
	} {
		engine := &movedEngine{fakeEngine: &fakeEngine{version: "v1"}, to: "v2", seen: true}
		sameState(t, handler(engine), at, false)
		if n := engine.runs.Load(); n != 1 {
			t.Errorf("%s: %d computations, want 1: the layer is kept for its version", at, n)
		}
	}
}

// TestRowsOfNoVersionHaveNoTag lets the data move on once more than the engine begins
// anew: such a layer is shown, and neither tagged nor kept.
func TestRowsOfNoVersionHaveNoTag(t *testing.T) {
	for _, at := range []string{"/collections/waiting/items?limit=3", "/collections/waiting/schema", "/collections/waiting/tiles/WebMercatorQuad/10/446/836"} {
		engine := &movedEngine{fakeEngine: &fakeEngine{version: "v1"}, to: "v2"}
		sameState(t, handler(engine), at, true)
		if n := engine.runs.Load(); n != 2 {
			t.Errorf("%s: %d computations, want 2", at, n)
		}
	}
}

// TestCommunitiesAndResourcesAreOfOneVersion lets the data move on while they are read.
func TestCommunitiesAndResourcesAreOfOneVersion(t *testing.T) {
	engine := &movedEngine{fakeEngine: &fakeEngine{version: "v1"}}
	h := handler(engine)
	local(t, h, "/collections") // makes the catalogue
	engine.to, engine.communal = "v2", true
	sameState(t, h, "/collections/communities/items?limit=3", false)

	store, n := memory.New(), 0
	put := func() {
		n++
		row := storetest.Row{"source": "s", "id": "r", "location": data.LocationNone, "name": strconv.Itoa(n)}
		if _, err := store.Append(t.Context(), data.Resources, data.Chunk{}, storetest.Batch(store.Schema(data.Resources), row)); err != nil {
			t.Error(err)
		}
	}
	put()
	router := gin.New()
	source := movingSource{store, func() {
		if n < 2 {
			put()
		}
	}}
	ogc.Register(router, ogc.Options{
		Tables: ogc.NewTables(storeEngine{&fakeEngine{}, store}, source), Title: "Test", Base: func(*http.Request) string { return "" }, Now: sometime,
	})
	sameState(t, router, "/collections/resources/items", false)
}

// TestCollectionsAreOfOneVersion lets the data move on while collections are listed: the
// list is made anew.
func TestCollectionsAreOfOneVersion(t *testing.T) {
	for _, at := range []string{"/collections", "/api", "/collections/waiting/items?limit=3"} {
		engine := &movedEngine{fakeEngine: &fakeEngine{version: "v1"}, to: "v2", communal: true}
		sameState(t, handler(engine), at, false)
	}
}

// TestACursorIsOfOneVersion lets the data move on while the second page, whose rows are
// no longer kept, is made: it is gone.
func TestACursorIsOfOneVersion(t *testing.T) {
	engine := &movedEngine{fakeEngine: &fakeEngine{version: "v1"}}
	page := local(t, handler(engine), "/collections/waiting/items?limit=3")
	_, next, _ := strings.Cut(page.header.Get("Link"), "<")
	next, _, _ = strings.Cut(next, ">")
	engine.to = "v2"
	if a := local(t, handler(engine), next); a.status != http.StatusGone {
		t.Errorf("%s: %d, want 410", next, a.status)
	}
}
