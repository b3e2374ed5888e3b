package encode

import (
	"encoding/binary"
	"math"

	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
)

// The types of columns (ColumnType of header.fbs).
const (
	flatLong   = 7
	flatDouble = 10
	flatString = 11
	flatTime   = 13 // text in the form of ISO 8601
)

// flatAlignment is what headers and features are padded to (version 3.0.1 of the
// specification).
const flatAlignment = 8

// flatHeader returns the Header of header.fbs. Numbers in calls are those of the
// fields of its tables, counted from 0.
func flatHeader(t *Table, n int, s survey) ([]byte, error) {
	b := flatbuffers.NewBuilder(4 << 10)
	b.Prep(flatAlignment, 0)
	var about flatbuffers.UOffsetT
	if t.Layer != nil {
		text, err := appendJSON(nil, map[string]any{"civgrid": aboutOf(t.Layer)})
		if err != nil {
			return nil, err
		}
		about = b.CreateByteString(text)
	}
	title, name := b.CreateString(utf8Text(t.Title)), b.CreateString(utf8Text(t.Name))
	crs, columns := flatCRS(b), flatColumns(b, t)
	var envelope flatbuffers.UOffsetT
	if s.some {
		envelope = flatNumbers(b, []float64{s.extent.Min[0], s.extent.Min[1], s.extent.Max[0], s.extent.Max[1]})
	}
	b.StartObject(14)
	b.PrependUOffsetTSlot(0, name, 0)
	b.PrependUOffsetTSlot(1, envelope, 0)
	b.PrependByteSlot(2, byte(s.kind), 0)
	b.PrependUOffsetTSlot(7, columns, 0)
	b.PrependUint64Slot(8, uint64(n), 0)
	size := uint16(0)
	if s.tree != nil {
		size = nodeSize
	}
	b.PrependUint16Slot(9, size, nodeSize)
	b.PrependUOffsetTSlot(10, crs, 0)
	b.PrependUOffsetTSlot(11, title, 0)
	b.PrependUOffsetTSlot(13, about, 0)
	b.FinishSizePrefixed(b.EndObject())
	return b.FinishedBytes(), nil
}

// flatCRS makes the Crs: EPSG:4326, whose axes in FlatGeobuf are longitude and
// latitude in this order.
func flatCRS(b *flatbuffers.Builder) flatbuffers.UOffsetT {
	org, name := b.CreateString("EPSG"), b.CreateString("WGS 84")
	b.StartObject(6)
	b.PrependUOffsetTSlot(0, org, 0)
	b.PrependInt32Slot(1, 4326, 0)
	b.PrependUOffsetTSlot(2, name, 0)
	return b.EndObject()
}

// flatColumns makes the vector of Columns: the id, then those of the table.
func flatColumns(b *flatbuffers.Builder, t *Table) flatbuffers.UOffsetT {
	list := []flatbuffers.UOffsetT{flatColumn(b, analytics.Column{Name: t.freeName(idColumn), Type: analytics.WordColumn}, false)}
	for _, c := range t.Columns {
		list = append(list, flatColumn(b, c, true))
	}
	return b.CreateVectorOfTables(list)
}

func flatColumn(b *flatbuffers.Builder, c analytics.Column, nullable bool) flatbuffers.UOffsetT {
	text := func(s string) flatbuffers.UOffsetT {
		if s == "" {
			return 0
		}
		return b.CreateString(utf8Text(s))
	}
	name, title, doc := b.CreateString(utf8Text(c.Name)), text(c.Title), text(c.Doc)
	var unit flatbuffers.UOffsetT
	if c.Unit != "" {
		unit = b.CreateByteString(append(appendString([]byte(`{"unit":`), c.Unit), '}'))
	}
	kind := map[analytics.ColumnType]byte{analytics.IntColumn: flatLong, analytics.FloatColumn: flatDouble, analytics.WordColumn: flatString, analytics.TimeColumn: flatTime}
	b.StartObject(11)
	b.PrependUOffsetTSlot(0, name, 0)
	b.PrependByteSlot(1, kind[c.Type], 0)
	b.PrependUOffsetTSlot(2, title, 0)
	b.PrependUOffsetTSlot(3, doc, 0)
	b.PrependBoolSlot(7, nullable, true)
	b.PrependUOffsetTSlot(10, unit, 0)
	return b.EndObject()
}

// flatFeatures encodes rows as Features of feature.fbs.
type flatFeatures struct {
	kind       flatKind // of all, as the header says
	builder    *flatbuffers.Builder
	properties []byte
	xy         []float64
}

func newFlatFeatures(kind flatKind) *flatFeatures {
	return &flatFeatures{kind: kind, builder: flatbuffers.NewBuilder(4 << 10)}
}

// encode returns a row with its length before it, until the next call.
func (f *flatFeatures) encode(t *Table, row int) []byte {
	b := f.builder
	b.Reset()
	b.Prep(flatAlignment, 0)
	f.gather(t, row)
	properties := b.CreateByteVector(f.properties)
	var geometry flatbuffers.UOffsetT
	if g := t.drawn(row); g != nil {
		geometry = f.geometry(g)
	}
	b.StartObject(3)
	b.PrependUOffsetTSlot(0, geometry, 0)
	b.PrependUOffsetTSlot(1, properties, 0)
	b.FinishSizePrefixed(b.EndObject())
	return b.FinishedBytes()
}

// gather fills properties: for each value the number of its column, then the
// value; before text its length in bytes.
func (f *flatFeatures) gather(t *Table, row int) {
	p := f.properties[:0]
	text := func(s string) {
		p = binary.LittleEndian.AppendUint32(p, uint32(len(s)))
		p = append(p, s...)
	}
	p = binary.LittleEndian.AppendUint16(p, 0)
	text(utf8Text(t.ID(row)))
	for i := range t.Columns {
		c := &t.Columns[i]
		if !hasValue(c, row) {
			continue
		}
		p = binary.LittleEndian.AppendUint16(p, uint16(i+1))
		switch c.Type {
		case analytics.IntColumn:
			p = binary.LittleEndian.AppendUint64(p, uint64(c.Ints[row]))
		case analytics.FloatColumn:
			p = binary.LittleEndian.AppendUint64(p, math.Float64bits(c.Floats[row]))
		case analytics.TimeColumn:
			text(string(appendInstant(nil, c.Ints[row])))
		default:
			text(utf8Text(c.Words[row]))
		}
	}
	f.properties = p
}

// geometry makes the Geometry of a feature, which names its type only where the
// header does not.
func (f *flatFeatures) geometry(g orb.Geometry) flatbuffers.UOffsetT {
	kind := flatUnknown
	if f.kind == flatUnknown {
		kind = flatKindOf(g)
	}
	switch g := g.(type) {
	case orb.Point:
		f.xy = append(f.xy[:0], g[0], g[1])
		return f.simple(nil, kind)
	case orb.Polygon:
		if f.kind == flatMultiPolygon {
			return f.collection(orb.MultiPolygon{g}, kind)
		}
		return f.polygon(g, kind)
	case orb.MultiPolygon:
		return f.collection(g, kind)
	}
	panic("BUG: a geometry is drawn that FlatGeobuf does not have")
}

// collection makes a Geometry of parts, which say that they are polygons.
func (f *flatFeatures) collection(polygons orb.MultiPolygon, kind flatKind) flatbuffers.UOffsetT {
	parts := make([]flatbuffers.UOffsetT, len(polygons))
	for i, p := range polygons {
		parts[i] = f.polygon(p, flatPolygon)
	}
	vector := f.builder.CreateVectorOfTables(parts)
	f.builder.StartObject(8)
	f.builder.PrependByteSlot(6, byte(kind), 0)
	f.builder.PrependUOffsetTSlot(7, vector, 0)
	return f.builder.EndObject()
}

// polygon makes a Geometry of rings. Where there are several, ends says at which
// position each of them ends.
func (f *flatFeatures) polygon(p orb.Polygon, kind flatKind) flatbuffers.UOffsetT {
	f.xy = f.xy[:0]
	var ends []uint32
	for _, ring := range p {
		for _, at := range ring {
			f.xy = append(f.xy, at[0], at[1])
		}
		ends = append(ends, uint32(len(f.xy)/2))
	}
	if len(ends) == 1 {
		ends = nil
	}
	return f.simple(ends, kind)
}

// simple makes a Geometry of the coordinates in xy.
func (f *flatFeatures) simple(ends []uint32, kind flatKind) flatbuffers.UOffsetT {
	b := f.builder
	xy := flatNumbers(b, f.xy)
	var vector flatbuffers.UOffsetT
	if ends != nil {
		b.StartVector(flatbuffers.SizeUint32, len(ends), flatbuffers.SizeUint32)
		for i := len(ends) - 1; i >= 0; i-- {
			b.PrependUint32(ends[i])
		}
		vector = b.EndVector(len(ends))
	}
	b.StartObject(8)
	b.PrependUOffsetTSlot(0, vector, 0)
	b.PrependUOffsetTSlot(1, xy, 0)
	b.PrependByteSlot(6, byte(kind), 0)
	return b.EndObject()
}

// flatNumbers makes a vector of float64.
func flatNumbers(b *flatbuffers.Builder, numbers []float64) flatbuffers.UOffsetT {
	b.StartVector(flatbuffers.SizeFloat64, len(numbers), flatbuffers.SizeFloat64)
	for i := len(numbers) - 1; i >= 0; i-- {
		b.PrependFloat64(numbers[i])
	}
	return b.EndVector(len(numbers))
}
