package postgis_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
	"github.com/civgrid/civgrid/data/storetest"
)

// versionOfOld is what the program that made testdata/version1.sql said.
const versionOfOld = "f6122bf19aac8897"

// oldSQL makes the store of an older format.
func oldSQL(t *testing.T, format int) string {
	t.Helper()
	dump, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf("version%d.sql", format)))
	if err != nil {
		t.Fatal(err)
	}
	return string(dump)
}

// oldStore returns a database with the store of an older format.
func oldStore(t *testing.T, server *pgtest.Server, format int) (url string) {
	t.Helper()
	url = server.Database(t)
	server.Exec(t, url, oldSQL(t, format))
	return url
}

func countOf(t *testing.T, s data.Source, where data.Condition) (rows int) {
	t.Helper()
	for b, err := range s.Scan(t.Context(), data.Query{Dataset: data.Incidents, Columns: []string{"id", "pauses"}, Where: where}) {
		if err != nil {
			t.Fatal(err)
		}
		rows += b.Len()
	}
	return rows
}

func TestAStoreOfTheFirstFormatIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := oldStore(t, server, 1)
	// Somebody's own view of ours, and somebody who may read ours.
	server.Exec(t, url, `CREATE VIEW open_cases AS SELECT id, geom FROM civgrid.incidents WHERE status = 'open';
		GRANT SELECT ON civgrid.incidents TO pg_monitor`)
	wantRefused(t, url, postgis.Options{}, postgis.ErrOutdated)
	wantRefused(t, url, postgis.Options{ReadOnly: true}, postgis.ErrOutdated)
	m, err := postgis.Migrate(t.Context(), url, postgis.MigrateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(postgis.Migration{From: 1, To: 3, Steps: []string{"00002_archive.sql", "00003_withdrawn.sql"}}, m); diff != "" {
		t.Errorf("migration (-want +got):\n%s", diff)
	}
	if got := ask[int](t, url, "SELECT count(*)::int FROM open_cases"); got != 2 {
		t.Errorf("somebody's view shows %d rows, want 2", got)
	}
	if !ask[bool](t, url, "SELECT has_table_privilege('pg_monitor', 'civgrid.incidents', 'SELECT')") {
		t.Error("who might read the view may not any more")
	}
	s := openClosed(t, url, postgis.Options{})
	if got, err := s.Version(t.Context()); got != versionOfOld || err != nil {
		t.Errorf("Version is %s, %v, want %s as the older program had it", got, err, versionOfOld)
	}
	audit(t, s, url)
	if rows, without := countOf(t, s, nil), countOf(t, s, data.Missing{Column: "severity"}); rows != 4 || without != 4 {
		t.Errorf("%d incidents, %d without a severity, want 4 and 4", rows, without)
	}
	keepsLaterColumns(t, s, url)
	audit(t, s, url)
}

// keepsLaterColumns appends a row as it is, with later columns, and as it was.
func keepsLaterColumns(t *testing.T, s *postgis.Store, url string) {
	t.Helper()
	same := storetest.Row{"source": "patrol", "id": "bare", "location": "none", "status": "open", "reported_at": int64(1_714_521_600_000_000)}
	fuller := storetest.Row{"severity": "2", "duty_grid": "G7", "disposed_at": int64(5), "limit_amount": 2.5, "reworks": int64(1), "satisfaction": "basic", "pauses": "2024-05-01T00:00:00Z/.."}
	for name, v := range same {
		fuller[name] = v
	}
	for _, step := range []struct {
		row  storetest.Row
		want data.Changes
		old  bool // the version is
	}{{same, data.Changes{Unchanged: 1}, true}, {fuller, data.Changes{Replaced: 1}, false}, {same, data.Changes{Replaced: 1}, true}} {
		got, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, storetest.Batch(s.Schema(data.Incidents), step.row))
		if err != nil || got != step.want {
			t.Errorf("Append of %v: %+v, %v, want %+v", step.row, got, err, step.want)
		}
		version, err := s.Version(t.Context())
		if err != nil || (version == versionOfOld) != step.old {
			t.Errorf("after %v Version is %s, %v, want the old one: %t", step.row, version, err, step.old)
		}
		if _, ok := step.row["severity"]; ok {
			if got := countOf(t, s, data.Compare{Column: "severity", Op: data.Equal, Value: "2"}); got != 1 {
				t.Errorf("%d incidents of severity 2, want 1", got)
			}
			const shown = "SELECT severity || ' ' || limit_amount || ' ' || pauses || ' ' || to_char(disposed_at, 'US') FROM civgrid.incidents WHERE id = 'bare'"
			if got := ask[string](t, url, shown); got != "2 2.5 2024-05-01T00:00:00Z/.. 000005" {
				t.Errorf("the view shows %q", got)
			}
		}
	}
	if damages, err := s.Verify(t.Context()); err != nil || len(damages) > 0 {
		t.Errorf("Verify: %q, %v", damages, err)
	}
}

// TestAStoreBroughtUpToDateIsLikeOneMadeNow compares the tables, but for the
// order of their columns.
func TestAStoreBroughtUpToDateIsLikeOneMadeNow(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	first, second, fresh := oldStore(t, server, 1), oldStore(t, server, 2), server.Database(t)
	for _, url := range []string{first, second, fresh} {
		if _, err := postgis.Migrate(t.Context(), url, postgis.MigrateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	settings := data.Settings{Zone: "Asia/Shanghai", Resolutions: data.DefaultResolutions()[1:3]}
	if err := openClosed(t, fresh, postgis.Options{}).PutSettings(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	for what, query := range map[string]string{
		"columns": `SELECT string_agg(table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || CASE WHEN table_name LIKE '%s' THEN ' ' || ordinal_position ELSE '' END, E'\n' ORDER BY table_name COLLATE "C", column_name COLLATE "C")
			FROM information_schema.columns WHERE table_schema = 'civgrid'`,
		"views": `SELECT string_agg(pg_get_viewdef(oid), E'\n' ORDER BY relname) FROM pg_class
			WHERE relnamespace = 'civgrid'::regnamespace AND relkind = 'v'`,
		"indexes":  `SELECT string_agg(indexdef, E'\n' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'civgrid'`,
		"triggers": `SELECT string_agg(pg_get_triggerdef(oid), E'\n' ORDER BY tgname) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'civgrid.archive'::regclass`,
	} {
		for format, old := range map[int]string{1: first, 2: second} {
			if diff := cmp.Diff(ask[string](t, fresh, query), ask[string](t, old, query)); diff != "" {
				t.Errorf("%s (-made now +brought up to date from format %d):\n%s", what, format, diff)
			}
		}
	}
	for _, old := range []string{first, second} {
		findings, err := postgis.Inspect(t.Context(), old, postgis.InspectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			if f.State == postgis.Problem {
				t.Errorf("doctor finds %s: %s", f.Check, f.Text)
			}
		}
	}
}

// versionOfSecond is what the program that made testdata/version2.sql said.
const versionOfSecond = "1513398cd6f5f999"

// TestAStoreOfTheSecondFormatTakesFactsBack brings one up to date, takes a fact
// back and puts it back.
func TestAStoreOfTheSecondFormatTakesFactsBack(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := oldStore(t, server, 2)
	server.Exec(t, url, "CREATE VIEW open_cases AS SELECT id, geom FROM civgrid.incidents WHERE status = 'open'")
	wantRefused(t, url, postgis.Options{}, postgis.ErrOutdated)
	if m, err := postgis.Migrate(t.Context(), url, postgis.MigrateOptions{}); err != nil || m.From != 2 || m.To != newest {
		t.Fatalf("migration %+v, %v, want one from 2 to %d", m, err, newest)
	}
	// What the planner is not told it guesses: that one row in 200 is there.
	if known := ask[float32](t, url, "SELECT null_frac FROM pg_stats WHERE schemaname = 'civgrid' AND tablename = 'incident' AND attname = 'withdrawn'"); known != 1 {
		t.Errorf("the planner thinks that %v of the rows were not taken back, want 1", known)
	}
	s := openClosed(t, url, postgis.Options{})
	want := func(rows, open int, same bool) {
		t.Helper()
		if got := countOf(t, s, nil); got != rows {
			t.Errorf("%d incidents, want %d", got, rows)
		}
		if got := ask[int](t, url, "SELECT count(*)::int FROM civgrid.incidents"); got != rows {
			t.Errorf("the view shows %d incidents, want %d", got, rows)
		}
		if got := ask[int](t, url, "SELECT count(*)::int FROM open_cases"); got != open {
			t.Errorf("somebody's view shows %d open incidents, want %d", got, open)
		}
		if got, err := s.Version(t.Context()); (got == versionOfSecond) != same || err != nil {
			t.Errorf("Version is %s, %v, want %s as the older program had it: %t", got, err, versionOfSecond, same)
		}
		if damages, err := s.Verify(t.Context()); err != nil || len(damages) > 0 {
			t.Errorf("Verify: %q, %v", damages, err)
		}
		if same { // it counts what is scanned
			audit(t, s, url)
		}
	}
	want(5, 2, true)
	full := storetest.Row{"source": "patrol", "id": "full", "location": "none", "status": "open", "reported_at": int64(1_714_521_600_000_000), "severity": "1", "limit_amount": 2.5, "reworks": int64(1), "pauses": "2024-05-01T00:00:00Z/.."}
	gone := maps.Clone(full)
	gone[data.Withdrawn] = data.AnswerYes
	for _, step := range []struct {
		row  storetest.Row
		want data.Changes
	}{{full, data.Changes{Unchanged: 1}}, {gone, data.Changes{Replaced: 1}}, {full, data.Changes{Replaced: 1}}} {
		got, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, storetest.Batch(s.Schema(data.Incidents), step.row))
		if err != nil || got != step.want {
			t.Errorf("Append of %v: %+v, %v, want %+v", step.row, got, err, step.want)
		}
		if _, taken := step.row[data.Withdrawn]; taken {
			want(4, 1, false)
		} else {
			want(5, 2, true)
		}
	}
}

// TestAStoreThatIsHalfWayIsFinished has the one who migrates die after some
// columns, and an older program go on.
func TestAStoreThatIsHalfWayIsFinished(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := oldStore(t, server, 1)
	server.Exec(t, url, "ALTER TABLE civgrid.incident ADD COLUMN severity integer, ADD COLUMN duty_grid integer")
	wantRefused(t, url, postgis.Options{}, postgis.ErrOutdated)
	if _, err := postgis.Migrate(t.Context(), url, postgis.MigrateOptions{}); err != nil {
		t.Fatal(err)
	}
	s := openClosed(t, url, postgis.Options{})
	if got, err := s.Version(t.Context()); got != versionOfOld || err != nil {
		t.Errorf("Version is %s, %v, want %s", got, err, versionOfOld)
	}
	keepsLaterColumns(t, s, url)
}

func TestDocumentsStayInTheDatabase(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := server.Database(t)
	s := openClosed(t, url, postgis.Options{})
	began := time.Now()
	for _, name := range []string{"b", "a"} {
		if _, err := s.PutDocument(t.Context(), data.Document{Kind: "k", Name: name, Body: name}); err != nil {
			t.Fatal(err)
		}
	}
	for _, statement := range []string{"UPDATE civgrid.archive SET body = 'x'", "DELETE FROM civgrid.archive", "TRUNCATE civgrid.archive"} {
		if !refused(t, url, statement) {
			t.Errorf("the owner is allowed %s", statement)
		}
	}
	reader := openClosed(t, url, postgis.Options{ReadOnly: true})
	got, err := reader.Documents(t.Context(), "k")
	if err != nil || len(got) != 2 || got[0].Name != "b" || got[1].Body != "a" {
		t.Errorf("documents %+v, %v, want b and a", got, err)
	}
	for _, d := range got {
		if age := d.Recorded.Sub(began).Abs(); age > time.Minute {
			t.Errorf("document %s was recorded at %v, %v from now", d.Name, d.Recorded, age)
		}
	}
	if _, err := reader.PutDocument(t.Context(), data.Document{Kind: "k", Name: "c"}); err == nil || errors.Is(err, data.ErrConflict) {
		t.Errorf("PutDocument on a store open for reading: %v, want another error", err)
	}
}

// TestASpreadStoreOfTheFirstFormatIsBroughtUpToDate spreads the tables of an
// older program over workers, as that program did, and migrates them.
func TestASpreadStoreOfTheFirstFormatIsBroughtUpToDate(t *testing.T) {
	cluster := pgtest.StartCluster(t, 2)
	url := cluster.Database(t)
	cluster.Coordinator.Exec(t, url, oldSQL(t, 1))
	cluster.Coordinator.Exec(t, url, `SELECT create_reference_table(c) FROM unnest(ARRAY['civgrid.word', 'civgrid.community', 'civgrid.community_part']::regclass[]) AS c`)
	for _, name := range []string{"incident", "resource", "inspection"} {
		cluster.Coordinator.Exec(t, url, "SELECT create_distributed_table('civgrid."+name+"', 'id', shard_count => 4)")
		cluster.Coordinator.Exec(t, url, "SELECT create_distributed_table('civgrid."+name+"_past', 'id', colocate_with => 'civgrid."+name+"')")
	}
	m, err := postgis.Migrate(t.Context(), url, postgis.MigrateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if m.From != 1 || m.To != newest || !m.Distributed {
		t.Errorf("migration %+v, want one from 1 to %d of a distributed store", m, newest)
	}
	s := openClosed(t, url, postgis.Options{})
	if got, err := s.Version(t.Context()); got != versionOfOld || err != nil {
		t.Errorf("Version is %s, %v, want %s as the older program had it", got, err, versionOfOld)
	}
	if rows := countOf(t, s, data.Missing{Column: "severity"}); rows != 4 {
		t.Errorf("%d incidents without a severity, want 4", rows)
	}
	keepsLaterColumns(t, s, url)
	if kept, err := s.PutDocument(t.Context(), data.Document{Kind: "k", Name: "a", Body: "one"}); !kept || err != nil {
		t.Errorf("a document is kept: %t, %v", kept, err)
	}
}
