package segment

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/data"
)

// runOrdered runs a plan in order.
func (p *plan) runOrdered(ctx context.Context, yield func(data.Batch, error) bool) {
	for b, err := range data.InOrder(ctx, ordered{p}) {
		if err != nil {
			err = fmt.Errorf("scan %s: %w", p.query.Dataset, err)
		}
		if !yield(b, err) {
			return
		}
	}
}

// ordered is a plan as pieces to put in order.
type ordered struct{ plan *plan }

// Len implements [data.Pieces].
func (o ordered) Len() int { return len(o.plan.pieces) }

// Keys implements [data.Pieces].
func (o ordered) Keys(i int) (keys data.Batch, rows []int32, err error) {
	at := o.plan.pieces[i]
	if keys, err = at.layer.table.batch(o.plan.keys, at.lo, at.hi); err != nil {
		return keys, nil, err
	}
	if rows, err = o.plan.rows(at); err != nil {
		return keys, nil, err
	}
	for j := range rows {
		rows[j] -= int32(at.lo)
	}
	return keys, rows, nil
}

// Take implements [data.Pieces].
func (o ordered) Take(i int, rows []int32) (data.Batch, error) {
	at := o.plan.pieces[i]
	for j := range rows {
		rows[j] += int32(at.lo)
	}
	return at.layer.table.take(o.plan.want, rows)
}
