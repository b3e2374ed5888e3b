package postgis_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// wantDamages verifies a store and compares what is wrong with it.
func wantDamages(t *testing.T, s *postgis.Store, want ...string) {
	t.Helper()
	got, err := s.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("Verify finds %q, want %q", got, want)
	}
}

// keepHistory leaves present rows, past ones, restamped ones and a community in a
// store.
func keepHistory(t *testing.T, s *postgis.Store) {
	t.Helper()
	long := strings.Repeat("long ", 1000)
	add(t, s, data.Chunk{}, fact{"s", "1", 1, "a", 1}, fact{"s", "2", 1, "a", 1}, fact{"s", "zero\x00" + long, 1, "a\xff", 1})
	add(t, s, data.Chunk{}, fact{"s", "1", 2, "b", 1}, fact{"s", "2", 1, "a", 2}, fact{"t", "1", 1, long, 3})
	community := data.Community{
		Code: "A", Level: data.District, Names: data.Names{"": "Alpha"},
		Outline: orb.MultiPolygon{{{{110, 23}, {111, 23}, {111, 24}, {110, 23}}}},
	}
	line := data.Community{Code: "L", Level: data.District, Names: data.Names{"": "Line"}, Outline: orb.MultiPolygon{{{{1, 1}, {2, 2}, {1, 1}, {1, 1}}}}}
	if _, err := s.PutCommunities(t.Context(), []data.Community{community, line, {Code: "B", Level: data.District, Names: data.Names{"": "B"}}}); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyFindsDamage(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := server.Database(t)
	s := openClosed(t, url, postgis.Options{})
	wantDamages(t, s)
	keepHistory(t, s)
	wantDamages(t, s)
	f := func(sql, undo string, want ...string) {
		t.Helper()
		server.Exec(t, url, sql)
		wantDamages(t, s, want...)
		server.Exec(t, url, undo)
		wantDamages(t, s)
	}
	f("UPDATE civgrid.incident SET reported_at = reported_at + 1 WHERE seq = 2", "UPDATE civgrid.incident SET reported_at = reported_at - 1 WHERE seq = 2",
		"civgrid.incident: row of seq 2 differs from its digest", "incidents: the sum over its rows differs from what is kept")
	f("UPDATE civgrid.incident SET cell_11 = 9 WHERE seq = 4", "UPDATE civgrid.incident SET cell_11 = 3 WHERE seq = 4",
		"civgrid.incident: row of seq 4 differs from its digest", "incidents: the sum over its rows differs from what is kept")
	f("UPDATE civgrid.incident_past SET address = ''", "UPDATE civgrid.incident_past SET address = NULL",
		"civgrid.incident_past: row of seq 2 differs from its digest")
	f("CREATE TABLE gone AS SELECT * FROM civgrid.incident WHERE seq = 3; DELETE FROM civgrid.incident WHERE seq = 3",
		"INSERT INTO civgrid.incident SELECT * FROM gone; DROP TABLE gone",
		"incidents: 3 rows are published, and 4 are counted", "incidents: the sum over its rows differs from what is kept")
	f("UPDATE civgrid.dataset SET digest = digest + 1 WHERE dataset = 'resources'", "UPDATE civgrid.dataset SET digest = digest - 1 WHERE dataset = 'resources'",
		"resources: the sum over its rows differs from what is kept")
	f("UPDATE civgrid.community SET responsible = 'x' WHERE code = 'B'", "UPDATE civgrid.community SET responsible = '' WHERE code = 'B'",
		"community: B differs from its digest")
	f("UPDATE civgrid.community_part SET community = -community", "UPDATE civgrid.community_part SET community = -community",
		"community: A has no pieces to be found by")
}

// TestVerifyFindsAnUnknownWord needs a store that has not met the word.
func TestVerifyFindsAnUnknownWord(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := server.Database(t)
	keepHistory(t, openClosed(t, url, postgis.Options{}))
	server.Exec(t, url, "DELETE FROM civgrid.word WHERE key = 't'")
	s := openClosed(t, url, postgis.Options{ReadOnly: true})
	damages, err := s.Verify(t.Context())
	if err != nil || len(damages) != 1 || !strings.Contains(damages[0], "incidents: column source: word ") {
		t.Errorf("Verify finds %q, %v, want an unknown word of incidents", damages, err)
	}
}

// TestVerifyTellsManyDamages stops at a number of them.
func TestVerifyTellsManyDamages(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := server.Database(t)
	s := openClosed(t, url, postgis.Options{})
	for n := range 3 {
		if _, err := appendChunk(t.Context(), s, n); err != nil {
			t.Fatal(err)
		}
	}
	wantDamages(t, s)
	server.Exec(t, url, "UPDATE civgrid.incident SET address = 'x'")
	damages, err := s.Verify(t.Context())
	if err != nil || len(damages) != 100 {
		t.Errorf("Verify tells %d damages, %v, want 100", len(damages), err)
	}
}

// TestVerifyWhileOthersWrite finds no damage in a store that changes all the
// time.
func TestVerifyWhileOthersWrite(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	verifyWhileOthersWrite(t, url)
}

func verifyWhileOthersWrite(t *testing.T, url string) {
	t.Helper()
	s := openClosed(t, url, postgis.Options{})
	end, done := make(chan struct{}), make(chan error)
	go func() {
		done <- appendUntil(t.Context(), s, end, func(data.Changes) {})
	}()
	for range 20 {
		wantDamages(t, s)
	}
	close(end)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	wantDamages(t, s)
}

// TestVerifyWithUnpublishedStamps is a batch that restamped a row and was
// committed by a writer that died before it published it: the row carries the
// new stamps, the sum yet the old ones.
func TestVerifyWithUnpublishedStamps(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := server.Database(t)
	s := openClosed(t, url, postgis.Options{})
	add(t, s, data.Chunk{}, fact{"s", "1", 1, "a", 1}, fact{"s", "2", 1, "a", 1})
	add(t, s, data.Chunk{}, fact{"s", "1", 1, "a", 2})
	server.Exec(t, url, `UPDATE civgrid.dataset d SET digest = d.digest - b.digest, mark = 1 FROM civgrid.batch b WHERE b.id = 2 AND d.dataset = 'incidents';
		UPDATE civgrid.batch SET state = 1, mark = NULL, at = NULL, nonce = NULL WHERE id = 2; UPDATE civgrid.clock SET mark = 1`)
	wantDamages(t, s)
	mended := openClosed(t, url, postgis.Options{})
	wantDamages(t, mended)
	if got, want := versionOf(t, mended), recount(t, mended); got != want {
		t.Errorf("Version is %s, want %s by the rows", got, want)
	}
}
