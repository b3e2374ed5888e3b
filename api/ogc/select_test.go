package ogc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/civgrid/civgrid/geo"
	"github.com/civgrid/civgrid/geo/crs"
)

// pages reads all pages of items and returns the ids in the order they come in.
func pages(t *testing.T, first string) (ids []string) {
	t.Helper()
	for at := first; at != ""; {
		c := items(t, at)
		for _, f := range c.Features {
			ids = append(ids, f.ID)
		}
		if at = c.link("next"); at == "" && c.NumberMatched != len(ids) {
			t.Fatalf("%s: %d features on all pages, numberMatched %d", first, len(ids), c.NumberMatched)
		}
	}
	return ids
}

// TestFiltersAreThoseOfTheClient compares each filter with what a client works out
// from all features, at every size of page.
func TestFiltersAreThoseOfTheClient(t *testing.T) {
	server, _ := serve(t)
	base := server.URL + "/collections/waiting/items?"
	all := items(t, base+"limit=1000").Features
	f := func(query url.Values, meets func(id string, p map[string]any) bool) {
		t.Helper()
		var want []string
		for _, feature := range all {
			if meets(feature.ID, feature.Properties) {
				want = append(want, feature.ID)
			}
		}
		for _, size := range []int{1, 7, 1000} {
			query.Set("limit", fmt.Sprint(size))
			if size == 1 && len(want) > 60 {
				continue
			}
			if got := pages(t, base+query.Encode()); !slices.Equal(got, want) {
				t.Errorf("%s: %d features, want %d", query.Encode(), len(got), len(want))
			}
		}
		query.Set("resultType", "hits")
		if hits := items(t, base+query.Encode()); hits.NumberMatched != len(want) || len(hits.Features) != 0 {
			t.Errorf("%s: %d hits, want %d", query.Encode(), hits.NumberMatched, len(want))
		}
	}
	number := func(p map[string]any, name string) (float64, bool) { x, ok := p[name].(float64); return x, ok }
	filter := func(text string) url.Values { return url.Values{"filter": {text}} }
	f(filter("TRUE"), func(string, map[string]any) bool { return true })
	f(filter("FALSE"), func(string, map[string]any) bool { return false })
	f(filter("n < 20"), func(_ string, p map[string]any) bool { n, _ := number(p, "n"); return n < 20 })
	f(filter("n < 9223372036854775808"), func(string, map[string]any) bool { return true })
	f(filter("n = 9223372036854775808"), func(string, map[string]any) bool { return false })
	f(filter("sometimes IS NULL"), func(_ string, p map[string]any) bool { return p["sometimes"] == nil })
	f(filter("NOT (sometimes > 100)"), func(_ string, p map[string]any) bool { x, ok := number(p, "sometimes"); return ok && x <= 100 })
	f(filter("share BETWEEN 10 AND 20.25 OR n IN (3, 200)"), func(_ string, p map[string]any) bool {
		x, _ := number(p, "share")
		n, _ := number(p, "n")
		return x >= 10 && x <= 20.25 || n == 3 || n == 200
	})
	f(filter("place_name LIKE '香港%' AND n = 7"), func(_ string, p map[string]any) bool { n, _ := number(p, "n"); return n == 7 })
	f(filter("place_name = '澳門'"), func(string, map[string]any) bool { return false })
	f(filter("id = '"+all[5].ID+"'"), func(id string, _ map[string]any) bool { return id == all[5].ID })
	f(url.Values{"n": {"12"}}, func(_ string, p map[string]any) bool { n, _ := number(p, "n"); return n == 12 })
	f(url.Values{"place_name": {"香港 & 深圳"}, "share": {"12.25"}}, func(_ string, p map[string]any) bool { x, _ := number(p, "share"); return x == 12.25 })
	f(url.Values{"place_name": {"香港%"}}, func(string, map[string]any) bool { return false }) // as it is written
	f(url.Values{"filter": {`{"op":"<","args":[{"property":"n"},5]}`}, "filter-lang": {"cql2-json"}}, func(_ string, p map[string]any) bool { n, _ := number(p, "n"); return n < 5 })
	f(url.Values{"filter": {"n >= 210"}, "filter-lang": {"cql-text"}}, func(_ string, p map[string]any) bool { n, _ := number(p, "n"); return n >= 210 })
}

// TestSpatialFiltersAreThoseOfTheClient relates the polygons that are answered with
// the one that is asked for.
func TestSpatialFiltersAreThoseOfTheClient(t *testing.T) {
	server, _ := serve(t)
	base := server.URL + "/collections/waiting/items?limit=1000"
	whole := features(t, base)
	area := orb.Polygon{{{114.05, 22.535}, {114.065, 22.535}, {114.065, 22.545}, {114.05, 22.535}}}
	probe, err := geo.NewProbe(area)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range geo.Relations() {
		var want []string
		for _, feature := range whole.Features {
			is, err := probe.Is(feature.Geometry, r)
			if err != nil {
				t.Fatal(err)
			}
			if is {
				want = append(want, fmt.Sprint(feature.ID))
			}
		}
		query := url.Values{"filter": {string(r) + "(geometry, POLYGON((114.05 22.535, 114.065 22.535, 114.065 22.545, 114.05 22.535)))"}}
		if got := pages(t, base+"&"+query.Encode()); !slices.Equal(got, want) {
			t.Errorf("%s: %d features, want %d", r, len(got), len(want))
		}
		turned := url.Values{
			"filter-crs": {"http://www.opengis.net/def/crs/EPSG/0/4326"},
			"filter":     {string(r) + "(geometry, POLYGON((22.535 114.05, 22.535 114.065, 22.545 114.065, 22.535 114.05)))"},
		}
		if got := pages(t, base+"&"+turned.Encode()); !slices.Equal(got, want) {
			t.Errorf("%s with latitude first: %d features, want %d", r, len(got), len(want))
		}
	}
}

func features(t *testing.T, at string) *geojson.FeatureCollection {
	t.Helper()
	a := get(t, "GET", at)
	c, err := geojson.UnmarshalFeatureCollection([]byte(a.body))
	if err != nil || a.status != 200 {
		t.Fatalf("GET %s: %d %v %s", at, a.status, err, a.body)
	}
	return c
}

func TestFeaturesAreSorted(t *testing.T) {
	server, _ := serve(t)
	base := server.URL + "/collections/waiting/items?"
	all := items(t, base+"limit=1000").Features
	value := map[string]any{}
	for _, feature := range all {
		value[feature.ID] = feature.Properties["sometimes"]
	}
	for _, sign := range []string{"", "%2B", "-"} {
		for _, size := range []int{7, 1000} {
			ids := pages(t, base+fmt.Sprintf("limit=%d&sortby=%ssometimes,-n", size, sign))
			if len(ids) != len(all) {
				t.Fatalf("%d features sorted, want %d", len(ids), len(all))
			}
			for i := 1; i < len(ids); i++ {
				before, hasBefore := value[ids[i-1]].(float64)
				after, hasAfter := value[ids[i]].(float64)
				if hasAfter && !hasBefore || hasAfter && (sign == "-" && after > before || sign != "-" && after < before) {
					t.Fatalf("sortby %ssometimes: %v comes before %v", sign, value[ids[i-1]], value[ids[i]])
				}
			}
		}
	}
}

// TestCoordinateSystems follows one corner through each system (18-058r1, requirements
// 8, 9 and 16).
func TestCoordinateSystems(t *testing.T) {
	server, _ := serve(t)
	base := server.URL + "/collections/communities-street/items?"
	const epsg = "http://www.opengis.net/def/crs/EPSG/0/"
	mercator := func(lon, lat float64) orb.Point { // IOGP 373-7-2, method 1024
		const a = 6378137
		return orb.Point{a * lon * math.Pi / 180, a * math.Log(math.Tan(math.Pi/4+lat*math.Pi/360))}
	}
	for uri, want := range map[string]orb.Point{
		"": {114, 22.5},
		"http://www.opengis.net/def/crs/OGC/1.3/CRS84": {114, 22.5},
		epsg + "4326": {22.5, 114},
		epsg + "4490": {22.5, 114},
		epsg + "3857": mercator(114, 22.5),
	} {
		query := url.Values{}
		if uri != "" {
			query.Set("crs", uri)
		}
		for _, at := range []string{base + query.Encode(), strings.TrimSuffix(base, "?") + "/S1?" + query.Encode()} {
			a := get(t, "GET", at)
			told := "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
			if uri != "" {
				told = "<" + uri + ">"
			}
			if a.status != 200 || a.header.Get("Content-Crs") != told {
				t.Errorf("%s: %d, Content-Crs %s, want %s", at, a.status, a.header.Get("Content-Crs"), told)
			}
		}
		corners := features(t, base+query.Encode()).Features[0].Geometry.(orb.MultiPolygon)[0][0]
		if !slices.ContainsFunc(corners, func(p orb.Point) bool { return math.Hypot(p[0]-want[0], p[1]-want[1]) < 1e-6 }) {
			t.Errorf("%s: corners %v, want one at %v", uri, corners, want)
		}
	}
	low, high := mercator(114.01, 22.51), mercator(114.02, 22.52)
	for box, want := range map[string]int{
		"bbox=114.01,22.51,114.02,22.52":                                                                           1,
		"bbox=22.51,114.01,22.52,114.02&bbox-crs=" + url.QueryEscape(epsg+"4326"):                                  1,
		"bbox=24,114.01,25,114.02&bbox-crs=" + url.QueryEscape(epsg+"4490"):                                        0,
		fmt.Sprintf("bbox=%f,%f,%f,%f&bbox-crs=", low[0], low[1], high[0], high[1]) + url.QueryEscape(epsg+"3857"): 1,
	} {
		if got := items(t, base+box).NumberMatched; got != want {
			t.Errorf("%s matches %d, want %d", box, got, want)
		}
	}
}

func TestOnlyWhatIsWantedIsShown(t *testing.T) {
	server, _ := serve(t)
	base := server.URL + "/collections/waiting/items?limit=3"
	for _, feature := range items(t, base+"&properties=n,cell").Features {
		if names := slices.Sorted(maps.Keys(feature.Properties)); !slices.Equal(names, []string{"cell", "n"}) {
			t.Errorf("properties %v, want cell and n", names)
		}
	}
	var bare struct {
		Features []struct{ Geometry json.RawMessage }
	}
	if err := json.Unmarshal([]byte(get(t, "GET", base+"&skipGeometry=true").body), &bare); err != nil {
		t.Fatal(err)
	}
	for _, feature := range bare.Features {
		if string(feature.Geometry) != "null" {
			t.Errorf("geometry %s, want null", feature.Geometry)
		}
	}
}

func TestSelectionsThatAreNone(t *testing.T) {
	server, _ := serve(t)
	f := func(query, parameter, why string) {
		t.Helper()
		a := get(t, "GET", server.URL+"/collections/waiting/items?"+query)
		if a.status != 400 || !strings.Contains(a.body, `"`+parameter+`"`) || !strings.Contains(a.body, why) {
			t.Errorf("%s: %d %s, want 400 about %s: %s", query, a.status, a.body, parameter, why)
		}
	}
	f("filter=sharre%20%3D%205", "filter", "did you mean share?")
	f("filter=n%20%3D", "filter", "position 3")
	f("filter=n%20%3D%20'x'", "filter", "n")
	f("filter-lang=cql2-text", "filter-lang", "there is none")
	f("filter=n%3D1&filter-lang=sql", "filter-lang", "cql2-json")
	f("filter=%7B&filter-lang=cql2-json", "filter", "no JSON")
	f("n=1.5", "n", "a whole number")
	f("share=x", "share", "a number")
	f("sortby=sharre", "sortby", "no property")
	f("sortby=n,-n", "sortby", "twice")
	f("sortby=%2B-n", "sortby", "parted by commas")
	f("properties=n,m", "properties", "no property")
	f("skipGeometry=yes", "skipGeometry", "true or false")
	f("crs=EPSG:3857", "crs", "want one of")
	f("f=parquet&crs="+url.QueryEscape("http://www.opengis.net/def/crs/EPSG/0/3857"), "crs", "longitude and latitude only")
	f("datum=wgs84", "datum", "gcj02 or bd09")
	f("f=fgb&datum=gcj02", "datum", "longitude and latitude only")
	f("datum=gcj02&crs="+url.QueryEscape("http://www.opengis.net/def/crs/EPSG/0/3857"), "datum", "give one of them")
	f("bbox-crs=http://www.opengis.net/def/crs/OGC/1.3/CRS84", "bbox-crs", "there is none")
	f("bbox=1,2,3,4&bbox-crs=http://www.opengis.net/def/crs/0/unsupported", "bbox-crs", "want one of")
	f("filter-crs=http://www.opengis.net/def/crs/OGC/1.3/CRS84", "filter-crs", "there is none")
	f("filter=S_INTERSECTS(geometry,POLYGON((0%200,1%201,1%200,0%201,0%200)))", "filter", "not an outline")
}

// TestDatumsAreTurnedTo compares corners with the published formula of GCJ-02 and BD-09
// as package crs has it, which is tested there, and looks for the label.
func TestDatumsAreTurnedTo(t *testing.T) {
	server, _ := serve(t)
	base := server.URL + "/collections/communities-street/items?datum="
	for name, system := range map[string]crs.System{"gcj02": crs.GCJ02, "bd09": crs.BD09} {
		want, err := crs.FromWGS84(system, orb.Point{114.1, 22.6})
		if err != nil {
			t.Fatal(err)
		}
		a := get(t, "GET", base+name)
		if a.header.Get("Content-Crs") != "" || a.header.Get("Content-Datum") != name || !strings.Contains(a.body, `"datum":"`+name+`"`) {
			t.Errorf("%s: Content-Crs %q, Content-Datum %q", name, a.header.Get("Content-Crs"), a.header.Get("Content-Datum"))
		}
		corners := features(t, base+name).Features[0].Geometry.(orb.MultiPolygon)[0][0]
		if !slices.ContainsFunc(corners, func(p orb.Point) bool { return math.Hypot(p[0]-want[0], p[1]-want[1]) < 2e-7 }) {
			t.Errorf("%s: corners %v, want one at %v", name, corners, want)
		}
		if math.Hypot(want[0]-114.1, want[1]-22.6) < 1e-3 {
			t.Errorf("%s does not shift", name)
		}
	}
	if a := get(t, "GET", base+"GCJ-02"); a.status != 200 || a.header.Get("Content-Datum") != "gcj02" {
		t.Errorf("GCJ-02 is told as %q", a.header.Get("Content-Datum"))
	}
}

// An impatient context ends when it was looked at a hundred times.
type impatient struct {
	context.Context //nolint:containedctx // it is one
	looks           int
}

func (c *impatient) Err() error {
	if c.looks++; c.looks > 100 {
		return context.DeadlineExceeded
	}
	return nil
}

// TestSpatialFiltersEndWithTheRequest keeps a request that nobody waits for from asking
// for the geometries of all 217 cells.
func TestSpatialFiltersEndWithTheRequest(t *testing.T) {
	h := handler(&fakeEngine{version: "v1"})
	f := func(filter string, status int) {
		t.Helper()
		address := "/collections/waiting/items?filter=" + url.QueryEscape(filter)
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, httptest.NewRequestWithContext(&impatient{Context: t.Context()}, "GET", address, nil))
		if recorder.Code != status {
			t.Errorf("%s: %d %s, want %d", filter, recorder.Code, recorder.Body, status)
		}
	}
	f("n < 3", 200)
	f("S_INTERSECTS(geometry, BBOX(113, 22, 115, 23))", 503)
}
