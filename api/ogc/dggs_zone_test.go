package ogc_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/geo"
)

// A zoneInfo is the description of a zone.
type zoneInfo struct {
	ID, ShapeType, CRS string
	Level              int
	Centroid           [2]float64
	BBox               [4]float64
	AreaMetersSquare   float64
	Geometry           struct {
		Type        string
		Coordinates json.RawMessage
	}
	Statistics map[string]struct{ Minimum, Maximum, Average, StdDev float64 }
	Links      []api.Link
}

// named returns the zones that links of a relation lead to.
func (z zoneInfo) named(rel string) (zones []string) {
	for _, l := range z.Links {
		if l.Rel == ogcRel+rel {
			zones = append(zones, l.Href[strings.LastIndex(l.Href, "/")+1:])
		}
	}
	return zones
}

// townZone returns the cell of a level in the middle of the town.
func townZone(t *testing.T, level geo.Resolution) geo.Cell {
	t.Helper()
	c, err := geo.CellAt(orb.Point{114.02, 22.52}, level)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestZoneInfo follows /req/core/zone-info and /rec/core/zone-info; h3-go says where
// the zone is, how large, and who its kin are.
func TestZoneInfo(t *testing.T) {
	base, _ := serveGrid(t, town())
	for _, at := range origins {
		for _, zone := range []string{"8009fffffffffff", townZone(t, 0).String(), townZone(t, 9).String(), townZone(t, 15).String(), cellAcross(t)} {
			c := h3.CellFromString(zone)
			z := document[zoneInfo](t, base+at+"/dggs/H3/zones/"+zone)
			shape := "hexagon"
			if c.IsPentagon() {
				shape = "pentagon"
			}
			if z.ID != zone || z.Level != c.Resolution() || z.ShapeType != shape || !strings.HasSuffix(z.CRS, "/CRS84") {
				t.Errorf("%s is %+v", zone, z)
			}
			centre, err := c.LatLng()
			if err != nil || math.Abs(z.Centroid[0]-centre.Lng) > 1e-9 || math.Abs(z.Centroid[1]-centre.Lat) > 1e-9 {
				t.Errorf("%s has its centroid at %v, want %v", zone, z.Centroid, centre)
			}
			if area, err := h3.CellAreaM2(c); err != nil || math.Abs(z.AreaMetersSquare/area-1) > 1e-9 {
				t.Errorf("%s has %v m², want %v", zone, z.AreaMetersSquare, area)
			}
			compareKin(t, z, c)
			if got := linkOf(t, z.Links, ogcRel+"dggrs"); got != base+at+"/dggs/H3" {
				t.Errorf("the grid of %s is at %s", zone, got)
			}
		}
	}
	fiji := document[zoneInfo](t, base+"/dggs/H3/zones/"+cellAcross(t))
	if fiji.BBox[0] < 170 || fiji.BBox[2] > -170 || fiji.Geometry.Type != "MultiPolygon" {
		t.Errorf("a zone across the antimeridian has the box %v and is a %s", fiji.BBox, fiji.Geometry.Type)
	}
}

func cellAcross(t *testing.T) string {
	t.Helper()
	c, err := geo.CellAt(orb.Point{180, -17}, 5)
	if err != nil {
		t.Fatal(err)
	}
	return c.String()
}

// compareKin compares parent, children and neighbours with those of h3-go.
func compareKin(t *testing.T, z zoneInfo, c h3.Cell) {
	t.Helper()
	var parents, children []string
	if r := c.Resolution(); r > 0 {
		parent, err := c.Parent(r - 1)
		if err != nil {
			t.Fatal(err)
		}
		parents = []string{parent.String()}
	}
	if r := c.Resolution(); r < 15 {
		found, err := c.Children(r + 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, child := range found {
			children = append(children, child.String())
		}
	}
	disk, err := c.GridDisk(1)
	if err != nil {
		t.Fatal(err)
	}
	near := slices.DeleteFunc(namesOf(disk), func(name string) bool { return name == c.String() })
	for rel, want := range map[string][]string{"dggrs-zone-parent": parents, "dggrs-zone-child": children, "dggrs-zone-neighbor": near} {
		if got := z.named(rel); !slices.Equal(got, want) {
			t.Errorf("%s has the %s %v, want %v", c, rel, got, want)
		}
	}
}

// TestStatisticsOfAZone follows /rec/core/zone-info: over the cells of resolution 9
// below the zone, each of which has its number in the layer.
func TestStatisticsOfAZone(t *testing.T) {
	base, _ := serveGrid(t, town())
	all := document[zoneList](t, base+"/collections/waiting/dggs/H3/zones?compact-zones=false").Zones
	zone := townZone(t, 8)
	var numbers []float64
	for row, name := range all {
		if c, err := geo.ParseCell(name); err == nil && c.Parent(8) == zone {
			numbers = append(numbers, float64(row))
		}
	}
	if len(numbers) != 7 {
		t.Fatalf("%s has %d cells", zone, len(numbers))
	}
	var sum, squares float64
	for _, x := range numbers {
		sum += x
	}
	for _, x := range numbers {
		squares += (x - sum/7) * (x - sum/7)
	}
	z := document[zoneInfo](t, base+"/collections/waiting/dggs/H3/zones/"+zone.String())
	n, ok := z.Statistics["n"]
	if !ok || n.Minimum != slices.Min(numbers) || n.Maximum != slices.Max(numbers) || math.Abs(n.Average-sum/7) > 1e-9 || math.Abs(n.StdDev-math.Sqrt(squares/7)) > 1e-9 {
		t.Errorf("statistics are %+v, the numbers %v", n, numbers)
	}
	if len(z.Statistics) != 2 {
		t.Errorf("there are statistics of %v, want n and share", z.Statistics)
	}
	for _, path := range []string{"/dggs/H3/zones/" + zone.String(), "/collections/waiting/dggs/H3/zones/8009fffffffffff", "/collections/waiting/dggs/H3/zones/" + townZone(t, 13).String()} {
		if z := document[zoneInfo](t, base+path); z.Statistics != nil {
			t.Errorf("%s has statistics: %v", path, z.Statistics)
		}
	}
	if a := get(t, "GET", base+"/collections/waiting/dggs/H3/zones/"+zone.String()+"?min-n=0"); a.status != 400 {
		t.Errorf("min-n=0: %d", a.status)
	}
}

// TestZonesLinkToTheirData follows /req/data-retrieval/zone-data, part B.
func TestZonesLinkToTheirData(t *testing.T) {
	base, _ := serveGrid(t, town())
	for _, at := range origins {
		for level, query := range map[geo.Resolution]string{9: "", 7: "", 6: "?zone-depth=1", 3: "?zone-depth=4"} {
			zone := townZone(t, level).String()
			z := document[zoneInfo](t, base+at+"/dggs/H3/zones/"+zone)
			href := linkOf(t, z.Links, ogcRel+"dggrs-zone-data")
			if want := base + at + "/dggs/H3/zones/" + zone + "/data" + query; href != want {
				t.Errorf("data of %s are at %s, want %s", zone, href, want)
			}
			if a := get(t, "GET", href); a.status != 200 {
				t.Errorf("%s: %d %s", href, a.status, a.body)
			}
		}
		for _, level := range []geo.Resolution{1, 12} {
			if z := document[zoneInfo](t, base+at+"/dggs/H3/zones/"+townZone(t, level).String()); z.named("dggrs-zone-data") != nil {
				t.Errorf("a zone of level %d has data", level)
			}
		}
	}
}
