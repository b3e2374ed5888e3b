package ogc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/storetest"
)

// storeEngine has the versions of a store whose resources come and change.
type storeEngine struct {
	*fakeEngine
	store *memory.Store
}

func (e storeEngine) Version(ctx context.Context) (string, error) { return e.store.Version(ctx) }

// A history is a store, and all that it held one time after another: names by the ids
// of features.
type history struct {
	store *memory.Store
	mu    sync.Mutex
	held  []map[string]string
}

// put writes resources, by id and name.
func (h *history) put(t *testing.T, names map[string]string) {
	t.Helper()
	var rows []storetest.Row
	for _, id := range slices.Sorted(maps.Keys(names)) {
		rows = append(rows, storetest.Row{"source": "s", "id": id, "location": data.LocationNone, "name": names[id]})
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, err := h.store.Append(t.Context(), data.Resources, data.Chunk{}, storetest.Batch(h.store.Schema(data.Resources), rows...)); err != nil {
		t.Error(err)
	}
	now := map[string]string{}
	if len(h.held) > 0 {
		now = maps.Clone(h.held[len(h.held)-1])
	}
	for id, name := range names {
		now["s:"+id] = name
	}
	h.held = append(h.held, now)
}

// was reports whether the store held this, no more and no less, at some time.
func (h *history) was(names map[string]string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.held, func(held map[string]string) bool { return maps.Equal(held, names) })
}

// serveHistory serves a store that holds forty resources to begin with.
func serveHistory(t *testing.T) (*history, http.Handler) {
	t.Helper()
	h := &history{store: memory.New()}
	first := map[string]string{}
	for i := range 40 {
		first[fmt.Sprintf("r%03d", i)] = "first"
	}
	h.put(t, first)
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	ogc.Register(router, ogc.Options{
		Tables: (&ogc.Shelf{Rows: 30_000}).Tables(storeEngine{&fakeEngine{}, h.store}, h.store), Title: "Test",
		Base: func(*http.Request) string { return "" },
		Now:  sometime,
	})
	return h, router
}

// ask reads a page of a collection that moves: its features by id and name, and the next.
func ask(t *testing.T, service http.Handler, at string) (page featurePage, next string, status int) {
	t.Helper()
	response := httptest.NewRecorder()
	service.ServeHTTP(response, httptest.NewRequestWithContext(t.Context(), http.MethodGet, at, nil))
	if response.Code == http.StatusOK {
		if err := json.Unmarshal(response.Body.Bytes(), &page); err != nil {
			t.Error(err)
		}
	}
	link, _ := relation(page.Links, "next", api.GeoJSON)
	return page, link.Href, response.Code
}

// TestPagesShowOneStateOfAStoreThatMoves reads page after page, while something is
// written beside each: all pages together are what the store held at one time, or the
// cursor has expired.
func TestPagesShowOneStateOfAStoreThatMoves(t *testing.T) {
	h, service := serveHistory(t)
	whole := 0
	for range 25 {
		if readThrough(t, h, service) {
			whole++
		}
	}
	if whole == 0 || len(h.held) < 100 {
		t.Errorf("%d whole readings of %d states, so nothing was tested", whole, len(h.held))
	}
}

// readThrough reads all pages and reports whether it came to the end.
func readThrough(t *testing.T, h *history, service http.Handler) bool {
	t.Helper()
	const first = "/collections/resources/items?limit=9"
	seen, matched := map[string]string{}, 0
	for at := first; at != ""; {
		var writer sync.WaitGroup
		n := len(h.held)
		writer.Go(func() {
			h.put(t, map[string]string{fmt.Sprintf("r%03d", n%40): fmt.Sprint("again ", n), fmt.Sprintf("x%03d", n%60): "new"})
		})
		page, next, status := ask(t, service, at)
		writer.Wait()
		switch {
		case status == http.StatusGone && at != first, status == http.StatusServiceUnavailable && at == first:
			return false
		case status != http.StatusOK:
			t.Fatalf("%s: %d", at, status)
		case at != first && page.NumberMatched != matched:
			t.Errorf("%s matches %d, the page before %d", at, page.NumberMatched, matched)
		}
		for _, f := range page.Features {
			if _, twice := seen[f.ID]; twice {
				t.Errorf("%s comes twice", f.ID)
			}
			seen[f.ID], _ = f.Properties["name"].(string)
		}
		at, matched = next, page.NumberMatched
	}
	if len(seen) != matched || !h.was(seen) {
		t.Errorf("all pages have %d features of %d, which the store did not hold at one time", len(seen), matched)
	}
	return true
}

// TestACursorExpiresWithItsRows writes and reads until the rows of the first page are no
// longer kept: what follows it is told to be gone, not made of other rows.
func TestACursorExpiresWithItsRows(t *testing.T) {
	h, service := serveHistory(t)
	_, next, _ := ask(t, service, "/collections/resources/items?limit=9")
	if page, _, status := ask(t, service, next); status != http.StatusOK || len(page.Features) != 9 {
		t.Fatalf("the second page: %d, %d features", status, len(page.Features))
	}
	for i := range 100 {
		h.put(t, map[string]string{"r000": fmt.Sprint(i)})
		if _, _, status := ask(t, service, "/collections/resources/items?limit=9"); status != http.StatusOK {
			t.Fatalf("the first page of version %d: %d", i, status)
		}
	}
	if _, _, status := ask(t, service, next); status != http.StatusGone {
		t.Errorf("the second page of a version long past: %d, want 410", status)
	}
}
