package segment

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/civgrid/civgrid/data"
)

// A FeedStore is a store that can be cached: one that tells what changed.
//
// The cache relies on its feed in three ways. Since gives a change as soon as
// Mark returns its mark, and not before; once Mark has returned m, every change
// that becomes visible later has a mark above m; and the rows of one Since are
// those of one moment, each row once.
type FeedStore interface {
	data.Store
	data.Feed
}

// Options tune a Cache. The zero value is ready for use.
type Options struct {
	// SegmentRows is the most rows one segment file holds. Zero means 1,048,576.
	SegmentRows int
	// DeltaRows is the most changed rows kept in memory before they are written
	// as a segment. Zero means 65,536.
	DeltaRows int
	// Held answers scans from what was there at the last CatchUp or Refresh,
	// without asking the store whether it changed since. What the cache never
	// held, or found damaged, is still fetched by the scan that needs it.
	Held bool
	// Logger receives notes on damage and on failures to write. Nil means
	// silence.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.SegmentRows <= 0 {
		o.SegmentRows = 1 << 20
	}
	if o.DeltaRows <= 0 {
		o.DeltaRows = 1 << 16
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// A Cache is a store whose scans are answered from mapped column files. All
// else is answered by the store beneath. It is safe for concurrent use.
type Cache struct {
	FeedStore
	sets map[data.Dataset]*set
}

// Open returns a cache of the store in the folder dir, which is created if need
// be and belongs to the cache alone: one process at a time. Files in it that
// are damaged or belong to another store or another history of this one are
// removed, and left over temporary files with them. Nothing is read from the
// store's facts before the first scan.
//
// The cache owns the store: Close closes both. When Open fails the store is
// still the caller's.
func Open(ctx context.Context, store FeedStore, dir string, options Options) (*Cache, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open segment cache: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open segment cache: %w", err)
	}
	leftovers, err := filepath.Glob(filepath.Join(dir, tempPattern))
	if err != nil {
		return nil, fmt.Errorf("open segment cache: %w", err)
	}
	for _, path := range leftovers {
		os.Remove(path) // one that stays does no harm
	}
	c := &Cache{FeedStore: store, sets: map[data.Dataset]*set{}}
	options = options.withDefaults()
	for _, d := range data.Datasets() {
		s := &set{
			dataset: d, store: store, folder: dir, options: options,
			logger: options.Logger, lock: make(chan struct{}, 1),
		}
		if err := s.load(ctx); err != nil {
			for _, loaded := range c.sets {
				loaded.retireLocked()
			}
			return nil, fmt.Errorf("open segment cache: %w", err)
		}
		s.sweepLocked(s.newest.Load())
		s.release()
		c.sets[d] = s
	}
	return c, nil
}

// Refresh brings the cache of every dataset up to date and writes all of it, so
// that the next process finds it ready: to be called after an import. It also
// tries again after the disk refused a file. An error leaves the store and all
// scans as good as they were.
func (c *Cache) Refresh(ctx context.Context) error {
	for _, d := range data.Datasets() {
		if err := c.sets[d].refresh(ctx); err != nil {
			return fmt.Errorf("refresh segment cache: %w", err)
		}
	}
	return nil
}

// CatchUp brings the cache of all datasets up to date in one step. What changed
// is fetched first, while scans are answered as before; between calls of before
// and after, which do nothing that takes time, every dataset changes over.
// Unlike Refresh it leaves small changes in memory. When fetching fails nothing
// changes over, and neither is called.
func (c *Cache) CatchUp(ctx context.Context, before, after func()) (err error) {
	var changes []change
	for _, d := range data.Datasets() {
		s := c.sets[d]
		if err = s.acquire(ctx); err != nil {
			break
		}
		defer s.release()
		ch := change{set: s}
		if ch.next, ch.direct, err = s.prepareLocked(ctx); err != nil {
			break
		}
		changes = append(changes, ch)
	}
	if err != nil {
		for _, ch := range changes {
			ch.forgetLocked()
		}
		return fmt.Errorf("catch up with the store: %w", err)
	}
	before()
	for _, ch := range changes {
		ch.set.installLocked(ch.next)
	}
	after()
	for _, ch := range changes {
		if err := ch.set.saveDueLocked(ch.next, ch.direct); err != nil {
			return fmt.Errorf("write what was caught up with: %w", err)
		}
	}
	return nil
}

// A change is the view of a set to come.
type change struct {
	set    *set
	next   *view
	direct bool
}

// forgetLocked removes what was written for a view that does not come.
func (ch change) forgetLocked() {
	newest := ch.set.newest.Load()
	ch.set.removeLocked(slices.DeleteFunc(ch.next.tables(), func(t *table) bool { return newest != nil && newest.has(t) }))
}

// Stats tells the state of the cache of one dataset as of its last use.
type Stats struct {
	Dataset   data.Dataset `json:"dataset"`
	Ready     bool         `json:"ready"`      // false: nothing is cached yet, or the cache is off
	Rows      int64        `json:"rows"`       // delta included, and what was withdrawn
	Segments  int          `json:"segments"`   // files
	DeltaRows int64        `json:"delta_rows"` // in memory only
	DeadRows  int64        `json:"dead_rows"`  // in files, replaced since
	Mark      int64        `json:"mark"`       // of the feed, up to which changes are in
	Bytes     int64        `json:"bytes"`      // of files
}

// Stats returns the state of every dataset in reading order, without reading
// from the store.
func (c *Cache) Stats() []Stats {
	var all []Stats
	for _, d := range data.Datasets() {
		st := Stats{Dataset: d}
		if v := c.sets[d].newest.Load(); v != nil {
			st.Ready, st.Mark, st.DeltaRows = true, v.span.mark, int64(v.delta())
			for _, l := range v.layers {
				st.Rows += int64(l.alive())
				if l.mapped() {
					st.Segments++
					st.DeadRows += int64(l.gone)
					st.Bytes += l.table.bytes
				}
			}
		}
		all = append(all, st)
	}
	return all
}

// AsOf implements data.Historian where the store beneath does. Elsewhere scans
// of the source it returns fail: history is never cached.
func (c *Cache) AsOf(at time.Time) data.Source {
	if h, ok := c.FeedStore.(data.Historian); ok {
		return h.AsOf(at)
	}
	return noHistory{c.FeedStore}
}

// noHistory is the past of a store that keeps none.
type noHistory struct{ FeedStore }

func (noHistory) Scan(_ context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		yield(data.Batch{}, fmt.Errorf("scan %s as of a moment: the store keeps no history", q.Dataset))
	}
}

// Close ends the cache and closes the store beneath. Batches handed out before
// stay readable: their memory is given back when the process ends. Scans that
// begin later fail.
func (c *Cache) Close() error {
	for _, d := range data.Datasets() {
		s := c.sets[d]
		<-s.lock
		s.closed = true
		s.retireLocked()
		s.release()
	}
	if err := c.FeedStore.Close(); err != nil {
		return fmt.Errorf("close segment cache: %w", err)
	}
	return nil
}

var (
	_ FeedStore      = (*Cache)(nil)
	_ data.Historian = (*Cache)(nil)
)
