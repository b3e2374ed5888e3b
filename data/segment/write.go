package segment

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/civgrid/civgrid/data"
)

// tempPattern names files that are being written; what is left of them after
// a crash is removed when the cache is opened.
const tempPattern = "*.tmp"

// writeFile writes a file whole or not at all: to a temporary file, flushed to
// disk, that then takes its name. The name is safe once the folder is flushed.
func writeFile(path string, write func(*os.File) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), tempPattern)
	if err != nil {
		return err
	}
	defer func() {
		f.Close() // closed already when all went well
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// writeChunk writes a sorted chunk as a segment file, one column at a time.
func writeChunk(path string, c *chunk, mark int64, digest uint64) error {
	err := writeFile(path, func(f *os.File) error {
		w := segmentWriter{w: bufio.NewWriterSize(f, 1<<20), offset: headerSize}
		h, err := w.writeAll(c)
		if err != nil {
			return err
		}
		h.mark, h.digest = mark, digest
		_, err = f.WriteAt(h.encode(), 0)
		return err
	})
	if err != nil {
		return fmt.Errorf("write segment %s: %w", filepath.Base(path), err)
	}
	return nil
}

// A segmentWriter lays columns out one after the other.
type segmentWriter struct {
	w      *bufio.Writer
	offset uint64
	sum    checksumWriter
}

// writeAll writes everything behind the header, for which it leaves room.
func (w *segmentWriter) writeAll(c *chunk) (header, error) {
	if _, err := w.w.Write(make([]byte, headerSize)); err != nil {
		return header{}, err
	}
	var directory []byte
	var r runs
	finest := finestCell(c.columns)
	for i := range c.columns {
		v := c.gather(i)
		if i == finest {
			r = runsOf(v)
		}
		e := entry{kind: v.kind, nulls: v.nulls, zones: v.zones()}
		if err := w.write(&e, v.parts); err != nil {
			return header{}, err
		}
		directory = e.append(directory)
	}
	e := entry{kind: data.Cell}
	if err := w.write(&e, [partCount][]byte{values: asBytes(r.cells), heap: asBytes(r.first)}); err != nil {
		return header{}, err
	}
	directory = e.append(directory)
	h := header{
		rows: c.len(), dirOffset: w.offset, dirSize: uint32(len(directory)), dirSum: checksum(directory),
		fileSize: w.offset + uint64(len(directory)),
	}
	if _, err := w.w.Write(directory); err != nil {
		return header{}, err
	}
	return h, w.w.Flush()
}

// write writes the parts of one entry and notes in it where they are.
func (w *segmentWriter) write(e *entry, parts [partCount][]byte) error {
	e.offset = w.offset
	w.sum.n = 0
	out := io.MultiWriter(w.w, &w.sum)
	for i, part := range parts {
		e.sizes[i] = uint64(len(part))
		if _, err := out.Write(part); err != nil {
			return err
		}
		if _, err := out.Write(make([]byte, padded(e.sizes[i])-e.sizes[i])); err != nil {
			return err
		}
	}
	e.sum = w.sum.n
	w.offset += e.extent()
	return nil
}
