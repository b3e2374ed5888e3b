package postgis_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// name is what a fact is known by.
type name struct{ source, id string }

// seen is what a follower knows of a fact.
type seen struct {
	updated, seq int64
	note         string
}

// A follower keeps a copy of the incidents by the feed.
type follower struct {
	store data.Feed
	mark  int64
	facts map[name]seen
}

// step takes in what has changed, and returns what is wrong with it.
func (f *follower) step(ctx context.Context) error {
	mark, err := f.store.Mark(ctx, data.Incidents)
	if err != nil {
		return err
	}
	if mark < f.mark {
		return fmt.Errorf("the mark went from %d to %d", f.mark, mark)
	}
	given := map[name]bool{}
	for b, err := range f.store.Since(ctx, data.Incidents, f.mark) {
		if err != nil {
			return err
		}
		if err := f.take(b, given); err != nil {
			return err
		}
	}
	f.mark = mark
	return nil
}

func (f *follower) take(b data.Batch, given map[name]bool) error {
	sources, ids, notes := b.Codes("source"), b.Texts("id"), b.Codes("channel")
	updated, seqs := b.Ints("updated_at"), b.Ints("seq")
	for row := range b.Len() {
		n, now := name{sources.At(row), ids.At(row)}, seen{updated[row], seqs[row], notes.At(row)}
		old, known := f.facts[n]
		switch {
		case given[n]:
			return fmt.Errorf("%v is given twice at once", n)
		case known && old.seq != now.seq:
			return fmt.Errorf("the number of %v went from %d to %d", n, old.seq, now.seq)
		case known && old.updated > now.updated:
			return fmt.Errorf("%v went back from %+v to %+v", n, old, now)
		}
		given[n], f.facts[n] = true, now
	}
	return nil
}

// A naive follower goes by the numbers of rows, as one is tempted to.
type naive struct {
	conn *pgx.Conn
	last int64
	ids  map[int64]string // by number
}

func (f *naive) step(ctx context.Context) error {
	rows, err := f.conn.Query(ctx, "SELECT id, seq FROM civgrid.incident WHERE seq > $1 ORDER BY seq", f.last)
	if err != nil {
		return err
	}
	var id string
	_, err = pgx.ForEachRow(rows, []any{&id, &f.last}, func() error {
		f.ids[f.last] = id
		return nil
	})
	return err
}

// wantCopy tests that a follower holds what a fresh scan gives.
func (f *follower) wantCopy(t *testing.T, s data.Source) {
	t.Helper()
	fresh := follower{facts: map[name]seen{}}
	for b, err := range s.Scan(t.Context(), data.Query{Dataset: data.Incidents, Columns: []string{"source", "id", "updated_at", "channel"}}) {
		if err != nil {
			t.Fatal(err)
		}
		sources, ids, notes, updated := b.Codes("source"), b.Texts("id"), b.Codes("channel"), b.Ints("updated_at")
		for row := range b.Len() {
			n := name{sources.At(row), ids.At(row)}
			fresh.facts[n] = seen{updated[row], f.facts[n].seq, notes.At(row)}
		}
	}
	lost, wrong := 0, 0
	for n, want := range fresh.facts {
		if got, ok := f.facts[n]; !ok {
			lost++
		} else if got != want {
			wrong++
		}
	}
	if lost+wrong > 0 || len(f.facts) != len(fresh.facts) {
		t.Errorf("the follower's %d facts lack %d of %d, and %d are not the last version; want a copy", len(f.facts), lost, len(fresh.facts), wrong)
	}
}

// TestABatchThatCommitsLateIsGivenLate has a batch take its number and those of
// its rows first and commit last.
func TestABatchThatCommitsLateIsGivenLate(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	s := openClosed(t, url, postgis.Options{})
	fast := func(i int) fact { return fact{source: "fast", id: fmt.Sprint("fast ", i), version: 1, note: "fast"} }
	slow := func(i int) fact { return fact{source: "slow", id: fmt.Sprint("slow ", i), version: 1, note: "slow"} }
	add(t, s, data.Chunk{}, fast(0), slow(0))
	f := follower{store: s, facts: map[name]seen{}}
	n := naive{conn: connect(t, url), ids: map[int64]string{}}
	step := func(what string, want int) {
		t.Helper()
		if err := f.step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := n.step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(f.facts) != want {
			t.Errorf("the follower has %d facts %s, want %d", len(f.facts), what, want)
		}
	}
	step("at first", 2)

	h := holdBack(t, url, slow(9))
	var work sync.WaitGroup
	var failure error
	rows := batchOf(s.Schema(data.Incidents), slow(0), slow(1), slow(2), slow(9))
	work.Go(func() { _, failure = s.Append(t.Context(), data.Incidents, data.Chunk{}, rows) })
	h.wait(t)
	step("with a batch under way", 2)
	add(t, s, data.Chunk{}, fast(1), fast(2))
	step("after a batch that overtook it", 4)
	if err := h.letGo(); err != nil {
		t.Fatal(err)
	}
	work.Wait()
	if failure != nil {
		t.Fatal(failure)
	}
	step("once the late batch has committed", 7)
	f.wantCopy(t, s)
	if len(n.ids) != 4 {
		t.Errorf("going by numbers gave %v, want that it loses the 3 rows of the late batch: the test shows nothing", n.ids)
	}
	audit(t, s, url)
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// The crowd that writes while a follower reads.
const (
	crowdSources = 3  // each with two writers
	crowdFacts   = 15 // of a source, rewritten by every append to it
	crowdNew     = 4  // facts that an append adds
)

// A history is what writers know of their appends, and how far the follower is.
type history struct {
	mu    sync.Mutex
	acked []string // notes of the appends that succeeded
	// cancelled counts appends that may have come to nothing.
	cancelled, steps atomic.Int64
}

func (h *history) ack(note string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acked = append(h.acked, note)
}

// acknowledged returns the appends that had succeeded by now.
func (h *history) acknowledged() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.acked)
}

// crowdAppend returns what an append to a source holds: facts that are new, named
// for it, and all the old ones in the next version.
func crowdAppend(source, note string, version int) []fact {
	var facts []fact
	for i := range crowdFacts {
		facts = append(facts, fact{source: source, id: fmt.Sprint("old ", i), version: version, note: note})
	}
	for i := range crowdNew {
		facts = append(facts, fact{source: source, id: fmt.Sprint(note, " ", i), version: 1, note: note})
	}
	return facts
}

// TestTheFeedLosesNothingInACrowd has writers of several sources, some slow,
// some cancelled, and a follower. Whatever was acknowledged before a mark was
// read is given with it, every batch whole, and in the end the copy is equal.
func TestTheFeedLosesNothingInACrowd(t *testing.T) {
	t.Parallel()
	length := 3 * time.Second
	if testing.Short() {
		length = time.Second
	}
	url := pgtest.Shared(t).Database(t)
	s := openClosed(t, url, postgis.Options{Connections: 12})
	for i := range crowdSources + 1 {
		source := fmt.Sprint("source ", i)
		add(t, s, data.Chunk{}, crowdAppend(source, "first of "+source, 0)...)
	}
	var h history
	var writers sync.WaitGroup
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	for i := range 2 * crowdSources {
		w := crowdWriter{t: t, store: s, history: &h, name: fmt.Sprint("writer ", i), source: fmt.Sprint("source ", i/2), random: rand.New(rand.NewPCG(7, uint64(i)))}
		writers.Go(func() { w.write(ctx) })
	}
	slow := crowdWriter{t: t, store: s, history: &h, name: "slow", source: fmt.Sprint("source ", crowdSources)}
	stall := hold{connect(t, url)}
	writers.Go(func() { slow.writeSlowly(ctx, stall) })
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()

	f := follower{store: s, facts: map[name]seen{}}
	n := naive{conn: connect(t, url), ids: map[int64]string{}}
	for last := false; !last; h.steps.Add(1) {
		select {
		case <-done:
			last = true
		default:
		}
		acked := h.acknowledged()
		if err := f.step(t.Context()); err != nil {
			t.Errorf("step %d: %v", h.steps.Load(), err)
			break
		}
		if err := n.step(t.Context()); err != nil {
			t.Errorf("naive step %d: %v", h.steps.Load(), err)
		}
		f.wantWhole(t, acked)
	}
	<-done
	f.wantCopy(t, s)
	awaitUnlocked(t, url)
	openClosed(t, url, postgis.Options{}) // ends what was cancelled
	if err := f.step(t.Context()); err != nil {
		t.Error(err)
	}
	f.wantCopy(t, s)
	lost := len(f.facts) - len(n.ids)
	if lost <= 0 {
		t.Errorf("going by numbers lost %d rows, want some: the test shows nothing", lost)
	}
	if h.cancelled.Load() == 0 {
		t.Error("no append was cancelled, want some")
	}
	t.Logf("%d appends, %d cancelled, %d steps, %d facts; going by numbers would have lost %d", len(h.acked), h.cancelled.Load(), h.steps.Load(), len(f.facts), lost)
	audit(t, s, url)
}

// wantWhole tests that the copy has every batch whole or not at all, those that
// were acknowledged whole, and of each source one version.
func (f *follower) wantWhole(t *testing.T, acked []string) {
	t.Helper()
	rows, versions := map[string]int{}, map[string]map[int64]int{}
	for n, s := range f.facts {
		if n.id[:3] != "old" {
			rows[s.note]++
			continue
		}
		if versions[n.source] == nil {
			versions[n.source] = map[int64]int{}
		}
		versions[n.source][s.updated]++
	}
	for note, n := range rows {
		if n != crowdNew {
			t.Errorf("of the append %q %d new facts are there, want all %d or none", note, n, crowdNew)
		}
	}
	for _, note := range acked {
		if rows[note] == 0 {
			t.Errorf("the append %q had succeeded and is not there", note)
		}
	}
	for source, of := range versions {
		if len(of) != 1 {
			t.Errorf("the facts of %s are of %d appends, want one: %v", source, len(of), of)
		}
	}
}

// A crowdWriter appends to one source.
type crowdWriter struct {
	t            *testing.T
	store        *postgis.Store
	history      *history
	name, source string
	random       *rand.Rand
}

// write appends until ctx ends. Every fifth append is cancelled at some moment,
// so that it may come to nothing or not.
func (w crowdWriter) write(ctx context.Context) {
	for i := 1; ctx.Err() == nil; i++ {
		limit := time.Minute
		if i%5 == 0 {
			limit = time.Duration(1+w.random.IntN(30)) * time.Millisecond
		}
		note := fmt.Sprintf("%s append %d", w.name, i)
		attempt, cancel := context.WithTimeout(context.Background(), limit)
		_, err := w.store.Append(attempt, data.Incidents, data.Chunk{}, batchOf(w.store.Schema(data.Incidents), crowdAppend(w.source, note, i)...))
		switch cancel(); {
		case err == nil:
			w.history.ack(note)
		case i%5 == 0:
			w.history.cancelled.Add(1)
		default:
			w.t.Errorf("%s: %v", note, err)
			return
		}
	}
}

// writeSlowly holds every append of its own back, once its rows have taken their
// numbers, until others have succeeded and the follower has looked.
func (w crowdWriter) writeSlowly(ctx context.Context, stall hold) {
	for i := 1; ctx.Err() == nil; i++ {
		note := fmt.Sprintf("%s append %d", w.name, i)
		facts := crowdAppend(w.source, note, i)
		if err := stall.take(facts[len(facts)-1]); err != nil {
			w.t.Errorf("hold %s back: %v", note, err)
			return
		}
		var work sync.WaitGroup
		var failure error
		work.Go(func() {
			_, failure = w.store.Append(context.Background(), data.Incidents, data.Chunk{}, batchOf(w.store.Schema(data.Incidents), facts...))
		})
		w.overtaken(ctx, stall)
		err := stall.letGo()
		work.Wait()
		if err != nil || failure != nil {
			w.t.Errorf("%s: %v, %v", note, failure, err)
			return
		}
		w.history.ack(note)
	}
}

// overtaken waits until an append that is held back has been overtaken, or the
// crowd goes home.
func (w crowdWriter) overtaken(ctx context.Context, stall hold) {
	await(ctx, time.Minute, func() bool {
		held, err := stall.holds()
		return held || err != nil
	})
	acked := len(w.history.acknowledged())
	await(ctx, time.Minute, func() bool { return len(w.history.acknowledged()) > acked })
	steps := w.history.steps.Load()
	await(ctx, time.Minute, func() bool { return w.history.steps.Load() > steps+1 })
}
