package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/civgrid/civgrid/data"
)

// reopen closes a store, if there is one, and opens the one of path.
func reopen(t *testing.T, s *Store, path string) *Store {
	t.Helper()
	if s != nil {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// keepPart appends one part of the inspections and returns the mark.
func keepPart(t *testing.T, s *Store, part int) int64 {
	t.Helper()
	if _, err := s.Append(context.Background(), data.Inspections, data.Chunk{}, rowsOf(s.Schema(data.Inspections), part, 3)); err != nil {
		t.Fatal(err)
	}
	mark, err := s.Mark(context.Background(), data.Inspections)
	if err != nil {
		t.Fatal(err)
	}
	return mark
}

func lineageOf(t *testing.T, s *Store, mark int64) string {
	t.Helper()
	lineage, err := s.Lineage(context.Background(), data.Inspections, mark)
	if err != nil {
		t.Fatal(err)
	}
	return lineage
}

func TestAChangeHasTheLineageOfItsOpening(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), DefaultName)
	s := reopen(t, nil, path)
	first, second := keepPart(t, s, 1), keepPart(t, s, 2)
	old := lineageOf(t, s, first)
	if old == "" || lineageOf(t, s, second) != old {
		t.Errorf("lineages of one opening are %q and %q, want one", old, lineageOf(t, s, second))
	}
	s = reopen(t, s, path) // changes nothing
	s = reopen(t, s, path)
	failure := errors.New("no")
	err := s.write(ctx, func(c session) error {
		if _, err := s.change(c, "nothing"); err != nil {
			return err
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Fatalf("write: %v", err)
	}
	third := keepPart(t, s, 3)
	if got := lineageOf(t, s, third); got == old || got == "" {
		t.Errorf("lineage after an opening is %q, before it was %q", got, old)
	}
	if got := lineageOf(t, s, second); got != old {
		t.Errorf("lineage of an old mark went from %q to %q", old, got)
	}
	sessions := func() (n int64) {
		err := s.read(ctx, func(c session) (err error) {
			n, err = c.number("SELECT count(*) FROM civgrid_session")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	keepPart(t, s, 3)
	if n := sessions(); n != 2 {
		t.Errorf("%d sessions are kept, want 2: an opening that changes nothing is none", n)
	}
}

func TestACopyThatIsWrittenToHasAnotherLineage(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := reopen(t, nil, filepath.Join(dir, DefaultName))
	common := keepPart(t, s, 1)
	if err := s.Backup(ctx, filepath.Join(dir, "copy.gpkg")); err != nil {
		t.Fatal(err)
	}
	parted := keepPart(t, s, 2)
	other := reopen(t, nil, filepath.Join(dir, "copy.gpkg"))
	if got := lineageOf(t, other, parted); got != "" {
		t.Errorf("lineage of a mark the copy has not reached is %q", got)
	}
	if mark := keepPart(t, other, 2); mark != parted {
		t.Fatalf("the copy's mark is %d, want %d", mark, parted)
	}
	if a, b := lineageOf(t, s, common), lineageOf(t, other, common); a != b {
		t.Errorf("before they part the lineages are %q and %q, want one", a, b)
	}
	if a, b := lineageOf(t, s, parted), lineageOf(t, other, parted); a == b || b == "" {
		t.Errorf("after they part the lineages are %q and %q, want two", a, b)
	}
	want, err := s.Version(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := other.Version(ctx); got != want || err != nil {
		t.Errorf("version of the copy is %s (%v), want %s: the content is the same", got, err, want)
	}
}
