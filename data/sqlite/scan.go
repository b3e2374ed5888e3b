package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/civgrid/civgrid/data"
)

const (
	// batchRows is the number of rows of a batch that is not the last.
	batchRows = 16384
	// rangeRows is the number of rows one SELECT passes: how far a scan that
	// finds nothing goes before it looks at its context.
	rangeRows = 65536
	// pauseRows is the number of rows found before it looks again.
	pauseRows = 4096
)

// errStop ends a reading whose reader has had enough.
var errStop = errors.New("stop")

// A reading is a walk over rows of one or two tables.
type reading struct {
	columns []data.Column
	schema  []data.Column // of the dataset
	parts   []part
	ordered bool // by source and id
}

// A part is the rows of one table that meet a condition.
type part struct {
	from  string
	key   string // the integer key by which the table is cut into ranges; "" if it is not
	where string
	args  []value
}

// Scan implements [data.Source].
func (s *Store) Scan(ctx context.Context, q data.Query) data.Batches {
	return s.scan(ctx, q, func(_ session, t table) ([]part, error) {
		return []part{{from: t.present(), key: "seq", where: "1"}}, nil
	})
}

// AsOf implements [data.Historian].
func (s *Store) AsOf(at time.Time) data.Source { return moment{s, at} }

// A moment is a store as it was.
type moment struct {
	store *Store
	at    time.Time
}

// Schema implements [data.Source].
func (m moment) Schema(d data.Dataset) []data.Column { return m.store.Schema(d) }

// Scan implements [data.Source].
func (m moment) Scan(ctx context.Context, q data.Query) data.Batches {
	return m.store.scan(ctx, q, func(c session, t table) ([]part, error) {
		last, err := c.number("SELECT max(number) FROM civgrid_change WHERE at <= ?", m.at.UnixMicro())
		return []part{
			{from: t.present(), key: "seq", where: "recorded <= ?", args: []value{last}},
			{from: t.past(), key: "version", where: "recorded <= ? AND replaced > ?", args: []value{last, last}},
		}, err
	})
}

// scan answers a query from the parts of its table.
func (s *Store) scan(ctx context.Context, q data.Query, parts func(session, table) ([]part, error)) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		err := s.scanTo(ctx, q, parts, func(b data.Batch) bool { return yield(b, nil) })
		if err != nil && !errors.Is(err, errStop) {
			yield(data.Batch{}, fmt.Errorf("scan %q: %w", q.Dataset, err))
		}
	}
}

func (s *Store) scanTo(ctx context.Context, q data.Query, parts func(session, table) ([]part, error), yield func(data.Batch) bool) error {
	t, err := s.tableOf(q.Dataset)
	if err != nil {
		return err
	}
	q = q.Live()
	needs, err := q.Needs(t.columns)
	if err != nil {
		return err
	}
	return s.read(ctx, func(c session) error {
		condition, args, whole := s.inSQL(c, q.Where, t.columns)
		if whole && len(q.Columns) > 0 {
			if needs, err = data.Pick(t.columns, q.Columns...); err != nil {
				return err
			}
		}
		r := reading{columns: needs, schema: t.columns, ordered: q.Ordered}
		if r.parts, err = parts(c, t); err != nil {
			return err
		}
		for i, p := range r.parts {
			r.parts[i].where, r.parts[i].args = p.where+" AND "+condition, append(p.args, args...)
		}
		if whole {
			return s.walk(ctx, c, r, yield)
		}
		var failed error
		err := s.walk(ctx, c, r, func(b data.Batch) bool {
			if b, failed = q.Filter(b); failed != nil {
				return false
			}
			return b.Len() == 0 || yield(b)
		})
		if failed != nil {
			return failed
		}
		return err
	})
}

// Mark implements [data.Feed].
func (s *Store) Mark(ctx context.Context, d data.Dataset) (mark int64, err error) {
	if _, err = s.tableOf(d); err == nil {
		err = s.read(ctx, func(c session) error {
			mark, err = c.number("SELECT changed FROM civgrid_dataset WHERE dataset = ?", string(d))
			return err
		})
	}
	if err != nil {
		return 0, fmt.Errorf("mark of %q: %w", d, err)
	}
	return mark, nil
}

// Since implements [data.Feed].
func (s *Store) Since(ctx context.Context, d data.Dataset, mark int64) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		t, err := s.tableOf(d)
		if err == nil {
			r := reading{columns: append(t.columns, data.Column{Name: "seq", Type: data.Int, Required: true}), schema: t.columns}
			if mark > 0 { // by the index on changed
				r.parts = []part{{from: t.present(), where: "changed > ?", args: []value{mark}}}
			} else {
				r.parts = []part{{from: t.present(), key: "seq", where: "1"}}
			}
			err = s.read(ctx, func(c session) error {
				return s.walk(ctx, c, r, func(b data.Batch) bool { return yield(b, nil) })
			})
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(data.Batch{}, fmt.Errorf("changes of %q: %w", d, err))
		}
	}
}

// walk yields the rows of r in batches. It returns errStop when yield returned
// false.
func (s *Store) walk(ctx context.Context, c session, r reading, yield func(data.Batch) bool) error {
	w := walker{ended: ctx.Err, builder: data.NewBuilder(r.columns), decode: s.decoders(c, r.columns), yield: yield}
	names := make([]string, len(r.columns))
	for i, column := range r.columns {
		names[i] = quote(column.Name)
	}
	if r.ordered {
		names = append(names, `"id" AS place`)
	}
	selects := make([]string, len(r.parts))
	for i, p := range r.parts {
		from, err := s.widened(c, p.from, r.schema)
		if err != nil {
			return err
		}
		selects[i] = "SELECT " + strings.Join(names, ",") + " FROM " + from + " WHERE " + p.where
	}
	if r.ordered {
		if err := s.walkOrdered(c, r, selects, &w); err != nil {
			return err
		}
		return w.flush()
	}
	for i, p := range r.parts {
		if err := w.part(c, selects[i], p); err != nil {
			return err
		}
	}
	return w.flush()
}

// A walker gathers rows in batches.
type walker struct {
	ended   func() error // the context's Err
	builder *data.Builder
	decode  []decoder
	yield   func(data.Batch) bool
	rows    int // in the builder
}

// part walks over the rows of one table.
func (w *walker) part(c session, query string, p part) error {
	if p.key == "" {
		return c.each(query, p.args, w.row)
	}
	last, err := c.number("SELECT max(" + p.key + ") FROM " + p.from)
	if err != nil {
		return err
	}
	st, err := c.prepare(query + " AND " + p.key + " > ? AND " + p.key + " <= ?")
	if err != nil {
		return err
	}
	defer st.close()
	for low := int64(0); low < last; low += rangeRows {
		if err := w.ended(); err != nil {
			return err
		}
		if err := st.each(append(p.args[:len(p.args):len(p.args)], low, low+rangeRows), w.row); err != nil {
			return err
		}
	}
	return nil
}

// row appends a row as it comes from the table.
func (w *walker) row(row []value) error {
	for i, v := range row {
		if v == nil {
			w.builder.Missing(i)
		} else if err := w.decode[i](w.builder, i, v); err != nil {
			return err
		}
	}
	w.rows++
	if w.rows%pauseRows == 0 {
		if err := w.ended(); err != nil {
			return err
		}
	}
	if w.rows == batchRows {
		return w.flush()
	}
	return nil
}

// flush yields what has been gathered, if anything.
func (w *walker) flush() error {
	if w.rows == 0 {
		return nil
	}
	w.rows = 0
	if !w.yield(w.builder.Build()) {
		return errStop
	}
	return nil
}
