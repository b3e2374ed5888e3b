package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/geo/crs"
)

// The exit codes, part of the program's contract: see meanings.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitRejected    = 3
	exitNotFound    = 4
	exitStore       = 5
	exitRefused     = 6
	exitBusy        = 7
	exitInterrupted = 130
)

// meanings says what each code means. A code that is not listed is a failure too.
var meanings = []struct {
	code    int
	meaning string
}{
	{exitOK, "it went well"},
	{exitFailure, "it failed, in a way that no other code tells"},
	{exitUsage, "a command, flag, argument or setting cannot be used"},
	{exitRejected, "it came to its end, but rows were rejected"},
	{exitNotFound, "there is no such file, store, indicator, community, case or key"},
	{exitStore, "the store cannot be reached or written to, or is of another version"},
	{exitRefused, "data or definitions are refused: too many errors, doubtful coordinates, a calendar without data, published otherwise before"},
	{exitBusy, "the store is in use by another process"},
	{exitInterrupted, "interrupted; the same command takes up where it stopped"},
}

// A codedError is an error with its exit code, and a hint for people.
type codedError struct {
	code    int
	hint    string
	details []detail
	err     error
}

// Error implements error.
func (e *codedError) Error() string { return e.err.Error() }

// Unwrap returns the error itself.
func (e *codedError) Unwrap() error { return e.err }

func usageError(err error) error { return &codedError{code: exitUsage, err: err} }

// codeOf returns the exit code for an error.
func codeOf(err error) int {
	var coded *codedError
	var param *analytics.ParamError
	var system *crs.UnknownError
	var gap *clock.NoDataError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &coded):
		return coded.code
	case errors.As(err, &gap):
		return exitRefused
	case errors.As(err, &param) && !errors.Is(err, data.ErrNotFound), errors.As(err, &system):
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, data.ErrBusy):
		return exitBusy
	case errors.Is(err, data.ErrVersion), errors.Is(err, data.ErrUnavailable), errors.Is(err, postgis.ErrOutdated):
		return exitStore
	case errors.Is(err, data.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return exitNotFound
	}
	return exitFailure
}

// told returns the exit code of an error, what it says, and what can be done
// about it.
func told(err error) (code int, message, hint string) {
	if coded := (*codedError)(nil); errors.As(err, &coded) {
		hint = coded.hint
	}
	if gap := (*clock.NoDataError)(nil); hint == "" && errors.As(err, &gap) {
		hint = uncoveredHint(gap)
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	return codeOf(err), err.Error(), hint
}

// fail tells people the error.
func (p *program) fail(err error) {
	code, message, hint := told(err)
	fmt.Fprintln(p.err, p.painted("✗ "+message))
	if hint != "" {
		fmt.Fprintf(p.err, "  %s\n", hint)
	}
	if code == exitUsage {
		fmt.Fprintf(p.err, "  try --help\n")
	}
}
