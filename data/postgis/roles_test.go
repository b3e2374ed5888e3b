package postgis_test

import (
	"errors"
	"io/fs"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
	"github.com/civgrid/civgrid/geo"
)

// as returns the URL under which somebody else logs in.
func as(t *testing.T, databaseURL, user string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(user)
	return u.String()
}

// logins makes a login for each of the three groups. Roles are of the whole
// server, so this takes one of the test's own.
const logins = "CREATE ROLE olga LOGIN IN ROLE civgrid_owner; CREATE ROLE will LOGIN IN ROLE civgrid_writer; CREATE ROLE rita LOGIN IN ROLE civgrid_reader; CREATE ROLE nemo LOGIN"

// TestRoles gives a database to its users before there is a store in it.
func TestRoles(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url := server.Database(t)
	server.Exec(t, url, postgis.Roles("", "", ""))
	server.Exec(t, url, logins)

	_, err := postgis.Migrate(t.Context(), as(t, url, "will"), postgis.MigrateOptions{})
	wantPermission(t, "a writer migrates", err)
	owner := asOwner(t, as(t, url, "olga"))
	m, err := postgis.Migrate(t.Context(), owner, postgis.MigrateOptions{})
	if err != nil || m.From != 0 || m.To == 0 {
		t.Fatalf("the owner migrates from %d to %d: %v", m.From, m.To, err)
	}
	testRoles(t, url)

	t.Run("twice", func(t *testing.T) {
		server.Exec(t, url, postgis.Roles("", "", ""))
		wantGrants(t, url)
	})
	t.Run("tables made later", func(t *testing.T) {
		s := openClosed(t, url+"&role=civgrid_owner", postgis.Options{})
		if err := s.PutSettings(t.Context(), data.Settings{Zone: "Asia/Shanghai"}); err != nil {
			t.Fatal(err)
		}
		server.Exec(t, asOwner(t, url), "CREATE TABLE civgrid.later (id int); CREATE SEQUENCE civgrid.later_seq")
		server.Exec(t, as(t, url, "will"), "INSERT INTO civgrid.later SELECT nextval('civgrid.later_seq')")
		server.Exec(t, as(t, url, "rita"), "SELECT * FROM civgrid.later")
		server.Exec(t, url, "DROP TABLE civgrid.later; DROP SEQUENCE civgrid.later_seq")
	})
	t.Run("of a store that is there", func(t *testing.T) { rolesOfAStoreThatIsThere(t, server) })
	t.Run("without a superuser", func(t *testing.T) { rolesWithoutASuperuser(t, server) })
	t.Run("of odd names", func(t *testing.T) { rolesOfOddNames(t, server) })
}

// asOwner returns the URL under which the user of a URL migrates.
func asOwner(t *testing.T, url string) string {
	t.Helper()
	owner, err := postgis.AsOwner(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return owner
}

// testRoles tests what each of the three may do with a store.
func testRoles(t *testing.T, url string) {
	t.Helper()
	wantGrants(t, url)
	writer := openClosed(t, as(t, url, "will"), postgis.Options{})
	t.Run("the writer makes and drops nothing", func(t *testing.T) { writerChangesNoTable(t, writer, as(t, url, "will")) })
	t.Run("the writer imports", func(t *testing.T) { writerImports(t, writer) })
	t.Run("the reader looks", func(t *testing.T) { readerLooks(t, as(t, url, "rita")) })
	t.Run("a job hands in", func(t *testing.T) { jobHandsIn(t, writer, url) })
	t.Run("a stranger sees nothing", func(t *testing.T) {
		_, err := postgis.Open(t.Context(), as(t, url, "nemo"), postgis.Options{ReadOnly: true})
		wantPermission(t, "a stranger opens the store", err)
	})
}

// writerImports does all that an import does.
func writerImports(t *testing.T, s *postgis.Store) {
	if c := add(t, s, data.Chunk{Import: "i", Number: 1}, fact{"s", "1", 1, "a", 1}, fact{"s", "2", 1, "a", 1}); c.Inserted != 2 {
		t.Errorf("%d rows are new, want 2", c.Inserted)
	}
	if c := add(t, s, data.Chunk{}, fact{"s", "1", 2, "b", 1}, fact{"s", "2", 1, "a", 2}); c.Replaced != 1 || c.Restamped != 1 {
		t.Errorf("%d rows are replaced and %d restamped, want 1 and 1", c.Replaced, c.Restamped)
	}
	community := data.Community{Code: "A", Level: data.District, Names: data.Names{"": "Alpha"}, Outline: orb.MultiPolygon{{{{110, 23}, {111, 23}, {111, 24}, {110, 23}}}}}
	settings, err := s.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	settings.Zone = "Asia/Shanghai"
	_, err = s.PutCommunities(t.Context(), []data.Community{community})
	_, documentErr := s.PutDocument(t.Context(), data.Document{Kind: "indicator", Name: "a", Body: "one"})
	for what, err := range map[string]error{
		"keep communities": err,
		"keep a report":    s.PutReport(t.Context(), data.Report{Dataset: data.Incidents, Rows: 2}),
		"keep an import":   s.PutImport(t.Context(), data.Import{ID: "i", Dataset: "incidents"}),
		"keep settings":    s.PutSettings(t.Context(), settings),
		"keep a document":  documentErr,
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// writerChangesNoTable is the promise that a service's own role drops nothing.
func writerChangesNoTable(t *testing.T, s *postgis.Store, url string) {
	for _, statement := range []string{
		"DROP TABLE civgrid.incident", "DROP VIEW civgrid.incidents", "DROP SCHEMA civgrid CASCADE", "TRUNCATE civgrid.incident",
		"CREATE TABLE civgrid.mine (id int)", "ALTER TABLE civgrid.incident ADD COLUMN mine int", "DROP INDEX civgrid.incident_cell",
		"CREATE TRIGGER mine BEFORE INSERT ON civgrid.incident FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
		"UPDATE civgrid.archive SET body = ''", "DELETE FROM civgrid.archive", "DROP TRIGGER archive_keeps ON civgrid.archive",
		"SET ROLE civgrid_owner", "DROP FUNCTION civgrid.h3_resolution(bigint)", "REINDEX TABLE civgrid.incident",
	} {
		if !refused(t, url, statement) {
			t.Errorf("a writer is allowed %s", statement)
		}
	}
	wantPermission(t, "a writer changes the resolutions", s.PutSettings(t.Context(), data.Settings{Resolutions: []geo.Resolution{8}}))
}

// readerLooks opens a store for reading, and for writing.
func readerLooks(t *testing.T, url string) {
	s := openClosed(t, url, postgis.Options{ReadOnly: true})
	if got := sumOf(t, s, data.Incidents).Rows; got != 2 {
		t.Errorf("a reader sees %d rows, want 2", got)
	}
	for b, err := range s.Aggregate(t.Context(), data.Rollup{Dataset: data.Incidents, Counts: []data.Count{{Name: "n"}}}) {
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Ints("n")[0]; got != 2 {
			t.Errorf("a reader counts %d rows, want 2", got)
		}
	}
	if _, err := s.Weigh(t.Context(), []data.Rollup{{Dataset: data.Incidents, Counts: []data.Count{{Name: "n"}}}}); err != nil {
		t.Error(err)
	}
	if damages, err := s.Verify(t.Context()); err != nil || len(damages) > 0 {
		t.Errorf("a reader verifies: %q, %v", damages, err)
	}
	if got := sumOf(t, s.AsOf(time.Now()), data.Incidents).Rows; got != 2 {
		t.Errorf("a reader sees %d rows as of now, want 2", got)
	}
	writing := openClosed(t, url, postgis.Options{})
	_, err := writing.Append(t.Context(), data.Incidents, data.Chunk{}, batchOf(writing.Schema(data.Incidents), fact{"s", "3", 1, "a", 1}))
	wantPermission(t, "a reader appends", err)
	_, err = writing.PutCommunities(t.Context(), []data.Community{{Code: "B", Level: data.District, Names: data.Names{"": "B"}}})
	wantPermission(t, "a reader keeps communities", err)
	_, err = writing.PutDocument(t.Context(), data.Document{Kind: "indicator", Name: "b"})
	wantPermission(t, "a reader keeps a document", err)
	if documents, err := s.Documents(t.Context(), "indicator"); err != nil || len(documents) != 1 {
		t.Errorf("a reader sees %d documents, %v, want 1", len(documents), err)
	}
}

// jobHandsIn has a writer submit facts, which a reader may not.
func jobHandsIn(t *testing.T, writer *postgis.Store, url string) {
	const submit = `SELECT civgrid.submit('incidents', 'hotline', '[{"id": "1", "reported_at": "2024-05-01T08:00:00+08:00"}]')`
	ask[int64](t, as(t, url, "will"), submit)
	if n, err := writer.Waiting(t.Context()); n != 1 || err != nil {
		t.Errorf("a writer sees %d submissions, %v, want 1", n, err)
	}
	for user, statements := range map[string][]string{
		"rita": {submit, "SELECT nextval('civgrid.incident_seq')", "DELETE FROM civgrid.inbox"},
		"nemo": {submit, "SELECT civgrid.h3_resolution(0)"},
	} {
		for _, statement := range statements {
			if !refused(t, as(t, url, user), statement) {
				t.Errorf("%s is allowed %s", user, statement)
			}
		}
	}
	const powers = `SELECT coalesce(string_agg(proname, ', '), '') FROM pg_proc WHERE pronamespace = 'civgrid'::regnamespace AND prosecdef
		AND has_function_privilege('civgrid_reader', oid, 'EXECUTE')`
	if got := ask[string](t, url, powers); got != "" {
		t.Errorf("readers act as the owner by %s", got)
	}
}

// refused reports whether a user lacks the privilege for a statement.
func refused(t *testing.T, url, statement string) bool {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), statement)
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && refusal.Code == "42501"
}

func wantPermission(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%s: %v, want fs.ErrPermission", what, err)
	}
}

// wantGrants compares the privileges on all tables and sequences with those
// that roles are to have, and no others.
func wantGrants(t *testing.T, url string) {
	t.Helper()
	const others = `SELECT coalesce(string_agg(DISTINCT c.relname || ' ' || coalesce(r.rolname, 'PUBLIC') || ' ' || a.privilege_type, ', '), '')
		FROM pg_class c CROSS JOIN aclexplode(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) a
		LEFT JOIN pg_roles r ON r.oid = a.grantee
		WHERE c.relnamespace = 'civgrid'::regnamespace AND c.relkind IN ('r', 'v', 'S') AND NOT coalesce(CASE r.rolname
			WHEN 'civgrid_owner' THEN true
			WHEN 'civgrid_writer' THEN a.privilege_type = ANY (CASE c.relkind WHEN 'S' THEN ARRAY['USAGE'] ELSE ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'] END)
			WHEN 'civgrid_reader' THEN a.privilege_type = 'SELECT' AND c.relkind <> 'S' END, false)`
	if got := ask[string](t, url, others); got != "" {
		t.Errorf("somebody has privileges too many: %s", got)
	}
	const strays = "SELECT coalesce(string_agg(relname, ', '), '') FROM pg_class WHERE relnamespace = 'civgrid'::regnamespace AND pg_get_userbyid(relowner) <> 'civgrid_owner'"
	if got := ask[string](t, url, strays); got != "" {
		t.Errorf("others than the owner own %s", got)
	}
}

// rolesOfAStoreThatIsThere takes a store over from a user who made it.
func rolesOfAStoreThatIsThere(t *testing.T, server *pgtest.Server) {
	url := server.Database(t)
	server.Exec(t, url, "CREATE ROLE adam LOGIN; CREATE SCHEMA civgrid AUTHORIZATION adam")
	adam := as(t, url, "adam")
	if _, err := postgis.Migrate(t.Context(), adam, postgis.MigrateOptions{}); err != nil {
		t.Fatal(err)
	}
	server.Exec(t, adam, "GRANT ALL ON ALL TABLES IN SCHEMA civgrid TO civgrid_reader; CREATE DOMAIN civgrid.mood AS text; CREATE TABLE civgrid.own (id serial)")
	server.Exec(t, url, "CREATE TABLE civgrid.another (id int GENERATED ALWAYS AS IDENTITY)") // a third one's
	server.Exec(t, url, postgis.Roles("", "", ""))
	testRoles(t, url)
	if got := ask[bool](t, url, "SELECT pg_has_role('adam', 'civgrid_owner', 'MEMBER')"); !got {
		t.Error("who owned the store before is no member of the owner")
	}
	if got := ask[string](t, url, "SELECT string_agg(DISTINCT pg_get_userbyid(typowner), ',') FROM pg_type WHERE typnamespace = 'civgrid'::regnamespace"); got != "civgrid_owner" {
		t.Errorf("types belong to %s, want civgrid_owner", got)
	}
}

// rolesWithoutASuperuser is what hosted databases allow.
func rolesWithoutASuperuser(t *testing.T, server *pgtest.Server) {
	url := server.Database(t)
	name := ask[string](t, url, "SELECT current_database()::text")
	server.Exec(t, url, "CREATE ROLE host LOGIN CREATEROLE; ALTER DATABASE "+name+" OWNER TO host")
	host := as(t, url, "host")
	server.Exec(t, host, postgis.Roles("own", "write", "read"))
	if _, err := postgis.Migrate(t.Context(), asOwner(t, host), postgis.MigrateOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := ask[string](t, url, "SELECT string_agg(DISTINCT pg_get_userbyid(relowner), ',') FROM pg_class WHERE relnamespace = 'civgrid'::regnamespace"); got != "own" {
		t.Errorf("tables belong to %s, want own", got)
	}
	server.Exec(t, host, postgis.Roles("own", "write", "read"))
}

// rolesOfOddNames tries names that would be SQL if they were not quoted.
func rolesOfOddNames(t *testing.T, server *pgtest.Server) {
	url := server.Database(t)
	owner, writer, reader := `o"; DROP SCHEMA public; --`, "w'$do$ {owner} %I", "r\nDROP EXTENSION postgis;\r{writer}"
	server.Exec(t, url, postgis.Roles(owner, writer, reader))
	for _, name := range []string{owner, writer, reader} {
		if got := ask[int](t, url, "SELECT count(*)::int FROM pg_roles WHERE rolname = $1", name); got != 1 {
			t.Errorf("role %q is there %d times, want once", name, got)
		}
	}
	if got := ask[string](t, url, "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'civgrid'"); got != owner {
		t.Errorf("the schema belongs to %q, want %q", got, owner)
	}
}

func TestRolesAreReadable(t *testing.T) {
	sql := postgis.Roles("", "", "")
	for _, want := range []string{"CREATE ROLE \"civgrid_owner\" NOLOGIN", `GRANT "civgrid_writer" TO app_user`, "BEGIN;", "COMMIT;"} {
		if !strings.Contains(sql, want) {
			t.Errorf("the SQL has no %q", want)
		}
	}
	if strings.ContainsAny(sql, "{}") {
		t.Error("the SQL has a gap that was not filled")
	}
}

// TestWhoMadeTheStoreGoesOn has a store made by a role of its own before there
// were any others: once there are, that role can do what it could.
func TestWhoMadeTheStoreGoesOn(t *testing.T) {
	server := pgtest.Start(t)
	url := server.Database(t)
	server.Exec(t, url, "CREATE ROLE maker LOGIN; DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO maker', current_database()); END $$")
	maker := as(t, url, "maker")
	s := open(t, maker, postgis.Options{})
	defer s.Close()
	server.Exec(t, url, postgis.Roles("", "", ""))
	if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, citusRows(s, "s", 0, 3)); err != nil {
		t.Errorf("Append by who made the store: %v", err)
	}
	again := open(t, maker, postgis.Options{})
	defer again.Close()
	if n := countRows(t, again); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
}
