package follow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/segment"
)

// A Feed is a store that can be followed.
type Feed interface {
	segment.FeedStore
	// Behind returns how many changes a mark leaves out, and since when.
	Behind(ctx context.Context, d data.Dataset, mark int64) (changes int64, since time.Time, err error)
	// Listen calls hint whenever there may be a change, until ctx ends or the
	// connection breaks.
	Listen(ctx context.Context, hint func()) error
	// Archive returns the documents of every kind in the order in which they
	// were kept, and a mark that is another whenever there are others: none where
	// held is still the mark.
	Archive(ctx context.Context, held string) (documents []data.Document, mark string, err error)
}

// Options tune a Store. The zero value is ready for use.
type Options struct {
	// Every is how often the store is looked at without a hint. Zero means 2
	// seconds.
	Every time.Duration
	// Timeout is how long a look at the catalog may take before the store
	// counts as out of reach. Zero means 5 seconds.
	Timeout time.Duration
	// Now is the clock by which the age of the copy is told. Nil means that of
	// the machine.
	Now func() time.Time
	// Logger is told when the store goes away and comes back. Nil means silence.
	Logger *slog.Logger
	// Copied is called now and then while Open copies facts, with how many there
	// are so far of a dataset. Nil tells nobody.
	Copied func(rows int64)
	// Cache is handed to the copy of the facts.
	Cache segment.Options
}

func (o Options) withDefaults() Options {
	if o.Every <= 0 {
		o.Every = 2 * time.Second
	}
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now //nolint:forbidigo // the age of a copy is the clock's to say
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Cache.Held = true
	return o
}

// A Store is a copy of another that follows it. It is a [data.Store] and safe
// for concurrent use.
type Store struct {
	store   Feed
	facts   *segment.Cache
	options Options

	catalog atomic.Pointer[catalog]
	status  atomic.Pointer[Status]

	looking chan struct{} // held by the one look there is at a time
	begun   atomic.Int64  // looks so far
	ended   int64         // the last look that did not fail, of those begun; of who is looking
	moves   atomic.Int64
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// A catalog is all that a store says beside its facts, at one moment.
type catalog struct {
	version     string
	moving      bool // facts are on their way to the next version
	marks       map[data.Dataset]position
	settings    data.Settings
	communities []data.Community
	reports     map[data.Dataset]data.Report
	imports     []data.Import
	documents   []data.Document // of every kind
	archive     string          // the mark of the documents
}

// A position is how far a dataset has come, and in which history: a database
// that is put back may come to the same mark by another way.
type position struct {
	mark    int64
	lineage string
}

// Open copies a store into the folder dir, which belongs to the copy alone, and
// follows it until the copy is closed. The copy owns the store. When Open fails
// the store is still the caller's.
func Open(ctx context.Context, store Feed, dir string, options Options) (*Store, error) {
	options = options.withDefaults()
	opening := &counted{Feed: store, copied: options.Copied, idle: silences * options.Timeout}
	facts, err := segment.Open(ctx, opening, dir, options.Cache)
	if err != nil {
		return nil, fmt.Errorf("copy the store: %w", err)
	}
	s := &Store{store: store, facts: facts, options: options, looking: make(chan struct{}, 1)}
	s.status.Store(&Status{})
	if err := s.Look(ctx); err != nil {
		opening.kept = true
		return nil, errors.Join(fmt.Errorf("copy the store: %w", err), facts.Close())
	}
	opening.over.Store(true)
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	hints := make(chan struct{}, 1)
	s.done.Go(func() { s.listen(following, hints) })
	s.done.Go(func() { s.follow(following, hints) })
	return s, nil
}

// counted is a feed that says how much of it has been read, until that is over,
// and whose reading ends when nothing comes for a while.
type counted struct {
	Feed
	copied func(rows int64)
	over   atomic.Bool
	idle   time.Duration
	kept   bool // the store is not to be closed
}

// Since implements [data.Feed].
func (c *counted) Since(ctx context.Context, d data.Dataset, mark int64) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		ctx, stop := context.WithCancelCause(ctx)
		defer stop(nil)
		silence := time.AfterFunc(c.idle, func() { stop(errSilent) })
		defer silence.Stop()
		rows := int64(0)
		c.Feed.Since(ctx, d, mark)(func(b data.Batch, err error) bool {
			if err != nil && errors.Is(context.Cause(ctx), errSilent) {
				err = fmt.Errorf("%w: %w", errSilent, err)
			}
			silence.Stop() // keeping the rows takes what it takes
			defer silence.Reset(c.idle)
			if rows += int64(b.Len()); c.copied != nil && !c.over.Load() {
				c.copied(rows)
			}
			return yield(b, err)
		})
	}
}

// errSilent says that a store stopped in the middle of an answer.
var errSilent = fmt.Errorf("%w: it stopped answering", data.ErrUnavailable)

// Close implements [data.Store].
func (c *counted) Close() error {
	if c.kept {
		return nil
	}
	return c.Feed.Close()
}

// Close ends following and closes the store.
func (s *Store) Close() error {
	s.stop()
	s.done.Wait()
	return s.facts.Close()
}

// listen passes hints on, and begins again when the connection breaks.
func (s *Store) listen(ctx context.Context, hints chan<- struct{}) {
	hint := func() {
		select {
		case hints <- struct{}{}:
		default: // there is one already
		}
	}
	for ctx.Err() == nil {
		if err := s.store.Listen(ctx, hint); err != nil {
			s.options.Logger.DebugContext(ctx, "no hints", "error", err)
		}
		pause(ctx, s.options.Every)
	}
}

func (s *Store) follow(ctx context.Context, hints <-chan struct{}) {
	ticker := time.NewTicker(s.options.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hints:
		case <-ticker.C:
		}
		_ = s.Look(ctx) // the status tells
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// Look brings the copy up to date now. When it fails the copy stays as it is,
// and [Store.Status] tells why. It waits for a look that is being made, as long as ctx
// lasts; of those who wait together one looks for all.
func (s *Store) Look(ctx context.Context) error {
	next := s.begun.Load() + 1 // one that is being made may have begun too soon
	select {
	case s.looking <- struct{}{}:
		defer func() { <-s.looking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.ended >= next {
		return nil
	}
	n, began := s.begun.Add(1), s.options.Now()
	err := s.look(ctx)
	if err == nil {
		s.ended = n
	}
	if ctx.Err() == nil {
		s.tell(ctx, began, err)
	}
	return err
}

// silences is how many timeouts of a look nothing may come in the middle of a
// copy before it ends.
const silences = 6

// maxReads is how often the catalog is read when the store changes meanwhile.
// The last is taken; the next look mends it.
const maxReads = 3

func (s *Store) look(ctx context.Context) error {
	held := s.catalog.Load()
	for range maxReads {
		next, err := s.read(ctx, held)
		if err != nil {
			return err
		}
		if next == held {
			return nil
		}
		s.count(ctx, held)
		if held == nil || !maps.Equal(held.marks, next.marks) {
			if err := s.facts.CatchUp(ctx, s.move, func() { s.catalog.Store(next) }); err != nil {
				return err
			}
		} else {
			s.catalog.Store(next)
		}
		if held = next; s.reached(next) {
			return nil
		}
	}
	return nil
}

// move says that facts are about to be of no version.
func (s *Store) move() {
	if held := s.catalog.Load(); held != nil {
		moving := *held
		moving.moving = true
		s.catalog.Store(&moving)
	}
}

// reached reports whether the facts are as of the catalog's marks, and not
// later.
func (s *Store) reached(c *catalog) bool {
	for _, st := range s.facts.Stats() {
		if st.Ready && st.Mark != c.marks[st.Dataset].mark {
			return false
		}
	}
	return true
}

// read returns what the store says now, or held where that is the same.
func (s *Store) read(ctx context.Context, held *catalog) (next *catalog, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	for range maxReads {
		if next, err = s.readOnce(ctx, held); err != nil || next == held {
			return next, err
		}
		version, err := s.store.Version(ctx)
		if err != nil || version == next.version { // all of it is of that version
			return next, err
		}
	}
	return next, nil
}

func (s *Store) readOnce(ctx context.Context, held *catalog) (*catalog, error) {
	next := &catalog{marks: map[data.Dataset]position{}, reports: map[data.Dataset]data.Report{}}
	var err error
	if next.version, err = s.store.Version(ctx); err != nil {
		return nil, err
	}
	for _, d := range data.Datasets() {
		var at position
		if at.mark, err = s.store.Mark(ctx, d); err != nil {
			return nil, err
		}
		if at.lineage, err = s.store.Lineage(ctx, d, at.mark); err != nil {
			return nil, err
		}
		next.marks[d] = at
		report, err := s.store.Report(ctx, d)
		if err == nil {
			next.reports[d] = report
		} else if !errors.Is(err, data.ErrNotFound) {
			return nil, err
		}
	}
	if next.imports, err = s.store.Imports(ctx); err != nil {
		return nil, err
	}
	if err := s.readDocuments(ctx, next, held); err != nil {
		return nil, err
	}
	if held != nil && held.same(next) {
		return held, nil
	}
	if next.settings, err = s.store.Settings(ctx); err != nil {
		return nil, err
	}
	if held != nil && held.version == next.version {
		next.communities = held.communities
		return next, nil
	}
	next.communities, err = s.store.Communities(ctx)
	return next, err
}

// readDocuments reads the documents where they are not those that are held.
func (s *Store) readDocuments(ctx context.Context, next, held *catalog) (err error) {
	mark := ""
	if held != nil {
		mark = held.archive
	}
	if next.documents, next.archive, err = s.store.Archive(ctx, mark); err == nil && held != nil && next.archive == mark {
		next.documents = held.documents
	}
	return err
}

// same reports whether all that readers are shown is equal. The version covers
// facts, communities and settings.
func (c *catalog) same(other *catalog) bool {
	return c.version == other.version && c.archive == other.archive && maps.Equal(c.marks, other.marks) &&
		slices.EqualFunc(c.imports, other.imports, sameImport) && maps.EqualFunc(c.reports, other.reports, sameReport)
}

func sameImport(a, b data.Import) bool {
	return a.ID == b.ID && a.Finished.Equal(b.Finished) && a.Changes == b.Changes
}
