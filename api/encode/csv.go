package encode

import (
	"io"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/analytics"
)

// ByteOrderMark stands before CSV that Excel is to read as UTF-8.
const ByteOrderMark = "\uFEFF"

// writeCSV writes comma-separated values (RFC 4180) in UTF-8 with a header row.
// No value is the empty cell. Rows that have a centre begin with nothing more
// than their columns and end with lon and lat.
func writeCSV(w io.Writer, in *input) error {
	s := newSink(w)
	if in.options.BOM {
		s.buf = append(s.buf, ByteOrderMark...)
	}
	places, appendWord := in.placed(), AppendText
	if in.options.Verbatim {
		appendWord = appendQuoted
	}
	s.csvHeader(in.Table, places, appendWord)
	err := in.each(func(_ int, t *Table, row int) error {
		for i := range t.Columns {
			if i > 0 {
				s.buf = append(s.buf, ',')
			}
			s.buf = appendCell4180(s.buf, &t.Columns[i], row, appendWord)
		}
		if places {
			s.csvPlace(t, row)
		}
		s.buf = append(s.buf, '\r', '\n')
		return s.room()
	})
	if err != nil {
		return err
	}
	return s.close()
}

// placed reports whether rows have points that columns do not hold already.
func (t *Table) placed() bool {
	if _, has := t.column("lon"); has || len(t.Columns) == 0 {
		return false
	}
	if t.Points {
		return !t.view.Bare
	}
	for row := range t.Len() {
		if _, ok := t.centre(row); ok {
			return true
		}
	}
	return false
}

func (s *sink) csvHeader(t *Table, places bool, appendWord func([]byte, string) []byte) {
	for i, c := range t.Columns {
		if i > 0 {
			s.buf = append(s.buf, ',')
		}
		s.buf = appendWord(s.buf, c.Name)
	}
	if places {
		s.buf = append(s.buf, ",lon,lat"...)
	}
	s.buf = append(s.buf, '\r', '\n')
}

func (s *sink) csvPlace(t *Table, row int) {
	p, ok := t.centre(row)
	s.buf = append(s.buf, ',')
	if ok {
		s.buf = appendCoordinate(s.buf, p[0])
	}
	s.buf = append(s.buf, ',')
	if ok {
		s.buf = appendCoordinate(s.buf, p[1])
	}
}

func appendCell4180(b []byte, c *analytics.Column, row int, appendWord func([]byte, string) []byte) []byte {
	if !hasValue(c, row) {
		return b
	}
	switch c.Type {
	case analytics.IntColumn:
		return strconv.AppendInt(b, c.Ints[row], 10)
	case analytics.FloatColumn:
		return appendFloat(b, c.Floats[row])
	case analytics.TimeColumn:
		return appendInstant(b, c.Ints[row])
	}
	return appendWord(b, c.Words[row])
}

// formulaSigns are what text begins with that a spreadsheet takes for a formula,
// or cuts off to find one behind it (OWASP ASVS 5.0, requirement 1.2.10; OWASP,
// CSV Injection).
const formulaSigns = "=+-@\t\r\n\x00"

// AppendText appends text as a cell of CSV, in quotes where RFC 4180 wants them.
// Text that a spreadsheet would take for a formula gets an apostrophe before it.
func AppendText(b []byte, s string) []byte {
	if s != "" && strings.IndexByte(formulaSigns, s[0]) >= 0 {
		s = "'" + s
	}
	return appendQuoted(b, s)
}

// appendQuoted appends text as a cell of CSV, in quotes where RFC 4180 wants
// them.
func appendQuoted(b []byte, s string) []byte {
	if !strings.ContainsAny(s, "\",\r\n") {
		return append(b, s...)
	}
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}
