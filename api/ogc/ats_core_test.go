package ogc_test

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// TestATSHTTP is /conf/core/http (requirement /req/core/http): HTTP 1.1, of which HEAD
// is a part (RFC 9110, section 9.3.2: the fields that GET would have, and no body).
func TestATSHTTP(t *testing.T) {
	a := newATS(t)
	for _, path := range a.api.Paths.InMatchingOrder() {
		if strings.Contains(path, "{") {
			continue
		}
		response, err := http.Get(a.root + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.Proto != "HTTP/1.1" || response.StatusCode != http.StatusOK {
			t.Errorf("GET %s: %s %s", path, response.Proto, response.Status)
		}
		head := get(t, "HEAD", a.root+path)
		for _, name := range []string{"Content-Type", "Content-Crs", "ETag", "Link", "Vary"} {
			if head.status != http.StatusOK || head.body != "" || !slices.Equal(head.header.Values(name), response.Header.Values(name)) {
				t.Errorf("HEAD %s: %d, %s %q, GET says %q", path, head.status, name, head.header.Values(name), response.Header.Values(name))
			}
		}
	}
}

// TestATSLandingPage is /conf/core/root-op and /conf/core/root-success (requirements
// /req/core/root-op, /req/core/root-success).
func TestATSLandingPage(t *testing.T) {
	a := newATS(t)
	checkSchema(t, "landingPage", "the landing page", get(t, "GET", a.root+"/").body)
	for _, rel := range []string{"service-desc", "conformance", "data"} {
		if _, ok := relation(a.landing.Links, rel, ""); !ok {
			t.Errorf("the landing page has no link %s", rel)
		}
	}
	a.checkSelf("the landing page", "/", a.landing.Links)
}

// TestATSConformance is /conf/core/conformance-op and /conf/core/conformance-success
// (requirements /req/core/conformance-op, /req/core/conformance-success).
func TestATSConformance(t *testing.T) {
	a := newATS(t)
	link, _ := relation(a.landing.Links, "conformance", api.JSON)
	for _, at := range []string{link.Href, a.root + "/conformance"} {
		var declared struct{ ConformsTo []string }
		checkSchema(t, "confClasses", at, a.read(at, &declared).body)
		for _, class := range []string{"1/1.0/conf/core", "1/1.0/conf/geojson", "1/1.0/conf/oas30", "2/1.0/conf/crs"} {
			if !slices.Contains(declared.ConformsTo, "http://www.opengis.net/spec/ogcapi-features-"+class) {
				t.Errorf("%s does not declare %s", at, class)
			}
		}
		slices.Sort(declared.ConformsTo)
		if once := slices.Compact(slices.Clone(declared.ConformsTo)); len(once) != len(declared.ConformsTo) {
			t.Errorf("%s declares a class twice: %v", at, declared.ConformsTo)
		}
	}
}

// TestATSCollections is /conf/core/fc-md-op, fc-md-success, fc-md-links, fc-md-items and
// fc-md-items-links (requirements /req/core/fc-md-op, fc-md-success, fc-md-links,
// fc-md-items, fc-md-items-links).
func TestATSCollections(t *testing.T) {
	a := newATS(t)
	var list struct {
		Links       []api.Link
		Collections []described
	}
	checkSchema(t, "collections", "/collections", a.read(a.root+"/collections", &list).body)
	a.checkSelf("/collections", "/collections", list.Links)
	seen := map[string]bool{}
	for _, c := range list.Collections {
		if c.ID == "" || seen[c.ID] {
			t.Errorf("the id %q is empty or there twice", c.ID)
		}
		seen[c.ID] = true
		for _, media := range a.encodings("/collections/" + c.ID + "/items") {
			if _, ok := relation(c.Links, "items", api.MediaType(media)); !ok {
				t.Errorf("%s has no link to items as %s", c.ID, media)
			}
		}
		if strings.Contains(a.items(c), "?") {
			t.Errorf("%s: GDAL appends ids to %s, which has a query", c.ID, a.items(c))
		}
	}
	for _, path := range a.api.Paths.InMatchingOrder() {
		if id, ok := strings.CutSuffix(path, "/items"); ok && !seen[strings.TrimPrefix(id, "/collections/")] {
			t.Errorf("%s is defined, and the collection is not listed", path)
		}
	}
}

// TestATSCollection is /conf/core/sfc-md-op and /conf/core/sfc-md-success (requirements
// /req/core/sfc-md-op, /req/core/sfc-md-success).
func TestATSCollection(t *testing.T) {
	a := newATS(t)
	for _, listed := range a.collections {
		at := a.root + "/collections/" + listed.ID
		var alone described
		checkSchema(t, "collection", at, a.read(at, &alone).body)
		if !reflect.DeepEqual(alone, listed) {
			t.Errorf("%s is %+v alone and %+v in the list", at, alone, listed)
		}
		a.checkLinks(at, alone.Links)
	}
}

// tightEngine has cells that overlap its communities, and no more room than those.
type tightEngine struct{ *gridEngine }

func (e tightEngine) Extent(ctx context.Context) (orb.Bound, time.Time, time.Time, error) {
	_, from, to, err := e.fakeEngine.Extent(ctx)
	return e.areas[0].Outline.Bound(), from, to, err
}

func (e tightEngine) Run(ctx context.Context, name string, given map[string]string) (*analytics.Layer, error) {
	if given["res"] == "" {
		given["res"] = "9"
	}
	return e.gridEngine.Run(ctx, name, given)
}

// TestATSExtent is /conf/core/fc-md-extent (requirement /req/core/fc-md-extent): the
// box of a collection has all its geometries, and not the whole world.
func TestATSExtent(t *testing.T) {
	a := newATS(t)
	for _, c := range a.collections {
		if c.Extent.Spatial != nil {
			a.checkExtent(c, "")
		}
	}
	grid := atsOf(t, tightEngine{&gridEngine{fakeEngine: fakeEngine{version: "v1"}, areas: town()}})
	for _, id := range []string{"waiting", "near"} {
		c := grid.collection(id)
		for _, res := range []string{"", "&res=7", "&res=8", "&res=9"} {
			grid.checkExtent(c, res)
		}
		if box := c.Extent.Spatial.BBox[0]; box[2]-box[0] > 0.12 || box[3]-box[1] > 0.12 {
			t.Errorf("the box of %s is %v, for four kilometres and cells of three", id, box)
		}
	}
}

// checkExtent compares the box of a collection with its features under a query.
func (a *ats) checkExtent(c described, query string) {
	a.t.Helper()
	box := c.Extent.Spatial.BBox[0]
	if c.Extent.Spatial.CRS != ogcCRS84 || len(box) != 4 {
		a.t.Errorf("%s: box %v in %s", c.ID, box, c.Extent.Spatial.CRS)
	}
	for _, f := range a.all(c, "limit=10000"+query) {
		if b := f.shape().Bound(); f.Geometry != nil && (b.Min[0] < box[0] || b.Min[1] < box[1] || b.Max[0] > box[2] || b.Max[1] > box[3]) {
			a.t.Errorf("%s%s: %s at %v is outside of %v", c.ID, query, f.ID, b, box)
		}
	}
}
