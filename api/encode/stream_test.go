package encode_test

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/encode"
)

// cut returns a table in parts of some rows, each of which is spoilt once the next is
// asked for.
func cut(t *encode.Table, size int) (head *encode.Table, parts iter.Seq2[*encode.Table, error]) {
	slice := func(lo, hi int) *encode.Table {
		part := &encode.Table{Name: t.Name, Title: t.Title, Layer: t.Layer}
		if t.Cells != nil {
			part.Cells = slices.Clone(t.Cells[lo:hi])
		} else {
			part.IDs, part.Shapes = append([]string{}, t.IDs[lo:hi]...), slices.Clone(t.Shapes[lo:hi])
		}
		for _, c := range t.Columns {
			if c.Words != nil {
				c.Words = slices.Clone(c.Words[lo:hi])
			}
			if c.Ints != nil {
				c.Ints = slices.Clone(c.Ints[lo:hi])
			}
			if c.Floats != nil {
				c.Floats = slices.Clone(c.Floats[lo:hi])
			}
			if c.Valid != nil {
				c.Valid = slices.Clone(c.Valid[lo:hi])
			}
			part.Columns = append(part.Columns, c)
		}
		return part
	}
	return slice(0, 0), func(yield func(*encode.Table, error) bool) {
		for lo := 0; lo < t.Len(); lo += size {
			part := slice(lo, min(lo+size, t.Len()))
			if !yield(part, nil) {
				return
			}
			clear(part.IDs)
			clear(part.Shapes)
			for _, c := range part.Columns {
				clear(c.Words)
				clear(c.Ints)
				clear(c.Floats)
			}
		}
	}
}

// TestAStreamOfOneTableIsTheTable compares the formats that say nothing of all rows
// before them, byte by byte.
func TestAStreamOfOneTableIsTheTable(t *testing.T) {
	table := manyCells(t, 500)
	for _, format := range []string{"geojson", "geojsonseq", "jsonfg", "arrow", "parquet", "json", "html"} {
		var whole, streamed bytes.Buffer
		if err := encode.WriteTable(&whole, format, table, encode.Options{}); err != nil {
			t.Fatal(err)
		}
		_, parts := cut(table, 500)
		if err := encode.Stream(&streamed, format, table, parts, encode.Options{}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(whole.Bytes(), streamed.Bytes()) {
			t.Errorf("%s: %d bytes streamed are not the %d of the table", format, streamed.Len(), whole.Len())
		}
	}
}

func TestAStreamThatFailsEndsTheWriting(t *testing.T) {
	broken := errors.New("the disk is gone")
	table := manyCells(t, 50)
	_, parts := cut(table, 10)
	for _, f := range encode.Formats() {
		rows := 0
		failing := func(yield func(*encode.Table, error) bool) {
			for part := range parts {
				if rows += part.Len(); rows > 30 {
					yield(nil, broken)
					return
				}
				if !yield(part, nil) {
					return
				}
			}
		}
		var b bytes.Buffer
		err := encode.Stream(&b, f.Name, table, failing, encode.Options{})
		if f.Whole {
			if err == nil || rows > 0 {
				t.Errorf("%s is streamed", f.Name)
			}
			continue
		}
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v, want the error of the rows", f.Name, err)
		}
		if f.Name == "geojson" && strings.Contains(b.String(), "]}") {
			t.Errorf("%s ends as if it were whole: %s", f.Name, b.String())
		}
		read := 0
		counted := func(yield func(*encode.Table, error) bool) {
			for {
				if read++; !yield(table, nil) {
					return
				}
			}
		}
		if err := encode.Stream(&fullDisk{left: 64 << 10}, f.Name, table, counted, encode.Options{}); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%s: %v after %d tables, want the error of the writer", f.Name, err, read)
		}
	}
}

// A fullDisk takes so many bytes.
type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

// TestTimesInEveryFormat writes 2024-08-15T00:30:00.25Z, which is 1,723,681,800.25
// seconds after 1970 (date -u -d 2024-08-15T00:30:00Z +%s), and no value.
func TestTimesInEveryFormat(t *testing.T) {
	table := &encode.Table{Name: "t", IDs: []string{"a", "b"}, Columns: []analytics.Column{
		{Name: "at", Type: analytics.TimeColumn, Ints: []int64{1_723_681_800_250_000, 0}, Valid: []bool{true, false}},
	}}
	for format, want := range map[string]string{
		"geojson": `"properties":{"at":"2024-08-15T00:30:00.25Z"}}`, "csv": "at\r\n2024-08-15T00:30:00.25Z\r\n\r\n",
		"html": "<td>2024-08-15T00:30:00.25Z</td>", "table": "2024-08-15T00:30:00.25Z", "fgb": "2024-08-15T00:30:00.25Z",
	} {
		var b bytes.Buffer
		if err := encode.WriteTable(&b, format, table, encode.Options{}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s has no %q:\n%s", format, want, b.String())
		}
	}
	var b bytes.Buffer
	if err := encode.WriteTable(&b, "parquet", table, encode.Options{}); err != nil {
		t.Fatal(err)
	}
	group := openParquet(t, b.Bytes()).RowGroup(0)
	column, err := group.Column(1)
	if err != nil {
		t.Fatal(err)
	}
	if got := columnValues(t, column, 2); got[0] != int64(1_723_681_800_250_000) || got[1] != nil {
		t.Errorf("parquet has %v", got)
	}
	if got := column.Descriptor().LogicalType().String(); got != "Timestamp(isAdjustedToUTC=true, timeUnit=microseconds, is_from_converted_type=false, force_set_converted_type=false)" {
		t.Errorf("parquet has the type %s", got)
	}
}
