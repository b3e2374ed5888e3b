package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/civgrid/civgrid/data"
)

// Scan implements [data.Source].
func (s *Store) Scan(ctx context.Context, q data.Query) data.Batches {
	return s.scan(ctx, q, func(t *table) []row { return t.present(0) })
}

// AsOf implements [data.Historian].
func (s *Store) AsOf(at time.Time) data.Source { return moment{s, at} }

// A moment is the store as it was.
type moment struct {
	store *Store
	at    time.Time
}

// Schema implements [data.Source].
func (m moment) Schema(d data.Dataset) []data.Column { return m.store.Schema(d) }

// Scan implements [data.Source].
func (m moment) Scan(ctx context.Context, q data.Query) data.Batches {
	return m.store.scan(ctx, q, func(t *table) []row { return t.asOf(m.at) })
}

func (s *Store) scan(ctx context.Context, q data.Query, choose func(*table) []row) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		q := q.Live()
		columns := s.Schema(q.Dataset)
		if columns == nil {
			yield(data.Batch{}, fmt.Errorf("scan %q: %w", q.Dataset, errDataset))
			return
		}
		if _, err := q.Needs(columns); err != nil {
			yield(data.Batch{}, fmt.Errorf("scan %q: %w", q.Dataset, err))
			return
		}
		if q.Ordered {
			ordered{query: q, view: s.view(q.Dataset, choose)}.scan(ctx)(yield)
			return
		}
		s.view(q.Dataset, choose).each(func(b data.Batch, _ []int64) bool {
			err := ctx.Err()
			if err == nil {
				b, err = q.Filter(b)
			}
			if err != nil {
				yield(data.Batch{}, fmt.Errorf("scan %s: %w", q.Dataset, err))
				return false
			}
			return b.Len() == 0 || yield(b, nil)
		})
	}
}

// view returns chosen rows of a dataset, nothing where there is none.
func (s *Store) view(d data.Dataset, choose func(*table) []row) view {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.tables[d]
	if t == nil {
		return view{}
	}
	return view{t.batches[:len(t.batches):len(t.batches)], choose(t)}
}

// Mark implements [data.Feed].
func (s *Store) Mark(_ context.Context, d data.Dataset) (int64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.tables[d]
	if t == nil {
		return 0, fmt.Errorf("mark of %q: %w", d, errDataset)
	}
	return t.mark, nil
}

// Lineage implements [data.Feed].
func (s *Store) Lineage(_ context.Context, d data.Dataset, mark int64) (string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.tables[d]
	if t == nil {
		return "", fmt.Errorf("lineage of %q: %w", d, errDataset)
	}
	if mark <= 0 || mark > t.mark {
		return "", nil
	}
	return s.lineage, nil
}

// Since implements [data.Feed].
func (s *Store) Since(ctx context.Context, d data.Dataset, mark int64) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		columns := append(s.Schema(d), data.Column{Name: "seq", Type: data.Int, Required: true})
		if len(columns) == 1 {
			yield(data.Batch{}, fmt.Errorf("changes of %q: %w", d, errDataset))
			return
		}
		s.view(d, func(t *table) []row { return t.present(mark) }).each(func(b data.Batch, seqs []int64) bool {
			if err := ctx.Err(); err != nil {
				yield(data.Batch{}, fmt.Errorf("changes of %s: %w", d, err))
				return false
			}
			return yield(numbered(columns, b, seqs))
		})
	}
}

// numbered returns b with the rows' numbers as its last column.
func numbered(columns []data.Column, b data.Batch, seqs []int64) (data.Batch, error) {
	builder := array.NewInt64Builder(memory.DefaultAllocator)
	builder.AppendValues(seqs, nil)
	arrays := append([]arrow.Array(nil), b.Record().Columns()...)
	arrays = append(arrays, builder.NewArray())
	return data.NewBatch(columns, array.NewRecord(data.ArrowSchema(columns), arrays, int64(b.Len())))
}
