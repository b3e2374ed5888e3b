package data

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"

	"github.com/civgrid/civgrid/geo"
)

// A Batch is a set of rows as columns. It is immutable, may be kept, and is
// safe for concurrent use; every slice it hands out is its own memory and must
// not be written to. The zero Batch has no columns and no rows.
//
// The accessors take a column's name and panic when the batch has no such
// column or when it is of another type: what a batch holds is decided by the
// caller's own [Query].
type Batch struct {
	columns []Column
	record  arrow.Record
}

// NewBatch wraps an Arrow record whose columns are laid out as described. Both
// are kept and must not change afterwards.
func NewBatch(columns []Column, record arrow.Record) (Batch, error) {
	if int(record.NumCols()) != len(columns) {
		return Batch{}, fmt.Errorf("batch of %d columns described as %d", record.NumCols(), len(columns))
	}
	for i, c := range columns {
		if got, want := record.Column(i).DataType(), c.Type.arrow(); !arrow.TypeEqual(got, want) {
			return Batch{}, fmt.Errorf("column %s is %s, want %s", c.Name, got, want)
		}
	}
	return newBatch(columns, record), nil
}

// newBatch makes a batch that several goroutines can read: Arrow counts nulls
// and opens dictionaries when first asked and remembers them, which would be
// a race; so they are asked for here.
func newBatch(columns []Column, record arrow.Record) Batch {
	for _, values := range record.Columns() {
		values.NullN()
		if coded, ok := values.(*array.Dictionary); ok {
			coded.Dictionary()
		}
	}
	return Batch{columns, record}
}

// ArrowSchema returns the Arrow schema of the columns; units and descriptions
// travel as field metadata.
func ArrowSchema(columns []Column) *arrow.Schema {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{
			Name: c.Name, Type: c.Type.arrow(), Nullable: !c.Required,
			Metadata: arrow.NewMetadata([]string{"unit", "doc"}, []string{c.Unit, c.Doc}),
		}
	}
	return arrow.NewSchema(fields, nil)
}

// Record returns the batch as an Arrow record that shares its memory.
func (b Batch) Record() arrow.Record { return b.record }

// Len returns the number of rows.
func (b Batch) Len() int {
	if b.record == nil {
		return 0
	}
	return int(b.record.NumRows())
}

// Columns returns the description of the columns.
func (b Batch) Columns() []Column { return b.columns }

// Has reports whether the batch has a column of that name.
func (b Batch) Has(name string) bool { return indexOf(b.columns, name) >= 0 }

// Slice returns rows lo to hi, hi not included, sharing memory. It panics when
// they are not rows of b.
func (b Batch) Slice(lo, hi int) Batch {
	if lo < 0 || hi < lo || hi > b.Len() { // Arrow would let a slice see the rows before it
		panic(fmt.Sprintf("BUG: rows %d to %d of a batch of %d", lo, hi, b.Len()))
	}
	if b.record == nil {
		return b
	}
	return newBatch(b.columns, b.record.NewSlice(int64(lo), int64(hi)))
}

func (b Batch) column(name string, types ...Type) arrow.Array {
	i := indexOf(b.columns, name)
	if i < 0 {
		panic(fmt.Sprintf("BUG: batch has no column %q, only %s", name, columnNames(b.columns)))
	}
	if slices.Contains(types, b.columns[i].Type) {
		return b.record.Column(i)
	}
	panic(fmt.Sprintf("BUG: column %q is of type %s, read as %s", name, b.columns[i].Type, types[0]))
}

// Ints returns the values of an Int or Time column. Where a value is missing
// the slice holds any number: see [Batch.Valid].
func (b Batch) Ints(name string) []int64 {
	switch values := b.column(name, Int, Time).(type) {
	case *array.Int64:
		return values.Int64Values()
	case *array.Timestamp:
		return timestamps(values.TimestampValues())
	}
	panic("BUG: integer column of a foreign Arrow type")
}

func timestamps(values []arrow.Timestamp) []int64 {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*int64)(unsafe.Pointer(&values[0])), len(values)) // arrow.Timestamp is an int64
}

// Floats returns the values of a Float column. Where a value is missing the
// slice holds any number, NaN too: see [Batch.Valid].
func (b Batch) Floats(name string) []float64 {
	return b.column(name, Float).(*array.Float64).Float64Values()
}

// Cells returns the values of a Cell column. Where a cell is missing the slice
// holds any value: see [Batch.Valid].
func (b Batch) Cells(name string) []geo.Cell {
	values := b.column(name, Cell).(*array.Uint64).Uint64Values()
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*geo.Cell)(unsafe.Pointer(&values[0])), len(values)) // geo.Cell is a uint64
}

// Texts is a column of strings.
type Texts struct{ values *array.String }

// At returns the string of row i, "" where it is missing.
func (t Texts) At(i int) string {
	if t.values.IsNull(i) {
		return ""
	}
	return t.values.Value(i)
}

// Texts returns a Text column.
func (b Batch) Texts(name string) Texts { return Texts{b.column(name, Text).(*array.String)} }

// Codes is a dictionary-encoded column: row i holds Words[Index[i]] where it is
// valid.
type Codes struct {
	Index []int32
	Words []string
	valid Validity
}

// At returns the word of row i, "" where it is missing.
func (c Codes) At(i int) string {
	if !c.valid.At(i) {
		return ""
	}
	return c.Words[c.Index[i]]
}

// Valid tells which rows have a word.
func (c Codes) Valid() Validity { return c.valid }

// Codes returns a Code column.
func (b Batch) Codes(name string) Codes {
	values := b.column(name, Code).(*array.Dictionary)
	dictionary := values.Dictionary().(*array.String)
	words := make([]string, dictionary.Len())
	for i := range words {
		words[i] = dictionary.Value(i)
	}
	return Codes{values.Indices().(*array.Int32).Int32Values(), words, validity(values)}
}

// Validity says which rows of a column have a value.
type Validity struct {
	bits   []byte // nil: all of them
	offset int
}

func validity(values arrow.Array) Validity {
	if values.NullN() == 0 {
		return Validity{}
	}
	return Validity{values.NullBitmapBytes(), values.Data().Offset()}
}

// At reports whether row i has a value.
func (v Validity) At(i int) bool { return v.bits == nil || bitutil.BitIsSet(v.bits, v.offset+i) }

// All reports whether no value is missing.
func (v Validity) All() bool { return v.bits == nil }

// Valid returns which rows of the column have a value, for any type.
func (b Batch) Valid(name string) Validity {
	return validity(b.column(name, Text, Code, Time, Int, Float, Cell))
}
