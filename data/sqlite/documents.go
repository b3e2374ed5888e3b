package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/data"
)

// Documents implements [data.Catalog]. A file of the first format holds none.
func (s *Store) Documents(ctx context.Context, kind string) (documents []data.Document, err error) {
	err = s.read(ctx, func(c session) error {
		if there, err := s.hasArchive(c); !there || err != nil {
			return err
		}
		q := "SELECT name, body, recorded FROM civgrid_archive WHERE kind = ? ORDER BY position"
		return c.each(q, []value{kind}, func(row []value) error {
			d := data.Document{Kind: kind}
			d.Name, _ = row[0].(string)
			d.Body, _ = row[1].(string)
			at, _ := row[2].(int64)
			d.Recorded = time.UnixMicro(at).UTC()
			documents = append(documents, d)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read documents of kind %q: %w", kind, err)
	}
	return documents, nil
}

// hasArchive reports whether a file has the table of documents: one that is open
// for reading may be of an older format.
func (s *Store) hasArchive(c session) (bool, error) {
	if !s.old {
		return true, nil
	}
	n, err := c.number("SELECT count(*) FROM sqlite_schema WHERE name = 'civgrid_archive'")
	return n > 0, err
}

// PutDocument implements [data.Catalog].
func (s *Store) PutDocument(ctx context.Context, d data.Document) (kept bool, err error) {
	if err := data.AcceptDocument(d); err != nil {
		return false, err
	}
	if s.archive == nil {
		return false, fmt.Errorf("keep %s %q: %w", d.Kind, d.Name, errReadOnly)
	}
	err = transact(ctx, s.archive, "BEGIN IMMEDIATE", func(c session) error {
		row, err := c.one("SELECT body = ? FROM civgrid_archive WHERE kind = ? AND name = ?", d.Body, d.Kind, d.Name)
		switch {
		case err != nil:
			return err
		case row == nil:
			kept = true
			return c.exec("INSERT INTO civgrid_archive(kind, name, body, recorded) "+
				"SELECT ?1, ?2, ?3, max(?4, ifnull(max(recorded), ?4)) FROM civgrid_archive", d.Kind, d.Name, d.Body, s.options.Now().UnixMicro())
		case row[0] != int64(1):
			return data.ErrConflict
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("keep %s %q: %w", d.Kind, d.Name, err)
	}
	return kept, nil
}
