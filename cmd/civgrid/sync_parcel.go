package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/postgis"
)

// What a submission may hold. A format is told from the first megabyte, which
// has to show a whole fact and the names of all columns.
const (
	maxFactBytes = 256 << 10
	maxNames     = 1000
	maxNameBytes = 64 << 10 // of all names
	maxShown     = 256      // characters of a value that is told
)

// codeSize is the code of facts that are too large.
const codeSize = "size"

// A parcel is submissions of one dataset and source as a file to import: a
// feature a line (RFC 8142), one for each fact that can be read at all.
type parcel struct {
	input    ingest.Input
	mapping  ingest.Mapping
	lines    []line
	receipts []postgis.Receipt // by submission; accepted counts all that is not rejected yet
}

// A line is where a line of the file came from.
type line struct {
	submission, fact int // ordinals
	raw              json.RawMessage
}

// packed makes a parcel of submissions. The error says that they cannot be one.
func packed(submissions []postgis.Submission) (*parcel, error) {
	p := &parcel{receipts: make([]postgis.Receipt, len(submissions))}
	if err := p.setMapping(submissions[0]); err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for canonical := range p.mapping.Map {
		names[canonical] = true
	}
	known, size := len(names), 0
	for i, s := range submissions {
		p.receipts[i].ID = s.ID
		var facts []json.RawMessage
		if err := json.Unmarshal(s.Facts, &facts); err != nil {
			return nil, fmt.Errorf("read submission %d: %w", s.ID, err)
		}
		for k, raw := range facts {
			p.receipts[i].Accepted++
			fact, code, message := readFact(raw)
			if code != "" {
				p.reject(i, postgis.Reject{Fact: k, Code: code, Message: message})
				continue
			}
			p.lines = append(p.lines, line{i, k, raw})
			for name := range fact {
				if !names[name] {
					names[name] = true
					size += len(name)
				}
			}
		}
	}
	if n := len(names) - known; n > maxNames || size > maxNameBytes {
		return nil, fmt.Errorf("the facts have %d further names of %d bytes, at most %d of %d: put what is so many into an object of its own", n, size, maxNames, maxNameBytes)
	}
	p.input = ingest.Bytes(nameOf(submissions), p.file(submissions, names))
	return p, nil
}

// setMapping says how the facts are read: columns by their own names, times in
// no form that has to be guessed, and all else kept. So what becomes of a fact
// does not depend on which others wait with it.
func (p *parcel) setMapping(s postgis.Submission) error {
	d, err := data.ParseDataset(string(s.Dataset))
	if err != nil {
		return err
	}
	p.mapping = ingest.Mapping{
		Profile: "generic", Dataset: d, Source: s.Source, Times: []string{"iso", "epoch", "epoch_ms"}, Map: map[string]string{}, Keep: []string{"*"},
	}
	for _, name := range namesOf(d) {
		p.mapping.Map[name] = name
	}
	return nil
}

// namesOf returns the columns of a dataset that a source can give.
func namesOf(d data.Dataset) (names []string) {
	for _, c := range data.SchemaOf(d, nil) {
		one := ingest.Mapping{Dataset: d, Map: map[string]string{c.Name: c.Name}}
		if one.Check() == nil {
			names = append(names, c.Name)
		}
	}
	return names
}

// readFact takes a fact apart, or says with a code why it cannot be read.
func readFact(raw json.RawMessage) (fact map[string]json.RawMessage, code, message string) {
	if len(raw) > maxFactBytes {
		return nil, codeSize, fmt.Sprintf("%d bytes, at most %d", len(raw), maxFactBytes)
	}
	if err := json.Unmarshal(raw, &fact); err != nil || fact == nil {
		return nil, ingest.CodeSyntax, "not an object"
	}
	return fact, "", ""
}

func nameOf(submissions []postgis.Submission) string {
	first, last := submissions[0].ID, submissions[len(submissions)-1].ID
	if first == last {
		return fmt.Sprintf("submission-%d.geojsons", first)
	}
	return fmt.Sprintf("submissions-%d-%d.geojsons", first, last)
}

// file writes the facts. The first has all names there are, since the columns
// are those of the beginning. Each names its submission: what is handed in
// again is another file, and counts again.
func (p *parcel) file(submissions []postgis.Submission, names map[string]bool) []byte {
	var b bytes.Buffer
	for n, l := range p.lines {
		fmt.Fprintf(&b, "\x1e{\"type\":\"Feature\",\"submission\":%d,\"properties\":", submissions[l.submission].ID)
		raw := bytes.TrimSpace(l.raw)
		if n == 0 {
			raw = withNames(raw, names)
		}
		b.Write(raw)
		b.WriteString("}\n")
	}
	return b.Bytes()
}

// withNames returns an object that also has all names, as null where it had
// them not. What it had stays as it is written.
func withNames(raw json.RawMessage, names map[string]bool) json.RawMessage {
	fact, _, _ := readFact(raw)
	all := bytes.TrimSuffix(slices.Clone(raw), []byte("}"))
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if _, there := fact[name]; there {
			continue
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			panic("BUG: a name cannot be written: " + err.Error())
		}
		if len(bytes.TrimSpace(all)) > 1 { // after the bracket
			all = append(all, ',')
		}
		all = append(append(all, quoted...), ":null"...)
	}
	return append(all, '}')
}

func (p *parcel) reject(submission int, r postgis.Reject) {
	receipt := &p.receipts[submission]
	receipt.Accepted--
	receipt.Rejected++
	receipt.Rejects = append(receipt.Rejects, r)
}

// read notes what an import rejected, from the file of rejects that it wrote.
func (p *parcel) read(rejects io.Reader) error {
	lines := json.NewDecoder(rejects)
	for {
		var r struct {
			Line    int    `json:"_row"`
			Column  string `json:"_column"`
			Code    string `json:"_code"`
			Message string `json:"_message"`
		}
		err := lines.Decode(&r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read rejects: %w", err)
		}
		l := p.lines[r.Line-1]
		p.reject(l.submission, postgis.Reject{Fact: l.fact, Column: r.Column, Value: l.value(r.Column), Code: r.Code, Message: r.Message})
	}
	for i := range p.receipts {
		slices.SortStableFunc(p.receipts[i].Rejects, func(a, b postgis.Reject) int { return a.Fact - b.Fact })
	}
	return nil
}

// value returns what a fact has in a column, or the beginning of it.
func (l line) value(column string) string {
	fact, _, _ := readFact(l.raw)
	raw := fact[column]
	text := string(raw)
	var s string
	switch {
	case len(raw) == 0 || text == "null":
		return ""
	case json.Unmarshal(raw, &s) == nil:
		text = s
	}
	if runes := []rune(text); len(runes) > maxShown {
		return string(runes[:maxShown-1]) + "…"
	}
	return text
}
