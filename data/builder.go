package data

import (
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/civgrid/civgrid/geo"
)

// A Builder fills a [Batch] row by row. Every column gets one Set or Missing
// call for each row, in any order of columns. It is not safe for concurrent
// use.
type Builder struct {
	columns []Column
	fields  []array.Builder
	word    []byte // the last word appended, never nil: Arrow takes nil for no value
}

// NewBuilder returns a builder for the columns, which must not change
// afterwards.
func NewBuilder(columns []Column) *Builder {
	b := &Builder{columns: columns, fields: make([]array.Builder, len(columns)), word: []byte{}}
	for i, c := range columns {
		b.fields[i] = array.NewBuilder(memory.DefaultAllocator, c.Type.arrow())
	}
	return b
}

// Len returns the number of complete rows so far, going by the first column.
func (b *Builder) Len() int {
	if len(b.fields) == 0 {
		return 0
	}
	return b.fields[0].Len()
}

// Missing appends no value to column i.
func (b *Builder) Missing(i int) { b.fields[i].AppendNull() }

// SetText appends a string to column i, which is a Text or a Code.
func (b *Builder) SetText(i int, v string) {
	switch f := b.fields[i].(type) {
	case *array.StringBuilder:
		f.Append(v)
	case *array.BinaryDictionaryBuilder:
		b.word = append(b.word[:0], v...) // AppendString allocates for every row
		if err := f.Append(b.word); err != nil {
			panic("BUG: append to dictionary: " + err.Error())
		}
	default:
		panic(b.mismatch(i, Text))
	}
}

// SetInt appends a number to column i, which is an Int or a Time.
func (b *Builder) SetInt(i int, v int64) {
	switch f := b.fields[i].(type) {
	case *array.Int64Builder:
		f.Append(v)
	case *array.TimestampBuilder:
		f.Append(arrow.Timestamp(v))
	default:
		panic(b.mismatch(i, Int))
	}
}

// SetFloat appends a finite number to column i, a Float. NaN and infinities
// become no value, minus zero becomes zero.
func (b *Builder) SetFloat(i int, v float64) {
	f, ok := b.fields[i].(*array.Float64Builder)
	if !ok {
		panic(b.mismatch(i, Float))
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		f.AppendNull()
		return
	}
	f.Append(v + 0) // -0 becomes 0, which some stores cannot tell apart
}

// SetCell appends a cell to column i, a Cell; geo.NoCell becomes no value.
func (b *Builder) SetCell(i int, v geo.Cell) {
	f, ok := b.fields[i].(*array.Uint64Builder)
	if !ok {
		panic(b.mismatch(i, Cell))
	}
	if v == geo.NoCell {
		f.AppendNull()
		return
	}
	f.Append(uint64(v))
}

func (b *Builder) mismatch(i int, t Type) string {
	return fmt.Sprintf("BUG: column %s is of type %s, set as %s", b.columns[i].Name, b.columns[i].Type, t)
}

// Build returns the rows so far and leaves the builder empty for the next
// batch, whose dictionaries begin anew.
func (b *Builder) Build() Batch {
	n := b.Len()
	arrays := make([]arrow.Array, len(b.fields))
	for i, f := range b.fields {
		if f.Len() != n {
			panic(fmt.Sprintf("BUG: column %s has %d rows, the first has %d", b.columns[i].Name, f.Len(), n))
		}
		arrays[i] = f.NewArray()
		if coded, ok := f.(*array.BinaryDictionaryBuilder); ok {
			coded.ResetFull() // NewArray keeps the words, and every batch would carry those of all before
		}
	}
	return newBatch(b.columns, array.NewRecord(ArrowSchema(b.columns), arrays, int64(n)))
}
