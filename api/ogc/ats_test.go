package ogc_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
)

// The tests in ats_*_test.go are the abstract test suites of OGC API - Features: annex
// A of Part 1 (17-069r4, version 1.0.1; classes core, geojson and oas30) and of Part 2
// (18-058r1). Each test names the abstract tests (/conf/…) and the requirements
// (/req/…) it stands for. Where the executable suite of the OGC, ets-ogcapi-features10
// 1.9, asks for more than the annex or for something of its own, that is asked here too.

// An ats is a service under test, with what its landing page, its definition and its
// list of collections say.
type ats struct {
	t           *testing.T
	root        string
	landing     struct{ Links []api.Link }
	api         *openapi3.T
	collections []described
}

// described is a collection as the service describes it.
type described struct {
	ID, Title, Description, ItemType, StorageCRS string
	CRS                                          []string
	Extent                                       struct {
		Spatial *struct {
			BBox [][]float64
			CRS  string
		}
		Temporal *struct{ Interval [][2]*time.Time }
	}
	Links []api.Link
}

// farEngine has a district on both sides of the antimeridian as well, where the
// executable suite looks.
type farEngine struct{ *fakeEngine }

func (e farEngine) Hierarchy(context.Context) (*data.Hierarchy, error) {
	box := func(west, east float64) orb.Polygon {
		return orb.Polygon{{{west, 66}, {east, 66}, {east, 68}, {west, 68}, {west, 66}}}
	}
	far := data.Community{Code: "D9", Level: data.District, Names: data.Names{"": "Чукотка"}, Outline: orb.MultiPolygon{box(178, 180), box(-180, -178)}}
	return data.NewHierarchy(append(districts(), far)), nil
}

func (e farEngine) Extent(ctx context.Context) (orb.Bound, time.Time, time.Time, error) {
	_, from, to, err := e.fakeEngine.Extent(ctx)
	return orb.Bound{Min: orb.Point{-180, 22}, Max: orb.Point{180, 68}}, from, to, err
}

// newATS looks at a service that has features on both sides of the antimeridian.
func newATS(t *testing.T) *ats {
	t.Helper()
	return atsOf(t, farEngine{&fakeEngine{version: "v1"}})
}

// atsOf looks at a service as a client does: from the landing page on.
func atsOf(t *testing.T, engine ogc.Engine) *ats {
	t.Helper()
	server := httptest.NewServer(factHandler(engine, &ogc.Facts{Source: someFacts(t, 40)}))
	t.Cleanup(server.Close)
	a := &ats{t: t, root: server.URL}
	a.read(a.root+"/", &a.landing)
	desc, ok := relation(a.landing.Links, "service-desc", api.OpenAPI)
	if !ok {
		t.Fatalf("the landing page has no service-desc of type %s", api.OpenAPI)
	}
	var err error
	if a.api, err = openapi3.NewLoader().LoadFromData([]byte(get(t, "GET", desc.Href).body)); err != nil {
		t.Fatalf("read the definition: %v", err)
	}
	var list struct{ Collections []described }
	if a.read(a.root+"/collections", &list); len(list.Collections) == 0 {
		t.Fatal("there are no collections")
	}
	a.collections = list.Collections
	return a
}

// read reads a document of JSON.
func (a *ats) read(at string, into any) answer {
	a.t.Helper()
	got := get(a.t, "GET", at)
	if got.status != http.StatusOK {
		a.t.Fatalf("GET %s: %d %s", at, got.status, got.body)
	}
	if err := json.Unmarshal([]byte(got.body), into); err != nil {
		a.t.Fatalf("GET %s: %v", at, err)
	}
	return got
}

// items returns the address of the features of a collection as its link says.
func (a *ats) items(c described) string {
	a.t.Helper()
	l, ok := relation(c.Links, "items", api.GeoJSON)
	if !ok {
		a.t.Fatalf("%s has no link to items as GeoJSON", c.ID)
	}
	return l.Href
}

// all returns every feature of a collection under a query, page after page.
func (a *ats) all(c described, query string) (all []geoFeature) {
	a.t.Helper()
	for at := a.items(c) + "?" + query; at != ""; {
		var page struct {
			Features []geoFeature
			Links    []api.Link
		}
		a.read(at, &page)
		all = append(all, page.Features...)
		next, _ := relation(page.Links, "next", "")
		at = next.Href
	}
	return all
}

func (a *ats) collection(id string) described {
	a.t.Helper()
	at := slices.IndexFunc(a.collections, func(c described) bool { return c.ID == id })
	if at < 0 {
		a.t.Fatalf("there is no collection %s", id)
	}
	return a.collections[at]
}

// operation returns what the definition says of GET on a path.
func (a *ats) operation(path string) *openapi3.Operation {
	a.t.Helper()
	path = exported.ReplaceAllString(path, "/exports/$1.{extension}")
	item := a.api.Paths.Find(path)
	if item == nil || item.Get == nil {
		a.t.Fatalf("the definition has no GET %s", path)
	}
	return item.Get
}

// exported matches the path of a file.
var exported = regexp.MustCompile(`^/exports/(.*)\.[a-z]+$`)

// encodings returns the media types, without parameters, that the definition gives for
// a path.
func (a *ats) encodings(path string) (all []string) {
	a.t.Helper()
	for media := range a.operation(path).Responses.Status(http.StatusOK).Value.Content {
		all = append(all, api.MediaType(media).Bare())
	}
	return all
}

// checkSelf holds links to what requirements fc-md-links, fc-links and f-links ask: a
// link to the document, one to it in every other encoding, each with rel and type.
func (a *ats) checkSelf(at, path string, links []api.Link) {
	a.t.Helper()
	self, ok := relation(links, "self", "")
	if !ok {
		a.t.Errorf("%s has no link to itself", at)
	}
	for _, media := range a.encodings(path) {
		if _, ok := relation(links, "alternate", api.MediaType(media)); !ok && media != api.MediaType(self.Type).Bare() {
			a.t.Errorf("%s has no link to itself as %s", at, media)
		}
	}
	a.checkLinks(at, links)
}

// checkLinks follows links: each has a relation and the type of what it leads to.
func (a *ats) checkLinks(at string, links []api.Link) {
	a.t.Helper()
	for _, l := range links {
		if l.Rel == "" || l.Type == "" || !strings.HasPrefix(l.Href, a.root+"/") {
			a.t.Errorf("%s: the link %+v lacks rel, type or the address of the service", at, l)
			continue
		}
		if got := get(a.t, "GET", l.Href); got.status != http.StatusOK || api.MediaType(got.header.Get("Content-Type")).Bare() != api.MediaType(l.Type).Bare() {
			a.t.Errorf("%s: the link %s leads to %d %s, it says %s", at, l.Href, got.status, got.header.Get("Content-Type"), l.Type)
		}
	}
}

// relation finds a link by relation and, unless it is "", bare media type.
func relation(links []api.Link, rel string, media api.MediaType) (api.Link, bool) {
	at := slices.IndexFunc(links, func(l api.Link) bool {
		return l.Rel == rel && (media == "" || api.MediaType(l.Type).Bare() == media.Bare())
	})
	if at < 0 {
		return api.Link{}, false
	}
	return links[at], true
}

// documentSchemas are ours, after the clauses of the standard they name.
var documentSchemas = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromFile("testdata/documents.yaml")
})

// checkSchema validates a document against one of documentSchemas.
func checkSchema(t *testing.T, schema, at, body string) {
	t.Helper()
	schemas, err := documentSchemas()
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := json.Unmarshal([]byte(body), &document); err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	if err := schemas.Components.Schemas[schema].Value.VisitJSON(document); err != nil {
		t.Errorf("%s is no %s: %.400v", at, schema, err)
	}
}

// with adds parameters, given as name and value in turn, to an address.
func with(at string, parameters ...string) string {
	query := url.Values{}
	for i := 0; i+1 < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	return at + "?" + query.Encode()
}
