package segment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The names of files: incidents.set lists incidents-00000001.seg and so on.
const (
	setSuffix     = ".set"
	segmentSuffix = ".seg"
)

func (s *set) listPath() string { return filepath.Join(s.folder, string(s.dataset)+setSuffix) }

func (s *set) path(number uint64) string {
	return filepath.Join(s.folder, fmt.Sprintf("%s-%08d%s", s.dataset, number, segmentSuffix))
}

// numberOf reads the number of one of the set's files from its name.
func (s *set) numberOf(name string) (number uint64, ok bool) {
	digits, isSegment := strings.CutSuffix(name, segmentSuffix)
	digits, isOurs := strings.CutPrefix(digits, string(s.dataset)+"-")
	if !isSegment || !isOurs {
		return 0, false
	}
	number, err := strconv.ParseUint(digits, 10, 64)
	return number, err == nil
}

// load opens the files there are. Those that are damaged or not of the store's
// history are discarded: the first scan builds them anew. The error says that
// the store did not tell.
func (s *set) load(ctx context.Context) error {
	b, err := os.ReadFile(s.listPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var m manifest
	if err == nil {
		m, err = decodeManifest(b)
	}
	v := newView(s.store.Schema(s.dataset))
	if err == nil && m.digest != digestOf(s.dataset, v.all) {
		err = errColumns
	}
	if err == nil {
		why, failed := s.doubt(ctx, m.span)
		if failed != nil {
			return failed
		}
		err = why
	}
	if err == nil {
		v, err = s.open(v, m)
	}
	if err != nil {
		s.discardLocked(err)
		return nil
	}
	s.newest.Store(v)
	return nil
}

// open opens the files of a manifest, oldest first, each replacing rows of
// those before.
func (s *set) open(v *view, m manifest) (_ *view, err error) {
	var opened []*table
	defer func() {
		if err != nil {
			s.removeLocked(opened)
		}
	}()
	for _, f := range m.files {
		t, err := openTable(s.path(f.number), v.all, m.digest)
		if err != nil {
			return nil, err
		}
		t.number = f.number
		opened = append(opened, t)
		if t.sum != f.sum {
			return nil, fmt.Errorf("segment %d is not the one listed: %w", f.number, errDamaged)
		}
		if f.masks {
			if v, err = v.with(m.span, t); err != nil {
				return nil, err
			}
			v.layers[len(v.layers)-1].masks = true
			continue
		}
		v.layers = append(v.layers, layer{table: t})
	}
	v.span = m.span
	return v, nil
}

// writeLocked writes a sorted chunk and opens what was written.
func (s *set) writeLocked(c *chunk, mark int64) (*table, error) {
	s.number++
	path, digest := s.path(s.number), digestOf(s.dataset, c.columns)
	if err := writeChunk(path, c, mark, digest); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnwritten, err)
	}
	t, err := openTable(path, c.columns, digest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnwritten, err)
	}
	t.number = s.number
	return t, nil
}

// saveLocked writes what is in memory only, along with files that have many
// dead rows or are small beside what is written anyway, and lists the result.
func (s *set) saveLocked(v *view) (_ *view, err error) {
	kept, folded := v.split(s.options.SegmentRows)
	next := &view{columns: v.columns, all: v.all, span: v.span, layers: kept}
	var written []*table
	defer func() {
		if err != nil {
			s.removeLocked(written)
		}
	}()
	masks := slices.ContainsFunc(kept, func(l layer) bool { return l.gone > 0 })
	c := collector{columns: v.all, rows: s.options.SegmentRows}
	c.emit = func(full *chunk) error {
		full.sort(s.dataset)
		t, err := s.writeLocked(full, v.span.mark)
		if err == nil {
			written = append(written, t)
			next.layers = append(next.layers, layer{table: t, masks: masks})
		}
		return err
	}
	for _, l := range folded {
		if err := l.feed(&c); err != nil {
			return nil, err
		}
	}
	if err := c.flush(); err != nil {
		return nil, err
	}
	if err := s.listLocked(next); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnwritten, err)
	}
	var unlisted []*table
	for _, l := range folded {
		unlisted = append(unlisted, l.table)
	}
	s.removeLocked(unlisted)
	return next, nil
}

// listLocked makes the view's files the ones that count.
func (s *set) listLocked(v *view) error {
	m := manifest{span: v.span, digest: digestOf(s.dataset, v.all)}
	for _, l := range v.layers {
		m.files = append(m.files, listed{l.table.number, l.table.sum, l.masks})
	}
	if err := syncFolder(s.folder); err != nil { // files before the list of them
		return err
	}
	if err := writeManifest(s.listPath(), m); err != nil {
		return err
	}
	return syncFolder(s.folder)
}

// split divides the layers into files to keep and layers to write (again):
// those in memory, files of which more than a quarter is dead, and from the
// youngest file back those at most twice the size of what is younger and
// written. So every row is written a number of times that grows only with the
// logarithm of the rows.
func (v *view) split(segmentRows int) (kept, folded []layer) {
	rows := 0
	fold := make([]bool, len(v.layers))
	for i, l := range v.layers {
		fold[i] = !l.mapped() || 4*l.gone > l.table.rows
		if fold[i] {
			rows += l.alive()
		}
	}
	for i := len(v.layers) - 1; i >= 0; i-- {
		l := v.layers[i]
		if fold[i] {
			continue
		}
		if l.alive() > 2*rows || 2*l.alive() > segmentRows {
			break
		}
		fold[i] = true
		rows += l.alive()
	}
	for i, l := range v.layers {
		if fold[i] {
			folded = append(folded, l)
		} else {
			kept = append(kept, l)
		}
	}
	return kept, folded
}

// discard throws a damaged view away, unless that has happened already.
func (s *set) discard(v *view, why error) {
	<-s.lock
	defer s.release()
	if s.newest.Load() == v {
		s.discardLocked(why)
	}
}

// discardLocked throws the newest view and all files of the set away.
func (s *set) discardLocked(why error) {
	s.logger.Warn("cache is built anew", "dataset", s.dataset, "reason", why)
	s.retireLocked()
	if err := os.Remove(s.listPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.logger.Warn("list of segments stays", "dataset", s.dataset, "error", err)
	}
	s.sweepLocked(nil)
}

// retireLocked lets go of the newest view; the files stay.
func (s *set) retireLocked() {
	v := s.newest.Swap(nil)
	if v == nil {
		return
	}
	for _, l := range v.layers {
		if err := l.table.retire(); err != nil {
			s.logger.Warn("memory is not given back", "dataset", s.dataset, "error", err)
		}
	}
}

// removeLocked lets go of tables and removes their files.
func (s *set) removeLocked(tables []*table) {
	for _, t := range tables {
		if t.mapping == nil {
			continue
		}
		if err := errors.Join(t.retire(), os.Remove(s.path(t.number))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.logger.Warn("old segment stays", "dataset", s.dataset, "segment", t.number, "error", err)
		}
	}
}

// sweepLocked removes the segments that the view does not list and notes the
// highest number seen.
func (s *set) sweepLocked(v *view) {
	listed := map[uint64]bool{}
	if v != nil {
		for _, l := range v.layers {
			listed[l.table.number] = true
		}
	}
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return // nothing there, nothing to sweep
	}
	for _, e := range entries {
		number, ours := s.numberOf(e.Name())
		if !ours {
			continue
		}
		s.number = max(s.number, number)
		if !listed[number] {
			os.Remove(s.path(number)) // one that stays does no harm
		}
	}
}
