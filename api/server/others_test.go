package server

import (
	"context"
	"fmt"
	"maps"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/follow"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/storetest"
)

// A followed store is one in memory that can be followed, and that answers no look while
// it is away.
type followed struct {
	*memory.Store
	away atomic.Bool
}

func (f *followed) Version(ctx context.Context) (string, error) {
	if f.away.Load() {
		return "", data.ErrUnavailable
	}
	return f.Store.Version(ctx)
}

func (f *followed) Behind(ctx context.Context, d data.Dataset, mark int64) (int64, time.Time, error) {
	now, err := f.Mark(ctx, d)
	return now - mark, time.Unix(1, 0), err
}

func (f *followed) Listen(ctx context.Context, _ func()) error {
	<-ctx.Done()
	return ctx.Err()
}

// newFollowingDesk is served from a copy that looks only when it is written to.
func newFollowingDesk(t *testing.T) (*desk, *followed) {
	t.Helper()
	f := &followed{}
	d := newDeskOver(t, func(s *memory.Store) data.Store {
		f.Store = s
		copied, err := follow.Open(t.Context(), f, t.TempDir(), follow.Options{Every: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = copied.Close() })
		return copied
	})
	return d, f
}

// elsewhere keeps a fact of source field as another program would: in the store itself,
// in its category and community.
func (d *desk) elsewhere(t *testing.T, id, category, community string) {
	t.Helper()
	row := storetest.Row{
		"source": "field", "id": id, "location": "area", "community_given": community, "community": community, "status": "open", "category": category,
		"reported_at": today().UnixMicro(), "updated_at": today().Add(time.Hour).UnixMicro(),
	}
	if _, err := d.store.Append(t.Context(), data.Incidents, data.Chunk{}, storetest.Batch(d.store.Schema(data.Incidents), row)); err != nil {
		t.Fatal(err)
	}
}

// keeps tests that the store itself has a fact of source field in a category and
// community; "" for none.
func (d *desk) keeps(t *testing.T, id, category, community string) {
	t.Helper()
	got := ""
	where := data.All{data.Compare{Column: "source", Op: data.Equal, Value: "field"}, data.Compare{Column: "id", Op: data.Equal, Value: id}}
	for b, err := range d.store.Scan(t.Context(), data.Query{Dataset: data.Incidents, Where: where}) {
		if err != nil {
			t.Fatal(err)
		}
		for row := range b.Len() {
			got += b.Codes("category").At(row) + " in " + b.Codes("community").At(row)
		}
	}
	if want := category + " in " + community; got != want && (category != "" || got != "") {
		t.Errorf("%s is kept as %q, want %q", id, got, want)
	}
}

const patchType = "application/merge-patch+json"

// TestNoUpdateOfAnotherProgramIsLost changes facts that another program has changed while
// the copy still shows them as they were.
func TestNoUpdateOfAnotherProgramIsLost(t *testing.T) {
	d, _ := newFollowingDesk(t)
	f := func(id, method, body string, want int, headers ...string) {
		t.Helper()
		target := incidentsAt + "/field:" + id
		tag := d.send(d.inspector, "PUT", target, light(inTheEast, "")).Header().Get("ETag")
		d.elsewhere(t, id, "theirs", "E1")
		for i, h := range headers {
			headers[i] = strings.ReplaceAll(h, "TAG", tag)
		}
		if w := d.send(d.inspector, method, target, body, headers...); w.Code != want {
			t.Errorf("%s of %s: %d %s, want %d", method, id, w.Code, w.Body, want)
		}
		if want == 412 || want == 428 {
			d.keeps(t, id, "theirs", "E1")
		}
	}
	f("a", "PATCH", `{"properties":{"reports":7}}`, 412, "If-Match", "TAG", "Content-Type", patchType)
	f("b", "PUT", light(inTheEast, ""), 412, "If-Match", "TAG")
	f("c", "DELETE", "", 412, "If-Match", `"x", TAG`)
	// Who takes any state changes the one there is.
	f("d", "PATCH", `{"properties":{"reports":7}}`, 200, "If-Match", "*", "Content-Type", patchType)
	d.keeps(t, "d", "theirs", "E1")
	f("e", "DELETE", "", 204, "If-Match", "*")
	d.keeps(t, "e", "", "")
	// A fact that is new by what the copy shows.
	d.elsewhere(t, "new", "theirs", "E1")
	if w := d.send(d.inspector, "PUT", incidentsAt+"/field:new", light(inTheEast, "")); w.Code != 428 {
		t.Errorf("put as a new one: %d %s", w.Code, w.Body)
	}
	d.elsewhere(t, "newer", "theirs", "E1")
	if w := d.send(d.inspector, "PUT", incidentsAt+"/field:newer", light(inTheEast, ""), "If-None-Match", "*"); w.Code != 412 {
		t.Errorf("put as a new one only: %d %s", w.Code, w.Body)
	}
	d.elsewhere(t, "newest", "theirs", "E1")
	if w := d.send(d.inspector, "POST", incidentsAt, light(inTheEast, `,"source":"field","incident_id":"newest"`)); w.Code != 409 {
		t.Errorf("posted: %d %s", w.Code, w.Body)
	}
	for _, id := range []string{"new", "newer", "newest"} {
		d.keeps(t, id, "theirs", "E1")
	}
}

// TestAFactThatMovedAwayIsNotChanged has another program move facts to the west, for the
// copy still in the east, under the hands of an inspector of the east.
func TestAFactThatMovedAwayIsNotChanged(t *testing.T) {
	d, _ := newFollowingDesk(t)
	for i, known := range []string{"TAG", "*"} {
		for method, body := range map[string]string{"DELETE": "", "PATCH": `{"properties":{"reports":7}}`, "PUT": light(inTheEast, "")} {
			id := fmt.Sprint(strings.ToLower(method), i)
			target := incidentsAt + "/field:" + id
			tag := d.send(d.inspector, "PUT", target, light(inTheEast, "")).Header().Get("ETag")
			d.elsewhere(t, id, "theirs", "W1")
			kind := patchType
			if method == "PUT" {
				kind = "application/geo+json"
			}
			want := 412
			if known == "*" && method != "PUT" {
				want = 404
			}
			if w := d.send(d.inspector, method, target, body, "If-Match", strings.ReplaceAll(known, "TAG", tag), "Content-Type", kind); w.Code != want {
				t.Errorf("%s of any state (%v): %d %s, want %d", method, known == "*", w.Code, w.Body, want)
			}
			d.keeps(t, id, "theirs", "W1")
		}
	}
}

// TestWhatIsKeptIsToldAsKept has the copy cut off from its store after each write.
func TestWhatIsKeptIsToldAsKept(t *testing.T) {
	d, f := newFollowingDesk(t)
	target := incidentsAt + "/field:x"
	f.away.Store(true)
	made := d.send(d.inspector, "PUT", target, light(inTheEast, `,"reports":1`))
	if made.Code != 201 || featureOf(t, made).Properties["community"] != "E1" || made.Header().Get("ETag") == "" {
		t.Fatalf("%d %s", made.Code, made.Body)
	}
	if w := d.send(d.inspector, "POST", incidentsAt, light(inTheEast, "")); w.Code != 201 || w.Header().Get("Location") == "" {
		t.Errorf("posted: %d %s", w.Code, w.Body)
	}
	if w := d.send(d.inspector, "GET", target, ""); w.Code != 404 {
		t.Errorf("the copy has it (%d): the test says nothing", w.Code)
	}
	f.away.Store(false)
	d.send(d.inspector, "POST", incidentsAt, light(inTheEast, "")) // the copy looks
	if w := d.send(d.inspector, "GET", target, ""); w.Code != 200 || w.Header().Get("ETag") != made.Header().Get("ETag") {
		t.Errorf("read later: %d with the tag %s, told was %s", w.Code, w.Header().Get("ETag"), made.Header().Get("ETag"))
	}
	f.away.Store(true)
	changed := d.send(d.inspector, "PATCH", target, `{"properties":{"reports":2}}`, "If-Match", made.Header().Get("ETag"), "Content-Type", patchType)
	if changed.Code != 200 || featureOf(t, changed).Properties["reports"] != 2.0 {
		t.Errorf("changed: %d %s", changed.Code, changed.Body)
	}
	f.away.Store(false)
	d.send(d.inspector, "POST", incidentsAt, light(inTheEast, ""))
	f.away.Store(true)
	if w := d.send(d.inspector, "DELETE", target, "", "If-Match", changed.Header().Get("ETag")); w.Code != 204 {
		t.Errorf("deleted: %d %s", w.Code, w.Body)
	}
}

// TestChangesCanBeReadWhenTheyAreTold listens on a copy while another program writes.
func TestChangesCanBeReadWhenTheyAreTold(t *testing.T) {
	d, _ := newFollowingDesk(t)
	server := httptest.NewServer(d.service)
	t.Cleanup(server.Close)
	events, _ := d.hear(t, server, d.inspector, "/collections/incidents/changes", "")
	d.elsewhere(t, "a", "theirs", "E1")
	select {
	case h := <-events:
		t.Errorf("heard %+v, which the copy does not have", h)
	case <-time.After(2500 * time.Millisecond): // more than two looks of the stream
	}
	d.send(d.inspector, "PUT", incidentsAt+"/field:b", light(inTheEast, "")) // the copy looks
	for range 2 {
		select {
		case h := <-events:
			if w := d.send(d.inspector, "GET", incidentsAt+"/"+h.event.Subject, ""); w.Code != 200 {
				t.Errorf("%s is told and cannot be read: %d", h.event.Subject, w.Code)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was heard")
		}
	}
}

// TestWhatOthersHaveIsNotTold asks in every way for ids that a fact of the west has and
// that none has. But for recording it, which has to fail where the id is taken, the
// answers are the same to the byte; and that failure is the one for a place in the west.
func TestWhatOthersHaveIsNotTold(t *testing.T) {
	d := newDesk(t)
	for _, id := range []string{"taken-1", "gone-1"} {
		if w := d.send(d.west, "PUT", incidentsAt+"/field:"+id, light(inTheWest, "")); w.Code != 201 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if w := d.send(d.west, "DELETE", incidentsAt+"/field:gone-1", "", "If-Match", "*"); w.Code != 204 {
		t.Fatal(w.Code)
	}
	named := func(id, geometry string) string { return light(geometry, `,"source":"field","incident_id":"`+id+`"`) }
	taken, free, place := "/field:taken-1", "/field:never-1", light(inTheEast, "")
	alike := func(what string, a, b *httptest.ResponseRecorder) {
		t.Helper()
		if diff := cmp.Diff(seen(a), seen(b)); diff != "" {
			t.Errorf("%s: answers differ (-taken +free):\n%s", what, diff)
		}
	}
	for what, ask := range map[string]func(id string) *httptest.ResponseRecorder{
		"GET": func(id string) *httptest.ResponseRecorder { return d.send(d.inspector, "GET", incidentsAt+id, "") },
		"GET of a state": func(id string) *httptest.ResponseRecorder {
			return d.send(d.inspector, "GET", incidentsAt+id, "", "If-None-Match", "*")
		},
		"HEAD":    func(id string) *httptest.ResponseRecorder { return d.send(d.inspector, "HEAD", incidentsAt+id, "") },
		"OPTIONS": func(id string) *httptest.ResponseRecorder { return d.send(d.inspector, "OPTIONS", incidentsAt+id, "") },
		"DELETE": func(id string) *httptest.ResponseRecorder {
			return d.send(d.inspector, "DELETE", incidentsAt+id, "", "If-Match", "*")
		},
		"PATCH": func(id string) *httptest.ResponseRecorder {
			return d.send(d.inspector, "PATCH", incidentsAt+id, "{}", "If-Match", `"x"`, "Content-Type", patchType)
		},
		"PUT of a state": func(id string) *httptest.ResponseRecorder {
			return d.send(d.inspector, "PUT", incidentsAt+id, place, "If-Match", `"x"`)
		},
		"PUT of any state": func(id string) *httptest.ResponseRecorder {
			return d.send(d.inspector, "PUT", incidentsAt+id, place, "If-Match", "*")
		},
		"PUT of nonsense": func(id string) *httptest.ResponseRecorder {
			return d.send(d.inspector, "PUT", incidentsAt+id, light("null", ""))
		},
		"PUT into the west": func(id string) *httptest.ResponseRecorder {
			return d.send(d.inspector, "PUT", incidentsAt+id, light(inTheWest, ""))
		},
		"POST into the west": func(id string) *httptest.ResponseRecorder {
			return d.send(d.inspector, "POST", incidentsAt, named(id[len("/field:"):], inTheWest))
		},
		"PUT as a new one, W": func(id string) *httptest.ResponseRecorder {
			return d.send(d.inspector, "PUT", incidentsAt+id, light(inTheWest, ""), "If-None-Match", "*")
		},
	} {
		alike(what, ask(taken), ask(free))
	}
	west := d.send(d.inspector, "PUT", incidentsAt+free, light(inTheWest, ""))
	if west.Code != 403 {
		t.Errorf("a place in the west: %d %s", west.Code, west.Body)
	}
	alike("PUT", d.send(d.inspector, "PUT", incidentsAt+taken, place), west)
	alike("PUT as a new one", d.send(d.inspector, "PUT", incidentsAt+taken, place, "If-None-Match", "*"), west)
	alike("POST", d.send(d.inspector, "POST", incidentsAt, named("taken-1", inTheEast)), west)
	alike("POST with a key", d.send(d.inspector, "POST", incidentsAt, named("taken-1", inTheEast), "Idempotency-Key", "k"), west)
	d.keeps(t, "taken-1", "light", "W1")
	d.keeps(t, "never-1", "", "")
	// What was deleted is nobody's.
	alike("PUT of what was deleted", d.send(d.inspector, "PUT", incidentsAt+"/field:gone-1", place), d.send(d.inspector, "PUT", incidentsAt+"/field:none-1", place))
}

// seen is all that an answer shows but for what differs from one request to the next: its
// number, the time, the tag, and the id that was asked for.
func seen(w *httptest.ResponseRecorder) map[string]string {
	all := map[string]string{"status": fmt.Sprint(w.Code), "body": w.Body.String()}
	for name, values := range w.Header() {
		all[name] = strings.Join(values, "\n")
	}
	for _, name := range []string{"X-Request-Id", "Etag", "Server-Timing"} {
		if all[name] != "" {
			all[name] = "there is one"
		}
	}
	passing := regexp.MustCompile(`(urn:civgrid:request:)[^"]*|2025-06-01T00:00:00\.\d+Z|(taken|never|gone|none)-1`)
	for name, text := range maps.Clone(all) {
		all[name] = passing.ReplaceAllString(text, "…")
	}
	return all
}
