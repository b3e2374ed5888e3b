package encode

import (
	"io"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// Rows are handed on in pieces, which end when they have so many rows or so many bytes
// of geometries; a row group is of some pieces, and ends by the same two.
const (
	pieceRows  = 4096
	groupRows  = 2 * pieceRows
	groupBytes = 8 << 20
)

// writeParquet writes GeoParquet 1.1 (OGC GeoParquet, version 1.1.0) in groups
// of some thousand rows: ids, the columns, geometries as well-known binary,
// compressed with Snappy, which every reader knows. What is known of a layer is
// the value of "civgrid" in the metadata of the file.
func writeParquet(w io.Writer, in *input) error {
	root, err := parquetSchema(in.Table)
	if err != nil {
		return err
	}
	s := newSink(w)
	g := parquetGroups{head: in.Table, sink: s, out: file.NewParquetWriter(s, root, file.WithWriterProps(parquetProperties(root)))}
	if err := in.eachTable(g.add); err != nil {
		return err
	}
	if err := g.finish(); err != nil {
		return err
	}
	return s.close()
}

func parquetSchema(t *Table) (*schema.GroupNode, error) {
	const noID, noLength = -1, -1
	text, double, long := parquet.Types.ByteArray, parquet.Types.Double, parquet.Types.Int64
	maybe := parquet.Repetitions.Optional
	id, err := schema.NewPrimitiveNodeLogical(t.freeName(idColumn), parquet.Repetitions.Required, schema.StringLogicalType{}, text, noLength, noID)
	if err != nil {
		return nil, err
	}
	fields := schema.FieldList{id}
	for _, c := range t.Columns {
		var node *schema.PrimitiveNode
		switch name := utf8Text(c.Name); c.Type {
		case analytics.IntColumn:
			node, err = schema.NewPrimitiveNode(name, maybe, long, noID, noLength)
		case analytics.FloatColumn:
			node, err = schema.NewPrimitiveNode(name, maybe, double, noID, noLength)
		case analytics.TimeColumn:
			node, err = schema.NewPrimitiveNodeLogical(name, maybe, schema.NewTimestampLogicalType(true, schema.TimeUnitMicros), long, noLength, noID)
		default:
			node, err = schema.NewPrimitiveNodeLogical(name, maybe, schema.StringLogicalType{}, text, noLength, noID)
		}
		if err != nil {
			return nil, err
		}
		fields = append(fields, node)
	}
	geometry, err := schema.NewPrimitiveNode(t.freeName(geometryColumn), maybe, text, noID, noLength)
	if err != nil {
		return nil, err
	}
	return schema.NewGroupNode("schema", parquet.Repetitions.Required, append(fields, geometry), noID)
}

// parquetProperties says how columns are written: words of a list in a dictionary, what
// differs from row to row without one, which would take memory and save none.
func parquetProperties(root *schema.GroupNode) *parquet.WriterProperties {
	properties := []parquet.WriterProperty{parquet.WithCompression(compress.Codecs.Snappy)}
	last := root.NumFields() - 1
	for i := range root.NumFields() {
		field := root.Field(i).(*schema.PrimitiveNode)
		if i == 0 || i == last || field.PhysicalType() != parquet.Types.ByteArray {
			properties = append(properties, parquet.WithDictionaryFor(field.Name(), false))
		}
	}
	return parquet.NewWriterProperties(properties...)
}

// parquetGroups gathers rows to pieces and writes these column by column. What is
// written of a group stays in memory until the group ends, encoded and compressed; what
// is known of a column of a group stays until the file ends, so that there are to be few
// groups.
type parquetGroups struct {
	head   *Table
	sink   *sink
	out    *file.Writer
	group  file.BufferedRowGroupWriter // nil between two groups
	known  int                         // rows of the group
	held   int                         // bytes of geometries of the group
	rows   []int                       // of the piece, as all that follows
	shapes []parquet.ByteArray         // of rows that have one
	levels []int16                     // of each row: 1 where it has a geometry
	bytes  int                         // of shapes
	bound  orb.Bound                   // of all shapes so far
	kinds  [3]bool                     // those there are, in the order of geometryTypes
	values parquetValues
}

// add writes rows of a table.
func (g *parquetGroups) add(t *Table, rows selection) error {
	for i, row := range rows.all() {
		if err := g.gather(t, row); err != nil {
			return err
		}
		if i+1 < rows.n && len(g.rows) < pieceRows && g.bytes < groupBytes {
			continue
		}
		if err := g.write(t); err != nil {
			return err
		}
		if g.known < groupRows && g.held < groupBytes {
			continue
		}
		if err := g.end(); err != nil {
			return err
		}
	}
	return nil
}

// gather adds a row to the piece.
func (g *parquetGroups) gather(t *Table, row int) error {
	g.rows = append(g.rows, row)
	drawn := t.drawn(row)
	if drawn == nil {
		g.levels = append(g.levels, 0)
		return nil
	}
	shape, err := wellKnown(drawn)
	if err != nil {
		return err
	}
	g.levels, g.shapes, g.bytes = append(g.levels, 1), append(g.shapes, shape), g.bytes+len(shape)
	if g.kinds == [3]bool{} {
		g.bound = drawn.Bound()
	}
	g.bound = g.bound.Union(drawn.Bound())
	for i, kind := range geometryTypes() {
		g.kinds[i] = g.kinds[i] || kind == drawn.GeoJSONType()
	}
	return nil
}

// write writes the piece and begins anew.
func (g *parquetGroups) write(t *Table) error {
	if g.group == nil {
		g.group = g.out.AppendBufferedRowGroup()
	}
	v := &g.values
	v.begin()
	for _, row := range g.rows {
		v.texts = append(v.texts, parquet.ByteArray(utf8Text(t.ID(row))))
	}
	if err := v.write(g.group, 0, nil); err != nil {
		return err
	}
	for i := range t.Columns {
		v.begin()
		for _, row := range g.rows {
			v.add(&t.Columns[i], row)
		}
		if err := v.write(g.group, 1+i, v.levels); err != nil {
			return err
		}
	}
	v.begin()
	v.texts = append(v.texts, g.shapes...)
	if err := v.write(g.group, 1+len(t.Columns), g.levels); err != nil {
		return err
	}
	clear(g.shapes)
	g.known, g.held = g.known+len(g.rows), g.held+g.bytes
	g.rows, g.shapes, g.levels, g.bytes = g.rows[:0], g.shapes[:0], g.levels[:0], 0
	return nil
}

// end ends the group, if there is one.
func (g *parquetGroups) end() error {
	if g.group == nil {
		return nil
	}
	if err := g.group.Close(); err != nil {
		return err
	}
	g.group, g.known, g.held = nil, 0, 0
	return g.sink.room()
}

// parquetValues are the values of a column in a piece, without those that are
// missing, in the one slice that fits its type.
type parquetValues struct {
	longs   []int64
	doubles []float64
	texts   []parquet.ByteArray
	levels  []int16 // of each row: 1 where it has a value
}

func (v *parquetValues) begin() {
	clear(v.texts)
	v.longs, v.doubles, v.texts, v.levels = v.longs[:0], v.doubles[:0], v.texts[:0], v.levels[:0]
}

func (v *parquetValues) add(c *analytics.Column, row int) {
	if !api.Known(c, row) {
		v.levels = append(v.levels, 0)
		return
	}
	v.levels = append(v.levels, 1)
	switch c.Type {
	case analytics.IntColumn, analytics.TimeColumn:
		v.longs = append(v.longs, c.Ints[row])
	case analytics.FloatColumn:
		v.doubles = append(v.doubles, c.Floats[row])
	default:
		v.texts = append(v.texts, parquet.ByteArray(utf8Text(c.Words[row])))
	}
}

// write writes a column of a piece; levels are nil where none is missing.
func (v *parquetValues) write(group file.BufferedRowGroupWriter, at int, levels []int16) error {
	column, err := group.Column(at)
	if err != nil {
		return err
	}
	switch column := column.(type) {
	case *file.Int64ColumnChunkWriter:
		_, err = column.WriteBatch(v.longs, levels, nil)
	case *file.Float64ColumnChunkWriter:
		_, err = column.WriteBatch(v.doubles, levels, nil)
	case *file.ByteArrayColumnChunkWriter:
		_, err = column.WriteBatch(v.texts, levels, nil)
	}
	return err
}
