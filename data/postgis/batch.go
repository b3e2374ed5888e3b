package postgis

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
)

// changesColumns are those of a batch that count what became of its rows.
const changesColumns = "inserted, replaced, restamped, unchanged, stale"

func changesOf(c *data.Changes) []any {
	return []any{&c.Inserted, &c.Replaced, &c.Restamped, &c.Unchanged, &c.Stale}
}

// openBatch numbers a batch and locks the number for as long as the connection
// lives. The lock is taken before anybody can see the number.
func openBatch(ctx context.Context, conn *pgx.Conn, d data.Dataset, chunk data.Chunk) (id int64, err error) {
	err = conn.QueryRow(ctx, `WITH next AS (UPDATE civgrid.clock SET batch = batch + 1 RETURNING batch)
		INSERT INTO civgrid.batch (id, dataset, import, number)
		SELECT batch, $2::text, nullif($3::text, ''), $4::int FROM next
		WHERE pg_advisory_lock($1::int, (batch & 2147483647)::int) IS NOT NULL RETURNING id`,
		lockBatch, string(d), encodeText(chunk.Import), chunk.Number).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("open a batch: %w", err)
	}
	return id, nil
}

// keepMark notes a chunk that changes nothing.
func keepMark(ctx context.Context, conn *pgx.Conn, d data.Dataset, chunk data.Chunk, c data.Changes) error {
	_, err := conn.Exec(ctx, `WITH next AS (UPDATE civgrid.clock SET batch = batch + 1 RETURNING batch)
		INSERT INTO civgrid.batch (id, dataset, import, number, state, `+changesColumns+`)
		SELECT batch, $1::text, $2::text, $3::int, 2, $4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::bigint FROM next`,
		string(d), encodeText(chunk.Import), chunk.Number, c.Inserted, c.Replaced, c.Restamped, c.Unchanged, c.Stale)
	if err != nil {
		return fmt.Errorf("note chunk %d: %w", chunk.Number, err)
	}
	return nil
}

// A tally is what a batch wrote: rows, rows it replaced, and what it adds to the
// dataset's sum of digests.
type tally struct {
	written, buried int
	digest          uint64
}

// commitBatch says, within the transaction that wrote its rows, that they are
// there once it commits.
func commitBatch(ctx context.Context, tx pgx.Tx, id int64, c data.Changes, n tally) error {
	tag, err := tx.Exec(ctx, `UPDATE civgrid.batch SET state = 1, digest = $2::bigint, inserted = $3::bigint, replaced = $4::bigint,
		restamped = $5::bigint, unchanged = $6::bigint, stale = $7::bigint, written = $8::bigint, buried = $9::bigint
		WHERE id = $1::bigint AND state = 0`,
		id, int64(n.digest), c.Inserted, c.Replaced, c.Restamped, c.Unchanged, c.Stale, n.written, n.buried)
	if err == nil && tag.RowsAffected() != 1 {
		err = errors.New("it was forgotten: does a pooler change connections between transactions?")
	}
	if err != nil {
		return fmt.Errorf("commit batch %d: %w", id, err)
	}
	return nil
}

// checkWhole looks whether all that a committed batch wrote can be seen. Citus
// commits on the coordinator and then on the workers; one that is lost in
// between commits when it is back and asked for it.
func (s *Store) checkWhole(ctx context.Context, conn *pgx.Conn, id int64) error {
	var d string
	var want, got struct{ written, buried int64 }
	err := conn.QueryRow(ctx, "SELECT dataset, written, buried FROM civgrid.batch WHERE id = $1::bigint AND state = 1", id).Scan(&d, &want.written, &want.buried)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	t, err := s.tableOf(data.Dataset(d))
	if err != nil {
		return err
	}
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM "+t.present()+" WHERE changed = $1::bigint", id).Scan(&got.written); err != nil {
		return err
	}
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM "+t.past()+" WHERE replaced = $1::bigint", id).Scan(&got.buried); err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%w: of the %d rows of batch %d the workers show %d so far", errPartial, want.written+want.buried, id, got.written+got.buried)
	}
	return nil
}

// makeWhole waits until all that a batch wrote can be seen, on one server no
// time at all.
func (s *Store) makeWhole(ctx context.Context, conn *pgx.Conn, id int64, distributed bool) error {
	if !distributed {
		return nil
	}
	err := s.checkWhole(ctx, conn, id)
	if !errors.Is(err, errPartial) {
		return err
	}
	if _, err := conn.Exec(ctx, "SELECT recover_prepared_transactions()"); err != nil {
		return err
	}
	return s.checkWhole(ctx, conn, id)
}

// kept returns the batch that a condition finds and what it changed, if its rows
// were committed; else 0.
func kept(ctx context.Context, q querier, condition string, args ...any) (id int64, changes data.Changes, err error) {
	err = q.QueryRow(ctx, "SELECT id, "+changesColumns+" FROM civgrid.batch WHERE state > 0 AND "+condition, args...).
		Scan(append([]any{&id}, changesOf(&changes)...)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, data.Changes{}, nil
	}
	return id, changes, err
}

// channel is what published batches are notified on: a hint to look, once a
// batch, since notifying takes a lock of the whole server.
const channel = "civgrid"

// publish lets readers see a committed batch: it gets the next mark. Whoever
// is second finds it done.
func publish(ctx context.Context, conn *pgx.Conn, id int64) error {
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		var mark, at int64
		err := tx.QueryRow(ctx, `UPDATE civgrid.clock SET mark = mark + 1, revision = revision + 1, nonce = gen_random_uuid(),
			at = greatest(at, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) RETURNING mark, at`).Scan(&mark, &at)
		if err != nil {
			return err
		}
		var dataset string
		var inserted, digest, sum int64
		err = tx.QueryRow(ctx, `UPDATE civgrid.batch SET state = 2, mark = $2::bigint, at = $3::bigint, nonce = gen_random_uuid()
			WHERE id = $1::bigint AND state = 1 RETURNING dataset, inserted, digest`, id, mark, at).Scan(&dataset, &inserted, &digest)
		if err != nil {
			return err
		}
		if err = tx.QueryRow(ctx, "SELECT digest FROM civgrid.dataset WHERE dataset = $1::text", dataset).Scan(&sum); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE civgrid.dataset SET rows = rows + $2::bigint, digest = $3::bigint, mark = $4::bigint
			WHERE dataset = $1::text`, dataset, inserted, sum+digest, mark) // the sum wraps
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "SELECT pg_notify($1::text, $2::text)", channel, dataset)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) { // published already, or the transaction's clock went back with it
		return nil
	}
	if err != nil {
		return fmt.Errorf("publish batch %d: %w", id, err)
	}
	return nil
}

// repairOn ends what writers that died have left: committed batches are
// published, others forgotten. Batches whose writers live are locked.
func (s *Store) repairOn(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "SELECT id FROM civgrid.batch WHERE state < 2 ORDER BY id")
	if err != nil {
		return fmt.Errorf("look for unpublished batches: %w", err)
	}
	left, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("look for unpublished batches: %w", err)
	}
	for _, id := range left {
		if err := s.repairBatch(ctx, conn, id); err != nil {
			return fmt.Errorf("repair batch %d: %w", id, err)
		}
	}
	return nil
}

func (s *Store) repairBatch(ctx context.Context, conn *pgx.Conn, id int64) error {
	key := id & 0x7fffffff
	var free bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1::int, $2::int)", lockBatch, key).Scan(&free); err != nil || !free {
		return err
	}
	defer func() { // a lock that stays is let go of with the connection
		_, _ = conn.Exec(ctx, "SELECT pg_advisory_unlock($1::int, $2::int)", lockBatch, key)
	}()
	distributed, err := s.distributed(ctx, conn)
	if err != nil {
		return err
	}
	if distributed { // what workers have prepared is decided by what the coordinator committed
		if _, err := conn.Exec(ctx, "SELECT recover_prepared_transactions()"); err != nil {
			return err
		}
	}
	if err := s.makeWhole(ctx, conn, id, distributed); err != nil {
		return err
	}
	if err := publish(ctx, conn, id); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "DELETE FROM civgrid.batch WHERE id = $1::bigint AND state = 0", id)
	return err
}

// repair looks for what dead writers left, on a connection of its own.
func (s *Store) repair(ctx context.Context) error {
	if s.server.Standby {
		return nil
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return known(ctx, err)
	}
	defer conn.Release()
	return known(ctx, s.repairOn(ctx, conn.Conn()))
}
