package ogc_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/uber/h3-go/v4"

	"github.com/civgrid/civgrid/api"
)

// A gridDocument is any JSON document about the grid.
type gridDocument struct {
	ID, Title, Description, URI                        string
	DefaultDepth, MaxRefinementLevel, MaxRelativeDepth *int
	Links                                              []api.Link
	LinkTemplates                                      []struct{ URITemplate, Rel string }
	DGGRS                                              []gridDocument
}

func (d gridDocument) link(t *testing.T, rel string) string {
	t.Helper()
	return linkOf(t, d.Links, rel)
}

func linkOf(t *testing.T, links []api.Link, rel string) string {
	t.Helper()
	i := slices.IndexFunc(links, func(l api.Link) bool { return l.Rel == rel })
	if i < 0 {
		t.Errorf("there is no link %s", rel)
		return ""
	}
	return links[i].Href
}

func (d gridDocument) template(t *testing.T, rel string) string {
	t.Helper()
	for _, l := range d.LinkTemplates {
		if l.Rel == rel {
			return l.URITemplate
		}
	}
	t.Errorf("there is no template %s", rel)
	return ""
}

// TestGridIsListedAndDescribed follows /req/core/dggrs-list,
// /req/core/dggrs-description, /req/root-dggs/dggs, /req/collection-dggs/dggs,
// /req/zone-query/zones-list part B and /req/data-retrieval/zone-data parts B and F of
// 21-038r1: from the landing page and the collection to every resource by links.
func TestGridIsListedAndDescribed(t *testing.T) {
	base, _ := serveGrid(t, town())
	for at, owner := range map[string]string{"/": "dataset", "/collections/waiting": "geodata"} {
		start := document[gridDocument](t, base+at)
		list := document[gridDocument](t, start.link(t, ogcRel+"dggrs-list"))
		if got := list.link(t, ogcRel+owner); got != base+at {
			t.Errorf("the list belongs to %s, want %s", got, base+at)
		}
		if len(list.DGGRS) != 1 || list.DGGRS[0].ID != "H3" || list.DGGRS[0].Title == "" || list.DGGRS[0].URI != "" {
			t.Fatalf("the list holds %+v", list.DGGRS)
		}
		self := list.DGGRS[0].link(t, "self")
		grid := document[gridDocument](t, self)
		switch {
		case grid.ID != "H3" || grid.Title == "" || grid.Description == "" || grid.URI != "":
			t.Errorf("the grid is %+v", grid)
		case grid.link(t, "self") != self || grid.link(t, ogcRel+owner) != base+at:
			t.Errorf("the grid at %s has the links %+v", self, grid.Links)
		case *grid.DefaultDepth != 0 || *grid.MaxRefinementLevel != 11 || *grid.MaxRelativeDepth != 5: // 7⁵ = 16,807, 7⁶ = 117,649
			t.Errorf("depths are %d and up to %d, levels up to %d", *grid.DefaultDepth, *grid.MaxRelativeDepth, *grid.MaxRefinementLevel)
		case grid.link(t, ogcRel+"dggrs-definition") != list.DGGRS[0].link(t, ogcRel+"dggrs-definition"):
			t.Error("list and grid link to two definitions")
		}
		zones := document[struct{ Zones []string }](t, grid.link(t, ogcRel+"dggrs-zone-query")+"?compact-zones=false").Zones
		for _, rel := range []string{"dggrs-zone-info", "dggrs-zone-data"} {
			address := strings.Replace(grid.template(t, ogcRel+rel), "{zoneId}", zones[0], 1)
			if a := get(t, "GET", address); a.status != 200 {
				t.Errorf("%s: %d %s", address, a.status, a.body)
			}
		}
	}
}

// TestParametersOfTheAnalysisAreHandedOn follows links that begin with a layer.
func TestParametersOfTheAnalysisAreHandedOn(t *testing.T) {
	base, engine := serveGrid(t, town())
	start := document[gridDocument](t, base+"/collections/waiting?min-n=7")
	list := document[gridDocument](t, start.link(t, ogcRel+"dggrs-list"))
	grid := document[gridDocument](t, list.DGGRS[0].link(t, "self"))
	zones := document[struct {
		gridDocument
		Zones []string
	}](t, grid.link(t, ogcRel+"dggrs-zone-query"))
	if engine.given["min-n"] != "7" || engine.given["res"] != "9" {
		t.Errorf("zones are listed of a layer with %v", engine.given)
	}
	data := strings.Replace(zones.template(t, ogcRel+"dggrs-zone-data"), "{zoneId}", zones.Zones[0], 1)
	if a := get(t, "GET", data); a.status != 200 || !strings.Contains(data, "min-n=7") {
		t.Errorf("%s: %d %s", data, a.status, a.body)
	}
	if n := engine.runs.Load(); n > 2 {
		t.Errorf("the layer was computed %d times for two levels", n)
	}
}

// TestDefinition looks for what the schema of 21-038r1, Annex B, requires, and
// compares the orientation with the pentagons of h3-go, which lie on the vertices.
func TestDefinition(t *testing.T) {
	base, _ := serveGrid(t, town())
	d := document[struct {
		Description string
		DGGH        struct {
			Definition struct {
				SpatialDimensions, TemporalDimensions, RefinementRatio int
				Constraints                                            struct{ CellEqualSized bool }
			}
			Parameters struct {
				Orientation struct{ Latitude, Longitude, Azimuth float64 }
			}
		}
		ZIRS struct {
			TextZIRS, Uint64ZIRS struct{ Description string }
		}
		SubZoneOrder struct{ Description string }
	}](t, base+"/dggs/H3/definition")
	if g := d.DGGH.Definition; g.SpatialDimensions != 2 || g.TemporalDimensions != 0 || g.RefinementRatio != 7 || g.Constraints.CellEqualSized {
		t.Errorf("the grid is defined as %+v", g)
	}
	for _, told := range []string{"geodetic latitudes", "sphere", "children by index"} {
		if !strings.Contains(d.Description, told) {
			t.Errorf("the definition does not say %q: %s", told, d.Description)
		}
	}
	if d.ZIRS.TextZIRS.Description == "" || d.ZIRS.Uint64ZIRS.Description == "" || d.SubZoneOrder.Description == "" {
		t.Errorf("descriptions are missing: %+v", d)
	}
	first, err := h3.CellFromString("8075fffffffffff").LatLng()
	if err != nil {
		t.Fatal(err)
	}
	second, err := h3.CellFromString("8009fffffffffff").LatLng()
	if err != nil {
		t.Fatal(err)
	}
	rad := math.Pi / 180
	sin1, cos1 := math.Sincos(first.Lat * rad)
	sin2, cos2 := math.Sincos(second.Lat * rad)
	sinLon, cosLon := math.Sincos((second.Lng - first.Lng) * rad)
	azimuth := math.Atan2(sinLon*cos2, cos1*sin2-sin1*cos2*cosLon) / rad
	if o := d.DGGH.Parameters.Orientation; math.Abs(o.Latitude-first.Lat) > 1e-9 || math.Abs(o.Longitude-first.Lng) > 1e-9 || math.Abs(o.Azimuth-azimuth) > 1e-5 {
		t.Errorf("the orientation is %+v, want %v, %v, %v", o, first.Lat, first.Lng, azimuth)
	}
}

// TestConformanceOfTheGrid compares with the URIs of 21-038r1, section 2.4, which
// begin with https.
func TestConformanceOfTheGrid(t *testing.T) {
	base, _ := serveGrid(t, town())
	got := document[struct{ ConformsTo []string }](t, base+"/conformance").ConformsTo
	for _, class := range []string{
		"core", "zone-query", "data-retrieval", "root-dggs", "collection-dggs", "data-custom-depths", "data-subsetting",
		"operation-ids", "data-json", "data-geojson", "zone-geojson", "zone-uint64",
	} {
		if uri := "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/" + class; !slices.Contains(got, uri) {
			t.Errorf("%s is not declared", uri)
		}
	}
}

// TestOperationIDs follows /req/operation-ids/operation-ids, table "API operation
// identifier suffixes", and looks whether every reference leads somewhere.
func TestOperationIDs(t *testing.T) {
	base, _ := serveGrid(t, town())
	d := document[struct {
		Paths map[string]struct {
			Get struct {
				OperationID string
				Parameters  []map[string]any
			}
		}
		Components struct{ Parameters map[string]any }
	}](t, base+"/api")
	seen := map[string]string{}
	for path, operation := range d.Paths {
		if other, twice := seen[operation.Get.OperationID]; twice {
			t.Errorf("%s and %s are both called %s", path, other, operation.Get.OperationID)
		}
		seen[operation.Get.OperationID] = path
		for _, p := range operation.Get.Parameters {
			ref, is := p["$ref"].(string)
			if name, ok := strings.CutPrefix(ref, "#/components/parameters/"); is && (!ok || d.Components.Parameters[name] == nil) {
				t.Errorf("%s refers to %s, which is not there", path, ref)
			}
			if p["name"] == "res" && strings.Contains(path, "/dggs") {
				t.Errorf("%s has the parameter res, which zones say", path)
			}
		}
	}
	for at, suffix := range map[string]string{"": ".dataset.", "/collections/waiting": ".collection."} {
		for path, name := range map[string]string{
			"/dggs": "getDGGRSList", "/dggs/{dggrsId}": "getDGGRS", "/dggs/{dggrsId}/zones": "getDGGRSZones",
			"/dggs/{dggrsId}/zones/{zoneId}": "getDGGRSZoneInfo", "/dggs/{dggrsId}/zones/{zoneId}/data": "getDGGRSZoneData",
		} {
			if got := d.Paths[at+path].Get.OperationID; !strings.HasSuffix(got, suffix+name) {
				t.Errorf("%s is called %q, want …%s", at+path, got, suffix+name)
			}
		}
	}
}

// TestEntityTagsOfTheGrid looks at ETag, 304 and HEAD of every resource.
func TestEntityTagsOfTheGrid(t *testing.T) {
	base, engine := serveGrid(t, town())
	zone := firstZone(t, base)
	for _, at := range []string{"", "/collections/waiting"} {
		for _, path := range []string{"", "/H3", "/H3/zones", "/H3/zones?f=geojson", "/H3/zones?f=uint64", "/H3/zones/" + zone, "/H3/zones/" + zone + "/data", "/H3/zones/" + zone + "/data?f=csv"} {
			address := base + at + "/dggs" + path
			first := get(t, "GET", address)
			tag := first.header.Get("ETag")
			if first.status != 200 || tag == "" {
				t.Errorf("%s: %d %s, ETag %q", address, first.status, first.body, tag)
			}
			runs := engine.runs.Load()
			if again := get(t, "GET", address, "If-None-Match", tag); again.status != 304 || again.body != "" || engine.runs.Load() != runs {
				t.Errorf("%s with its tag: %d", address, again.status)
			}
			head := get(t, "HEAD", address)
			if head.status != 200 || head.header.Get("ETag") != tag || head.body != "" || head.header.Get("Content-Type") != first.header.Get("Content-Type") {
				t.Errorf("HEAD %s: %d %v", address, head.status, head.header)
			}
		}
	}
	address := base + "/collections/waiting/dggs/H3/zones"
	tag := get(t, "GET", address).header.Get("ETag")
	if other := get(t, "GET", address+"?f=uint64").header.Get("ETag"); other == tag {
		t.Error("two formats share a tag")
	}
	engine.version = "v2"
	if a := get(t, "GET", address, "If-None-Match", tag); a.status != 200 {
		t.Errorf("new data with an old tag: %d", a.status)
	}
}

// firstZone returns the first zone of the layer.
func firstZone(t *testing.T, base string) string {
	t.Helper()
	return document[zoneList](t, base+"/collections/waiting/dggs/H3/zones?compact-zones=false").Zones[0]
}

// TestWhatThereIsNot asks for resources of the grid that do not exist.
func TestWhatThereIsNot(t *testing.T) {
	base, _ := serveGrid(t, town())
	for _, path := range []string{
		"/dggs/S2", "/dggs/h3", "/dggs/S2/zones", "/dggs/S2/definition", "/collections/none/dggs", "/collections/communities/dggs", "/collections/waiting-district/dggs/H3",
		"/dggs/H3/zones/zzz", "/dggs/H3/zones/8928308280FFFFF", "/dggs/H3/zones/08928308280fffff", "/dggs/H3/zones/8928308280ffffe",
		"/dggs/H3/zones/8a283082a1fffff", "/dggs/H3/zones/0", "/dggs/H3/zones/%20/data", "/collections/waiting/dggs/H3/zones/16/data",
	} {
		if a := get(t, "GET", base+path); a.status != 404 || !json.Valid([]byte(a.body)) || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}
