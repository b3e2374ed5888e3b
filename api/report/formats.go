package report

import (
	"archive/zip"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// A Format is one way to print a report.
type Format struct {
	Name      string // "xlsx"
	Title     string // one line
	MediaType api.MediaType
	Extension string // with the dot
	write     func(io.Writer, *printed) error
}

var formats = [...]Format{
	{"csv", "CSV, the tables one below the other", api.CSV, ".csv", writeCSV},
	{"html", "Pages to print or to read", api.HTML, ".html", writeHTML},
	{"xlsx", "A workbook with a sheet for each table", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", writeXLSX},
	{"zip", "CSV, a file for each table", "application/zip", ".zip", writeZip},
}

// Formats returns all formats, the default first. The slice is the caller's.
func Formats() []Format { return append([]Format(nil), formats[:]...) }

// Find returns the format of that name.
func Find(name string) (Format, error) {
	names := make([]string, len(formats))
	for i, f := range formats {
		if f.Name == name {
			return f, nil
		}
		names[i] = f.Name
	}
	return Format{}, fmt.Errorf("format %q: want one of %s", name, strings.Join(names, ", "))
}

// Options say how a report is printed.
type Options struct {
	Lang string // one of [api.Languages]
	// Picture is a figure of HTML that stands before the tables of pages; "" for none.
	Picture template.HTML
}

// Write prints a report in the named format.
func Write(w io.Writer, format string, r *analytics.Report, o Options) error {
	f, err := Find(format)
	if err != nil {
		return err
	}
	p, err := inLanguage(o.Lang, r)
	if err != nil {
		return err
	}
	p.picture = o.Picture
	if err := f.write(w, p); err != nil {
		return fmt.Errorf("write report as %s: %w", f.Name, err)
	}
	return nil
}

// A File is one of the files that together are a report.
type File struct {
	Name  string // "items.csv"
	Write func(io.Writer) error
}

// Files returns a report as CSV, a file for each table and one that says where
// they come from. Each begins with the byte order mark that Excel wants.
func Files(r *analytics.Report, lang string) ([]File, error) {
	p, err := inLanguage(lang, r)
	if err != nil {
		return nil, err
	}
	return p.files(), nil
}

// writeZip writes the files of a report into one. Their times are left out, so
// that the same report is the same bytes.
func writeZip(w io.Writer, p *printed) error {
	archive := zip.NewWriter(w)
	for _, f := range p.files() {
		into, err := archive.Create(f.Name)
		if err != nil {
			return err
		}
		if err := f.Write(into); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return archive.Close()
}
