package postgis_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// A view is all that a store shows of its incidents.
type view struct {
	Version string
	Mark    int64
	Now     sum            // of a scan
	Feed    map[name]seen  // since the mark before
	Total   map[string]int // by note, added up by the server
	Past    sum            // as of a moment to come
}

// viewOf looks through a store of its own, which remembers nothing.
func viewOf(t *testing.T, url string, since int64) view {
	t.Helper()
	s := openClosed(t, url, postgis.Options{ReadOnly: true})
	mark, err := s.Mark(t.Context(), data.Incidents)
	if err != nil {
		t.Fatal(err)
	}
	f := follower{store: s, mark: since, facts: map[name]seen{}}
	if err := f.step(t.Context()); err != nil {
		t.Fatal(err)
	}
	totals := map[string]int{}
	r := data.Rollup{Dataset: data.Incidents, Keys: []data.Key{data.ByCode{Column: "channel"}}, Counts: []data.Count{{Name: "n"}}}
	for b, err := range s.Aggregate(t.Context(), r) {
		if err != nil {
			t.Fatal(err)
		}
		notes, counts := b.Codes("channel"), b.Ints("n")
		for row := range b.Len() {
			totals[notes.At(row)] += int(counts[row])
		}
	}
	return view{
		Version: versionOf(t, s), Mark: mark, Now: sumOf(t, s, data.Incidents), Feed: f.facts, Total: totals,
		Past: sumOf(t, s.AsOf(time.Now().Add(time.Hour)), data.Incidents),
	}
}

// TestABatchLeftUnpublishedIsHiddenUntilTheNextWriter loses the connection of a
// writer without patience between the commit of its rows and their publication.
// The rows it brings are new ones and later versions. Stamps are no history, so
// new ones would show at once.
func TestABatchLeftUnpublishedIsHiddenUntilTheNextWriter(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	first := []fact{{source: "s", id: "a", version: 1, note: "first"}, {source: "s", id: "b", version: 1, note: "first"}}
	left := []fact{{source: "s", id: "a", version: 2, note: "left"}, {source: "s", id: "c", version: 1, note: "left"}}
	other := fact{source: "other", id: "a", version: 1, note: "other"}
	chunk := data.Chunk{Import: "left", Number: 1}
	f := func(name string, next func(t *testing.T, s *postgis.Store, url string), last ...fact) {
		t.Run(name, func(t *testing.T) {
			url := server.Database(t)
			s := openClosed(t, url, postgis.Options{})
			add(t, s, data.Chunk{}, first...)
			before := viewOf(t, url, 0)
			leaveUnpublished(t, server, url, chunk, left)
			if diff := cmp.Diff(before, viewOf(t, url, 0), cmpopts.EquateComparable(seen{})); diff != "" {
				t.Errorf("what is shown with a batch that is not published (-before +with):\n%s", diff)
			}

			next(t, s, url)
			reference := memory.New()
			for _, facts := range [][]fact{first, left, last} {
				add(t, reference, data.Chunk{}, facts...)
			}
			got := viewOf(t, url, before.Mark)
			if want := versionOf(t, reference); got.Version != want || got.Now != sumOf(t, reference, data.Incidents) || got.Past != got.Now {
				t.Errorf("after the next writer %+v is shown, want version %s", got, want)
			}
			if want := len(left) + len(last); len(got.Feed) != want || got.Total["left"] != len(left) {
				t.Errorf("after the next writer the feed gives %d facts, and %d are added up, want %d and %d", len(got.Feed), got.Total["left"], want, len(left))
			}
			if changes := add(t, s, chunk, left...); changes != (data.Changes{Inserted: 1, Replaced: 1}) {
				t.Errorf("the chunk says that it made changes %+v, want 1 inserted and 1 replaced", changes)
			}
			audit(t, s, url)
		})
	}
	f("who appends to another source", func(t *testing.T, s *postgis.Store, _ string) { add(t, s, data.Chunk{}, other) }, other)
	f("who repeats the chunk", func(t *testing.T, s *postgis.Store, _ string) { add(t, s, chunk, left...) })
	f("who opens the store", func(t *testing.T, _ *postgis.Store, url string) { openClosed(t, url, postgis.Options{}) })
}

// leaveUnpublished has an append end after its rows were committed. Which of its
// messages begins the publication is found by trying one after another.
func leaveUnpublished(t *testing.T, server *pgtest.Server, url string, chunk data.Chunk, facts []fact) {
	t.Helper()
	c := newCutter(t, server.Address())
	s := openClosed(t, c.url(t, url), postgis.Options{Patience: time.Nanosecond})
	rows := batchOf(s.Schema(data.Incidents), facts...)
	for message := leastMessages; message < 100; message++ {
		c.plan(message, false)
		_, err := s.Append(context.Background(), data.Incidents, chunk, rows)
		if err == nil {
			break
		}
		if ask[int](t, url, "SELECT count(*) FROM civgrid.batch WHERE state = 1") == 1 {
			t.Logf("cut at message %d: %v", message, err)
			awaitUnlocked(t, url)
			return
		}
	}
	t.Fatal("no cut leaves a batch unpublished")
}

// awaitUnlocked waits until the server has noticed that writers are gone.
func awaitUnlocked(t *testing.T, url string) {
	t.Helper()
	const locks = `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
	if !await(t.Context(), 10*time.Second, func() bool { return ask[int](t, url, locks) == 0 }) {
		t.Fatal("locks of writers that are gone stay")
	}
}

// TestWhatWritersLeaveIsForgotten cuts appends short at any message before their
// commit: the batches they opened are gone with the next append, and so are the
// rows.
func TestWhatWritersLeaveIsForgotten(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := server.Database(t)
	c := newCutter(t, server.Address())
	s := openClosed(t, c.url(t, url), postgis.Options{Patience: time.Nanosecond})
	add(t, s, data.Chunk{}, fact{source: "s", id: "a", version: 1})
	left := 0
	for message := 1; message < leastMessages; message++ {
		c.plan(message, true)
		f := fact{source: "s", id: fmt.Sprint("left ", message), version: 1}
		_, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, batchOf(s.Schema(data.Incidents), f))
		if err == nil {
			t.Errorf("an append without patience, cut at message %d, succeeded", message)
		}
		left += ask[int](t, url, "SELECT count(*) FROM civgrid.batch WHERE state = 0")
		if rows := sumOf(t, openClosed(t, url, postgis.Options{ReadOnly: true}), data.Incidents).Rows; rows != 1 {
			t.Errorf("%d rows after an append cut at message %d, want 1", rows, message)
		}
	}
	if left == 0 {
		t.Error("no cut leaves an open batch: the test shows nothing")
	}
	c.plan(0, false)
	awaitUnlocked(t, url)
	add(t, openClosed(t, url, postgis.Options{}), data.Chunk{}, fact{source: "other", id: "b", version: 1})
	audit(t, s, url)
}
