package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
)

// A Spool keeps what arrives of a file until it has been imported. The file that
// holds it can be read by the user of this process only and has no name, where the
// system takes the name of an open file: so nobody else can find it, and it is gone
// with the process, however that ends. It is written by one goroutine; then any
// number may read its Inputs.
type Spool struct {
	file   *os.File
	size   int64
	digest hash.Hash
}

// NewSpool returns an empty spool in a folder, that for temporary files if it is "".
func NewSpool(dir string) (*Spool, error) {
	file, err := os.CreateTemp(dir, "civgrid-import-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("make a spool: %w", err)
	}
	_ = os.Remove(file.Name()) // or else Close does
	return &Spool{file: file, digest: sha256.New()}, nil
}

// Write implements io.Writer.
func (s *Spool) Write(p []byte) (int, error) {
	n, err := s.file.Write(p)
	s.digest.Write(p[:n])
	s.size += int64(n)
	return n, err
}

// Size returns how many bytes were written.
func (s *Spool) Size() int64 { return s.size }

// Digest returns the SHA-256 of what was written, in hexadecimal digits.
func (s *Spool) Digest() string { return hex.EncodeToString(s.digest.Sum(nil)) }

// Input returns what was written as a file of a name, which is never that of a file
// here. It may be read until the spool is closed.
func (s *Spool) Input(name string) Input {
	return Input{
		Name: name, Size: s.size,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(s.file, 0, s.size)), nil },
	}
}

// Close forgets what was written.
func (s *Spool) Close() error {
	err := s.file.Close()
	if gone := os.Remove(s.file.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) && err == nil {
		err = gone
	}
	return err
}
