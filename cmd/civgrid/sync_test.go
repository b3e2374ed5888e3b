package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// ask puts one question to a database as any other program would.
func ask[T any](t *testing.T, url, query string, args ...any) (answer T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

// submit submits incidents as a job would.
func submit(t *testing.T, url, source string, facts ...string) int64 {
	t.Helper()
	return ask[int64](t, url, "SELECT civgrid.submit('incidents', $1, $2::jsonb)", source, "["+strings.Join(facts, ",")+"]")
}

// openInbox opens a database for one test that syncs step by step.
func openInbox(t *testing.T) (y *syncing, url string) {
	t.Helper()
	url = pgtest.Shared(t).Database(t)
	store, err := postgis.Open(t.Context(), url, postgis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	p := &program{out: io.Discard, err: io.Discard, now: fixedNow, config: config{"log-level": {value: "error"}}, json: true}
	return &syncing{p: p, store: store}, url
}

func (y *syncing) mustRound(t *testing.T) synced {
	t.Helper()
	sum, err := y.round(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func versionOf(t *testing.T, s data.Store) string {
	t.Helper()
	version, err := s.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// testFact is an incident of which only what matters here differs.
func testFact(id int, status, more string) string {
	return fmt.Sprintf(`{"id":"%d","reported_at":"2024-05-01T08:00:00+08:00","lon":113.9,"lat":22.6,"status":%q%s}`, id, status, more)
}

func TestPackTellsWhatCannotBeRead(t *testing.T) {
	large := `{"id":"` + strings.Repeat("x", maxFactBytes) + `"}`
	facts := []string{`"text"`, `null`, large, `{"id": 7, "lon": 113.9000000000000001, "名称": "a\nb", "list": [1, {"b": null}]}`, `{}`, `{"id": "Topology", "$x": 1}`}
	p, err := packed([]postgis.Submission{
		{ID: 3, Dataset: "resources", Source: "s", Facts: []byte("[" + strings.Join(facts, ", ") + "]")},
		{ID: 9, Dataset: "resources", Source: "s", Facts: []byte(`[{"id": "8"}]`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []postgis.Receipt{
		{ID: 3, Accepted: 3, Rejected: 3, Rejects: []postgis.Reject{
			{Fact: 0, Code: "syntax", Message: "not an object"},
			{Fact: 1, Code: "syntax", Message: "not an object"},
			{Fact: 2, Code: "size", Message: fmt.Sprintf("%d bytes, at most %d", len(large), maxFactBytes)},
		}},
		{ID: 9, Accepted: 1},
	}
	if diff := cmp.Diff(want, p.receipts); diff != "" {
		t.Errorf("receipts (-want +got):\n%s", diff)
	}
	in, err := p.input.Open()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	if len(lines) != 4 || len(p.lines) != 4 || p.lines[3].submission != 1 || p.lines[2].fact != 5 {
		t.Fatalf("%d lines from %+v, want 4", len(lines), p.lines)
	}
	for _, part := range []string{"113.9000000000000001", `"a\nb"`, `"address":null`, `"$x":null`, `"submission":3`} {
		if !strings.Contains(lines[0], part) {
			t.Errorf("the first line is %s, want %s in it", lines[0], part)
		}
	}
	if want := `{"type":"Feature","submission":9,"properties":{"id": "8"}}`; strings.Trim(lines[3], "\x1e") != want {
		t.Errorf("the last line is %s, want %s", lines[3], want)
	}
	if got := p.lines[0].value("list"); got != `[1, {"b": null}]` {
		t.Errorf("the value of list is %s", got)
	}
	if p.input.Name != "submissions-3-9.geojsons" {
		t.Errorf("the file is called %s", p.input.Name)
	}
}

func TestPackRefusesWhatCannotBeAFile(t *testing.T) {
	f := func(dataset data.Dataset, facts, want string) {
		t.Helper()
		_, err := packed([]postgis.Submission{{ID: 1, Dataset: dataset, Source: "s", Facts: []byte(facts)}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %q", facts, err, want)
		}
	}
	var names strings.Builder
	for n := range maxNames + 1 {
		fmt.Fprintf(&names, `{"name %d": 1},`, n)
	}
	f("incidents", "["+strings.TrimSuffix(names.String(), ",")+"]", "1001 further names")
	f("incidents", `[{"`+strings.Repeat("n", maxNameBytes+1)+`": 1}]`, "1 further names of 65537 bytes")
	f("accidents", `[{}]`, "want one of incidents")
	f("incidents", `[{}`, "read submission 1")
}

// TestSyncCountsOnce imports what was submitted and dies before it says so.
func TestSyncCountsOnce(t *testing.T) {
	y, url := openInbox(t)
	submit(t, url, "s", testFact(1, "open", ""), testFact(2, "open", ""))
	import1 := func(want data.Changes) {
		t.Helper()
		err := y.store.TakeInbox(t.Context(), func(ctx context.Context, in *postgis.Inbox) error {
			next, err := in.Next(ctx)
			if err != nil {
				return err
			}
			d, err := y.deliver(ctx, next)
			if d.result.Changes != want {
				t.Errorf("changes are %+v, want %+v", d.result.Changes, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	import1(data.Changes{Inserted: 2})
	version, batches := versionOf(t, y.store), ask[int](t, url, "SELECT count(*) FROM civgrid.batch")
	import1(data.Changes{Unchanged: 2}) // the same file
	if got := ask[int](t, url, "SELECT count(*) FROM civgrid.batch"); got != batches {
		t.Errorf("%d batches after the same import, want %d", got, batches)
	}
	submit(t, url, "s", testFact(2, "open", "")) // now it is another file
	sum := y.mustRound(t)
	if want := (data.Changes{Unchanged: 2}); sum.Changes != want || sum.Accepted != 3 {
		t.Errorf("changes are %+v of %d facts, want %+v of 3", sum.Changes, sum.Accepted, want)
	}
	if got := versionOf(t, y.store); got != version {
		t.Errorf("Version is %s, want %s", got, version)
	}
}

// TestSyncPutsBackWhatWasBefore submits the same twice with something else in
// between: unlike a file, it counts again.
func TestSyncPutsBackWhatWasBefore(t *testing.T) {
	y, url := openInbox(t)
	for _, status := range []string{"open", "closed", "open"} {
		submit(t, url, "s", testFact(1, status, ""))
		y.mustRound(t)
		if got := ask[string](t, url, "SELECT status FROM civgrid.incidents"); got != status {
			t.Errorf("the case is %s, want %s", got, status)
		}
	}
}

// TestSyncGoesOnBehindASubmissionThatFails has some fail that wait between
// others of the same source.
func TestSyncGoesOnBehindASubmissionThatFails(t *testing.T) {
	y, url := openInbox(t)
	submit(t, url, "s", testFact(1, "open", ""))
	var names []string
	for n := range maxNames + 1 {
		names = append(names, fmt.Sprintf(`"name %d":1`, n))
	}
	submit(t, url, "s", "{"+strings.Join(names, ",")+"}")
	submit(t, url, "s", testFact(2, "open", ""))
	pgtest.Shared(t).Exec(t, url, `INSERT INTO civgrid.inbox (dataset, source, facts) VALUES ('accidents', 's', '[{}]'), ('incidents', 's', '["text"]')`)
	sum := y.mustRound(t)
	if sum.Submissions != 5 || sum.Failed != 2 || sum.Accepted != 2 || sum.Rejected != 1 {
		t.Errorf("%+v, want 5 submissions of which 2 failed, 2 facts and 1 rejected", sum)
	}
	const query = "SELECT string_agg(concat_ws('|', id, accepted, rejected, left(error, 40)), ' / ' ORDER BY id) FROM civgrid.inbox"
	want := `1|1|0 / 2|0|0|the facts have 1001 further names of 789 / 3|1|0 / 4|0|0|dataset "accidents": want one of inciden / 5|0|1`
	if got := ask[string](t, url, query); got != want {
		t.Errorf("the inbox holds %s, want %s", got, want)
	}
}

// TestSyncKeepsNames keeps what is no column, under names that a file could not
// have.
func TestSyncKeepsNames(t *testing.T) {
	y, url := openInbox(t)
	submit(t, url, "s", testFact(1, "open", `,"2024":"a","01/02/2024":"b","":"c","_row":"d","source":"e","opened_at":"f","type":"Topology","reject":{"a":[1,2.50]}`))
	if sum := y.mustRound(t); sum.Accepted != 1 {
		t.Fatalf("%+v, want 1 fact", sum)
	}
	got := ask[map[string]string](t, url, "SELECT attributes::jsonb FROM civgrid.incident")
	want := map[string]string{"2024": "a", "01/02/2024": "b", "": "c", "source": "e", "opened_at": "f", "type": "Topology", "reject": `{"a": [1, 2.50]}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestSyncTakesFactsBack(t *testing.T) {
	p, url := openInbox(t)
	step := func(want, rejected int, more string) {
		t.Helper()
		submit(t, url, "hotline", `{"id":"1","reported_at":"2024-05-01T08:00:00Z"`+more+`}`)
		p.mustRound(t)
		if got := ask[int](t, url, "SELECT count(*) FROM civgrid.incidents"); got != want {
			t.Errorf("with %s: %d incidents, want %d", more, got, want)
		}
		if got := ask[int](t, url, "SELECT rejected FROM civgrid.inbox ORDER BY id DESC LIMIT 1"); got != rejected {
			t.Errorf("with %s: %d facts rejected, want %d", more, got, rejected)
		}
	}
	step(1, 0, `,"updated_at":"2024-05-01T09:00:00Z"`)
	step(0, 0, `,"updated_at":"2024-05-01T10:00:00Z","withdrawn":true`)
	step(0, 1, `,"updated_at":"2024-05-01T11:00:00Z","withdrawn":"perhaps"`)
	step(1, 0, `,"updated_at":"2024-05-01T12:00:00Z","withdrawn":false`)
	step(0, 0, `,"updated_at":"2024-05-01T13:00:00Z","withdrawn":1`)
}

// TestAFactIsTakenForWhatItIs syncs once for all submissions and, in another
// database, once for each: what waits together makes no difference.
func TestAFactIsTakenForWhatItIs(t *testing.T) {
	if testing.Short() {
		t.Skip("imports some dozen times")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	together, urlTogether := openInbox(t)
	alone, urlAlone := openInbox(t)
	for n := range 60 {
		var facts []string
		for range 1 + rng.IntN(5) {
			facts = append(facts, fmt.Sprintf(`{"id":%s,"reported_at":%s,"lon":%s,"lat":%s%s}`,
				pick(`"1"`, `"2"`, `3`, `"4"`, `5`, `null`, `""`), pick(`"2024-05-01T08:00:00Z"`, `"2024-05-01 08:00"`, `1714550400`, `1714550400000`, `"01/02/2024"`, `"20240501"`, `null`, `"13.5.2024"`),
				pick(`113.9`, `"113.9"`, `"113,9"`, `1e1`, `null`, `190`, `true`), pick(`22.6`, `22.60`, `null`, `[22.6]`),
				pick(``, fmt.Sprintf(`,"updated_at":"2024-05-%02dT00:00:00Z"`, 1+rng.IntN(28)), fmt.Sprintf(`,"note %d":"x"`, n), `,"report_at":"2024-05-01"`)))
		}
		source := pick("a", "b")
		submit(t, urlTogether, source, facts...)
		submit(t, urlAlone, source, facts...)
		alone.mustRound(t)
	}
	together.mustRound(t)
	if got, want := versionOf(t, together.store), versionOf(t, alone.store); got != want {
		t.Errorf("Version is %s where all waited together, %s where each was alone", got, want)
	}
	const receipts = "SELECT string_agg(concat_ws('|', id, accepted, rejected, rejects, error), E'\n' ORDER BY id) FROM civgrid.inbox"
	if diff := cmp.Diff(ask[string](t, urlAlone, receipts), ask[string](t, urlTogether, receipts)); diff != "" {
		t.Errorf("receipts (-alone +together):\n%s", diff)
	}
	if n := ask[int](t, urlAlone, "SELECT count(*) FROM civgrid.incident"); n < 5 {
		t.Errorf("%d incidents are there, want 5 or more", n)
	}
}

// TestManySyncsDoNotDouble runs several at once, while jobs submit.
func TestManySyncsDoNotDouble(t *testing.T) {
	const syncs, jobs, each = 3, 4, 10
	_, url := openInbox(t)
	over := make(chan struct{})
	var syncing, submitting sync.WaitGroup
	for range syncs {
		syncing.Go(func() {
			for last := false; !last; {
				select {
				case <-over:
					last = true
				default:
				}
				if code, text := tells(t, url, "sync"); code != exitOK {
					t.Errorf("sync: exit code %d: %s", code, text)
				}
			}
		})
	}
	for job := range jobs {
		submitting.Go(func() {
			for n := range each {
				submit(t, url, "s", testFact(job*each+n, "open", ""))
			}
		})
	}
	submitting.Wait()
	close(over)
	syncing.Wait()
	const query = "SELECT concat_ws('|', (SELECT count(*) FROM civgrid.incident), (SELECT count(*) FROM civgrid.incident_past), (SELECT sum(accepted) FROM civgrid.inbox WHERE taken IS NOT NULL))"
	if got := ask[string](t, url, query); got != "40|0|40" {
		t.Errorf("rows, rows replaced and facts accepted are %s, want 40|0|40", got)
	}
}

// TestServiceShowsWhatIsSubmitted serves a copy of a database into which
// another program writes by SQL alone.
func TestServiceShowsWhatIsSubmitted(t *testing.T) {
	_, url := openInbox(t)
	sync := func() synced {
		t.Helper()
		return answerTo[synced](t, url, "sync")
	}
	submit(t, url, "s", testFact(1, "open", ""), testFact(2, "open", ""))
	sync()
	items := serveCopy(t, url) + reportsByCell
	wantReports(t, items, 2)
	before, _ := get(t, items)

	submit(t, url, "s", testFact(1, "open", ""))
	if sum := sync(); sum.Changes != (data.Changes{Unchanged: 1}) {
		t.Errorf("the same again changes %+v", sum.Changes)
	}
	after, _ := get(t, items)
	if !bytes.Equal(withoutTime(t, before), withoutTime(t, after)) {
		t.Error("the same again changes the layer")
	}
	moved := strings.Replace(testFact(1, "open", `,"updated_at":"2024-05-02T08:00:00+08:00"`), "113.9", "114.1", 1)
	submit(t, url, "s", moved)
	if sum := sync(); sum.Changes != (data.Changes{Replaced: 1}) {
		t.Errorf("a correction changes %+v", sum.Changes)
	}
	submit(t, url, "s", testFact(3, "open", ""))
	sync()
	wantReports(t, items, 3)
	body, _ := get(t, items)
	var layer struct{ Features []json.RawMessage }
	if err := json.Unmarshal(body, &layer); err != nil || len(layer.Features) < 2 {
		t.Errorf("%d cells with reports (%v), want 2 or more after one has moved", len(layer.Features), err)
	}
}

// TestSyncFollowsAndOutlastsItsDatabase kills the database under a sync that
// follows, and submits more when it is back.
func TestSyncFollowsAndOutlastsItsDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a server of its own")
	}
	database := pgtest.Start(t)
	url := database.Database(t)
	runs(t, url, "sync") // makes the store
	submit(t, url, "s", testFact(1, "open", ""))

	var talk lines
	p := &program{out: io.Discard, err: &talk, now: time.Now}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- p.run(ctx, []string{"sync", "--follow", "--every", "100ms", "--store", url, "--log-level", "error"})
	}()
	wantRows := func(n int) {
		t.Helper()
		eventually(t, fmt.Sprintf("%d rows; sync says %q", n, talk.all()), func() bool { return ask[int](t, url, "SELECT count(*) FROM civgrid.incident") == n })
	}
	wantRows(1)
	submit(t, url, "s", testFact(2, "open", ""), testFact(3, "open", ""), `{"id":"4"}`)
	wantRows(3)
	eventually(t, "sync to say so", func() bool { return talk.count("2 of 3 facts") == 1 })

	database.Kill()
	eventually(t, "sync to notice that the database is gone", func() bool { return talk.count("trying again") == 1 })
	time.Sleep(500 * time.Millisecond)
	database.Restart(t)
	submit(t, url, "s", testFact(5, "open", ""))
	wantRows(4)
	eventually(t, "sync to say that it works again", func() bool { return talk.count("✓ works again") == 1 })
	eventually(t, "sync to say what it took", func() bool { return talk.count("✓ 1 submission, 1 of 1 fact imported: 1 new") == 2 })
	stop()
	if code := <-ended; code != exitOK {
		t.Errorf("exit code %d, want 0 when it is ended", code)
	}
	for want, times := range map[string]int{
		"✓ 1 submission, 1 of 1 fact imported: 1 new": 2, "✗ 1 submission, 2 of 3 facts imported: 2 new": 1,
		"1 fact rejected, see civgrid.inbox": 1, "trying again": 1,
	} {
		if got := talk.count(want); got != times {
			t.Errorf("sync says %q %d times, want %d, in %q", want, got, times, talk.all())
		}
	}
}

// TestSyncOverABadLineCountsOnce cuts all connections of a sync now and then
// while jobs submit.
func TestSyncOverABadLineCountsOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("cuts connections for some seconds")
	}
	const cuts, perCut = 12, 5
	_, url := openInbox(t)
	proxy := pgtest.NewProxy(t, pgtest.Shared(t).Address())
	var talk lines
	p := &program{out: io.Discard, err: &talk, now: time.Now}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- p.run(ctx, []string{"sync", "--follow", "--every", "20ms", "--store", proxy.URL(url), "--log-level", "error"})
	}()
	for n := range cuts * perCut {
		submit(t, url, "s", testFact(n, "open", ""), testFact(n/2, "closed", ""))
		if n%perCut == 0 {
			time.Sleep(rand.N(200 * time.Millisecond))
			proxy.Cut()
		}
	}
	eventually(t, "all to be taken", func() bool { return ask[int](t, url, "SELECT count(*) FROM civgrid.inbox WHERE taken IS NULL") == 0 })
	stop()
	<-ended
	const query = "SELECT concat_ws('|', (SELECT count(*) FROM civgrid.incident), (SELECT count(*) FROM civgrid.incidents WHERE status = 'closed'), (SELECT sum(accepted) FROM civgrid.inbox))"
	if got := ask[string](t, url, query); got != "60|30|120" {
		t.Errorf("cases, closed cases and facts accepted are %s, want 60|30|120", got)
	}
	if talk.count("trying again") == 0 {
		t.Log("no cut met a round")
	}
}

// TestSyncThatMayNotWriteEnds does not wait for a privilege.
func TestSyncThatMayNotWriteEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server of its own")
	}
	database := pgtest.Start(t)
	url := database.Database(t)
	runs(t, url, "sync")
	submit(t, url, "s", testFact(1, "open", ""))
	database.Exec(t, url, "CREATE ROLE rita LOGIN; GRANT USAGE ON SCHEMA civgrid TO rita; GRANT SELECT ON ALL TABLES IN SCHEMA civgrid TO rita")
	rita := strings.Replace(url, "civgrid_test@", "rita@", 1)
	for _, args := range [][]string{{"sync"}, {"sync", "--follow"}} {
		if code, text := tells(t, rita, args...); code != exitStore || !strings.Contains(text, "sync runs as a writer") {
			t.Errorf("%v: exit code %d, want %d: %s", args, code, exitStore, text)
		}
	}
	if n := ask[int](t, url, "SELECT count(*) FROM civgrid.inbox WHERE taken IS NULL"); n != 1 {
		t.Errorf("%d submissions wait, want 1", n)
	}
}

// lines are what a program says, while it runs.
type lines struct {
	mu   sync.Mutex
	said []string
}

// Write implements io.Writer.
func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, strings.TrimSpace(string(b)))
	return len(b), nil
}

func (l *lines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.said)
}

func (l *lines) count(text string) (n int) {
	for _, line := range l.all() {
		n += strings.Count(line, text)
	}
	return n
}
