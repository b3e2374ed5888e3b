package scope

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// Append implements [data.Sink]: it refuses with [ErrWhole]. Rows that replace whatever
// there is are kept for the whole only, because a fact may be in another part by the
// time they come; who is confined to a part says by Replace what is to be replaced.
func (s *Store) Append(_ context.Context, d data.Dataset, _ data.Chunk, _ data.Batch) (data.Changes, error) {
	return data.Changes{}, fmt.Errorf("append to %s: %w", d, ErrWhole)
}

// Replace implements [data.Sink]. What is expected has to be the state of facts in the
// part, or of no fact, and the whole tests it again in its transaction: so no fact is
// replaced that is outside by then. A fact outside is none to the part, so that to expect
// a state of it is a [data.ChangedError] that says that there never was such a fact. A
// row that lies outside, or is to be new and has the source and id of a fact outside, is
// refused with an error that wraps [ErrOutside], the same for both.
//
// That a new fact is refused within the part tells its writer that the source and id are
// taken: they name one fact in the whole, and none can be kept under them. It tells
// nothing else, and cannot be asked without recording the fact where they are free.
func (s *Store) Replace(ctx context.Context, d data.Dataset, expected []data.Revision, rows data.Batch) (data.Changes, error) {
	changes, err := s.replace(ctx, d, expected, rows)
	if err != nil {
		return data.Changes{}, fmt.Errorf("replace %s: %w", d, err)
	}
	return changes, nil
}

func (s *Store) replace(ctx context.Context, d data.Dataset, expected []data.Revision, rows data.Batch) (none data.Changes, err error) {
	within, err := s.within(ctx)
	if err != nil {
		return none, err
	}
	if slices.Contains(data.Select(nil, rows, inside(within)), false) {
		return none, ErrOutside
	}
	if err := s.owned(ctx, d, expected, rows, within); err != nil {
		return none, err
	}
	changes, err := s.whole.Replace(ctx, d, expected, rows)
	var other *data.ChangedError
	if !errors.As(err, &other) || other.Held.Withdrawn {
		return changes, err
	}
	if now := s.owned(ctx, d, expected, rows, within); now != nil { // as the part has it by now
		return none, now
	}
	sources, ids := rows.Codes("source"), rows.Texts("id")
	for row := range rows.Len() { // what the whole has of it is not in the part
		if (name{sources.At(row), ids.At(row)}) == (name{other.Source, other.ID}) && isNew(expected[row]) {
			return none, ErrOutside
		}
	}
	return none, &data.ChangedError{Source: other.Source, ID: other.ID}
}

// A name is what a fact is known by.
type name struct{ source, id string }

// isNew reports whether a writer expects that there is no fact, or one that was taken
// back, which is in no part.
func isNew(expected data.Revision) bool { return expected == (data.Revision{}) || expected.Withdrawn }

// owned tests that what is expected of the facts of rows is what the part has of them.
func (s *Store) owned(ctx context.Context, d data.Dataset, expected []data.Revision, rows data.Batch, within []string) error {
	held, foreign, err := s.present(ctx, d, rows, within)
	if err != nil {
		return err
	}
	sources, ids := rows.Codes("source"), rows.Texts("id")
	for row := range min(rows.Len(), len(expected)) {
		if f := (name{sources.At(row), ids.At(row)}); isNew(expected[row]) {
			if foreign[f] {
				return ErrOutside
			}
			if _, has := held[f]; !has {
				held[f] = expected[row] // the whole knows
			}
		}
	}
	return data.Expect(rows, expected, func(source, id string) (data.Revision, bool) {
		revision, has := held[name{source, id}]
		return revision, has
	})
}

// present returns the revisions of the facts of rows that are in the part, and which are
// outside.
func (s *Store) present(ctx context.Context, d data.Dataset, rows data.Batch, within []string) (held map[name]data.Revision, foreign map[name]bool, err error) {
	ids, words := rows.Texts("id"), make([]string, rows.Len())
	for row := range words {
		words[row] = ids.At(row)
	}
	slices.Sort(words)
	held, foreign = map[name]data.Revision{}, map[name]bool{}
	for b, err := range s.whole.Scan(ctx, data.Query{Dataset: d, Where: data.In{Column: "id", Words: slices.Compact(words)}}) {
		if err != nil {
			return nil, nil, err
		}
		sources, ids, revisions := b.Codes("source"), b.Texts("id"), data.Revisions(b)
		for row, in := range data.Select(nil, b, inside(within)) {
			if f := (name{sources.At(row), strings.Clone(ids.At(row))}); in {
				held[f] = revisions[row]
			} else {
				foreign[f] = true
			}
		}
	}
	return held, foreign, nil
}
