package ogc_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

// TestQueriesOfZonesAreReadStrictly tries what zone lists do not take.
func TestQueriesOfZonesAreReadStrictly(t *testing.T) {
	base, _ := serveGrid(t, town())
	for _, at := range origins {
		f := func(query, told string) {
			t.Helper()
			a := get(t, "GET", base+at+"/dggs/H3/zones?"+query)
			if a.status != 400 || !strings.Contains(a.body, told) || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s?%s: %d %s, want 400 with %s", at, query, a.status, a.body, told)
			}
		}
		f("zone-level=16", `"parameter":"zone-level"`)
		f("zone-level=-1", `"parameter":"zone-level"`)
		f("zone-level=9.5", `"parameter":"zone-level"`)
		f("compact-zones=yes", `"parameter":"compact-zones"`)
		f("parent-zone=zzz", `"parameter":"parent-zone"`)
		f("parent-zone=8928308280fffff&zone-level=8", `"parameter":"parent-zone"`)
		f("bbox=1,2,3", `"parameter":"bbox"`)
		f("bbox=1,2,3,91", `"parameter":"bbox"`)
		f("bbox=1,5,3,4", `"parameter":"bbox"`)
		f("bbox=NaN,5,3,6", `"parameter":"bbox"`)
		f("bbox=181,5,182,6", `"parameter":"bbox"`)
		f("bbox=1,2,3,4&bbox-crs=EPSG:9999", `"parameter":"bbox-crs"`)
		f("bbox=1,2,3,4&subset=Lat(1:2)", `"parameter":"subset"`)
		f("subset=E(1:2)", "there is no axis E")
		f("subset=h(1:2)", "there is no axis h")
		f("subset=Lat(2:1)", `"parameter":"subset"`)
		f("subset=Lat(1:2),Lat(3:4)", "more than once")
		f("subset=Lat(1:2)&subset=Lat(3:4)", "more than once")
		f("subset=Lat", `"parameter":"subset"`)
		f("subset=Lat(a:b)", `"parameter":"subset"`)
		f("subset=Lat(95:96)", `"parameter":"subset"`)
		f("subset=Lat(1:2)&subset-crs=EPSG:9999", `"parameter":"subset-crs"`)
		f("subset=time(%22x%22)", `"parameter":"subset"`)
		f("subset=time(%222025-01-01%22)&datetime=2025-01-01", `"parameter":"subset"`)
		f("datetime=yesterday", `"parameter":"datetime"`)
		f("limit=0", `"parameter":"limit"`)
		f("cursor=garbage", "invalid-cursor")
		f("geometry=vectorized", `"parameter":"geometry"`)
		f("f=tiff", `"parameter":"f"`)
		f("zone-level=16&bbox=1", `"parameter":"bbox"`)
		f("zone-levle=9", "did you mean zone-level?")
		f("res=9", "unknown-parameter")
		f("level=district", "unknown-parameter")
		f("compact-zones=true&compact-zones=false", "more than once")
	}
	at := "/collections/waiting/dggs/H3/zones?"
	for query, told := range map[string]string{
		"zone-level=12": "levels 7, 8, 9, 10, 11", "zone-level=6": "levels 7, 8, 9, 10, 11",
		"min-n=0": `"parameter":"min-n"`, "datetime=2025-01-01&from=2025-01-01": `"parameter":"datetime"`,
	} {
		if a := get(t, "GET", base+at+query); a.status != 400 || !strings.Contains(a.body, told) {
			t.Errorf("%s: %d %s, want 400 with %s", query, a.status, a.body, told)
		}
	}
	if a := get(t, "GET", base+"/dggs/H3/zones?min-n=3"); a.status != 400 {
		t.Errorf("the dataset takes min-n: %d", a.status)
	}
}

// TestTooManyZones: a town of 17 km² has some 20 million cells of resolution 15, but
// few below a cell or in a small box.
func TestTooManyZones(t *testing.T) {
	base, engine := serveGrid(t, town())
	f := func(path string, want int) {
		t.Helper()
		a := get(t, "GET", base+path)
		if a.status != want || want == 400 && !strings.Contains(a.body, "/problems/too-many-zones") {
			t.Errorf("%s: %d %s, want %d", path, a.status, a.body, want)
		}
	}
	inside, err := geo.CellAt(orb.Point{114.02, 22.52}, 11)
	if err != nil {
		t.Fatal(err)
	}
	f("/dggs/H3/zones?zone-level=15", 400)
	f("/dggs/H3/zones?zone-level=15&bbox=-180,-90,180,90", 400)
	f("/dggs/H3/zones?zone-level=15&parent-zone=8009fffffffffff", 400)
	f("/dggs/H3/zones?zone-level=15&parent-zone="+inside.String(), 200)
	f("/dggs/H3/zones?zone-level=15&bbox=114.02,22.52,114.0201,22.5201", 200)
	f("/dggs/H3/zones?zone-level=15&parent-zone=8009fffffffffff&bbox=114.02,22.52,114.0201,22.5201", 200)
	if n := engine.runs.Load(); n != 0 {
		t.Errorf("%d layers were computed for lists of the dataset", n)
	}
	wide, _ := serveGrid(t, square(113, 22, 114, 23)) // 11,000 km², 5 million cells of resolution 11
	if a := get(t, "GET", wide+"/collections/waiting/dggs/H3/zones?zone-level=9"); a.status != 400 || !strings.Contains(a.body, "/problems/too-many-zones") {
		t.Errorf("100,000 zones of a layer: %d %.300s", a.status, a.body)
	}
}

// TestZonesWithoutBoundaries lists the cells of the layers.
func TestZonesWithoutBoundaries(t *testing.T) {
	base, _ := serveGrid(t, nil)
	want := document[zoneList](t, base+"/collections/waiting/dggs/H3/zones").Zones
	if got := document[zoneList](t, base+"/dggs/H3/zones").Zones; !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("the dataset has %d zones, want %d", len(got), len(want))
	}
	if a := get(t, "GET", base+"/dggs/H3/zones?zone-level=12"); a.status != 400 || !strings.Contains(a.body, "levels 7, 8, 9, 10, 11") {
		t.Errorf("level 12: %d %s", a.status, a.body)
	}
}
