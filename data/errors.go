package data

import "errors"

var (
	// ErrNotFound is returned when a named thing is not in the store.
	ErrNotFound = errors.New("not found")
	// ErrConflict is returned when something else is kept under a name, for good.
	ErrConflict = errors.New("kept already, with another content")
	// ErrChanged is returned when a fact is not in the state that its writer
	// expects it to be in, see [Sink.Replace].
	ErrChanged = errors.New("not as it was expected to be")
	// ErrBusy is returned when another process holds the store.
	ErrBusy = errors.New("store is in use by another process")
	// ErrReadOnly is returned when a store that was opened to be read is to be
	// written to.
	ErrReadOnly = errors.New("store is open for reading only")
	// ErrUnavailable is returned when the store cannot be reached, or a part of
	// it: the same may succeed later.
	ErrUnavailable = errors.New("store is unavailable")
	// ErrOverflow is returned when a sum is below -2^63 or above 2^63 - 1.
	ErrOverflow = errors.New("number does not fit 64 bits")
	// ErrVersion is returned when the store was written by a newer civgrid.
	ErrVersion = errors.New("store has a newer format than this program")
)
