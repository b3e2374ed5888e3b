package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/civgrid/civgrid/data"
)

func replacements() []promise {
	return []promise{
		{"what is expected is replaced", replaceExpected},
		{"what is not as expected is refused whole", replaceChanged},
		{"a fact that was taken back is not one that never was", replaceWithdrawn},
		{"other stamps are another state", replaceStamps},
		{"revisions that do not fit the rows are refused", replaceMisfit},
		{"of many that expect one state one comes first", replaceRace},
		{"no count is lost among writers of all kinds", replaceCounter},
	}
}

// revise puts rows in place of the expected revisions.
func revise(s data.Store, expected []data.Revision, rows ...Row) (data.Changes, error) {
	return s.Replace(context.Background(), data.Incidents, expected, Batch(s.Schema(data.Incidents), rows...))
}

// revisionOf returns the revision of a row of incidents.
func revisionOf(s data.Store, r Row) data.Revision {
	return data.Revisions(Batch(s.Schema(data.Incidents), r))[0]
}

// wantRefused tests that an error says what a store has of the fact of an id.
func wantRefused(t *testing.T, err error, id string, held data.Revision) {
	t.Helper()
	var changed *data.ChangedError
	if !errors.Is(err, data.ErrChanged) || !errors.As(err, &changed) || changed.Source != "hotline" || changed.ID != id || changed.Held != held {
		t.Errorf("Replace: %v (%+v), want data.ErrChanged of %s, which is %+v", err, changed, id, held)
	}
}

func replaceExpected(t *testing.T, s data.Store) {
	a, b := fact("a", Row{"updated_at": at(1)}), fact("b")
	changes, err := revise(s, make([]data.Revision, 2), a, b)
	if err != nil {
		t.Fatal(err)
	}
	wantChanges(t, changes, data.Changes{Inserted: 2})
	later, c := fact("a", Row{"updated_at": at(2), "category": "later"}), fact("c")
	changes, err = revise(s, []data.Revision{revisionOf(s, a), {}, revisionOf(s, b)}, later, c, b)
	if err != nil {
		t.Fatal(err)
	}
	wantChanges(t, changes, data.Changes{Inserted: 1, Replaced: 1, Unchanged: 1})
	wantRows(t, s, data.Incidents, later, b, c)
}

func replaceChanged(t *testing.T, s data.Store) {
	a, b := fact("a", Row{"updated_at": at(1)}), fact("b", Row{"updated_at": at(1)})
	put(t, s, data.Incidents, a, b)
	known := []data.Revision{revisionOf(s, a), revisionOf(s, b)}
	other := fact("b", Row{"updated_at": at(2), "category": "of another writer"})
	put(t, s, data.Incidents, other)
	before := version(t, s)
	mine := []Row{fact("a", Row{"updated_at": at(3), "category": "mine"}), fact("b", Row{"updated_at": at(3), "category": "mine"})}
	_, err := revise(s, known, mine...)
	wantRefused(t, err, "b", revisionOf(s, other))
	_, err = revise(s, make([]data.Revision, 2), fact("c"), mine[0])
	wantRefused(t, err, "a", revisionOf(s, a))
	_, err = revise(s, known[:1], fact("d"))
	wantRefused(t, err, "d", data.Revision{})
	wantRows(t, s, data.Incidents, a, other)
	if after := version(t, s); after != before {
		t.Errorf("Version went from %s to %s", before, after)
	}
}

func replaceWithdrawn(t *testing.T, s data.Store) {
	a := fact("a", Row{"updated_at": at(1)})
	gone := withdrawn(fact("a", Row{"updated_at": at(2)}))
	put(t, s, data.Incidents, a)
	if _, err := revise(s, []data.Revision{revisionOf(s, a)}, gone); err != nil {
		t.Fatal(err)
	}
	wantRows(t, s, data.Incidents)
	again := fact("a", Row{"updated_at": at(3)})
	_, err := revise(s, make([]data.Revision, 1), again)
	wantRefused(t, err, "a", revisionOf(s, gone))
	if !revisionOf(s, gone).Withdrawn {
		t.Error("the revision of a fact that was taken back does not say so")
	}
	if _, err := revise(s, []data.Revision{revisionOf(s, gone)}, again); err != nil {
		t.Fatal(err)
	}
	wantRows(t, s, data.Incidents, again)
}

func replaceStamps(t *testing.T, s data.Store) {
	a := fact("a", Row{"updated_at": at(1), "community": "110105"})
	put(t, s, data.Incidents, a)
	moved := fact("a", Row{"updated_at": at(1), "community": "110106"})
	put(t, s, data.Incidents, moved)
	_, err := revise(s, []data.Revision{revisionOf(s, a)}, withdrawn(fact("a", Row{"updated_at": at(2), "community": "110105"})))
	wantRefused(t, err, "a", revisionOf(s, moved))
	wantRows(t, s, data.Incidents, moved)
}

func replaceMisfit(t *testing.T, s data.Store) {
	for _, expected := range [][]data.Revision{nil, make([]data.Revision, 1), make([]data.Revision, 3)} {
		if _, err := revise(s, expected, fact("a"), fact("b")); err == nil || errors.Is(err, data.ErrChanged) {
			t.Errorf("%d revisions of 2 rows: %v", len(expected), err)
		}
	}
	if _, err := revise(s, make([]data.Revision, 1), fact("")); err == nil {
		t.Error("an empty id: Replace gave no error")
	}
	wantRows(t, s, data.Incidents)
}

// replaceRace lets several writers change one state, and make one fact, at once.
func replaceRace(t *testing.T, s data.Store) {
	a := fact("a", Row{"updated_at": at(1)})
	put(t, s, data.Incidents, a)
	known := revisionOf(s, a)
	const writers = 8
	var wait sync.WaitGroup
	var mu sync.Mutex
	won := map[string][]Row{}
	for w := range writers {
		for id, expected := range map[string]data.Revision{"a": known, "new": {}} {
			wait.Go(func() {
				mine := fact(id, Row{"updated_at": at(2 + w), "category": fmt.Sprint("of ", w)})
				_, err := revise(s, []data.Revision{expected}, mine)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won[id] = append(won[id], mine)
				case !errors.Is(err, data.ErrChanged):
					t.Errorf("Replace: %v", err)
				}
			})
		}
	}
	wait.Wait()
	if len(won["a"]) != 1 || len(won["new"]) != 1 {
		t.Fatalf("%d of %d changed a, %d made the new one; want one each", len(won["a"]), writers, len(won["new"]))
	}
	wantRows(t, s, data.Incidents, won["a"][0], won["new"][0])
}

// replaceCounter has writers count up what they read, beside one that appends to the
// same fact, as an import does, and sets another column.
func replaceCounter(t *testing.T, s data.Store) {
	const writers, each = 4, 10
	now := fact("a", Row{"updated_at": at(0), "reports": int64(0)})
	put(t, s, data.Incidents, now)
	q := data.Query{Dataset: data.Incidents, Where: data.Compare{Column: "id", Op: data.Equal, Value: "a"}}
	schema := s.Schema(data.Incidents)
	read := func() (data.Revision, int64) {
		for b, err := range s.Scan(context.Background(), q) {
			if err != nil {
				t.Errorf("Scan: %v", err)
				return data.Revision{}, 0
			}
			if b.Len() > 0 {
				return data.Revisions(b)[0], b.Ints("reports")[0]
			}
		}
		t.Error("there is no fact a")
		return data.Revision{}, 0
	}
	var wait sync.WaitGroup
	for range writers {
		wait.Go(func() {
			for n := 0; n < each && !t.Failed(); {
				held, reports := read()
				next := fact("a", Row{"updated_at": held.Updated + 1, "reports": reports + 1})
				_, err := s.Replace(context.Background(), data.Incidents, []data.Revision{held}, Batch(schema, next))
				switch {
				case err == nil:
					n++
				case !errors.Is(err, data.ErrChanged):
					t.Errorf("Replace: %v", err)
				}
			}
		})
	}
	wait.Go(func() { // it puts in what it read, as of then: where somebody was quicker it is stale
		for n := 0; n < each && !t.Failed(); n++ {
			held, reports := read()
			b := Batch(schema, fact("a", Row{"updated_at": held.Updated, "reports": reports, "category": fmt.Sprint(n)}))
			if _, err := s.Append(context.Background(), data.Incidents, data.Chunk{}, b); err != nil {
				t.Errorf("Append: %v", err)
			}
		}
	})
	wait.Wait()
	if _, reports := read(); reports != writers*each {
		t.Errorf("%d were counted, want %d", reports, writers*each)
	}
}
