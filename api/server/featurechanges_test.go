package server

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/auth"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

// A heard is one server-sent event.
type heard struct {
	id    string // "" if it has none
	event heardEvent
}

// hear opens a stream of changes of features with a key, until the test or the returned
// function ends it.
func (d *desk) hear(t *testing.T, server *httptest.Server, key, target, last string) (events chan heard, leave func()) {
	t.Helper()
	ctx, leave := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(leave)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-API-Key", key)
	request.Header.Set("Last-Event-ID", last)
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatal(response, err)
	}
	events = make(chan heard, 64)
	go func() {
		defer close(events)
		defer response.Body.Close()
		var h heard
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				h.id = value
			case "data":
				if err := json.Unmarshal([]byte(value), &h.event); err != nil {
					t.Error(err)
				}
				events <- h
				h = heard{}
			}
		}
	}()
	return events, leave
}

// expect waits for the next event, which must be of a kind and a subject.
func expect(t *testing.T, events chan heard, kind, subject string) heard {
	t.Helper()
	select {
	case h, open := <-events:
		if !open || h.event.Type != "org.civgrid."+kind || h.event.Subject != subject {
			t.Fatalf("heard %+v (open %v), want %s of %q", h, open, kind, subject)
		}
		return h
	case <-time.After(20 * time.Second):
		t.Fatalf("nothing was heard, want %s of %q", kind, subject)
	}
	return heard{}
}

// TestChangesOfFeatures follows the life of a feature, leaves, comes back, and meets a
// filter. What happens elsewhere in between is not told.
func TestChangesOfFeatures(t *testing.T) {
	d := newDesk(t)
	server := httptest.NewServer(d.service)
	t.Cleanup(server.Close)
	const at = "/collections/incidents/changes"
	events, leave := d.hear(t, server, d.inspector, at, "")
	lamps, _ := d.hear(t, server, d.inspector, at+"?category=lamp", "")
	put := func(key, id, geometry string) {
		t.Helper()
		if w := d.send(key, "PUT", incidentsAt+"/field:"+id, light(geometry, ""), "If-Match", "*"); w.Code != 412 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if w := d.send(key, "PUT", incidentsAt+"/field:"+id, light(geometry, "")); w.Code != 201 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	put(d.inspector, "a", inTheEast)
	first := expect(t, events, "feature.changed", "field:a")
	if first.id == "" || first.event.Data.Href != server.URL+incidentsAt+"/field:a" {
		t.Errorf("the first event is %+v", first)
	}
	put(d.west, "w", inTheWest)
	if w := d.send(d.inspector, "PATCH", incidentsAt+"/field:a", `{"properties":{"category":"lamp"}}`, "If-Match", "*", "Content-Type", "application/merge-patch+json"); w.Code != 200 {
		t.Fatal(w.Body)
	}
	expect(t, events, "feature.changed", "field:a")
	expect(t, lamps, "feature.changed", "field:a")
	leave()
	put(d.west, "v", inTheWest)
	put(d.inspector, "b", inTheEast)
	if w := d.send(d.inspector, "DELETE", incidentsAt+"/field:a", "", "If-Match", "*"); w.Code != 204 {
		t.Fatal(w.Body)
	}
	expect(t, lamps, "feature.withdrawn", "field:a")
	again, _ := d.hear(t, server, d.inspector, at, first.id)
	got := map[string]string{}
	for range 2 {
		h := <-again
		got[h.event.Subject] = h.event.Type
	}
	if got["field:a"] != "org.civgrid.feature.withdrawn" || got["field:b"] != "org.civgrid.feature.changed" {
		t.Errorf("missed were %v", got)
	}
	for _, last := range []string{"nonsense", "AAAAAAAAAAAAAAAAAAAAAA", strings.Repeat("A", 500)} {
		lost, _ := d.hear(t, server, d.inspector, at, last)
		if h := expect(t, lost, "resync", ""); h.id == "" {
			t.Errorf("after %.20s there is no place to go on from", last)
		}
	}
}

// A countedStore counts how often it is asked for changes.
type countedStore struct {
	*memory.Store
	marks, sinces atomic.Int64
}

func (s *countedStore) Mark(ctx context.Context, d data.Dataset) (int64, error) {
	s.marks.Add(1)
	return s.Store.Mark(ctx, d)
}

func (s *countedStore) Since(ctx context.Context, d data.Dataset, mark int64) data.Batches {
	s.sinces.Add(1)
	return s.Store.Since(ctx, d, mark)
}

// TestListenersToFeaturesShareALook has 30 in one world hear of a change, each as it asks,
// for some looks at the store.
func TestListenersToFeaturesShareALook(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	doorkeeper, err := auth.New(auth.Options{Catalog: d.store, Now: today})
	if err != nil {
		t.Fatal(err)
	}
	counted := &countedStore{Store: d.store}
	service := New(counted, Options{Now: today, Doorkeeper: doorkeeper})
	t.Cleanup(func() { _ = service.Close(context.Background()) })
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	const all, at = 30, "/collections/incidents/changes"
	var streams []chan heard
	for i := range all {
		category := []string{"light", "lamp"}[i%2]
		events, _ := d.hear(t, server, d.inspector, at+"?category="+category, "")
		streams = append(streams, events)
	}
	marks, began := counted.marks.Load(), time.Now()
	for _, id := range []string{"a", "b", "c"} {
		if w := d.send(d.inspector, "PUT", incidentsAt+"/field:"+id, light(inTheEast, "")); w.Code != 201 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		for i := 0; i < all; i += 2 {
			expect(t, streams[i], "feature.changed", "field:"+id)
		}
	}
	for i := 1; i < all; i += 2 {
		if len(streams[i]) > 0 {
			t.Errorf("who asks for lamps hears of %+v", <-streams[i])
		}
	}
	most := int64(time.Since(began)/(api.LookEvery/2)) + 2
	if n := counted.marks.Load() - marks; n > most {
		t.Errorf("%d listeners look %d times in %s, want %d at most", all, n, time.Since(began), most)
	}
	if n := counted.sinces.Load(); n != 3 {
		t.Errorf("three changes are read %d times for %d listeners", n, all)
	}
}

// TestWhereThereAreNoChanges of single features to hear of.
func TestWhereThereAreNoChanges(t *testing.T) {
	d := newDesk(t)
	for target, status := range map[string]int{
		"/collections/hotspot/changes": 404, "/collections/none/changes": 404, "/collections/incidents/changes?bbox=1": 400, "/collections/incidents/changes?sortby=source": 400,
	} {
		if w := d.ask(d.inspector, target); w.Code != status {
			t.Errorf("%s: %d %s, want %d", target, w.Code, w.Body, status)
		}
	}
	for _, target := range []string{"/collections/incidents/changes", "/collections/incidents", "/collections/inspections/items"} {
		w := d.ask("", target)
		if challenge := w.Header().Values("WWW-Authenticate"); w.Code != 401 || !slices.ContainsFunc(challenge, func(c string) bool { return strings.HasPrefix(c, "Basic ") }) {
			t.Errorf("%s to the public: %d %s, challenge %q; want one that makes a browser ask for the key", target, w.Code, w.Body, challenge)
		}
	}
}
