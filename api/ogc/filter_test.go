package ogc_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"

	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/storetest"
	"github.com/civgrid/civgrid/geo"
)

// The filter of these tests, and what it says in Go: number and share of a zone, which
// may be missing. What is missing is not true (21-065r2, section 6.6.1).
var shareOverTen = "filter=" + url.QueryEscape("share > 10 AND n < 60")

func isShareOverTen(properties map[string]any) bool {
	share, known := properties["share"].(float64)
	n, _ := properties["n"].(float64)
	return known && share > 10 && n < 60
}

// sifted returns the ids of the features of all rows that a test is true of.
func sifted(t *testing.T, at string, is func(map[string]any) bool) (ids []string) {
	t.Helper()
	for _, f := range items(t, at).Features {
		if is(f.Properties) {
			ids = append(ids, f.ID)
		}
	}
	if len(ids) == 0 || len(ids) == items(t, at).NumberMatched {
		t.Fatalf("%s: %d features are chosen, which tests nothing", at, len(ids))
	}
	return ids
}

// TestZonesAreFiltered follows /req/zone-query-cql2-filter/filter: the zones are those of
// the features that the client finds the condition true of.
func TestZonesAreFiltered(t *testing.T) {
	base, _ := serveGrid(t, town())
	for _, level := range []string{"8", "9"} {
		want := sifted(t, base+"/collections/waiting/items?limit=10000&res="+level, isShareOverTen)
		at := base + "/collections/waiting/dggs/H3/zones?compact-zones=false&zone-level=" + level + "&" + shareOverTen
		if got := document[zoneList](t, at).Zones; !slices.Equal(got, want) {
			t.Errorf("level %s: %d zones, want %d", level, len(got), len(want))
		}
		var paged []string
		for next := at + "&limit=7"; next != ""; {
			page := document[zoneList](t, next)
			paged = append(paged, page.Zones...)
			next = ""
			for _, link := range page.Links {
				if link.Rel == "next" {
					next = link.Href
				}
			}
		}
		if !slices.Equal(paged, want) {
			t.Errorf("level %s by pages: %d zones, want %d", level, len(paged), len(want))
		}
	}
	// A filter on the study area knows of zones, not of numbers.
	box := "filter=" + url.QueryEscape("S_INTERSECTS(geometry, POINT(114.02 22.52))")
	got := document[zoneList](t, base+"/dggs/H3/zones?zone-level=9&"+box).Zones
	if want := townZone(t, 9).String(); !slices.Equal(got, []string{want}) {
		t.Errorf("the zone that holds a point is %v, want %s", got, want)
	}
}

// TestDataAreFiltered follows /req/data-cql2-filter/filter: values are null in DGGS-JSON
// where the client finds the condition not true, and such zones are no features.
func TestDataAreFiltered(t *testing.T) {
	base, _ := serveGrid(t, town())
	zone := townZone(t, 7)
	for _, c := range []struct{ at, filter, prefix string }{
		{"/collections/waiting", shareOverTen, ""},
		{"", "collections=waiting&filter=" + url.QueryEscape(`waiting.share > 10 AND waiting.n < 60`), "waiting."},
	} {
		data := base + c.at + "/dggs/H3/zones/" + zone.String() + "/data?zone-depth=1-2&"
		all, some := document[dggsValues](t, data+strings.TrimSuffix(strings.Split(c.filter, "filter=")[0], "&")), document[dggsValues](t, data+c.filter)
		kept := 0
		for k, depth := range all.Values[c.prefix+"n"] {
			for i, n := range depth.Data {
				properties := map[string]any{"n": orNull(n), "share": orNull(all.Values[c.prefix+"share"][k].Data[i])}
				want := n
				if !isShareOverTen(properties) {
					want = nil
				} else {
					kept++
				}
				if got := some.Values[c.prefix+"n"][k].Data[i]; (got == nil) != (want == nil) || got != nil && *got != *want {
					t.Errorf("%s: depth %d, zone %d of %v is %v", c.at, depth.Depth, i, properties, got)
				}
			}
		}
		if features := document[collection](t, data+c.filter+"&f=geojson"); len(features.Features) != kept || kept == 0 {
			t.Errorf("%s: %d features, want %d", c.at, len(features.Features), kept)
		}
		if a := get(t, "GET", data+strings.Replace(c.filter, "10", "1000", 1)); a.status != 200 || strings.ContainsAny(strings.Split(a.body, `"values"`)[1], "123456789") && !strings.Contains(a.body, "null") {
			t.Errorf("%s of a filter that is true of nothing: %d %s", c.at, a.status, a.body)
		}
	}
}

// dggsValues are the values of DGGS-JSON.
type dggsValues struct {
	Values map[string][]struct {
		Depth int
		Data  []*float64
	}
}

func orNull(x *float64) any {
	if x == nil {
		return nil
	}
	return *x
}

// TestTilesAreFiltered: a tile shows the features that the client finds the condition
// true of, and no others of those it shows without.
func TestTilesAreFiltered(t *testing.T) {
	base, _ := serveTiles(t, orb.Bound{Min: orb.Point{114, 22.5}, Max: orb.Point{114.03, 22.52}})
	place := "/collections/waiting" + at(orb.Point{114.01, 22.51}, 13)
	shown := func(query string) (cells []string) {
		for _, f := range readTile(t, base+place+query)["waiting"].Features {
			cells = append(cells, f.Properties.MustString("cell"))
		}
		slices.Sort(cells)
		return cells
	}
	for query, is := range map[string]func(map[string]any) bool{
		"filter=" + url.QueryEscape("share > 10"):                               func(p map[string]any) bool { x, ok := p["share"].(float64); return ok && x > 10 },
		"filter=" + url.QueryEscape("class = 'hot'") + "&filter-lang=cql2-text": func(p map[string]any) bool { return p["class"] == "hot" },
	} {
		all := shown("?res=9")
		chosen := sifted(t, base+"/collections/waiting/items?limit=10000&res=9", is)
		want := slices.DeleteFunc(slices.Clone(all), func(cell string) bool { return !slices.Contains(chosen, cell) })
		if got := shown("?res=9&" + query); !slices.Equal(got, want) || len(want) == len(all) {
			t.Errorf("%s shows %d cells, want %d of %d", query, len(got), len(want), len(all))
		}
	}
	server, _ := serve(t)
	if tile := readTile(t, server.URL+"/collections/waiting"+at(orb.Point{114.06, 22.54}, 12)+"?n=5"); len(tile["waiting"].Features) != 1 {
		t.Errorf("%d cells have number 5, want 1", len(tile["waiting"].Features))
	}
	if a := get(t, "GET", base+place+"?filter="+url.QueryEscape("n < 0")); a.status != http.StatusNoContent {
		t.Errorf("a tile without rows: %d", a.status)
	}
	if a := get(t, "GET", base+"/collections/waiting/tiles/WebMercatorQuad/tilejson.json?"+shareOverTen); a.status != 200 || !strings.Contains(a.body, "filter=share") {
		t.Errorf("TileJSON does not hand the filter on: %d %s", a.status, a.body)
	}
}

// TestFiltersAreReadStrictly tries what filters do not take.
func TestFiltersAreReadStrictly(t *testing.T) {
	base, _ := serveGrid(t, town())
	zone := "/dggs/H3/zones/" + townZone(t, 7).String() + "/data"
	for _, path := range []string{
		"/collections/waiting/dggs/H3/zones", "/dggs/H3/zones", "/collections/waiting" + zone, zone, "/collections/waiting" + at(orb.Point{114.02, 22.52}, 12),
	} {
		for query, told := range map[string]string{
			"filter=nothing%3D1": `"parameter":"filter"`, "filter=(": `"parameter":"filter"`, "filter-lang=cql2-text": `"parameter":"filter-lang"`, "filter=id%3D1&filter-lang=sql": `"parameter":"filter-lang"`,
			"filter=true&filter-crs=x": `"parameter":"filter-crs"`, "filter=": `"parameter":"filter"`,
		} {
			if a := get(t, "GET", base+path+"?"+query); a.status != 400 || !strings.Contains(a.body, told) {
				t.Errorf("%s?%s: %d %s, want 400 with %s", path, query, a.status, a.body, told)
			}
		}
	}
	for _, query := range []string{"filter=true", "n=1"} { // of several layers
		if a := get(t, "GET", base+at(orb.Point{114.02, 22.52}, 12)+"?"+query); a.status != 400 {
			t.Errorf("tiles of the dataset by %s: %d, want 400", query, a.status)
		}
	}
}

// TestItemsInAZone compares with what h3-go says of cells and points, and with the
// relation of the outlines for areas.
func TestItemsInAZone(t *testing.T) {
	base, _ := serveGrid(t, town())
	zone := townZone(t, 8)
	inZone := func(id string) bool {
		parent, err := h3.CellFromString(id).Parent(8)
		return err == nil && parent.String() == zone.String()
	}
	var want []string
	for _, f := range items(t, base+"/collections/waiting/items?limit=10000&res=9").Features {
		if inZone(f.ID) {
			want = append(want, f.ID)
		}
	}
	if got := ids(items(t, base+"/collections/waiting/items?limit=10000&res=9&zone="+zone.String())); !slices.Equal(got, want) || len(want) != 7 {
		t.Errorf("the zone holds %v, want %v", got, want)
	}
	if got := items(t, base+"/collections/waiting/items?res=9&resultType=hits&zone="+townZone(t, 10).String()); got.NumberMatched != 0 {
		t.Errorf("a zone below all cells holds %d", got.NumberMatched)
	}
	pointsInAZone(t)
	areasInAZone(t)
	for _, bad := range []string{"x", "", "89411ca1043FFFF", "8941", "8009fffffffffff0"} {
		if a := get(t, "GET", base+"/collections/waiting/items?res=9&zone="+bad); a.status != 400 || !strings.Contains(a.body, `"parameter":"zone"`) {
			t.Errorf("zone=%s: %d %s", bad, a.status, a.body)
		}
	}
}

func ids(c collection) (list []string) {
	for _, f := range c.Features {
		list = append(list, f.ID)
	}
	return list
}

func pointsInAZone(t *testing.T) {
	store := memory.New()
	var rows []storetest.Row
	var want []string
	zone := townZone(t, 8)
	for i := range 400 {
		p := orb.Point{114 + 0.04*math.Mod(float64(i)*0.618, 1), 22.5 + 0.04*float64(i)/400}
		row := storetest.Row{"source": "s", "id": fmt.Sprintf("%03d", i), "location": data.LocationPoint, "lon": p[0], "lat": p[1]}
		cell, err := h3.LatLngToCell(h3.NewLatLng(p[1], p[0]), 8)
		if err != nil {
			t.Fatal(err)
		}
		if i%10 == 0 {
			row = storetest.Row{"source": "s", "id": row["id"], "location": data.LocationNone}
		} else if cell.String() == zone.String() {
			want = append(want, fmt.Sprintf("s:%03d", i))
		}
		rows = append(rows, row)
	}
	if _, err := store.Append(t.Context(), data.Resources, data.Chunk{}, storetest.Batch(store.Schema(data.Resources), rows...)); err != nil {
		t.Fatal(err)
	}
	router := gin.New()
	ogc.Register(router, ogc.Options{
		Tables: ogc.NewTables(storeEngine{&fakeEngine{}, store}, store), Title: "Test", Base: func(*http.Request) string { return "" }, Now: sometime,
	})
	var got collection
	if err := json.Unmarshal([]byte(local(t, router, "/collections/resources/items?limit=1000&zone="+zone.String()).body), &got); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ids(got), want) || len(want) < 10 {
		t.Errorf("the zone holds %d points, want %d", len(got.Features), len(want))
	}
}

func areasInAZone(t *testing.T) {
	h := handler(&fakeEngine{version: "v1"})
	for _, p := range []orb.Point{{114.05, 22.55}, {114.1, 22.55}, {114.15, 22.55}, {113.9, 22.55}, {114.1999, 22.5999}} {
		zone, err := geo.CellAt(p, 8)
		if err != nil {
			t.Fatal(err)
		}
		outline, err := geo.NewProbe(zone.Boundary())
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, c := range districts() {
			if meets, err := outline.Is(c.Outline, geo.Intersects); err != nil {
				t.Fatal(err)
			} else if meets {
				want = append(want, c.Code)
			}
		}
		var got collection
		if err := json.Unmarshal([]byte(local(t, h, "/collections/communities/items?zone="+zone.String()).body), &got); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(ids(got), want) {
			t.Errorf("the zone of %v meets %v, want %v", p, ids(got), want)
		}
	}
}
