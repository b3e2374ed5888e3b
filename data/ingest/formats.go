package ingest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// The names of the formats.
const (
	formatCSV        = "csv"
	formatGeoJSON    = "geojson"
	formatGeoJSONSeq = "geojsonseq"
)

// A Format is a kind of file that can be read. Files of any format may be
// compressed with gzip.
type Format struct {
	Name       string
	Title      string
	Doc        string // one sentence
	Reference  string // the document that defines it
	Extensions []string

	// sniff tells how a file that begins with head is laid out, or that it is
	// not of this format. whole says that head is all of the file.
	sniff func(head []byte, whole bool) (Layout, bool)
	// split returns the records of r.
	split func(r io.Reader, l Layout) splitter
	// parse returns a parser of records, for one goroutine.
	parse func(l Layout) parser
}

// formats are all formats, those that are hardest to mistake first.
var formats = []Format{geojsonFormat, geojsonSeqFormat, csvFormat}

// Formats returns all formats that can be read.
func Formats() []Format { return slices.Clone(formats) }

// FormatOf returns the format of a file by its beginning and, where that fits
// several, its name. head may be compressed.
func FormatOf(name string, head []byte) (Format, error) {
	if unzipped, err := gunzip(head); err == nil {
		head = unzipped
	}
	f, _, err := layoutOf(name, head, false)
	return f, err
}

// gunzip returns what can be unpacked of the beginning of a gzip file.
func gunzip(head []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(head))
	if err != nil {
		return nil, err
	}
	plain, _ := io.ReadAll(io.LimitReader(r, headBytes)) // the end is cut off
	return plain, nil
}

// A Layout says how the bytes of a file are to be read.
type Layout struct {
	Format    string
	Gzip      bool
	Encoding  Encoding
	Delimiter rune     // between fields; 0 where there is none
	Columns   []string // names of the columns
	CRS       string   // the coordinate system the file names; "" for none

	skip      int    // records before the first row: header and titles
	headerRaw []byte // the header as it stands in the file
	rejects   bool   // the file has the columns of a rejects file
	decoded   bool   // records are UTF-8 whatever the file is
}

// rawEncoding returns the encoding of records as they are split.
func (l Layout) rawEncoding() Encoding {
	if l.decoded {
		return UTF8
	}
	return l.Encoding
}

// column returns the ordinal of a column by its exact name, or -1.
func (l Layout) column(name string) int { return slices.Index(l.Columns, name) }

// layoutOf finds the format and layout of a file.
func layoutOf(name string, head []byte, whole bool) (Format, Layout, error) {
	ext := strings.ToLower(filepath.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")))
	if why := refusedContent(ext, head); why != "" {
		return Format{}, Layout{}, fmt.Errorf("read %s: %s", name, why)
	}
	order := slices.Clone(formats)
	slices.SortStableFunc(order, func(a, b Format) int {
		return rank(b, ext) - rank(a, ext)
	})
	head = bytes.TrimPrefix(head, []byte{0xEF, 0xBB, 0xBF})
	for _, f := range order {
		if l, ok := f.sniff(head, whole); ok {
			l.Format = f.Name
			return f, l, nil
		}
	}
	return Format{}, Layout{}, fmt.Errorf("read %s: neither CSV nor GeoJSON", name)
}

func rank(f Format, ext string) int {
	if slices.Contains(f.Extensions, ext) {
		return 1
	}
	return 0
}

// A record is one row of a file, not yet read.
type record struct {
	line int64  // it begins at, from 1
	raw  []byte // without line end; its own memory
	bad  string // not "": why it cannot be read at all
}

// A splitter gives the records of a file one by one, io.EOF after the last. It
// does not skip records because they are bad.
type splitter interface {
	next() (record, error)
}

// A parser reads records. The values come in the order of Layout.Columns and
// hold until the next call.
type parser interface {
	parse(r record) ([]string, *Reject)
}
