package postgis

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
)

// complete adds the later columns to the tables of facts that an older program
// made, and to their views. It comes before the migration that numbers the
// format, so that a store of a format has all its columns. Older programs that
// are at work in between do not mind them. Writers finish first, and wait.
func complete(ctx context.Context, conn *pgx.Conn, server Server) error {
	due := false
	for _, d := range data.Datasets() {
		t := newTable(d, nil)
		lacking, err := lackingIn(ctx, conn, t.present(), t.columns)
		if err != nil {
			return err
		}
		due = due || len(lacking) > 0
	}
	if !due {
		return nil
	}
	if err := lock(ctx, conn, lockSettings, 0); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if server.Citus != "" { // which else refuses a view after a change of shards
			if _, err := tx.Exec(ctx, "SET LOCAL citus.multi_shard_modify_mode = 'sequential'"); err != nil {
				return err
			}
		}
		settings, err := readSettings(ctx, tx)
		if err != nil {
			return err
		}
		for _, d := range data.Datasets() {
			t := newTable(d, settings.Resolutions)
			if err := t.complete(ctx, tx, server.Distributed); err != nil {
				return fmt.Errorf("add columns to %s: %w", t.present(), err)
			}
		}
		return nil
	})
}

// complete adds the columns that the tables of t lack, where there are tables.
// Of a column that it has not looked at, the planner thinks that nearly every row
// has a value; so it is made to look, where it is the one who plans.
func (t table) complete(ctx context.Context, tx pgx.Tx, distributed bool) error {
	changed := false
	for _, name := range []string{t.present(), t.past()} {
		lacking, err := lackingIn(ctx, tx, name, t.columns)
		if err != nil {
			return err
		}
		if len(lacking) == 0 {
			continue
		}
		changed = true
		var additions []string
		for _, column := range lacking {
			additions = append(additions, "ADD COLUMN "+quote(column.Name)+" "+sqlType(column.Type))
		}
		if _, err := tx.Exec(ctx, "ALTER TABLE "+name+" "+strings.Join(additions, ", ")); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	if _, err := tx.Exec(ctx, t.createView()); err != nil || distributed {
		return err
	}
	_, err := tx.Exec(ctx, "ANALYZE "+t.present())
	return err
}

// lackingIn returns the later ones of the columns that a table does not have,
// none where there is no such table.
func lackingIn(ctx context.Context, q querier, name string, columns []data.Column) (lacking []data.Column, err error) {
	rows, err := q.Query(ctx, "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1::text) AND NOT attisdropped", name)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(names) == 0 {
		return nil, err
	}
	has := map[string]bool{}
	for _, name := range names {
		has[name] = true
	}
	for _, column := range columns {
		if column.Later && !has[column.Name] {
			lacking = append(lacking, column)
		}
	}
	return lacking, nil
}
