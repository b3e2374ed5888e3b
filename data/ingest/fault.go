package ingest

import (
	"context"
	"errors"
	"io/fs"
)

// ErrTooLarge is returned for a file that unpacks to more than [Input].MaxUnpacked.
// Nothing was written.
var ErrTooLarge = errors.New("unpacked, the file is larger than is taken")

// A FileError is returned for a file that cannot be read, or not as it was said to
// be: the fault is neither the program's nor the store's. Nothing was written.
type FileError struct{ cause error }

// Error says what is wrong with the file.
func (e *FileError) Error() string { return e.cause.Error() }

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.cause }

// ofFile makes an error of reading a file a FileError. It is not one where the
// system does not give its bytes, or the context ended.
func ofFile(err error) error {
	var system *fs.PathError
	if err == nil || errors.As(err, &system) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &FileError{err}
}
