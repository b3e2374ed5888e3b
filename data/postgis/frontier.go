package postgis

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A frontier is the batches that count at a moment: those up to a number, with
// some exceptions. Numbers are given in the order in which batches are opened,
// and published in another; the exceptions are the few that were overtaken.
type frontier struct {
	limit  int64
	except []int64
	// exact says that no row can be seen of any other batch.
	exact bool
}

// A statement is SQL and its arguments.
type statement struct {
	text string
	args []any
}

// arg adds an argument and returns its placeholder.
func (st *statement) arg(v any) string {
	st.args = append(st.args, v)
	return fmt.Sprintf("$%d", len(st.args))
}

// holds returns the condition that a column names a batch of f.
func (f frontier) holds(st *statement, column string) string {
	text := column + " <= " + st.arg(f.limit) + "::bigint"
	if len(f.except) > 0 {
		text += " AND " + column + " <> ALL (" + st.arg(f.except) + "::bigint[])"
	}
	return "(" + text + ")"
}

// lacks returns the condition that a column names a batch that is not of f,
// such that an index on the column finds the rows.
func (f frontier) lacks(st *statement, column string) string {
	text := column + " > " + st.arg(f.limit) + "::bigint"
	if len(f.except) > 0 {
		text += " OR " + column + " = ANY (" + st.arg(f.except) + "::bigint[])"
	}
	return "(" + text + ")"
}

// published returns the frontier of all published batches. On one server a
// transaction sees no row of a batch that is still open. A Citus cluster has
// no moment that holds for all workers, so there the open ones are excepted
// too, and rows of batches opened later.
func (s *Store) published(ctx context.Context, tx pgx.Tx) (f frontier, err error) {
	distributed, err := s.distributed(ctx, tx)
	if err != nil {
		return f, fmt.Errorf("read what is published: %w", err)
	}
	err = tx.QueryRow(ctx, `SELECT batch, ARRAY(SELECT id FROM civgrid.batch WHERE state < 2 AND (state = 1 OR $1::boolean) ORDER BY id)
		FROM civgrid.clock`, distributed).Scan(&f.limit, &f.except)
	f.exact = !distributed && len(f.except) == 0
	if err != nil {
		return f, fmt.Errorf("read what is published: %w", err)
	}
	return f, nil
}

// upTo returns the frontier of the batches published up to a mark.
func upTo(ctx context.Context, tx pgx.Tx, mark int64) (f frontier, err error) {
	err = tx.QueryRow(ctx, `WITH newest AS (SELECT coalesce(max(id), 0) AS id FROM civgrid.batch WHERE mark <= $1::bigint)
		SELECT id, ARRAY(SELECT b.id FROM civgrid.batch b WHERE b.id < newest.id AND (b.state < 2 OR b.mark > $1::bigint) ORDER BY b.id)
		FROM newest`, mark).Scan(&f.limit, &f.except)
	if err != nil {
		return f, fmt.Errorf("read what was published up to %d: %w", mark, err)
	}
	return f, nil
}

// asOf returns the frontier of the batches published by a moment.
func asOf(ctx context.Context, tx pgx.Tx, at time.Time) (frontier, error) {
	var mark int64
	err := tx.QueryRow(ctx, "SELECT coalesce(max(mark), 0) FROM civgrid.batch WHERE at <= $1::bigint", at.UnixMicro()).Scan(&mark)
	if err != nil {
		return frontier{}, fmt.Errorf("read what was published by %v: %w", at, err)
	}
	return upTo(ctx, tx, mark)
}
