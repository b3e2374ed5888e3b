package postgis_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
	"github.com/civgrid/civgrid/data/segment"
)

// run runs one of the programs that come with the server, or skips the test
// where it is not there.
func run(t *testing.T, url, program string, args ...string) {
	t.Helper()
	path := filepath.Join(ask[string](t, url, "SELECT setting FROM pg_config WHERE name = 'BINDIR'"), program)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not installed beside the server: %v", program, err)
	}
	if out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// TestABackupTakenWhileWritingIsOneMoment dumps a store while chunks come in,
// restores it into another database and finds there what the store was after
// one of the chunks. Then both move on, and the cache of the one is not taken
// for the other's.
func TestABackupTakenWhileWritingIsOneMoment(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url, restoredURL := server.Database(t), server.Database(t)
	s := openClosed(t, url, postgis.Options{})
	var versions []string // after each chunk
	keep := func(n int) error {
		_, err := appendChunk(context.Background(), s, n)
		if err != nil {
			return err
		}
		version, err := s.Version(context.Background())
		versions = append(versions, version)
		return err
	}
	for n := range 5 {
		if err := keep(n); err != nil {
			t.Fatal(err)
		}
	}
	end := make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() {
		for n := len(versions); ; n++ {
			select {
			case <-end:
				return
			default:
			}
			if err := keep(n); err != nil {
				t.Error(err)
				return
			}
		}
	})
	dump := filepath.Join(t.TempDir(), "dump")
	func() {
		defer work.Wait()
		defer close(end)
		run(t, url, "pg_dump", "--format=custom", "--schema=civgrid", "--file="+dump, url)
	}()
	run(t, url, "pg_restore", "--exit-on-error", "--dbname="+restoredURL, dump)

	restored := openClosed(t, restoredURL, postgis.Options{})
	mark, err := restored.Mark(t.Context(), data.Incidents)
	if err != nil {
		t.Fatal(err)
	}
	if mark < 5 || int(mark) > len(versions) {
		t.Fatalf("the restored store is at mark %d, want one of 5 to %d", mark, len(versions))
	}
	if got, want := versionOf(t, restored), versions[mark-1]; got != want {
		t.Errorf("Version of the restored store at mark %d is %s, want %s", mark, got, want)
	}
	t.Logf("%d chunks, dumped at mark %d", len(versions), mark)
	audit(t, restored, restoredURL)
	wantCacheNoticed(t, s, restored)
	audit(t, restored, restoredURL)
}

// wantCacheNoticed fills a cache from one store, has the other come to the same
// mark on its own way, and tests that the cache is built anew for it.
func wantCacheNoticed(t *testing.T, s, restored *postgis.Store) {
	t.Helper()
	folder := t.TempDir()
	mark, err := s.Mark(t.Context(), data.Incidents)
	if err != nil {
		t.Fatal(err)
	}
	if got, notes := throughCache(t, s, folder); got != sumOf(t, s, data.Incidents) || notes != "" {
		t.Errorf("the cache has %+v, want what the store has; it notes %q", got, notes)
	}
	for i := 0; ; i++ {
		now, err := restored.Mark(t.Context(), data.Incidents)
		if err != nil {
			t.Fatal(err)
		}
		if now == mark && i > 0 {
			break
		}
		if now >= mark { // the dump was the last moment
			add(t, s, data.Chunk{}, fact{source: "another", id: "one more", version: 1})
			mark++
			throughCache(t, s, folder)
		}
		add(t, restored, data.Chunk{}, fact{source: "restored", id: fmt.Sprint(i), version: 1})
	}
	got, notes := throughCache(t, restored, folder)
	if want := sumOf(t, restored, data.Incidents); got != want || !strings.Contains(notes, "built anew") {
		t.Errorf("the cache has %+v, want %+v; it notes %q, want that it was built anew", got, want, notes)
	}
	if got := sumOf(t, s, data.Incidents); cmp.Equal(got, sumOf(t, restored, data.Incidents)) {
		t.Error("both stores hold the same: the test shows nothing")
	}
}

// lasting keeps a cache from closing the store beneath.
type lasting struct{ *postgis.Store }

func (lasting) Close() error { return nil }

// throughCache adds the incidents up as a cache in a folder has them, and
// returns what it notes.
func throughCache(t *testing.T, s *postgis.Store, folder string) (sum, string) {
	t.Helper()
	var log bytes.Buffer
	c, err := segment.Open(t.Context(), lasting{s}, folder, segment.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got := sumOf(t, c, data.Incidents)
	if err := c.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return got, log.String()
}
