package segment

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

func TestBatchesMayBeKept(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(21, 21))
	store, dir := memory.New(), t.TempDir()
	columns := store.Schema(data.Incidents)
	put(t, store, data.Incidents, fakes(r, columns, 3000, 4000))
	c := open(t, store, dir, Options{})
	q := data.Query{Dataset: data.Incidents}
	scan(t, c, q)
	before, _ := filepath.Glob(filepath.Join(dir, "*.seg"))

	// What is kept is a batch, and of another one only a slice and a string.
	var batch data.Batch
	var times []int64
	var word string
	for b, err := range c.Scan(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		batch = b
	}
	for b := range c.Scan(context.Background(), q) {
		times, word = b.Ints("reported_at"), b.Codes("status").Words[0]
	}
	wantRows, wantTimes, wantWord := format(batch), slices.Clone(times), fmt.Sprint(word)

	put(t, store, data.Incidents, fakes(r, columns, 3000, 4000))
	if err := c.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	if after, _ := filepath.Glob(filepath.Join(dir, "*.seg")); cmp.Equal(before, after) {
		t.Fatalf("folder still holds %v, want it built anew", after)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		runtime.GC()
	}
	if !slices.Equal(times, wantTimes) || word != wantWord {
		t.Error("a slice or string kept across rebuild and Close has changed")
	}
	if diff := cmp.Diff(wantRows, format(batch)); diff != "" {
		t.Errorf("batch kept across rebuild and Close (-before +after):\n%s", diff)
	}
}

func TestMemoryNobodySawIsGivenBack(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 22))
	store := memory.New()
	put(t, store, data.Incidents, fakes(r, store.Schema(data.Incidents), 30, 40))
	c := open(t, store, t.TempDir(), Options{})
	if err := c.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	m := c.sets[data.Incidents].newest.Load().layers[0].table.mapping
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if !m.closed || m.lend() {
		t.Error("mapping is still there")
	}
}

func TestScansAfterCloseFail(t *testing.T) {
	c := open(t, memory.New(), t.TempDir(), Options{})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for _, err := range c.Scan(context.Background(), data.Query{Dataset: data.Incidents}) {
		if !errors.Is(err, errClosed) {
			t.Errorf("scan after Close: %v, want %v", err, errClosed)
		}
		return
	}
	t.Error("scan after Close gave nothing, want an error")
}

// TestScansSeeOneMoment has a writer give all of a hundred rows the same number
// in one transaction, again and again, while others scan.
func TestScansSeeOneMoment(t *testing.T) {
	t.Parallel()
	const people, rounds, readers = 100, 60, 3
	store := memory.New()
	c := open(t, store, t.TempDir(), Options{SegmentRows: 64, DeltaRows: 150})
	columns := store.Schema(data.Inspections)
	var done atomic.Int64
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() {
			for done.Load() < rounds {
				if err := sameNumber(c, people, &done); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for round := range int64(rounds) {
		put(t, c, data.Inspections, numbered(columns, people, round))
		done.Store(round + 1)
		if round%10 == 9 {
			if err := c.Refresh(context.Background()); err != nil {
				t.Error(err)
			}
		}
	}
	wg.Wait()
	if err := sameNumber(c, people, &done); err != nil {
		t.Error(err)
	}
}

// numbered makes rows that all found the same number of problems.
func numbered(columns []data.Column, people int, number int64) data.Batch {
	b := data.NewBuilder(columns)
	r := rand.New(rand.NewPCG(23, uint64(number)))
	for p := range people {
		for i, c := range columns {
			switch c.Name {
			case "source":
				b.SetText(i, "field")
			case "id":
				b.SetText(i, fmt.Sprint(p))
			case "found":
				b.SetInt(i, number)
			case "updated_at", data.Withdrawn:
				b.Missing(i)
			default:
				fake(r, b, i, c)
			}
		}
	}
	return b.Build()
}

// sameNumber tests that a scan gives all rows, each with one number, the one
// that was written last before the scan began or a later one.
func sameNumber(c *Cache, people int, done *atomic.Int64) error {
	least := done.Load() - 1
	if least < 0 {
		return nil
	}
	seen := map[int64]int{}
	for b, err := range c.Scan(context.Background(), data.Query{Dataset: data.Inspections, Columns: []string{"found"}}) {
		if err != nil {
			return err
		}
		for _, n := range b.Ints("found") {
			seen[n]++
		}
	}
	for n, rows := range seen {
		if len(seen) != 1 || rows != people || n < least {
			return fmt.Errorf("scan saw rows by number %v, want %d rows of one number from %d on", seen, people, least)
		}
	}
	if len(seen) == 0 {
		return fmt.Errorf("scan saw no rows, want %d", people)
	}
	return nil
}

func TestAScanThatIsCancelledEndsWithTheReason(t *testing.T) {
	r := rand.New(rand.NewPCG(24, 24))
	store := memory.New()
	put(t, store, data.Incidents, fakes(r, store.Schema(data.Incidents), 30, 40))
	c := open(t, store, t.TempDir(), Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, err := range c.Scan(ctx, data.Query{Dataset: data.Incidents}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled scan: %v", err)
		}
		return
	}
	t.Error("cancelled scan ended without an error")
}

func TestManySmallChangesLeaveFewFiles(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(25, 25))
	store, dir := memory.New(), t.TempDir()
	c := open(t, store, dir, Options{})
	for range 40 {
		put(t, store, data.Incidents, fakes(r, store.Schema(data.Incidents), 20, 1<<40))
		if err := c.Refresh(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
	if got := c.Stats()[0]; got.Rows != 800 || got.Segments > 8 || got.Segments != len(files) || got.DeltaRows != 0 {
		t.Errorf("Stats() = %+v with %d files, want 800 rows in at most 8 segments", got, len(files))
	}
}
