package server

import (
	"context"
	"testing"

	"github.com/civgrid/civgrid/analytics"
)

// A movedEngine has data that move on from v0 while it computes for the first time: it
// begins anew on v1, or ends before they have come to rest.
type movedEngine struct {
	fakeEngine
	version, then string
	runs          int
}

func (e *movedEngine) Version(context.Context) (string, error) { return e.version, nil }

func (e *movedEngine) Run(ctx context.Context, name string, given map[string]string) (*analytics.Layer, error) {
	e.runs++
	e.version = e.then
	return e.fakeEngine.Run(ctx, name, given)
}

// TestTagsNameTheVersionThatIsShown: a layer of the version that followed has its tag, and
// one that was computed while the data moved on has none.
func TestTagsNameTheVersionThatIsShown(t *testing.T) {
	for _, at := range []string{"/", "/map.svg", "/layers/hotspot.geojson"} {
		e := &movedEngine{version: "v0", then: "v1"}
		h := newHandler(shows(e), Options{}.orDefaults())
		first, second := do(h, "GET", at, "Accept", browser), do(h, "GET", at, "Accept", browser)
		if tag := first.Header().Get("ETag"); tag == "" || tag != second.Header().Get("ETag") || e.runs != 1 {
			t.Errorf("%s: tag %q, then %q without a change; %d computations", at, tag, second.Header().Get("ETag"), e.runs)
		}
		e = &movedEngine{version: "v0", then: "v2"}
		h = newHandler(shows(e), Options{}.orDefaults())
		first = do(h, "GET", at, "Accept", browser)
		if tag := first.Header().Get("ETag"); first.Code != 200 || tag != "" || first.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s of no version: %d, tag %q, %s", at, first.Code, tag, first.Header().Get("Cache-Control"))
		}
	}
}
