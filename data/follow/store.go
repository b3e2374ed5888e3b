package follow

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/civgrid/civgrid/data"
)

func sameReport(a, b data.Report) bool { return reflect.DeepEqual(a, b) }

// Schema implements [data.Source].
func (s *Store) Schema(d data.Dataset) []data.Column {
	if !slices.Contains(data.Datasets(), d) {
		return nil
	}
	return data.SchemaOf(d, s.catalog.Load().settings.Resolutions)
}

// Scan implements [data.Source]: from the copy.
func (s *Store) Scan(ctx context.Context, q data.Query) data.Batches { return s.facts.Scan(ctx, q) }

// AsOf implements [data.Historian] where the store does: history is not copied.
func (s *Store) AsOf(at time.Time) data.Source {
	if h, ok := s.store.(data.Historian); ok {
		return h.AsOf(at)
	}
	return s.facts.AsOf(at) // says that there is none
}

// Append implements [data.Sink]: in the store itself. Whoever appends reads what was
// appended from then on, unless the copy cannot be brought up to date in time, which is
// no error: the rows are kept, and [Store.Status] tells how old the copy is.
func (s *Store) Append(ctx context.Context, d data.Dataset, chunk data.Chunk, rows data.Batch) (data.Changes, error) {
	changes, err := s.store.Append(ctx, d, chunk, rows)
	if err == nil {
		s.glance(ctx)
	}
	return changes, err
}

// Replace implements [data.Sink]: in the store itself, so that a copy that lags is never
// what a change is tested against. Whoever is refused reads, as does whoever is not, what
// the store has from then on.
func (s *Store) Replace(ctx context.Context, d data.Dataset, expected []data.Revision, rows data.Batch) (data.Changes, error) {
	changes, err := s.store.Replace(ctx, d, expected, rows)
	if err == nil || errors.Is(err, data.ErrChanged) {
		s.glance(ctx)
	}
	return changes, err
}

// glance looks for as long as a writer may be kept waiting. The status tells how it went.
func (s *Store) glance(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	_ = s.Look(ctx)
}

// Settings implements [data.Catalog].
func (s *Store) Settings(context.Context) (data.Settings, error) {
	settings := s.catalog.Load().settings
	settings.Resolutions = slices.Clone(settings.Resolutions)
	return settings, nil
}

// PutSettings implements [data.Catalog].
func (s *Store) PutSettings(ctx context.Context, settings data.Settings) error {
	return s.store.PutSettings(ctx, settings)
}

// Communities implements [data.Catalog]. Outlines and names are shared and must
// not be written to.
func (s *Store) Communities(context.Context) ([]data.Community, error) {
	return slices.Clone(s.catalog.Load().communities), nil
}

// PutCommunities implements [data.Catalog].
func (s *Store) PutCommunities(ctx context.Context, communities []data.Community) (int64, error) {
	return s.store.PutCommunities(ctx, communities)
}

// Report implements [data.Catalog].
func (s *Store) Report(_ context.Context, d data.Dataset) (data.Report, error) {
	report, ok := s.catalog.Load().reports[d]
	if !ok {
		return data.Report{}, fmt.Errorf("report on %s: %w", d, data.ErrNotFound)
	}
	return report, nil
}

// PutReport implements [data.Catalog].
func (s *Store) PutReport(ctx context.Context, r data.Report) error { return s.store.PutReport(ctx, r) }

// Imports implements [data.Catalog].
func (s *Store) Imports(context.Context) ([]data.Import, error) {
	return slices.Clone(s.catalog.Load().imports), nil
}

// PutImport implements [data.Catalog].
func (s *Store) PutImport(ctx context.Context, i data.Import) error { return s.store.PutImport(ctx, i) }

// Documents implements [data.Catalog].
func (s *Store) Documents(_ context.Context, kind string) ([]data.Document, error) {
	var of []data.Document
	for _, d := range s.catalog.Load().documents {
		if d.Kind == kind {
			of = append(of, d)
		}
	}
	return of, nil
}

// PutDocument implements [data.Catalog].
func (s *Store) PutDocument(ctx context.Context, d data.Document) (kept bool, err error) {
	return s.store.PutDocument(ctx, d)
}

// Version implements [data.Catalog]. While facts are moving to the next version
// every answer is another, so that nothing read meanwhile passes for whole.
func (s *Store) Version(context.Context) (string, error) {
	c := s.catalog.Load()
	if !c.moving {
		return c.version, nil
	}
	return fmt.Sprintf("%s+%d", c.version, s.moves.Add(1)), nil
}

// Mark implements [data.Feed]: of the copy, so that nobody hears of a change before it
// can be read.
func (s *Store) Mark(ctx context.Context, d data.Dataset) (int64, error) {
	if at, ok := s.catalog.Load().marks[d]; ok {
		return at.mark, nil
	}
	return s.store.Mark(ctx, d)
}

// Lineage implements [data.Feed].
func (s *Store) Lineage(ctx context.Context, d data.Dataset, mark int64) (string, error) {
	if at, ok := s.catalog.Load().marks[d]; ok && at.mark == mark {
		return at.lineage, nil
	}
	return s.store.Lineage(ctx, d, mark)
}

// heldRows is how many changes are held back until the copy has them: more than are told
// one by one to anybody who follows.
const heldRows = 16 << 10

// Since implements [data.Feed]: from the store. Where there are few changes the copy is
// brought up to them before they are told. Who reads a great many copies them, and is not
// kept waiting.
func (s *Store) Since(ctx context.Context, d data.Dataset, mark int64) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		var held []data.Batch
		rows, stopped := 0, false
		pass := func() {
			for _, b := range held {
				if stopped = stopped || !yield(b, nil); stopped {
					return
				}
			}
			held = nil
		}
		for b, err := range s.store.Since(ctx, d, mark) {
			if err != nil {
				yield(data.Batch{}, err)
				return
			}
			held = append(held, b)
			if rows += b.Len(); rows > heldRows {
				if pass(); stopped {
					return
				}
			}
		}
		if rows > 0 && rows <= heldRows { // no connection is held by now
			if err := s.Look(ctx); err != nil {
				yield(data.Batch{}, err)
				return
			}
		}
		pass()
	}
}

var (
	_ data.Feed      = (*Store)(nil)
	_ data.Store     = (*Store)(nil)
	_ data.Historian = (*Store)(nil)
)
