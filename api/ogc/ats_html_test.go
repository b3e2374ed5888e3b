package ogc_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/page/pagetest"
	"github.com/civgrid/civgrid/geo"
)

// browser is the Accept field of Firefox.
const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

// filesOnly matches the paths whose answers are files, tiles or a stream: they are no
// documents, and have no page.
var filesOnly = regexp.MustCompile(`^/exports/|/\{tileCol\}$|/changes$`)

// pages yields the paths of the definition that have a page, with an address for each
// of which there is something to show.
func (a *ats) pages(yield func(path, at string) bool) {
	a.t.Helper()
	zone, err := geo.CellAt(orb.Point{114.06, 22.54}, 9)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, path := range a.api.Paths.InMatchingOrder() {
		at := a.root + a.fill(strings.Replace(path, "{zoneId}", zone.String(), 1))
		if slices.Contains(a.encodings(path), api.HTML.Bare()) && !strings.HasSuffix(at, "/none") && !yield(path, at) {
			return
		}
	}
}

// TestATSHTMLDefinition is /conf/html/definition (requirement /req/html/definition):
// every document is served as HTML to who asks for it, and to nobody else.
func TestATSHTMLDefinition(t *testing.T) {
	a := atsOf(t, &fakeEngine{version: "v1"})
	var classes struct{ ConformsTo []string }
	a.read(a.root+"/conformance", &classes)
	if !slices.Contains(classes.ConformsTo, "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html") {
		t.Error("the class is not declared")
	}
	for _, path := range a.api.Paths.InMatchingOrder() {
		if slices.Contains(a.encodings(path), api.HTML.Bare()) == filesOnly.MatchString(path) {
			t.Errorf("GET %s is defined with %v", path, a.encodings(path))
		}
	}
	for path, at := range a.pages {
		for _, accept := range []string{"text/html", browser} {
			if got := get(t, "GET", at, "Accept", accept); got.status != http.StatusOK || got.header.Get("Content-Type") != string(api.HTML) || !slices.Contains(got.header.Values("Vary"), "Accept") {
				t.Errorf("GET %s, Accept %s: %d %s, Vary %v", path, accept, got.status, got.header.Get("Content-Type"), got.header.Values("Vary"))
			}
		}
		for _, accept := range []string{"*/*", "", "application/json, text/html;q=0.9", "text/html;q=0.5,*/*"} {
			if got := get(t, "GET", at, "Accept", accept); got.status != http.StatusOK || got.header.Get("Content-Type") == string(api.HTML) {
				t.Errorf("GET %s, Accept %q: %d %s", path, accept, got.status, got.header.Get("Content-Type"))
			}
		}
		if got := get(t, "GET", at+"?f=html", "Accept", "*/*"); got.header.Get("Content-Type") != string(api.HTML) {
			t.Errorf("GET %s?f=html: %d %s", path, got.status, got.header.Get("Content-Type"))
		}
		if json, page := get(t, "HEAD", at).header.Get("ETag"), get(t, "HEAD", at+"?f=html").header.Get("ETag"); json == page || page == "" {
			t.Errorf("%s has the entity tag %s, its page %s", path, json, page)
		}
	}
}

// TestATSHTMLContent is /conf/html/content (requirement /req/html/content): a page is
// HTML that needs no mending, and has all information and all links of the document.
func TestATSHTMLContent(t *testing.T) {
	a := atsOf(t, &fakeEngine{version: "v1"})
	for path, at := range a.pages {
		whole := at
		if strings.HasSuffix(path, "/items") {
			whole = with(at, "limit", "10000") // of which a page shows fewer by itself
		}
		shown := pagetest.Read(t, path, get(t, "GET", whole, "Accept", "text/html").body)
		switch {
		case path == "/api":
			for _, other := range a.api.Paths.InMatchingOrder() {
				if !strings.Contains(shown.Text, other) {
					t.Errorf("the page of the interface does not name %s", other)
				}
			}
		case strings.HasSuffix(path, "/items"), strings.HasSuffix(path, "/zones"), strings.HasSuffix(path, "/data"):
			a.checkRows(path, at, shown)
		default:
			shown.Holds(t, path, []byte(get(t, "GET", at+"?f=json").body))
		}
		if !slices.ContainsFunc(shown.Links, func(l string) bool { return strings.HasPrefix(l, at) && strings.Contains(l, "f=") }) {
			t.Errorf("the page of %s leads to no other format: %v", path, shown.Links)
		}
	}
}

// checkRows holds a page of rows to the same as GeoJSON: each id, each value, and each
// link but those to itself and to other formats.
func (a *ats) checkRows(path, at string, shown pagetest.Page) {
	a.t.Helper()
	var served struct {
		Features []struct {
			ID         any
			Properties map[string]any
		}
		Links []api.Link
	}
	a.read(at+"?f=geojson", &served)
	for _, f := range served.Features {
		for _, value := range f.Properties {
			if text, ok := value.(string); ok && !strings.Contains(shown.Text, text) {
				a.t.Errorf("the page of %s does not say %q", path, text)
			}
		}
		if f.ID != nil && !strings.Contains(shown.Text, fmt.Sprint(f.ID)) {
			a.t.Errorf("the page of %s does not name %v", path, f.ID)
		}
	}
	for _, l := range served.Links {
		if l.Rel != "next" && !slices.ContainsFunc(shown.Links, func(to string) bool { return pagetest.Address(to) == pagetest.Address(l.Href) }) {
			a.t.Errorf("the page of %s has no link to %s", path, l.Href)
		}
	}
}

// TestEveryLinkOfPagesLeadsSomewhere goes from page to page as a reader with a browser
// does, from the landing page on, and finds every collection, feature and grid.
func TestEveryLinkOfPagesLeadsSomewhere(t *testing.T) {
	a := atsOf(t, &fakeEngine{version: "v1"})
	seen, kinds := map[string]bool{}, map[string]int{}
	for next := []string{a.root + "/"}; len(next) > 0; next = next[1:] {
		at := next[0]
		path, _, _ := strings.Cut(strings.TrimPrefix(at, a.root), "?")
		if kind := kindOf(path); seen[at] || !strings.HasPrefix(at, a.root) || kinds[kind] >= 5 {
			continue
		} else {
			kinds[kind]++
		}
		seen[at] = true
		got := get(t, "GET", at, "Accept", browser)
		if got.status != http.StatusOK && got.status != http.StatusNoContent { // there are zones without data
			t.Errorf("a link leads to %s: %d %s", at, got.status, got.body)
		}
		if got.header.Get("Content-Type") == string(api.HTML) {
			next = append(next, pagetest.Read(t, at, got.body).Links...)
		}
	}
	for _, kind := range []string{"/", "/conformance", "/exports", "/collections/*", "/collections/*/items/*", "/dggs/*/zones/*", "/styles/*", "/tiles/*", "/collections/*/schema", "/exports/*"} {
		if kinds[kind] == 0 {
			t.Errorf("no link leads to %s, only to %v", kind, kinds)
		}
	}
}

// kindOf returns a path with the names of things left out, which stand in every second
// place.
func kindOf(path string) string {
	parts := strings.Split(path, "/")
	for i := 2; i < len(parts); i += 2 {
		parts[i] = "*"
	}
	return strings.Join(parts, "/")
}

// TestExportsAreListed: each collection in each format, each link to a file of the type
// it names, which may be asked for by the name of the format too.
func TestExportsAreListed(t *testing.T) {
	a := atsOf(t, &fakeEngine{version: "v1"})
	var list struct {
		Exports []struct {
			ID    string
			Links []struct {
				api.Link
				F string
			}
		}
	}
	a.read(a.root+"/exports", &list)
	if len(list.Exports) != len(a.collections) {
		t.Errorf("%d collections are listed, want %d", len(list.Exports), len(a.collections))
	}
	for _, e := range list.Exports {
		if len(e.Links) != 7 {
			t.Errorf("%s is listed in %d formats, want 7", e.ID, len(e.Links))
		}
		for _, l := range e.Links {
			byName := l.Href[:strings.LastIndexByte(l.Href, '.')+1] + l.F
			for _, at := range []string{l.Href, byName} {
				got := get(t, "HEAD", at)
				if l.Rel != "enclosure" || got.status != http.StatusOK || api.MediaType(got.header.Get("Content-Type")).Bare() != l.Type {
					t.Errorf("%s leads to %d %s, want %s", at, got.status, got.header.Get("Content-Type"), l.Type)
				}
			}
			if a.collection(e.ID); !slices.ContainsFunc(a.collection(e.ID).Links, func(other api.Link) bool { return other == l.Link }) {
				t.Errorf("the collection %s has no link to %s", e.ID, l.Href)
			}
		}
	}
	for f, media := range map[string]api.MediaType{"geojsons": api.GeoJSONSeq, "arrows": api.ArrowStream} {
		if got := get(t, "HEAD", a.root+"/collections/waiting/items?f="+f); got.header.Get("Content-Type") != string(media) {
			t.Errorf("f=%s: %d %s", f, got.status, got.header.Get("Content-Type"))
		}
	}
	if l, ok := relation(a.landing.Links, "item", api.JSON); !ok || l.Href != a.root+"/exports" {
		t.Errorf("the landing page does not lead to exports: %+v", l)
	}
}

// TestTheDefinitionSharesParameters: what several operations have alike stands once, and
// the definition is the same each time it is made.
func TestTheDefinitionSharesParameters(t *testing.T) {
	a := atsOf(t, &fakeEngine{version: "v1"})
	type parameter = map[string]any
	var document struct {
		Paths      map[string]map[string]struct{ Parameters []parameter }
		Components struct{ Parameters map[string]parameter }
	}
	got := a.read(a.root+"/api", &document)
	seen := map[string]string{}
	note := func(where string, p parameter) {
		text, _ := json.Marshal(p)
		if first, twice := seen[string(text)]; twice && p["$ref"] == nil {
			t.Errorf("%s describes %v as %s does", where, p["name"], first)
		}
		seen[string(text)] = where
	}
	for name, p := range document.Components.Parameters {
		note("component "+name, p)
	}
	for path, item := range document.Paths {
		for method, operation := range item {
			for _, p := range operation.Parameters {
				note(method+" "+path, p)
			}
		}
	}
	if again := get(t, "GET", a.root+"/api"); again.body != got.body {
		t.Error("the definition is another the second time")
	}
}

// TestPagesShowAHundredRows: unless a limit is given, and next leads to the others.
func TestPagesShowAHundredRows(t *testing.T) {
	server, _ := serve(t)
	at := server.URL + "/collections/waiting/items"
	if limit := "As HTML, if it is not given, 100."; !strings.Contains(get(t, "GET", server.URL+"/api").body, limit) {
		t.Errorf("the definition does not say %q", limit)
	}
	f := func(at, want string, headers ...string) string {
		t.Helper()
		got := get(t, "GET", at, headers...)
		if n := got.header.Get("OGC-NumberReturned"); n != want || got.header.Get("OGC-NumberMatched") != "217" {
			t.Errorf("%s: %s of %s rows, want %s of 217", at, n, got.header.Get("OGC-NumberMatched"), want)
		}
		next, _, _ := strings.Cut(strings.TrimPrefix(got.header.Get("Link"), "<"), ">")
		return next
	}
	f(at, "217")
	f(at+"?f=html&limit=10000", "217")
	f(at+"?f=html&limit=7", "7")
	f(at, "217", "Accept", "*/*")
	f(f(f(at+"?f=html", "100"), "100"), "17")
	f(f(f(at, "100", "Accept", browser), "100", "Accept", browser), "17", "Accept", browser)
}
