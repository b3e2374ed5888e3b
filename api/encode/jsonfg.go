package encode

import (
	"io"
	"time"

	"github.com/paulmach/orb"
)

// writeJSONFG writes OGC Features and Geometries JSON 1.0 (21-045r1): GeoJSON
// whose features also say when they hold. All coordinates are longitude and
// latitude on WGS 84, so they stand in "geometry", "place" is null (clause 8,
// /req/core/place), and "coordRefSys" is that of values beside the geometry.
func writeJSONFG(w io.Writer, in *input) error {
	s := newSink(w)
	s.buf = append(s.buf, `{"type":"FeatureCollection","conformsTo":["http://www.opengis.net/spec/json-fg-1/1.0/conf/core","http://www.opengis.net/spec/json-fg-1/1.0/conf/types-schemas"],`+"\n"+`"featureType":`...)
	s.buf = appendString(s.buf, in.Name)
	s.buf = append(s.buf, in.dimension()...)
	s.buf = append(s.buf, `,"coordRefSys":"http://www.opengis.net/def/crs/OGC/0/CRS84"`...)
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
		s.buf = t.appendTime(append(writer.append(s.buf, t, row), `,"time":`...), row)
		s.buf = append(s.buf, `,"place":null}`...)
		return s.room()
	})
	if err != nil {
		return err
	}
	s.buf = append(s.buf, "\n]}\n"...)
	return s.close()
}

// dimension returns the member "geometryDimension" where all rows have a
// geometry of one dimension (/req/types-schemas/geometry-dimension), else "".
func (in *input) dimension() string {
	if in.Cells != nil && !in.view.Bare {
		return `,"geometryDimension":2`
	}
	points, areas := 0, 0
	for _, row := range in.rows.all() {
		switch in.Shape(row).(type) {
		case orb.Point:
			points++
		case orb.Polygon, orb.MultiPolygon:
			areas++
		}
	}
	switch {
	case in.rows.n == 0:
	case points == in.rows.n:
		return `,"geometryDimension":0`
	case areas == in.rows.n:
		return `,"geometryDimension":2`
	}
	return ""
}

// period returns what time a row is about, half open: its own, else that of the
// layer. The zero time means without bound.
func (t *Table) period(row int) (begin, end time.Time) {
	switch {
	case t.Begin != nil:
		return t.Begin[row], t.End[row]
	case t.Layer != nil:
		return t.Layer.Provenance.From, t.Layer.Provenance.To
	}
	return begin, end
}

// appendTime appends the value of "time" of a row: the instant of an event, else its
// interval.
func (t *Table) appendTime(b []byte, row int) []byte {
	switch {
	case t.Event == nil:
		begin, end := t.period(row)
		return appendPeriod(b, begin, end)
	case !hasValue(t.Event, row):
		return append(b, "null"...)
	}
	b = appendInstant(append(b, `{"timestamp":"`...), t.Event.Ints[row])
	return append(b, `"}`...)
}

// appendPeriod appends the value of "time": null without any bound, else an
// interval of timestamps. JSON-FG counts the end in (clause 7, "Intervals"), so
// it is the last second that begins before ours, but never before the begin.
func appendPeriod(b []byte, begin, end time.Time) []byte {
	if begin.IsZero() && end.IsZero() {
		return append(b, "null"...)
	}
	if !end.IsZero() {
		end = end.Add(-1).Truncate(time.Second)
		if end.Before(begin) {
			end = begin
		}
	}
	b = appendBound(append(b, `{"interval":[`...), begin)
	b = appendBound(append(b, ','), end)
	return append(b, `]}`...)
}

func appendBound(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, `".."`...)
	}
	b = t.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano)
	return append(b, '"')
}
