package follow

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/segment"
	"github.com/civgrid/civgrid/data/storetest"
)

// far is a store in memory that can be put out of reach.
type far struct {
	*memory.Store
	away atomic.Bool
	// stumble puts only the facts out of reach.
	stumble atomic.Bool
	hints   chan struct{}
}

func newFar() *far { return &far{Store: memory.New(), hints: make(chan struct{}, 100)} }

var errAway = fmt.Errorf("%w: nobody answers", data.ErrUnavailable)

func (f *far) reach() error {
	if f.away.Load() {
		return errAway
	}
	return nil
}

func (f *far) Version(ctx context.Context) (string, error) {
	if err := f.reach(); err != nil {
		return "", err
	}
	return f.Store.Version(ctx)
}

func (f *far) Since(ctx context.Context, d data.Dataset, mark int64) data.Batches {
	if f.away.Load() || f.stumble.Load() {
		return func(yield func(data.Batch, error) bool) { yield(data.Batch{}, errAway) }
	}
	return f.Store.Since(ctx, d, mark)
}

func (f *far) Mark(ctx context.Context, d data.Dataset) (int64, error) {
	if err := f.reach(); err != nil {
		return 0, err
	}
	return f.Store.Mark(ctx, d)
}

// Behind counts marks: each is one change of some dataset.
func (f *far) Behind(ctx context.Context, d data.Dataset, mark int64) (int64, time.Time, error) {
	now, err := f.Mark(ctx, d)
	return now - mark, time.Unix(1, 0), err
}

func (f *far) Listen(ctx context.Context, hint func()) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.hints:
			hint()
		}
	}
}

func open(t *testing.T, f *far, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), f, t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// quiet options never look by themselves.
var quiet = Options{Every: time.Hour}

func put(t *testing.T, s data.Store, ids ...string) {
	t.Helper()
	var rows []storetest.Row
	for _, id := range ids {
		rows = append(rows, storetest.Row{"source": "s", "id": id, "location": "none", "status": "open", "reported_at": int64(1)})
	}
	if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, storetest.Batch(s.Schema(data.Incidents), rows...)); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, s data.Source) (rows int) {
	t.Helper()
	for b, err := range s.Scan(t.Context(), data.Query{Dataset: data.Incidents}) {
		if err != nil {
			t.Fatal(err)
		}
		rows += b.Len()
	}
	return rows
}

func version(t *testing.T, s data.Catalog) string {
	t.Helper()
	v, err := s.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestReadersSeeTheCopyUntilItLooks(t *testing.T) {
	f := newFar()
	put(t, f, "a")
	s := open(t, f, quiet)
	before := version(t, s)
	put(t, f, "b", "c")
	if err := f.PutReport(t.Context(), data.Report{Dataset: data.Incidents, Rows: 3}); err != nil {
		t.Fatal(err)
	}
	if got := count(t, s); got != 1 || version(t, s) != before {
		t.Errorf("%d rows of version %s before a look, want 1 of %s", got, version(t, s), before)
	}
	if err := s.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := version(t, f.Store)
	if got := count(t, s); got != 3 || version(t, s) != want {
		t.Errorf("%d rows of version %s after a look, want 3 of %s", got, version(t, s), want)
	}
	if report, err := s.Report(t.Context(), data.Incidents); err != nil || report.Rows != 3 {
		t.Errorf("report of %d rows, error %v, want 3", report.Rows, err)
	}
	if _, err := s.Report(t.Context(), data.Resources); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("report on resources: %v, want data.ErrNotFound", err)
	}
}

func TestHintsAreFollowed(t *testing.T) {
	f := newFar()
	s := open(t, f, quiet)
	put(t, f, "a")
	f.hints <- struct{}{}
	for end := time.Now().Add(10 * time.Second); count(t, s) != 1; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("10 s after a hint the copy still lacks the row")
		}
	}
}

func TestWithoutHintsTheStoreIsLookedAt(t *testing.T) {
	f := newFar()
	s := open(t, f, Options{Every: time.Millisecond})
	put(t, f, "a")
	for end := time.Now().Add(10 * time.Second); count(t, s) != 1; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("10 s later the copy still lacks the row")
		}
	}
}

func TestTheCopyOutlastsTheStore(t *testing.T) {
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	f := newFar()
	put(t, f, "a")
	s := open(t, f, Options{Every: time.Hour, Now: func() time.Time { return now }})
	put(t, f, "b")
	f.away.Store(true)
	now = now.Add(time.Minute)
	if err := s.Look(t.Context()); !errors.Is(err, data.ErrUnavailable) {
		t.Errorf("Look at a store out of reach: %v, want data.ErrUnavailable", err)
	}
	now = now.Add(time.Minute)
	status := s.Status()
	if count(t, s) != 1 || status.Away.IsZero() || status.Why == "" || status.Age(now) != 2*time.Minute {
		t.Errorf("%d rows, status %+v of age %v; want 1 row, away, 2 minutes old", count(t, s), status, status.Age(now))
	}
	for name, err := range map[string]error{
		"Settings": errorOf(s.Settings(t.Context())), "Communities": errorOf(s.Communities(t.Context())), "Imports": errorOf(s.Imports(t.Context())),
	} {
		if err != nil {
			t.Errorf("%s while the store is out of reach: %v", name, err)
		}
	}
	f.away.Store(false)
	if err := s.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status := s.Status(); count(t, s) != 2 || !status.Away.IsZero() || status.Age(now) != 0 || status.Looked != now {
		t.Errorf("%d rows, status %+v; want 2 rows, looked at %v", count(t, s), status, now)
	}
}

// TestACopyThatStumbledGoesOn has the store go away between the catalog and the
// facts: nothing changes over.
func TestACopyThatStumbledGoesOn(t *testing.T) {
	f := newFar()
	put(t, f, "a")
	s := open(t, f, quiet)
	before := version(t, s)
	put(t, f, "b")
	f.stumble.Store(true)
	if err := s.Look(t.Context()); !errors.Is(err, errAway) {
		t.Fatalf("Look: %v, want that the store is away", err)
	}
	if got := version(t, s); got != before || count(t, s) != 1 {
		t.Errorf("%d rows of version %s, want 1 of %s", count(t, s), got, before)
	}
	f.stumble.Store(false)
	if err := s.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := version(t, s), version(t, f.Store); got != want || count(t, s) != 2 {
		t.Errorf("%d rows of version %s, want 2 of %s", count(t, s), got, want)
	}
}

// TestAStoreThatIsPutBackIsCopiedAnew has a store come to the same mark by
// another way. Until the other history is there, the copy stays what it is.
func TestAStoreThatIsPutBackIsCopiedAnew(t *testing.T) {
	f := newFar()
	put(t, f, "a")
	put(t, f, "b")
	s := open(t, f, quiet)
	before := version(t, s)
	f.Store = memory.New()
	put(t, f, "x", "y")
	put(t, f, "z")
	if mark, err := f.Mark(t.Context(), data.Incidents); err != nil || mark != s.catalog.Load().marks[data.Incidents].mark {
		t.Fatalf("the other history is at mark %d (%v): the test says nothing", mark, err)
	}
	f.stumble.Store(true)
	if err := s.Look(t.Context()); !errors.Is(err, errAway) {
		t.Fatalf("Look: %v, want that the store is away", err)
	}
	if got := version(t, s); got != before || count(t, s) != 2 {
		t.Errorf("%d rows of version %s while the other history is out of reach, want 2 of %s", count(t, s), got, before)
	}
	f.stumble.Store(false)
	if err := s.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := version(t, s), version(t, f.Store); got != want || count(t, s) != 3 {
		t.Errorf("%d rows of version %s, want 3 of %s", count(t, s), got, want)
	}
}

// silent is a store whose changes never come.
type silent struct{ *far }

func (s silent) Since(ctx context.Context, _ data.Dataset, _ int64) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		<-ctx.Done()
		yield(data.Batch{}, ctx.Err())
	}
}

func TestAStoreThatStopsAnsweringIsAway(t *testing.T) {
	f := newFar()
	put(t, f, "a")
	if _, err := Open(t.Context(), silent{f}, t.TempDir(), Options{Every: time.Hour, Timeout: 10 * time.Millisecond}); !errors.Is(err, data.ErrUnavailable) {
		t.Errorf("Open: %v, want data.ErrUnavailable", err)
	}
}

func errorOf[T any](_ T, err error) error { return err }

// TestAnswersAreOfOneVersion has a reader count rows between two looks at the
// version, while the store grows: where both are the same the count belongs to
// that version and no other.
func TestAnswersAreOfOneVersion(t *testing.T) {
	f := newFar()
	s := open(t, f, quiet)
	var mu sync.Mutex
	seen := map[string]int{}
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				before := version(t, s)
				rows := count(t, s)
				if version(t, s) != before {
					continue
				}
				mu.Lock()
				if other, known := seen[before]; known && other != rows {
					t.Errorf("version %s has %d rows and %d", before, other, rows)
				}
				seen[before] = rows
				mu.Unlock()
			}
		})
	}
	for i := range 200 {
		put(t, f, fmt.Sprint(i))
		if err := s.Look(t.Context()); err != nil {
			t.Error(err)
			break
		}
	}
	cancel()
	readers.Wait()
	if len(seen) < 10 {
		t.Errorf("readers saw %d versions: the test says little", len(seen))
	}
}

func TestHowFarBehind(t *testing.T) {
	f := newFar()
	put(t, f, "a")
	s := open(t, f, quiet)
	held := s.catalog.Load()
	put(t, f, "b")
	put(t, f, "c")
	s.count(t.Context(), held)
	if got := s.Status(); got.Behind != 2 || got.Since.IsZero() {
		t.Errorf("status %+v, want 2 changes behind", got)
	}
	if err := s.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.Status(); got.Behind != 0 {
		t.Errorf("%d changes behind after a look, want none", got.Behind)
	}
}

// through is a copy that looks after every write, so that it keeps the
// promises of any store.
type through struct{ *Store }

func (s through) after(err error) error {
	return errors.Join(err, s.Look(context.Background()))
}

func (s through) Append(ctx context.Context, d data.Dataset, c data.Chunk, rows data.Batch) (data.Changes, error) {
	changes, err := s.Store.Append(ctx, d, c, rows)
	return changes, s.after(err)
}

func (s through) Replace(ctx context.Context, d data.Dataset, expected []data.Revision, rows data.Batch) (data.Changes, error) {
	changes, err := s.Store.Replace(ctx, d, expected, rows)
	return changes, s.after(err)
}

func (s through) PutSettings(ctx context.Context, settings data.Settings) error {
	return s.after(s.Store.PutSettings(ctx, settings))
}

func (s through) PutCommunities(ctx context.Context, communities []data.Community) (int64, error) {
	n, err := s.Store.PutCommunities(ctx, communities)
	return n, s.after(err)
}

func (s through) PutReport(ctx context.Context, r data.Report) error {
	return s.after(s.Store.PutReport(ctx, r))
}

func (s through) PutImport(ctx context.Context, i data.Import) error {
	return s.after(s.Store.PutImport(ctx, i))
}

func (s through) PutDocument(ctx context.Context, d data.Document) (bool, error) {
	kept, err := s.Store.PutDocument(ctx, d)
	return kept, s.after(err)
}

func TestACopyThatLooksKeepsThePromisesOfStores(t *testing.T) {
	storetest.Run(t, func(t *testing.T) data.Store {
		s, err := Open(t.Context(), newFar(), t.TempDir(), Options{Every: time.Hour, Cache: segment.Options{DeltaRows: 100}})
		if err != nil {
			t.Fatal(err)
		}
		return through{s}
	})
}

// TestAChangeIsTestedAgainstTheStore has another program change a fact that the copy still
// shows as it was.
func TestAChangeIsTestedAgainstTheStore(t *testing.T) {
	f := newFar()
	s := open(t, f, quiet)
	schema := s.Schema(data.Incidents)
	row := func(updated int64, status string) data.Batch {
		return storetest.Batch(schema, storetest.Row{"source": "s", "id": "a", "location": "none", "status": status, "reported_at": int64(1), "updated_at": updated})
	}
	first := row(1, "open")
	if _, err := s.Replace(t.Context(), data.Incidents, make([]data.Revision, 1), first); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Append(t.Context(), data.Incidents, data.Chunk{}, row(2, "closed")); err != nil {
		t.Fatal(err)
	}
	known := data.Revisions(first)
	if count(t, s) != 1 || version(t, s) == version(t, f.Store) {
		t.Fatal("the copy is up to date: the test says nothing")
	}
	if _, err := s.Replace(t.Context(), data.Incidents, known, row(3, "void")); !errors.Is(err, data.ErrChanged) {
		t.Errorf("Replace: %v, want data.ErrChanged", err)
	}
	if version(t, s) != version(t, f.Store) {
		t.Error("who was refused does not read why")
	}
	if _, err := s.Replace(t.Context(), data.Incidents, data.Revisions(row(2, "closed")), row(3, "void")); err != nil {
		t.Error(err)
	}
}

// TestAWriteThatIsKeptIsToldAsKept has the store go away after the write, and another look
// take longer than a writer waits.
func TestAWriteThatIsKeptIsToldAsKept(t *testing.T) {
	f := newFar()
	s := open(t, f, Options{Every: time.Hour, Timeout: 20 * time.Millisecond})
	f.stumble.Store(true)
	put(t, s, "a")
	if s.Status().Why == "" {
		t.Error("the status does not tell that the copy lags")
	}
	s.looking <- struct{}{}
	put(t, s, "b")
	<-s.looking
	f.stumble.Store(false)
	put(t, s, "c")
	if n := count(t, s); n != 3 {
		t.Errorf("%d rows are read in the end, want 3", n)
	}
}

// TestALookEndsWithItsContext while another is being made.
func TestALookEndsWithItsContext(t *testing.T) {
	s := open(t, newFar(), quiet)
	s.looking <- struct{}{}
	defer func() { <-s.looking }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := s.Look(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Look: %v, want that the time is over", err)
	}
}

// TestOneLooksForAllWhoWait counts looks of many who ask while one is being made.
func TestOneLooksForAllWhoWait(t *testing.T) {
	s := open(t, newFar(), quiet)
	before := s.begun.Load()
	s.looking <- struct{}{}
	asking := make(chan struct{}, 20)
	var wait sync.WaitGroup
	for range cap(asking) {
		wait.Go(func() {
			asking <- struct{}{}
			if err := s.Look(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	for range cap(asking) {
		<-asking
	}
	time.Sleep(20 * time.Millisecond) // they wait by now
	<-s.looking
	wait.Wait()
	if n := s.begun.Load() - before; n < 1 || n > 3 {
		t.Errorf("%d looks for %d who wait at once", n, cap(asking))
	}
}

// TestWhatIsToldCanBeRead has another program write, and asks for the changes before and
// after the copy looks.
func TestWhatIsToldCanBeRead(t *testing.T) {
	f := newFar()
	put(t, f, "a")
	s := open(t, f, quiet)
	mark, err := s.Mark(t.Context(), data.Incidents)
	if err != nil || mark == 0 {
		t.Fatal(mark, err)
	}
	put(t, f, "b", "c")
	if now, err := s.Mark(t.Context(), data.Incidents); err != nil || now != mark {
		t.Errorf("the mark is %d, %v while the copy is at %d", now, err, mark)
	}
	told := 0
	for b, err := range s.Since(t.Context(), data.Incidents, mark) {
		if err != nil {
			t.Fatal(err)
		}
		if told += b.Len(); count(t, s) != 3 {
			t.Errorf("%d rows are told and %d can be read, want 3", b.Len(), count(t, s))
		}
	}
	if now, err := s.Mark(t.Context(), data.Incidents); told != 2 || err != nil || now <= mark {
		t.Errorf("%d are told, and the mark is %d, %v", told, now, err)
	}
	s.looking <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	refused := false
	for _, err := range s.Since(ctx, data.Incidents, mark) {
		if err == nil {
			t.Error("a change is told while it is not known that it can be read")
		}
		refused = refused || errors.Is(err, context.DeadlineExceeded)
	}
	if !refused {
		t.Error("nobody is told that it is not known what can be read")
	}
	<-s.looking
}
