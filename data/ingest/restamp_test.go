package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/sqlite"
	"github.com/civgrid/civgrid/data/storetest"
)

// busyStore has somebody write to it once, when facts were read to be stamped anew.
type busyStore struct {
	*memory.Store
	write func()
}

func (s *busyStore) Since(ctx context.Context, d data.Dataset, mark int64) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		for b, err := range s.Store.Since(ctx, d, mark) {
			if write := s.write; write != nil {
				s.write = nil
				write()
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

// stampedIn returns an outline of a district, in which all facts of these tests lie.
func stampedIn(code string) ingest.Input {
	return features(box(`"code":"`+code+`"`, 0, 0, 1, 1))
}

// unstamped is an incident as one writes it who knows of no communities.
func unstamped(id, status string, more ...string) storetest.Row {
	r := storetest.Row{"source": "s", "id": id, "location": "point", "status": status, "reported_at": int64(1e15), "lon": 0.75, "lat": 0.25}
	for i := 0; i < len(more); i += 2 {
		r[more[i]] = more[i+1]
	}
	return r
}

func put(t *testing.T, s data.Store, rows ...storetest.Row) {
	t.Helper()
	if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, storetest.Batch(s.Schema(data.Incidents), rows...)); err != nil {
		t.Fatal(err)
	}
}

// places returns the status and the community of each incident.
func places(t *testing.T, s data.Store) map[string]string {
	t.Helper()
	status, community := column(t, s, "status"), column(t, s, "community")
	for id := range status {
		status[id] += " in " + community[id]
	}
	return status
}

// TestStampingAnewLosesNoChange has facts without a time of their last change be changed
// and taken back while new boundaries come, by one who does not know them yet: what
// others did stays, and all is stamped.
func TestStampingAnewLosesNoChange(t *testing.T) {
	s := &busyStore{Store: memory.New()}
	gone := []string{data.Withdrawn, data.AnswerYes}
	put(t, s, unstamped("a", "open"), unstamped("b", "open"), unstamped("c", "open"), unstamped("d", "open", gone...), unstamped("e", "open", gone...))
	s.write = func() {
		put(t, s, unstamped("a", "closed"), unstamped("b", "open", gone...), unstamped("d", "again"))
	}
	r := boundaries(t, s, stampedIn("D"), ingest.BoundaryOptions{Level: data.District, Code: "code"})
	if r.Restamped != (data.Changes{Restamped: 4}) { // the withdrawn e too
		t.Errorf("%+v, want four stamped anew", r.Restamped)
	}
	want := map[string]string{"a": "closed in D", "c": "open in D", "d": "again in D"}
	if diff := cmp.Diff(want, places(t, s)); diff != "" {
		t.Errorf("the store (-want +got):\n%s", diff)
	}
}

// A countingStore counts what is asked of it, and has somebody write before each of the
// first Replaces.
type countingStore struct {
	data.Store
	writes          []func()
	replaces, scans int
}

func (s *countingStore) Scan(ctx context.Context, q data.Query) data.Batches {
	if q.Where != nil {
		s.scans++
	}
	return s.Store.Scan(ctx, q)
}

func (s *countingStore) Replace(ctx context.Context, d data.Dataset, expected []data.Revision, rows data.Batch) (data.Changes, error) {
	s.replaces++
	if len(s.writes) > 0 {
		write := s.writes[0]
		s.writes = s.writes[1:]
		write()
	}
	return s.Store.Replace(ctx, d, expected, rows)
}

// TestStampingAnewReadsABatchOfConflictsOnce changes every fact of a batch, twice, before
// its stamps are kept.
func TestStampingAnewReadsABatchOfConflictsOnce(t *testing.T) {
	const facts = 500
	each := func(status string) (rows []storetest.Row) {
		for i := range facts {
			rows = append(rows, unstamped(fmt.Sprint(i), status))
		}
		return rows
	}
	f := func(name string, store data.Store) {
		s := &countingStore{Store: store}
		put(t, s, each("open")...)
		s.writes = []func(){func() { put(t, s, each("assigned")...) }, func() { put(t, s, each("closed")...) }}
		r := boundaries(t, s, stampedIn("D"), ingest.BoundaryOptions{Level: data.District, Code: "code"})
		if r.Restamped != (data.Changes{Restamped: facts}) || s.replaces != 3 || s.scans != 2 {
			t.Errorf("%s: %+v by %d writes and %d reads, want %d facts, 3 and 2", name, r.Restamped, s.replaces, s.scans, facts)
		}
		for id, place := range places(t, s) {
			if place != "closed in D" {
				t.Fatalf("%s: fact %s is %s", name, id, place)
			}
		}
	}
	f("memory", memory.New())
	f("sqlite", openSQLite(t))
}

func openSQLite(t *testing.T) data.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), t.TempDir()+"/facts.gpkg", sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// A refusingStore has one fact that is never left alone.
type refusingStore struct {
	*memory.Store
	id       string
	replaces int
}

func (s *refusingStore) Replace(ctx context.Context, d data.Dataset, expected []data.Revision, rows data.Batch) (data.Changes, error) {
	s.replaces++
	for i := range rows.Len() {
		if rows.Texts("id").At(i) == s.id {
			return data.Changes{}, &data.ChangedError{Source: "s", ID: s.id}
		}
	}
	return s.Store.Replace(ctx, d, expected, rows)
}

// TestAFactThatIsNeverLeftAloneIsNamed: all the others that come before it are stamped,
// and the error says what to do.
func TestAFactThatIsNeverLeftAloneIsNamed(t *testing.T) {
	s := &refusingStore{Store: memory.New(), id: "199"}
	var rows []storetest.Row
	for i := range 200 {
		rows = append(rows, unstamped(fmt.Sprint(i), "open"))
	}
	put(t, s, rows...)
	r, err := ingest.Boundaries(t.Context(), s, stampedIn("D"), ingest.BoundaryOptions{Level: data.District, Code: "code"}, nil)
	if !errors.Is(err, data.ErrChanged) || !strings.Contains(err.Error(), "199 of s") || !strings.Contains(err.Error(), "import boundaries again") {
		t.Errorf("error %v", err)
	}
	if r.Restamped.Restamped != 199 || s.replaces > 60 {
		t.Errorf("%+v by %d writes, want 199 facts by few", r.Restamped, s.replaces)
	}
}

// TestStampingAnewFollowsTheCommunities has the communities be others again while facts
// are stamped by the first.
func TestStampingAnewFollowsTheCommunities(t *testing.T) {
	s := &countingStore{Store: memory.New()}
	put(t, s, unstamped("a", "open"))
	s.writes = []func(){func() {
		boundaries(t, s.Store, stampedIn("C"), ingest.BoundaryOptions{Level: data.District, Code: "code"})
	}}
	boundaries(t, s, stampedIn("D"), ingest.BoundaryOptions{Level: data.District, Code: "code"})
	if got := places(t, s)["a"]; got != "open in C" { // of two the one of the lower code
		t.Errorf("the fact is %s, want C", got)
	}
}

// A slowStore has something happen before and after its first chunk is kept.
type slowStore struct {
	*memory.Store
	before func()
	after  error
}

func (s *slowStore) Append(ctx context.Context, d data.Dataset, c data.Chunk, rows data.Batch) (data.Changes, error) {
	if s.before != nil {
		s.before()
		s.before = nil
	} else if s.after != nil {
		return data.Changes{}, s.after
	}
	return s.Store.Append(ctx, d, c, rows)
}

// TestAnImportEndsWithThePresentCommunities has boundaries come after an import began,
// and be done before its facts are there: once to an import that ends, and once to
// one that is interrupted and repeated.
func TestAnImportEndsWithThePresentCommunities(t *testing.T) {
	file := ingest.Bytes("x.csv", []byte("id,opened_at,lon,lat,status\n1,2024-05-01,0.75,0.25,open\n2,2024-05-01,0.75,0.25,open\n"))
	o := ingest.Options{ChunkRows: 1, Mapping: ingest.Mapping{Dataset: data.Incidents, Source: "s", Zone: "UTC"}}
	for _, interrupted := range []error{nil, errors.New("power is gone")} {
		s := &slowStore{Store: memory.New(), after: interrupted}
		s.before = func() {
			boundaries(t, s.Store, stampedIn("D"), ingest.BoundaryOptions{Level: data.District, Code: "code"})
		}
		if interrupted != nil {
			if _, err := ingest.Import(t.Context(), s, file, o, nil); !errors.Is(err, interrupted) {
				t.Fatal(err)
			}
			s.after = nil
		}
		r := importFile(t, s, file, o)
		want := map[string]string{"1": "open in D", "2": "open in D"}
		if diff := cmp.Diff(want, places(t, s)); diff != "" || r.Changes != (data.Changes{Inserted: 2}) {
			t.Errorf("interrupted %v: %+v, the store (-want +got):\n%s", interrupted, r.Changes, diff)
		}
	}
}

// A copyStore answers by the communities that there were when it last looked.
type copyStore struct {
	*memory.Store
	held []data.Community
}

func (s *copyStore) Communities(context.Context) ([]data.Community, error) { return s.held, nil }

func (s *copyStore) Look(ctx context.Context) (err error) {
	s.held, err = s.Store.Communities(ctx)
	return err
}

func TestACopyIsStampedByWhatItCopies(t *testing.T) {
	s := &copyStore{Store: memory.New()}
	put(t, s, unstamped("a", "open"))
	boundaries(t, s, stampedIn("D"), ingest.BoundaryOptions{Level: data.District, Code: "code"})
	if got := places(t, s)["a"]; got != "open in D" {
		t.Errorf("the fact is %s, want D", got)
	}
}
