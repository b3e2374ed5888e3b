package segment

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

// fickle is a store of which the one beneath may be replaced, and that may
// refuse to tell lineages.
type fickle struct {
	*memory.Store
	fail error
}

func (s *fickle) Lineage(ctx context.Context, d data.Dataset, mark int64) (string, error) {
	if s.fail != nil {
		return "", s.fail
	}
	return s.Store.Lineage(ctx, d, mark)
}

func TestAStoreThatIsPutBackUnderTheCacheIsNoticed(t *testing.T) {
	r := rand.New(rand.NewPCG(43, 43))
	store := &fickle{Store: memory.New()}
	c := open(t, store, t.TempDir(), Options{DeltaRows: 40})
	q := data.Query{Dataset: data.Incidents}
	for changes := range 4 { // each has one more than the one before
		store.Store = memory.New()
		for range 1 + changes {
			put(t, store, data.Incidents, fakes(r, store.Schema(data.Incidents), 60, 300))
		}
		if diff := cmp.Diff(scan(t, store, q), scan(t, c, q)); diff != "" {
			t.Errorf("scan of store %d (-store +cache):\n%s", changes, diff)
		}
	}
}

func TestAStoreThatDoesNotTellItsLineageIsNotCached(t *testing.T) {
	r := rand.New(rand.NewPCG(44, 44))
	store, dir := &fickle{Store: memory.New(), fail: errors.New("connection lost")}, t.TempDir()
	put(t, store, data.Incidents, fakes(r, store.Schema(data.Incidents), 60, 300))
	c := open(t, store, dir, Options{DeltaRows: 10})
	for _, err := range c.Scan(context.Background(), data.Query{Dataset: data.Incidents}) {
		if !errors.Is(err, store.fail) {
			t.Errorf("scan: %v, want %v", err, store.fail)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("folder holds %v, want nothing", left)
	}
	failure := store.fail
	store.fail = nil
	if err := c.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	kept, _ := filepath.Glob(filepath.Join(dir, "*"))
	store.fail = failure
	if _, err := Open(context.Background(), store, dir, Options{}); !errors.Is(err, failure) {
		t.Errorf("Open: %v, want %v", err, failure)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); !cmp.Equal(kept, left) || len(kept) == 0 {
		t.Errorf("folder holds %v, want %v", left, kept)
	}
}
