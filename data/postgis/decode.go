package postgis

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/civgrid/civgrid/data"
)

// A decoder gathers rows, as they come in the server's binary format, in the
// buffers of Arrow columns.
type decoder struct {
	columns []data.Column
	schema  *arrow.Schema
	vectors []vector
	rows    int
}

// A vector gathers one column.
type vector struct {
	kind    data.Type
	numbers []uint64 // of all types of 8 bytes, as bits
	codes   []int32
	words   recoder
	offsets []int32
	text    []byte
	valid   []byte // one bit a row
	nulls   int
}

// A recoder turns ids of the vocabulary into codes of one batch.
type recoder struct {
	vocabulary *vocabulary
	codes      map[int32]int32
	words      []string
	last, code int32 // the id met last, 0 for none, and its code
}

func newDecoder(words *vocabulary, columns []data.Column) *decoder {
	d := &decoder{columns: columns, schema: data.ArrowSchema(columns), vectors: make([]vector, len(columns))}
	for i, c := range columns {
		d.vectors[i] = vector{kind: c.Type, words: recoder{vocabulary: words}}
	}
	return d
}

// reset begins a new batch. The buffers of the last one belong to it.
func (d *decoder) reset() {
	for i, v := range d.vectors {
		fresh := vector{kind: v.kind, words: recoder{vocabulary: v.words.vocabulary, codes: map[int32]int32{}}, valid: make([]byte, bitutil.BytesForBits(batchRows))}
		switch v.kind {
		case data.Text:
			fresh.offsets = append(make([]int32, 0, batchRows+1), 0)
			fresh.text = make([]byte, 0, len(v.text))
		case data.Code:
			fresh.codes = make([]int32, 0, batchRows)
		default:
			fresh.numbers = make([]uint64, 0, batchRows)
		}
		d.vectors[i] = fresh
	}
}

var errWidth = errors.New("a value has another width than its type")

// add takes in a row.
func (d *decoder) add(values [][]byte) error {
	if len(values) != len(d.vectors) {
		return fmt.Errorf("row of %d values, want %d", len(values), len(d.vectors))
	}
	if d.rows == 0 {
		d.reset()
	}
	for i := range d.vectors {
		if err := d.vectors[i].add(d.rows, values[i]); err != nil {
			return fmt.Errorf("column %s: %w", d.columns[i].Name, err)
		}
	}
	d.rows++
	return nil
}

func (v *vector) add(row int, value []byte) (err error) {
	if value == nil {
		v.nulls++
	} else {
		v.valid[row>>3] |= 1 << (row & 7)
	}
	switch v.kind {
	case data.Text:
		if text := value; text != nil {
			if err := v.appendText(text); err != nil {
				return err
			}
		}
		v.offsets = append(v.offsets, int32(len(v.text)))
	case data.Code:
		code := int32(0)
		if value != nil {
			if code, err = v.words.codeOf(value); err != nil {
				return err
			}
		}
		v.codes = append(v.codes, code)
	default:
		bits := uint64(0)
		if value != nil {
			if len(value) != 8 {
				return errWidth
			}
			bits = binary.BigEndian.Uint64(value)
		}
		v.numbers = append(v.numbers, bits)
	}
	return nil
}

func (v *vector) appendText(text []byte) error {
	if bytes.IndexByte(text, escape) >= 0 {
		text = []byte(decodeText(string(text)))
	}
	if len(v.text)+len(text) > math.MaxInt32 {
		return errors.New("more than 2 GB of text in one batch")
	}
	v.text = append(v.text, text...)
	return nil
}

func (r *recoder) codeOf(value []byte) (int32, error) {
	if len(value) != 4 {
		return 0, errWidth
	}
	id := int32(binary.BigEndian.Uint32(value))
	if id == r.last {
		return r.code, nil
	}
	code, met := r.codes[id]
	if !met {
		word, err := r.vocabulary.word(id)
		if err != nil {
			return 0, err
		}
		code = int32(len(r.words))
		r.words = append(r.words, word)
		r.codes[id] = code
	}
	r.last, r.code = id, code
	return code, nil
}

// build returns the rows so far and begins a new batch.
func (d *decoder) build() (data.Batch, error) {
	arrays := make([]arrow.Array, len(d.vectors))
	for i := range d.vectors {
		arrays[i] = d.vectors[i].array(d.schema.Field(i).Type, d.rows)
	}
	b, err := data.NewBatch(d.columns, array.NewRecord(d.schema, arrays, int64(d.rows)))
	d.rows = 0 // the buffers are the batch's
	return b, err
}

func (v *vector) array(of arrow.DataType, rows int) arrow.Array {
	var valid *memory.Buffer
	if v.nulls > 0 {
		valid = memory.NewBufferBytes(v.valid[:bitutil.BytesForBits(int64(rows))])
	}
	switch v.kind {
	case data.Text:
		buffers := []*memory.Buffer{valid, memory.NewBufferBytes(arrow.GetBytes(v.offsets)), memory.NewBufferBytes(v.text)}
		return array.MakeFromData(array.NewData(of, rows, buffers, nil, v.nulls, 0))
	case data.Code:
		buffers := []*memory.Buffer{valid, memory.NewBufferBytes(arrow.GetBytes(v.codes))}
		indices := array.MakeFromData(array.NewData(arrow.PrimitiveTypes.Int32, rows, buffers, nil, v.nulls, 0))
		words := array.NewStringBuilder(memory.DefaultAllocator)
		words.AppendValues(v.words.words, nil)
		return array.NewDictionaryArray(of, indices, words.NewArray())
	default:
		buffers := []*memory.Buffer{valid, memory.NewBufferBytes(arrow.GetBytes(v.numbers))}
		return array.MakeFromData(array.NewData(of, rows, buffers, nil, v.nulls, 0))
	}
}
