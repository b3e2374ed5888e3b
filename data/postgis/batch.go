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

// commitBatch says, within the transaction that wrote its rows, that they are
// there once it commits. digest is what they add to the dataset's sum.
func commitBatch(ctx context.Context, tx pgx.Tx, id int64, c data.Changes, digest uint64) error {
	_, err := tx.Exec(ctx, `UPDATE civgrid.batch SET state = 1, digest = $2::bigint, inserted = $3::bigint, replaced = $4::bigint,
		restamped = $5::bigint, unchanged = $6::bigint, stale = $7::bigint WHERE id = $1::bigint`,
		id, int64(digest), c.Inserted, c.Replaced, c.Restamped, c.Unchanged, c.Stale)
	if err != nil {
		return fmt.Errorf("commit batch %d: %w", id, err)
	}
	return nil
}

// chunkOf returns what a chunk changed when it was kept.
func chunkOf(ctx context.Context, q querier, d data.Dataset, chunk data.Chunk) (changes data.Changes, done bool, err error) {
	if chunk == (data.Chunk{}) {
		return changes, false, nil
	}
	err = q.QueryRow(ctx, "SELECT "+changesColumns+` FROM civgrid.batch
		WHERE dataset = $1::text AND import = $2::text AND number = $3::int AND state > 0`,
		string(d), encodeText(chunk.Import), chunk.Number).Scan(changesOf(&changes)...)
	return found(changes, err)
}

// batchOf returns what a batch changed, if its rows were committed.
func batchOf(ctx context.Context, q querier, id int64) (changes data.Changes, done bool, err error) {
	err = q.QueryRow(ctx, "SELECT "+changesColumns+" FROM civgrid.batch WHERE id = $1::bigint AND state > 0", id).Scan(changesOf(&changes)...)
	return found(changes, err)
}

func found(changes data.Changes, err error) (data.Changes, bool, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return data.Changes{}, false, nil
	}
	return changes, err == nil, err
}

// channel is what published batches are notified on: a hint to look, once a
// batch, since notifying takes a lock of the whole server.
const channel = "civgrid"

// publish lets readers see a committed batch: it gets the next mark. Whoever
// is second finds it done.
func publish(ctx context.Context, conn *pgx.Conn, id int64) error {
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		var mark, at int64
		err := tx.QueryRow(ctx, `UPDATE civgrid.clock SET mark = mark + 1, revision = revision + 1,
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

// repair ends what writers that died have left: committed batches are
// published, others forgotten. Batches whose writers live are locked.
func repair(ctx context.Context, conn *pgx.Conn, distributed bool) error {
	rows, err := conn.Query(ctx, "SELECT id FROM civgrid.batch WHERE state < 2 ORDER BY id")
	if err != nil {
		return fmt.Errorf("look for unpublished batches: %w", err)
	}
	left, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("look for unpublished batches: %w", err)
	}
	for _, id := range left {
		if err := repairBatch(ctx, conn, id, distributed); err != nil {
			return fmt.Errorf("repair batch %d: %w", id, err)
		}
	}
	return nil
}

func repairBatch(ctx context.Context, conn *pgx.Conn, id int64, distributed bool) error {
	key := id & 0x7fffffff
	var free bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1::int, $2::int)", lockBatch, key).Scan(&free); err != nil || !free {
		return err
	}
	defer func() { // a lock that stays is let go of with the connection
		_, _ = conn.Exec(ctx, "SELECT pg_advisory_unlock($1::int, $2::int)", lockBatch, key)
	}()
	if distributed { // what workers have prepared is decided by what the coordinator committed
		if _, err := conn.Exec(ctx, "SELECT recover_prepared_transactions()"); err != nil {
			return err
		}
	}
	if err := publish(ctx, conn, id); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, "DELETE FROM civgrid.batch WHERE id = $1::bigint AND state = 0", id)
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
	return known(ctx, repair(ctx, conn.Conn(), s.server.Distributed))
}
