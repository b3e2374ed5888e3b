package encode

import (
	"encoding/binary"
	"io"
	"slices"
	"sort"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/geo"
)

// ZoneID is the property that names the zone of a row (OGC API - DGGS Part 1,
// 21-038r1, requirement /req/zone-geojson/content).
const ZoneID = "zoneID"

// A ZoneShape says how zones are drawn (21-038r1, /rec/zone-geojson/geometry).
type ZoneShape string

// The ways to draw zones.
const (
	ZoneRegion   ZoneShape = "zone-region"   // their outline
	ZoneCentroid ZoneShape = "zone-centroid" // their centre
	ZoneUndrawn  ZoneShape = "none"          // not at all
)

// Zones returns zones, ascending and of any resolutions, as rows without any column
// but ZoneID. It keeps the slice.
func Zones(name, title string, zones []geo.Cell, shape ZoneShape) *Table {
	return zoneTable(&Table{Name: name, Title: title}, zones, shape)
}

// zoneTable makes the zones the rows of a table.
func zoneTable(t *Table, zones []geo.Cell, shape ZoneShape) *Table {
	names := make([]string, len(zones))
	for i, zone := range zones {
		names[i] = zone.String()
	}
	id := analytics.Column{Name: ZoneID, Title: "Zone", Type: analytics.WordColumn, Doc: "The H3 cell.", Words: names}
	t.Columns = append([]analytics.Column{id}, t.Columns...)
	if shape == ZoneRegion {
		t.Cells = zones
		if t.Cells == nil {
			t.Cells = []geo.Cell{}
		}
		return t
	}
	t.IDs, t.Shapes = names, make([]orb.Geometry, len(zones))
	if shape == ZoneCentroid {
		for i, zone := range zones {
			t.Shapes[i] = zone.Centre()
		}
	}
	return t
}

// WriteZoneNumbers writes how many zones there are and then the number of each, as
// 64-bit integers, the low byte first (21-038r1, /req/zone-uint64/content).
func WriteZoneNumbers(w io.Writer, zones []geo.Cell) error {
	s := newSink(w)
	s.buf = binary.LittleEndian.AppendUint64(s.buf, uint64(len(zones)))
	for _, zone := range zones {
		s.buf = binary.LittleEndian.AppendUint64(s.buf, uint64(zone))
		if !s.full() {
			return s.err
		}
	}
	return s.close()
}

// An Outline is a cell that is written as its outline, a GeoJSON geometry.
type Outline geo.Cell

// MarshalJSON implements json.Marshaler.
func (o Outline) MarshalJSON() ([]byte, error) { return appendCell(nil, geo.Cell(o).Boundary()), nil }

// RowsOf returns the row of each zone, -1 for one that is not among them. The zones
// ascend, and so do the cells of the table.
func (t *Table) RowsOf(zones []geo.Cell) []int {
	rows := make([]int, len(zones))
	at := 0
	if len(zones) > 0 {
		at = sort.Search(len(t.Cells), func(i int) bool { return t.Cells[i] >= zones[0] })
	}
	for i, zone := range zones {
		for at < len(t.Cells) && t.Cells[at] < zone {
			at++
		}
		if rows[i] = -1; at < len(t.Cells) && t.Cells[at] == zone {
			rows[i] = at
		}
	}
	return rows
}

// Table returns the zones for which at least one field has a row, of all depths,
// with the fields as columns after ZoneID.
func (d ZoneData) Table(shape ZoneShape) *Table {
	t := &Table{Name: d.Name, Title: d.Title, Layer: d.Layer}
	var zones []geo.Cell
	picked := make([][]int, len(d.Depths)) // positions among the zones of each depth
	for k, depth := range d.Depths {
		for i, zone := range depth.Zones {
			if slices.ContainsFunc(d.Fields, func(f ZoneField) bool { return f.Depths[k].Rows[i] >= 0 }) {
				zones, picked[k] = append(zones, zone), append(picked[k], i)
			}
		}
	}
	for _, f := range d.Fields {
		gathered := newColumns([]analytics.Column{{Name: f.Name, Title: f.Title, Doc: f.Doc, Unit: f.Unit, Type: f.Type}})
		for k, values := range f.Depths {
			for _, i := range picked[k] {
				gathered.copied(values.Column, values.Rows[i])
			}
		}
		t.Columns = append(t.Columns, gathered.columns...)
	}
	return zoneTable(t, zones, shape)
}

// copied appends to the first column what a row of another holds; row -1 holds
// nothing.
func (b *columns) copied(from analytics.Column, row int) {
	has := row >= 0 && from.Has(row)
	switch {
	case from.Type == analytics.IntColumn && has:
		b.int(0, from.Ints[row], true)
	case from.Type == analytics.FloatColumn && has:
		b.float(0, from.Floats[row], true)
	case from.Type == analytics.WordColumn && has:
		b.word(0, from.Words[row])
	case from.Type == analytics.IntColumn:
		b.int(0, 0, false)
	case from.Type == analytics.FloatColumn:
		b.float(0, 0, false)
	default:
		b.word(0, "")
	}
}
