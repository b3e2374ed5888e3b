package postgis_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// TestOfManyWritersOfTheSameFactsTheLatestVersionStays has writers, over two
// pools as if they were two processes, append chunks that overlap, each in an
// order of its own and of two sources at once.
func TestOfManyWritersOfTheSameFactsTheLatestVersionStays(t *testing.T) {
	t.Parallel()
	const writers, facts, versions, chunk = 16, 60, 24, 60
	url := pgtest.Shared(t).Database(t)
	stores := []*postgis.Store{openClosed(t, url, postgis.Options{}), openClosed(t, url, postgis.Options{})}
	reference := memory.New()
	shares := make([][]fact, writers) // each version is in three of them
	for source := range 2 {
		for id := range facts {
			for v := range versions {
				f := fact{source: fmt.Sprint("source ", source), id: fmt.Sprint(id), version: v, note: fmt.Sprint("version ", v), stamp: v + 1}
				for copies := range 3 {
					w := (id + v + copies*5) % writers
					shares[w] = append(shares[w], f)
				}
				if v == versions-1 {
					add(t, reference, data.Chunk{}, f)
				}
			}
		}
	}
	var work sync.WaitGroup
	totals := make([]data.Changes, writers)
	for w, share := range shares {
		rand.New(rand.NewPCG(12, uint64(w))).Shuffle(len(share), func(i, j int) { share[i], share[j] = share[j], share[i] })
		s := stores[w%len(stores)]
		work.Go(func() {
			for n := 0; n*chunk < len(share); n++ {
				part := batchOf(s.Schema(data.Incidents), share[n*chunk:min(len(share), (n+1)*chunk)]...)
				changes, err := s.Append(t.Context(), data.Incidents, data.Chunk{Import: fmt.Sprint("writer ", w), Number: n + 1}, part)
				if err != nil {
					t.Errorf("chunk %d of writer %d: %v", n+1, w, err)
					return
				}
				totals[w].Add(changes)
			}
		})
	}
	work.Wait()
	var total data.Changes
	for _, c := range totals {
		total.Add(c)
	}
	const rows = 3 * 2 * facts * versions
	if total.Inserted != 2*facts || total.Rows() != rows || total.Restamped != 0 {
		t.Errorf("changes are %+v, %d in all, want %d inserted, none restamped, %d in all", total, total.Rows(), 2*facts, rows)
	}
	if past := ask[int64](t, url, "SELECT count(*) FROM civgrid.incident_past"); past == 0 || past > total.Replaced {
		t.Errorf("%d versions are history, want some and no more than the %d replaced", past, total.Replaced)
	}
	for _, s := range stores {
		if got, want := versionOf(t, s), versionOf(t, reference); got != want {
			t.Errorf("Version is %s, want %s, that of the latest versions", got, want)
		}
	}
	t.Logf("changes %+v", total)
	audit(t, stores[0], url)
}
