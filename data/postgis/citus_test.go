package postgis_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
	"github.com/civgrid/civgrid/data/storetest"
)

// distribute makes a store spread over the workers of a cluster.
func distribute(t *testing.T, url string) {
	t.Helper()
	m, err := postgis.Migrate(t.Context(), url, postgis.MigrateOptions{Distributed: true, Shards: 4})
	if err != nil {
		t.Fatal(err)
	}
	if !m.Distributed {
		t.Fatal("the store is not distributed")
	}
}

func TestCitusKeepsThePromisesOfStores(t *testing.T) {
	cluster := pgtest.StartCluster(t, 2)
	url := cluster.Database(t)
	storetest.Run(t, func(t *testing.T) data.Store {
		cluster.Coordinator.Exec(t, url, "DROP SCHEMA IF EXISTS civgrid CASCADE")
		distribute(t, url)
		return open(t, url, postgis.Options{})
	})
}

// citusStore returns a store on a cluster of two workers.
func citusStore(t *testing.T, options postgis.Options) (*pgtest.Cluster, *postgis.Store) {
	t.Helper()
	cluster := pgtest.StartCluster(t, 2)
	url := cluster.Database(t)
	distribute(t, url)
	s := open(t, url, options)
	t.Cleanup(func() { s.Close() })
	return cluster, s
}

// citusRows are incidents of a source in one batch.
func citusRows(s data.Store, source string, from, n int) data.Batch {
	rows := make([]storetest.Row, n)
	for i := range rows {
		rows[i] = storetest.Row{
			"source": source, "id": fmt.Sprintf("%s-%d", source, from+i), "location": "none", "status": "open",
			"category": fmt.Sprint("kind ", i%7), "reported_at": int64(1_700_000_000_000_000 + i*1_000_000), "updated_at": int64(from + i),
		}
	}
	return storetest.Batch(s.Schema(data.Incidents), rows...)
}

// TestCitusReadersSeeWholeBatches has writers append to a cluster while readers
// scan, follow and add up: what they see is whole batches, though a cluster has
// no moment that holds for all its workers.
func TestCitusReadersSeeWholeBatches(t *testing.T) {
	_, s := citusStore(t, postgis.Options{Connections: 16})
	const writers, batches, rows = 4, 12, 50
	var writing sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for b := range batches {
				if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, citusRows(s, fmt.Sprint("w", w), b*rows, rows)); err != nil {
					t.Errorf("Append: %v", err)
					return
				}
			}
		})
	}
	go func() { writing.Wait(); close(done) }()
	looks, mark, followed := 0, int64(0), map[string]bool{}
	for last := false; !last; looks++ {
		select {
		case <-done:
			last = true
		default:
		}
		if n := countRows(t, s); n%rows != 0 {
			t.Errorf("a scan sees %d rows, want whole batches of %d", n, rows)
		}
		if n := addedUp(t, s); n%rows != 0 {
			t.Errorf("a rollup counts %d rows, want whole batches of %d", n, rows)
		}
		next, err := s.Mark(t.Context(), data.Incidents)
		if err != nil {
			t.Fatal(err)
		}
		for b, err := range s.Since(t.Context(), data.Incidents, mark) {
			if err != nil {
				t.Fatal(err)
			}
			for i := range b.Len() {
				followed[b.Texts("id").At(i)] = true
			}
		}
		mark = next
		if len(followed)%rows != 0 {
			t.Errorf("a follower has %d rows, want whole batches of %d", len(followed), rows)
		}
	}
	if want := writers * batches * rows; countRows(t, s) != want || len(followed) != want {
		t.Errorf("%d rows in the end, %d followed, want %d of both", countRows(t, s), len(followed), want)
	}
	t.Logf("%d looks at %d batches", looks, writers*batches)
}

func countRows(t *testing.T, s data.Source) (n int) {
	t.Helper()
	for b, err := range s.Scan(t.Context(), data.Query{Dataset: data.Incidents, Columns: []string{"id"}}) {
		if err != nil {
			t.Fatal(err)
		}
		n += b.Len()
	}
	return n
}

// byKind is a rollup by category.
func byKind() data.Rollup {
	return data.Rollup{Name: "kinds", Dataset: data.Incidents, Keys: []data.Key{data.ByCode{Column: "category"}}, Counts: []data.Count{{Name: "n"}}}
}

func addedUp(t *testing.T, s data.Aggregator) (n int) {
	t.Helper()
	for b, err := range s.Aggregate(t.Context(), byKind()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, count := range b.Ints("n") {
			n += int(count)
		}
	}
	return n
}

// TestCitusWorkerLost kills a worker. Until it is back every question that
// needs it is an error that names it, and never a part passed off as whole.
func TestCitusWorkerLost(t *testing.T) {
	cluster, s := citusStore(t, postgis.Options{Patience: 300 * time.Millisecond})
	if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, citusRows(s, "s", 0, 500)); err != nil {
		t.Fatal(err)
	}
	before, err := s.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lost := cluster.Workers[1]
	lost.Kill()
	name := fmt.Sprintf("127.0.0.1:%d", lost.Port())
	wantLost := func(what string, rows int, err error) {
		t.Helper()
		if !errors.Is(err, data.ErrUnavailable) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s without a worker: %d rows, error %v; want data.ErrUnavailable that names %s", what, rows, err, name)
		}
	}
	rows := 0
	var failed error
	for b, err := range s.Scan(t.Context(), data.Query{Dataset: data.Incidents}) {
		failed = err
		rows += b.Len()
	}
	wantLost("Scan", rows, failed)
	rows, failed = 0, nil
	for b, err := range s.Aggregate(t.Context(), byKind()) {
		failed = err
		rows += b.Len()
	}
	wantLost("Aggregate", rows, failed)
	_, err = s.Append(t.Context(), data.Incidents, data.Chunk{}, citusRows(s, "s", 500, 500))
	wantLost("Append", 0, err)
	if _, err := s.Communities(t.Context()); err != nil {
		t.Errorf("communities, of which every node has a copy, cannot be read without a worker: %v", err)
	}

	lost.Restart(t)
	if got, err := s.Version(t.Context()); err != nil || got != before || countRows(t, s) != 500 {
		t.Errorf("with the worker back: %d rows of version %s, error %v; want 500 of %s", countRows(t, s), got, err, before)
	}
	changes, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, citusRows(s, "s", 500, 500))
	if diff := cmp.Diff(data.Changes{Inserted: 500}, changes); diff != "" || err != nil {
		t.Errorf("Append with the worker back: error %v, changes (-want +got):\n%s", err, diff)
	}
}

// TestCitusWorkersDieWhileWriting kills a worker again and again while an import
// runs: nothing is lost or doubled.
func TestCitusWorkersDieWhileWriting(t *testing.T) {
	cluster, s := citusStore(t, postgis.Options{Patience: time.Minute})
	const chunks, rows, kills = 60, 40, 5
	done := make(chan error, 1)
	go func() {
		for n := range chunks {
			chunk := data.Chunk{Import: "x", Number: n + 1}
			changes, err := s.Append(t.Context(), data.Incidents, chunk, citusRows(s, "s", n*rows, rows))
			if err == nil && changes != (data.Changes{Inserted: rows}) {
				err = fmt.Errorf("chunk %d made changes %+v, want %d inserted", n, changes, rows)
			}
			if err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for k := range kills {
		time.Sleep(150 * time.Millisecond)
		w := cluster.Workers[k%2]
		w.Kill()
		time.Sleep(100 * time.Millisecond)
		w.Restart(t)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := countRows(t, s); n != chunks*rows {
		t.Errorf("%d rows, want %d", n, chunks*rows)
	}
	if n := addedUp(t, s); n != chunks*rows {
		t.Errorf("a rollup counts %d rows, want %d", n, chunks*rows)
	}
}

// TestCitusBatchIsPublishedWhole has a worker lack a row of a committed batch,
// as one does that was lost before it was told to commit: until the row is there
// the batch stays unpublished, and nobody writes past it.
func TestCitusBatchIsPublishedWhole(t *testing.T) {
	cluster := pgtest.StartCluster(t, 2)
	url := cluster.Database(t)
	distribute(t, url)
	s := open(t, url, postgis.Options{Patience: 200 * time.Millisecond})
	defer s.Close()
	for _, source := range []string{"a", "b"} {
		if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, citusRows(s, source, 0, 20)); err != nil {
			t.Fatal(err)
		}
	}
	sql := func(text string) { cluster.Coordinator.Exec(t, url, text) }
	sql("CREATE TABLE aside AS SELECT * FROM civgrid.incident WHERE id = 'b-7'")
	sql("DELETE FROM civgrid.incident WHERE id = 'b-7'")
	sql(`UPDATE civgrid.dataset SET rows = 20, digest = d.digest, mark = 1 FROM (SELECT digest FROM civgrid.batch WHERE mark = 1) d
		WHERE dataset = 'incidents'`)
	sql("UPDATE civgrid.batch SET state = 1, mark = NULL, at = NULL, nonce = NULL WHERE mark = 2")
	sql("UPDATE civgrid.clock SET mark = 1")
	if n := countRows(t, s); n != 20 {
		t.Errorf("%d rows while a batch is not published, want the 20 of the other", n)
	}
	_, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, citusRows(s, "c", 0, 20))
	if !errors.Is(err, data.ErrUnavailable) || !strings.Contains(err.Error(), "of the 20 rows") {
		t.Errorf("Append past a batch that is not whole: %v, want data.ErrUnavailable that tells how many rows there are", err)
	}
	sql("INSERT INTO civgrid.incident SELECT * FROM aside")
	if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, citusRows(s, "c", 0, 20)); err != nil {
		t.Fatal(err)
	}
	if n := countRows(t, s); n != 60 {
		t.Errorf("%d rows in the end, want 60", n)
	}
}

// TestCitusAddsUpOnTheWorkers looks at the plan: each worker groups its own
// rows, and the coordinator adds the groups.
func TestCitusAddsUpOnTheWorkers(t *testing.T) {
	_, s := citusStore(t, postgis.Options{})
	if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, citusRows(s, "s", 0, 5000)); err != nil {
		t.Fatal(err)
	}
	r := byKind()
	r.Keys = append(r.Keys, data.ByHourOfWeek{Column: "reported_at", Zone: time.UTC})
	sums := data.Rollup{
		Name: "problems", Dataset: data.Inspections, Keys: []data.Key{data.ByCode{Column: "result"}},
		Sums: []data.Sum{{Name: "found", Column: "found"}, {Name: "unscored", Column: "found", Where: data.Missing{Column: "score"}}},
	}
	for _, r := range []data.Rollup{r, sums} {
		choice, err := s.Weigh(t.Context(), []data.Rollup{r})
		if err != nil {
			t.Fatal(err)
		}
		worker := choice.Plan[strings.Index(choice.Plan, "Task Count")+1:]
		if !choice.PushDown || !strings.Contains(choice.Plan, "Custom Scan (Citus Adaptive)") || !strings.Contains(worker, "Aggregate") {
			t.Errorf("%s: push-down %t, plan:\n%s", r.Name, choice.PushDown, choice.Plan)
		}
		t.Log("\n" + choice.Plan)
	}
}
