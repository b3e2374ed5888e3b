package server

import (
	"fmt"
	"sync"
	"time"

	"github.com/civgrid/civgrid/api"
)

// Bounds of the worlds beside that of the public. What they keep of layers is bounded for
// all of them together; a world takes a quarter of a megabyte beside, and a view the
// study areas of its part.
const (
	// maxWorlds is how many are kept though they rest.
	maxWorlds = 512
	// restAfter is how long nobody has asked in a world that rests. Others are kept
	// however many there are, as they would be built anew at once.
	restAfter = time.Minute
)

// worlds are those of callers who said who they are. They are safe for concurrent use.
type worlds struct {
	mu    sync.Mutex
	of    map[pair]*settled
	views map[string]*sharedView // by scope
}

// A pair is a role and a scope, as it is quoted.
type pair struct {
	role  api.Role
	scope string
}

// A settled world is built when it is asked for, by one request at a time.
type settled struct {
	build func() *world
	used  time.Time // last
}

// A sharedView is that of some worlds of one scope.
type sharedView struct {
	open   func() *view
	worlds int
}

// worldOf returns the world of a caller, built where it is not there yet.
func (s *server) worldOf(c api.Caller) *world {
	if c.Role == api.Anonymous {
		return s.public
	}
	return s.settle(c.Role, c.Scope).build()
}

// settle returns what is settled for a role and scope.
func (s *server) settle(role api.Role, of api.Scope) *settled {
	key, now := pair{role, fmt.Sprintf("%q", []string(of))}, s.Now()
	s.worlds.mu.Lock()
	defer s.worlds.mu.Unlock()
	w := s.worlds.of[key]
	if w == nil {
		open := s.worlds.viewLocked(key.scope, func() *view { return s.newView(false, of) })
		w = &settled{build: sync.OnceValue(func() *world { return s.newWorld(open(), role, of) }), used: now}
		s.worlds.of[key] = w
		s.worlds.restLocked(now)
	}
	w.used = now
	return w
}

// viewLocked returns what opens the view of one more world of a scope.
func (w *worlds) viewLocked(scope string, open func() *view) func() *view {
	v := w.views[scope]
	if v == nil {
		v = &sharedView{open: sync.OnceValue(open)}
		w.views[scope] = v
	}
	v.worlds++
	return v.open
}

// restLocked forgets worlds that rest, those first that have done so for longest, where
// there are too many.
func (w *worlds) restLocked(now time.Time) {
	for len(w.of) > maxWorlds {
		var oldest pair
		last := now
		for key, other := range w.of {
			if other.used.Before(last) {
				oldest, last = key, other.used
			}
		}
		if now.Sub(last) < restAfter {
			return
		}
		delete(w.of, oldest)
		if v := w.views[oldest.scope]; v.worlds > 1 {
			v.worlds--
		} else {
			delete(w.views, oldest.scope)
		}
	}
}
