package postgis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
)

// documentsOf reads the documents of a kind, all of them for "".
func documentsOf(ctx context.Context, q querier, kind string) ([]data.Document, error) {
	rows, err := q.Query(ctx, "SELECT kind, name, body, recorded FROM civgrid.archive WHERE kind = $1::text OR $1::text = '' ORDER BY position", kind)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (d data.Document, err error) {
		var at int64
		err = row.Scan(&d.Kind, &d.Name, &d.Body, &at)
		d.Recorded = time.UnixMicro(at).UTC()
		return d, err
	})
}

// Documents implements [data.Catalog].
func (s *Store) Documents(ctx context.Context, kind string) ([]data.Document, error) {
	if kind == "" {
		return nil, nil
	}
	documents, err := documentsOf(ctx, s.pool, kind)
	if err != nil {
		return nil, fmt.Errorf("read documents of kind %q: %w", kind, known(ctx, err))
	}
	return documents, nil
}

// Archive returns the documents of every kind in the order in which they were
// kept, and a mark of them: none where held is still the mark.
func (s *Store) Archive(ctx context.Context, held string) (documents []data.Document, mark string, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, "SELECT count(*) || ' ' || coalesce(max(position), 0) || ' ' || coalesce(max(recorded), 0) FROM civgrid.archive").Scan(&mark)
		if err == nil && mark != held {
			documents, err = documentsOf(ctx, tx, "")
		}
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("read documents: %w", err)
	}
	return documents, mark, nil
}

// PutDocument implements [data.Catalog]. It is repeated when a connection is
// lost; then what the first attempt kept is there already. One document is kept
// at a time, so that their order is that in which they can be seen.
func (s *Store) PutDocument(ctx context.Context, d data.Document) (kept bool, err error) {
	if err := data.AcceptDocument(d); err != nil {
		return false, err
	}
	err = s.write(ctx, "keep a document", func(tx pgx.Tx) error {
		kept, err = putDocumentForGood(ctx, tx, d)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("keep %s %q: %w", d.Kind, d.Name, err)
	}
	return kept, nil
}

func putDocumentForGood(ctx context.Context, tx pgx.Tx, d data.Document) (kept bool, err error) {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, 0)", lockDocuments); err != nil {
		return false, err
	}
	var same bool
	err = tx.QueryRow(ctx, "SELECT body = $3::text FROM civgrid.archive WHERE kind = $1::text AND name = $2::text", d.Kind, d.Name, d.Body).Scan(&same)
	switch {
	case err == nil && !same:
		return false, data.ErrConflict
	case err == nil || !errors.Is(err, pgx.ErrNoRows):
		return false, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO civgrid.archive (kind, name, body, recorded)
		SELECT $1::text, $2::text, $3::text, greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, max(recorded)) FROM civgrid.archive`,
		d.Kind, d.Name, d.Body)
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, "SELECT pg_notify($1::text, '')", channel) // a copy looks sooner
	return true, err
}
