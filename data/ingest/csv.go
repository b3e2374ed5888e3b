package ingest

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

var csvFormat = Format{
	Name:       formatCSV,
	Title:      "Text with delimiters",
	Doc:        "One record a line, fields between commas, semicolons, tabs or bars, quotes as in RFC 4180.",
	Reference:  "RFC 4180",
	Extensions: []string{".csv", ".tsv", ".tab", ".txt"},
	sniff:      sniffCSV,
	split:      splitCSV,
	parse:      func(l Layout) parser { return newCSVParser(l) },
}

// maxRecord is the most bytes one record may have. A quote that is not closed
// would otherwise swallow the rest of the file. The outline of a coast fits.
const maxRecord = 8 << 20

// A csvSplitter finds where records end: at a line end outside of quotes.
type csvSplitter struct {
	lines     *bufio.Reader
	delimiter byte
	line      int64
	ahead     [][]byte // lines read on account of a quote that never closed
	skip      int
}

func splitCSV(r io.Reader, l Layout) splitter {
	if l.decoded {
		r = l.Encoding.reader(r)
	}
	return &csvSplitter{lines: bufio.NewReaderSize(r, 1<<16), delimiter: byte(l.Delimiter), skip: l.skip}
}

func (s *csvSplitter) next() (record, error) {
	for ; s.skip > 0; s.skip-- {
		if _, err := s.record(); err != nil {
			return record{}, err
		}
	}
	return s.record()
}

// record returns the next record that is not an empty line.
func (s *csvSplitter) record() (record, error) {
	for {
		raw, err := s.physicalLine()
		if err != nil {
			return record{}, err
		}
		s.line++
		if len(trimLineEnd(raw)) == 0 {
			continue
		}
		at := s.line
		if open, _ := s.openQuote(raw, false); !open {
			return record{line: at, raw: trimLineEnd(raw)}, nil
		}
		return s.continued(at, raw)
	}
}

// continued reads the further lines of a record with an open quote. Where the
// quote is never closed, or what seems to close it is the beginning of another,
// the first line alone is the record, and bad.
func (s *csvSplitter) continued(at int64, first []byte) (record, error) {
	whole := bytes.Clone(first)
	var more [][]byte
	for len(whole) < maxRecord {
		line, err := s.physicalLine()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return record{}, err
		}
		more = append(more, line)
		whole = append(whole, line...)
		open, wrong := s.openQuote(line, true)
		if wrong {
			break
		}
		if !open {
			s.line += int64(len(more))
			return record{line: at, raw: trimLineEnd(whole)}, nil
		}
	}
	s.ahead = append(more, s.ahead...)
	return record{line: at, raw: trimLineEnd(first), bad: "a quote that is not closed"}, nil
}

// openQuote reports whether a quoted field is still open after line, given
// whether one was before. It follows encoding/csv: a quote opens a field only
// at its beginning; a quote that neither ends nor doubles is wrong, which ends
// the record with the line.
func (s *csvSplitter) openQuote(line []byte, open bool) (still, wrong bool) {
	if bytes.IndexByte(line, '"') < 0 {
		return open, false
	}
	start := !open // at the start of a field
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case open && c == '"':
			if i+1 < len(line) && line[i+1] == '"' {
				i++
				continue
			}
			open = false
			if i+1 < len(line) && line[i+1] != s.delimiter && line[i+1] != '\n' && line[i+1] != '\r' {
				return false, true
			}
		case open:
		case c == s.delimiter:
			start = true
			continue
		case c == '"' && start:
			open = true
		case c == '"':
			return false, true
		}
		start = false
	}
	return open, false
}

// physicalLine returns the next line with its end, in memory of its own. A
// line longer than maxRecord comes in pieces.
func (s *csvSplitter) physicalLine() ([]byte, error) {
	if len(s.ahead) > 0 {
		line := s.ahead[0]
		s.ahead = s.ahead[1:]
		return line, nil
	}
	var line []byte
	for {
		part, err := s.lines.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil, errors.Is(err, bufio.ErrBufferFull) && len(line) >= maxRecord:
			return line, nil
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		}
		return nil, err
	}
}

func trimLineEnd(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}

// A csvParser reads records with encoding/csv, one at a time.
type csvParser struct {
	layout Layout
	feed   bytes.Reader
	csv    *csv.Reader
	values []string
}

func newCSVParser(l Layout) *csvParser {
	p := &csvParser{layout: l}
	p.reset()
	return p
}

func (p *csvParser) reset() {
	p.csv = csv.NewReader(&p.feed)
	p.csv.Comma = p.layout.Delimiter
	p.csv.FieldsPerRecord = -1
	p.csv.ReuseRecord = true
}

func (p *csvParser) parse(r record) ([]string, *Reject) {
	if r.bad != "" {
		return nil, &Reject{Line: r.line, Code: CodeSyntax, Message: r.bad, Raw: r.raw}
	}
	p.feed.Reset(r.raw)
	fields, err := p.csv.Read()
	var wrong *csv.ParseError
	if err == nil && p.feed.Len() > 0 || err != nil {
		p.reset()
	}
	switch {
	case errors.As(err, &wrong):
		return nil, &Reject{Line: r.line, Code: CodeSyntax, Message: strings.ToLower(strings.ReplaceAll(wrong.Err.Error(), `"`, "quote")), Raw: r.raw}
	case errors.Is(err, io.EOF):
		return nil, &Reject{Line: r.line, Code: CodeFields, Message: "an empty record", Raw: r.raw}
	case err != nil:
		return nil, &Reject{Line: r.line, Code: CodeSyntax, Message: err.Error(), Raw: r.raw}
	}
	want := len(p.layout.Columns)
	for len(fields) > want && strings.TrimSpace(fields[len(fields)-1]) == "" {
		fields = fields[:len(fields)-1]
	}
	if p.layout.rejects && len(fields) == want-len(rejectColumns) { // corrected, with the reasons taken out
		fields = append(fields, make([]string, len(rejectColumns))...)
	}
	if len(fields) != want {
		return nil, &Reject{Line: r.line, Code: CodeFields, Message: fmt.Sprintf("%s, want %d", counted(len(fields), "field"), want), Raw: r.raw}
	}
	return p.decode(r, fields)
}

// decode turns the bytes of fields into text.
func (p *csvParser) decode(r record, fields []string) ([]string, *Reject) {
	e := p.layout.rawEncoding()
	if isASCII(r.raw) {
		return fields, nil
	}
	p.values = p.values[:0]
	for i, f := range fields {
		text, ok := e.decode([]byte(f))
		if !ok {
			return nil, &Reject{Line: r.line, Column: p.layout.Columns[i], Value: strings.ToValidUTF8(f, "?"), Code: CodeEncoding, Message: "not valid " + string(e), Raw: r.raw}
		}
		p.values = append(p.values, text)
	}
	return p.values, nil
}
