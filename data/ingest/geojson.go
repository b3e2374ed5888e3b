package ingest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
)

// The columns that stand for what a feature has besides its properties.
const (
	columnFeatureID = "$id"
	columnX         = "$x"
	columnY         = "$y"
)

var geojsonFormat = Format{
	Name:       formatGeoJSON,
	Title:      "GeoJSON",
	Doc:        "A FeatureCollection, read feature by feature; properties are the columns.",
	Reference:  "RFC 7946",
	Extensions: []string{".geojson", ".json"},
	sniff:      func(head []byte, _ bool) (Layout, bool) { return sniffGeoJSON(head, false) },
	split:      splitGeoJSON,
	parse:      func(l Layout) parser { return newFeatureParser(l) },
}

var geojsonSeqFormat = Format{
	Name:       formatGeoJSONSeq,
	Title:      "GeoJSON, one feature a line",
	Doc:        "Features one after another, with or without record separators.",
	Reference:  "RFC 8142",
	Extensions: []string{".geojsonl", ".geojsons", ".ndjson", ".jsonl", ".geojsonseq"},
	sniff:      func(head []byte, _ bool) (Layout, bool) { return sniffGeoJSON(head, true) },
	split:      splitSeq,
	parse:      func(l Layout) parser { return newFeatureParser(l) },
}

const recordSeparator = 0x1E

// sniffGeoJSON recognises both forms and collects the names of properties.
func sniffGeoJSON(head []byte, seq bool) (Layout, bool) {
	encoding := SniffEncoding(head)
	text, _ := io.ReadAll(encoding.reader(bytes.NewReader(head)))
	text = bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\ufeff")), " \t\r\n\x1e")
	isCollection, crs := collectionHead(text)
	if !bytes.HasPrefix(text, []byte("{")) || isCollection == seq {
		return Layout{}, false
	}
	if seq && !bytes.Contains(text, []byte(`"Feature"`)) {
		return Layout{}, false
	}
	l := Layout{Encoding: encoding, decoded: true}
	var s splitter
	if seq {
		s = splitSeq(bytes.NewReader(text), Layout{})
	} else {
		s = splitGeoJSON(bytes.NewReader(text), Layout{})
		l.CRS = crs
	}
	l.Columns = featureColumns(s)
	return l, true
}

// collectionHead looks at the members of the outermost object up to the
// features: whether there are any, and the name in the member "crs" that
// GeoJSON had before RFC 7946.
func collectionHead(text []byte) (isCollection bool, crs string) {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return false, ""
	}
	for d.More() {
		key, err := d.Token()
		if err != nil || key == "features" {
			return err == nil, crs
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return false, ""
		}
		var named struct{ Properties struct{ Name string } }
		if key == "crs" && json.Unmarshal(value, &named) == nil {
			crs = named.Properties.Name
		}
	}
	return false, ""
}

// featureColumns returns the pseudo-columns and the properties of the features
// in a sample, in alphabetical order.
func featureColumns(s splitter) []string {
	names := map[string]bool{}
	for {
		r, err := s.next()
		if err != nil || r.bad != "" {
			break
		}
		var f struct{ Properties map[string]json.RawMessage }
		if json.Unmarshal(r.raw, &f) == nil {
			for name := range f.Properties {
				names[name] = true
			}
		}
	}
	columns := make([]string, 0, len(names)+3)
	for name := range names {
		columns = append(columns, name)
	}
	sort.Strings(columns)
	return append([]string{columnFeatureID, columnX, columnY}, columns...)
}

// A collectionSplitter streams the features of a FeatureCollection.
type collectionSplitter struct {
	lines   *lineCounter
	decoder *json.Decoder
	inside  bool
	done    bool
}

func splitGeoJSON(r io.Reader, l Layout) splitter {
	lines := &lineCounter{r: skipMark(l.Encoding.reader(r)), line: 1}
	return &collectionSplitter{lines: lines, decoder: json.NewDecoder(lines)}
}

func (s *collectionSplitter) next() (record, error) {
	if s.done {
		return record{}, io.EOF
	}
	if !s.inside {
		if err := s.enter(); err != nil {
			return s.broken(err)
		}
		s.inside = true
	}
	if !s.decoder.More() {
		s.done = true
		if _, err := s.decoder.Token(); err != nil { // the closing bracket
			return s.broken(err)
		}
		return record{}, io.EOF
	}
	var raw json.RawMessage
	if err := s.decode(&raw); err != nil {
		return s.broken(err)
	}
	line := s.lines.at(s.decoder.InputOffset() - int64(len(raw)))
	return record{line: line, raw: raw}, nil
}

// broken reports what ends the file before its time as one record, since JSON
// that is not well-formed cannot be read on.
func (s *collectionSplitter) broken(err error) (record, error) {
	s.done = true
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) && !errors.Is(err, errLongFeature) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return record{}, err
	}
	line := s.lines.at(s.decoder.InputOffset())
	return record{line: line, bad: "the file cannot be read from here on: " + err.Error()}, nil
}

// enter moves to the first feature.
func (s *collectionSplitter) enter() error {
	if _, err := s.decoder.Token(); err != nil {
		return err
	}
	for s.decoder.More() {
		key, err := s.decoder.Token()
		if err != nil {
			return err
		}
		if key == "features" {
			open, err := s.decoder.Token()
			if err == nil && open != json.Delim('[') {
				err = errors.New("features is not a list")
			}
			return err
		}
		var skipped json.RawMessage
		if err := s.decode(&skipped); err != nil {
			return err
		}
	}
	return io.ErrUnexpectedEOF
}

// maxFeature is the most bytes a feature may have, or another member of the file:
// it is in memory as a whole.
const maxFeature = 64 << 20

var errLongFeature = fmt.Errorf("a feature, or another member of the file, has more than %d bytes", maxFeature)

// decode reads the next value.
func (s *collectionSplitter) decode(raw *json.RawMessage) error {
	s.allow()
	defer s.allow() // what comes between two values
	return s.decoder.Decode(raw)
}

// allow lets another maxFeature bytes be read.
func (s *collectionSplitter) allow() { s.lines.end = s.decoder.InputOffset() + maxFeature }

// A lineCounter knows on which line an offset of what was read lies, for
// offsets that do not go back.
type lineCounter struct {
	r      io.Reader
	ends   []int64 // offsets of line ends read and not yet passed
	offset int64
	line   int64
	end    int64 // beyond which nothing is read; 0 for no end
}

func (c *lineCounter) Read(p []byte) (int, error) {
	if c.end > 0 && c.offset >= c.end {
		return 0, errLongFeature
	}
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			c.ends = append(c.ends, c.offset+int64(i))
		}
	}
	c.offset += int64(n)
	return n, err
}

func (c *lineCounter) at(offset int64) int64 {
	passed := sort.Search(len(c.ends), func(i int) bool { return c.ends[i] >= offset })
	c.line += int64(passed)
	c.ends = c.ends[passed:]
	return c.line
}

// skipMark returns r without a byte order mark.
func skipMark(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 1<<16)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		_, _ = b.Discard(3)
	}
	return b
}

// A seqSplitter gives the lines of newline-delimited GeoJSON.
type seqSplitter struct {
	lines *csvSplitter
}

func splitSeq(r io.Reader, l Layout) splitter {
	return &seqSplitter{&csvSplitter{lines: bufio.NewReaderSize(skipMark(l.Encoding.reader(r)), 1<<16)}}
}

func (s *seqSplitter) next() (record, error) {
	for {
		line, err := s.lines.physicalLine()
		if err != nil {
			return record{}, err
		}
		s.lines.line++
		raw := bytes.TrimSpace(bytes.Trim(line, string(rune(recordSeparator))))
		raw = bytes.TrimSpace(bytes.Trim(raw, string(rune(recordSeparator))))
		if len(raw) > 0 {
			return record{line: s.lines.line, raw: raw}, nil
		}
	}
}
