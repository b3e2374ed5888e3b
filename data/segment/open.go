package segment

import (
	"errors"
	"fmt"
	"os"

	"github.com/civgrid/civgrid/data"
)

// openTable maps a segment file and checks its header and directory. The
// columns are checked when they are first used.
func openTable(path string, columns []data.Column, digest uint64) (_ *table, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // a mapping outlives its file
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() < headerSize {
		return nil, fmt.Errorf("file of %d bytes: %w", info.Size(), errDamaged)
	}
	b, err := mapFile(f, int(info.Size()))
	if err != nil {
		return nil, err
	}
	t := &table{columns: columns, mapping: &mapping{bytes: b}, bytes: info.Size()}
	if err := t.decode(b, digest); err != nil {
		return nil, fmt.Errorf("open segment: %w", errors.Join(err, t.retire()))
	}
	return t, nil
}

// decode makes t the table whose file is b.
func (t *table) decode(b []byte, digest uint64) error {
	h, err := decodeHeader(b)
	if err != nil {
		return err
	}
	if h.digest != digest {
		return fmt.Errorf("file of another schema: %w", errDamaged)
	}
	directory := b[h.dirOffset:]
	if checksum(directory) != h.dirSum {
		return fmt.Errorf("checksum of the directory: %w", errDamaged)
	}
	t.rows, t.sum = h.rows, order.Uint32(b[headerSize-4:])
	t.stored = make([]stored, len(t.columns))
	r := reader{b: directory}
	for i, c := range t.columns {
		e := r.entry()
		if r.short || e.kind != c.Type || len(e.zones) != blocksOf(t.rows) {
			return fmt.Errorf("directory entry of %s: %w", c.Name, errDamaged)
		}
		if t.stored[i], err = t.column(b[:h.dirOffset], e); err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return t.decodeRuns(b[:h.dirOffset], r.entry(), r.short)
}

// column locates one column in the file.
func (t *table) column(b []byte, e entry) (stored, error) {
	parts, c, err := locate(b, e)
	if err != nil {
		return stored{}, err
	}
	v := vector{kind: e.kind, rows: t.rows, nulls: e.nulls, parts: parts}
	width := uint64(8)
	if e.kind == data.Code || e.kind == data.Text {
		width = 4
	}
	want := uint64(t.rows) * width
	if e.kind == data.Text {
		want += width
	}
	if e.sizes[values] != want || e.nulls > 0 && e.sizes[validity] < uint64(t.rows+7)/8 {
		return stored{}, fmt.Errorf("%d bytes of values, want %d: %w", e.sizes[values], want, errDamaged)
	}
	return stored{v, e.zones, c}, nil
}

func (t *table) decodeRuns(b []byte, e entry, short bool) error {
	if short {
		return fmt.Errorf("directory entry of the runs: %w", errDamaged)
	}
	parts, c, err := locate(b, e)
	if err != nil {
		return fmt.Errorf("runs: %w", err)
	}
	t.runs = runs{asSlice[uint64](parts[values]), asSlice[uint32](parts[heap]), c}
	return nil
}

// locate returns the parts of an entry, which must lie within b, and a check
// that covers them.
func locate(b []byte, e entry) (parts [partCount][]byte, c *check, err error) {
	at, end := e.offset, uint64(len(b))
	for i, size := range e.sizes {
		if at > end || size > end || at+padded(size) > end {
			return parts, nil, fmt.Errorf("part beyond the end: %w", errDamaged)
		}
		parts[i] = b[at : at+size : at+size]
		at += padded(size)
	}
	return parts, &check{bytes: b[e.offset:at], sum: e.sum}, nil
}
