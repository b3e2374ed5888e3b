package ingest_test

import (
	"context"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/storetest"
)

// busyStore has somebody write to it once, when facts were read to be stamped anew.
type busyStore struct {
	*memory.Store
	write func()
}

func (s *busyStore) Since(ctx context.Context, d data.Dataset, mark int64) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		for b, err := range s.Store.Since(ctx, d, mark) {
			if write := s.write; write != nil {
				s.write = nil
				write()
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

// TestStampingAnewLosesNoChange has facts without a time of their last change be changed
// and taken back while new boundaries come: what others did stays, and all else is
// stamped.
func TestStampingAnewLosesNoChange(t *testing.T) {
	s := &busyStore{Store: memory.New()}
	put := func(rows ...storetest.Row) {
		t.Helper()
		if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, storetest.Batch(s.Schema(data.Incidents), rows...)); err != nil {
			t.Fatal(err)
		}
	}
	row := func(id, status string, more ...string) storetest.Row {
		r := storetest.Row{"source": "s", "id": id, "location": "point", "status": status, "reported_at": int64(1e15), "lon": 0.75, "lat": 0.25}
		for i := 0; i < len(more); i += 2 {
			r[more[i]] = more[i+1]
		}
		return r
	}
	put(row("a", "open"), row("b", "open"), row("c", "open"))
	s.write = func() { put(row("a", "closed"), row("b", "open", data.Withdrawn, data.AnswerYes)) }
	area := `{"type":"Feature","properties":{"code":"D"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}`
	r, err := ingest.Boundaries(t.Context(), s, ingest.Bytes("d.geojson", []byte(area)), ingest.BoundaryOptions{Level: data.District, Code: "code"}, nil)
	if err != nil || r.Restamped.Rows() != 1 {
		t.Fatalf("%+v, %v; want one stamped anew", r.Restamped, err)
	}
	got := map[string]string{}
	for b, err := range s.Scan(t.Context(), data.Query{Dataset: data.Incidents}) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Len() {
			got[b.Texts("id").At(i)] = b.Codes("status").At(i) + " in " + b.Codes("community").At(i)
		}
	}
	if len(got) != 2 || got["a"] != "closed in " || got["c"] != "open in D" {
		t.Errorf("the store has %v", got)
	}
}
