package encode

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/geo"
)

// family returns a zone and the seven below it, but only some of which are rows.
func family(t *testing.T) (zone geo.Cell, children []geo.Cell, rows *Table) {
	t.Helper()
	zone, err := geo.ParseCell("88283082a1fffff")
	if err != nil {
		t.Fatal(err)
	}
	if children, err = zone.Children(9); err != nil {
		t.Fatal(err)
	}
	return zone, children, &Table{Name: "waiting", Cells: []geo.Cell{children[0], children[2], children[5]}, Columns: []analytics.Column{
		{Name: "n", Type: analytics.IntColumn, Ints: []int64{4, 0, 7}},
		{Name: "share", Type: analytics.FloatColumn, Floats: []float64{0.5, 1, 2}, Valid: []bool{true, true, false}},
		{Name: "place", Type: analytics.WordColumn, Words: []string{"a", "=b", ""}, Valid: []bool{true, true, false}},
	}}
}

func zoneData(t *testing.T, columns ...string) ZoneData {
	t.Helper()
	zone, children, rows := family(t)
	whole := analytics.Column{Name: "n", Type: analytics.IntColumn, Ints: []int64{11}}
	d := ZoneData{Name: "waiting", DGGRS: "http://x/dggs/H3/definition", Zone: zone, Schema: map[string]any{"type": "object"}, Depths: []ZoneDepth{{0, []geo.Cell{zone}}, {1, children}}}
	for _, c := range rows.Columns {
		if !slices.Contains(columns, c.Name) {
			continue
		}
		above := ZoneValues{analytics.Column{Type: c.Type}, []int{-1}}
		if c.Name == "n" {
			above = ZoneValues{whole, []int{0}}
		}
		d.Fields = append(d.Fields, ZoneField{
			Column: analytics.Column{Name: c.Name, Type: c.Type},
			Depths: []ZoneValues{above, {c, rows.RowsOf(children)}},
		})
	}
	return d
}

// TestZoneDataAsDGGSJSON follows requirement /req/data-json/content of 21-038r1.
func TestZoneDataAsDGGSJSON(t *testing.T) {
	var b bytes.Buffer
	if err := WriteZoneData(&b, zoneData(t, "n", "share")); err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, b.String())
	}
	const text = `{"$schema": "https://schemas.opengis.net/ogcapi/dggs/1.0/core/schemas/dggs-json/dggs-json.json",
		"dggrs": "http://x/dggs/H3/definition", "zoneId": "88283082a1fffff", "depths": [0, 1], "schema": {"type": "object"},
		"values": {
			"n": [{"depth": 0, "shape": {"count": 1, "subZones": 1}, "data": [11]}, {"depth": 1, "shape": {"count": 7, "subZones": 7}, "data": [4, null, 0, null, null, 7, null]}],
			"share": [{"depth": 0, "shape": {"count": 1, "subZones": 1}, "data": [null]}, {"depth": 1, "shape": {"count": 7, "subZones": 7}, "data": [0.5, null, 1.0, null, null, null, null]}]}}`
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("DGGS-JSON (-want +got):\n%s", diff)
	}
	if err := WriteZoneData(&b, zoneData(t, "n", "place")); err == nil {
		t.Error("words are written as DGGS-JSON")
	}
}

func TestZoneDataAsRows(t *testing.T) {
	d := zoneData(t, "n", "place")
	children := d.Depths[1].Zones
	table := d.Table(ZoneRegion)
	if want := []geo.Cell{d.Zone, children[0], children[2], children[5]}; !slices.Equal(table.Cells, want) {
		t.Errorf("rows are %v, want %v", table.Cells, want)
	}
	var csv bytes.Buffer
	if err := WriteTable(&csv, "csv", table, Options{}); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(csv.String()) {
		fields := strings.Split(strings.TrimSpace(line), ",")
		lines = append(lines, strings.Join(fields[1:3], ","))
	}
	if want := []string{"n,place", "11,", "4,a", "0,'=b", "7,"}; !slices.Equal(lines, want) {
		t.Errorf("CSV holds %q, want %q", lines, want)
	}
}

// TestZonesAsGeoJSON follows /req/zone-geojson/content and /rec/zone-geojson/geometry.
func TestZonesAsGeoJSON(t *testing.T) {
	zone, children, _ := family(t)
	for shape, want := range map[ZoneShape]string{ZoneRegion: "Polygon", ZoneCentroid: "Point", ZoneUndrawn: ""} {
		var b bytes.Buffer
		if err := WriteTable(&b, "geojson", Zones("H3", "H3", append([]geo.Cell{zone}, children...), shape), Options{}); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Type     string
			Features []struct {
				ID         string
				Geometry   *struct{ Type string }
				Properties struct{ ZoneID string }
			}
		}
		if err := json.Unmarshal(b.Bytes(), &got); err != nil || got.Type != "FeatureCollection" || len(got.Features) != 8 {
			t.Fatalf("%s: %v: %s", shape, err, b.String())
		}
		for _, f := range got.Features {
			drawn := ""
			if f.Geometry != nil {
				drawn = f.Geometry.Type
			}
			if f.Properties.ZoneID != f.ID || drawn != want {
				t.Errorf("%s: feature %s has zoneID %s and geometry %q", shape, f.ID, f.Properties.ZoneID, drawn)
			}
		}
	}
}

// TestZoneNumbers reads the list back as /req/zone-uint64/content says.
func TestZoneNumbers(t *testing.T) {
	_, children, _ := family(t)
	for _, zones := range [][]geo.Cell{children, nil} {
		var b bytes.Buffer
		if err := WriteZoneNumbers(&b, zones); err != nil {
			t.Fatal(err)
		}
		raw := b.Bytes()
		if n := binary.LittleEndian.Uint64(raw); n != uint64(len(zones)) || len(raw) != 8+8*len(zones) {
			t.Fatalf("%d zones are %d bytes that begin with %d", len(zones), len(raw), n)
		}
		for i, zone := range zones {
			if got := geo.Cell(binary.LittleEndian.Uint64(raw[8+8*i:])); got != zone {
				t.Errorf("zone %d is %s, want %s", i, got, zone)
			}
		}
	}
	var b bytes.Buffer
	if err := WriteZoneNumbers(&b, []geo.Cell{0x8928308280fffff}); err != nil || !bytes.Equal(b.Bytes(), []byte{1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0x0f, 0x28, 0x08, 0x83, 0x92, 0x08}) {
		t.Errorf("one zone is % x, %v", b.Bytes(), err)
	}
}
