package segment

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

// restless is a store to which something happens at the worst moments.
type restless struct {
	*memory.Store
	afterMark, afterSince func()
	fail                  error // of Since, after its first batch
}

func (s *restless) Mark(ctx context.Context, d data.Dataset) (int64, error) {
	mark, err := s.Store.Mark(ctx, d)
	if s.afterMark != nil {
		s.afterMark()
	}
	return mark, err
}

func (s *restless) Since(ctx context.Context, d data.Dataset, mark int64) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		for b, err := range s.Store.Since(ctx, d, mark) {
			if !yield(b, err) {
				return
			}
			if s.fail != nil {
				yield(data.Batch{}, s.fail)
				return
			}
		}
		if s.afterSince != nil {
			s.afterSince()
		}
	}
}

func TestNoChangeIsMissedBetweenMarkAndRows(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(31, 31))
	store := &restless{Store: memory.New()}
	c := open(t, store, t.TempDir(), Options{DeltaRows: 40})
	change := func() {
		put(t, store, data.Incidents, fakes(r, store.Schema(data.Incidents), 9, 200))
	}
	q := data.Query{Dataset: data.Incidents}
	for round := range 30 {
		change()
		store.afterMark, store.afterSince = change, change
		if round%2 == 0 {
			store.afterMark = nil
		}
		scan(t, c, q)
		store.afterMark, store.afterSince = nil, nil
		if diff := cmp.Diff(scan(t, store, q), scan(t, c, q)); diff != "" {
			t.Fatalf("round %d: scan (-store +cache):\n%s", round, diff)
		}
	}
}

func TestAFeedThatBreaksOffLeavesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(32, 32))
	store, dir := &restless{Store: memory.New(), fail: errors.New("connection lost")}, t.TempDir()
	c := open(t, store, dir, Options{SegmentRows: 100, DeltaRows: 10})
	put(t, store, data.Incidents, fakes(r, store.Schema(data.Incidents), 350, 1<<40))
	q := data.Query{Dataset: data.Incidents}
	for _, err := range c.Scan(context.Background(), q) {
		if !errors.Is(err, store.fail) {
			t.Errorf("scan: %v, want %v", err, store.fail)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("folder holds %v, want nothing", left)
	}
	store.fail = nil
	if diff := cmp.Diff(scan(t, store, q), scan(t, c, q)); diff != "" {
		t.Errorf("scan (-store +cache):\n%s", diff)
	}
}

func TestSeqsFarApart(t *testing.T) {
	seqs := []int64{-5, 1 << 40, 7, 1 << 20}
	for _, seqs := range [][]int64{seqs, {3, 5, 9, 70}} {
		low, high := seqKey(seqs[0]), seqKey(seqs[0])
		for _, s := range seqs {
			low, high = min(low, seqKey(s)), max(high, seqKey(s))
		}
		set := newSeqSet(seqs, low, high)
		for _, s := range seqs {
			if !set.has(s) || set.has(s+1) {
				t.Errorf("set of %v: has(%d) = %v, has(%d) = %v", seqs, s, set.has(s), s+1, set.has(s+1))
			}
		}
	}
}
