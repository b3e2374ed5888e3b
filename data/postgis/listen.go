package postgis

import (
	"context"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/data"
)

// Listen calls hint whenever a batch may have been published, until ctx ends
// or the connection breaks, which is an error. A hint that is lost is not
// repeated: look from time to time in any case.
func (s *Store) Listen(ctx context.Context, hint func()) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("listen for changes: %w", known(ctx, err))
	}
	defer func() { // a connection that listens is of no other use
		_ = conn.Hijack().Close(context.WithoutCancel(ctx))
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return fmt.Errorf("listen for changes: %w", known(ctx, err))
	}
	hint() // what was published before
	for {
		if _, err := conn.Conn().WaitForNotification(ctx); err != nil {
			return fmt.Errorf("listen for changes: %w", known(ctx, err))
		}
		hint()
	}
}

// Behind returns how many published batches a mark of a dataset leaves out,
// and when the first of them was published by the server's clock.
func (s *Store) Behind(ctx context.Context, d data.Dataset, mark int64) (batches int64, since time.Time, err error) {
	var at *int64
	err = s.pool.QueryRow(ctx, "SELECT count(*), min(at) FROM civgrid.batch WHERE dataset = $1::text AND mark > $2::bigint", string(d), mark).Scan(&batches, &at)
	if err != nil {
		return 0, since, fmt.Errorf("look how far behind %s are: %w", d, known(ctx, err))
	}
	return batches, boundOf(at), nil
}
