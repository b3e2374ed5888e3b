package indicator

import (
	"fmt"
	"strings"

	"github.com/civgrid/civgrid/data/spelling"
)

// A FieldError says which field of which definition cannot be used and why.
type FieldError struct {
	Code  string // of the indicator; "" where it has none yet
	Field string // path of keys, such as clock.limit.within
	Line  int    // in the file, from 1; 0 if unknown
	Col   int    // from 1; 0 if unknown
	Why   string
}

// Error implements error.
func (e *FieldError) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d, column %d: ", e.Line, e.Col)
	}
	if e.Code != "" {
		b.WriteString(e.Code + ": ")
	}
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	return b.String() + e.Why
}

func (d *Definition) fail(field, format string, args ...any) error {
	return &FieldError{Code: d.Code, Field: field, Why: fmt.Sprintf(format, args...)}
}

// nearest suggests the known word that was probably meant, as "; did you mean
// …?", or lists all where there are few.
func nearest(word string, known []string) string {
	if near := meant(word, known); near != "" {
		return near
	}
	if len(known) > 0 && len(known) <= 40 {
		return "; there are " + strings.Join(known, ", ")
	}
	return ""
}

// meant suggests the nearest of words that are listed already.
func meant(word string, listed []string) string {
	near := spelling.Nearest(word, listed)
	if near == "" {
		return ""
	}
	return "; did you mean " + near + "?"
}
