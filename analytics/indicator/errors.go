package indicator

import (
	"fmt"
	"strings"
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

// nearest suggests the known word that is at most two edits, or a third of its
// letters, away from the one given, as "; did you mean …?", or lists all where
// there are few.
func nearest(word string, known []string) string {
	best, distance := "", max(len(word)/3, min(2, len(word)-1))
	for _, k := range known {
		if d := edits(word, k); d < distance || d == distance && best == "" {
			best, distance = k, d
		}
	}
	switch {
	case best != "":
		return "; did you mean " + best + "?"
	case len(known) > 0 && len(known) <= 40:
		return "; there are " + strings.Join(known, ", ")
	}
	return ""
}

// meant suggests the nearest of words that were listed already.
func meant(word string, listed []string) string {
	if near := nearest(word, listed); strings.HasPrefix(near, "; did") {
		return near
	}
	return ""
}

// edits returns the number of letters to insert, delete or replace that turn a
// into b (Levenshtein 1966).
func edits(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		left, diagonal := i+1, i
		for j, s := range to {
			cost := diagonal
			if r != s {
				cost = 1 + min(diagonal, row[j+1], left)
			}
			diagonal, row[j], left = row[j+1], left, cost
		}
		row[len(to)] = left
	}
	return row[len(to)]
}
