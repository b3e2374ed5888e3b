package segment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/civgrid/civgrid/data"
)

// attempts is how often a scan begins anew when its tables turn out damaged or
// are replaced, before it asks the store beneath.
const attempts = 4

// Scan implements data.Source. The batches of a dataset share the memory of the
// cache wherever no row had to be left out; they may be kept.
func (c *Cache) Scan(ctx context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		s, cached := c.sets[q.Dataset]
		if !cached {
			c.FeedStore.Scan(ctx, q)(yield)
			return
		}
		plan, err := s.plan(ctx, q.Live())
		switch {
		case err != nil:
			yield(data.Batch{}, fmt.Errorf("scan %s: %w", q.Dataset, err))
		case plan == nil:
			c.FeedStore.Scan(ctx, q)(yield)
		default:
			plan.run(ctx, yield)
		}
	}
}

// A plan is a scan about to begin: every byte it will read is verified and
// stays in memory.
type plan struct {
	query  data.Query
	want   projection // what is handed out
	where  projection // what the condition reads
	keys   projection // what order is made of; nothing where there is none
	pieces []piece
	keep   []bool // for use by Select
}

// A piece is rows lo to hi of a layer, at most a block, and what they have to be
// asked: nil where every row meets the condition.
type piece struct {
	layer  layer
	lo, hi int
	where  data.Condition
}

// plan prepares a scan of the newest view, or returns nil when there can be
// none and the store itself has to answer.
func (s *set) plan(ctx context.Context, q data.Query) (*plan, error) {
	for range attempts {
		v, err := s.current(ctx)
		if v == nil || err != nil {
			return nil, err
		}
		p, err := v.plan(q)
		switch {
		case err == nil:
			return p, nil
		case errors.Is(err, errDamaged):
			s.discard(v, err)
		case !errors.Is(err, errRetired):
			return nil, err
		}
	}
	return nil, nil
}

func (v *view) plan(q data.Query) (*plan, error) {
	if _, err := q.Needs(v.columns); err != nil {
		return nil, err
	}
	want := v.columns
	if len(q.Columns) > 0 {
		want, _ = data.Pick(v.columns, q.Columns...) // Needs has looked
	}
	where, _ := data.Pick(v.columns, data.ColumnsOf(q.Where)...)
	p := &plan{query: q, want: project(v.all, want), where: project(v.all, where)}
	if q.Ordered {
		keys, _ := data.Pick(v.columns, "source", "id")
		p.keys = project(v.all, keys)
	}
	for _, l := range v.layers {
		if err := p.add(l); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// add plans to read what may be wanted of a layer.
func (p *plan) add(l layer) error {
	if err := l.table.lend(); err != nil {
		return err
	}
	lo, hi, err := l.table.span(p.query.Where)
	if err != nil {
		return err
	}
	before := len(p.pieces)
	for ; lo < hi; lo = (lo/blockRows + 1) * blockRows {
		block := lo / blockRows
		if l.table.mayMeet(p.query.Where, block) {
			p.pieces = append(p.pieces, piece{l, lo, min(hi, (block+1)*blockRows), l.table.remainder(p.query.Where, block)})
		}
	}
	if len(p.pieces) == before {
		return nil
	}
	return l.table.verify(slices.Concat(p.where.indexes, p.keys.indexes, p.want.indexes))
}

func (p *plan) run(ctx context.Context, yield func(data.Batch, error) bool) {
	if p.query.Ordered {
		p.runOrdered(ctx, yield)
		return
	}
	for _, piece := range p.pieces {
		b, err := p.read(piece)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			yield(data.Batch{}, fmt.Errorf("scan %s: %w", p.query.Dataset, err))
			return
		}
		if b.Len() > 0 && !yield(b, nil) {
			return
		}
	}
}

// read returns the rows of a piece that are alive and wanted.
func (p *plan) read(at piece) (data.Batch, error) {
	if at.where == nil && at.layer.dead == nil {
		return at.layer.table.batch(p.want, at.lo, at.hi)
	}
	rows, err := p.rows(at)
	switch {
	case err != nil || len(rows) == 0:
		return data.Batch{}, err
	case len(rows) == at.hi-at.lo:
		return at.layer.table.batch(p.want, at.lo, at.hi)
	}
	return at.layer.table.take(p.want, rows)
}

// rows returns the row numbers within the table.
func (p *plan) rows(at piece) ([]int32, error) {
	var rows []int32
	if at.where == nil {
		for i := at.lo; i < at.hi; i++ {
			if !at.layer.dead.has(i) {
				rows = append(rows, int32(i))
			}
		}
		return rows, nil
	}
	b, err := at.layer.table.batch(p.where, at.lo, at.hi)
	if err != nil {
		return nil, err
	}
	p.keep = data.Select(p.keep, b, at.where)
	for i, ok := range p.keep {
		if ok && !at.layer.dead.has(at.lo+i) {
			rows = append(rows, int32(at.lo+i))
		}
	}
	return rows, nil
}
