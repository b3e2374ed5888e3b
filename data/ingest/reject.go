package ingest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The codes of rejects.
const (
	CodeSyntax     = "syntax"     // the record is not well-formed
	CodeFields     = "fields"     // the wrong number of fields
	CodeEncoding   = "encoding"   // bytes that are no text in the file's encoding
	CodeMissing    = "missing"    // a required value is missing
	CodeTime       = "time"       // not a time, or no such date
	CodeNumber     = "number"     // not a number
	CodeRange      = "range"      // a number that cannot be, such as latitude 95
	CodeCoordinate = "coordinate" // one coordinate without the other
	CodeGeometry   = "geometry"   // a geometry that is not a point
	CodeWord       = "word"       // none of the few words that can be there
)

// A Reject is a record that could not be taken.
type Reject struct {
	Line    int64  // line of the file the record begins at, from 1
	Column  string // the source's name of the column; "" for the whole record
	Value   string // what stands there
	Code    string // one of the codes above
	Message string // the reason, in a few words
	Raw     []byte // the record as it stands in the file, without line end
}

// RowError is a Reject as an error.
type RowError = Reject

// Error says where and why.
func (r *Reject) Error() string {
	if r.Column == "" {
		return fmt.Sprintf("line %d: %s", r.Line, r.Message)
	}
	return fmt.Sprintf("line %d, column %q, value %q: %s", r.Line, r.Column, r.Value, r.Message)
}

// rejectColumns are what a rejects file has after the original columns. They
// are ignored when such a file is imported.
var rejectColumns = [...]string{"_row", "_column", "_code", "_message"}

func isRejectColumn(name string) bool {
	for _, c := range rejectColumns {
		if name == c {
			return true
		}
	}
	return false
}

// RejectWriter writes rejects so that the corrected file can be imported. For
// CSV that is the original header and line, in the file's own encoding and
// unchanged, followed by the columns _row, _column, _code and _message; a
// record over several lines stays so. For GeoJSON it is the original features,
// one a line, with _row, _column, _code and _message as members of the feature. It
// is not safe for concurrent use.
type RejectWriter struct {
	w      io.Writer
	layout Layout
	begun  bool
}

// NewRejectWriter returns a writer of rejects of a file of the given layout.
func NewRejectWriter(w io.Writer, layout Layout) *RejectWriter {
	return &RejectWriter{w: w, layout: layout}
}

// Write writes one reject; the first call writes the header before it.
func (w *RejectWriter) Write(r Reject) error {
	var out bytes.Buffer
	if w.layout.Format == formatCSV {
		if err := w.csv(&out, r); err != nil {
			return err
		}
	} else {
		w.feature(&out, r)
	}
	w.begun = true
	if _, err := w.w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write rejects: %w", err)
	}
	return nil
}

func (w *RejectWriter) csv(out *bytes.Buffer, r Reject) error {
	if !w.begun {
		out.Write(w.layout.headerRaw)
		if !w.layout.rejects {
			w.extra(out, rejectColumns[:])
		}
		out.WriteByte('\n')
	}
	raw := r.Raw
	if w.layout.rejects { // the file is a rejects file itself: its old reasons go
		raw = w.withoutReasons(raw)
	}
	out.Write(raw)
	w.extra(out, []string{strconv.FormatInt(r.Line, 10), r.Column, r.Code, r.Message})
	out.WriteByte('\n')
	return nil
}

// feature writes a feature on one line. What is no JSON object is written as it
// is, on one line.
func (w *RejectWriter) feature(out *bytes.Buffer, r Reject) {
	var line bytes.Buffer
	reasons, err := json.Marshal(struct {
		Row     int64  `json:"_row"`
		Column  string `json:"_column"`
		Code    string `json:"_code"`
		Message string `json:"_message"`
	}{r.Line, r.Column, r.Code, r.Message})
	if err != nil {
		panic("BUG: reasons do not encode: " + err.Error())
	}
	if err := json.Compact(&line, r.Raw); err == nil && bytes.HasSuffix(line.Bytes(), []byte("}")) && line.Len() > 2 {
		out.Write(line.Bytes()[:line.Len()-1])
		out.WriteByte(',')
		out.Write(reasons[1:])
	} else {
		out.Write(bytes.ReplaceAll(r.Raw, []byte("\n"), []byte(" ")))
	}
	out.WriteByte('\n')
}

// withoutReasons cuts the last four fields from a line of a rejects file. A
// line that does not have them is left as it is.
func (w *RejectWriter) withoutReasons(raw []byte) []byte {
	cut := len(raw)
	for range rejectColumns {
		i := bytes.LastIndexByte(raw[:cut], byte(w.layout.Delimiter))
		if i < 0 || len(w.layout.Columns) < len(rejectColumns) {
			return raw
		}
		cut = i
	}
	return raw[:cut]
}

// extra writes fields with a delimiter before each, in the encoding of the raw
// lines.
func (w *RejectWriter) extra(out *bytes.Buffer, fields []string) {
	var text strings.Builder
	text.WriteRune(w.layout.Delimiter)
	c := csv.NewWriter(&text)
	c.Comma = w.layout.Delimiter
	clean := make([]string, len(fields))
	for i, f := range fields { // a delimiter within would confuse withoutReasons
		clean[i] = strings.Map(func(r rune) rune {
			if r == w.layout.Delimiter || r == '"' || r == '\n' || r == '\r' {
				return ' '
			}
			return r
		}, f)
	}
	if err := c.Write(clean); err != nil {
		panic("BUG: write to memory: " + err.Error())
	}
	c.Flush()
	out.Write(w.layout.rawEncoding().encode(strings.TrimSuffix(text.String(), "\n")))
}
