package sqlite_test

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/sqlite"
)

// TestSQLiteIsNewEnough guards against the versions that can corrupt a file in
// WAL mode (sqlite.org/wal.html#walresetbug: 3.7.0 to 3.51.2; 3.52.0 was
// withdrawn).
func TestSQLiteIsNewEnough(t *testing.T) {
	text, _ := ask(t, filepath.Join(t.TempDir(), "x"), "SELECT sqlite_version()").(string)
	number := 0
	for _, part := range strings.Split(text+".0", ".")[:3] {
		n, err := strconv.Atoi(part)
		if err != nil {
			t.Fatalf("version %q: %v", text, err)
		}
		number = number*1000 + n
	}
	if number < 3_051_003 || number == 3_052_000 {
		t.Errorf("SQLite is %s, want 3.51.3 or later, not 3.52.0", text)
	}
}

func TestASecondProcessIsTurnedAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.DefaultName)
	s := open(t, path, sqlite.Options{})
	out, err := child(t, "open", path).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "busy: open civgrid.gpkg: store is in use by another process") {
		t.Errorf("the second process said %q (%v)", out, err)
	}
	if _, err := sqlite.Open(context.Background(), path, sqlite.Options{}); !errors.Is(err, data.ErrBusy) {
		t.Errorf("a second store in this process: %v, want data.ErrBusy", err)
	}
	appendRows(t, s, incidents(s.Schema(data.Incidents), 0, 10, 0)) // the first is as it was
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	out, err = child(t, "open", path).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("after Close the second process said %q (%v)", out, err)
	}
}

func TestAReadOnlyStoreFollowsTheWriter(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), sqlite.DefaultName)
	if _, err := sqlite.Open(ctx, path, sqlite.Options{ReadOnly: true}); err == nil {
		t.Error("a store that does not exist was opened for reading")
	}
	s := open(t, path, sqlite.Options{})
	defer s.Close()
	reader := open(t, path, sqlite.Options{ReadOnly: true})
	defer reader.Close()
	for n := range 3 {
		appendRows(t, s, incidents(s.Schema(data.Incidents), n*10, 10, 0))
		want, err := s.Version(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := reader.Version(ctx); got != want || err != nil {
			t.Errorf("Version is %s, want %s (%v)", got, want, err)
		}
		rows := 0
		for b, err := range reader.Scan(ctx, data.Query{Dataset: data.Incidents}) {
			if err != nil {
				t.Fatal(err)
			}
			rows += b.Len()
		}
		if rows != (n+1)*10 {
			t.Errorf("%d rows, want %d", rows, (n+1)*10)
		}
	}
	if _, err := reader.Append(ctx, data.Incidents, data.Chunk{}, incidents(s.Schema(data.Incidents), 0, 1, 0)); err == nil {
		t.Error("Append to a store open for reading gave no error")
	}
	if err := reader.PutSettings(ctx, data.Settings{}); err == nil {
		t.Error("PutSettings on a store open for reading gave no error")
	}
}

// TestDocumentsAreKeptBesideTheWriter keeps documents from a second opening, and
// nothing else.
func TestDocumentsAreKeptBesideTheWriter(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), sqlite.DefaultName)
	if _, err := sqlite.Open(ctx, path, sqlite.Options{Archive: true}); err == nil {
		t.Error("a store that does not exist was opened beside its writer")
	}
	s := open(t, path, sqlite.Options{})
	defer s.Close()
	beside := open(t, path, sqlite.Options{Archive: true})
	defer beside.Close()
	for _, d := range []data.Document{{Kind: "key", Name: "a"}, {Kind: "key", Name: "b", Body: "x"}} {
		if kept, err := beside.PutDocument(ctx, d); err != nil || !kept {
			t.Fatalf("%s: %v, %v", d.Name, kept, err)
		}
		appendRows(t, s, incidents(s.Schema(data.Incidents), 0, 1, 0))
	}
	for _, reader := range []*sqlite.Store{s, beside} {
		if documents, err := reader.Documents(ctx, "key"); err != nil || len(documents) != 2 || documents[1].Body != "x" {
			t.Errorf("documents %v, %v", documents, err)
		}
	}
	if _, err := beside.PutDocument(ctx, data.Document{Kind: "key", Name: "b"}); !errors.Is(err, data.ErrConflict) {
		t.Errorf("another of that name: %v, want %v", err, data.ErrConflict)
	}
	if _, err := beside.Append(ctx, data.Incidents, data.Chunk{}, incidents(s.Schema(data.Incidents), 0, 1, 0)); err == nil {
		t.Error("facts were kept beside the writer")
	}
}

func TestAStoreOfANewerProgramIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.DefaultName)
	if err := open(t, path, sqlite.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	ask(t, path, "INSERT INTO civgrid_version(version_id, is_applied) VALUES (9999, 1) RETURNING 1")
	for _, readOnly := range []bool{false, true} {
		if _, err := sqlite.Open(context.Background(), path, sqlite.Options{ReadOnly: readOnly}); !errors.Is(err, data.ErrVersion) {
			t.Errorf("Open with ReadOnly %t: %v, want data.ErrVersion", readOnly, err)
		}
	}
}

func TestOtherFilesAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	text, foreign := filepath.Join(dir, "text.gpkg"), filepath.Join(dir, "foreign.gpkg")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database at all\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	ask(t, foreign, "PRAGMA application_id = 1196444487")
	ask(t, foreign, "CREATE TABLE streets(id INTEGER)")
	for _, path := range []string{text, foreign, dir, "", ":memory:", "file:x?mode=memory", filepath.Join(dir, "none", "x.gpkg")} {
		before, _ := os.ReadFile(path)
		s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
		if err == nil {
			_ = s.Close()
			t.Errorf("Open(%q) gave no error", path)
		}
		if after, _ := os.ReadFile(path); string(after) != string(before) {
			t.Errorf("Open(%q) changed the file", path)
		}
	}
}

func TestNamesOfFilesMayHoldAnything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "朝阳 100%20 #1 & ?mode=memory;.gpkg")
	s := open(t, path, sqlite.Options{})
	appendRows(t, s, incidents(s.Schema(data.Incidents), 0, 3, 0))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("no file of that name: %v", err)
	}
}

// TestTheFileIsMarkedOnDisk reads the marks as other programs do, from the
// first page, while the store is open and its log not yet written back.
func TestTheFileIsMarkedOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.DefaultName)
	s := open(t, path, sqlite.Options{})
	defer s.Close()
	head, err := os.ReadFile(path)
	if err != nil || len(head) < 100 {
		t.Fatalf("%d bytes on disk (%v)", len(head), err)
	}
	got := []uint32{binary.BigEndian.Uint32(head[60:]), binary.BigEndian.Uint32(head[68:])}
	if diff := cmp.Diff([]uint32{10300, 0x47504B47}, got); diff != "" {
		t.Errorf("user_version and application_id (-want +got):\n%s", diff)
	}
}

func TestAStoreOpensAgainAsItWas(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), sqlite.DefaultName)
	s := open(t, path, sqlite.Options{})
	if err := s.PutSettings(ctx, data.Settings{Zone: "Asia/Shanghai", Resolutions: data.DefaultResolutions()[1:3]}); err != nil {
		t.Fatal(err)
	}
	appendRows(t, s, incidents(s.Schema(data.Incidents), 0, 50, 0))
	schema := s.Schema(data.Incidents)
	want, err := s.Version(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, sqlite.Options{})
	defer s.Close()
	if got, err := s.Version(ctx); got != want || err != nil {
		t.Errorf("Version is %s, want %s (%v)", got, want, err)
	}
	if diff := cmp.Diff(schema, s.Schema(data.Incidents)); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	want1 := data.Changes{Unchanged: 40, Replaced: 0, Inserted: 10}
	if got := appendRows(t, s, incidentsFrom(schema, 10, 60)); got != want1 {
		t.Errorf("changes %+v, want %+v", got, want1)
	}
}

// incidentsFrom returns incidents lo to hi as incidents makes them from 0.
func incidentsFrom(columns []data.Column, lo, hi int) data.Batch {
	return incidents(columns, 0, hi, 0).Slice(lo, hi)
}
