package encode

import (
	"io"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
)

// A row group ends when it has so many rows, or so many bytes of geometries.
const (
	groupRows  = 16384
	groupBytes = 8 << 20
)

// writeParquet writes GeoParquet 1.1 (OGC GeoParquet, version 1.1.0) in groups
// of a few thousand rows: ids, the columns, geometries as well-known binary,
// compressed with Snappy, which every reader knows. What is known of a layer is
// the value of "civgrid" in the metadata of the file.
func writeParquet(w io.Writer, in *input) error {
	root, err := parquetSchema(in.Table)
	if err != nil {
		return err
	}
	s := newSink(w)
	g := parquetGroups{head: in.Table, sink: s, out: file.NewParquetWriter(s, root, file.WithWriterProps(
		parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy))))}
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

// parquetGroups gathers rows and writes them as row groups, column by column.
type parquetGroups struct {
	head   *Table
	sink   *sink
	out    *file.Writer
	rows   []int
	shapes []parquet.ByteArray // of rows that have one
	levels []int16             // of each row: 1 where it has a geometry
	bytes  int                 // of shapes
	bound  orb.Bound           // of all shapes so far
	kinds  [3]bool             // those there are, in the order of geometryTypes
	values parquetValues
}

// add writes rows of a table as groups of their own.
func (g *parquetGroups) add(t *Table, rows selection) error {
	for i, row := range rows.all() {
		if err := g.gather(t, row); err != nil {
			return err
		}
		if i+1 < rows.n && len(g.rows) < groupRows && g.bytes < groupBytes {
			continue
		}
		if err := g.write(t); err != nil {
			return err
		}
	}
	return nil
}

// gather adds a row to the group.
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

// write writes the group and begins anew.
func (g *parquetGroups) write(t *Table) error {
	group := g.out.AppendRowGroup()
	v := &g.values
	v.begin()
	for _, row := range g.rows {
		v.texts = append(v.texts, parquet.ByteArray(utf8Text(t.ID(row))))
	}
	if err := v.write(group, nil); err != nil {
		return err
	}
	for i := range t.Columns {
		v.begin()
		for _, row := range g.rows {
			v.add(&t.Columns[i], row)
		}
		if err := v.write(group, v.levels); err != nil {
			return err
		}
	}
	v.begin()
	v.texts = append(v.texts, g.shapes...)
	if err := v.write(group, g.levels); err != nil {
		return err
	}
	if err := group.Close(); err != nil {
		return err
	}
	clear(g.shapes)
	g.rows, g.shapes, g.levels, g.bytes = g.rows[:0], g.shapes[:0], g.levels[:0], 0
	g.sink.full()
	return g.sink.err
}

// parquetValues are the values of a column in a group, without those that are
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
	if !hasValue(c, row) {
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

// write writes the next column of a group; levels are nil where none is missing.
func (v *parquetValues) write(group file.SerialRowGroupWriter, levels []int16) error {
	column, err := group.NextColumn()
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
	if err != nil {
		return err
	}
	return column.Close()
}
