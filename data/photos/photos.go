// Package photos keeps the pictures that inspectors take: JPEG files in a folder, each
// under the SHA-256 of its content.
//
// A picture that is sent twice is kept once, and none can be put in the place of
// another. Facts name pictures by their hash; the folder does not know which do.
package photos

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// MaxBytes is the most that one picture may have.
const MaxBytes = 1 << 20

// ErrPicture comes with what is no picture to keep.
var ErrPicture = errors.New("no picture to keep")

// A Folder keeps pictures. It is made when the first is kept, for its owner alone, and
// safe for concurrent use, by several programs too.
type Folder struct{ path string }

// In returns the folder of a path.
func In(path string) *Folder { return &Folder{path} }

// Put keeps a picture under the hash that whoever sends it found, 64 hexadecimal digits;
// kept is false where it is there already. The error wraps [ErrPicture] where the content
// has another hash, is no JPEG, or is larger than [MaxBytes].
func (f *Folder) Put(hash string, content []byte) (kept bool, err error) {
	sum := sha256.Sum256(content)
	switch _, err := jpeg.DecodeConfig(bytes.NewReader(content)); {
	case hash != hex.EncodeToString(sum[:]):
		return false, fmt.Errorf("%w: its SHA-256 is %x", ErrPicture, sum)
	case len(content) > MaxBytes:
		return false, fmt.Errorf("%w: it has %d bytes, at most %d", ErrPicture, len(content), MaxBytes)
	case err != nil:
		return false, fmt.Errorf("%w: it is no JPEG", ErrPicture)
	}
	path := f.file(hash)
	if _, err := os.Stat(path); err == nil {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return false, fmt.Errorf("keep a photo: %w", err)
	}
	if err := write(path, content); err != nil {
		return false, fmt.Errorf("keep a photo: %w", err)
	}
	return true, nil
}

// write makes a file that is whole or not there.
func write(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // for its owner alone
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // where it was not renamed
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// Get returns the picture of a hash, or an error that wraps [data.ErrNotFound].
func (f *Folder) Get(hash string) ([]byte, error) {
	if len(hash) != 2*sha256.Size || strings.Trim(hash, "0123456789abcdef") != "" {
		return nil, fmt.Errorf("photo %q: %w", hash, data.ErrNotFound)
	}
	content, err := os.ReadFile(f.file(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("photo %s: %w", hash, data.ErrNotFound)
	}
	return content, err
}

// file returns where the picture of a hash lies: in one of 256 folders, as some file
// systems are slow with many names in one.
func (f *Folder) file(hash string) string {
	return filepath.Join(f.path, hash[:2], hash+".jpg")
}
