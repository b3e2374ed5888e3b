package postgis_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// TestAnAppendThatIsCutAtAnyMessageCountsOnce cuts the line at every message of
// an append in turn, so also before and after each of its commits. A store in
// memory, to which nothing happens, says what must come of it.
func TestAnAppendThatIsCutAtAnyMessageCountsOnce(t *testing.T) {
	t.Parallel()
	f := func(name string, late bool, importName string) {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && (!late || importName != "") {
				t.Skip("an answer that is lost where no chunk is marked is the hardest case")
			}
			t.Parallel()
			server := pgtest.Shared(t)
			url := server.Database(t)
			c := newCutter(t, server.Address())
			s := openClosed(t, c.url(t, url), postgis.Options{})
			reference := memory.New()
			cuts := 0
			for whole := false; !whole; cuts++ {
				chunk := data.Chunk{}
				if importName != "" {
					chunk = data.Chunk{Import: importName, Number: cuts + 1}
				}
				facts := importFacts(cuts)
				want := add(t, reference, chunk, facts...)
				c.plan(cuts+1, late)
				got, err := s.Append(t.Context(), data.Incidents, chunk, batchOf(s.Schema(data.Incidents), facts...))
				whole = c.plan(0, false) > 0
				if got != want || err != nil {
					t.Errorf("an append cut at message %d made changes %+v (%v), want %+v", cuts+1, got, err, want)
				}
			}
			if cuts < leastMessages {
				t.Errorf("an append is %d messages long, want %d or more", cuts, leastMessages)
			}
			t.Logf("cut at %d messages", cuts-1)
			if got, want := versionOf(t, s), versionOf(t, reference); got != want {
				t.Errorf("Version is %s, want %s", got, want)
			}
			audit(t, s, url)
		})
	}
	f("the server has not heard it", false, "")
	f("the server has heard it", true, "")
	f("the server has not heard it, in an import", false, "cut")
	f("the server has heard it, in an import", true, "cut")
}

// leastMessages is the least number of messages of an append: locks, repair,
// looking up, opening, three statements and COPY, and two commits.
const leastMessages = 12

// TestANetworkThatFailsInAllWaysLosesNothing has connections reset, refused and
// swallowed at random moments of an import.
func TestANetworkThatFailsInAllWaysLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("disturbs an import for some seconds")
	}
	t.Parallel()
	const faults = 24
	server := pgtest.Shared(t)
	url := server.Database(t)
	proxy := pgtest.NewProxy(t, server.Address())
	var repeated tally
	s := openClosed(t, proxy.URL(url), postgis.Options{Patience: time.Minute, Logger: slog.New(&repeated)})
	chunks := torment(t, s, faults, func(i int) {
		switch i % 4 {
		case 0:
			proxy.Cut()
		case 1:
			proxy.Set(pgtest.Refuse)
			time.Sleep(rand.N(100 * time.Millisecond))
		case 2: // what was swallowed arrives late
			proxy.Set(pgtest.BlackHole)
			time.Sleep(rand.N(100 * time.Millisecond))
		case 3: // what was swallowed is lost
			proxy.Set(pgtest.BlackHole)
			time.Sleep(rand.N(100 * time.Millisecond))
			proxy.Cut()
		}
		proxy.Set(pgtest.Pass)
	})
	if n := repeated.notes.Load(); n < faults/4 {
		t.Errorf("appends were repeated %d times over %d faults, want %d or more: most faults met nobody", n, faults, faults/4)
	}
	t.Logf("%d faults during %d chunks, %d repetitions", faults, chunks, repeated.notes.Load())
	wantCleanRun(t, s, url, chunks)
}

func TestACallerOfASilentServerHearsInTime(t *testing.T) {
	t.Parallel()
	const deadline, heard = time.Second, 2 * time.Second
	server := pgtest.Shared(t)
	url := server.Database(t)
	proxy := pgtest.NewProxy(t, server.Address())
	s := openClosed(t, proxy.URL(url), postgis.Options{})
	add(t, s, data.Chunk{}, importFacts(0)...)
	calls := map[string]func(ctx context.Context) error{
		"Append":    func(ctx context.Context) error { _, err := appendChunk(ctx, s, 1); return err },
		"Scan":      func(ctx context.Context) error { _, err := trySum(ctx, s, data.Incidents); return err },
		"Mark":      func(ctx context.Context) error { _, err := s.Mark(ctx, data.Incidents); return err },
		"Version":   func(ctx context.Context) error { _, err := s.Version(ctx); return err },
		"PutReport": func(ctx context.Context) error { return s.PutReport(ctx, data.Report{Dataset: data.Incidents}) },
		"Open": func(ctx context.Context) error {
			_, err := postgis.Open(ctx, proxy.URL(url), postgis.Options{})
			return err
		},
	}
	try := func(name string, call func(context.Context) error) {
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		defer cancel()
		began := time.Now()
		err := call(ctx)
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took > heard {
			t.Errorf("%s with a deadline of %v ends after %v with %v, want the deadline before %v", name, deadline, took, err, heard)
		}
	}
	rounds := 2 // over connections that were there, then over none
	if testing.Short() {
		rounds = 1
	}
	for range rounds {
		proxy.Set(pgtest.BlackHole)
		var work sync.WaitGroup
		for name, call := range calls {
			work.Go(func() { try(name, call) })
		}
		work.Wait()
	}
	proxy.Set(pgtest.Pass)
	began := time.Now()
	changes, err := appendChunk(t.Context(), s, 1)
	if took := time.Since(began); err != nil || took > 2*time.Second {
		t.Errorf("an append after the network came back: %v after %v, want success within 2s", err, took)
	}
	t.Logf("back after %v", time.Since(began))
	if want := (data.Changes{Inserted: 120, Replaced: 40, Restamped: 20, Stale: 20, Unchanged: 20}); changes != want {
		t.Errorf("changes are %+v, want %+v", changes, want)
	}
	audit(t, s, url)
}

// TestPatienceBeginsWithTheFirstFailure has an append wait for longer than its
// patience before the connection is lost.
func TestPatienceBeginsWithTheFirstFailure(t *testing.T) {
	t.Parallel()
	const patience = 100 * time.Millisecond
	server := pgtest.Shared(t)
	url := server.Database(t)
	proxy := pgtest.NewProxy(t, server.Address())
	s := openClosed(t, proxy.URL(url), postgis.Options{Patience: patience})
	add(t, s, data.Chunk{}, importFacts(0)...)
	waiting := holdBack(t, url, newFact(1, 0))
	var work sync.WaitGroup
	var failure error
	work.Go(func() { _, failure = appendChunk(t.Context(), s, 1) })
	waiting.wait(t)
	time.Sleep(2 * patience)
	proxy.Cut()
	err := waiting.letGo()
	work.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if failure != nil {
		t.Errorf("an append that was cut after twice its patience: %v, want that it is repeated", failure)
	}
	audit(t, s, url)
}
