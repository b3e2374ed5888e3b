package encode

import (
	"io"
	"strconv"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api"
)

// writeGeoJSON writes a FeatureCollection, one feature a line, with what is
// known about all of them before the features.
func writeGeoJSON(w io.Writer, in *input) error {
	s := newSink(w)
	s.buf = append(s.buf, `{"type":"FeatureCollection","name":`...)
	s.buf = appendString(s.buf, in.Name)
	if in.view.Datum != "" {
		s.buf = appendString(append(s.buf, `,"datum":`...), in.view.Datum)
	}
	if err := s.head(in); err != nil {
		return err
	}
	s.buf = append(s.buf, ",\n\"features\":["...)
	writer := newFeatures(in.Table)
	err := in.each(func(i int, t *Table, row int) error {
		if i > 0 {
			s.buf = append(s.buf, ',')
		}
		s.buf = append(s.buf, '\n')
		s.buf = append(writer.append(s.buf, t, row), '}')
		return s.room()
	})
	if err != nil {
		return err
	}
	s.buf = append(s.buf, "\n]}\n"...)
	return s.close()
}

// head appends the members that stand before the rows: those of a page and
// what is known of the layer.
func (s *sink) head(in *input) (err error) {
	page := in.options.Page
	if page != nil {
		s.buf = strconv.AppendInt(append(s.buf, ",\n\"numberMatched\":"...), int64(page.Matched), 10)
		s.buf = strconv.AppendInt(append(s.buf, `,"numberReturned":`...), int64(in.rows.n), 10)
		s.buf = appendString(append(s.buf, `,"timeStamp":`...), page.TimeStamp.UTC().Format(time.RFC3339))
		if s.buf, err = appendLinks(append(s.buf, ",\n\"links\":"...), page.Links); err != nil {
			return err
		}
	}
	if in.Layer == nil || page != nil && page.Further {
		return nil
	}
	s.buf, err = appendJSON(append(s.buf, ",\n\"civgrid\":"...), aboutOf(in.Layer))
	return err
}

func appendLinks(b []byte, links []api.Link) ([]byte, error) {
	if links == nil {
		links = []api.Link{}
	}
	return appendJSON(b, links)
}

// WriteFeature writes one row as a GeoJSON Feature with links (OGC API -
// Features Part 1, 17-069r4, section 7.16.3).
func WriteFeature(w io.Writer, t *Table, row int, links []api.Link) error {
	s := newSink(w)
	s.buf = newFeatures(t).append(s.buf, t, row)
	var err error
	if s.buf, err = appendLinks(append(s.buf, ",\n\"links\":"...), links); err != nil {
		return err
	}
	s.buf = append(s.buf, "}\n"...)
	return s.close()
}

// features appends rows as features. The names of properties are made once for all
// tables of the same columns.
type features struct {
	names [][]byte // `"name":` of each column
}

func newFeatures(t *Table) features {
	f := features{names: make([][]byte, len(t.Columns))}
	for i, c := range t.Columns {
		f.names[i] = append(appendString(nil, c.Name), ':')
	}
	return f
}

// append appends a Feature, all but its closing brace.
func (f features) append(b []byte, t *Table, row int) []byte {
	b = append(b, `{"type":"Feature","id":`...)
	b = append(appendString(b, t.ID(row)), `,"geometry":`...)
	shape := t.Shape(row)
	if outline, ok := shape.(orb.MultiPolygon); ok && t.Cells != nil {
		b = appendCell(b, outline)
	} else {
		b = appendGeometry(b, shape)
	}
	b = append(b, `,"properties":{`...)
	return append(f.appendProperties(b, t, row), '}')
}

// appendProperties appends the members of the properties object.
func (f features) appendProperties(b []byte, t *Table, row int) []byte {
	for i := range f.names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, f.names[i]...)
		b = appendValue(b, &t.Columns[i], row)
	}
	return b
}
