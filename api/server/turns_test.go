package server

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// until waits for something that other goroutines bring about.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after 10 s it is not so that %s", what)
		}
	}
}

// gauge returns the value of a metric without labels.
func gauge(t *testing.T, s *Service, name string) float64 {
	t.Helper()
	value, ok := sample(scrape(t, s), name)
	if !ok {
		t.Fatalf("there is no metric %s", name)
	}
	return value
}

// holding returns a service that answers /held only once hold is closed, and
// anything else at once.
func holding(o Options) (s *Service, hold chan struct{}) {
	hold = make(chan struct{})
	inner := newServer(shows(&fakeEngine{}), o.orDefaults())
	return &Service{Handler: inner.surround(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/held" {
			<-hold
		}
	})), operations: inner.public.operations()}, hold
}

func TestTooManyAtOnceAreToldToComeBack(t *testing.T) {
	s, hold := holding(Options{MaxConcurrent: 1, MaxWait: 20 * time.Millisecond})
	first := make(chan int)
	go func() { first <- do(s, "GET", "/held").Code }()
	until(t, "the first is worked on", func() bool { return gauge(t, s, "civgrid_http_requests_working") == 1 })
	if w := do(s, "GET", "/collections"); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("the second request: %d", w.Code)
	}
	if w := do(s, "GET", "/livez"); w.Code != 200 {
		t.Errorf("the probe: %d", w.Code)
	}
	close(hold)
	if status := <-first; status != 200 {
		t.Errorf("the first request: %d", status)
	}
	if w := do(s, "GET", "/collections"); w.Code != 200 {
		t.Errorf("afterwards: %d", w.Code)
	}
}

// TestAQueueIsBounded fills it: who comes then is told at once, whatever the
// others wait for.
func TestAQueueIsBounded(t *testing.T) {
	s, hold := holding(Options{MaxConcurrent: 1, MaxWaiting: 2, MaxWait: time.Minute})
	statuses := make(chan int, 3)
	for range 3 {
		go func() { statuses <- do(s, "GET", "/held").Code }()
	}
	until(t, "two wait for one", func() bool {
		return gauge(t, s, "civgrid_http_requests_waiting") == 2 && gauge(t, s, "civgrid_http_requests_working") == 1
	})
	begin := time.Now()
	if w := do(s, "GET", "/collections"); w.Code != 503 || w.Header().Get("Retry-After") == "" || time.Since(begin) > 10*time.Second {
		t.Errorf("the fourth: %d after %s, Retry-After %q", w.Code, time.Since(begin), w.Header().Get("Retry-After"))
	}
	if n, _ := sample(scrape(t, s), "civgrid_http_requests_refused_total", "problem", "overloaded"); n != 1 {
		t.Errorf("%v were refused, want 1", n)
	}
	close(hold)
	for range 3 {
		if status := <-statuses; status != 200 {
			t.Errorf("one of those who waited got %d", status)
		}
	}
}

// TestLayersThatAreComputedKeepNobodyElseWaiting asks for more layers than there
// are turns of either kind: what needs no computing is answered beside them.
func TestLayersThatAreComputedKeepNobodyElseWaiting(t *testing.T) {
	engine := &fakeEngine{}
	s := handler(engine, Options{MaxConcurrent: 2, MaxComputing: 1, MaxWait: time.Minute})
	kept := do(s, "GET", "/collections/hotspot/items")
	if kept.Code != 200 {
		t.Fatalf("a layer: %d %s", kept.Code, kept.Body)
	}
	engine.hold = make(chan struct{})
	const others, same = 5, 4
	statuses := make(chan int, others+same)
	for i := range others + same {
		go func() {
			statuses <- do(s, "GET", fmt.Sprintf("/collections/density/items?res=%d", 7+i%others%4)).Code
		}()
	}
	until(t, "one layer is computed and three wait", func() bool {
		return gauge(t, s, "civgrid_layers_computing") == 1 && gauge(t, s, "civgrid_layers_waiting") == 3
	})
	until(t, "no turn is held", func() bool { return gauge(t, s, "civgrid_http_requests_working") == 0 })
	for _, target := range []string{"/conformance", "/collections", "/api", "/static/page.css", "/collections/hotspot/items", "/layers/hotspot.csv"} {
		if w := do(s, "GET", target); w.Code != 200 {
			t.Errorf("beside the layers %s gets %d: %s", target, w.Code, w.Body)
		}
	}
	if w := do(s, "GET", "/collections/hotspot/items", "If-None-Match", kept.Header().Get("ETag")); w.Code != 304 {
		t.Errorf("beside the layers what a client has gets %d, want 304", w.Code)
	}
	close(engine.hold)
	for range others + same {
		if status := <-statuses; status != 200 {
			t.Errorf("a layer got %d, want 200", status)
		}
	}
	for _, name := range []string{"civgrid_layers_computing", "civgrid_layers_waiting", "civgrid_http_requests_working", "civgrid_http_requests_waiting"} {
		if value := gauge(t, s, name); value != 0 {
			t.Errorf("at the end %s is %v, want 0", name, value)
		}
	}
}

// TestLayersThatCannotBeComputedSoonAreRefused has one layer take the only turn.
func TestLayersThatCannotBeComputedSoonAreRefused(t *testing.T) {
	engine := &fakeEngine{hold: make(chan struct{})}
	s := handler(engine, Options{MaxComputing: 1, MaxWaiting: 1, MaxWait: 20 * time.Millisecond})
	first := make(chan int)
	go func() { first <- do(s, "GET", "/layers/density.csv").Code }()
	until(t, "a layer is computed", func() bool { return gauge(t, s, "civgrid_layers_computing") == 1 })
	if w := do(s, "GET", "/layers/hotspot.csv"); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("with the place of those who wait taken: %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	close(engine.hold)
	if status := <-first; status != 200 {
		t.Errorf("the first layer: %d", status)
	}
	if w := do(s, "GET", "/layers/hotspot.csv"); w.Code != 200 {
		t.Errorf("afterwards: %d", w.Code)
	}
	engine.hold, engine.panic = make(chan struct{}), "out of luck"
	close(engine.hold)
	for range 3 { // a turn that a panic took would be missed
		if w := do(s, "GET", "/layers/density.csv?res=7"); w.Code != 500 {
			t.Errorf("a layer that panics: %d", w.Code)
		}
	}
}

// TestLayersWaitForTheirTurnNoLongerThanAsked has the second layer wait in vain.
func TestLayersWaitForTheirTurnNoLongerThanAsked(t *testing.T) {
	engine := &fakeEngine{hold: make(chan struct{})}
	s := handler(engine, Options{MaxComputing: 1, MaxWait: time.Minute, RequestTimeout: 50 * time.Millisecond})
	first := make(chan int)
	go func() { first <- do(s, "GET", "/layers/density.csv").Code }()
	until(t, "a layer is computed", func() bool { return gauge(t, s, "civgrid_layers_computing") == 1 })
	begin := time.Now()
	if w := do(s, "GET", "/layers/hotspot.csv"); w.Code != 503 || time.Since(begin) > 10*time.Second {
		t.Errorf("%d after %s, want 503 within the time of a request", w.Code, time.Since(begin))
	}
	<-first
}

// TestFilesOfLayersAreComputedNoLongerThanOthers: only those of facts take as long as they
// take.
func TestFilesOfLayersAreComputedNoLongerThanOthers(t *testing.T) {
	s := handler(&fakeEngine{hold: make(chan struct{})}, Options{RequestTimeout: 50 * time.Millisecond})
	ended := make(chan int)
	go func() { ended <- do(s, "GET", "/exports/density.csv").Code }()
	select {
	case status := <-ended:
		if status != 503 {
			t.Errorf("a layer that takes too long: %d, want 503", status)
		}
	case <-time.After(10 * time.Second):
		t.Error("a layer is computed without end")
	}
}

// TestSlowClientsHoldNoTurn has clients that read nothing, with one turn and so
// four places for those who are slow.
func TestSlowClientsHoldNoTurn(t *testing.T) {
	if testing.Short() {
		t.Skip("waits until clients count as slow")
	}
	t.Parallel()
	const size = 64 << 20 // more than any buffer between
	s := newServer(shows(&fakeEngine{}), Options{MaxConcurrent: 1, MaxWait: time.Minute}.orDefaults())
	service := httptest.NewServer(s.surround(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/large" {
			for piece, left := make([]byte, 32<<10), size; left > 0; left -= len(piece) {
				w.Write(piece)
			}
		}
	})))
	t.Cleanup(service.Close)
	ask := func() *http.Response {
		response, err := http.Get(service.URL + "/large") // whose body is not read
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { response.Body.Close() })
		return response
	}
	first := ask()
	if len(s.turns.answers.places) != 1 {
		t.Fatal("the answer has no turn")
	}
	if w := do(service.Config.Handler, "GET", "/small"); w.Code != 200 || len(s.turns.slow) != 1 {
		t.Errorf("behind the slow one: %d, %d are slow, want 200 and 1", w.Code, len(s.turns.slow))
	}
	var last *http.Response
	for range slowAnswers {
		last = ask()
		until(t, "the turn is free", func() bool { return len(s.turns.answers.places) == 0 })
	}
	if n, err := io.Copy(io.Discard, last.Body); err == nil {
		t.Errorf("the answer to one more ends after %d bytes as if it were whole", n)
	}
	if n, err := io.Copy(io.Discard, first.Body); n != size || err != nil {
		t.Errorf("the rest of the first answer has %d bytes (%v), want %d", n, err, size)
	}
	until(t, "its place is free", func() bool { return len(s.turns.slow) == slowAnswers-1 })
}
