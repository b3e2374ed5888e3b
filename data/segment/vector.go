package segment

import (
	"math"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/civgrid/civgrid/data"
)

// The parts of a vector. What a part holds depends on the column's type, see
// FORMAT.md; parts that a type does not use are empty.
const (
	validity  = iota // one bit a row, 1 for a value; empty when none is missing
	values           // 8-byte numbers, int32 codes, or int32 text offsets
	heap             // bytes of texts, or int32 offsets of a dictionary's words
	words            // bytes of a dictionary's words
	partCount        // how many parts there are
)

// A vector is the memory of one column, in Arrow layout. It may lie in a mapped
// file and is never written to.
type vector struct {
	kind  data.Type
	rows  int
	nulls int
	parts [partCount][]byte
}

// A zone sums up one block of a column: keys of the least and the greatest
// value (see sortKey; meaningless for texts and codes, and where all values are
// missing) and the number of missing values.
type zone struct {
	low, high uint64
	nulls     uint32
}

// blockRows is the number of rows that share a zone and that a scan hands out
// together.
const blockRows = 1 << 16

// blocksOf returns how many blocks so many rows make.
func blocksOf(rows int) int { return (rows + blockRows - 1) / blockRows }

// array returns rows lo to hi as an Arrow array over the same memory. What
// Arrow would work out on first use is worked out here, because that is not
// safe in a batch used by several goroutines.
func (v *vector) array(kind arrow.DataType, lo, hi int) arrow.Array {
	n := hi - lo
	nulls := v.nullsIn(lo, hi)
	buffers := []*memory.Buffer{nil, memory.NewBufferBytes(v.parts[values])}
	if nulls > 0 {
		buffers[0] = memory.NewBufferBytes(v.parts[validity])
	}
	if v.kind == data.Text {
		buffers = append(buffers, memory.NewBufferBytes(v.parts[heap]))
	}
	if v.kind != data.Code {
		return array.MakeFromData(array.NewData(kind, n, buffers, nil, nulls, lo))
	}
	coded := array.NewDictionaryData(array.NewDataWithDictionary(kind, n, buffers, nulls, lo, v.dictionary()))
	coded.Dictionary()
	return coded
}

// dictionary returns the words of a Code vector as Arrow data.
func (v *vector) dictionary() *array.Data {
	n := max(len(v.parts[heap])/4-1, 0)
	return array.NewData(arrow.BinaryTypes.String, n, []*memory.Buffer{
		nil, memory.NewBufferBytes(v.parts[heap]), memory.NewBufferBytes(v.parts[words]),
	}, nil, 0, 0)
}

// nullsIn counts the missing values of rows lo to hi.
func (v *vector) nullsIn(lo, hi int) int {
	if v.nulls == 0 {
		return 0
	}
	return hi - lo - bitutil.CountSetBits(v.parts[validity], lo, hi-lo)
}

// valid reports whether row i has a value.
func (v *vector) valid(i int) bool { return v.nulls == 0 || bitutil.BitIsSet(v.parts[validity], i) }

// take returns the given rows, in that order, as memory of its own; only a
// dictionary stays shared.
func (v *vector) take(rows []int32) vector {
	out := vector{kind: v.kind, rows: len(rows)}
	if v.nulls > 0 {
		out.takeValidity(v, rows)
	}
	switch v.kind {
	case data.Text:
		out.takeTexts(v, rows)
	case data.Code:
		out.parts[values] = asBytes(takeFixed(asSlice[int32](v.parts[values]), rows))
		out.parts[heap], out.parts[words] = v.parts[heap], v.parts[words]
	default:
		out.parts[values] = asBytes(takeFixed(asSlice[uint64](v.parts[values]), rows))
	}
	return out
}

func (v *vector) takeValidity(from *vector, rows []int32) {
	bits := make([]byte, bitutil.BytesForBits(int64(len(rows))))
	for i, r := range rows {
		if bitutil.BitIsSet(from.parts[validity], int(r)) {
			bitutil.SetBit(bits, i)
		} else {
			v.nulls++
		}
	}
	if v.nulls > 0 {
		v.parts[validity] = bits
	}
}

func (v *vector) takeTexts(from *vector, rows []int32) {
	offsets := asSlice[int32](from.parts[values])
	size := 0
	for _, r := range rows {
		size += int(offsets[r+1] - offsets[r])
	}
	text := make([]byte, 0, size)
	taken := make([]int32, len(rows)+1)
	for i, r := range rows {
		text = append(text, from.parts[heap][offsets[r]:offsets[r+1]]...)
		taken[i+1] = int32(len(text))
	}
	v.parts[values], v.parts[heap] = asBytes(taken), text
}

func takeFixed[T any](from []T, rows []int32) []T {
	taken := make([]T, len(rows))
	for i, r := range rows {
		taken[i] = from[r]
	}
	return taken
}

// zones sums the vector up block by block.
func (v *vector) zones() []zone {
	zones := make([]zone, blocksOf(v.rows))
	for i := range zones {
		lo, hi := i*blockRows, min((i+1)*blockRows, v.rows)
		zones[i].nulls = uint32(v.nullsIn(lo, hi))
		if v.kind == data.Text || v.kind == data.Code {
			continue
		}
		zones[i].low, zones[i].high = v.extremes(lo, hi)
	}
	return zones
}

// extremes returns the keys of the least and the greatest number of rows lo to
// hi, the greatest below the least when there is none.
func (v *vector) extremes(lo, hi int) (low, high uint64) {
	low = math.MaxUint64
	numbers := asSlice[uint64](v.parts[values])
	for i := lo; i < hi; i++ {
		if v.valid(i) {
			key := sortKey(v.kind, numbers[i])
			low, high = min(low, key), max(high, key)
		}
	}
	return low, high
}

// sortKey maps the bits of a number to an unsigned integer of the same order.
// Minus zero has the key of zero.
func sortKey(kind data.Type, number uint64) uint64 {
	const sign = 1 << 63
	switch kind {
	case data.Int, data.Time:
		return number ^ sign
	case data.Float:
		if number == sign {
			return sign
		}
		if number&sign != 0 {
			return ^number
		}
		return number | sign
	}
	return number
}

// asBytes returns the memory of s.
func asBytes[T any](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}

// asSlice returns b, which is aligned for T, as values of T.
func asSlice[T any](b []byte) []T {
	var t T
	n := len(b) / int(unsafe.Sizeof(t))
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), n)
}
