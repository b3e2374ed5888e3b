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
)

// A desk is a divided town that inspectors of the east write to.
type desk struct {
	*divided
	inspector, west, reader string // the keys
}

func newDesk(t *testing.T) *desk {
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
	d.service = New(d.store, Options{Now: now, Doorkeeper: doorkeeper, Write: true})
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
		`{}`: "nothing to change", `{"status":"closed"}`: "belongs into", `{"properties":{"community":"E2"}}`: "worked out", `{"properties":{"updated_at":null}}`: "worked out",
		`{"properties":{"closed_at":"2025-05-01T00:00:00Z"}}`: "is before reported_at", `[]`: "want a GeoJSON feature", `{"properties":[]}`: "must not be",
	} {
		if w := d.send(d.inspector, "PATCH", incidentsAt+"/field:x", body, "If-Match", "*", "Content-Type", "application/merge-patch+json"); w.Code != 422 || !strings.Contains(w.Body.String(), told) {
			t.Errorf("%s: %d %s, want 422 with %s", body, w.Code, w.Body, told)
		}
	}
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
	if w := d.send(d.inspector, "PUT", incidentsAt+"/field:w", light(inTheEast, "")); w.Code != 403 {
		t.Errorf("an id that another has: %d %s", w.Code, w.Body)
	}
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
