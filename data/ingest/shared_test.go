package ingest_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo"
)

// shared is where public data sets may lie beside the repository; they are not
// part of it.
const shared = "../../../shared/data"

// sharedFile returns a file of the public data, or skips the test.
func sharedFile(t testing.TB, name string) ingest.Input {
	t.Helper()
	path := filepath.Join(shared, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the public data set %s is not here", name)
	}
	in, err := ingest.File(path)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func importFile(t testing.TB, store data.Store, in ingest.Input, o ingest.Options) ingest.Result {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	r, err := ingest.Import(context.Background(), store, in, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func importBoundaries(t testing.TB, store data.Store, name string, o ingest.BoundaryOptions) ingest.BoundaryResult {
	t.Helper()
	r, err := ingest.Boundaries(context.Background(), store, sharedFile(t, name), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ruleRows returns the count of a rule in a report.
func ruleRows(t testing.TB, r *data.Report, key string) int64 {
	t.Helper()
	for _, rule := range r.Rules {
		if rule.Rule == key {
			return rule.Rows
		}
	}
	t.Fatalf("report has no rule %s", key)
	return 0
}

func newStore() *memory.Store { return memory.New() }

// coarseStore returns a store that serves one resolution, for files of which
// cells are not looked at: most of an import is finding cells.
func coarseStore(t testing.TB) *memory.Store {
	t.Helper()
	store := memory.New()
	if err := store.PutSettings(context.Background(), data.Settings{Resolutions: []geo.Resolution{8}}); err != nil {
		t.Fatal(err)
	}
	return store
}
