package postgis_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// torment runs the import while trouble happens, the given number of times,
// each a random moment after a chunk was kept. It returns the number of chunks.
func torment(t *testing.T, s data.Store, times int, trouble func(i int)) (chunks int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var kept atomic.Int64
	var work sync.WaitGroup
	end := make(chan struct{})
	var failure error
	work.Go(func() {
		defer cancel()
		failure = appendUntil(ctx, s, end, func(data.Changes) { kept.Add(1) })
	})
	defer func() { // also where trouble ends the test
		cancel()
		work.Wait()
	}()
	for i := range times {
		before := kept.Load()
		if !await(ctx, time.Minute, func() bool { return kept.Load() > before }) {
			break
		}
		time.Sleep(rand.N(40 * time.Millisecond))
		trouble(i)
	}
	close(end)
	work.Wait()
	if failure != nil {
		t.Fatal(failure)
	}
	return int(kept.Load())
}

func TestAServerThatCrashesLosesNothingAndDoublesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("crashes a server of its own for some seconds")
	}
	t.Parallel()
	const crashes = 10
	server := pgtest.Start(t)
	url := server.Database(t)
	var repeated tally
	s := openClosed(t, url, postgis.Options{Patience: time.Minute, Logger: slog.New(&repeated)})
	chunks := torment(t, s, crashes, func(i int) {
		if i%2 == 0 {
			server.Kill()
		} else {
			server.Quit()
		}
		server.Restart(t)
	})
	if n := repeated.notes.Load(); n < crashes/2 {
		t.Errorf("appends were repeated %d times over %d crashes, want %d or more: most crashes met nobody", n, crashes, crashes/2)
	}
	t.Logf("%d crashes during %d chunks, %d repetitions", crashes, chunks, repeated.notes.Load())
	wantCleanRun(t, s, url, chunks)
}

// TestAStoreThatIsReadWhileTheServerCrashesComesBack has readers at work: each
// answer is whole or an error that says to try again.
func TestAStoreThatIsReadWhileTheServerCrashesComesBack(t *testing.T) {
	if testing.Short() {
		t.Skip("crashes a server of its own")
	}
	t.Parallel()
	server := pgtest.Start(t)
	s := openClosed(t, server.Database(t), postgis.Options{})
	add(t, s, data.Chunk{}, importFacts(0)...)
	want := sumOf(t, s, data.Incidents)
	done := make(chan struct{})
	var work sync.WaitGroup
	var failed atomic.Int64
	for range 2 {
		work.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				got, err := trySum(t.Context(), s, data.Incidents)
				switch {
				case errors.Is(err, data.ErrUnavailable):
					failed.Add(1)
				case err != nil:
					t.Errorf("Scan while the server crashes: %v, want data.ErrUnavailable", err)
				case got != want:
					t.Errorf("Scan while the server crashes has %+v, want %+v", got, want)
				}
			}
		})
	}
	for range 2 {
		time.Sleep(50 * time.Millisecond)
		server.Quit()
		server.Restart(t)
	}
	close(done)
	work.Wait()
	if failed.Load() == 0 {
		t.Error("no scan met the crashes, want some")
	}
	if !await(t.Context(), 10*time.Second, func() bool { got, err := trySum(t.Context(), s, data.Incidents); return err == nil && got == want }) {
		t.Error("the store does not come back after its server")
	}
	add(t, s, data.Chunk{}, importFacts(1)...)
}
