package data

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// The most bytes of a document's body, and of its kind and of its name.
const (
	MaxDocument     = 4 << 20
	MaxDocumentName = 1024
)

// A Document is a text that a store keeps for good under a kind and a name: the
// definition of an indicator, a calendar, a publication. It is never changed or
// taken back, so that what refers to it can be understood later. A new version
// is another document, of another name.
type Document struct {
	Kind string `json:"kind"`
	Name string `json:"name"` // unique within the kind
	Body string `json:"body"`
	// Recorded is when the store kept it, to the microsecond, by the clock of
	// the store. It does not run backwards from one document to the next.
	Recorded time.Time `json:"recorded"`
}

// AcceptDocument tests what every store asks of a document it is given: a kind
// and a name of 1 to MaxDocumentName bytes, a body of at most MaxDocument bytes,
// and all of it UTF-8 without the byte 0.
func AcceptDocument(d Document) error {
	for _, part := range []struct {
		what, text string
		least, max int
	}{{"kind", d.Kind, 1, MaxDocumentName}, {"name", d.Name, 1, MaxDocumentName}, {"body", d.Body, 0, MaxDocument}} {
		if err := acceptText(part.text, part.least, part.max); err != nil {
			return fmt.Errorf("document: %s: %w", part.what, err)
		}
	}
	return nil
}

func acceptText(s string, least, most int) error {
	switch {
	case len(s) < least:
		return errors.New("is empty")
	case len(s) > most:
		return fmt.Errorf("has %d bytes, at most %d", len(s), most)
	case !utf8.ValidString(s):
		return errors.New("is not UTF-8")
	case strings.ContainsRune(s, 0):
		return errors.New("holds the byte 0")
	}
	return nil
}
