package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/api/encode"
)

// Formats that stand for themselves: the object of --json holds one of them, and
// a picture of a layer as a map is no table.
const (
	formatJSON  = "json"
	formatTable = "table"
	formatSVG   = "svg"
)

// An output says in which format a layer is written, and where to.
type output struct {
	format, path, lang string
	top                int
	explain, verbatim  bool
}

// formatName returns the format that is asked for, or that the ending of the
// file stands for.
func (o output) formatName(json bool) (string, error) {
	asked := o.asked(json, formatTable)
	if f, err := encode.Find(asked); err == nil || asked == formatSVG {
		name := cmp.Or(f.Name, formatSVG)
		return name, o.fits(json, name)
	}
	names := append(encode.Names(), formatSVG)
	slices.Sort(names)
	why := "want one of " + strings.Join(names, ", ")
	if o.format == "" {
		why += ", or --format beside --output"
	}
	if asked == "gpkg" || asked == "shp" {
		why += fmt.Sprintf("; GDAL makes it: ogr2ogr %s layer.geojson", o.path)
	}
	return "", fmt.Errorf("format %q: %s", asked, why)
}

// oneOf returns the format that is asked for, or that the ending of the file
// stands for, of some, the default first.
func (o output) oneOf(json bool, names ...string) (string, error) {
	asked := o.asked(json, names[0])
	if o.format == "" && asked == "txt" {
		asked = names[0]
	}
	if slices.Contains(names, asked) {
		return asked, o.fits(json, asked)
	}
	return "", fmt.Errorf("format %q: want one of %s", asked, strings.Join(names, ", "))
}

// asked returns the word for a format that --format, the ending of --output or
// --json gives.
func (o output) asked(json bool, otherwise string) string {
	ending := strings.TrimPrefix(filepath.Ext(o.path), ".")
	if json && ending == "" {
		otherwise = formatJSON
	}
	return strings.ToLower(cmp.Or(o.format, ending, otherwise))
}

// fits tests that a format goes with --json, which prints one object.
func (o output) fits(json bool, format string) error {
	if json && o.toStandard() && format != formatJSON {
		return fmt.Errorf("--json prints one object: leave --format %s away, or give --output with it", format)
	}
	return nil
}

// put writes a result to where o says. With --json it answers with it, or with
// the name of the file that it is in.
func (p *program) put(o output, format string, write func(io.Writer) error) error {
	if !p.json || !o.toStandard() {
		if p.json {
			p.answer(map[string]any{"format": format, "files": []string{o.path}})
		}
		return o.write(p.out, write)
	}
	var result bytes.Buffer
	if err := write(&result); err != nil {
		return err
	}
	p.answer(json.RawMessage(result.Bytes()))
	return nil
}

// writeJSON writes a result for programs.
func writeJSON(w io.Writer, result any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(result)
}

// write writes to the file of o, whole or not at all, or to standard output.
func (o output) write(standard io.Writer, encode func(io.Writer) error) (err error) {
	if o.toStandard() {
		return buffered(standard, encode)
	}
	file, err := os.CreateTemp(filepath.Dir(o.path), ".civgrid-*")
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		return fmt.Errorf("write %s: %w", o.path, failed.Err) // the temporary name says nothing
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", o.path, err)
	}
	defer os.Remove(file.Name())
	err = buffered(file, encode)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Chmod(file.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(file.Name(), o.path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", o.path, err)
	}
	return nil
}

func buffered(w io.Writer, encode func(io.Writer) error) error {
	b := bufio.NewWriterSize(w, 1<<16)
	if err := encode(b); err != nil {
		return err
	}
	return b.Flush()
}
