package postgis

import (
	"encoding/binary"
	"io"
	"math"

	"github.com/civgrid/civgrid/data"
)

// An outgoing row is one of a batch, with what is kept beside it.
type outgoing struct {
	row           int
	seq, recorded int64
	revision      data.Revision
}

// pieceBytes is how much is encoded before it is sent.
const pieceBytes = 1 << 16

// An encoder is a reader of rows in the binary format of COPY (PostgreSQL 15,
// COPY, "Binary Format"): a signature, flags and the length of an extension,
// both zero; for each row the number of fields, and for each of these its
// length, -1 for null, and its bytes; the number -1 at the end.
type encoder struct {
	fields []field
	rows   []outgoing
	batch  int64
	next   int
	buf    []byte // encoded and not yet read
	ended  bool
}

// A field appends the value of one column of a row, with its length.
type field func(buf []byte, r outgoing) []byte

var signature = append([]byte("PGCOPY\n\xff\r\n\x00"), make([]byte, 8)...)

// newEncoder returns an encoder of rows of a batch in the order of
// [table.stored].
func newEncoder(words map[string]int32, b data.Batch, rows []outgoing, batch int64) *encoder {
	e := &encoder{rows: rows, batch: batch, buf: append([]byte(nil), signature...)}
	e.fields = append(e.fields, func(buf []byte, r outgoing) []byte { return appendInt(buf, r.seq) })
	for _, c := range b.Columns() {
		e.fields = append(e.fields, fieldOf(words, b, c))
	}
	ids := b.Texts("id")
	e.fields = append(e.fields,
		func(buf []byte, r outgoing) []byte { // long_id
			stored := encodeText(ids.At(r.row))
			if _, long := keyOf(stored); long {
				return appendText(buf, stored)
			}
			return appendNull(buf)
		},
		func(buf []byte, r outgoing) []byte { return appendInt(buf, int64(r.revision.Content)) },
		func(buf []byte, r outgoing) []byte { return appendInt(buf, int64(r.revision.Stamped)) },
		func(buf []byte, r outgoing) []byte { return appendInt(buf, r.recorded) },
		func(buf []byte, _ outgoing) []byte { return appendInt(buf, batch) },
	)
	return e
}

// fieldOf returns the field of a column.
func fieldOf(words map[string]int32, b data.Batch, c data.Column) field {
	valid, value := b.Valid(c.Name), valueOf(words, b, c)
	return func(buf []byte, r outgoing) []byte {
		if !valid.At(r.row) {
			return appendNull(buf)
		}
		return value(buf, r)
	}
}

func valueOf(words map[string]int32, b data.Batch, c data.Column) field {
	switch c.Type {
	case data.Text:
		texts := b.Texts(c.Name)
		if c.Name == "id" {
			return func(buf []byte, r outgoing) []byte {
				key, _ := keyOf(encodeText(texts.At(r.row)))
				return appendText(buf, key)
			}
		}
		return func(buf []byte, r outgoing) []byte { return appendText(buf, encodeText(texts.At(r.row))) }
	case data.Code:
		codes := b.Codes(c.Name)
		ids := make([]int32, len(codes.Words))
		for i, w := range codes.Words {
			ids[i] = words[w]
		}
		return func(buf []byte, r outgoing) []byte {
			return binary.BigEndian.AppendUint32(append(buf, 0, 0, 0, 4), uint32(ids[codes.Index[r.row]]))
		}
	case data.Float:
		floats := b.Floats(c.Name)
		return func(buf []byte, r outgoing) []byte { return appendInt(buf, int64(math.Float64bits(floats[r.row]+0))) } // -0 becomes 0
	case data.Cell:
		cells := b.Cells(c.Name)
		return func(buf []byte, r outgoing) []byte { return appendInt(buf, int64(cells[r.row])) }
	default:
		ints := b.Ints(c.Name)
		return func(buf []byte, r outgoing) []byte { return appendInt(buf, ints[r.row]) }
	}
}

func appendNull(buf []byte) []byte { return append(buf, 0xff, 0xff, 0xff, 0xff) }

func appendInt(buf []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(append(buf, 0, 0, 0, 8), uint64(v))
}

func appendText(buf []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(buf, uint32(len(s))), s...)
}

// Read implements io.Reader.
func (e *encoder) Read(p []byte) (int, error) {
	if len(e.buf) == 0 {
		if e.ended {
			return 0, io.EOF
		}
		e.fill()
	}
	n := copy(p, e.buf)
	e.buf = e.buf[n:]
	return n, nil
}

// fill encodes the next rows.
func (e *encoder) fill() {
	buf := e.buf[:0]
	for ; e.next < len(e.rows) && len(buf) < pieceBytes; e.next++ {
		buf = binary.BigEndian.AppendUint16(buf, uint16(len(e.fields)))
		for _, f := range e.fields {
			buf = f(buf, e.rows[e.next])
		}
	}
	if e.next == len(e.rows) {
		buf = append(buf, 0xff, 0xff)
		e.ended = true
	}
	e.buf = buf
}
