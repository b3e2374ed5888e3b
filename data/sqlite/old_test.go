package sqlite_test

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/sqlite"
	"github.com/civgrid/civgrid/data/storetest"
)

// versionOfOld is what the program that wrote testdata/version1.gpkg.gz said.
const versionOfOld = "f6122bf19aac8897"

// newest is the format that this program writes.
const newest = 3

// oldFile puts the store of format 1 into a folder of its own.
func oldFile(t *testing.T) string {
	t.Helper()
	return unpacked(t, "version1.gpkg.gz")
}

// unpacked puts a store of testdata into a folder of its own.
func unpacked(t *testing.T, name string) string {
	t.Helper()
	packed, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), sqlite.DefaultName)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func wantFormat(t *testing.T, path string, want int64) {
	t.Helper()
	c, err := sqlite.Inspect(t.Context(), path)
	if err != nil || c.Version != want {
		t.Errorf("the file is of version %d, %v, want %d", c.Version, err, want)
	}
}

// wantOld tests that a store is as the older program left it.
func wantOld(t *testing.T, s *sqlite.Store) {
	t.Helper()
	if got, err := s.Version(t.Context()); got != versionOfOld || err != nil {
		t.Errorf("Version is %s, %v, want %s as the older program had it", got, err, versionOfOld)
	}
	if damages, err := s.Verify(t.Context()); err != nil || len(damages) > 0 {
		t.Errorf("Verify: %q, %v", damages, err)
	}
	for _, d := range data.Datasets() {
		if diff := cmp.Diff(data.SchemaOf(d, data.DefaultResolutions()[1:3]), s.Schema(d)); diff != "" {
			t.Errorf("columns of %s (-want +got):\n%s", d, diff)
		}
	}
	if got, want := ids(t, s, nil), []string{"1", "2", "3", "bare"}; !slices.Equal(got, want) {
		t.Errorf("incidents %q, want %q", got, want)
	}
	if got := ids(t, s, data.Missing{Column: "severity"}); len(got) != 4 {
		t.Errorf("%d incidents without a severity, want 4", len(got))
	}
	if got := ids(t, s, data.Compare{Column: "disposed_at", Op: data.Greater, Value: time.UnixMicro(0)}); len(got) != 0 {
		t.Errorf("incidents %q were disposed of, want none", got)
	}
}

func ids(t *testing.T, s data.Source, where data.Condition) (ids []string) {
	t.Helper()
	for b, err := range s.Scan(t.Context(), data.Query{Dataset: data.Incidents, Columns: []string{"id", "pauses"}, Where: where}) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Len() {
			ids = append(ids, b.Texts("id").At(i))
		}
	}
	slices.Sort(ids)
	return ids
}

func TestAStoreOfTheFirstFormatIsBroughtUpToDate(t *testing.T) {
	path := oldFile(t)
	wantFormat(t, path, 1)
	s := open(t, path, sqlite.Options{})
	wantFormat(t, path, newest)
	wantOld(t, s)

	same := storetest.Row{"source": "patrol", "id": "bare", "location": "none", "status": "open", "reported_at": int64(1_714_521_600_000_000)}
	fuller := storetest.Row{"severity": "2", "duty_grid": "G7", "disposed_at": int64(5), "limit_amount": 2.5, "reworks": int64(1), "satisfaction": "basic", "pauses": "2024-05-01T00:00:00Z/.."}
	for name, v := range same {
		fuller[name] = v
	}
	if got := appendRows(t, s, storetest.Batch(s.Schema(data.Incidents), same)); got != (data.Changes{Unchanged: 1}) {
		t.Errorf("the same row again: %+v, want it unchanged", got)
	}
	if got := appendRows(t, s, storetest.Batch(s.Schema(data.Incidents), fuller)); got != (data.Changes{Replaced: 1}) {
		t.Errorf("the row with later columns: %+v, want it replaced", got)
	}
	if got := ids(t, s, data.Compare{Column: "severity", Op: data.Equal, Value: "2"}); !slices.Equal(got, []string{"bare"}) {
		t.Errorf("incidents of severity 2 are %q, want bare", got)
	}
	if got, err := s.Version(t.Context()); got == versionOfOld || err != nil {
		t.Errorf("Version is still %s, %v", got, err)
	}
	if kept, err := s.PutDocument(t.Context(), data.Document{Kind: "indicator", Name: "a", Body: "one"}); !kept || err != nil {
		t.Errorf("a document is kept: %t, %v", kept, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open(t, path, sqlite.Options{})
	defer s.Close()
	if damages, err := s.Verify(t.Context()); err != nil || len(damages) > 0 {
		t.Errorf("Verify: %q, %v", damages, err)
	}
	documents, err := s.Documents(t.Context(), "indicator")
	if err != nil || len(documents) != 1 || documents[0].Body != "one" {
		t.Errorf("documents %+v, %v, want the one that was kept", documents, err)
	}
	if got := ask(t, path, "SELECT severity || ' ' || limit_amount || ' ' || pauses FROM incidents WHERE id = 'bare'"); got != "2 2.5 2024-05-01T00:00:00Z/.." {
		t.Errorf("the view shows %v", got)
	}
	appendRows(t, s, storetest.Batch(s.Schema(data.Incidents), same))
	if got, err := s.Version(t.Context()); got != versionOfOld || err != nil {
		t.Errorf("with the row as it was Version is %s, %v, want %s", got, err, versionOfOld)
	}
}

// TestAStoreOfTheFirstFormatCanBeRead opens one beside an older program, or where
// it cannot be written to.
func TestAStoreOfTheFirstFormatCanBeRead(t *testing.T) {
	path := oldFile(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	reader := open(t, path, sqlite.Options{ReadOnly: true})
	defer reader.Close()
	wantOld(t, reader)
	if got := ids(t, reader.AsOf(time.Unix(1, 0)), nil); len(got) > 0 {
		t.Errorf("incidents %q before there were any", got)
	}
	if documents, err := reader.Documents(t.Context(), "indicator"); err != nil || len(documents) > 0 {
		t.Errorf("documents %+v, %v, want none", documents, err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("looking changed the file (%v)", err)
	}
	s := open(t, path, sqlite.Options{}) // meanwhile
	defer s.Close()
	row := storetest.Row{"source": "patrol", "id": "later", "location": "none", "status": "open", "reported_at": int64(1), "severity": "1"}
	appendRows(t, s, storetest.Batch(s.Schema(data.Incidents), row))
	if got := ids(t, reader, data.Compare{Column: "severity", Op: data.Equal, Value: "1"}); !slices.Equal(got, []string{"later"}) {
		t.Errorf("who opened the store before sees incidents %q of severity 1, want later", got)
	}
	if _, err := s.PutDocument(t.Context(), data.Document{Kind: "k", Name: "a"}); err != nil {
		t.Fatal(err)
	}
	if documents, err := reader.Documents(t.Context(), "k"); err != nil || len(documents) != 1 {
		t.Errorf("who opened the store before sees %d documents, %v, want 1", len(documents), err)
	}
}

// TestAStoreThatIsHalfWayIsFinished has a program die after it added a column.
func TestAStoreThatIsHalfWayIsFinished(t *testing.T) {
	path := oldFile(t)
	ask(t, path, "ALTER TABLE civgrid_incidents ADD COLUMN severity INTEGER")
	reader := open(t, path, sqlite.Options{ReadOnly: true})
	wantOld(t, reader)
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, path, sqlite.Options{})
	defer s.Close()
	wantOld(t, s)
	wantFormat(t, path, newest)
}

// versionOfSecond is what the program that wrote testdata/version2.gpkg.gz said.
const versionOfSecond = "1513398cd6f5f999"

// TestAStoreOfTheSecondFormatTakesFactsBack reads one as it is, brings it up to
// date, takes a fact back and puts it back.
func TestAStoreOfTheSecondFormatTakesFactsBack(t *testing.T) {
	path := unpacked(t, "version2.gpkg.gz")
	wantFormat(t, path, 2)
	wantVersion := func(s *sqlite.Store, same bool) {
		t.Helper()
		if got, err := s.Version(t.Context()); (got == versionOfSecond) != same || err != nil {
			t.Errorf("Version is %s, %v, want %s as the older program had it: %t", got, err, versionOfSecond, same)
		}
		if damages, err := s.Verify(t.Context()); err != nil || len(damages) > 0 {
			t.Errorf("Verify: %q, %v", damages, err)
		}
	}
	wantIDs := func(s data.Source, want ...string) {
		t.Helper()
		if got := ids(t, s, nil); !slices.Equal(got, want) {
			t.Errorf("incidents %q, want %q", got, want)
		}
	}
	reader := open(t, path, sqlite.Options{ReadOnly: true})
	defer reader.Close()
	wantVersion(reader, true)
	wantIDs(reader, "1", "2", "3", "bare", "full")
	wantFormat(t, path, 2)
	s := open(t, path, sqlite.Options{})
	defer s.Close()
	wantFormat(t, path, newest)
	wantVersion(s, true)
	full := storetest.Row{"source": "patrol", "id": "full", "location": "none", "status": "open", "reported_at": int64(1_714_521_600_000_000), "severity": "1", "limit_amount": 2.5, "reworks": int64(1), "pauses": "2024-05-01T00:00:00Z/.."}
	gone := maps.Clone(full)
	gone[data.Withdrawn] = data.AnswerYes
	if got := appendRows(t, s, storetest.Batch(s.Schema(data.Incidents), full, gone)); got != (data.Changes{Unchanged: 1, Replaced: 1}) {
		t.Errorf("the row as it was and taken back: %+v, want one unchanged, one replaced", got)
	}
	wantVersion(s, false)
	for _, source := range []data.Source{s, reader, s.AsOf(time.Now())} { // the reader opened it before there was the column
		wantIDs(source, "1", "2", "3", "bare")
	}
	if got := ask(t, path, "SELECT group_concat(id) FROM (SELECT id FROM incidents ORDER BY id)"); got != "1,2,3,bare" {
		t.Errorf("the view shows %v", got)
	}
	appendRows(t, s, storetest.Batch(s.Schema(data.Incidents), full))
	wantVersion(s, true)
	wantIDs(s, "1", "2", "3", "bare", "full")
}

func TestDocumentsStayInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.DefaultName)
	clock := time.UnixMicro(10)
	s := open(t, path, sqlite.Options{Now: func() time.Time { return clock }})
	for _, name := range []string{"b", "a"} {
		if _, err := s.PutDocument(t.Context(), data.Document{Kind: "k", Name: name}); err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(-time.Microsecond) // runs backwards
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"UPDATE civgrid_archive SET body = 'x'", "DELETE FROM civgrid_archive"} {
		if err := tell(path, statement); err == nil {
			t.Errorf("%s gave no error", statement)
		}
	}
	s = open(t, path, sqlite.Options{ReadOnly: true})
	defer s.Close()
	got, err := s.Documents(t.Context(), "k")
	at := time.UnixMicro(10).UTC()
	if diff := cmp.Diff([]data.Document{{Kind: "k", Name: "b", Recorded: at}, {Kind: "k", Name: "a", Recorded: at}}, got); diff != "" || err != nil {
		t.Errorf("error %v, documents (-want +got):\n%s", err, diff)
	}
	if _, err := s.PutDocument(t.Context(), data.Document{Kind: "k", Name: "c"}); err == nil {
		t.Error("PutDocument on a store open for reading gave no error")
	}
}

// tell runs a statement as any other program would.
func tell(path, statement string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}
