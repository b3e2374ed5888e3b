package ogc_test

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/uber/h3-go/v4"

	"github.com/civgrid/civgrid/api"
)

// A zoneList is a list of zones as JSON.
type zoneList struct {
	Zones                    []string
	ReturnedAreaMetersSquare float64
	Links                    []api.Link
}

// cellsIn returns the cells of h3-go that overlap a box, ascending.
func cellsIn(t *testing.T, west, south, east, north float64, level int) []string {
	t.Helper()
	loop := h3.GeoLoop{{Lat: south, Lng: west}, {Lat: south, Lng: east}, {Lat: north, Lng: east}, {Lat: north, Lng: west}}
	found, err := h3.PolygonToCellsExperimental(h3.GeoPolygon{GeoLoop: loop}, level, h3.ContainmentOverlapping)
	if err != nil {
		t.Fatal(err)
	}
	return namesOf(found)
}

// namesOf returns cells as text, ascending.
func namesOf(cells []h3.Cell) []string {
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = c.String()
	}
	slices.Sort(names) // coarser cells begin with a smaller digit
	return names
}

func parse(t *testing.T, zones []string) []h3.Cell {
	t.Helper()
	cells := make([]h3.Cell, len(zones))
	for i, zone := range zones {
		cells[i] = h3.CellFromString(zone)
	}
	return cells
}

// origins are where zones are listed: the dataset and a collection.
var origins = []string{"", "/collections/waiting"}

// TestZonesOfALevel follows /req/zone-query/zones-list, json-response and zone-level:
// the zones fully cover the study area, which h3-go fills here.
func TestZonesOfALevel(t *testing.T) {
	base, _ := serveGrid(t, town())
	for _, at := range origins {
		for level, query := range map[int]string{7: "?zone-level=7&compact-zones=false", 9: "?compact-zones=false", 10: "?zone-level=10&compact-zones=false"} {
			list := document[zoneList](t, base+at+"/dggs/H3/zones"+query)
			if want := cellsIn(t, 114.00, 22.50, 114.04, 22.54, level); !slices.Equal(list.Zones, want) {
				t.Errorf("%s%s lists %d zones, want %d", at, query, len(list.Zones), len(want))
			}
			if got, want := linkOf(t, list.Links, ogcRel+"dggrs"), base+at+"/dggs/H3"; got != want {
				t.Errorf("the grid is at %s, want %s", got, want)
			}
			if got, want := linkOf(t, list.Links, ogcRel+"dggrs-definition"), base+"/dggs/H3/definition"; got != want {
				t.Errorf("the definition is at %s, want %s", got, want)
			}
		}
	}
}

// TestCompactZones follows /req/zone-query/compact-zones, /rec/zone-json/zone-order
// (coarser ones first) and /rec/zone-query/zone-total-area (the area is that of the
// list that is not compact), with h3-go for compacting and areas.
func TestCompactZones(t *testing.T) {
	base, _ := serveGrid(t, town())
	for _, at := range origins {
		whole := document[zoneList](t, base+at+"/dggs/H3/zones?zone-level=10&compact-zones=false")
		for _, query := range []string{"?zone-level=10", "?zone-level=10&compact-zones=true"} {
			list := document[zoneList](t, base+at+"/dggs/H3/zones"+query)
			compacted, err := h3.CompactCells(parse(t, whole.Zones))
			if err != nil {
				t.Fatal(err)
			}
			if want := namesOf(compacted); !slices.Equal(list.Zones, want) || len(want) == len(whole.Zones) {
				t.Errorf("%s%s lists %d zones, want %d of %d", at, query, len(list.Zones), len(want), len(whole.Zones))
			}
			if back, err := h3.UncompactCells(parse(t, list.Zones), 10); err != nil || !slices.Equal(namesOf(back), whole.Zones) {
				t.Errorf("%s%s does not stand for the whole list: %v", at, query, err)
			}
			var area float64
			for _, c := range parse(t, whole.Zones) {
				one, err := h3.CellAreaM2(c)
				if err != nil {
					t.Fatal(err)
				}
				area += one
			}
			if math.Abs(list.ReturnedAreaMetersSquare/area-1) > 1e-9 || list.ReturnedAreaMetersSquare != whole.ReturnedAreaMetersSquare {
				t.Errorf("%s%s: the area is %v and %v, want %v", at, query, list.ReturnedAreaMetersSquare, whole.ReturnedAreaMetersSquare, area)
			}
		}
	}
}

// TestParentZone follows /req/zone-query/parent-zone and /rec/zone-query/zone-order:
// zones stand in the order of h3-go's children.
func TestParentZone(t *testing.T) {
	base, _ := serveGrid(t, town())
	inside, err := h3.LatLngToCell(h3.LatLng{Lat: 22.52, Lng: 114.02}, 8)
	if err != nil {
		t.Fatal(err)
	}
	found, err := inside.Children(10)
	if err != nil {
		t.Fatal(err)
	}
	var children []string
	for _, c := range found {
		children = append(children, c.String())
	}
	for _, at := range origins {
		f := func(query string, want []string) {
			t.Helper()
			if list := document[zoneList](t, base+at+"/dggs/H3/zones?"+query); !slices.Equal(list.Zones, want) {
				t.Errorf("%s?%s lists %v, want %v", at, query, list.Zones, want)
			}
		}
		f("zone-level=10&compact-zones=false&parent-zone="+inside.String(), children)
		f("zone-level=10&parent-zone="+inside.String(), []string{inside.String()})
		f("zone-level=8&parent-zone="+inside.String(), []string{inside.String()})
		f("parent-zone="+children[5], children[5:6])
		f("parent-zone=8009fffffffffff", []string{})
	}
}

// TestBoxesAndSubsets follows /req/zone-query/bbox, bbox-crs, subset and subset-crs.
func TestBoxesAndSubsets(t *testing.T) {
	base, _ := serveGrid(t, town())
	want := cellsIn(t, 114.01, 22.51, 114.02, 22.52, 9)
	for _, at := range origins {
		for _, query := range []string{
			"bbox=114.01,22.51,114.02,22.52",
			"bbox=114.01,22.51,0,114.02,22.52,100",
			"bbox=114.01,22.51,114.02,22.52&bbox-crs=https://www.opengis.net/def/crs/OGC/1.3/CRS84",
			"bbox=114.01,22.51,114.02,22.52&bbox-crs=%5BOGC:CRS84%5D&subset-crs=ignored",
			"subset=Lat(22.51:22.52),Lon(114.01:114.02)",
			"subset=Lat(22.51:22.52)&subset=Lon(114.01:114.02)",
			"subset=latitude(22.51:22.52),Long(114.01:114.02)&subset-crs=http://www.opengis.net/def/crs/OGC/1.3/CRS84&bbox-crs=ignored",
			"subset=Lon(114.01:114.02),Lat(22.51:22.52),time(%222025-03-01T00:00:00Z%22:%222025-04-01T00:00:00Z%22)",
		} {
			if list := document[zoneList](t, base+at+"/dggs/H3/zones?compact-zones=false&"+query); !slices.Equal(list.Zones, want) {
				t.Errorf("%s?%s lists %d zones, want %d", at, query, len(list.Zones), len(want))
			}
		}
		count := func(query string) int {
			t.Helper()
			return len(document[zoneList](t, base+at+"/dggs/H3/zones?compact-zones=false&"+query).Zones)
		}
		all := count("limit=100000")
		if got := count("subset=Lat(*:*),Lon(-200:200)"); got != all {
			t.Errorf("%s: axes beyond the globe give %d of %d zones", at, got, all)
		}
		if got := count("bbox=114.02,22.52,114.02,22.52"); got != 1 {
			t.Errorf("%s: a point gives %d zones", at, got)
		}
		if got := count("bbox=10,10,11,11"); got != 0 {
			t.Errorf("%s: another place gives %d zones", at, got)
		}
		if got := count("subset=Lat(22.52)"); got < 10 || got > 30 { // 4 km of cells 300 to 350 m wide, where rows of them interlock
			t.Errorf("%s: one parallel gives %d zones", at, got)
		}
	}
}

// TestZonesAcrossTheAntimeridian follows /req/zone-query/subset, part G: low greater
// than high crosses it. The study area lies on both sides of it, near Taveuni.
func TestZonesAcrossTheAntimeridian(t *testing.T) {
	base, _ := serveGrid(t, square(179.95, -17.00, 180.05, -16.90))
	all := cellsIn(t, 179.95, -17.00, -179.95, -16.90, 9)
	want := cellsIn(t, 179.99, -16.96, -179.99, -16.94, 9)
	for _, at := range origins {
		f := func(query string, want []string) {
			t.Helper()
			if list := document[zoneList](t, base+at+"/dggs/H3/zones?compact-zones=false&"+query); !slices.Equal(list.Zones, want) {
				t.Errorf("%s?%s lists %d zones, want %d", at, query, len(list.Zones), len(want))
			}
		}
		f("limit=100000", all)
		f("bbox=179.99,-16.96,-179.99,-16.94", want)
		f("subset=Lon(179.99:-179.99),Lat(-16.96:-16.94)", want)
		f("bbox=-179.99,-16.96,179.90,-16.94", cellsIn(t, -179.99, -16.96, -179.95, -16.94, 9))
	}
}

// TestDatetimeOfZones follows /req/zone-query/datetime: a period for the layer, and
// nothing of the dataset where it has no facts.
func TestDatetimeOfZones(t *testing.T) {
	base, engine := serveGrid(t, town())
	for query, want := range map[string]string{
		"datetime=2025-03-01T00:00:00Z/2025-04-01T00:00:00Z": "2025-03-01T00:00:00Z/2025-04-01T00:00:00Z",
		"datetime=../2025-03-01":                             "/2025-03-01T16:00:00Z",
		"subset=time(%222025-03-01%22:*)":                    "2025-02-28T16:00:00Z/",
		"datetime=2025-05-01T23:00:00%2B08:00":               "2025-04-30T16:00:00Z/2025-05-01T16:00:00Z",
	} {
		document[zoneList](t, base+"/collections/waiting/dggs/H3/zones?"+query)
		if got := engine.given["from"] + "/" + engine.given["to"]; got != want {
			t.Errorf("%s is %s, want %s", query, got, want)
		}
	}
	for datetime, want := range map[string]bool{"2025-03-01": true, "2025-12-30/..": true, "../2024-12-31": false, "2031-01-01": false} {
		if got := len(document[zoneList](t, base+"/dggs/H3/zones?datetime="+datetime).Zones) > 0; got != want {
			t.Errorf("there are zones of %s: %v, want %v", datetime, got, want)
		}
	}
}

// TestPagesOfZones follows /rec/zone-query/limit: every zone comes once.
func TestPagesOfZones(t *testing.T) {
	base, engine := serveGrid(t, town())
	for _, at := range origins {
		for _, query := range []string{"?compact-zones=false", "?zone-level=10"} {
			whole := document[zoneList](t, base+at+"/dggs/H3/zones"+query)
			var zones []string
			var area float64
			for next := base + at + "/dggs/H3/zones" + query + "&limit=7"; next != ""; {
				page := document[zoneList](t, next)
				if len(page.Zones) > 7 {
					t.Fatalf("a page has %d zones", len(page.Zones))
				}
				zones, area, next = append(zones, page.Zones...), area+page.ReturnedAreaMetersSquare, ""
				if i := slices.IndexFunc(page.Links, func(l api.Link) bool { return l.Rel == "next" }); i >= 0 {
					next = page.Links[i].Href
				}
			}
			if !slices.Equal(zones, whole.Zones) || math.Abs(area/whole.ReturnedAreaMetersSquare-1) > 1e-9 {
				t.Errorf("%s%s: pages have %d zones of %v m², want %d of %v", at, query, len(zones), area, len(whole.Zones), whole.ReturnedAreaMetersSquare)
			}
		}
	}
	address := base + "/dggs/H3/zones?limit=5"
	next := linkOf(t, document[zoneList](t, address).Links, "next")
	if a := get(t, "GET", next+"&zone-level=10"); a.status != 400 || !strings.Contains(a.body, "invalid-cursor") {
		t.Errorf("a cursor of another query: %d %s", a.status, a.body)
	}
	engine.version = "v2"
	if a := get(t, "GET", next); a.status != 410 {
		t.Errorf("a cursor of other data: %d %s", a.status, a.body)
	}
}

// TestFormatsOfZones follows /req/zone-uint64/content, /req/zone-geojson/content and
// /req/zone-query/zones-list part F: three ways to say the same.
func TestFormatsOfZones(t *testing.T) {
	base, _ := serveGrid(t, town())
	for _, at := range origins {
		address := base + at + "/dggs/H3/zones"
		want := document[zoneList](t, address).Zones
		for _, ask := range [][]string{{"?f=uint64", "*/*"}, {"", "application/x-binary"}} {
			a := get(t, "GET", address+ask[0], "Accept", ask[1])
			if a.status != 200 || a.header.Get("Content-Type") != "application/x-binary" || len(a.body) != 8+8*len(want) {
				t.Fatalf("%s: %d %s, %d bytes", address, a.status, a.header.Get("Content-Type"), len(a.body))
			}
			if n := binary.LittleEndian.Uint64([]byte(a.body)); n != uint64(len(want)) {
				t.Errorf("the count is %d, want %d", n, len(want))
			}
			for i, zone := range want {
				if got := h3.Cell(binary.LittleEndian.Uint64([]byte(a.body[8+8*i:]))); got.String() != zone {
					t.Errorf("zone %d is %s, want %s", i, got, zone)
				}
			}
		}
		for query, kind := range map[string]string{"": "Polygon", "&geometry=zone-region": "Polygon", "&geometry=zone-centroid": "Point", "&geometry=none": ""} {
			a := get(t, "GET", address+"?f=geojson"+query)
			var c struct {
				Type     string
				Features []struct {
					ID         string
					Geometry   *struct{ Type string }
					Properties struct{ ZoneID string }
				}
			}
			if err := json.Unmarshal([]byte(a.body), &c); err != nil || c.Type != "FeatureCollection" || a.header.Get("Content-Type") != "application/geo+json" {
				t.Fatalf("%s: %v %s", query, err, a.body)
			}
			var got []string
			for _, f := range c.Features {
				got = append(got, f.Properties.ZoneID)
				if (f.Geometry == nil) != (kind == "") || f.Geometry != nil && f.Geometry.Type != kind {
					t.Errorf("%s: zone %s has geometry %v", query, f.ID, f.Geometry)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: GeoJSON has %d zones, want %d", query, len(got), len(want))
			}
		}
		if a := get(t, "GET", address, "Accept", "image/tiff"); a.status != 406 {
			t.Errorf("GeoTIFF: %d", a.status)
		}
	}
}
