package encode

import (
	"fmt"
	"io"
	"strconv"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/geo"
)

// ZoneData is what is known of a zone and of those below it.
type ZoneData struct {
	Name, Title string
	// DGGRS identifies the grid and the order of zones within a zone.
	DGGRS string
	Zone  geo.Cell
	// Schema describes the fields, as JSON Schema.
	Schema any
	Depths []ZoneDepth // ascending
	Fields []ZoneField
	// Layer is what the fields were made of, nil for several.
	Layer *analytics.Layer
}

// A ZoneDepth is the zones so many steps below a zone, in the order of the grid;
// depth 0 is the zone itself.
type ZoneDepth struct {
	Depth int
	Zones []geo.Cell
}

// A ZoneField is one value for each zone of every depth.
type ZoneField struct {
	// Column describes the field; it holds no values.
	analytics.Column
	// Depths are the values at each depth of the data.
	Depths []ZoneValues
}

// ZoneValues are values of zones. A zone whose row is -1 has none.
type ZoneValues struct {
	Column analytics.Column
	Rows   []int // of the column, for each zone in the order of the grid
}

// dggsJSONSchema is the schema that DGGS-JSON follows.
const dggsJSONSchema = "https://schemas.opengis.net/ogcapi/dggs/1.0/core/schemas/dggs-json/dggs-json.json"

// WriteZoneData writes the fields, which are numbers, as DGGS-JSON (OGC API - DGGS
// Part 1, 21-038r1, requirement /req/data-json/content): for each field and depth
// the values of all zones in the order of the grid, null for no value.
func WriteZoneData(w io.Writer, d ZoneData) error {
	for _, f := range d.Fields {
		if f.Type == analytics.WordColumn {
			return fmt.Errorf("write zone data: field %s holds words", f.Name)
		}
	}
	s := newSink(w)
	s.buf = appendString(append(s.buf, `{"$schema":`...), dggsJSONSchema)
	s.buf = appendString(append(s.buf, ",\n\"dggrs\":"...), d.DGGRS)
	s.buf = appendString(append(s.buf, ",\n\"zoneId\":"...), d.Zone.String())
	s.buf = append(s.buf, ",\n\"depths\":["...)
	for k, depth := range d.Depths {
		if k > 0 {
			s.buf = append(s.buf, ',')
		}
		s.buf = strconv.AppendInt(s.buf, int64(depth.Depth), 10)
	}
	var err error
	if s.buf, err = appendJSON(append(s.buf, "],\n\"schema\":"...), d.Schema); err != nil {
		return err
	}
	s.buf = append(s.buf, ",\n\"values\":{"...)
	for i, f := range d.Fields {
		if i > 0 {
			s.buf = append(s.buf, ',')
		}
		s.buf = append(appendString(append(s.buf, '\n'), f.Name), ":["...)
		for k, v := range f.Depths {
			if k > 0 {
				s.buf = append(s.buf, ',')
			}
			if !s.zoneValues(d.Depths[k].Depth, v) {
				return s.err
			}
		}
		s.buf = append(s.buf, ']')
	}
	s.buf = append(s.buf, "}}\n"...)
	return s.close()
}

// zoneValues appends the values of one depth and reports whether writing can go on.
func (s *sink) zoneValues(depth int, v ZoneValues) bool {
	n := int64(len(v.Rows))
	s.buf = strconv.AppendInt(append(s.buf, "\n{\"depth\":"...), int64(depth), 10)
	s.buf = strconv.AppendInt(append(s.buf, `,"shape":{"count":`...), n, 10)
	s.buf = strconv.AppendInt(append(s.buf, `,"subZones":`...), n, 10)
	s.buf = append(s.buf, `},"data":[`...)
	for i, row := range v.Rows {
		if i > 0 {
			s.buf = append(s.buf, ',')
		}
		if row < 0 {
			s.buf = append(s.buf, "null"...)
		} else {
			s.buf = appendValue(s.buf, &v.Column, row)
		}
		if !s.full() {
			return false
		}
	}
	s.buf = append(s.buf, "]}"...)
	return true
}
