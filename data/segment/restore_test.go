package segment

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/sqlite"
)

// record opens a store in a file, closed at the end of the test.
func record(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func shut(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

// markOf returns the mark of a dataset.
func markOf(t *testing.T, f data.Feed, d data.Dataset) int64 {
	t.Helper()
	mark, err := f.Mark(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	return mark
}

// A city's files: the store, its cache, and what an operator laid aside.
type files struct{ store, cache, aside string }

func newFiles(t *testing.T) files {
	path := filepath.Join(t.TempDir(), sqlite.DefaultName)
	return files{path, path + ".cols", path + ".aside"}
}

// putBack gives the copy the place of the store.
func (f files) putBack(t *testing.T) {
	t.Helper()
	if err := os.Rename(f.aside, f.store); err != nil {
		t.Fatal(err)
	}
}

// same opens the store with its cache, tests that both give the same and
// returns what the cache noted.
func (f files) same(t *testing.T) (notes string) {
	t.Helper()
	var log bytes.Buffer
	s := record(t, f.store)
	c := open(t, s, f.cache, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for _, d := range data.Datasets() {
		q := data.Query{Dataset: d}
		if diff := cmp.Diff(scan(t, s, q), scan(t, c, q)); diff != "" {
			t.Errorf("scan of %s (-store +cache):\n%s", d, diff)
		}
	}
	shut(t, c)
	return log.String()
}

func TestAStoreThatWasPutBackIsNotTakenForTheOneCached(t *testing.T) {
	t.Parallel()
	f := func(name string, past int64, lay func(t *testing.T, f files, c *Cache)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(41, 41))
			f := newFiles(t)
			s := record(t, f.store)
			c := open(t, s, f.cache, Options{SegmentRows: 100, DeltaRows: 30})
			fill := func(to data.Store, d data.Dataset) {
				t.Helper()
				put(t, to, d, fakes(r, s.Schema(d), 60, 300))
			}
			for range 2 {
				fill(c, data.Incidents)
				fill(c, data.Resources)
			}
			if err := c.Refresh(context.Background()); err != nil {
				t.Fatal(err)
			}
			lay(t, f, c)
			shut(t, c)
			s = record(t, f.store)
			c = open(t, s, f.cache, Options{SegmentRows: 100, DeltaRows: 30})
			for range 3 {
				fill(c, data.Incidents)
				scan(t, c, data.Query{Dataset: data.Incidents})
			}
			if err := c.Refresh(context.Background()); err != nil {
				t.Fatal(err)
			}
			cached := markOf(t, c, data.Incidents)
			shut(t, c)

			f.putBack(t)
			s = record(t, f.store)
			for mark := int64(0); mark < cached+past; mark = markOf(t, s, data.Incidents) {
				fill(s, data.Incidents)
			}
			if mark := markOf(t, s, data.Incidents); mark != cached+past {
				t.Fatalf("mark is %d, want %d", mark, cached+past)
			}
			shut(t, s)
			if notes := f.same(t); strings.Count(notes, "built anew") != 1 || !strings.Contains(notes, "dataset=incidents") {
				t.Errorf("notes %q, want that the incidents were built anew and nothing else was", notes)
			}
			if notes := f.same(t); notes != "" {
				t.Errorf("notes %q when opened again, want none", notes)
			}
		})
	}
	copied := func(t *testing.T, f files, c *Cache) {
		shut(t, c)
		b, err := os.ReadFile(f.store)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.aside, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	backedUp := func(t *testing.T, f files, c *Cache) {
		if err := c.FeedStore.(*sqlite.Store).Backup(context.Background(), f.aside); err != nil {
			t.Fatal(err)
		}
	}
	f("a copy of the file that came to the same mark", 0, copied)
	f("a copy of the file that came to a later mark", 4, copied)
	f("a backup that came to the same mark", 0, backedUp)
	f("a backup that came to a later mark", 4, backedUp)
}

// interrupted is a store to which something happens once its mark is read.
type interrupted struct {
	*sqlite.Store
	afterMark func()
}

func (s *interrupted) Mark(ctx context.Context, d data.Dataset) (int64, error) {
	mark, err := s.Store.Mark(ctx, d)
	if then := s.afterMark; then != nil && d == data.Incidents {
		s.afterMark = nil
		then()
	}
	return mark, err
}

// TestAStoreThatWasPutBackLacksWhatTheMarkDoesNotCount has the cache fetch rows
// that are newer than its mark, and the store go back to just that mark.
func TestAStoreThatWasPutBackLacksWhatTheMarkDoesNotCount(t *testing.T) {
	t.Parallel()
	f := newFiles(t)
	r := rand.New(rand.NewPCG(42, 42))
	s := &interrupted{Store: record(t, f.store)}
	c := open(t, s, f.cache, Options{})
	put(t, s, data.Incidents, fakes(r, s.Schema(data.Incidents), 60, 1<<40))
	// The fast look at the mark comes first, then the one the rows follow.
	s.afterMark = func() {
		s.afterMark = func() {
			if err := s.Backup(context.Background(), f.aside); err != nil {
				t.Error(err)
			}
			put(t, s, data.Incidents, fakes(r, s.Schema(data.Incidents), 60, 1<<40))
		}
	}
	if got := len(scan(t, c, data.Query{Dataset: data.Incidents})); got != 120 {
		t.Fatalf("%d rows, want the 60 of the mark and 60 newer ones", got)
	}
	shut(t, c)
	f.putBack(t)
	if notes := f.same(t); !strings.Contains(notes, "built anew") {
		t.Errorf("notes %q, want that the cache was built anew", notes)
	}
}
