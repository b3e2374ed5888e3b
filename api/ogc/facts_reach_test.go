package ogc_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

// A heldSource begins scans, and goes on with them once hold is closed.
type heldSource struct {
	*memory.Store
	hold  chan struct{}
	scans atomic.Int64
}

func (s *heldSource) Scan(ctx context.Context, q data.Query) data.Batches {
	s.scans.Add(1)
	select {
	case <-s.hold:
	case <-ctx.Done():
	}
	return s.Store.Scan(ctx, q)
}

// TestNobodyWaitsForTheExtentLongerThanAsked has one request look for it while others
// want it too, of which one ends.
func TestNobodyWaitsForTheExtentLongerThanAsked(t *testing.T) {
	source := &heldSource{Store: someFacts(t, 10), hold: make(chan struct{})}
	service := factHandler(&fakeEngine{version: "v1"}, &ogc.Facts{Source: source})
	ask := func(ctx context.Context, ended chan int) {
		w := httptest.NewRecorder()
		service.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/collections/incidents", nil).WithContext(ctx))
		ended <- w.Code
	}
	patient, hasty := make(chan int, 3), make(chan int, 1)
	go ask(t.Context(), patient)
	for source.scans.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	ctx, leave := context.WithCancel(t.Context())
	go ask(ctx, hasty)
	for range 2 {
		go ask(t.Context(), patient)
	}
	leave()
	select {
	case <-hasty:
	case <-time.After(5 * time.Second):
		t.Error("a request that was given up waits for the extent that another looks for")
	}
	close(source.hold)
	for range 3 {
		if status := <-patient; status != 200 {
			t.Errorf("who waited: %d", status)
		}
	}
	if n := source.scans.Load(); n != 1 {
		t.Errorf("the extent was looked for %d times", n)
	}
}
