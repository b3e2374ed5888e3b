package ogc_test

import (
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/project"
)

const (
	ogcCRS84       = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	epsgURI        = "http://www.opengis.net/def/crs/EPSG/0/"
	unsupportedCRS = "http://www.opengis.net/def/crs/0/unsupported" // of the executable suite
)

// knownCRS are the systems that the tests know, with the way from each to CRS84: the
// order of axes is that of the EPSG registry, Mercator is orb's.
func knownCRS() map[string]orb.Projection {
	swap := func(p orb.Point) orb.Point { return orb.Point{p[1], p[0]} }
	return map[string]orb.Projection{
		ogcCRS84:         func(p orb.Point) orb.Point { return p },
		epsgURI + "4326": swap,
		epsgURI + "4490": swap,
		epsgURI + "3857": project.Mercator.ToWGS84,
	}
}

// fromCRS84 goes the other way.
func fromCRS84(uri string) orb.Projection {
	if uri == epsgURI+"3857" {
		return project.WGS84.ToMercator
	}
	return knownCRS()[uri] // each of the others is its own inverse
}

// TestATSCRSOfCollections is /conf/crs/crs-uri, default-crs and storageCrs (requirements
// /req/crs/crs-uri, fc-md-crs-list, fc-md-storageCrs, fc-md-storageCrs-valid-value).
func TestATSCRSOfCollections(t *testing.T) {
	a := newATS(t)
	name := regexp.MustCompile(`^http://www\.opengis\.net/def/crs/[A-Za-z0-9]+/[0-9.]+/[A-Za-z0-9]+$`) // 09-048r5
	for _, listed := range a.collections {
		var alone described
		a.read(a.root+"/collections/"+listed.ID, &alone)
		for _, c := range []described{listed, alone} {
			for _, uri := range append(slices.Clone(c.CRS), c.StorageCRS) {
				if _, err := url.ParseRequestURI(uri); err != nil || !name.MatchString(uri) {
					t.Errorf("%s: %q is no name of a coordinate reference system", c.ID, uri)
				}
			}
			if len(c.CRS) == 0 || c.CRS[0] != ogcCRS84 || !slices.Contains(c.CRS, c.StorageCRS) {
				t.Errorf("%s: systems %v, storage %s", c.ID, c.CRS, c.StorageCRS)
			}
		}
	}
}

// TestATSCRSParameter is /conf/crs/crs-parameter, crs-parameter-default and
// crs-parameter-transform (requirements /req/crs/fc-crs-definition, fc-crs-valid-value B,
// fc-crs-default-value, fc-crs-action, ogc-crs-header, ogc-crs-header-value, geojson),
// for features and a feature, as GeoJSON.
func TestATSCRSParameter(t *testing.T) {
	a := newATS(t)
	for _, c := range a.collections {
		for _, uri := range c.CRS {
			back, known := knownCRS()[uri]
			if !known {
				t.Errorf("%s: %s is not known to the test", c.ID, uri)
				continue
			}
			in := []string{"crs", uri, "limit", "50"}
			var plain, turned struct{ Features []geoFeature }
			checkContentCRS(t, a.read(with(a.items(c), "limit", "50"), &plain), ogcCRS84)
			got := a.read(with(a.items(c), in...), &turned)
			checkContentCRS(t, got, uri)
			checkSchema(t, "featureCollectionGeoJSON", c.ID+" in "+uri, got.body)
			if !slices.Equal(idsOf(turned.Features), idsOf(plain.Features)) {
				t.Errorf("%s in %s has other features", c.ID, uri)
			}
			for i, f := range turned.Features {
				checkTurned(t, uri, f, plain.Features[i], back)
				if i > 2 {
					continue
				}
				var alone geoFeature
				checkContentCRS(t, a.read(a.items(c)+"/"+f.ID+"?"+url.Values{"crs": {uri}}.Encode(), &alone), uri)
				checkTurned(t, uri, alone, plain.Features[i], back)
			}
		}
	}
}

func checkContentCRS(t *testing.T, got answer, uri string) {
	t.Helper()
	if told := got.header.Get("Content-Crs"); told != "<"+uri+">" {
		t.Errorf("Content-Crs %s, want <%s>", told, uri)
	}
}

// checkTurned takes a geometry back to CRS84 and compares it with what is served there:
// within a thousandth of a second of arc, three centimetres. Rings may begin and turn
// otherwise, since what is anticlockwise depends on the order of the axes.
func checkTurned(t *testing.T, uri string, turned, plain geoFeature, back orb.Projection) {
	t.Helper()
	got, want := pointsOf(turned.shape()), pointsOf(plain.shape())
	for i, p := range got {
		got[i] = back(p)
	}
	near := func(all []orb.Point, p orb.Point) bool {
		return slices.ContainsFunc(all, func(q orb.Point) bool { return math.Hypot(p[0]-q[0], p[1]-q[1]) < 0.001/3600 })
	}
	strange := func(all []orb.Point) func(orb.Point) bool {
		return func(p orb.Point) bool { return !near(all, p) }
	}
	if len(got) != len(want) || slices.ContainsFunc(got, strange(want)) || slices.ContainsFunc(want, strange(got)) {
		t.Errorf("%s in %s is %v, want %v", plain.ID, uri, got, want)
	}
}

// pointsOf returns the points of what the service draws: polygons.
func pointsOf(g orb.Geometry) (all []orb.Point) {
	rings := func(p orb.Polygon) {
		for _, ring := range p {
			all = append(all, ring...)
		}
	}
	switch g := g.(type) {
	case orb.Polygon:
		rings(g)
	case orb.MultiPolygon:
		for _, p := range g {
			rings(p)
		}
	}
	return all
}

// TestATSCRSInvalid is /conf/crs/crs-parameter-invalid and bbox-crs-parameter-invalid
// (requirements /req/crs/fc-crs-valid-value, fc-bbox-crs-valid-value): what is not in the
// list is refused.
func TestATSCRSInvalid(t *testing.T) {
	a := newATS(t)
	for _, c := range a.collections {
		refused := []string{with(a.items(c), "bbox", "113,22,114,23", "bbox-crs", unsupportedCRS)}
		for _, uri := range []string{unsupportedCRS, "EPSG:4326", epsgURI + "4326/", strings.ToLower(ogcCRS84), "#/crs"} {
			refused = append(refused, with(a.items(c), "crs", uri))
			for _, f := range a.page(with(a.items(c), "limit", "1")).Features {
				refused = append(refused, with(a.items(c)+"/"+f.ID, "crs", uri))
			}
		}
		for _, at := range refused {
			if got := get(t, "GET", at); got.status != http.StatusBadRequest || got.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("GET %s: %d %s", at, got.status, got.body)
			}
		}
	}
}

// TestATSBoxCRS is /conf/crs/bbox-crs-parameter and bbox-crs-parameter-default
// (requirements /req/crs/fc-bbox-crs-definition, fc-bbox-crs-action,
// fc-bbox-crs-default-value). A box along the axes is one in every system that is
// served, so each answers with the same features.
func TestATSBoxCRS(t *testing.T) {
	a := newATS(t)
	low, high := orb.Point{114.052, 22.531}, orb.Point{114.071, 22.547}
	text := func(turn orb.Projection) string {
		var numbers []string
		for _, p := range []orb.Point{turn(low), turn(high)} {
			numbers = append(numbers, strconv.FormatFloat(p[0], 'f', -1, 64), strconv.FormatFloat(p[1], 'f', -1, 64))
		}
		return strings.Join(numbers, ",")
	}
	parted := false
	for _, c := range a.collections {
		want := idsOf(a.all(c, "bbox="+text(fromCRS84(ogcCRS84))))
		parted = parted || len(want) > 0 && len(want) < len(a.all(c, "limit=1000"))
		for _, uri := range c.CRS {
			query := url.Values{"bbox": {text(fromCRS84(uri))}, "bbox-crs": {uri}}
			if got := idsOf(a.all(c, query.Encode())); !slices.Equal(got, want) {
				t.Errorf("%s, %s: %v, want %v", c.ID, query.Encode(), got, want)
			}
		}
	}
	if !parted {
		t.Error("the box parts no collection, so nothing was tested")
	}
}
