package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/civgrid/civgrid/data"
)

func chunks() []promise {
	return []promise{
		{"a chunk counts once and answers as it did", chunkOnce},
		{"chunks of another import or dataset are others", chunksApart},
		{"an interrupted append leaves nothing", appendCancelled},
	}
}

func chunkOnce(t *testing.T, s data.Store) {
	c := data.Chunk{Import: "f00d", Number: 1}
	put(t, s, data.Incidents, fact("a"), fact("s", Row{"updated_at": at(2)}))
	want := data.Changes{Inserted: 1, Replaced: 1, Unchanged: 1, Stale: 1}
	rows := []Row{fact("a"), fact("a", Row{"category": "x"}), fact("b"), fact("s", Row{"updated_at": at(1)})}
	wantChanges(t, putChunk(t, s, data.Incidents, c, rows...), want)
	later := []Row{fact("a", Row{"category": "y"}), fact("b"), fact("s", Row{"updated_at": at(2)})}
	put(t, s, data.Incidents, later...)
	wantChanges(t, putChunk(t, s, data.Incidents, c, rows...), want)
	wantRows(t, s, data.Incidents, later...)
	wantChanges(t, put(t, s, data.Incidents, rows...), data.Changes{Replaced: 2, Unchanged: 1, Stale: 1})
}

func chunksApart(t *testing.T, s data.Store) {
	one := data.Changes{Inserted: 1}
	wantChanges(t, putChunk(t, s, data.Incidents, data.Chunk{Import: "x", Number: 1}, fact("a")), one)
	wantChanges(t, putChunk(t, s, data.Incidents, data.Chunk{Import: "x", Number: 2}, fact("b")), one)
	wantChanges(t, putChunk(t, s, data.Incidents, data.Chunk{Import: "y", Number: 1}, fact("c")), one)
	resource := Row{"source": "hotline", "id": "a", "location": "none"}
	wantChanges(t, putChunk(t, s, data.Resources, data.Chunk{Import: "x", Number: 1}, resource), one)
	wantRows(t, s, data.Incidents, fact("a"), fact("b"), fact("c"))
}

func appendCancelled(t *testing.T, s data.Store) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c := data.Chunk{Import: "x", Number: 1}
	_, err := s.Append(ctx, data.Incidents, c, Batch(s.Schema(data.Incidents), fact("a", Row{"category": "new word"})))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Append with a context that has ended: %v, want context.Canceled", err)
	}
	wantRows(t, s, data.Incidents)
	wantChanges(t, putChunk(t, s, data.Incidents, c, fact("a", Row{"category": "word"})), data.Changes{Inserted: 1})
	wantRows(t, s, data.Incidents, fact("a", Row{"category": "word"}))
}
