package storetest

import (
	"context"
	"testing"

	"github.com/civgrid/civgrid/data"
)

// A promise is one thing that every store does. It gets an empty store.
type promise struct {
	name string
	keep func(t *testing.T, s data.Store)
}

// Run tests the stores that open returns. Each call of open returns a store of
// its own, empty and with default settings; Run closes it.
func Run(t *testing.T, open func(t *testing.T) data.Store) {
	t.Helper()
	for _, promises := range [][]promise{appends(), chunks(), replacements(), scans(), orders(), values(), versions(), catalogs(), documents(), lists(), feeds(), histories(), crowds(), rollups(), derivations(), withdrawals()} {
		for _, p := range promises {
			t.Run(p.name, func(t *testing.T) {
				s := open(t)
				t.Cleanup(func() {
					if err := s.Close(); err != nil {
						t.Errorf("Close: %v", err)
					}
				})
				p.keep(t, s)
			})
		}
	}
}

// put appends rows without a chunk and returns what changed.
func put(t *testing.T, s data.Store, d data.Dataset, rows ...Row) data.Changes {
	t.Helper()
	return putChunk(t, s, d, data.Chunk{}, rows...)
}

func putChunk(t *testing.T, s data.Store, d data.Dataset, c data.Chunk, rows ...Row) data.Changes {
	t.Helper()
	changes, err := s.Append(context.Background(), d, c, Batch(s.Schema(d), rows...))
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	return changes
}

func version(t *testing.T, s data.Store) string {
	t.Helper()
	v, err := s.Version(context.Background())
	if err != nil {
		t.Fatalf("Version: %v", err)
	}
	if v == "" {
		t.Fatal("Version is empty")
	}
	return v
}
