package ogc_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/uber/h3-go/v4"

	"github.com/civgrid/civgrid/geo"
)

// A dggsJSON is data of a zone (21-038r1, JSON Schema of DGGS-JSON).
type dggsJSON struct {
	DGGRS, ZoneID string
	Depths        []int
	Schema        struct {
		Type       string
		Properties map[string]struct {
			Type, Title string
			Seq         int    `json:"x-ogc-propertySeq"`
			Unit        string `json:"x-ogc-unit"`
		}
	}
	Values map[string][]struct {
		Depth int
		Shape struct{ Count, SubZones int }
		Data  []*float64
	}
}

// TestDataOfAZone follows /req/data-json/content and
// /req/data-custom-depths/zone-depth: every depth that is asked for, values in the
// order of h3-go's children, null for what has none. The number of each cell in its
// layer is known from the list of zones.
func TestDataOfAZone(t *testing.T) {
	base, engine := serveGrid(t, town())
	rowsAt := map[int]map[string]int{}
	for level := 7; level <= 10; level++ {
		rowsAt[level] = map[string]int{}
		for row, zone := range cellsIn(t, 114.00, 22.50, 114.04, 22.54, level) {
			rowsAt[level][zone] = row
		}
	}
	zone := townZone(t, 7)
	for query, depths := range map[string][]int{"": {0}, "?zone-depth=0": {0}, "?zone-depth=2": {2}, "?zone-depth=0-2": {0, 1, 2}, "?zone-depth=1,3": {1, 3}, "?zone-depth=3,0": {0, 3}} {
		d := document[dggsJSON](t, base+"/collections/waiting/dggs/H3/zones/"+zone.String()+"/data"+query)
		if d.DGGRS != base+"/dggs/H3/definition" || d.ZoneID != zone.String() || !slices.Equal(d.Depths, depths) || len(d.Values) != 2 {
			t.Errorf("%s: %+v", query, d)
		}
		for k, depth := range depths {
			children, err := h3.Cell(zone).Children(7 + depth)
			if err != nil {
				t.Fatal(err)
			}
			n, share := d.Values["n"][k], d.Values["share"][k]
			if n.Depth != depth || n.Shape.Count != len(children) || n.Shape.SubZones != len(children) || len(n.Data) != len(children) || len(share.Data) != len(children) {
				t.Fatalf("%s, depth %d: %d values of the shape %+v, want %d", query, depth, len(n.Data), n.Shape, len(children))
			}
			for i, child := range children {
				row, there := rowsAt[7+depth][child.String()]
				if got := n.Data[i]; (got != nil) != there || there && *got != float64(row) {
					t.Errorf("%s, depth %d: n of %s is %v, want %d, %v", query, depth, child, got, row, there)
				}
				if got := share.Data[i]; (got != nil) != (there && row%3 != 0) || got != nil && *got != float64(row)/2 {
					t.Errorf("%s, depth %d: share of %s is %v of row %d, %v", query, depth, child, got, row, there)
				}
			}
		}
	}
	if n := engine.runs.Load(); n != 4 {
		t.Errorf("four levels took %d computations: %v", n, engine.asked)
	}
}

// TestSchemaOfData follows the member schema of DGGS-JSON and
// /req/data-subsetting/properties.
func TestSchemaOfData(t *testing.T) {
	base, _ := serveGrid(t, town())
	address := base + "/collections/waiting/dggs/H3/zones/" + townZone(t, 9).String() + "/data"
	f := func(query string, want ...string) {
		t.Helper()
		d := document[dggsJSON](t, address+query)
		if d.Schema.Type != "object" || len(d.Schema.Properties) != len(want) || len(d.Values) != len(want) {
			t.Fatalf("%s: %+v", query, d)
		}
		for i, name := range want {
			if p := d.Schema.Properties[name]; p.Seq != i+1 || d.Values[name] == nil {
				t.Errorf("%s: %s is %+v", query, name, p)
			}
		}
	}
	f("", "n", "share")
	f("?properties=share,n", "share", "n")
	f("?properties=share", "share")
	f("?exclude-properties=share", "n")
	f("?exclude-properties=class", "n", "share")
	if p := document[dggsJSON](t, address).Schema.Properties; p["n"].Type != "integer" || p["share"].Type != "number" || p["share"].Unit != "share" || p["n"].Title != "Number" {
		t.Errorf("fields are described as %+v", p)
	}
	header := func(query, want string) {
		t.Helper()
		if a := get(t, "GET", address+"?f=csv"+query); a.status != 200 || !strings.HasPrefix(a.body, want+"\r\n") {
			t.Errorf("CSV%s begins %.60q, want %s", query, a.body, want)
		}
	}
	header("", "zoneID,n,share,class,lon,lat")
	header("&properties=class,n", "zoneID,class,n,lon,lat")
	header("&exclude-properties=n", "zoneID,share,class,lon,lat")
}

// TestDataAsFeatures follows /req/data-geojson/content and /rec/data-geojson/geometry:
// zones with data as features, of all depths.
func TestDataAsFeatures(t *testing.T) {
	base, _ := serveGrid(t, town())
	zone := townZone(t, 7)
	for query, kind := range map[string]string{"": "Polygon", "&geometry=zone-centroid": "Point", "&geometry=none": ""} {
		a := get(t, "GET", base+"/collections/waiting/dggs/H3/zones/"+zone.String()+"/data?zone-depth=1,2&f=geojson"+query)
		var c struct {
			Features []struct {
				ID         string
				Geometry   *struct{ Type string }
				Properties map[string]any
			}
		}
		if err := json.Unmarshal([]byte(a.body), &c); err != nil || a.header.Get("Content-Type") != "application/geo+json" {
			t.Fatalf("%v: %s", err, a.body)
		}
		var want []string
		for level := 8; level <= 9; level++ {
			for _, name := range cellsIn(t, 114.00, 22.50, 114.04, 22.54, level) {
				if c, err := geo.ParseCell(name); err == nil && c.Parent(7) == zone {
					want = append(want, name)
				}
			}
		}
		var got []string
		for _, f := range c.Features {
			got = append(got, f.ID)
			if f.Properties["zoneID"] != f.ID || f.Properties["class"] != f.ID {
				t.Errorf("feature %s has the properties %v", f.ID, f.Properties)
			}
			if (f.Geometry == nil) != (kind == "") || f.Geometry != nil && f.Geometry.Type != kind {
				t.Errorf("%s: %s has the geometry %v", query, f.ID, f.Geometry)
			}
		}
		if !slices.Equal(got, want) || len(want) < 10 {
			t.Errorf("features are %v, want %v", got, want)
		}
	}
}

// TestDataOfTheDataset follows /req/root-dggs/dggs: data of all collections by cells,
// or of those that the parameter collections names.
func TestDataOfTheDataset(t *testing.T) {
	base, engine := serveGrid(t, town())
	address := base + "/dggs/H3/zones/" + townZone(t, 9).String() + "/data"
	f := func(query string, want ...string) {
		t.Helper()
		d := document[dggsJSON](t, address+query)
		for _, name := range want {
			if d.Values[name] == nil || d.Schema.Properties[name].Type == "" {
				t.Errorf("%s: there is no %s", query, name)
			}
		}
		if len(d.Values) != len(want) {
			t.Errorf("%s has %d fields, want %v", query, len(d.Values), want)
		}
	}
	f("", "waiting.n", "waiting.share", "near.n", "near.share")
	f("?collections=near", "near.n", "near.share")
	f("?collections=near,waiting&properties=waiting.n", "waiting.n")
	f("?datetime=2025-03-01", "waiting.n", "waiting.share", "near.n", "near.share")
	if engine.given["from"] != "2025-02-28T16:00:00Z" {
		t.Errorf("the period is %v", engine.given)
	}
	for _, query := range []string{"?collections=none", "?collections=near,near", "?collections=communities", "?min-n=3"} {
		if a := get(t, "GET", address+query); a.status != 400 {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
}

// TestDataThereAreNot follows the response rEmptyData of 21-038r1's OpenAPI document.
func TestDataThereAreNot(t *testing.T) {
	base, _ := serveGrid(t, town())
	for _, at := range origins {
		for _, method := range []string{"GET", "HEAD"} {
			if a := get(t, method, base+at+"/dggs/H3/zones/89283082803ffff/data"); a.status != 204 || a.body != "" {
				t.Errorf("%s of another town: %d %s", method, a.status, a.body)
			}
		}
	}
}

// TestDataWhileFactsArrive: all depths are of one state of the data, so the first is
// computed anew when facts arrive before the second.
func TestDataWhileFactsArrive(t *testing.T) {
	base, engine := serveGrid(t, town())
	engine.coming = []string{"v1", "v1", "v1", "v2"} // looked at for the catalogue, twice, and before and after each depth
	if a := get(t, "GET", base+"/collections/waiting/dggs/H3/zones/"+townZone(t, 7).String()+"/data?zone-depth=0-2"); a.status != 200 {
		t.Errorf("data that change once: %d %s", a.status, a.body)
	}
	if want := []string{"waiting 7", "waiting 7", "waiting 8", "waiting 9"}; !slices.Equal(engine.asked, want) {
		t.Errorf("%v are computed, want %v", engine.asked, want)
	}
	for i := range 40 {
		engine.coming = append(engine.coming, "w"+strconv.Itoa(i))
	}
	if a := get(t, "GET", base+"/collections/waiting/dggs/H3/zones/"+townZone(t, 7).String()+"/data?zone-depth=0-3&min-n=2"); a.status != 503 {
		t.Errorf("data that never rest: %d %s", a.status, a.body)
	}
}

// TestQueriesOfDataAreReadStrictly tries what data of zones do not take.
func TestQueriesOfDataAreReadStrictly(t *testing.T) {
	base, engine := serveGrid(t, town())
	for _, at := range origins {
		f := func(level geo.Resolution, query, told string) {
			t.Helper()
			a := get(t, "GET", base+at+"/dggs/H3/zones/"+townZone(t, level).String()+"/data?"+query)
			if a.status != 400 || !strings.Contains(a.body, told) {
				t.Errorf("%s, level %d, %s: %d %s, want 400 with %s", at, level, query, a.status, a.body, told)
			}
		}
		for _, depth := range []string{"-1", "x", "1-", "2-1", "1,1", "1,", "16", "1.5", "0-1,3"} {
			f(7, "zone-depth="+depth, `"parameter":"zone-depth"`)
		}
		f(7, "zone-depth=5", "that is depth 0, 1, 2, 3, 4")
		f(7, "zone-depth=0-5", "that is depth 0, 1, 2, 3, 4")
		f(6, "", "that is depth 1, 2, 3, 4, 5")
		f(12, "", "there is none below this zone")
		f(15, "zone-depth=1", "there is none below this zone")
		f(5, "zone-depth=6", "/problems/too-many-zones") // 7⁶ = 117,649
		f(3, "zone-depth=4-8", "/problems/too-many-zones")
		f(9, "subset=Lat(1:2)", "there is no axis Lat here")
		f(9, "bbox=1,2,3,4", "unknown-parameter")
		f(9, "zone-level=9", "unknown-parameter")
		f(9, "res=9", "unknown-parameter")
		f(9, "properties=none", `"parameter":"properties"`)
		f(9, "exclude-properties=none", `"parameter":"exclude-properties"`)
		f(9, "geometry=vectorized", `"parameter":"geometry"`)
		f(9, "f=png", `"parameter":"f"`)
		f(9, "datetime=x", `"parameter":"datetime"`)
	}
	f := func(query, told string, status int) {
		t.Helper()
		a := get(t, "GET", base+"/collections/waiting/dggs/H3/zones/"+townZone(t, 9).String()+"/data?"+query)
		if a.status != status || !strings.Contains(a.body, told) {
			t.Errorf("%s: %d %s, want %d with %s", query, a.status, a.body, status, told)
		}
	}
	f("properties=n&exclude-properties=share", `"parameter":"exclude-properties"`, 400)
	f("properties=class", "holds words", 400)
	f("properties=n,n", "n is there twice", 400)
	f("min-n=0&zone-depth=x", `"parameter":"min-n"`, 400)
	f("collections=near", "unknown-parameter", 400)
	f("min-n=3&subset=time(%222025-03-01%22)", `"n"`, 200)
	if engine.given["min-n"] != "3" || engine.given["from"] != "2025-02-28T16:00:00Z" {
		t.Errorf("the layer is one of %v", engine.given)
	}
	f("from=2025-03-01&datetime=2025-03-01", `"parameter":"datetime"`, 400)
	f("indicator=a.two", `"n"`, 200)
	if a := get(t, "GET", base+"/dggs/H3/zones/"+townZone(t, 9).String()+"/data", "Accept", "image/png"); a.status != 406 {
		t.Errorf("PNG: %d", a.status)
	}
}
