package server

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/civgrid/civgrid/api"
)

// movingEngine is of data whose version a test sets.
type movingEngine struct {
	fakeEngine
	mu    sync.Mutex
	moved string
	asked int
}

func (e *movingEngine) Version(context.Context) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked++
	return e.moved, nil
}

func (e *movingEngine) looks() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked
}

func (e *movingEngine) move(version string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.moved = version
}

// serving serves an engine on a port of its own, until the test ends or stop is called.
func serving(t *testing.T, e *movingEngine) (base string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, listener, newHandler(shows(e), Options{}.orDefaults())) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return "http://" + listener.Addr().String(), stop
}

// A heardEvent is an event as a client reads it.
type heardEvent struct {
	SpecVersion, ID, Source, Type, Subject string
	Data                                   struct {
		DataVersion string `json:"data_version"`
		Href        string
	}
}

// listen opens a stream of changes; events come by the channel, which is closed at the
// end of the stream.
func listen(t *testing.T, ctx context.Context, base, last string) (events chan heardEvent, header http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+changesPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "gzip")
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	events = make(chan heardEvent, 16)
	go func() {
		defer close(events)
		defer response.Body.Close()
		id := ""
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			switch field, value, _ := strings.Cut(lines.Text(), ": "); field {
			case "id":
				id = value
			case "data":
				var e heardEvent
				if err := json.Unmarshal([]byte(value), &e); err != nil || e.ID != id {
					t.Errorf("event %q of id %q: %v", value, id, err)
				}
				events <- e
			}
		}
	}()
	return events, response.Header
}

func next(t *testing.T, events chan heardEvent, kind, version string) {
	t.Helper()
	select {
	case e, open := <-events:
		if !open || e.Type != kind || e.Data.DataVersion != version || e.SpecVersion != "1.0" || !strings.HasSuffix(e.Source, "/") {
			t.Errorf("event %+v (open %t), want %s of %s", e, open, kind, version)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("no event, want %s of %s", kind, version)
	}
}

// TestChangesAreTold follows the data over two changes, goes away, and comes back.
func TestChangesAreTold(t *testing.T) {
	e := &movingEngine{moved: "v1"}
	base, _ := serving(t, e)
	ctx, leave := context.WithCancel(t.Context())
	events, header := listen(t, ctx, base, "")
	if header.Get("Content-Type") != "text/event-stream" || header.Get("Content-Encoding") != "" || header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", header)
	}
	next(t, events, currentData, "v1")
	e.move("v2")
	next(t, events, changed, "v2")
	e.move("v3")
	next(t, events, changed, "v3")
	leave()
	for range events {
		t.Error("an event after the end")
	}
	e.move("v4")
	e.move("v5")
	again, _ := listen(t, t.Context(), base, "v3")
	next(t, again, changed, "v5") // what was missed, once
	same, _ := listen(t, t.Context(), base, "v5")
	next(t, same, currentData, "v5")
}

// TestListenersShareALook has 50 listen for two seconds.
func TestListenersShareALook(t *testing.T) {
	t.Parallel()
	e := &movingEngine{moved: "v1"}
	base, _ := serving(t, e)
	for range 50 {
		events, _ := listen(t, t.Context(), base, "")
		next(t, events, currentData, "v1")
	}
	before, began := e.looks(), time.Now()
	time.Sleep(2 * time.Second)
	most := int(time.Since(began)/(api.LookEvery/2)) + 2
	if n := e.looks() - before; n > most {
		t.Errorf("50 listeners look %d times in %s, want %d at most", n, time.Since(began), most)
	}
}

// TestOneClientCannotTakeAllStreams opens as many as it may have, of 1,000 there are.
func TestOneClientCannotTakeAllStreams(t *testing.T) {
	s := &server{Options: Options{TrustProxy: true}}
	open := func(address string, caller api.Caller) (func(), *api.Problem) {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, changesPath, nil)
		r.Header.Set("X-Forwarded-For", address)
		_, done, err := s.stream(r.WithContext(api.WithCaller(r.Context(), caller)))
		if err != nil {
			return nil, api.ProblemOf(err)
		}
		return done, nil
	}
	for name, caller := range map[string]api.Caller{"an address": {}, "a key": {ID: "key:1", Role: api.Reader}} {
		var ends []func()
		for {
			done, p := open("2001:db8::"+strconv.Itoa(len(ends)), caller) // of one network
			if p != nil {
				if p.Status != 429 || p.RetryAfter == 0 || len(ends) != 100 {
					t.Errorf("of %s: after %d streams %+v, want 429 after 100", name, len(ends), p)
				}
				break
			}
			ends = append(ends, done)
		}
		for _, other := range []api.Caller{{}, {ID: "key:2", Role: api.Reader}} {
			done, p := open("192.0.2.1", other)
			if p != nil {
				t.Fatalf("beside %s: %v", name, p)
			}
			done()
		}
		ends[0]()
		done, p := open("2001:db8::1", caller)
		if p != nil {
			t.Errorf("of %s, one less: %v", name, p)
		}
		ends[0] = done
		for _, end := range ends {
			end()
		}
	}
	for i := range 1000 {
		if _, p := open("192.0.2."+strconv.Itoa(i%200), api.Caller{}); p != nil {
			t.Fatalf("stream %d: %v", i+1, p)
		}
	}
	if _, p := open("198.51.100.1", api.Caller{}); p == nil || p.Status != 503 || p.RetryAfter == 0 {
		t.Errorf("one more: %+v, want 503", p)
	}
}

// TestStreamsEnd with the client, and with the service, which does not wait for them.
func TestStreamsEnd(t *testing.T) {
	e := &movingEngine{moved: "v1"}
	base, stop := serving(t, e)
	before := runtime.NumGoroutine()
	ctx, leave := context.WithCancel(t.Context())
	for range 20 {
		events, _ := listen(t, ctx, base, "")
		next(t, events, currentData, "v1")
	}
	leave()
	http.DefaultClient.CloseIdleConnections()
	deadline := time.Now().Add(20 * time.Second)
	for runtime.NumGoroutine() > before+5 && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before+5 {
		t.Errorf("%d goroutines after 20 clients have gone, %d before", n, before)
	}
	events, _ := listen(t, t.Context(), base, "")
	next(t, events, currentData, "v1")
	began := time.Now()
	stop()
	for range events {
		t.Error("an event after the end")
	}
	if took := time.Since(began); took > shutdownTimeout/2 {
		t.Errorf("the service ended after %v, it waited for a stream", took)
	}
}

// TestChangesAreAskedForByHead: what they would be is told without a stream.
func TestChangesAreAskedForByHead(t *testing.T) {
	if w := do(handler(&fakeEngine{}, Options{}), http.MethodHead, changesPath); w.Code != 200 || w.Header().Get("Content-Type") != "text/event-stream" {
		t.Errorf("HEAD: %d %v", w.Code, w.Header())
	}
}
