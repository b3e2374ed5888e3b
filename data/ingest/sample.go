package ingest

import (
	"bytes"
	"slices"
	"strings"
)

// sampleRowsMax is the number of rows a guess is made on.
const sampleRowsMax = 2000

// A sample is the first rows of a file that can be read.
type sample struct {
	rows    [][]string
	records []record
}

// sampleOf reads the rows in the beginning of a file.
func sampleOf(p *plan, head []byte, whole bool) *sample {
	s := &sample{}
	if !whole {
		if end := bytes.LastIndexByte(head, '\n'); end > 0 && !p.layout.Encoding.wide() {
			head = head[:end]
		}
	}
	split, parser := p.format.split(bytes.NewReader(bytes.TrimPrefix(head, []byte{0xEF, 0xBB, 0xBF})), p.layout), p.format.parse(p.layout)
	for len(s.rows) < sampleRowsMax {
		r, err := split.next()
		if err != nil {
			break
		}
		if r.bad != "" && !whole { // the cut
			break
		}
		s.records = append(s.records, r)
		if fields, bad := parser.parse(r); bad == nil {
			s.rows = append(s.rows, slices.Clone(fields))
		}
	}
	return s
}

// values returns what a binding finds in the sample, without missing values.
func (s *sample) values(p *plan, b binding) []string {
	var values []string
	for _, row := range s.rows {
		if v := p.text(b, row); v != "" {
			values = append(values, v)
		}
	}
	return values
}

// text returns the trimmed value of a binding in a row, "" when missing.
func (p *plan) text(b binding, row []string) string {
	switch len(b.sources) {
	case 0:
		return b.constant
	case 1:
		return p.present(row[b.sources[0]])
	}
	if b.interval {
		from, to := p.present(row[b.sources[0]]), p.present(row[b.sources[1]])
		if from == "" && to == "" {
			return ""
		}
		return from + "/" + to
	}
	parts := make([]string, 0, len(b.sources))
	for _, i := range b.sources {
		if v := p.present(row[i]); v != "" {
			if b.first {
				return v
			}
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, " ")
}

// present returns s without spaces around it, "" where it stands for no value.
func (p *plan) present(s string) string {
	s = trim(s)
	if len(s) == 0 {
		return ""
	}
	if len(s) <= p.missingLength && p.missingFirst[s[0]] && p.missing[lower(s)] {
		return ""
	}
	return s
}
