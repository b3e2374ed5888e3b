package cql2

import "fmt"

// The limits of what is read.
const (
	maxBytes  = 64 << 10 // of text or JSON
	maxLevels = 100      // of brackets, and of conditions within conditions
	maxItems  = 1000     // of an IN list
	nearRunes = 24       // of the text that an Error quotes
)

// An Error says what is wrong with a condition, and where.
type Error struct {
	// At is where it is: the number of characters, that is of code points,
	// before it in the text or JSON; -1 where that is not known.
	At int
	// Near is the text found there, cut short; "" at the end of the text.
	Near string
	// Why says what is wrong, and what is wanted.
	Why string
}

// Error implements error.
func (e *Error) Error() string {
	switch {
	case e.At >= 0 && e.Near != "":
		return fmt.Sprintf("position %d, near %q: %s", e.At, e.Near, e.Why)
	case e.At >= 0:
		return fmt.Sprintf("position %d: %s", e.At, e.Why)
	case e.Near != "":
		return fmt.Sprintf("near %q: %s", e.Near, e.Why)
	}
	return e.Why
}

// fault returns an Error about a part of an expression.
func fault(n node, format string, args ...any) *Error {
	return &Error{n.position(), short([]rune(text(n))), fmt.Sprintf(format, args...)}
}

// short cuts what an Error quotes.
func short(near []rune) string {
	if len(near) > nearRunes {
		return string(near[:nearRunes-1]) + "…"
	}
	return string(near)
}
