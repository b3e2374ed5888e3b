package sqlite

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/data"
)

// sign makes sure that a change which was just numbered is within a session of
// this opening. The file says which session is the last, so that one whose
// first change was rolled back is begun again.
func (s *Store) sign(c session, number int64) error {
	last, err := c.one("SELECT nonce FROM civgrid_session ORDER BY number DESC LIMIT 1")
	if err != nil || last != nil && last[0] == s.nonce {
		return err
	}
	return c.exec("INSERT INTO civgrid_session(number, nonce) VALUES (?, ?)", number, s.nonce)
}

// Lineage implements [data.Feed]: the nonce of the session that made the
// change.
func (s *Store) Lineage(ctx context.Context, d data.Dataset, mark int64) (lineage string, err error) {
	if _, err = s.tableOf(d); err == nil {
		err = s.read(ctx, func(c session) error {
			row, err := c.one("SELECT nonce FROM civgrid_session WHERE number <= ?1 AND "+
				"?1 <= (SELECT changed FROM civgrid_dataset WHERE dataset = ?2) ORDER BY number DESC LIMIT 1", mark, string(d))
			if row != nil {
				lineage, _ = row[0].(string)
			}
			return err
		})
	}
	if err != nil {
		return "", fmt.Errorf("lineage of %q: %w", d, err)
	}
	return lineage, nil
}
