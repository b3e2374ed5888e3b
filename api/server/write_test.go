package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/auth"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/storetest"
)

// A desk is a divided town that inspectors of the east write to.
type desk struct {
	*divided
	inspector, west, reader string // the keys
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	return newDeskOver(t, func(s *memory.Store) data.Store { return s })
}

// newDeskOver serves the store of a desk through another.
func newDeskOver(t *testing.T, through func(*memory.Store) data.Store) *desk {
	t.Helper()
	d := &desk{divided: divide(t, 20, today)}
	key := func(role api.Role, communities ...string) string {
		_, secret, err := auth.Create(t.Context(), d.store, auth.Key{Role: role, Communities: communities}, today())
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	d.inspector, d.west, d.reader = key(api.Inspector, "E"), key(api.Inspector, "W"), key(api.Reader)
	doorkeeper, err := auth.New(auth.Options{Catalog: d.store, Now: today})
	if err != nil {
		t.Fatal(err)
	}
	var looks atomic.Int64 // at a clock that goes on by a microsecond each time
	now := func() time.Time { return today().Add(time.Duration(looks.Add(1)) * time.Microsecond) }
	d.service = New(through(d.store), Options{Now: now, Doorkeeper: doorkeeper, Write: true})
	t.Cleanup(func() { _ = d.service.Close(context.Background()) })
	return d
}

// send sends a body, with GeoJSON's type unless a header says otherwise.
func (d *desk) send(key, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/geo+json")
	if key != "" {
		r.Header.Set("X-API-Key", key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.service.ServeHTTP(w, r)
	return w
}

// an answer's feature.
func featureOf(t *testing.T, w *httptest.ResponseRecorder) (f struct {
	ID         string
	Geometry   struct{ Coordinates []float64 }
	Properties map[string]any
},
) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil {
		t.Fatalf("%d: %v: %s", w.Code, err, w.Body)
	}
	return f
}

const (
	incidentsAt   = "/collections/incidents/items"
	inspectionsAt = "/collections/inspections/items"
	inTheEast     = `{"type":"Point","coordinates":[113.93,22.505]}`
	inTheWest     = `{"type":"Point","coordinates":[113.91,22.505]}`
)

// light is a feature that reports a lamp.
func light(geometry, properties string) string {
	return `{"type":"Feature","geometry":` + geometry + `,"properties":{"category":"light"` + properties + `}}`
}

// TestAFeatureLives is recorded, read, changed and replaced, with the tag of each state.
func TestAFeatureLives(t *testing.T) {
	d := newDesk(t)
	made := d.send(d.inspector, "POST", incidentsAt, light(inTheEast, `,"address":"3 Amber Lane","reports":2,"reported_at":"2025-05-31T20:00:00+08:00"`))
	at, tag := strings.TrimPrefix(made.Header().Get("Location"), "http://example.com"), made.Header().Get("ETag")
	f := featureOf(t, made)
	if made.Code != 201 || at != incidentsAt+"/"+f.ID || !strings.HasPrefix(tag, `"`) || !strings.HasPrefix(f.ID, "field:") {
		t.Fatalf("%d at %q with the tag %s: %s", made.Code, at, tag, made.Body)
	}
	for name, want := range map[string]any{
		"category": "light", "status": "open", "address": "3 Amber Lane", "reports": 2.0, "reported_at": "2025-05-31T12:00:00Z",
		"location": "point", "community": "E1", "source": "field",
	} {
		if f.Properties[name] != want {
			t.Errorf("%s is %v, want %v", name, f.Properties[name], want)
		}
	}
	if at, _ := f.Properties["updated_at"].(string); !strings.HasPrefix(at, "2025-06-01T00:00:00.0") {
		t.Errorf("it was changed at %s", at)
	}
	if f.Geometry.Coordinates[0] != 113.93 || f.Geometry.Coordinates[1] != 22.505 || f.Properties["cell_9"] == nil {
		t.Errorf("it is at %v in %v", f.Geometry.Coordinates, f.Properties["cell_9"])
	}
	read := d.send(d.inspector, "GET", at, "")
	if read.Header().Get("ETag") != tag || featureOf(t, read).Properties["address"] != "3 Amber Lane" {
		t.Errorf("it reads with the tag %s, made with %s: %s", read.Header().Get("ETag"), tag, read.Body)
	}
	if w := d.send(d.inspector, "GET", at, "", "If-None-Match", tag); w.Code != 304 {
		t.Errorf("unchanged it is answered with %d", w.Code)
	}
	if w := d.send(d.reader, "GET", at, ""); w.Code != 200 || strings.Contains(w.Body.String(), "Amber Lane") {
		t.Errorf("a reader sees %d %s", w.Code, w.Body)
	}
	// What is not named stays, null takes away.
	const patch = `{"properties":{"status":"closed","closed_at":"2025-06-01T00:00:00Z","reports":null}}`
	changed := d.send(d.inspector, "PATCH", at, patch, "If-Match", tag, "Content-Type", "application/merge-patch+json")
	f = featureOf(t, changed)
	if changed.Code != 200 || f.Properties["status"] != "closed" || f.Properties["category"] != "light" || f.Properties["reports"] != nil || f.Geometry.Coordinates[0] != 113.93 {
		t.Errorf("changed: %d %s", changed.Code, changed.Body)
	}
	if w := d.send(d.inspector, "PATCH", at, patch, "If-Match", tag); w.Code != 412 {
		t.Errorf("with a tag of before: %d %s", w.Code, w.Body)
	}
	if w := d.send(d.inspector, "PUT", at, light(inTheEast, ""), "If-None-Match", "*"); w.Code != 412 {
		t.Errorf("put as a new one: %d %s", w.Code, w.Body)
	}
	// The whole of what was read can be sent back; what is not sent is gone.
	replaced := d.send(d.inspector, "PUT", at, strings.Replace(changed.Body.String(), "22.505", "22.515", 1), "If-Match", changed.Header().Get("ETag"))
	if f = featureOf(t, replaced); replaced.Code != 200 || f.Properties["status"] != "closed" || f.Properties["community"] != "E2" {
		t.Errorf("sent back: %d %s", replaced.Code, replaced.Body)
	}
	short := d.send(d.inspector, "PUT", at, light(inTheEast, ""), "If-Match", "*")
	if f = featureOf(t, short); short.Code != 200 || f.Properties["address"] != nil || f.Properties["status"] != "open" {
		t.Errorf("replaced: %d %s", short.Code, short.Body)
	}
	if w := d.send(d.inspector, "DELETE", at, "", "If-Match", replaced.Header().Get("ETag")); w.Code != 412 {
		t.Errorf("deleted with a tag of before: %d %s", w.Code, w.Body)
	}
	before := d.count(t, d.inspector, "incidents", "")
	if w := d.send(d.inspector, "DELETE", at, "", "If-Match", short.Header().Get("ETag")); w.Code != 204 || w.Body.Len() > 0 {
		t.Errorf("deleted: %d %s", w.Code, w.Body)
	}
	for _, method := range []string{"GET", "DELETE", "PATCH"} {
		if w := d.send(d.inspector, method, at, "{}", "If-Match", "*"); w.Code != 404 {
			t.Errorf("%s of what was deleted: %d %s", method, w.Code, w.Body)
		}
	}
	if now := d.count(t, d.inspector, "incidents", ""); now != before-1 {
		t.Errorf("%d incidents, were %d", now, before)
	}
	if w := d.send(d.inspector, "PUT", at, light(inTheEast, "")); w.Code != 201 {
		t.Errorf("put anew: %d %s", w.Code, w.Body)
	}
	if w := d.send(d.inspector, "GET", at, ""); w.Code != 200 {
		t.Errorf("read anew: %d %s", w.Code, w.Body)
	}
}

// TestIDsThatClientsChoose keeps what was recorded out of reach once, however often it
// is sent.
func TestIDsThatClientsChoose(t *testing.T) {
	d := newDesk(t)
	before := d.count(t, d.inspector, "inspections", "")
	body := `{"type":"Feature","geometry":` + inTheEast + `,"properties":{"item":"kerb","result":"fail"}}`
	at := inspectionsAt + "/phone-7:2025-06-01-0001"
	if w := d.send(d.inspector, "PUT", at, body); w.Code != 201 || featureOf(t, w).ID != "phone-7:2025-06-01-0001" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := d.send(d.inspector, "PUT", at, body); w.Code != 428 {
		t.Errorf("again: %d %s, want 428", w.Code, w.Body)
	}
	if w := d.send(d.inspector, "PUT", at, body, "If-Match", "*"); w.Code != 200 {
		t.Errorf("again with If-Match: %d %s", w.Code, w.Body)
	}
	if w := d.send(d.inspector, "PUT", inspectionsAt+"/phone-7:other", body, "If-Match", `"x"`); w.Code != 412 {
		t.Errorf("a state of what there is not: %d %s", w.Code, w.Body)
	}
	first := d.send(d.inspector, "POST", inspectionsAt, body, "Idempotency-Key", "a1")
	again := d.send(d.inspector, "POST", inspectionsAt, body, "Idempotency-Key", "a1")
	if first.Code != 201 || again.Code != 201 || first.Header().Get("Location") != again.Header().Get("Location") {
		t.Errorf("sent twice: %d at %s, %d at %s", first.Code, first.Header().Get("Location"), again.Code, again.Header().Get("Location"))
	}
	if w := d.send(d.inspector, "POST", inspectionsAt, strings.Replace(body, "kerb", "lamp", 1), "Idempotency-Key", "a1"); w.Code != 422 || !strings.Contains(w.Body.String(), "key") {
		t.Errorf("another with the same key: %d %s", w.Code, w.Body)
	}
	if w := d.send(d.inspector, "POST", inspectionsAt, body, "Idempotency-Key", `"a1"`); w.Code != 201 || w.Header().Get("Location") != first.Header().Get("Location") {
		t.Errorf("the key in quotes: %d at %s", w.Code, w.Header().Get("Location"))
	}
	if w := d.send(d.inspector, "POST", inspectionsAt, body, "Idempotency-Key", ""); w.Code != 400 {
		t.Errorf("an empty key: %d %s", w.Code, w.Body)
	}
	if w := d.send(d.inspector, "POST", inspectionsAt, body, "Idempotency-Key", "a2"); w.Code != 201 || w.Header().Get("Location") == first.Header().Get("Location") {
		t.Errorf("another key: %d at %s", w.Code, w.Header().Get("Location"))
	}
	at = strings.TrimPrefix(first.Header().Get("Location"), "http://example.com")
	if w := d.send(d.inspector, "PATCH", at, `{"properties":{"result":"pass"}}`, "If-Match", "*", "Content-Type", "application/merge-patch+json"); w.Code != 200 {
		t.Error(w.Body)
	}
	if w := d.send(d.inspector, "POST", inspectionsAt, body, "Idempotency-Key", "a1"); w.Code != 201 || featureOf(t, w).Properties["result"] != "pass" {
		t.Errorf("sent again after a change: %d %s", w.Code, w.Body)
	}
	if n := d.count(t, d.inspector, "inspections", ""); n != before+3 {
		t.Errorf("%d inspections, want %d", n, before+3)
	}
	named := strings.Replace(body, `"item"`, `"source":"phone-7","inspection_id":"2025-06-01-0001","item"`, 1)
	if w := d.send(d.inspector, "POST", inspectionsAt, named); w.Code != 409 {
		t.Errorf("a new one of an id there is: %d %s", w.Code, w.Body)
	}
	if w := d.send(d.inspector, "DELETE", at, "", "If-Match", "*"); w.Code != 204 {
		t.Error(w.Body)
	}
	if w := d.send(d.inspector, "POST", inspectionsAt, body, "Idempotency-Key", "a1"); w.Code != 409 || !strings.Contains(w.Body.String(), "deleted since") {
		t.Errorf("sent again after it was deleted: %d %s", w.Code, w.Body)
	}
}

// TestChangesThatChangeNothing are told, and do not pass for changes.
func TestChangesThatChangeNothing(t *testing.T) {
	d := newDesk(t)
	d.send(d.inspector, "PUT", incidentsAt+"/field:x", light(inTheEast, ""))
	for body, told := range map[string]string{
		`{"propertys":{"status":"closed"}}`: "no member that can be changed", `{"status":"closed"}`: "belongs into", `{"properties":{"community":"E2"}}`: "worked out", `{"properties":{"updated_at":null}}`: "worked out",
		`{"properties":{"closed_at":"2025-05-01T00:00:00Z"}}`: "is before reported_at", `[]`: "want a GeoJSON feature", `null`: "want a GeoJSON feature", `{"properties":[]}`: "want an object",
		`{} {}`: "more behind it", `{`: "is no JSON", `{"type":null}`: "want \\\"Feature\\\"", `{"geometry":{"type":"LineString"}}`: "want a point",
		`{"geometry":{"coordinates":null}}`: "want a point", `{"geometry":null}`: "say where it is", `{"properties":{"category":{"a":1}}}`: "want a text",
	} {
		if w := d.send(d.inspector, "PATCH", incidentsAt+"/field:x", body, "If-Match", "*", "Content-Type", "application/merge-patch+json"); w.Code != 422 || !strings.Contains(w.Body.String(), told) {
			t.Errorf("%s: %d %s, want 422 with %s", body, w.Code, w.Body, told)
		}
	}
}

// TestAPatchIsMerged changes a feature by JSON merge patches (RFC 7396), within its
// geometry too, and what they make of it is what is kept.
func TestAPatchIsMerged(t *testing.T) {
	d := newDesk(t)
	at := incidentsAt + "/field:x"
	tag := d.send(d.inspector, "PUT", at, light(inTheEast, `,"reports":2,"limit_amount":1.5,"reported_at":"2025-05-31T20:00:00Z","closed_at":"2025-06-01T00:00:00.000001Z","status":"closed"`)).Header().Get("ETag")
	patch := func(body string, headers ...string) (status int, changed bool, coordinates []float64, properties map[string]any) {
		t.Helper()
		w := d.send(d.inspector, "PATCH", at, body, append([]string{"If-Match", tag, "Content-Type", "application/merge-patch+json"}, headers...)...)
		f := featureOf(t, w)
		changed, tag = w.Header().Get("ETag") != tag, w.Header().Get("ETag")
		return w.Code, changed, f.Geometry.Coordinates, f.Properties
	}
	for _, same := range []string{
		`{}`, `{"properties":{}}`, `{"geometry":{}}`, `{"geometry":{"type":"Point"}}`, `{"geometry":{"coordinates":[113.93,22.505]}}`, `{"properties":{"address":null}}`,
		`{"properties":{"reports":2,"limit_amount":1.5,"closed_at":"2025-06-01T00:00:00.000001Z","category":"light"}}`, `{"id":"field:x"}`,
	} {
		if status, changed, _, _ := patch(same); status != 200 || changed {
			t.Errorf("%s: %d, changed %v", same, status, changed)
		}
	}
	if status, changed, at, p := patch(`{"geometry":{"coordinates":[113.935,22.515]}}`); status != 200 || !changed || at[0] != 113.935 || p["community"] != "E2" || p["reports"] != 2.0 {
		t.Errorf("other coordinates: %d, %v %v", status, at, p)
	}
	const first = "<http://www.opengis.net/def/crs/EPSG/0/4326>" // latitude comes first
	if status, changed, _, _ := patch(`{"geometry":{"coordinates":[22.515,113.935]}}`, "Content-Crs", first); status != 200 || changed {
		t.Errorf("the same coordinates in another system: %d, changed %v", status, changed)
	}
	if status, _, at, _ := patch(`{"geometry":{"coordinates":[22.505,113.93]}}`, "Content-Crs", first); status != 200 || at[0] != 113.93 || at[1] != 22.505 {
		t.Errorf("coordinates in another system: %d, %v", status, at)
	}
	if status, _, at, p := patch(`{"properties":null}`); status != 200 || at[0] != 113.93 || p["reports"] != nil || p["category"] != nil || p["status"] != "open" || p["source"] != "field" {
		t.Errorf("no properties: %d, %v %v", status, at, p)
	}
	if status, _, at, p := patch(`{"geometry":null,"properties":{"community_given":"E1"}}`); status != 200 || at != nil || p["location"] != "area" {
		t.Errorf("a community for a point: %d, %v %v", status, at, p)
	}
}

// TestAFeatureSentBackAsItWasReadStaysWhereItWas is of a point with more decimals than
// answers have, in the coordinates of its source.
func TestAFeatureSentBackAsItWasReadStaysWhereItWas(t *testing.T) {
	d := newDesk(t)
	row := storetest.Row{
		"source": "hall", "id": "1", "location": "point", "lon": 113.930123456789, "lat": 22.505123456789, "crs_given": "gcj02", "x_given": 113.9349, "y_given": 22.5021,
		"community": "E1", "status": "open", "reported_at": int64(1e15),
	}
	if _, err := d.store.Append(t.Context(), data.Incidents, data.Chunk{}, storetest.Batch(d.store.Schema(data.Incidents), row)); err != nil {
		t.Fatal(err)
	}
	read := d.ask(d.inspector, incidentsAt+"/hall:1")
	for _, header := range []string{read.Header().Get("ETag"), "*"} {
		w := d.send(d.inspector, "PATCH", incidentsAt+"/hall:1", read.Body.String(), "If-Match", header, "Content-Type", "application/merge-patch+json")
		if w.Code != 200 || w.Header().Get("ETag") != read.Header().Get("ETag") {
			t.Errorf("%d %s, was %s", w.Code, w.Body, read.Body)
		}
	}
}

// TestWhatIsKeptAsItWasNeedNotBeAsItIsSent has a fact of an import with values that no
// client could send: a patch leaves them, and is taken.
func TestWhatIsKeptAsItWasNeedNotBeAsItIsSent(t *testing.T) {
	d := newDesk(t)
	row := storetest.Row{"source": "hall", "id": "1", "location": "area", "community_given": "E1", "community": "E1", "status": "open", "reported_at": int64(1e15), "satisfaction": "so-so"}
	if _, err := d.store.Append(t.Context(), data.Incidents, data.Chunk{}, storetest.Batch(d.store.Schema(data.Incidents), row)); err != nil {
		t.Fatal(err)
	}
	w := d.send(d.inspector, "PATCH", incidentsAt+"/hall:1", `{"properties":{"address":"3 Amber Lane"}}`, "If-Match", "*", "Content-Type", "application/merge-patch+json")
	if f := featureOf(t, w); w.Code != 200 || f.Properties["satisfaction"] != "so-so" || f.Properties["address"] != "3 Amber Lane" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestTagsOfSeveralLinesAreOneList: RFC 9110, section 5.2.
func TestTagsOfSeveralLinesAreOneList(t *testing.T) {
	d := newDesk(t)
	at := incidentsAt + "/field:x"
	tag := d.send(d.inspector, "PUT", at, light(inTheEast, "")).Header().Get("ETag")
	ask := func(method string, fields ...[2]string) int {
		r := httptest.NewRequest(method, at, strings.NewReader("{}"))
		r.Header.Set("X-API-Key", d.inspector)
		r.Header.Set("Content-Type", "application/merge-patch+json")
		for _, f := range fields {
			r.Header.Add(f[0], f[1])
		}
		w := httptest.NewRecorder()
		d.service.ServeHTTP(w, r)
		return w.Code
	}
	f := func(want int, fields ...[2]string) {
		t.Helper()
		if got := ask("PATCH", fields...); got != want {
			t.Errorf("%v: %d, want %d", fields, got, want)
		}
	}
	f(200, [2]string{"If-Match", `"a", "b"`}, [2]string{"If-Match", `"c",` + tag})
	f(200, [2]string{"If-Match", `"a"`}, [2]string{"If-Match", "*"})
	f(412, [2]string{"If-Match", `"a"`}, [2]string{"If-Match", `"b"`})
	f(428, [2]string{"If-Match", ""}, [2]string{"If-Match", " , "})
	f(412, [2]string{"If-Match", tag}, [2]string{"If-None-Match", `"a"`}, [2]string{"If-None-Match", "*"})
	f(412, [2]string{"If-Match", tag}, [2]string{"If-None-Match", `"a"`}, [2]string{"If-None-Match", tag})
	f(200, [2]string{"If-Match", tag}, [2]string{"If-None-Match", `"a"`})
}

// TestBodiesThatCanBeSentAreTold: RFC 5789 3.1, Linked Data Platform 1.0 7.1, RFC 9110
// 12.5.1, 12.5.3 and 15.5.16.
func TestBodiesThatCanBeSentAreTold(t *testing.T) {
	d := newDesk(t)
	const whole = "application/geo+json, application/json"
	const patch = "application/merge-patch+json, " + whole
	f := func(method, target string, status int, want map[string]string, headers ...string) {
		t.Helper()
		w := d.send(d.inspector, method, target, light(inTheEast, ""), append([]string{"If-Match", "*"}, headers...)...)
		for _, name := range []string{"Accept", "Accept-Encoding", "Accept-Patch", "Accept-Post"} {
			if got := w.Header().Get(name); w.Code != status || got != want[name] {
				t.Errorf("%s %s: %d with %s %q, want %d with %q", method, target, w.Code, name, got, status, want[name])
			}
		}
	}
	known := incidentsAt + "/amber~20desk:amber-1"
	f("OPTIONS", incidentsAt, 204, map[string]string{"Accept-Post": whole})
	f("OPTIONS", known, 204, map[string]string{"Accept-Patch": patch, "Accept": whole})
	f("OPTIONS", "/collections/resources/items", 204, nil)
	f("POST", incidentsAt, 415, map[string]string{"Accept-Post": whole}, "Content-Type", "application/merge-patch+json")
	f("PUT", known, 415, map[string]string{"Accept": whole}, "Content-Type", "text/plain")
	f("PATCH", known, 415, map[string]string{"Accept-Patch": patch}, "Content-Type", "application/json-patch+json")
	for _, coding := range []string{"gzip", "zstd", "identity, gzip"} {
		f("POST", incidentsAt, 415, map[string]string{"Accept-Encoding": "identity"}, "Content-Encoding", coding)
		f("PATCH", known, 415, map[string]string{"Accept-Encoding": "identity"}, "Content-Encoding", coding)
	}
	f("POST", incidentsAt, 201, nil, "Content-Encoding", "Identity")
}

// TestRequestsSentAgainAtOnce sends one request many times at the same moment, and makes
// a deleted feature anew in many.
func TestRequestsSentAgainAtOnce(t *testing.T) {
	d := newDesk(t)
	at := make([]string, 16)
	var wait sync.WaitGroup
	for i := range at {
		wait.Go(func() {
			w := d.send(d.inspector, "POST", incidentsAt, light(inTheEast, ""), "Idempotency-Key", "same")
			at[i] = fmt.Sprint(w.Code, " ", w.Header().Get("Location"))
		})
	}
	wait.Wait()
	for _, other := range at[1:] {
		if other != at[0] || !strings.HasPrefix(other, "201 http") {
			t.Fatalf("answers are %q", at)
		}
	}
	for round := range 10 {
		target := fmt.Sprintf("%s/field:r%d", incidentsAt, round)
		d.send(d.inspector, "PUT", target, light(inTheEast, ""))
		d.send(d.inspector, "DELETE", target, "", "If-Match", "*")
		var made atomic.Int32
		for i := range 6 {
			wait.Go(func() {
				if d.send(d.inspector, "PUT", target, light(inTheEast, fmt.Sprintf(`,"reports":%d`, i)), "If-None-Match", "*").Code == 201 {
					made.Add(1)
				}
			})
		}
		wait.Wait()
		if n := made.Load(); n != 1 {
			t.Errorf("%d of 6 made it anew", n)
		}
	}
}

// TestValuesThatAreNull where there has to be one.
func TestValuesThatAreNull(t *testing.T) {
	d := newDesk(t)
	for body, status := range map[string]int{
		light(inTheEast, `,"incident_id":null`): 201, light(inTheEast, `,"source":null`): 201,
		light(`{"type":"Point","coordinates":[null,null]}`, ""): 422, light(inTheEast, `,"reported_at":"0001-01-01T00:00:00Z"`): 422,
	} {
		if w := d.send(d.inspector, "PUT", fmt.Sprintf("%s/field:%d", incidentsAt, len(body)), body); w.Code != status {
			t.Errorf("%s: %d %s, want %d", body, w.Code, w.Body, status)
		}
	}
}

// TestPointsLieInTheCity has a slip in a coordinate, with a key for the whole city.
func TestPointsLieInTheCity(t *testing.T) {
	d := newDesk(t)
	_, everywhere, err := auth.Create(t.Context(), d.store, auth.Key{Role: api.Admin}, today())
	if err != nil {
		t.Fatal(err)
	}
	for point, status := range map[string]int{"[0,0]": 422, "[22.505,113.93]": 422, "[113.93,22.505]": 201} {
		if w := d.send(everywhere, "POST", incidentsAt, light(`{"type":"Point","coordinates":`+point+`}`, "")); w.Code != status {
			t.Errorf("%s: %d %s, want %d", point, w.Code, w.Body, status)
		}
	}
}

// TestOneOfManyWins changes one state in many requests at once.
func TestOneOfManyWins(t *testing.T) {
	d := newDesk(t)
	made := d.send(d.inspector, "PUT", incidentsAt+"/field:x", light(inTheEast, ""))
	tag := made.Header().Get("ETag")
	codes := make([]int, 20)
	var wait sync.WaitGroup
	for i := range codes {
		wait.Go(func() {
			codes[i] = d.send(d.inspector, "PATCH", incidentsAt+"/field:x", fmt.Sprintf(`{"properties":{"reports":%d}}`, i), "If-Match", tag, "Content-Type", "application/merge-patch+json").Code
		})
	}
	wait.Wait()
	won := map[int]int{}
	winner := -1
	for i, code := range codes {
		if won[code]++; code == 200 {
			winner = i
		}
	}
	if won[200] != 1 || won[412] != len(codes)-1 {
		t.Errorf("of %d changes of one state: %v", len(codes), won)
	}
	if f := featureOf(t, d.send(d.inspector, "GET", incidentsAt+"/field:x", "")); f.Properties["reports"] != float64(winner) {
		t.Errorf("%d won, and %v is kept", winner, f.Properties["reports"])
	}
}

func TestWhoMayRecordWhere(t *testing.T) {
	d := newDesk(t)
	f := func(who, key, method, target, body string, status int) {
		t.Helper()
		if w := d.send(key, method, target, body, "If-Match", "*"); w.Code != status {
			t.Errorf("%s: %s %s: %d %s, want %d", who, method, target, w.Code, w.Body, status)
		}
	}
	if w := d.send(d.west, "PUT", incidentsAt+"/field:w", light(inTheWest, "")); w.Code != 201 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	f("inspector, elsewhere", d.inspector, "POST", incidentsAt, light(inTheWest, ""), 403)
	f("inspector, nowhere", d.inspector, "POST", incidentsAt, light(`{"type":"Point","coordinates":[1,2]}`, ""), 403)
	f("inspector, another's", d.inspector, "PATCH", incidentsAt+"/field:w", `{}`, 404)
	f("inspector, another's", d.inspector, "DELETE", incidentsAt+"/field:w", "", 404)
	f("inspector, out of the east", d.inspector, "PATCH", incidentsAt+"/amber~20desk:amber-1", `{"type":"Feature","geometry":`+inTheWest+`}`, 403)
	for who, key := range map[string]string{"reader": d.reader, "planner": d.both} {
		f(who, key, "POST", incidentsAt, light(inTheEast, ""), 403)
		f(who, key, "DELETE", incidentsAt+"/field:w", "", 403)
	}
	f("anybody", "", "POST", incidentsAt, light(inTheEast, ""), 401)
	f("inspector", d.inspector, "POST", "/collections/resources/items", light(inTheEast, ""), 405)
	f("inspector", d.inspector, "POST", "/collections/none/items", light(inTheEast, ""), 404)
}

func TestFeaturesThatCannotBeTaken(t *testing.T) {
	d := newDesk(t)
	f := func(body string, status int, told string, headers ...string) {
		t.Helper()
		if w := d.send(d.inspector, "POST", incidentsAt, body, headers...); w.Code != status || !strings.Contains(w.Body.String(), told) {
			t.Errorf("%.80s: %d %s, want %d with %s", body, w.Code, w.Body, status, told)
		}
	}
	f(`{`, 422, "is no GeoJSON feature")
	f(`{"type":"FeatureCollection"}`, 422, `\"Feature\"`)
	f(light(inTheEast, "")+"x", 422, "more behind")
	f(light(`{"type":"LineString","coordinates":[[1,2],[3,4]]}`, ""), 422, `"parameter":"geometry"`)
	f(light(`{"type":"Point","coordinates":[200,2]}`, ""), 422, "is no place")
	f(light("null", ""), 422, "say where it is")
	f(strings.Replace(light(inTheEast, ""), `"type":"Feature"`, `"type":"Feature","category":"x"`, 1), 422, "belongs into")
	f(light(inTheEast, `,"sevrity":"x"`), 422, `"parameter":"sevrity"`)
	f(light(inTheEast, `,"reports":1.5`), 422, "a whole number")
	f(light(inTheEast, `,"limit_amount":"x"`), 422, "want a number")
	f(light(inTheEast, `,"limit_amount":1e999`), 422, "want a number")
	f(light(inTheEast, `,"closed_at":"yesterday"`), 422, "a date and time")
	f(light(inTheEast, `,"reported_at":"2025-06-02T00:00:00Z"`), 422, "in the future")
	f(light(inTheEast, `,"status":"broken"`), 422, "open, closed, suspended, void")
	f(light(inTheEast, `,"category":7`), 422, "want a text")
	f(light(inTheEast, `,"address":"`+strings.Repeat("x", 70_000)+`"`), 422, "at most 65536")
	f(light(inTheEast, `,"address":"`+strings.Repeat("x", 2<<20)+`"`), 413, "at most 1048576")
	f(light(inTheEast, `,"address":"\u0000"`), 422, "the byte 0")
	f(light(inTheEast, ""), 415, "application/geo+json", "Content-Type", "text/plain")
	f(light(inTheEast, ""), 400, "want one of", "Content-Crs", "<http://www.opengis.net/def/crs/EPSG/0/2326>")
	if w := d.send(d.inspector, "POST", incidentsAt+"?f=json", light(inTheEast, "")); w.Code != 400 {
		t.Errorf("with a parameter: %d %s", w.Code, w.Body)
	}
}

// TestCoordinatesComeInOtherSystems takes a point with latitude first.
func TestCoordinatesComeInOtherSystems(t *testing.T) {
	d := newDesk(t)
	w := d.send(d.inspector, "POST", incidentsAt, light(`{"type":"Point","coordinates":[22.505,113.93]}`, ""), "Content-Crs", "<http://www.opengis.net/def/crs/EPSG/0/4326>")
	if f := featureOf(t, w); w.Code != 201 || f.Geometry.Coordinates[0] != 113.93 || f.Properties["community"] != "E1" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestWhatCanBeDoneIsTold asks with OPTIONS, as QGIS does to learn what can be edited
// (OGC API - Features Part 4, 20-002r1, /req/create-replace-delete/options).
func TestWhatCanBeDoneIsTold(t *testing.T) {
	d := newDesk(t)
	f := func(key, target, want string) {
		t.Helper()
		if w := d.send(key, "OPTIONS", target, ""); w.Code != 204 || w.Header().Get("Allow") != want {
			t.Errorf("%s: %d, Allow %q, want %q", target, w.Code, w.Header().Get("Allow"), want)
		}
	}
	f(d.inspector, incidentsAt, "GET, HEAD, OPTIONS, POST")
	f(d.inspector, incidentsAt+"/field:w", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")
	f(d.inspector, "/collections/resources/items", "GET, HEAD, OPTIONS")
	f(d.reader, incidentsAt, "GET, HEAD, OPTIONS")
	f("", "/", "GET, HEAD, OPTIONS")
	preflight := d.send("", "OPTIONS", incidentsAt, "", "Origin", "https://map.example", "Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "if-match,x-api-key")
	if methods := preflight.Header().Get("Access-Control-Allow-Methods"); preflight.Code != 204 || !strings.Contains(methods, "PATCH") || !strings.Contains(preflight.Header().Get("Access-Control-Allow-Headers"), "If-Match") {
		t.Errorf("a preflight: %d %v", preflight.Code, preflight.Header())
	}
}

// TestLayersTakeInWhatIsRecorded closes the service, which makes the last report, and
// looks at a layer.
func TestLayersTakeInWhatIsRecorded(t *testing.T) {
	d := newDesk(t)
	total := func() int {
		var layer struct {
			Features []struct{ Properties struct{ Observed int } }
		}
		decode(t, d.ask(d.inspector, "/collections/density-district/items?f=json"), &layer)
		n := 0
		for _, f := range layer.Features {
			n += f.Properties.Observed
		}
		return n
	}
	before := total()
	for i := range 3 {
		if w := d.send(d.inspector, "POST", incidentsAt, light(inTheEast, ""), "Idempotency-Key", fmt.Sprint(i)); w.Code != 201 {
			t.Fatal(w.Body)
		}
	}
	if err := d.service.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := total(); now != before+3 {
		t.Errorf("the layer counts %d, want %d", now, before+3)
	}
}

// TestNothingIsRecordedUnlessAllowed serves a store for reading.
func TestNothingIsRecordedUnlessAllowed(t *testing.T) {
	d := newDesk(t)
	doorkeeper, err := auth.New(auth.Options{Catalog: d.store, Now: today})
	if err != nil {
		t.Fatal(err)
	}
	d.service = New(d.store, Options{Now: today, Doorkeeper: doorkeeper})
	if w := d.send(d.inspector, "POST", incidentsAt, light(inTheEast, "")); w.Code != 403 || !strings.Contains(w.Body.String(), "--write") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
