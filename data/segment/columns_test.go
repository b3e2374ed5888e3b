package segment

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

// older is a store as a program saw it that did not know the later columns.
type older struct{ *memory.Store }

func (s older) Schema(d data.Dataset) (columns []data.Column) {
	for _, c := range s.Store.Schema(d) {
		if !c.Later {
			columns = append(columns, c)
		}
	}
	return columns
}

func (s older) Since(ctx context.Context, d data.Dataset, mark int64) data.Batches {
	var names []string
	for _, c := range s.Schema(d) {
		names = append(names, c.Name)
	}
	return func(yield func(data.Batch, error) bool) {
		for b, err := range s.Store.Since(ctx, d, mark) {
			if err == nil {
				b, err = b.Project(append(names, "seq")...)
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

func TestFilesWithoutLaterColumnsAreBuiltAnew(t *testing.T) {
	random := rand.New(rand.NewPCG(45, 45))
	store, dir := memory.New(), t.TempDir()
	for _, d := range data.Datasets() {
		put(t, store, d, fakes(random, store.Schema(d), 400, 300))
	}
	before, err := Open(t.Context(), older{store}, dir, Options{DeltaRows: 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := before.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, st := range before.Stats() {
		if !st.Ready {
			t.Fatalf("the older program has no files of %s", st.Dataset)
		}
	}
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c := open(t, store, dir, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for _, d := range data.Datasets() {
		q := data.Query{Dataset: d}
		if diff := cmp.Diff(scan(t, store, q), scan(t, c, q)); diff != "" {
			t.Errorf("scan of %s (-store +cache):\n%s", d, diff)
		}
	}
	if got := strings.Count(log.String(), errColumns.Error()); got != len(data.Datasets()) {
		t.Errorf("%d datasets are built anew for their columns, want %d:\n%s", got, len(data.Datasets()), log.String())
	}
}
