package postgis_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
	"github.com/civgrid/civgrid/data/segment"
)

// largeVariable is the environment variable that asks for the full size of the
// tests that have one.
const largeVariable = "CIVGRID_TEST_LARGE"

// TestAFollowerOfEightWritersEqualsAFreshScan has eight writers append, each
// chunk with new facts and newer versions of those of the chunk before, and a
// segment cache follow. In between the cache holds whole chunks only; in the end
// what it holds equals what a fresh scan of the database gives.
//
// Two hundred thousand rows are appended, or two million where the environment
// variable CIVGRID_TEST_LARGE is set; that takes some minutes.
func TestAFollowerOfEightWritersEqualsAFreshScan(t *testing.T) {
	t.Parallel()
	const writers = 8
	fresh, again := 2000, 500 // rows of a chunk that are new, and that are not
	chunks := 11              // of a writer
	if testing.Short() {
		fresh, again, chunks = 200, 50, 4
	}
	if os.Getenv(largeVariable) != "" {
		chunks = 101
	}
	url := pgtest.Shared(t).Database(t)
	s := openClosed(t, url, postgis.Options{Connections: writers})
	beneath := openClosed(t, url, postgis.Options{})
	cache, err := segment.Open(t.Context(), beneath, t.TempDir(), segment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	began := time.Now()
	var work sync.WaitGroup
	for w := range writers {
		work.Go(func() {
			for n := range chunks {
				rows := batchOf(s.Schema(data.Incidents), chunkOfWriter(w, n, fresh, again)...)
				if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{Import: fmt.Sprint("writer ", w), Number: n + 1}, rows); err != nil {
					t.Errorf("chunk %d of writer %d: %v", n+1, w, err)
					return
				}
			}
		})
	}
	defer work.Wait()
	done := make(chan struct{})
	go func() { work.Wait(); close(done) }()
	looks := 0
	for last := false; !last; looks++ {
		select {
		case <-done:
			last = true
		case <-time.After(50 * time.Millisecond):
		}
		wantWholeChunks(t, cache, fresh)
	}
	took := time.Since(began)

	got, want := sumOf(t, cache, data.Incidents), sumOf(t, beneath, data.Incidents)
	if rows := int64(writers * chunks * fresh); got != want || want.Rows != rows {
		t.Errorf("the follower has %+v and a fresh scan %+v, want equal and %d rows", got, want, rows)
	}
	rows := writers * (chunks*fresh + (chunks-1)*again)
	t.Logf("%d rows appended in %v (%.0f a second), %d looks of the follower", rows, took.Round(time.Millisecond), float64(rows)/took.Seconds(), looks)
	audit(t, beneath, url)
}

// chunkOfWriter returns chunk n of a writer: facts that are new, and of the
// facts of the chunk before the first ones in a newer version.
func chunkOfWriter(w, n, fresh, again int) []fact {
	source, facts := fmt.Sprint("writer ", w), make([]fact, 0, fresh+again)
	for i := range fresh {
		facts = append(facts, fact{source: source, id: fmt.Sprint(n*fresh + i), version: 1, note: fmt.Sprint("chunk ", n), stamp: 1 + i})
	}
	for i := range again {
		if n > 0 {
			facts = append(facts, fact{source: source, id: fmt.Sprint((n-1)*fresh + i), version: 2, note: fmt.Sprint("chunk ", n, " again"), stamp: 1 + i})
		}
	}
	return facts
}

// wantWholeChunks tests that a source has chunks of writers whole or not at all.
func wantWholeChunks(t *testing.T, s data.Source, fresh int) {
	t.Helper()
	type part struct {
		source string
		chunk  int
	}
	rows := map[part]int{}
	for b, err := range s.Scan(context.Background(), data.Query{Dataset: data.Incidents, Columns: []string{"source", "id"}}) {
		if err != nil {
			t.Fatal(err)
		}
		sources, ids := b.Codes("source"), b.Texts("id")
		for row := range b.Len() {
			id := 0
			for _, digit := range ids.At(row) {
				id = 10*id + int(digit-'0')
			}
			rows[part{sources.At(row), id / fresh}]++
		}
	}
	for p, n := range rows {
		if n != fresh {
			t.Errorf("of chunk %d of %s the follower has %d rows, want all %d or none", p.chunk+1, p.source, n, fresh)
		}
	}
}
