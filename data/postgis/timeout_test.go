package postgis_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// waiting counts the statements that wait for a lock.
const waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

// blockIncidents keeps everybody from reading incidents until free is called.
func blockIncidents(t *testing.T, url string) (free func()) {
	t.Helper()
	blocker, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blocker.Exec(t.Context(), "BEGIN; LOCK TABLE civgrid.incident IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	return func() { blocker.Close(context.Background()) }
}

// TestAScanEndsOnTheServerWithItsContext has the network lose every packet while
// a scan waits: nothing tells the server that nobody does.
func TestAScanEndsOnTheServerWithItsContext(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := server.Database(t)
	proxy := pgtest.NewProxy(t, server.Address())
	s := openClosed(t, proxy.URL(url), postgis.Options{})
	add(t, s, data.Chunk{}, importFacts(0)...)
	defer blockIncidents(t, url)()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := trySum(ctx, s, data.Incidents)
		ended <- err
	}()
	for ask[int64](t, url, waiting) == 0 {
		time.Sleep(time.Millisecond)
	}
	proxy.Set(pgtest.BlackHole)
	if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the scan ends with %v, want the deadline", err)
	}
	for end := time.Now().Add(3 * time.Second); ask[int64](t, url, waiting) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("3 s after the deadline the server still works on the scan")
		}
	}
	proxy.Set(pgtest.Pass)
}

// TestADeadlineRaisesNoTimeout has the server, or the URL, allow less.
func TestADeadlineRaisesNoTimeout(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	add(t, openClosed(t, url, postgis.Options{}), data.Chunk{}, importFacts(0)...)
	join := "?"
	if strings.Contains(url, "?") {
		join = "&"
	}
	for name, s := range map[string]*postgis.Store{
		"options": openClosed(t, url, postgis.Options{StatementTimeout: 300 * time.Millisecond}),
		"URL":     openClosed(t, url+join+"statement_timeout=300ms", postgis.Options{}),
	} {
		free := blockIncidents(t, url)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		began := time.Now()
		_, err := trySum(ctx, s, data.Incidents)
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took > 30*time.Second {
			t.Errorf("%s: the scan ends after %s with %v, want the server's timeout", name, took, err)
		}
		cancel()
		free()
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		if _, err := trySum(ctx, s, data.Incidents); err != nil {
			t.Errorf("%s: afterwards %v", name, err)
		}
		cancel()
	}
}
