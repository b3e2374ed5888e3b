package crs

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// UnsupportedError says that a coordinate system is known, or is at least a
// well-formed code, and is not read. Guessing would put every point in the
// wrong place, so there is no fallback.
type UnsupportedError struct {
	// Name is the system as codes are written, for example "EPSG:2249", or
	// the name as given where there is no code.
	Name string
	// Title is the full name; empty for a code that is not in our table.
	Title string
	// Kind is "projected" or "geographic"; empty when not known.
	Kind string
}

// Error names the system and says what to do about it.
func (e *UnsupportedError) Error() string {
	var b strings.Builder
	b.WriteString(e.Name)
	if e.Title != "" {
		fmt.Fprintf(&b, " (%s)", e.Title)
	}
	switch e.Kind {
	case kindProjected:
		b.WriteString(" is projected and not read yet")
	case kindGeographic:
		b.WriteString(" has another datum than WGS 84 and is not read yet")
	default:
		b.WriteString(" is not read yet")
	}
	b.WriteString("; export the file as WGS 84")
	return b.String()
}

// UnknownError says that a name is not that of any coordinate system we have
// heard of.
type UnknownError struct {
	// Name is the name as given.
	Name string
	// Suggestions are the names of every System, the most alike first.
	Suggestions []string
}

// Error lists the names that would have been understood.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("coordinate system %q is not known; use one of %s",
		e.Name, strings.Join(e.Suggestions, ", "))
}

// RangeError says that a coordinate cannot be one of its system.
type RangeError struct {
	// System is the one the point was said to be in, or was to be put in.
	System System
	// Point is the coordinate: degrees, or metres for WebMercator.
	Point orb.Point
	// Why is the reason, in lower case, ready to follow a colon.
	Why string
}

// Error gives the system, the coordinate and the reason.
func (e *RangeError) Error() string {
	return fmt.Sprintf("%s coordinate (%s, %s): %s", e.System, plain(e.Point[0]), plain(e.Point[1]), e.Why)
}

// plain writes a number as people write coordinates, without an exponent
// unless it would be very long.
func plain(v float64) string {
	if math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// RowError says which row of a column could not be converted.
type RowError struct {
	// Row counts from 0.
	Row int
	Err error
}

// Error gives the row and the reason.
func (e *RowError) Error() string { return fmt.Sprintf("row %d: %v", e.Row, e.Err) }

// Unwrap returns the reason.
func (e *RowError) Unwrap() error { return e.Err }

// LengthError says that two columns that belong together differ in length.
type LengthError struct {
	X, Y int
}

// Error gives both lengths.
func (e *LengthError) Error() string {
	return fmt.Sprintf("convert columns of %d and %d rows: lengths differ", e.X, e.Y)
}

func unknownSystem(s System) error {
	return &UnknownError{Name: s.String(), Suggestions: suggest(s.String())}
}
