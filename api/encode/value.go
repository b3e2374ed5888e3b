package encode

import (
	"io"
	"math"
	"strconv"
	"time"

	"github.com/civgrid/civgrid/analytics"
)

// hasValue reports whether the row of a column has a value that can be written.
func hasValue(c *analytics.Column, row int) bool {
	if c.Valid != nil && !c.Valid[row] {
		return false
	}
	if c.Type == analytics.FloatColumn {
		x := c.Floats[row]
		return !math.IsNaN(x) && !math.IsInf(x, 0)
	}
	return true
}

// appendValue appends the value of a row as JSON.
func appendValue(b []byte, c *analytics.Column, row int) []byte {
	if !hasValue(c, row) {
		return append(b, "null"...)
	}
	switch c.Type {
	case analytics.IntColumn:
		return strconv.AppendInt(b, c.Ints[row], 10)
	case analytics.FloatColumn:
		return appendFloat(b, c.Floats[row])
	case analytics.TimeColumn:
		return append(appendInstant(append(b, '"'), c.Ints[row]), '"')
	}
	return appendString(b, c.Words[row])
}

// appendInstant appends microseconds since 1970 as RFC 3339 in UTC, with as many
// decimals as it takes.
func appendInstant(b []byte, micros int64) []byte {
	return time.UnixMicro(micros).UTC().AppendFormat(b, time.RFC3339Nano)
}

// A sink gathers bytes and hands them on in pieces. The first error stays.
type sink struct {
	w   io.Writer
	buf []byte
	err error
}

const pieceSize = 32 << 10

func newSink(w io.Writer) *sink { return &sink{w: w, buf: make([]byte, 0, pieceSize+4<<10)} }

// Write implements io.Writer for libraries. It never fails: not all of them hand
// an error on, so whoever uses them asks full and close.
func (s *sink) Write(p []byte) (int, error) {
	s.buf = append(s.buf, p...)
	s.full()
	return len(p), nil
}

// full hands the buffer on when it is a piece, and reports whether writing can
// go on.
func (s *sink) full() bool {
	if len(s.buf) >= pieceSize {
		s.flush()
	}
	return s.err == nil
}

// room is full as an error: nil where writing can go on.
func (s *sink) room() error {
	s.full()
	return s.err
}

func (s *sink) flush() {
	if s.err == nil && len(s.buf) > 0 {
		_, s.err = s.w.Write(s.buf)
	}
	s.buf = s.buf[:0]
}

// close hands on what is left.
func (s *sink) close() error {
	s.flush()
	return s.err
}
