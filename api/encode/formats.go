package encode

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// A Format is one way to write rows.
type Format struct {
	Name      string // "geojson": of --format and f=
	Title     string // one line
	MediaType api.MediaType
	Extension string // with the dot
	// Also are other media types by which it is asked for.
	Also []api.MediaType
	// Download is set where browsers are to keep it as a file.
	Download bool
	// CRS84 is set where geometries are longitude and latitude always.
	CRS84 bool
	// Whole is set where all rows must be there before the first is written, so that
	// [Stream] does not write them.
	Whole bool
	write func(io.Writer, *input) error
}

var formats = [...]Format{
	{Name: "geojson", Title: "GeoJSON, for maps and GIS", MediaType: api.GeoJSON, Extension: ".geojson", write: writeGeoJSON},
	{Name: "geojsonseq", Title: "GeoJSON text sequence, a feature a line", MediaType: api.GeoJSONSeq, Extension: ".geojsons", Download: true, write: writeGeoJSONSeq},
	{Name: "jsonfg", Title: "JSON-FG, GeoJSON that says when features hold", MediaType: api.JSONFG, Also: []api.MediaType{api.JSONFGDraft}, Extension: ".jsonfg", CRS84: true, write: writeJSONFG},
	{Name: "csv", Title: "CSV, for spreadsheets", MediaType: api.CSV, Extension: ".csv", Download: true, CRS84: true, write: writeCSV},
	{Name: "fgb", Title: "FlatGeobuf, binary with an index, for GIS", MediaType: api.FlatGeobuf, Also: []api.MediaType{api.FlatGeobufShort}, Extension: ".fgb", Download: true, CRS84: true, write: writeFlatGeobuf},
	{Name: "arrow", Title: "Arrow IPC stream with GeoArrow, for data frames", MediaType: api.ArrowStream, Extension: ".arrows", Download: true, CRS84: true, write: writeArrow},
	{Name: "parquet", Title: "GeoParquet, for data frames and data lakes", MediaType: api.Parquet, Extension: ".parquet", Download: true, CRS84: true, write: writeParquet},
	{Name: "html", Title: "A page with a table, for browsers", MediaType: api.HTML, Extension: ".html", write: writeHTML},
	{Name: "json", Title: "JSON without geometry, for programs", MediaType: api.JSON, Extension: ".json", write: writeJSON},
	{Name: "table", Title: "A text table, for terminals", MediaType: api.Text, Extension: ".txt", Whole: true, write: writeText},
}

// Formats returns all formats, the default first. The slice is the caller's.
func Formats() []Format { return append([]Format(nil), formats[:]...) }

// Find returns the format of that name, or whose files have that ending.
func Find(name string) (Format, error) {
	for _, f := range formats {
		if f.Name == name || f.Extension == "."+name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("format %q: want one of %s", name, strings.Join(Names(), ", "))
}

// Names returns the names of all formats, the default first.
func Names() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.Name
	}
	return names
}

// Options tune what is written. The zero value writes every row.
type Options struct {
	// Rows are the rows to write, in this order. Nil means all.
	Rows []int
	// Page is set where the rows are one answer of a service; nil leaves its
	// members out, so that files of the same layer are the same bytes.
	Page *Page
	// BOM puts the byte order mark before CSV, which Excel wants in order to
	// read UTF-8.
	BOM bool
	// Verbatim leaves words of CSV as they are, so that programs read back what was
	// written. Otherwise those that a spreadsheet would take for a formula have an
	// apostrophe before them ([AppendText]): a file is opened in a spreadsheet
	// sooner or later, whoever asked for it.
	Verbatim bool
	// Top is how many rows a text table shows. Zero means 20, less than zero
	// all.
	Top int
}

// A Page is what a service says around one answer (OGC API - Features Part 1,
// 17-069r4, section 7.15.7).
type Page struct {
	// Matched is the number of rows that match the request on all pages.
	Matched int
	// TimeStamp is when the answer was made.
	TimeStamp time.Time
	Links     []api.Link
	// Trail leads to the page, and At returns the address of a row by its id, both
	// for people. Nil leaves them out.
	Trail []api.Link
	At    func(id string) string
	// Further is set for every page after the first: what is known of the layer
	// stands on the first only.
	Further bool
}

// Write writes a layer in the named format.
func Write(w io.Writer, format string, layer *analytics.Layer, options Options) error {
	return WriteTable(w, format, TableOf(layer), options)
}

// WriteTable writes rows of any kind in the named format.
func WriteTable(w io.Writer, format string, table *Table, options Options) error {
	return write(w, format, &input{
		Table: table, options: options, rows: options.rowsOf(table),
		tables: func(yield func(*Table, error) bool) { yield(table, nil) },
	})
}

func write(w io.Writer, format string, in *input) error {
	f, err := Find(format)
	if err != nil {
		return err
	}
	if f.Whole && in.streamed {
		return fmt.Errorf("write %s as %s: the format takes all rows at once", in.Name, f.Name)
	}
	if err := f.write(w, in); err != nil {
		return fmt.Errorf("write %s as %s: %w", in.Name, f.Name, err)
	}
	return nil
}
