package ogc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/storetest"
)

// A looked store counts looks, and fails or waits where it is told.
type lookedStore struct {
	*memory.Store
	marks atomic.Int64
	fail  error
	hold  chan struct{} // Mark waits until it is closed, or the request ends
	back  string        // the lineage of every mark, "" for what the store says
}

func (s *lookedStore) Mark(ctx context.Context, d data.Dataset) (int64, error) {
	s.marks.Add(1)
	if s.hold != nil {
		select {
		case <-s.hold:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	if s.fail != nil {
		return 0, s.fail
	}
	return s.Store.Mark(ctx, d)
}

func (s *lookedStore) Lineage(ctx context.Context, d data.Dataset, mark int64) (string, error) {
	if s.back != "" {
		return s.back, nil
	}
	return s.Store.Lineage(ctx, d, mark)
}

func (s *lookedStore) keep(t *testing.T, from, n int) {
	t.Helper()
	var rows []storetest.Row
	for i := range n {
		rows = append(rows, storetest.Row{"source": "x", "id": fmt.Sprint(from + i), "status": "open", "reported_at": int64(1), "location": data.LocationNone})
	}
	if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, storetest.Batch(s.Schema(data.Incidents), rows...)); err != nil {
		t.Fatal(err)
	}
}

func watched() (*lookedStore, *watch) {
	s := &lookedStore{Store: memory.New()}
	return s, newWatches(&Facts{Feed: s})[data.Incidents]
}

// ids returns the ids of the rows of some steps.
func ids(steps []step) (list []string) {
	for _, s := range steps {
		for _, b := range s.rows {
			for row := range b.Len() {
				list = append(list, b.Texts("id").At(row))
			}
		}
	}
	return list
}

func TestAWatchTellsTheStepsFromWhereOneIs(t *testing.T) {
	s, w := watched()
	s.keep(t, 0, 2)
	var places []place
	for i := range 12 {
		at, _, _, err := w.look(t.Context(), place{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, at)
		s.keep(t, 10+i, 1)
	}
	last, steps, ok, err := w.look(t.Context(), places[9], 0)
	if got := ids(steps); err != nil || !ok || last == places[11] || !slices.Equal(got, []string{"19", "20", "21"}) {
		t.Errorf("from %v to %v (%v, %v) are the rows %v, want 19, 20, 21", places[9], last, ok, err, got)
	}
	if _, steps, ok, err := w.look(t.Context(), last, 0); err != nil || !ok || len(steps) != 0 {
		t.Errorf("from the present are %v (%v, %v)", ids(steps), ok, err)
	}
	if _, _, ok, err := w.look(t.Context(), places[0], 0); err != nil || ok {
		t.Errorf("twelve steps back is remembered: %v (%v)", ok, err)
	}
	s.keep(t, 100, maxStepRows+1)
	if _, steps, ok, err := w.look(t.Context(), last, 0); err != nil || ok {
		t.Errorf("of too many rows %d steps are remembered: %v (%v)", len(steps), ok, err)
	}
}

func TestAWatchKnowsThatAStoreWentBack(t *testing.T) {
	s, w := watched()
	s.keep(t, 0, 1)
	at, _, _, err := w.look(t.Context(), place{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	s.back = "another"
	if _, steps, ok, err := w.look(t.Context(), at, 0); err != nil || !ok || len(steps) != 1 || !steps[0].lost {
		t.Errorf("on another lineage the steps are %+v (%v, %v)", steps, ok, err)
	}
}

// TestAWatchAsksAStoreThatFailsOnce for all who look within half a second, and one that
// does not answer keeps nobody for longer than they wait.
func TestAWatchAsksAStoreThatFailsOnce(t *testing.T) {
	s, w := watched()
	s.fail = errors.New("out of luck")
	for range 20 {
		if _, _, _, err := w.look(t.Context(), place{}, time.Hour); !errors.Is(err, s.fail) {
			t.Errorf("%v, want %v", err, s.fail)
		}
	}
	if n := s.marks.Load(); n != 1 {
		t.Errorf("the store was asked %d times", n)
	}
	s.fail, s.hold = nil, make(chan struct{})
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	for range 2 {
		go func() {
			_, _, _, err := w.look(ctx, place{}, 0)
			ended <- err
		}()
	}
	leave()
	for range 2 {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("who left hears %v", err)
		}
	}
	close(s.hold)
	if _, _, _, err := w.look(t.Context(), place{}, 0); err != nil {
		t.Errorf("who comes then hears %v", err)
	}
}
