package postgis

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
)

// Mark implements [data.Feed].
func (s *Store) Mark(ctx context.Context, d data.Dataset) (mark int64, err error) {
	if _, err = s.tableOf(d); err == nil {
		err = known(ctx, s.pool.QueryRow(ctx, "SELECT mark FROM civgrid.dataset WHERE dataset = $1::text", string(d)).Scan(&mark))
	}
	if err != nil {
		return 0, fmt.Errorf("mark of %q: %w", d, err)
	}
	return mark, nil
}

// Lineage implements [data.Feed]: the nonce of the batch that a mark is of. A
// database that is put back and written to gives its marks to other batches.
func (s *Store) Lineage(ctx context.Context, d data.Dataset, mark int64) (lineage string, err error) {
	if _, err = s.tableOf(d); err == nil {
		err = known(ctx, s.pool.QueryRow(ctx, `SELECT nonce::text FROM civgrid.batch
			WHERE mark <= $1::bigint AND $1::bigint <= (SELECT mark FROM civgrid.dataset WHERE dataset = $2::text)
			ORDER BY mark DESC LIMIT 1`, mark, string(d)).Scan(&lineage))
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("lineage of %q: %w", d, err)
	}
	return lineage, nil
}

// Since implements [data.Feed]. A row that changed again in a batch that is
// not published yet is given as it was before.
func (s *Store) Since(ctx context.Context, d data.Dataset, mark int64) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		err := s.sinceTo(ctx, d, mark, func(b data.Batch) bool { return yield(b, nil) })
		if err != nil && !errors.Is(err, errStop) {
			yield(data.Batch{}, fmt.Errorf("changes of %q: %w", d, err))
		}
	}
}

func (s *Store) sinceTo(ctx context.Context, d data.Dataset, mark int64, yield func(data.Batch) bool) error {
	t, err := s.tableOf(d)
	if err != nil {
		return err
	}
	columns := append(t.columns, data.Column{Name: "seq", Type: data.Int, Required: true})
	return s.read(ctx, func(tx pgx.Tx) error {
		f, err := s.published(ctx, tx)
		if err != nil {
			return err
		}
		words, err := s.vocabulary(ctx, tx)
		if err != nil {
			return err
		}
		parts := t.whole(f)
		if mark > 0 {
			earlier, err := upTo(ctx, tx, mark)
			if err != nil {
				return err
			}
			parts = t.since(earlier, f)
		}
		w := walker{decoder: newDecoder(words, columns), yield: yield}
		for _, p := range parts {
			if err := w.part(ctx, tx, p, func(*statement) string { return "" }); err != nil {
				return err
			}
		}
		return w.flush()
	})
}
