package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

// manyCallers serves a lens that counts how often it is looked through.
func manyCallers(now func() time.Time) (s *server, opened *atomic.Int64) {
	opened = new(atomic.Int64)
	s = newServer(func(bool, api.Scope) (worker, data.Store) {
		opened.Add(1)
		return &fakeEngine{}, memory.New()
	}, Options{Now: now}.orDefaults())
	opened.Store(0) // that of the public
	return s, opened
}

// askAs asks a service for what a caller is shown at a path.
func (s *server) askAs(role api.Role, scope api.Scope, path string) int {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	w := httptest.NewRecorder()
	s.dispatch(w, r.WithContext(api.WithCaller(r.Context(), api.Caller{ID: "x", Role: role, Scope: scope})))
	return w.Code
}

// TestHundredsOfWorldsLive has 300 pairs of role and scope ask in turn, again and again:
// each scope's view is opened once.
func TestHundredsOfWorldsLive(t *testing.T) {
	s, opened := manyCallers(time.Now)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 3 {
		for i := range 100 {
			for _, role := range []api.Role{api.Reader, api.Inspector, api.Planner} {
				if status := s.askAs(role, api.Scope{fmt.Sprint(i)}, "/collections"); status != 200 {
					t.Fatalf("%s of %d: %d", role, i, status)
				}
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if n := opened.Load(); n != 100 {
		t.Errorf("100 scopes are opened %d times", n)
	}
	if kB := int64(after.HeapAlloc-before.HeapAlloc) / 300 >> 10; kB > 1024 {
		t.Errorf("a world takes %d kB, so that 512 are too many", kB)
	}
	runtime.KeepAlive(s)
}

// TestWorldsThatRestAreForgotten where there are too many, and no others.
func TestWorldsThatRestAreForgotten(t *testing.T) {
	c := today()
	s, opened := manyCallers(func() time.Time { return c })
	visit := func(from, to int, want int64) {
		t.Helper()
		opened.Store(0)
		for i := from; i < to; i++ {
			s.worldOf(api.Caller{Role: api.Reader, Scope: api.Scope{fmt.Sprint(i)}})
		}
		if n := opened.Load(); n != want {
			t.Errorf("worlds %d to %d are built %d times, want %d", from, to, n, want)
		}
	}
	visit(0, maxWorlds+100, maxWorlds+100)
	visit(0, maxWorlds+100, 0) // all of them in use
	c = c.Add(restAfter)
	visit(100, maxWorlds+100, 0)
	visit(maxWorlds+100, maxWorlds+101, 1) // which 0 to 99 have to go for, and no other
	visit(100, maxWorlds+101, 0)
	if n, views := len(s.worlds.of), len(s.worlds.views); n != maxWorlds+1 || views != n {
		t.Errorf("%d worlds of %d views are left, want %d", n, views, maxWorlds+1)
	}
	visit(0, 1, 1)
}

// TestWorldsOfAScopeShareAView, and scopes that read alike do not.
func TestWorldsOfAScopeShareAView(t *testing.T) {
	s, _ := manyCallers(time.Now)
	world := func(role api.Role, scope ...string) *world { return s.worldOf(api.Caller{Role: role, Scope: scope}) }
	reader, planner, other := world(api.Reader, "A", "B"), world(api.Planner, "A", "B"), world(api.Reader, "A,B")
	if reader == planner || reader.view != planner.view {
		t.Error("two roles of one scope have no view together")
	}
	if reader.view == other.view || string(s.secretOf("tags", api.Reader, reader.scope)) == string(s.secretOf("tags", api.Reader, other.scope)) {
		t.Error("A and B share something with the code A,B")
	}
	if world(api.Reader, "A", "B") != reader {
		t.Error("a world is built anew")
	}
}
