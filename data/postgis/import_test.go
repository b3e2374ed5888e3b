package postgis_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// chunkRows is the number of facts that are new in a chunk of the import.
const chunkRows = 120

// importName names the import that the tests interrupt.
const importName = "interrupted"

// importFacts returns chunk n of an import, from 0: new facts of two sources,
// and of those that the chunk before brought newer versions, other stamps, older
// versions and the same once more.
func importFacts(n int) []fact {
	var facts []fact
	for i := range chunkRows {
		facts = append(facts, newFact(n, i))
		if n == 0 {
			continue
		}
		again := newFact(n-1, i)
		switch i % 6 {
		case 0, 1:
			again.version, again.note = 2, fmt.Sprintf("replaced by chunk %d", n)
		case 2:
			again.stamp = n
		case 3:
			again.version, again.note = 0, "stale"
		case 4: // the same
		default:
			continue
		}
		facts = append(facts, again)
	}
	return facts
}

func newFact(n, i int) fact {
	return fact{source: fmt.Sprint("source ", i%2), id: fmt.Sprint(n*chunkRows + i), version: 1, note: fmt.Sprintf("chunk %d", n)}
}

// appendChunk appends chunk n of the import.
func appendChunk(ctx context.Context, s data.Store, n int) (data.Changes, error) {
	return s.Append(ctx, data.Incidents, data.Chunk{Import: importName, Number: n + 1}, batchOf(s.Schema(data.Incidents), importFacts(n)...))
}

// appendUntil appends chunks of the import until it is told to end, and calls
// kept after each.
func appendUntil(ctx context.Context, s data.Store, end <-chan struct{}, kept func(data.Changes)) error {
	for n := 0; ; n++ {
		select {
		case <-end:
			return nil
		default:
		}
		changes, err := appendChunk(ctx, s, n)
		if err != nil {
			return fmt.Errorf("chunk %d: %w", n+1, err)
		}
		kept(changes)
	}
}

// contentOf returns what has to be equal wherever the same chunks were appended,
// whatever happened meanwhile.
func contentOf(t *testing.T, s *postgis.Store, url string) map[string]string {
	t.Helper()
	content := map[string]string{"version": versionOf(t, s)}
	for what, query := range map[string]string{
		"rows":          "SELECT count(*)::text FROM civgrid.incident",
		"content":       "SELECT coalesce(sum(content::numeric), 0)::text FROM civgrid.incident",
		"stamps":        "SELECT coalesce(sum(stamped::numeric), 0)::text FROM civgrid.incident",
		"history":       "SELECT count(*)::text FROM civgrid.incident_past",
		"past content":  "SELECT coalesce(sum(content::numeric), 0)::text FROM civgrid.incident_past",
		"words":         "SELECT count(*)::text FROM civgrid.word",
		"marks":         "SELECT mark::text FROM civgrid.clock",
		"kept chunks":   "SELECT coalesce(string_agg(import || ' ' || number, ', ' ORDER BY number, id), '') FROM civgrid.batch",
		"their changes": "SELECT string_agg(concat_ws(' ', inserted, replaced, restamped, unchanged, stale), ', ' ORDER BY number, id) FROM civgrid.batch",
		"digests":       "SELECT string_agg(digest::text, ', ' ORDER BY number, id) FROM civgrid.batch",
	} {
		content[what] = ask[string](t, url, query)
	}
	return content
}

// wantCleanRun tests that a store holds just what chunks of the import leave in
// one that nothing happens to, and that each chunk answers as it does there.
func wantCleanRun(t *testing.T, s *postgis.Store, url string, chunks int) {
	t.Helper()
	cleanURL := pgtest.Shared(t).Database(t)
	clean := openClosed(t, cleanURL, postgis.Options{})
	for n := range chunks {
		want, err := appendChunk(t.Context(), clean, n)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := appendChunk(t.Context(), s, n); got != want || err != nil {
			t.Errorf("chunk %d made changes %+v (%v), want %+v", n+1, got, err, want)
		}
	}
	if diff := cmp.Diff(contentOf(t, clean, cleanURL), contentOf(t, s, url)); diff != "" {
		t.Errorf("content after %d chunks (-clean +interrupted):\n%s", chunks, diff)
	}
	audit(t, s, url)
	audit(t, clean, cleanURL)
}

// await waits until a condition holds, and reports whether it does.
func await(ctx context.Context, limit time.Duration, holds func() bool) bool {
	for end := time.Now().Add(limit); !holds(); time.Sleep(time.Millisecond) {
		if ctx.Err() != nil || time.Now().After(end) {
			return false
		}
	}
	return true
}
