package stats

import (
	"errors"
	"fmt"
)

var (
	// ErrLength reports columns or weights that do not have one row per cell.
	ErrLength = errors.New("columns differ in length")

	// ErrNotBinary reports weights other than 0 and 1 where only those will do.
	ErrNotBinary = errors.New("weights are not binary")

	// ErrTooLarge reports an exact computation beyond its limit. The caller
	// may raise the limit or turn to PermutationMonteCarlo. Where a limit was
	// passed the error is a *TooLargeError, which holds the figures.
	ErrTooLarge = errors.New("too large for exact permutation")
)

// A ValueError reports a value that cannot be computed with: not finite,
// negative where a count is meant, or outside its range.
type ValueError struct {
	Row   int     // the row of the offending value, from 0
	Value float64 // the value as given
	Why   string  // what was wanted, such as "want a finite number"
}

// Error implements error.
func (e *ValueError) Error() string {
	return fmt.Sprintf("row %d: invalid value %v: %s", e.Row, e.Value, e.Why)
}

// A TooLargeError is an ErrTooLarge with the figures that led to it. Both are
// known before any work is done.
type TooLargeError struct {
	Work     int64 // multiply-adds needed, or counted until the limit was passed
	MaxWork  int64 // the limit in force
	Table    int64 // table entries needed, 8 bytes each
	MaxTable int64 // the limit in force
}

// Error implements error.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%v: %d steps (limit %d), %d table entries (limit %d)",
		ErrTooLarge, e.Work, e.MaxWork, e.Table, e.MaxTable)
}

// Unwrap makes errors.Is(err, ErrTooLarge) true.
func (e *TooLargeError) Unwrap() error { return ErrTooLarge }

// checkLength returns an ErrLength unless every column has n rows.
func checkLength(n int, lengths ...int) error {
	for _, l := range lengths {
		if l != n {
			return fmt.Errorf("%w: %d and %d rows", ErrLength, n, l)
		}
	}
	return nil
}

// checkValid returns an ErrLength unless valid is nil (every row counts) or
// has n rows.
func checkValid(n int, valid []bool) error {
	if valid == nil {
		return nil
	}
	return checkLength(n, len(valid))
}

// present reports whether row i counts. A nil column means every row does.
func present(valid []bool, i int) bool {
	return valid == nil || valid[i]
}
