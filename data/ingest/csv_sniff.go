package ingest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// sniffRecords is the number of records looked at for delimiter and header.
const sniffRecords = 200

// sniffCSV finds encoding, delimiter and header.
func sniffCSV(head []byte, whole bool) (Layout, bool) {
	encoding := SniffEncoding(head)
	sample := head
	if encoding.wide() {
		sample, _ = io.ReadAll(encoding.reader(bytes.NewReader(head)))
	}
	if encoding == UTF8 && bytes.IndexByte(head, 0) >= 0 {
		return Layout{}, false
	}
	if !whole {
		if end := bytes.LastIndexByte(sample, '\n'); end > 0 {
			sample = sample[:end]
		}
	}
	best, bestScore := Layout{}, -1.0
	for _, delimiter := range []rune{',', ';', '\t', '|'} {
		l := Layout{Encoding: encoding, Delimiter: delimiter, decoded: encoding.wide() || delimiter == '|' && (encoding == GB18030 || encoding == Big5)}
		text := sample
		if l.decoded && !encoding.wide() {
			text, _ = io.ReadAll(encoding.reader(bytes.NewReader(sample)))
		}
		rows, raws := sampleRows(text, l)
		score := consistency(rows)
		if score > bestScore && len(rows) > 0 {
			l.setHeader(rows, raws)
			best, bestScore = l, score
		}
	}
	return best, bestScore >= 0
}

// sampleRows reads the first records with the given layout.
func sampleRows(text []byte, l Layout) (rows [][]string, raws [][]byte) {
	l.decoded = false // text is as the records are
	s := splitCSV(bytes.NewReader(text), l)
	for len(rows) < sniffRecords {
		r, err := s.next()
		if err != nil {
			break
		}
		c := csv.NewReader(bytes.NewReader(r.raw))
		c.Comma, c.FieldsPerRecord = l.Delimiter, -1
		fields, err := c.Read()
		if err != nil {
			continue
		}
		rows, raws = append(rows, fields), append(raws, r.raw)
	}
	return rows, raws
}

// consistency rates a delimiter: the share of records with the most frequent
// number of fields, and a little for more fields. One field throughout rates
// lowest, and still is a table of one column.
func consistency(rows [][]string) float64 {
	width, share := modalWidth(rows)
	if width < 2 {
		return 0
	}
	return share + float64(min(width, 50))/100
}

func modalWidth(rows [][]string) (width int, share float64) {
	counts := map[int]int{}
	for _, r := range rows {
		counts[len(r)]++
	}
	for w, n := range counts {
		if n > counts[width] || n == counts[width] && w > width {
			width = w
		}
	}
	if len(rows) == 0 {
		return 0, 0
	}
	return width, float64(counts[width]) / float64(len(rows))
}

// setHeader takes the header to be the first record of the usual width whose
// fields are names: not empty, none twice, none a number. Titles above it are
// skipped. Without such a record within the first ten the columns are called
// column_1, column_2 ….
func (l *Layout) setHeader(rows [][]string, raws [][]byte) {
	width, _ := modalWidth(rows)
	encoding := l.rawEncoding()
	for i, r := range rows[:min(len(rows), 10)] {
		alone := i == 0 && len(rows) < 3
		if len(r) != width && !alone && !isRejectsHeader(r) {
			continue
		}
		names := make([]string, len(r))
		for j, name := range r {
			text, _ := encoding.decode([]byte(name))
			names[j] = strings.TrimSpace(strings.Trim(text, "\ufeff"))
		}
		if !areNames(names) {
			continue
		}
		l.Columns, l.skip, l.headerRaw = nameColumns(names), i+1, bytes.Clone(bytes.TrimPrefix(raws[i], []byte("\ufeff")))
		l.rejects = isRejectsHeader(names)
		return
	}
	names := make([]string, width)
	l.Columns, l.skip, l.headerRaw = nameColumns(names), 0, nil
	l.headerRaw = []byte(strings.Join(l.Columns, string(l.Delimiter)))
}

func isRejectsHeader(names []string) bool {
	n := len(names) - len(rejectColumns)
	return n > 0 && strings.Join(names[n:], " ") == strings.Join(rejectColumns[:], " ")
}

// areNames reports whether a record looks like a header.
func areNames(fields []string) bool {
	empty := 0
	for _, f := range fields {
		if f == "" {
			empty++
			continue
		}
		if _, err := strconv.ParseFloat(f, 64); err == nil {
			return false
		}
		if _, ok := parseAnyTime(f); ok {
			return false
		}
	}
	return empty == 0 || empty*4 < len(fields)
}

// nameColumns gives names to columns without one and tells equal ones apart.
func nameColumns(names []string) []string {
	seen := map[string]bool{}
	for i, name := range names {
		if name == "" {
			name = fmt.Sprintf("column_%d", i+1)
		}
		unique := name
		for n := 2; seen[unique]; n++ {
			unique = fmt.Sprintf("%s_%d", name, n)
		}
		seen[unique] = true
		names[i] = unique
	}
	return names
}
