package postgis

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
)

// defaultShards is the number of parts the facts of a dataset are cut into.
const defaultShards = 32

// distribute spreads an existing store over the workers of a Citus cluster.
func distribute(ctx context.Context, conn *pgx.Conn, server Server, shards int) error {
	if server.Citus == "" {
		return errors.New("the database is no Citus coordinator: CREATE EXTENSION citus and add workers first")
	}
	if err := lock(ctx, conn, lockSettings, 0); err != nil { // writers finish first, and wait
		return err
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, name := range []string{"word", "community", "community_part"} {
			if _, err := tx.Exec(ctx, "SELECT create_reference_table($1::text::regclass)", schema+"."+name); err != nil {
				return fmt.Errorf("copy table %s to all workers: %w", name, err)
			}
		}
		settings, err := readSettings(ctx, tx)
		if err != nil {
			return err
		}
		return spread(ctx, tx, settings, shards)
	})
}

// spread cuts the tables of facts into shards by id: part of the primary key,
// even, and never changed, so that a fact that moves stays where it is.
func spread(ctx context.Context, tx pgx.Tx, settings data.Settings, shards int) error {
	if shards <= 0 {
		shards = defaultShards
	}
	for _, d := range data.Datasets() {
		t := newTable(d, settings.Resolutions)
		if _, err := tx.Exec(ctx, "SELECT create_distributed_table($1::text::regclass, 'id', shard_count => $2::int)", t.present(), shards); err != nil {
			return fmt.Errorf("spread %s: %w", d, err)
		}
		if _, err := tx.Exec(ctx, "SELECT create_distributed_table($1::text::regclass, 'id', colocate_with => $2::text)", t.past(), t.present()); err != nil {
			return fmt.Errorf("spread the past of %s: %w", d, err)
		}
	}
	return nil
}
