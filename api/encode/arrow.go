package encode

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/civgrid/civgrid/analytics"
)

// A batch is written when it has so many rows, or so many bytes of geometries,
// which may be of any size.
const (
	batchRows  = 4096
	batchBytes = 4 << 20
)

// geometryColumn is the name of the column of geometries, last of all, in
// formats that have no other place for them.
const geometryColumn = "geometry"

// writeArrow writes the streaming format of Arrow IPC (Arrow columnar format
// 1.x) in batches of a few thousand rows: ids, the columns, geometries. These
// are of the extension type geoarrow.point where all are points, else of
// geoarrow.wkb (GeoArrow, extension-types.md). What is known of a layer is the
// metadata "civgrid" of the schema, title, unit and doc that of a field.
func writeArrow(w io.Writer, in *input) error {
	schema, err := arrowSchema(in.Table, in.allPoints())
	if err != nil {
		return err
	}
	s := newSink(w)
	out := ipc.NewWriter(s, ipc.WithSchema(schema))
	b := arrowBatch{builder: array.NewRecordBuilder(memory.NewGoAllocator(), schema)}
	flush := func() error {
		if err := out.Write(b.take()); err != nil {
			return err
		}
		return s.room()
	}
	err = in.each(func(_ int, t *Table, row int) error {
		if err := b.add(t, row); err != nil || b.rows < batchRows && b.bytes < batchBytes {
			return err
		}
		return flush()
	})
	if err == nil && b.rows > 0 {
		err = flush()
	}
	if err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	return s.close()
}

func arrowSchema(t *Table, points bool) (*arrow.Schema, error) {
	fields := []arrow.Field{{Name: t.freeName(idColumn), Type: arrow.BinaryTypes.String}}
	for _, c := range t.Columns {
		field := arrow.Field{Name: utf8Text(c.Name), Nullable: true, Type: arrow.BinaryTypes.String}
		switch c.Type {
		case analytics.IntColumn:
			field.Type = arrow.PrimitiveTypes.Int64
		case analytics.FloatColumn:
			field.Type = arrow.PrimitiveTypes.Float64
		case analytics.TimeColumn:
			field.Type = arrow.FixedWidthTypes.Timestamp_us
		}
		field.Metadata = arrow.NewMetadata([]string{"title", "unit", "doc"}, []string{utf8Text(c.Title), utf8Text(c.Unit), utf8Text(c.Doc)})
		fields = append(fields, field)
	}
	geometry := arrow.Field{Name: t.freeName(geometryColumn), Nullable: true, Type: arrow.BinaryTypes.Binary}
	extension := "geoarrow.wkb"
	if points {
		geometry.Type = arrow.FixedSizeListOfField(2, arrow.Field{Name: "xy", Type: arrow.PrimitiveTypes.Float64})
		extension = "geoarrow.point"
	}
	geometry.Metadata = arrow.NewMetadata(
		[]string{"ARROW:extension:name", "ARROW:extension:metadata"},
		[]string{extension, `{"crs":` + projCRS84 + `,"crs_type":"projjson"}`})
	var known *arrow.Metadata
	if t.Layer != nil {
		about, err := appendJSON(nil, aboutOf(t.Layer))
		if err != nil {
			return nil, err
		}
		metadata := arrow.NewMetadata([]string{"civgrid"}, []string{string(about)})
		known = &metadata
	}
	return arrow.NewSchema(append(fields, geometry), known), nil
}

// allPoints reports whether no row has a geometry other than a point.
func (in *input) allPoints() bool {
	t := in.Table
	if t.Points {
		return true
	}
	if t.Cells != nil || t.Shapes == nil {
		return false
	}
	some := false
	for _, row := range in.rows.all() {
		switch t.Shapes[row].(type) {
		case nil:
		case orb.Point:
			some = true
		default:
			return false
		}
	}
	return some
}

// An arrowBatch gathers rows.
type arrowBatch struct {
	builder     *array.RecordBuilder
	rows, bytes int
}

// take returns the rows gathered and begins anew.
func (b *arrowBatch) take() arrow.Record {
	b.rows, b.bytes = 0, 0
	return b.builder.NewRecord()
}

func (b *arrowBatch) add(t *Table, row int) error {
	b.builder.Field(0).(*array.StringBuilder).Append(utf8Text(t.ID(row)))
	for i := range t.Columns {
		c := &t.Columns[i]
		field := b.builder.Field(i + 1)
		if !hasValue(c, row) {
			field.AppendNull()
			continue
		}
		switch field := field.(type) {
		case *array.Int64Builder:
			field.Append(c.Ints[row])
		case *array.Float64Builder:
			field.Append(c.Floats[row])
		case *array.TimestampBuilder:
			field.Append(arrow.Timestamp(c.Ints[row]))
		case *array.StringBuilder:
			field.Append(utf8Text(c.Words[row]))
		}
	}
	b.rows++
	return b.place(t.drawn(row), b.builder.Field(len(t.Columns)+1))
}

// place adds a geometry. Below a missing point stand zeros, since the numbers of
// points are never missing themselves (GeoArrow, format.md).
func (b *arrowBatch) place(g orb.Geometry, field array.Builder) error {
	switch field := field.(type) {
	case *array.FixedSizeListBuilder:
		p, ok := g.(orb.Point)
		field.Append(ok)
		field.ValueBuilder().(*array.Float64Builder).AppendValues(p[:], nil)
	case *array.BinaryBuilder:
		if g == nil {
			field.AppendNull()
			return nil
		}
		text, err := wellKnown(g)
		if err != nil {
			return err
		}
		field.Append(text)
		b.bytes += len(text)
	}
	return nil
}

// wellKnown returns a geometry as well-known binary (OGC 06-103r4, section 8.2),
// little-endian.
func wellKnown(g orb.Geometry) ([]byte, error) {
	text, err := wkb.Marshal(g, binary.LittleEndian)
	if err != nil {
		return nil, fmt.Errorf("geometry: %w", err)
	}
	return text, nil
}
