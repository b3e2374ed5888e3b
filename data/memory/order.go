package memory

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/data"
)

// ordered answers a query in order. Its pieces are the batches of a view.
type ordered struct {
	query  data.Query
	view   view
	places []int     // in the batches, of those that have rows that are asked for
	rows   [][]int32 // of each of them, ascending
}

func (o ordered) scan(ctx context.Context) data.Batches {
	taken := make([][]int32, len(o.view.batches))
	for _, r := range o.view.rows {
		taken[r.batch] = append(taken[r.batch], r.at)
	}
	var keep []bool
	for i, rows := range taken {
		if len(rows) == 0 {
			continue
		}
		keep = data.Select(keep, o.view.batches[i], o.query.Where)
		wanted := rows[:0]
		for _, row := range rows {
			if keep[row] {
				wanted = append(wanted, row)
			}
		}
		if len(wanted) > 0 {
			o.places, o.rows = append(o.places, i), append(o.rows, wanted)
		}
	}
	return func(yield func(data.Batch, error) bool) {
		for b, err := range data.InOrder(ctx, o) {
			if err != nil {
				err = fmt.Errorf("scan %s: %w", o.query.Dataset, err)
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

// Len implements [data.Pieces].
func (o ordered) Len() int { return len(o.places) }

// Keys implements [data.Pieces].
func (o ordered) Keys(piece int) (data.Batch, []int32, error) {
	return o.view.batches[o.places[piece]], o.rows[piece], nil
}

// Take implements [data.Pieces].
func (o ordered) Take(piece int, rows []int32) (data.Batch, error) {
	b := o.view.batches[o.places[piece]]
	if len(o.query.Columns) > 0 {
		var err error
		if b, err = b.Project(o.query.Columns...); err != nil {
			return data.Batch{}, err
		}
	}
	return b.Take(rows), nil
}
