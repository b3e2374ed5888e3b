package postgis_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// inspect returns the findings on a database by check.
func inspect(t *testing.T, url string) map[string]postgis.Finding {
	t.Helper()
	findings, err := postgis.Inspect(t.Context(), url, postgis.InspectOptions{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return byCheck(t, findings)
}

func byCheck(t *testing.T, findings []postgis.Finding) map[string]postgis.Finding {
	t.Helper()
	checks := map[string]postgis.Finding{}
	for _, f := range findings {
		if _, twice := checks[f.Check]; twice {
			t.Errorf("check %s has two findings", f.Check)
		}
		if f.Text == "" || f.State != postgis.OK && f.State != postgis.Warning && f.State != postgis.Problem {
			t.Errorf("check %s found %+v", f.Check, f)
		}
		checks[f.Check] = f
	}
	return checks
}

// wantFinding tests what a check found.
func wantFinding(t *testing.T, findings map[string]postgis.Finding, check string, state postgis.State, text string) {
	t.Helper()
	if f := findings[check]; f.State != state || !strings.Contains(f.Text, text) {
		t.Errorf("%s is %q: %q, want %q with %q", check, f.State, f.Text, state, text)
	}
}

// ofTests are the checks that find fault with the servers of tests, which do
// not wait for the disk, and whose only user is a superuser.
var ofTests = []string{"durability", "checksums", "role"}

// wantSound tests that a check of the store finds nothing.
func wantSound(t *testing.T, findings map[string]postgis.Finding) {
	t.Helper()
	for check, f := range findings {
		if f.State != postgis.OK && !slices.Contains(ofTests, check) {
			t.Errorf("%s: %+v, want nothing wrong", check, f)
		}
	}
}

func TestInspectASoundStore(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	s := openClosed(t, url, postgis.Options{})
	if err := s.PutSettings(t.Context(), data.Settings{Zone: "Asia/Shanghai"}); err != nil {
		t.Fatal(err)
	}
	add(t, s, data.Chunk{}, fact{"s", "1", 1, "a", 1}, fact{"s", "2", 1, "a", 1})
	findings, err := postgis.Inspect(t.Context(), url, postgis.InspectOptions{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, f := range findings {
		order = append(order, f.Check)
		t.Logf("%-12s %-8s %s", f.Check, f.State, f.Text)
	}
	want := []string{
		"server", "version", "postgis", "citus", "standby", "encoding", "durability", "checksums", "autovacuum", "timeouts", "clock",
		"connections", "pooling", "disk", "role", "format", "tables", "indexes", "owner", "time zone", "statistics", "batches", "inbox",
	}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}
	found := byCheck(t, findings)
	wantSound(t, found)
	wantFinding(t, found, "time zone", postgis.OK, "Asia/Shanghai")
	wantFinding(t, found, "role", postgis.Warning, "is a superuser")
	wantFinding(t, found, "durability", postgis.Warning, "fsync is off")

	without, err := postgis.Inspect(t.Context(), url, postgis.InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, told := byCheck(t, without)["clock"]; told {
		t.Error("clocks are compared though none was given")
	}
}

// TestInspectFindsFaults breaks one thing after the other. The databases are
// copies of one that is sound.
func TestInspectFindsFaults(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	set := func(setting string) string {
		return "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET " + setting + "', current_database()); END $$;"
	}
	for _, c := range []struct {
		check string
		state postgis.State
		text  string
		sql   string
	}{
		{"tables", postgis.Problem, "civgrid.incident_past is missing", "DROP TABLE civgrid.incident_past"},
		{"tables", postgis.Problem, "civgrid.incidents and civgrid.h3_parent(bigint,integer) are missing", "DROP VIEW civgrid.incidents; DROP FUNCTION civgrid.h3_parent"},
		{"tables", postgis.Problem, "civgrid.resource.\"cell_9\" is missing", "ALTER TABLE civgrid.resource DROP cell_9 CASCADE; CREATE VIEW civgrid.resources AS SELECT 1"},
		{"indexes", postgis.Problem, "incident_cell is missing", "DROP INDEX civgrid.incident_cell"},
		{"indexes", postgis.Problem, "batch_at is not valid", "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'civgrid.batch_at'::regclass"},
		{"format", postgis.Problem, "who made the store did not come to the end", "DELETE FROM civgrid.dataset WHERE dataset = 'resources'"},
		{"settings", postgis.Problem, "settings", `INSERT INTO civgrid.document (kind, name, body) VALUES ('settings', '', '{"resolutions": 7}')`},
		{"settings", postgis.Problem, "unknown time zone Mars/Phobos", `INSERT INTO civgrid.document (kind, name, body) VALUES ('settings', '', '{"zone": "Mars/Phobos"}')`},
		{"statistics", postgis.Warning, "nothing is known about the rows of civgrid.incident", "UPDATE civgrid.dataset SET rows = 20000 WHERE dataset = 'incidents'"},
		{"batches", postgis.Warning, "1 not published, whose writers died", "INSERT INTO civgrid.batch (id, dataset) VALUES (99, 'incidents')"},
		{"timeouts", postgis.Warning, "idle_in_transaction_session_timeout is 5s, lock_timeout is 10ms", set("idle_in_transaction_session_timeout = 5000") + set("lock_timeout = 10")},
		{"durability", postgis.Warning, "fsync and synchronous_commit are off", set("synchronous_commit = off")},
		{"timeouts", postgis.Warning, "statement_timeout is 1m0s", set("statement_timeout = 60000")},
		{"inbox", postgis.Warning, "1 submitted and not imported, the oldest since 2h0m", "INSERT INTO civgrid.inbox (dataset, source, facts, submitted) VALUES ('incidents', 's', '[{}]', clock_timestamp() - interval '2 hours')"},
		{"inbox", postgis.OK, "1 submitted and not imported yet", "INSERT INTO civgrid.inbox (dataset, source, facts) VALUES ('incidents', 's', '[{}]')"},
		{"citus", postgis.OK, "not installed", ""},
	} {
		url := server.Database(t)
		openClosed(t, url, postgis.Options{})
		server.Exec(t, url, c.sql)
		findings := inspect(t, url)
		wantFinding(t, findings, c.check, c.state, c.text)
		for check, f := range findings {
			if check != c.check && f.State == postgis.Problem {
				t.Errorf("%s: %s: %s is %+v too", c.check, c.text, check, f)
			}
		}
	}
}

// TestInspectKnowsEveryIndex drops all indexes and makes them again as it is
// told, so that none is forgotten and each is made as it was.
func TestInspectKnowsEveryIndex(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := server.Database(t)
	openClosed(t, url, postgis.Options{})
	const (
		definitions = "SELECT string_agg(indexdef, E'\n' ORDER BY indexdef) FROM pg_indexes WHERE schemaname = 'civgrid'"
		drop        = `DO $$ DECLARE drop text; BEGIN FOR drop IN
			SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint WHERE connamespace = 'civgrid'::regnamespace AND contype IN ('p', 'u')
			LOOP EXECUTE drop; END LOOP; FOR drop IN
			SELECT format('DROP INDEX %s', x.indexrelid::regclass) FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE c.relnamespace = 'civgrid'::regnamespace
			LOOP EXECUTE drop; END LOOP; END $$`
	)
	before := ask[string](t, url, definitions)
	server.Exec(t, url, drop)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for remedy := range strings.SplitSeq(strings.TrimSuffix(inspect(t, url)["indexes"].Hint, ";"), ";") {
		if _, err := conn.Exec(t.Context(), remedy); err != nil {
			t.Errorf("%s: %v", remedy, err)
		}
	}
	if diff := cmp.Diff(before, ask[string](t, url, definitions)); diff != "" {
		t.Errorf("indexes (-before +after):\n%s", diff)
	}
	wantSound(t, inspect(t, url))
}

// TestInspectSaysWhyThereIsNoStore tests what comes with an error.
func TestInspectSaysWhyThereIsNoStore(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	f := func(url, check, text string, want error) {
		t.Helper()
		o := postgis.InspectOptions{ConnectTimeout: 500 * time.Millisecond, Now: time.Now}
		findings, err := postgis.Inspect(t.Context(), url, o)
		if !errors.Is(err, want) {
			t.Errorf("inspect: %v, want %v", err, want)
		}
		found := byCheck(t, findings)
		wantFinding(t, found, check, postgis.Problem, text)
		if found[check].Hint == "" {
			t.Errorf("%s: %q comes without a hint", check, text)
		}
	}
	empty := server.Database(t)
	f(empty, "format", "the database has no store", data.ErrNotFound)
	newer := server.Database(t)
	openClosed(t, newer, postgis.Options{})
	server.Exec(t, newer, "INSERT INTO civgrid.version (version_id, is_applied) VALUES (999, true)")
	f(newer, "format", "version 999 was made by a newer program", data.ErrVersion)
	f(server.URL("nowhere"), "server", `database "nowhere" does not exist`, data.ErrUnavailable)

	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	f("postgres://civgrid@"+silent.Addr().String()+"/x?sslmode=disable", "server", "no answer in time", data.ErrUnavailable)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	f("postgres://civgrid:secret@"+closed.Addr().String()+"/x?sslmode=disable", "server", "refused", data.ErrUnavailable)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := postgis.Inspect(ctx, empty, postgis.InspectOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("inspect after the context ended: %v, want context.Canceled", err)
	}
}

func TestInspectComparesClocks(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	openClosed(t, url, postgis.Options{})
	for _, c := range []struct {
		ours  time.Duration
		state postgis.State
		text  string
	}{
		{0, postgis.OK, "ours"}, {-time.Hour, postgis.Warning, "ahead of ours"}, {time.Hour, postgis.Warning, "behind ours"},
	} {
		findings, err := postgis.Inspect(t.Context(), url, postgis.InspectOptions{Now: func() time.Time { return time.Now().Add(c.ours) }})
		if err != nil {
			t.Fatal(err)
		}
		wantFinding(t, byCheck(t, findings), "clock", c.state, c.text)
	}
}

// TestInspectTellsLiveWritersFromDeadOnes stops an import between opening its
// batch and writing its rows. A batch of a dead writer is among the faults.
func TestInspectTellsLiveWritersFromDeadOnes(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	s := openClosed(t, url, postgis.Options{})
	blocker, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer blocker.Close(context.Background())
	if _, err := blocker.Exec(t.Context(), "BEGIN; LOCK TABLE civgrid.incident IN SHARE MODE"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := s.Append(context.Background(), data.Incidents, data.Chunk{}, batchOf(s.Schema(data.Incidents), fact{"s", "2", 1, "a", 1}))
		done <- err
	}()
	for ask[int64](t, url, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0 {
		time.Sleep(time.Millisecond)
	}
	wantFinding(t, inspect(t, url), "batches", postgis.OK, "1 not published yet, whose writers work")
	if _, err := blocker.Exec(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	wantFinding(t, inspect(t, url), "batches", postgis.OK, "all are published")
}
