package segment

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"

	"github.com/civgrid/civgrid/data"
)

var (
	errClosed = errors.New("segment cache is closed")
	// errUnwritten says that the disk did not take a file. The store beneath
	// then answers by itself.
	errUnwritten = errors.New("cache cannot be written")
	// errLineage and errColumns say why files are not used.
	errLineage = errors.New("of another store, or of what this one was before it was put back")
	errColumns = errors.New("of other columns")
)

// A set keeps one dataset.
type set struct {
	dataset data.Dataset
	store   FeedStore
	folder  string
	options Options
	logger  *slog.Logger

	newest atomic.Pointer[view] // nil before the first and after a failure

	lock     chan struct{} // holds one token while free; guards what follows and changes of newest
	number   uint64        // of the last file
	unusable bool          // the disk failed; only Refresh tries again
	closed   bool
}

// acquire takes the lock, or gives up with ctx.
func (s *set) acquire(ctx context.Context) error {
	select {
	case <-s.lock:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *set) release() { s.lock <- struct{}{} }

// current returns a view that holds every change that was committed when
// current was called, or with Held the newest there is; nil when the cache
// cannot serve.
//
// The mark is read before the view, and, when rows have to be fetched, before
// the rows: a change that is committed in between is fetched with them and
// fetched once more after the next comparison, never left out.
func (s *set) current(ctx context.Context) (*view, error) {
	if v := s.newest.Load(); v != nil && s.options.Held {
		return v, nil
	}
	mark, err := s.store.Mark(ctx, s.dataset)
	if err != nil {
		return nil, err
	}
	columns := s.store.Schema(s.dataset)
	if v := s.newest.Load(); v != nil && v.span.mark == mark && slices.Equal(v.columns, columns) {
		return v, nil
	}
	if err := s.acquire(ctx); err != nil {
		return nil, err
	}
	defer s.release()
	if s.unusable {
		return nil, nil
	}
	return s.catchUpLocked(ctx, false)
}

// prepareLocked returns the view to come, and whether it has files that are not
// listed yet. A disk that takes no files is an error: the newest view stays.
func (s *set) prepareLocked(ctx context.Context) (next *view, direct bool, err error) {
	if s.closed {
		return nil, false, errClosed
	}
	for range attempts {
		if next, direct, err = s.nextLocked(ctx); !errors.Is(err, errDamaged) {
			break
		}
		s.discardLocked(err)
	}
	return next, direct, err
}

// recoverLocked deals with damage and with a disk that takes no files. It
// returns all other errors.
func (s *set) recoverLocked(err error) error {
	switch {
	case errors.Is(err, errDamaged):
		s.discardLocked(err)
	case errors.Is(err, errUnwritten):
		s.logger.Warn("cache is off: the store answers by itself", "dataset", s.dataset, "error", err)
		s.sweepLocked(s.newest.Load())
		s.retireLocked()
		s.unusable = true
	default:
		return err
	}
	return nil
}

// saveDueLocked writes the newest view where that is due, which changes nothing
// that scans see. What the disk does not take stays in memory.
func (s *set) saveDueLocked(v *view, direct bool) error {
	if !direct && !s.dueLocked(v, false) {
		return nil
	}
	saved, err := s.saveLocked(v)
	switch {
	case err == nil:
		s.installLocked(saved)
	case errors.Is(err, errUnwritten):
		s.logger.Warn("changes stay in memory", "dataset", s.dataset, "rows", v.delta(), "error", err)
	case errors.Is(err, errDamaged):
		s.discardLocked(err)
	default:
		return err
	}
	return nil
}

// installLocked makes a view the newest. Where it was built anew, tables of the
// one before are let go of.
func (s *set) installLocked(v *view) {
	old := s.newest.Swap(v)
	if old == nil || slices.ContainsFunc(old.layers, func(l layer) bool { return v.has(l.table) }) {
		return
	}
	s.removeLocked(old.tables())
}

// refresh is current, and writes whatever is in memory only.
func (s *set) refresh(ctx context.Context) error {
	if err := s.acquire(ctx); err != nil {
		return err
	}
	defer s.release()
	s.unusable = false
	_, err := s.catchUpLocked(ctx, true)
	if err == nil && s.unusable {
		return fmt.Errorf("refresh %s: %w", s.dataset, errUnwritten)
	}
	return err
}

// catchUpLocked makes the newest view hold all that is committed. With save
// nothing stays in memory only.
func (s *set) catchUpLocked(ctx context.Context, save bool) (*view, error) {
	for range attempts {
		if s.closed {
			return nil, errClosed
		}
		v, err := s.advanceLocked(ctx, save)
		if err == nil {
			s.installLocked(v)
			return v, nil
		}
		if err = s.recoverLocked(err); err != nil || s.unusable {
			return nil, err
		}
	}
	return nil, nil
}

// advanceLocked returns a view of the present state, made from the newest, and
// written where that is due.
func (s *set) advanceLocked(ctx context.Context, save bool) (*view, error) {
	v, direct, err := s.nextLocked(ctx)
	if err != nil {
		return nil, err
	}
	if direct || s.dueLocked(v, save) {
		return s.saveLocked(v)
	}
	return v, nil
}

// nextLocked returns a view of the present state, made from the newest, and
// whether it has files that are not listed yet.
func (s *set) nextLocked(ctx context.Context) (_ *view, direct bool, err error) {
	mark, err := s.store.Mark(ctx, s.dataset)
	if err != nil {
		return nil, false, err
	}
	columns := s.store.Schema(s.dataset)
	v := s.newest.Load()
	if v == nil {
		v = newView(columns)
	}
	why := errColumns
	if slices.Equal(v.columns, columns) {
		if why, err = s.doubt(ctx, v.span); err != nil {
			return nil, false, err
		}
	}
	if why != nil {
		if len(v.layers) > 0 { // it stays until there is another
			s.logger.Warn("cache is built anew", "dataset", s.dataset, "reason", why)
		}
		v = newView(columns)
	}
	if v.span.mark == mark {
		return v, false, nil
	}
	return s.pullLocked(ctx, v, mark)
}

// doubt returns why a span is none of the store's, nil if it is one.
func (s *set) doubt(ctx context.Context, held span) (why, err error) {
	lineage, err := s.store.Lineage(ctx, s.dataset, held.reach)
	if err == nil && lineage != held.lineage {
		why = errLineage
	}
	return why, err
}

// dueLocked reports whether what is in memory only should be written.
func (s *set) dueLocked(v *view, save bool) bool {
	delta := v.delta()
	files := slices.ContainsFunc(v.layers, layer.mapped)
	return delta > s.options.DeltaRows || delta > 0 && (save || !files)
}

// pullLocked fetches what changed since the view. Large parts go to disk at
// once, which direct tells; they are not listed there yet.
func (s *set) pullLocked(ctx context.Context, v *view, mark int64) (_ *view, direct bool, err error) {
	var tables []*table
	defer func() {
		if err != nil {
			s.removeLocked(tables)
		}
	}()
	c := collector{columns: v.all, rows: s.options.SegmentRows}
	c.emit = func(full *chunk) error {
		full.sort(s.dataset)
		if full.len() <= s.options.DeltaRows {
			tables = append(tables, newTable(full))
			return nil
		}
		t, err := s.writeLocked(full, mark)
		if err == nil {
			tables, direct = append(tables, t), true
		}
		return err
	}
	for b, err := range s.store.Since(ctx, s.dataset, v.span.mark) {
		if err != nil {
			return nil, false, err
		}
		if err := c.add(b, nil); err != nil {
			return nil, false, err
		}
	}
	if err := c.flush(); err != nil {
		return nil, false, err
	}
	held := span{mark: mark}
	if held.reach, err = s.store.Mark(ctx, s.dataset); err != nil {
		return nil, false, err
	}
	if held.lineage, err = s.store.Lineage(ctx, s.dataset, held.reach); err != nil {
		return nil, false, err
	}
	next, err := v.with(held, tables...)
	if err != nil {
		return nil, false, err
	}
	next, err = next.settle(s.dataset)
	return next, direct, err
}

// settle merges the youngest tables in memory while they are of similar size,
// so that many small changes do not leave many small tables.
func (v *view) settle(d data.Dataset) (*view, error) {
	for n := len(v.layers); n >= 2; n = len(v.layers) {
		older, younger := v.layers[n-2], v.layers[n-1]
		if older.mapped() || younger.mapped() || older.alive() > 2*younger.alive() {
			break
		}
		next := *v
		next.layers = slices.Clone(v.layers[:n-2])
		c := collector{columns: v.all, rows: older.alive() + younger.alive()}
		c.emit = func(merged *chunk) error {
			merged.sort(d)
			next.layers = append(next.layers, layer{table: newTable(merged), masks: older.masks || younger.masks})
			return nil
		}
		for _, l := range []layer{older, younger} {
			if err := l.feed(&c); err != nil {
				return nil, err
			}
		}
		if err := c.flush(); err != nil {
			return nil, err
		}
		if len(next.layers) == n { // too much text for one table
			break
		}
		v = &next
	}
	return v, nil
}
