package postgis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/civgrid/civgrid/data"
)

// maxDamages is the most damages Verify tells.
const maxDamages = 100

// Verify reads the whole store and returns what is wrong with it in words,
// nothing if it is sound: the digest of every row present and past and of every
// community, and, for each dataset as of one moment, count and sum of what is
// published. It takes a reader only, and others go on writing. The error says
// that looking was not possible. What the server itself can tell of its pages
// and indexes (pg_amcheck) is not looked at.
func (s *Store) Verify(ctx context.Context) (damages []string, err error) {
	v := verification{Store: s}
	for _, d := range data.Datasets() {
		if err = v.look(ctx, string(d), func(tx pgx.Tx) error { return v.dataset(ctx, tx, d) }); err != nil {
			break
		}
	}
	if err == nil {
		err = v.look(ctx, "community", func(tx pgx.Tx) error { return v.communities(ctx, tx) })
	}
	if err != nil && !errors.Is(err, errStop) {
		return v.damages, fmt.Errorf("verify: %w", err)
	}
	return v.damages, nil
}

// look looks at one thing in a transaction of its own: what cannot be read
// because it is damaged ends the transaction, and is a damage.
func (v *verification) look(ctx context.Context, what string, do func(pgx.Tx) error) error {
	err := v.read(ctx, do)
	var e *pgconn.PgError
	switch {
	case err == nil, errors.Is(err, errStop), errors.Is(err, data.ErrUnavailable), ctx.Err() != nil:
		return err
	case errors.As(err, &e) && e.Code[:2] != classInternal:
		return err
	}
	return v.found("%s: %s", what, causeOf(err))
}

// classInternal is the class of errors by which the server says that its files
// are damaged (PostgreSQL 15, appendix A).
const classInternal = "XX"

type verification struct {
	*Store
	damages []string
}

// found notes a damage and returns errStop when it is one too many.
func (v *verification) found(format string, args ...any) error {
	if len(v.damages) >= maxDamages {
		return errStop
	}
	v.damages = append(v.damages, fmt.Sprintf(format, args...))
	return nil
}

// keptColumns are the columns that are kept beside those of a dataset; replaced is
// missing in present rows.
var keptColumns = []data.Column{
	{Name: "seq", Type: data.Int, Required: true},
	{Name: "content", Type: data.Int, Required: true},
	{Name: "stamped", Type: data.Int, Required: true},
	{Name: "recorded", Type: data.Int, Required: true},
	{Name: "changed", Type: data.Int, Required: true},
	{Name: "replaced", Type: data.Int},
}

// everything is all rows of a dataset, in one statement: on Citus a statement
// sees one moment of a shard, and a row is buried within its shard.
func (t table) everything() part {
	columns := strings.Join(t.stored(), ", ")
	return part{
		"(SELECT " + columns + ", NULL::bigint AS replaced FROM " + t.present() +
			" UNION ALL SELECT " + columns + ", replaced FROM " + t.past() + ") f",
		func(*statement) string { return "" },
	}
}

// dataset checks the rows of a dataset, their count and their sum.
func (v *verification) dataset(ctx context.Context, tx pgx.Tx, d data.Dataset) error {
	t, err := v.tableOf(d)
	if err != nil {
		return err
	}
	f, err := v.published(ctx, tx)
	if err != nil {
		return err
	}
	words, err := v.vocabulary(ctx, tx)
	if err != nil {
		return err
	}
	counts := counting{verification: v, table: t, frontier: f}
	var failed error
	w := walker{
		decoder: newDecoder(words, append(slices.Clone(t.columns), keptColumns...)),
		yield: func(b data.Batch) bool {
			failed = counts.rows(b)
			return failed == nil
		},
	}
	if err = w.part(ctx, tx, t.everything(), func(*statement) string { return "" }); err == nil {
		err = w.flush()
	}
	if failed != nil {
		return failed
	}
	if err != nil {
		return err
	}
	var rows, sum int64
	if err := tx.QueryRow(ctx, "SELECT rows, digest FROM civgrid.dataset WHERE dataset = $1::text", string(d)).Scan(&rows, &sum); err != nil {
		return err
	}
	if counts.count != rows {
		if err := v.found("%s: %d rows are published, and %d are counted", d, counts.count, rows); err != nil {
			return err
		}
	}
	if counts.sum != uint64(sum) && !counts.moving {
		return v.found("%s: the sum over its rows differs from what is kept", d)
	}
	return nil
}

// A counting counts the rows of a dataset that are published.
type counting struct {
	*verification
	table    table
	frontier frontier
	count    int64
	sum      uint64
	moving   bool // rows have stamps of a batch that is not published
}

// has reports whether a batch is of the frontier.
func (f frontier) has(batch int64) bool {
	return batch <= f.limit && !slices.Contains(f.except, batch)
}

// rows checks the digests of some rows and counts those of the frontier.
func (c *counting) rows(b data.Batch) error {
	names := make([]string, len(c.table.columns))
	for i, column := range c.table.columns {
		names[i] = column.Name
	}
	facts, err := b.Project(names...)
	if err != nil {
		return err
	}
	seqs, content, stamped := b.Ints("seq"), b.Ints("content"), b.Ints("stamped")
	recorded, changed, replaced, past := b.Ints("recorded"), b.Ints("changed"), b.Ints("replaced"), b.Valid("replaced")
	for i, r := range data.Revisions(facts) {
		if int64(r.Content) != content[i] || int64(r.Stamped) != stamped[i] {
			from := c.table.present()
			if past.At(i) {
				from = c.table.past()
			}
			if err := c.found("%s: row of seq %d differs from its digest", from, seqs[i]); err != nil {
				return err
			}
		}
		if !c.frontier.has(recorded[i]) || past.At(i) && c.frontier.has(replaced[i]) {
			continue
		}
		c.count++
		c.sum += r.Digest()
		c.moving = c.moving || !c.frontier.has(changed[i])
	}
	return nil
}

// communities checks the digests of all communities, and that those with an
// outline can be found by its pieces.
func (v *verification) communities(ctx context.Context, tx pgx.Tx) error {
	communities, err := readCommunities(ctx, tx)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT c.digest, c.outline IS NULL OR EXISTS (SELECT FROM civgrid.community_part p WHERE p.community = c.id)
		OR ST_Area(ST_MakeValid(c.outline)) = 0 FROM civgrid.community c ORDER BY c.code, c.valid_from NULLS FIRST`)
	if err != nil {
		return err
	}
	var digest string
	var findable bool
	next := 0
	_, err = pgx.ForEachRow(rows, []any{&digest, &findable}, func() error {
		c := communities[next]
		next++
		if digest != data.CommunityDigest(c) {
			if err := v.found("community: %s differs from its digest", c.Code); err != nil {
				return err
			}
		}
		if !findable {
			return v.found("community: %s has no pieces to be found by", c.Code)
		}
		return nil
	})
	return err
}
