package sqlite_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/sqlite"
)

func TestInspectLooksAndChangesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, sqlite.DefaultName)
	want := func(what string, want sqlite.Condition, wantErr error) {
		t.Helper()
		got, err := sqlite.Inspect(t.Context(), path)
		if !errors.Is(err, wantErr) || wantErr == nil && err != nil {
			t.Errorf("inspect %s: %v, want %v", what, err, wantErr)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	want("no file", sqlite.Condition{}, fs.ErrNotExist)
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("looking left %v, %v", left, err)
	}
	s := open(t, path, sqlite.Options{})
	newest, err := sqlite.Inspect(t.Context(), path)
	if err != nil || newest.Version == 0 || newest.Version != newest.Newest {
		t.Fatalf("inspect a store that is open: %+v, %v", newest, err)
	}
	want("a store that is open", sqlite.Condition{Version: newest.Newest, Newest: newest.Newest, Busy: true}, nil)
	appendRows(t, s, incidents(s.Schema(data.Incidents), 0, 10, 0)) // it is as it was
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want("a store that is closed", sqlite.Condition{Version: newest.Newest, Newest: newest.Newest}, nil)
	if err := open(t, path, sqlite.Options{}).Close(); err != nil {
		t.Error(err)
	}
	if os.Geteuid() != 0 { // whom nothing is forbidden
		if err := os.Chmod(path, 0o400); err != nil {
			t.Fatal(err)
		}
		want("a store that is sealed", sqlite.Condition{Version: newest.Newest, Newest: newest.Newest, Sealed: true}, nil)
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ask(t, path, "INSERT INTO civgrid_version (version_id, is_applied) VALUES (999, 1) RETURNING 1")
	want("a newer store", sqlite.Condition{Version: 999, Newest: newest.Newest}, data.ErrVersion)
	if err := os.WriteFile(path, []byte("no database at all, and long enough to be taken for one if nobody looked"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Inspect(t.Context(), path); err == nil {
		t.Error("a text file passes for a store")
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want("an empty file", sqlite.Condition{Newest: newest.Newest}, nil)
}
