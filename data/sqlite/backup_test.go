package sqlite_test

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/sqlite"
)

func TestABackupIsAStoreOfOneMoment(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, sqlite.DefaultName), sqlite.Options{})
	defer s.Close()
	columns := s.Schema(data.Incidents)
	appendRows(t, s, incidents(columns, 0, 500, 0))
	var wg sync.WaitGroup
	wg.Go(func() { // each append rewrites everything, so a torn copy would show
		for revision := 1; revision < 6; revision++ {
			if _, err := s.Append(ctx, data.Incidents, data.Chunk{}, incidents(columns, 0, 500, revision)); err != nil {
				t.Error(err)
			}
		}
	})
	dest := filepath.Join(dir, "backup's.gpkg")
	err := s.Backup(ctx, dest)
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(ctx, dest); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second backup of that name: %v, want fs.ErrExist", err)
	}
	copied := open(t, dest, sqlite.Options{})
	defer copied.Close()
	if findings, err := copied.Verify(ctx); err != nil || len(findings) > 0 {
		t.Errorf("Verify: %v, %q", err, findings)
	}
	appendRows(t, copied, incidents(columns, 0, 500, 9))
	if changes := appendRows(t, copied, incidents(columns, 0, 500, 9)); changes.Unchanged != 500 {
		t.Errorf("changes %+v, want all unchanged", changes)
	}
}

func TestVerifyFindsRowsThatWereChangedByOthers(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), sqlite.DefaultName)
	s := open(t, path, sqlite.Options{})
	defer s.Close()
	columns := s.Schema(data.Incidents)
	appendRows(t, s, incidents(columns, 0, 300, 0))
	appendRows(t, s, incidents(columns, 0, 300, 1))
	if _, err := s.PutCommunities(ctx, []data.Community{{Code: "a", Level: data.City}}); err != nil {
		t.Fatal(err)
	}
	f := func(damage, repair string) {
		t.Helper()
		ask(t, path, damage)
		if findings, err := s.Verify(ctx); err != nil || len(findings) == 0 {
			t.Errorf("%s: %v, %q", damage, err, findings)
		}
		ask(t, path, repair)
		if findings, err := s.Verify(ctx); err != nil || len(findings) > 0 {
			t.Errorf("%s: %v, %q", repair, err, findings)
		}
	}
	f("UPDATE civgrid_incidents SET closed_at = closed_at + 1 WHERE seq = 7", "UPDATE civgrid_incidents SET closed_at = closed_at - 1 WHERE seq = 7")
	f("UPDATE civgrid_incidents SET cell_9 = cell_9 + 1 WHERE seq = 7", "UPDATE civgrid_incidents SET cell_9 = cell_9 - 1 WHERE seq = 7")
	f("UPDATE civgrid_incidents_past SET lon = -lon WHERE version = 3", "UPDATE civgrid_incidents_past SET lon = -lon WHERE version = 3")
	f("UPDATE civgrid_incidents SET status = 999 WHERE seq = 9", "UPDATE civgrid_incidents SET status = (SELECT status FROM civgrid_incidents WHERE seq = 8) WHERE seq = 9")
	f("UPDATE civgrid_dataset SET digest = digest + 1 WHERE dataset = 'resources'", "UPDATE civgrid_dataset SET digest = digest - 1 WHERE dataset = 'resources'")
	f("UPDATE community SET population = 1", "UPDATE community SET population = NULL")
}

// TestVerifyFindsDamagedPages overwrites parts of pages at random. What
// matters is that nothing passes as sound that reads otherwise, and that
// nothing panics.
func TestVerifyFindsDamagedPages(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, sqlite.DefaultName)
	s := open(t, path, sqlite.Options{})
	appendRows(t, s, incidents(s.Schema(data.Incidents), 0, 2000, 0))
	want, err := s.Version(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(7, 7))
	caught := 0
	const tries = 20
	for range tries {
		bad := filepath.Join(dir, "bad.gpkg")
		damaged := append([]byte(nil), whole...)
		from := 4096 + random.IntN(len(damaged)-8192)
		for i := range 64 {
			damaged[from+i] ^= byte(1 + random.IntN(255))
		}
		for _, name := range []string{bad, bad + "-wal", bad + "-shm"} {
			_ = os.Remove(name)
		}
		if err := os.WriteFile(bad, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if !sound(ctx, bad) {
			caught++
			continue
		}
		s := open(t, bad, sqlite.Options{})
		if got, err := s.Version(ctx); got != want || err != nil {
			t.Errorf("a file that passed has version %s, want %s (%v)", got, want, err)
		}
		_ = s.Close()
	}
	t.Logf("%d of %d damages found; the others hit free space or what can be made again", caught, tries)
	if caught < tries/2 {
		t.Errorf("%d of %d damages found", caught, tries)
	}
}

func sound(ctx context.Context, path string) bool {
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return false
	}
	defer s.Close()
	findings, err := s.Verify(ctx)
	return err == nil && len(findings) == 0
}
