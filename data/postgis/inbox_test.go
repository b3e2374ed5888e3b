package postgis_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// submit submits facts as a job would, and returns the number they got.
func submit(t *testing.T, url, dataset, source, facts string) int64 {
	t.Helper()
	return ask[int64](t, url, "SELECT civgrid.submit($1, $2, $3::jsonb)", dataset, source, facts)
}

// takeAll takes all that waits and returns it as it came.
func takeAll(t *testing.T, s *postgis.Store) (taken [][]postgis.Submission) {
	t.Helper()
	err := s.TakeInbox(t.Context(), func(ctx context.Context, in *postgis.Inbox) error {
		for {
			next, err := in.Next(ctx)
			if err != nil || len(next) == 0 {
				return err
			}
			taken = append(taken, next)
			if err := in.Settle(ctx, receiptsOf(next)); err != nil {
				return err
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func receiptsOf(submissions []postgis.Submission) (receipts []postgis.Receipt) {
	for _, s := range submissions {
		receipts = append(receipts, postgis.Receipt{ID: s.ID, Import: "i", Accepted: 1})
	}
	return receipts
}

func TestSubmitSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	openClosed(t, url, postgis.Options{})
	conn := connect(t, url)
	f := func(call, want string) {
		t.Helper()
		_, err := conn.Exec(t.Context(), "SELECT civgrid.submit("+call+")")
		var refusal *pgconn.PgError
		if !errors.As(err, &refusal) || refusal.Code != "22023" || !strings.Contains(refusal.Message, want) || refusal.Hint == "" {
			t.Errorf("submit(%.60s): %v, want %q and a hint", call, err, want)
		}
	}
	f(`'incident', 'hotline', '[{}]'`, "submit: dataset 'incident': want one of incidents, resources, inspections")
	f(`NULL, 'hotline', '[{}]'`, "dataset NULL")
	f(`'incidents', '', '[{}]'`, "the source is empty")
	f(`'incidents', E' \t\n', '[{}]'`, "the source is empty")
	f(`'incidents', NULL, '[{}]'`, "the source is empty")
	f(`'incidents', repeat('s', 201), '[{}]'`, "201 characters, at most 200")
	f(`'incidents', 'hotline', NULL`, "the facts are null")
	f(`'incidents', 'hotline', '{"id": 1}'`, "of type object, want an array")
	f(`'incidents', 'hotline', '"[]"'`, "of type string, want an array")
	f(`'incidents', 'hotline', 'null'`, "of type null, want an array")
	f(`'incidents', 'hotline', '[{}, {"id": 1}, [1], "x"]'`, "facts[2] is of type array, want an object")
	f(`'incidents', 'hotline', '[null]'`, "facts[0] is of type null")
	f(`'incidents', 'hotline', (SELECT jsonb_agg(jsonb_build_object('id', i)) FROM generate_series(1, 10001) i)`, "10001 facts, at most 10000")
	f(`'incidents', 'hotline', jsonb_build_array(jsonb_build_object('id', repeat('x', 16777216)))`, "at most 16777216")
	f(`'incidents', 'hotline', '[{"n": 1e100000}]'::jsonb || (SELECT jsonb_agg(jsonb_build_object('n', 1e100000::numeric)) FROM generate_series(1, 200))`, "at most 16777216")
	if n := ask[int](t, url, "SELECT count(*) FROM civgrid.inbox"); n != 0 {
		t.Errorf("%d submissions are there, want none", n)
	}
	if n := ask[*int64](t, url, "SELECT civgrid.submit('incidents', 'hotline', '[]')"); n != nil {
		t.Errorf("no facts are submission %d, want null", *n)
	}
	submit(t, url, "incidents", " hotline\n", `[{"id": 1}]`)
	if got := ask[string](t, url, "SELECT concat_ws('|', dataset, source, facts, size, submitted_by = session_user, taken IS NULL) FROM civgrid.inbox"); got != `incidents|hotline|[{"id": 1}]|1|t|t` {
		t.Errorf("the inbox holds %s", got)
	}
}

// TestWhoMaySubmitMayDoNothingElse logs in as a role of no group.
func TestWhoMaySubmitMayDoNothingElse(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url := server.Database(t)
	server.Exec(t, url, postgis.Roles("", "", ""))
	server.Exec(t, url, logins)
	if _, err := postgis.Migrate(t.Context(), asOwner(t, as(t, url, "olga")), postgis.MigrateOptions{}); err != nil {
		t.Fatal(err)
	}
	server.Exec(t, url, "CREATE ROLE job LOGIN; GRANT USAGE ON SCHEMA civgrid TO job")
	job := connect(t, as(t, url, "job"))
	refused := func(statement string) {
		t.Helper()
		_, err := job.Exec(t.Context(), statement)
		var refusal *pgconn.PgError
		if !errors.As(err, &refusal) || refusal.Code != "42501" {
			t.Errorf("%s: %v, want it refused", statement, err)
		}
	}
	const call = `SELECT civgrid.submit('incidents', 'hotline', '[{"id": 1}]')`
	refused(call)
	server.Exec(t, url, "GRANT EXECUTE ON FUNCTION civgrid.submit TO job")
	// A schema of its own in front, with everything the function might call, changes nothing.
	server.Exec(t, url, `CREATE SCHEMA trap AUTHORIZATION job; ALTER ROLE job SET search_path = trap, pg_catalog;
		CREATE FUNCTION trap.jsonb_typeof(jsonb) RETURNS text LANGUAGE sql AS 'SELECT ''trapped''';
		CREATE FUNCTION trap.btrim(text, text) RETURNS text LANGUAGE sql AS 'SELECT ''trapped'''`)
	job = connect(t, as(t, url, "job"))
	if _, err := job.Exec(t.Context(), call); err != nil {
		t.Errorf("who may submit submits: %v", err)
	}
	for _, statement := range []string{
		"SELECT * FROM civgrid.inbox", "INSERT INTO civgrid.inbox (dataset, source, facts) VALUES ('incidents', 's', '[{}]')", "UPDATE civgrid.inbox SET taken = NULL",
		"DELETE FROM civgrid.inbox", "TRUNCATE civgrid.inbox", "SELECT nextval('civgrid.inbox_id_seq')", "SELECT * FROM civgrid.incidents", "SELECT * FROM civgrid.dataset",
		"INSERT INTO civgrid.document (kind, name, body) VALUES ('a', 'b', '{}')", "CREATE TABLE civgrid.mine (id int)", "SET ROLE civgrid_owner",
	} {
		refused(statement)
	}
	if got := ask[string](t, url, "SELECT source || ' ' || submitted_by FROM civgrid.inbox"); got != "hotline job" {
		t.Errorf("submitted is %s, want hotline by job", got)
	}
	reader := openClosed(t, as(t, url, "rita"), postgis.Options{})
	err := reader.TakeInbox(t.Context(), func(ctx context.Context, in *postgis.Inbox) error {
		next, err := in.Next(ctx)
		if err != nil || len(next) != 1 {
			t.Errorf("a reader finds %d submissions: %v, want 1", len(next), err)
		}
		return in.Settle(ctx, receiptsOf(next))
	})
	wantPermission(t, "a reader settles", err)
	err = openClosed(t, as(t, url, "rita"), postgis.Options{ReadOnly: true}).TakeInbox(t.Context(), nil)
	if err == nil {
		t.Error("a store that is open for reading gives its inbox away")
	}
	if taken := takeAll(t, openClosed(t, as(t, url, "will"), postgis.Options{})); len(taken) != 1 {
		t.Errorf("a writer takes %d submissions, want 1", len(taken))
	}
}

// TestWhatCommitsLateIsTakenLate has a submission of a lower number commit
// after one of a higher number was taken.
func TestWhatCommitsLateIsTakenLate(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	s := openClosed(t, url, postgis.Options{})
	slow := connect(t, url)
	var first int64
	if _, err := slow.Exec(t.Context(), "BEGIN"); err != nil {
		t.Fatal(err)
	}
	if err := slow.QueryRow(t.Context(), `SELECT civgrid.submit('incidents', 's', '[{"id": 1}]')`).Scan(&first); err != nil {
		t.Fatal(err)
	}
	second := submit(t, url, "incidents", "s", `[{"id": 2}]`)
	if second <= first {
		t.Fatalf("numbers %d, then %d", first, second)
	}
	if taken := takeAll(t, s); len(taken) != 1 || len(taken[0]) != 1 || taken[0][0].ID != second {
		t.Errorf("took %+v, want submission %d", taken, second)
	}
	if _, err := slow.Exec(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if taken := takeAll(t, s); len(taken) != 1 || len(taken[0]) != 1 || taken[0][0].ID != first {
		t.Errorf("took %+v, want submission %d", taken, first)
	}
	if taken := takeAll(t, s); len(taken) > 0 {
		t.Errorf("took %+v once more", taken)
	}
}

// TestACrowdOfSubmittersLosesAndDoublesNothing has jobs submit in transactions
// that last, some of which are rolled back, while several programs take.
func TestACrowdOfSubmittersLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	const jobs, each, takers = 8, 25, 3
	url := pgtest.Shared(t).Database(t)
	var mu sync.Mutex
	committed, taken := map[int64]int{}, map[int64]int{}
	order := map[string][]int64{}
	over := make(chan struct{})
	var taking, submitting sync.WaitGroup
	for range takers {
		s := openClosed(t, url, postgis.Options{})
		taking.Go(func() {
			for last := false; !last; {
				select {
				case <-over:
					last = true
				default:
				}
				for _, together := range takeAll(t, s) {
					mu.Lock()
					for _, one := range together {
						taken[one.ID]++
						order[one.Source] = append(order[one.Source], one.ID)
					}
					mu.Unlock()
				}
			}
		})
	}
	for job := range jobs {
		conn := connect(t, url)
		submitting.Go(func() {
			for n := range each {
				id, err := submitSlowly(t.Context(), conn, fmt.Sprint("source ", job%3), n)
				if err != nil {
					t.Error(err)
				}
				if id > 0 {
					mu.Lock()
					committed[id]++
					mu.Unlock()
				}
			}
		})
	}
	submitting.Wait()
	close(over)
	taking.Wait()
	if diff := cmp.Diff(committed, taken); diff != "" {
		t.Errorf("submissions (-committed +taken):\n%s", diff)
	}
	late := 0
	for _, ids := range order {
		for i := range ids[1:] {
			if ids[i+1] < ids[i] {
				late++
			}
		}
	}
	t.Logf("%d submissions committed, %d of them after a later one was taken", len(committed), late)
}

// submitSlowly submits a fact in a transaction that lasts, and returns 0 where
// it comes to nothing.
func submitSlowly(ctx context.Context, conn *pgx.Conn, source string, n int) (id int64, err error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback(ctx) // after Commit it does nothing
	if err := tx.QueryRow(ctx, "SELECT civgrid.submit('incidents', $1, jsonb_build_array(jsonb_build_object('id', $2::int)))", source, n).Scan(&id); err != nil {
		return 0, err
	}
	time.Sleep(rand.N(20 * time.Millisecond))
	if n%5 == 0 {
		return 0, nil
	}
	return id, tx.Commit(ctx)
}

func TestNextTakesTogetherWhatBelongsTogether(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	s := openClosed(t, url, postgis.Options{})
	many := func(n, bytes int) string {
		return ask[string](t, url, "SELECT jsonb_agg(jsonb_build_object('id', repeat('x', $2)))::text FROM generate_series(1, $1::int)", n, bytes)
	}
	for _, one := range []struct{ dataset, source, facts string }{
		{"incidents", "a", many(6000, 1)},
		{"incidents", "b", many(1, 1)},
		{"resources", "a", many(1, 1)},
		{"incidents", "a", many(4000, 1)},
		{"incidents", "a", many(1, 1)}, // one too many facts
		{"incidents", "b", many(1, 8<<20)},
		{"incidents", "b", many(1, 8<<20)}, // too many bytes
		{"incidents", "a", many(10000, 1)}, // as many as there may be
	} {
		submit(t, url, one.dataset, one.source, one.facts)
	}
	var got []string
	for _, together := range takeAll(t, s) {
		text := fmt.Sprintf("%s %s", together[0].Dataset, together[0].Source)
		for _, one := range together {
			text += fmt.Sprint(" ", one.ID)
		}
		got = append(got, text)
	}
	want := []string{"incidents a 1 4", "incidents b 2 6", "resources a 3", "incidents a 5", "incidents b 7", "incidents a 8"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is taken together (-want +got):\n%s", diff)
	}
}

func TestFactsAreGivenAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	s := openClosed(t, url, postgis.Options{})
	const facts = `[{"id": "工单 \"1\"", "lat": 22.6010, "lon": 113.9000000000000000000000001, "note": "a\nb\u001e", "list": [1, {"a": null}]}]`
	submit(t, url, "incidents", "s", facts)
	got := string(takeAll(t, s)[0][0].Facts)
	for _, want := range []string{`"工单 \"1\""`, `22.6010`, `113.9000000000000000000000001`, `a\nb\u001e`, `[1, {"a": null}]`} {
		if !strings.Contains(got, want) {
			t.Errorf("facts are %s, want %s in them", got, want)
		}
	}
}

func TestSettleKeepsTheFirstReceipt(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	s := openClosed(t, url, postgis.Options{})
	submit(t, url, "incidents", "s", `[{}, {}, {}]`)
	submit(t, url, "incidents", "s", `[{}]`)
	first := []postgis.Receipt{
		{ID: 1, Import: "abc", Accepted: 1, Rejected: 2, Rejects: []postgis.Reject{{Fact: 1, Column: "lat", Value: "95", Code: "range", Message: "no"}, {Fact: 2, Code: "syntax", Message: "none"}}},
		{ID: 2, Error: "broken\x00 \xff"},
	}
	for _, receipts := range [][]postgis.Receipt{first, {{ID: 1, Accepted: 3}, {ID: 2, Accepted: 1}}} {
		if err := s.TakeInbox(t.Context(), func(ctx context.Context, in *postgis.Inbox) error { return in.Settle(ctx, receipts) }); err != nil {
			t.Fatal(err)
		}
	}
	const query = `SELECT string_agg(concat_ws('|', id, import, accepted, rejected, error, taken IS NOT NULL), ' / ' ORDER BY id) FROM civgrid.inbox`
	if got, want := ask[string](t, url, query), "1|abc|1|2|t / 2|0|0|broken\x1000 \x10ff|t"; got != want {
		t.Errorf("receipts are %q, want %q", got, want)
	}
	const rejects = `SELECT string_agg(concat_ws('|', r.fact, r."column", r.value, r.code, r.message), ' / ')
		FROM civgrid.inbox, jsonb_to_recordset(rejects) AS r (fact int, "column" text, value text, code text, message text)`
	if got, want := ask[string](t, url, rejects), "1|lat|95|range|no / 2|syntax|none"; got != want {
		t.Errorf("rejects are %q, want %q", got, want)
	}
}

// TestOldImportsOfSubmissionsAreForgotten tests that those of files are not,
// and that one is kept that tells of replaced rows.
func TestOldImportsOfSubmissionsAreForgotten(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	s := openClosed(t, url, postgis.Options{})
	put := func(name, source string, replaced int64) {
		if err := s.PutImport(t.Context(), data.Import{ID: name, Dataset: "incidents", Source: source, Changes: data.Changes{Replaced: replaced}}); err != nil {
			t.Fatal(err)
		}
	}
	put("file", "a", 1)
	for n := range 130 {
		submit(t, url, "incidents", "a", `[{}]`)
		put(fmt.Sprint("a", n), "a", map[int]int64{5: 1, 10: 1}[n])
	}
	submit(t, url, "incidents", "b", `[{}]`)
	put("b", "b", 0)
	err := s.TakeInbox(t.Context(), func(ctx context.Context, in *postgis.Inbox) error {
		for n := range 130 {
			if err := in.Settle(ctx, []postgis.Receipt{{ID: int64(n + 1), Import: fmt.Sprint("a", n)}}); err != nil {
				return err
			}
		}
		return in.Settle(ctx, []postgis.Receipt{{ID: 131, Import: "b"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	imports, err := s.Imports(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range imports {
		got = append(got, i.ID)
	}
	want := []string{"file", "a10"}
	for n := 30; n < 130; n++ {
		want = append(want, fmt.Sprint("a", n))
	}
	want = append(want, "b")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("imports on record (-want +got):\n%s", diff)
	}
}

func TestTheInboxIsInOneHand(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	s, other := openClosed(t, url, postgis.Options{}), openClosed(t, url, postgis.Options{})
	submit(t, url, "incidents", "s", `[{}]`)
	waits := make(chan error, 1)
	err := s.TakeInbox(t.Context(), func(ctx context.Context, in *postgis.Inbox) error {
		go func() {
			waits <- other.TakeInbox(t.Context(), func(ctx context.Context, in *postgis.Inbox) error {
				next, err := in.Next(ctx)
				if err == nil && len(next) > 0 {
					err = fmt.Errorf("got %+v, which another has settled", next)
				}
				return err
			})
		}()
		const waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
		if !await(t.Context(), 10*time.Second, func() bool { return ask[int](t, url, waiting) == 1 }) {
			return errors.New("the other does not wait")
		}
		next, err := in.Next(ctx)
		if err != nil {
			return err
		}
		return in.Settle(ctx, receiptsOf(next))
	})
	if err != nil {
		t.Error(err)
	}
	if err := <-waits; err != nil {
		t.Error(err)
	}
	deadline, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err = s.TakeInbox(t.Context(), func(context.Context, *postgis.Inbox) error {
		return other.TakeInbox(deadline, func(context.Context, *postgis.Inbox) error { return errors.New("two have it") })
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("who waits for longer than it may: %v, want the deadline", err)
	}
}

func TestWhoLosesTheInboxHearsOfIt(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	s := openClosed(t, url, postgis.Options{})
	const holder = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
	err := s.TakeInbox(t.Context(), func(ctx context.Context, in *postgis.Inbox) error {
		ask[bool](t, url, holder)
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
			t.Error("10 s after its connection was lost nobody says so")
		}
		_, err := in.Next(ctx)
		return err
	})
	if !errors.Is(err, data.ErrUnavailable) || errors.Is(err, context.Canceled) {
		t.Errorf("who lost the inbox: %v, want data.ErrUnavailable", err)
	}
	takeAll(t, s)
}

func TestSubmittingIsAHint(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	s := openClosed(t, url, postgis.Options{})
	ctx, stop := context.WithCancel(t.Context())
	hints, ended := make(chan struct{}, 10), make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Listen(ctx, func() { hints <- struct{}{} })
	}()
	<-hints // at the beginning
	submit(t, url, "incidents", "s", `[{}]`)
	select {
	case <-hints:
	case <-time.After(10 * time.Second):
		t.Error("10 s after something was submitted there is no hint")
	}
	if n, err := s.Waiting(t.Context()); n != 1 || err != nil {
		t.Errorf("%d submissions wait (%v), want 1", n, err)
	}
	stop()
	<-ended
}

func TestLasting(t *testing.T) {
	f := func(err error, want bool) {
		t.Helper()
		if got := postgis.Lasting(err); got != want {
			t.Errorf("Lasting(%v) is %t, want %t", err, got, want)
		}
	}
	of := func(code string) error { return fmt.Errorf("append: %w", &pgconn.PgError{Code: code}) }
	f(nil, false)
	f(errors.New("facts make no sense"), true)
	f(of("22P02"), true)  // text that is no number
	f(of("54000"), true)  // a row that is too large for an index
	f(of("53100"), false) // disk full
	f(of("55P03"), false) // a lock that was not to be had
	f(of("42P01"), false) // a table that is missing
	f(of("40001"), false)
	f(fmt.Errorf("append: %w", data.ErrUnavailable), false)
	f(fmt.Errorf("append: %w", fs.ErrPermission), false)
	f(fmt.Errorf("append: %w", context.Canceled), false)
	f(fmt.Errorf("append: %w", context.DeadlineExceeded), false)
	f(postgis.ErrOutdated, false)
}

// TestCitusKeepsTheInbox submits to the coordinator of a cluster over which the
// facts are spread.
func TestCitusKeepsTheInbox(t *testing.T) {
	t.Parallel()
	cluster := pgtest.StartCluster(t, 2)
	url := cluster.Database(t)
	distribute(t, url)
	cluster.Coordinator.Exec(t, url, "CREATE ROLE job LOGIN; GRANT USAGE ON SCHEMA civgrid TO job; GRANT EXECUTE ON FUNCTION civgrid.submit TO job")
	submit(t, as(t, url, "job"), "incidents", "s", `[{"id": 1}]`)
	s := openClosed(t, url, postgis.Options{})
	if taken := takeAll(t, s); len(taken) != 1 || len(taken[0]) != 1 {
		t.Errorf("took %+v, want one submission", taken)
	}
	if ask[bool](t, url, "SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'civgrid.inbox'::regclass)") {
		t.Error("the inbox is spread over workers")
	}
	if got := ask[string](t, url, "SELECT concat_ws('|', submitted_by, accepted, taken IS NOT NULL) FROM civgrid.inbox"); got != "job|1|t" {
		t.Errorf("the receipt is %s", got)
	}
}
