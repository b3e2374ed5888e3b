package segment

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo"
)

// sum adds up the digests of all rows that a query gives.
func sum(t testing.TB, source data.Source, q data.Query) (total uint64, rows int) {
	t.Helper()
	for b, err := range source.Scan(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		for _, stamped := range []bool{false, true} {
			for _, digest := range data.Digests(nil, b, stamped) {
				total += digest
			}
		}
		rows += b.Len()
	}
	return total, rows
}

// everything is queries that together use every byte of a cache.
func everything() []data.Query {
	return []data.Query{
		{Dataset: data.Incidents},
		{Dataset: data.Incidents, Where: data.Compare{Column: "cell_11", Value: geo.Cell(7)}},
	}
}

func copyFolder(t testing.TB, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "cache")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// damage changes a random file of the folder and says how.
func damage(t testing.TB, r *rand.Rand, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files %v, %v", files, err)
	}
	path := files[r.IntN(len(files))]
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	how, damaged := distort(r, b)
	for bytes.Equal(b, damaged) {
		how, damaged = distort(r, b)
	}
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	return filepath.Base(path) + ": " + how
}

func distort(r *rand.Rand, b []byte) (how string, damaged []byte) {
	b = bytes.Clone(b)
	at := r.IntN(len(b))
	if r.IntN(3) == 0 {
		at = r.IntN(min(len(b), headerSize))
	}
	switch r.IntN(5) {
	case 0:
		return "cut off", b[:at]
	case 1:
		clear(b[at:min(at+4096, len(b))])
		return "zeroed page", b
	case 2:
		return "bytes appended", append(b, b[at:]...)
	case 3:
		b[at] = byte(r.Uint32())
		return "byte changed", b
	}
	b[at] ^= 1 << r.IntN(8)
	return "bit flipped", b
}

func TestEveryDamageIsCaughtAndMended(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 11))
	store, pristine := memory.New(), t.TempDir()
	c := open(t, store, pristine, Options{SegmentRows: 100, DeltaRows: 30})
	for range 6 {
		put(t, c, data.Incidents, fakes(r, store.Schema(data.Incidents), 60, 300))
		scan(t, c, data.Query{Dataset: data.Incidents, Columns: []string{"id"}})
	}
	var want []uint64
	for _, q := range everything() {
		total, _ := sum(t, store, q)
		want = append(want, total)
	}
	rounds := 200
	if testing.Short() {
		rounds = 30
	}
	for round := range rounds {
		dir := copyFolder(t, pristine)
		how := damage(t, r, dir)
		for _, when := range []string{"with damage", "afterwards"} {
			var notes bytes.Buffer
			c, err := Open(context.Background(), store, dir, Options{Logger: slog.New(slog.NewTextHandler(&notes, nil))})
			if err != nil {
				t.Fatal(err)
			}
			for i, q := range everything() {
				if got, rows := sum(t, c, q); got != want[i] {
					t.Fatalf("round %d, %s: scan %d %s gave %d rows and another sum", round, how, i, when, rows)
				}
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			if noted := strings.Contains(notes.String(), "built anew"); noted != (when == "with damage") {
				t.Fatalf("round %d, %s: noted damage %s: %v; notes: %s", round, how, when, noted, &notes)
			}
		}
	}
}

func TestFilesThatDoNotBelongAreNotUsed(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 12))
	store, dir := memory.New(), t.TempDir()
	fill := func(store *memory.Store, times int) {
		t.Helper()
		for range times {
			put(t, store, data.Resources, fakes(r, store.Schema(data.Resources), 40, 1000))
		}
	}
	refreshed := func(store *memory.Store) {
		t.Helper()
		if err := open(t, store, dir, Options{}).Refresh(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	same := func(store *memory.Store) {
		t.Helper()
		q := data.Query{Dataset: data.Resources}
		if diff := cmp.Diff(scan(t, store, q), scan(t, open(t, store, dir, Options{}), q)); diff != "" {
			t.Errorf("scan (-store +cache):\n%s", diff)
		}
	}
	fill(store, 5)
	refreshed(store)

	putBack := memory.New()
	fill(putBack, 3)
	same(putBack) // its mark is smaller

	refreshed(store)
	other := memory.New()
	fill(other, 9)
	same(other) // its mark is greater

	refreshed(store)
	columns := memory.New()
	if err := columns.PutSettings(context.Background(), data.Settings{Resolutions: []geo.Resolution{9, 10}}); err != nil {
		t.Fatal(err)
	}
	fill(columns, 9)
	same(columns)
}

func TestWhatACrashLeavesIsRemoved(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 13))
	store, dir := memory.New(), t.TempDir()
	put(t, store, data.Incidents, fakes(r, store.Schema(data.Incidents), 40, 1<<40))
	if err := open(t, store, dir, Options{}).Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	kept, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range []string{"123.tmp", "incidents-00000077.seg", "inspections-00000001.seg"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half a file"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := open(t, store, dir, Options{})
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); !cmp.Equal(kept, left) {
		t.Errorf("folder holds %v, want %v", left, kept)
	}
	if got := c.Stats()[0]; !got.Ready || got.Rows != 40 || got.Segments != 1 {
		t.Errorf("Stats() = %+v, want 40 rows in one segment", got)
	}
}

func TestWithoutADiskTheStoreAnswers(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 14))
	store, dir := memory.New(), filepath.Join(t.TempDir(), "cache")
	c := open(t, store, dir, Options{})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // in the place of the folder
		t.Fatal(err)
	}
	put(t, c, data.Incidents, fakes(r, store.Schema(data.Incidents), 40, 1000))
	q := data.Query{Dataset: data.Incidents}
	if diff := cmp.Diff(scan(t, store, q), scan(t, c, q)); diff != "" {
		t.Errorf("scan (-store +cache):\n%s", diff)
	}
	if err := c.Refresh(context.Background()); err == nil {
		t.Error("Refresh without a folder succeeded")
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := c.Refresh(context.Background()); err != nil {
		t.Errorf("Refresh after the disk is back: %v", err)
	}
	if diff := cmp.Diff(scan(t, store, q), scan(t, c, q)); diff != "" || c.Stats()[0].Segments != 1 {
		t.Errorf("%+v; scan (-store +cache):\n%s", c.Stats()[0], diff)
	}
}
