package data

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Take returns the given rows of b, in that order, as a batch of its own; a row
// may be given more than once. Dictionaries are shared.
func (b Batch) Take(rows []int32) Batch {
	arrays := make([]arrow.Array, len(b.columns))
	for i := range b.columns {
		arrays[i] = take(b.record.Column(i), rows)
	}
	return newBatch(b.columns, array.NewRecord(ArrowSchema(b.columns), arrays, int64(len(rows))))
}

func take(values arrow.Array, rows []int32) arrow.Array {
	valid := validity(values)
	switch v := values.(type) {
	case *array.Dictionary:
		indices := gather(arrow.PrimitiveTypes.Int32, v.Indices().(*array.Int32).Int32Values(), valid, rows)
		return array.NewDictionaryArray(v.DataType(), indices, v.Dictionary())
	case *array.String:
		return takeTexts(v, valid, rows)
	case *array.Int64:
		return gather(v.DataType(), v.Int64Values(), valid, rows)
	case *array.Timestamp:
		return gather(v.DataType(), v.TimestampValues(), valid, rows)
	case *array.Float64:
		return gather(v.DataType(), v.Float64Values(), valid, rows)
	case *array.Uint64:
		return gather(v.DataType(), v.Uint64Values(), valid, rows)
	}
	panic("BUG: a column is of a foreign Arrow type: " + values.DataType().String())
}

// gather copies the values of rows and which of them are missing.
func gather[T arrow.FixedWidthType](of arrow.DataType, values []T, valid Validity, rows []int32) arrow.Array {
	taken := make([]T, len(rows))
	for i, r := range rows {
		taken[i] = values[r]
	}
	buffers := []*memory.Buffer{nil, memory.NewBufferBytes(arrow.GetBytes(taken))}
	missing := 0
	if !valid.All() {
		bits := make([]byte, bitutil.BytesForBits(int64(len(rows))))
		for i, r := range rows {
			if valid.At(int(r)) {
				bits[i/8] |= 1 << (i % 8)
			} else {
				missing++
			}
		}
		buffers[0] = memory.NewBufferBytes(bits)
	}
	return array.MakeFromData(array.NewData(of, len(rows), buffers, nil, missing, 0))
}

func takeTexts(values *array.String, valid Validity, rows []int32) arrow.Array {
	to := array.NewStringBuilder(memory.DefaultAllocator)
	to.Reserve(len(rows))
	for _, r := range rows {
		if valid.At(int(r)) {
			to.Append(values.Value(int(r)))
		} else {
			to.AppendNull()
		}
	}
	return to.NewArray()
}

// Project returns the batch with only the named columns, sharing memory.
func (b Batch) Project(names ...string) (Batch, error) {
	columns, err := Pick(b.columns, names...)
	if err != nil {
		return Batch{}, err
	}
	arrays := make([]arrow.Array, len(columns))
	for i, c := range columns {
		arrays[i] = b.record.Column(indexOf(b.columns, c.Name))
	}
	return newBatch(columns, array.NewRecord(ArrowSchema(columns), arrays, int64(b.Len()))), nil
}
