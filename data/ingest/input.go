package ingest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
)

// An Input is a file to read. It is opened several times.
type Input struct {
	// Name is the base name of the file; its ending helps to tell the format.
	Name string
	// Size is the length in bytes, 0 when unknown.
	Size int64
	// MaxUnpacked is the most bytes that a file compressed with gzip may unpack to:
	// reading more is ErrTooLarge. Zero means no limit.
	MaxUnpacked int64
	// Open returns the file from its beginning.
	Open func() (io.ReadCloser, error)
}

// File returns a file of the file system as an Input.
func File(path string) (Input, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Input{}, fmt.Errorf("read input: %w", err)
	}
	if info.IsDir() {
		return Input{}, fmt.Errorf("read input: %s is a directory", path)
	}
	return Input{
		Name: filepath.Base(path),
		Size: info.Size(),
		Open: func() (io.ReadCloser, error) { return os.Open(path) },
	}, nil
}

// Bytes returns content as an Input of the given name.
func Bytes(name string, content []byte) Input {
	return Input{
		Name: name,
		Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}

// An opened input is read as plain bytes, without gzip and without a byte order
// mark of UTF-8.
type opened struct {
	io.Reader
	closer io.Closer
	bytes  atomic.Int64 // read so far, as stored
	gzip   bool
}

// open opens in. What is read, as stored, is also written to tee if that is
// not nil.
func (in Input) open(tee io.Writer) (*opened, error) {
	f, err := in.Open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", in.Name, err)
	}
	o := &opened{closer: f}
	var stored io.Reader = &counter{f, &o.bytes}
	if tee != nil {
		stored = io.TeeReader(stored, tee)
	}
	plain := bufio.NewReaderSize(stored, 1<<16)
	if magic, _ := plain.Peek(2); bytes.Equal(magic, []byte{0x1F, 0x8B}) {
		o.gzip = true
		unzipped, err := gzip.NewReader(plain)
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("open %s: %w", in.Name, err)
		}
		plain = bufio.NewReaderSize(in.bounded(unzipped), 1<<16)
	}
	if mark, _ := plain.Peek(3); bytes.Equal(mark, []byte{0xEF, 0xBB, 0xBF}) {
		if _, err := plain.Discard(3); err != nil {
			f.Close()
			return nil, fmt.Errorf("open %s: %w", in.Name, err)
		}
	}
	o.Reader = plain
	return o, nil
}

// bounded returns r with the limit of what an input may unpack to.
func (in Input) bounded(r io.Reader) io.Reader {
	if in.MaxUnpacked == 0 {
		return r
	}
	return &bounded{r, in.MaxUnpacked}
}

// A bounded reader is at fault where there is more than left.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}

// Close closes the file.
func (o *opened) Close() error { return o.closer.Close() }

type counter struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// headBytes is how much of a file is looked at to guess what it is.
const headBytes = 1 << 20

// head returns the beginning of the file and whether that is all of it.
func (in Input) head() (head []byte, whole, zipped bool, err error) {
	o, err := in.open(nil)
	if err != nil {
		return nil, false, false, err
	}
	defer o.Close()
	head = make([]byte, headBytes)
	n, err := io.ReadFull(o, head)
	switch {
	case err == nil:
		return head, false, o.gzip, nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return head[:n], true, o.gzip, nil
	case n > 0: // a damaged archive: the rows say how far it goes
		return head[:n], false, o.gzip, nil
	}
	return nil, false, false, fmt.Errorf("read %s: %w", in.Name, err)
}
