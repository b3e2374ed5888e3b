package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/auth"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/quality"
	"github.com/civgrid/civgrid/data/storetest"
)

// today is the present of a divided town.
func today() time.Time { return time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC) }

// A divided town is districts East and West, whose facts are told apart by their words,
// served to one key for each, and to one for both.
type divided struct {
	store            *memory.Store
	service          *Service
	east, west, both string // the keys
}

// divide builds a town in which 80 things happen in the east, and others in the west as
// often as many says.
func divide(t *testing.T, many int, now func() time.Time) *divided {
	t.Helper()
	d := &divided{store: memory.New()}
	if err := d.store.PutSettings(t.Context(), data.Settings{Zone: "Asia/Shanghai"}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.PutCommunities(t.Context(), halves(many)); err != nil {
		t.Fatal(err)
	}
	d.add(t, "amber", 80, 113.92)
	d.add(t, "basalt", many, 113.90)
	d.east, d.west, d.both = d.key(t, "E"), d.key(t, "W"), d.key(t)
	doorkeeper, err := auth.New(auth.Options{Catalog: d.store, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	d.service = New(d.store, Options{Now: now, Doorkeeper: doorkeeper, Secret: []byte("secret")})
	return d
}

// halves are the communities: the east always the same, the west with as many people as
// there are things.
func halves(many int) []data.Community {
	box := func(west, south, east, north float64) orb.MultiPolygon {
		return orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
	}
	return []data.Community{
		{Code: "E", Level: data.District, Names: data.Names{"": "amberland"}, Outline: box(113.92, 22.5, 113.94, 22.52), Population: 900, HasPopulation: true},
		{Code: "E1", Level: data.Street, Parent: "E", Names: data.Names{"": "amberside"}, Outline: box(113.92, 22.5, 113.94, 22.51)},
		{Code: "E2", Level: data.Street, Parent: "E", Names: data.Names{"": "amberfield"}, Outline: box(113.92, 22.51, 113.94, 22.52)},
		{Code: "W", Level: data.District, Names: data.Names{"": "basaltland"}, Outline: box(113.9, 22.5, 113.92, 22.52), Population: int64(many), HasPopulation: true},
		{Code: "W1", Level: data.Street, Parent: "W", Names: data.Names{"": "basaltside"}, Outline: box(113.9, 22.5, 113.92, 22.52)},
	}
}

// add makes n things of each kind happen in a box of 0.02 degrees with the south-west
// corner at 22.5° N.
func (d *divided) add(t *testing.T, word string, n int, west float64) {
	t.Helper()
	r := rand.New(rand.NewPCG(7, uint64(west*100)))
	stamper, err := ingest.NewStamper(halves(0), nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[data.Dataset][]storetest.Row{}
	for i := range n {
		at := today().Add(-time.Duration(1+r.IntN(8000)) * time.Hour)
		row := func(more storetest.Row) storetest.Row {
			all := storetest.Row{
				"source": word + " desk", "id": fmt.Sprintf("%s-%d", word, i), "location": data.LocationPoint, "responsible": word + " office",
				"lon": west + 0.02*r.Float64(), "lat": 22.5 + 0.02*r.Float64(), "address": word + " lane",
			}
			maps.Copy(all, more)
			return all
		}
		rows[data.Incidents] = append(rows[data.Incidents], row(storetest.Row{
			"status": data.StatusClosed, "category": map[string]string{"amber": "gold", "basalt": "granite"}[word], "reported_at": at.UnixMicro(),
			"closed_at": at.Add(time.Duration(r.IntN(99)) * time.Hour).UnixMicro(), "due_at": at.Add(48 * time.Hour).UnixMicro(),
		}))
		rows[data.Inspections] = append(rows[data.Inspections], row(storetest.Row{"item": word + " item", "result": "pass", "inspected_at": at.UnixMicro()}))
		resource := row(storetest.Row{"kind": word + " station", "name": word + " house"})
		delete(resource, "responsible")
		rows[data.Resources] = append(rows[data.Resources], resource)
	}
	for dataset, of := range rows {
		batch, err := stamper.Stamp(dataset, storetest.Batch(d.store.Schema(dataset), of...))
		if err == nil {
			_, err = d.store.Append(t.Context(), dataset, data.Chunk{}, batch)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	d.report(t)
}

// report keeps the quality reports anew, as an import does.
func (d *divided) report(t *testing.T) {
	t.Helper()
	for _, dataset := range data.Datasets() {
		report, err := quality.Assess(t.Context(), d.store, halves(0), dataset, time.UTC, today())
		if err == nil {
			err = d.store.PutReport(t.Context(), report)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (d *divided) key(t *testing.T, communities ...string) string {
	t.Helper()
	_, secret, err := auth.Create(t.Context(), d.store, auth.Key{Name: "k", Role: api.Planner, Communities: communities}, today())
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// everything lists addresses of all kinds that a town answers.
func (d *divided) everything(t *testing.T) []string {
	t.Helper()
	list := []string{
		"/", "/?layer=hotspot&lang=en", "/?layer=indicator&sel=E1", "/conformance", "/api", "/collections", "/status", "/map.svg?layer=density", "/map.svg?layer=compliance&level=street",
		"/tiles/WebMercatorQuad", "/tiles/WebMercatorQuad/tilejson.json", "/tiles/WebMercatorQuad/12/1790/3344", "/tiles/WebMercatorQuad/14/7161/13379", "/styles", "/dggs", "/dggs/H3",
		"/dggs/H3/zones", "/dggs/H3/zones?zone-level=9&compact-zones=false", "/dggs/H3/zones/8741186b5ffffff", "/layers/hotspot.csv", "/layers/hotspot.geojson?res=8", "/layers/coverage.csv", "/layers/blindspot.csv",
		"/report", "/report?f=csv&indicator=general.cases&level=street", "/report?f=zip&lang=zh-Hant", "/report?within=W", "/layers/density.csv?level=street&from=2025-02&to=2025-04&compare=previous",
		"/map.svg?layer=compliance&level=district&from=2025-02&to=2025-04&compare=previous",
		"/plan.geojson", "/plan.csv?capacity=40&minutes=900", "/inspect?lang=en",
	}
	var collections struct{ Collections []struct{ ID string } }
	decode(t, d.ask(d.both, "/collections"), &collections)
	for _, c := range collections.Collections {
		at := "/collections/" + c.ID
		list = append(list, at, at+"/schema", at+"/queryables", at+"/sortables", at+"/items", at+"/items?resultType=hits", at+"/items?limit=3&f=csv", at+"/items?f=fgb",
			at+"/items?bbox=113.9,22.5,113.92,22.52", at+"/items/W", at+"/items/W1", at+"/items/8741186b5ffffff", at+"/tiles/WebMercatorQuad/13/3580/6689", at+"/tiles/WebMercatorQuad",
			"/exports/"+c.ID+".geojson", "/exports/"+c.ID+".csv", at+"/items/amber~20desk:amber-3", at+"/items/basalt~20desk:basalt-3", at+"/items?zone=8741186b5ffffff",
			at+"/dggs/H3/zones", at+"/dggs/H3/zones/8741186b5ffffff/data?zone-depth=2", at+"/items?within=W", at+"/items?category=granite")
	}
	return list
}

func (d *divided) ask(key, target string, headers ...string) *httptest.ResponseRecorder {
	if key != "" {
		headers = append(headers, "X-API-Key", key)
	}
	return do(d.service, http.MethodGet, target, headers...)
}

func decode(t *testing.T, w *httptest.ResponseRecorder, to any) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), to); w.Code != 200 || err != nil {
		t.Fatalf("%d %v: %s", w.Code, err, w.Body)
	}
}

// told is all that an answer tells, but for what tells one request from another.
func told(w *httptest.ResponseRecorder) string {
	h := w.Header().Clone()
	h.Del("X-Request-Id")
	var text strings.Builder
	fmt.Fprintln(&text, w.Code)
	if err := h.Write(&text); err != nil {
		panic(err)
	}
	return text.String() + "\n" + instance.ReplaceAllString(w.Body.String(), "")
}

var instance = regexp.MustCompile(`"instance":"[^"]*"`)

// TestNothingOfOthersIsTold compares all that a key of the east is told in towns with
// another west: to the byte, counts, boxes and entity tags with it.
func TestNothingOfOthersIsTold(t *testing.T) {
	town, other := divide(t, 120, today), divide(t, 31, today)
	answered := 0
	for _, target := range town.everything(t) {
		mine, same := town.ask(town.east, target), other.ask(other.east, target)
		if told(mine) != told(same) {
			t.Errorf("%s tells of the west:\n%.600s\nwith another west\n%.600s", target, told(mine), told(same))
		}
		if body := mine.Body.String(); strings.Contains(body, "basalt") || strings.Contains(body, "granite") && !strings.Contains(target, "granite") {
			t.Errorf("%s tells of the west: %.600s", target, body)
		}
		if mine.Code == 200 {
			answered++
		}
		if mine.Code >= 500 {
			t.Errorf("%s: %d %s", target, mine.Code, mine.Body)
		}
		if cached := mine.Header().Get("Cache-Control"); strings.Contains(cached, "public, max-age=0") {
			t.Errorf("%s may be kept for everybody: %s", target, cached)
		}
	}
	if answered < 200 {
		t.Errorf("only %d addresses were answered", answered)
	}
}

// TestNoAddressOfOthersAnswers asks with the key of the east for what the west has, by
// its address.
func TestNoAddressOfOthersAnswers(t *testing.T) {
	d := divide(t, 120, today)
	for _, target := range []string{"/collections/communities/items/W1", "/collections/communities-street/items/W1", "/collections/waiting-street/items/W1"} {
		if w := d.ask(d.east, target); w.Code != 404 {
			t.Errorf("%s: %d %s, want 404", target, w.Code, w.Body)
		}
	}
	if w := d.ask(d.east, "/layers/hotspot.csv?within=W"); w.Code < 400 {
		t.Errorf("a layer within the west: %d %s", w.Code, w.Body)
	}
	if w := d.ask(d.west, "/layers/hotspot.csv?within=W"); w.Code != 200 {
		t.Errorf("to its own key: %d %s", w.Code, w.Body)
	}
}

// count returns how many features of a collection a key is told of.
func (d *divided) count(t *testing.T, key, collection, query string) (n int) {
	t.Helper()
	var c struct{ NumberMatched int }
	decode(t, d.ask(key, "/collections/"+collection+"/items?resultType=hits&f=json"+query), &c)
	return c.NumberMatched
}

func TestCountsAreOfOnesOwn(t *testing.T) {
	d := divide(t, 120, today)
	for key, want := range map[string]int{d.east: 80, d.west: 120, d.both: 200, "": 200} {
		if got := d.count(t, key, "resources", ""); got != want {
			t.Errorf("%d resources, want %d", got, want)
		}
	}
	for key, want := range map[string]int{d.east: 2, d.west: 1, d.both: 3} {
		if got := d.count(t, key, "communities-street", ""); got != want {
			t.Errorf("%d streets, want %d", got, want)
		}
	}
}

// TestTagsOfOnesOwn follows entity tags while things happen in the west.
func TestTagsOfOnesOwn(t *testing.T) {
	d := divide(t, 120, today)
	targets := []string{"/collections", "/collections/resources/items", "/collections/hotspot/items", "/collections/hotspot/tiles/WebMercatorQuad/13/3580/6689", "/collections/hotspot/dggs/H3/zones", "/map.svg", "/layers/hotspot.csv", "/report"}
	tags := func(key string) (all []string) {
		for _, target := range targets {
			w := d.ask(key, target)
			if tag := w.Header().Get("ETag"); w.Code != 200 && w.Code != 204 || tag == "" {
				t.Fatalf("%s: %d, ETag %q", target, w.Code, tag)
			}
			all = append(all, w.Header().Get("ETag"))
		}
		return all
	}
	east, west := tags(d.east), tags(d.west)
	d.add(t, "basalt", 125, 113.90)
	if got := tags(d.east); !slices.Equal(got, east) {
		t.Errorf("what happens in the west changes tags of the east: %v, were %v", got, east)
	}
	for i, tag := range tags(d.west) {
		if tag == west[i] {
			t.Errorf("%s of the west keeps its tag", targets[i])
		}
		if w := d.ask(d.west, targets[i], "If-None-Match", east[i]); w.Code == 304 {
			t.Errorf("%s of the west is what the east has", targets[i])
		}
	}
}

// TestCursorsOfOnesOwn hands a cursor on to somebody else.
func TestCursorsOfOnesOwn(t *testing.T) {
	d := divide(t, 120, today)
	var page struct{ Links []api.Link }
	decode(t, d.ask(d.both, "/collections/resources/items?limit=3"), &page)
	next := ""
	for _, l := range page.Links {
		if l.Rel == "next" {
			next = strings.TrimPrefix(l.Href, "http://example.com")
		}
	}
	if w := d.ask(d.both, next); w.Code != 200 {
		t.Fatalf("%s: %d %s", next, w.Code, w.Body)
	}
	for _, key := range []string{d.east, ""} {
		if w := d.ask(key, next); w.Code != 400 {
			t.Errorf("a cursor of another: %d %s, want 400", w.Code, w.Body)
		}
	}
}

// TestStreamsAreOfOnesOwn listens in the east while things happen in the west.
func TestStreamsAreOfOnesOwn(t *testing.T) {
	begin := time.Now()
	d := divide(t, 120, func() time.Time { return today().Add(time.Since(begin)) })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	server := httptest.NewServer(d.service)
	defer server.Close()
	defer cancel() // which ends the streams that the server waits for
	heard := func(key string) *bufio.Scanner {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+changesPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-API-Key", key)
		response, err := http.DefaultClient.Do(r)
		if err != nil || response.StatusCode != 200 {
			t.Fatal(response, err)
		}
		t.Cleanup(func() { response.Body.Close() })
		return bufio.NewScanner(response.Body)
	}
	next := func(s *bufio.Scanner) string {
		for s.Scan() {
			if id, ok := strings.CutPrefix(s.Text(), "id: "); ok {
				return id
			}
		}
		t.Fatal("the stream ended")
		return ""
	}
	east, west := heard(d.east), heard(d.west)
	before, other := next(east), next(west)
	d.add(t, "basalt", 121, 113.90)
	if now := next(west); now == other {
		t.Errorf("the west hears of %s again", now)
	}
	d.add(t, "amber", 81, 113.92)
	now := next(east)
	if now == before {
		t.Errorf("the east hears of %s again", now)
	}
	// Had it heard of the west as well, the news of its own were still to come.
	var present struct{ Version string }
	if decode(t, d.ask(d.east, "/status"), &present); present.Version != now {
		t.Errorf("the east hears of %s first, and is at %s", now, present.Version)
	}
}
