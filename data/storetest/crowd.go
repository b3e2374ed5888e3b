package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/civgrid/civgrid/data"
)

func crowds() []promise {
	return []promise{
		{"of many writers the latest version of each fact stays", manyWriters},
		{"a scan sees one moment while appends go on", oneMoment},
	}
}

// manyWriters lets several goroutines append overlapping facts in small
// batches, each version of a fact by one of them.
func manyWriters(t *testing.T, s data.Store) {
	const writers, facts, versions = 8, 40, 24
	batches := make([][][]Row, writers)
	var last []Row
	for w := range batches {
		random := rand.New(rand.NewPCG(5, uint64(w)))
		var rows []Row
		for v := w; v < versions; v += writers {
			for i := range facts {
				r := fact(fmt.Sprint(i), Row{"updated_at": at(v), "category": fmt.Sprint("written by ", w), "channel": fmt.Sprint(v)})
				rows = append(rows, r)
				if v == versions-1 {
					last = append(last, r)
				}
			}
		}
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for ; len(rows) > 0; rows = rows[min(10, len(rows)):] {
			batches[w] = append(batches[w], rows[:min(10, len(rows))])
		}
	}
	var wg sync.WaitGroup
	var total data.Changes
	var mu sync.Mutex
	schema := s.Schema(data.Incidents)
	for w := range batches {
		wg.Go(func() {
			for n, rows := range batches[w] {
				c := data.Chunk{Import: fmt.Sprint("w", w), Number: n + 1}
				changes, err := s.Append(context.Background(), data.Incidents, c, Batch(schema, rows...))
				if err != nil {
					t.Errorf("Append: %v", err)
					return
				}
				mu.Lock()
				total.Add(changes)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	wantRows(t, s, data.Incidents, last...)
	if total.Inserted != facts || total.Rows() != facts*versions {
		t.Errorf("changes %+v, want %d inserted of %d", total, facts, facts*versions)
	}
}

// oneMoment has a writer that rewrites every row to the next generation in one
// append, and readers that must never see two generations.
func oneMoment(t *testing.T, s data.Store) {
	const facts, generations = 200, 15
	generation := func(g int) []Row {
		rows := make([]Row, facts)
		for i := range rows {
			rows[i] = fact(fmt.Sprint(i), Row{"updated_at": at(g), "channel": fmt.Sprint(g)})
		}
		return rows
	}
	put(t, s, data.Incidents, generation(0)...)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for last := false; !last; {
				select {
				case <-done:
					last = true
				default:
				}
				seen, rows := map[int64]bool{}, 0
				for b, err := range s.Scan(context.Background(), data.Query{Dataset: data.Incidents, Columns: []string{"updated_at"}}) {
					if err != nil {
						t.Errorf("Scan: %v", err)
						return
					}
					for _, v := range b.Ints("updated_at") {
						seen[v] = true
						rows++
					}
				}
				if len(seen) != 1 || rows != facts {
					t.Errorf("a scan saw %d rows of %d generations, want %d of one", rows, len(seen), facts)
				}
			}
		})
	}
	schema := s.Schema(data.Incidents)
	for g := 1; g < generations; g++ {
		if _, err := s.Append(context.Background(), data.Incidents, data.Chunk{}, Batch(schema, generation(g)...)); err != nil {
			t.Errorf("Append: %v", err)
			break
		}
	}
	close(done)
	wg.Wait()
	wantRows(t, s, data.Incidents, generation(generations-1)...)
}
