package data

import "fmt"

// A ChangedError says that a store does not have of a fact what its writer expects.
type ChangedError struct {
	Source, ID string
	// Held is the revision that it has, the zero Revision where it never had the fact.
	Held Revision
}

// Error implements error.
func (e *ChangedError) Error() string { return fmt.Sprintf("%s of %s: %s", e.ID, e.Source, ErrChanged) }

// Unwrap returns [ErrChanged].
func (e *ChangedError) Unwrap() error { return ErrChanged }

// Expect tests for [Sink.Replace] that a store holds what is expected of the fact of each
// row of a batch. known returns what it holds of a fact, false where it never had it.
func Expect(b Batch, expected []Revision, known func(source, id string) (Revision, bool)) error {
	if len(expected) != b.Len() {
		return fmt.Errorf("%d revisions expected of %d rows", len(expected), b.Len())
	}
	sources, ids := b.Codes("source"), b.Texts("id")
	for row, want := range expected {
		source, id := sources.At(row), ids.At(row)
		if held, _ := known(source, id); held != want {
			return &ChangedError{source, id, held}
		}
	}
	return nil
}
