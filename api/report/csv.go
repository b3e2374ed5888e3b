package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/encode"
)

// writeCSV writes every table and what is known of them, an empty line between
// them.
func writeCSV(w io.Writer, p *printed) error {
	for i := range p.Tables {
		if _, err := w.Write(append(p.csvTable(&p.Tables[i]), "\r\n"...)); err != nil {
			return err
		}
	}
	_, err := w.Write(p.csvAbout())
	return err
}

// files returns a file for each table.
func (p *printed) files() []File {
	file := func(name string, content func() []byte) File {
		return File{name + ".csv", func(w io.Writer) error {
			_, err := w.Write(append([]byte(encode.ByteOrderMark), content()...))
			return err
		}}
	}
	var list []File
	for i := range p.Tables {
		t := &p.Tables[i]
		list = append(list, file(t.Name, func() []byte { return p.csvTable(t) }))
	}
	return append(list, file("about", p.csvAbout))
}

// csvTable is a table in CSV (RFC 4180): a line that says what it is and where
// it comes from, a line of heads, and the rows.
func (p *printed) csvTable(t *analytics.ReportTable) []byte {
	b := appendLine(nil, p.title(), p.tableTitle(t), p.source(t))
	heads := []string{p.words.Must("column.code"), p.first(t)}
	for i := range t.Columns {
		heads = append(heads, p.head(t, i, true))
	}
	b = appendLine(b, heads...)
	for row, e := range t.Rows {
		b = encode.AppendText(b, e.Code)
		b = append(b, ',')
		b = encode.AppendText(b, p.entry(t, e, false))
		for i := range t.Columns {
			b = p.appendCell(append(b, ','), &t.Columns[i], row)
		}
		b = append(b, "\r\n"...)
	}
	return b
}

// csvAbout has a line for each thing that is known of the report.
func (p *printed) csvAbout() []byte {
	b := appendLine(nil, p.title(), p.words.Must("about"))
	for _, f := range p.about() {
		for _, v := range f.Values {
			b = appendLine(b, f.Label, v.Text)
		}
	}
	for i := range p.Tables {
		t := &p.Tables[i]
		for _, line := range p.accounts(t) {
			b = appendLine(b, fmt.Sprintf("%s, %s", p.words.Must("about.accounts"), p.tableTitle(t)), line)
		}
		for _, note := range p.notes(t.Notes) {
			b = appendLine(b, fmt.Sprintf("%s, %s", p.words.Must("about.notes"), p.tableTitle(t)), note.Text)
		}
	}
	return b
}

func appendLine(b []byte, cells ...string) []byte {
	for i, cell := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		b = encode.AppendText(b, cell)
	}
	return append(b, "\r\n"...)
}

func (p *printed) appendCell(b []byte, c *analytics.Column, row int) []byte {
	if !c.Has(row) {
		return b
	}
	switch c.Type {
	case analytics.IntColumn:
		return strconv.AppendInt(b, c.Ints[row], 10)
	case analytics.FloatColumn:
		return append(b, plain(c.Floats[row], 6)...)
	}
	return encode.AppendText(b, p.word(c.Words[row]))
}

// plain writes a number with at most so many decimals and no zeros at the end.
func plain(x float64, decimals int) string {
	text := strconv.FormatFloat(rounded(x, decimals), 'f', decimals, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// rounded rounds half away from zero, as people do. The nudge of a few units in
// the last place makes 2.675 the decimal it was computed from.
func rounded(x float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(x*scale*(1+4e-16)) / scale
}
