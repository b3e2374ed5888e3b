package postgis

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/civgrid/civgrid/data"
)

//go:embed migrations/*.sql
var migrations embed.FS

// versionTable is goose's.
const versionTable = schema + ".version"

// newestVersion is the number of the last migration; they count from 1.
func newestVersion() int64 {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return int64(len(files))
}

// formatOf returns the version of the store in a database, 0 where there is
// none.
func formatOf(ctx context.Context, q querier) (version int64, err error) {
	var there bool
	if err = q.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", versionTable).Scan(&there); err != nil || !there {
		return 0, err
	}
	err = q.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM "+versionTable).Scan(&version)
	return version, err
}

// isWhole reports whether the tables of facts are there too: they come after
// the migrations, and who makes a store may not have come so far, or have died.
func isWhole(ctx context.Context, q querier) (whole bool, err error) {
	err = q.QueryRow(ctx, "SELECT count(*) = $1::int FROM civgrid.dataset", len(data.Datasets())).Scan(&whole)
	return whole, err
}

// ensureSchema makes a store where there is none, and refuses one that is not
// of this program's version.
func (s *Store) ensureSchema(ctx context.Context, url string) error {
	version, err := formatOf(ctx, s.pool)
	if err != nil {
		return err
	}
	newest := newestVersion()
	if version == newest {
		if whole, err := isWhole(ctx, s.pool); whole || err != nil {
			return err
		}
	}
	switch {
	case version > newest:
		return fmt.Errorf("%w: version %d, this program knows %d", data.ErrVersion, version, newest)
	case version > 0 && version < newest:
		return fmt.Errorf("%w: version %d, this program needs %d", ErrOutdated, version, newest)
	case s.options.ReadOnly:
		return fmt.Errorf("store: %w: the database has no schema civgrid", data.ErrNotFound)
	}
	_, err = Migrate(ctx, url, MigrateOptions{})
	return err
}

// MigrateOptions say how a store is made.
type MigrateOptions struct {
	// Distributed spreads the facts over the workers of a Citus cluster, which
	// the database must be the coordinator of. It cannot be undone.
	Distributed bool
	// Shards is the number of parts that the facts of each dataset are cut
	// into. Zero means 32.
	Shards int
	// DryRun leaves everything as it is: the Migration says what would be done.
	DryRun bool
}

// A Migration says what Migrate did.
type Migration struct {
	From        int64    `json:"from"` // version before; 0 for none
	To          int64    `json:"to"`
	Steps       []string `json:"steps"`       // files applied
	Distributed bool     `json:"distributed"` // whether facts are spread over workers now
}

// Migrate makes the store in a database, or brings it up to date. Any number
// of processes may do so at one time: one works, the others wait and find it
// done. The role must be allowed to make a schema, or own it; it acts as the
// owner where it can, see [AsOwner].
func Migrate(ctx context.Context, url string, o MigrateOptions) (Migration, error) {
	m, err := migrate(ctx, url, o)
	if err != nil {
		return m, fmt.Errorf("migrate: %w", known(ctx, err))
	}
	return m, nil
}

func migrate(ctx context.Context, url string, o MigrateOptions) (m Migration, err error) {
	if url, err = AsOwner(ctx, url); err != nil {
		return m, err
	}
	pool, err := newPool(ctx, url, Options{Connections: 2}.withDefaults())
	if err != nil {
		return m, err
	}
	defer pool.Close()
	server, err := probe(ctx, pool)
	if err != nil {
		return m, err
	}
	if err := server.usable(); err != nil {
		return m, err
	}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return m, err
	}
	defer conn.Release()
	if err := lock(ctx, conn.Conn(), lockMigration, 0); err != nil {
		return m, err
	}
	defer unlock(conn.Conn())
	if server, err = probe(ctx, pool); err != nil { // somebody else may have been at work until now
		return m, err
	}
	if m.From, err = formatOf(ctx, conn); err != nil {
		return m, err
	}
	if newest := newestVersion(); m.From > newest {
		return m, fmt.Errorf("%w: version %d, this program knows %d", data.ErrVersion, m.From, newest)
	}
	if o.DryRun {
		m.To, m.Distributed = newestVersion(), o.Distributed || server.Distributed
		m.Steps, err = missing(m.From)
		return m, err
	}
	if err := prepare(ctx, conn.Conn(), server); err != nil {
		return m, err
	}
	if err := complete(ctx, conn.Conn(), server); err != nil {
		return m, err
	}
	if m.Steps, err = apply(ctx, pool); err != nil {
		return m, err
	}
	m.To = newestVersion()
	if err := createFacts(ctx, conn.Conn()); err != nil {
		return m, err
	}
	if m.Distributed = server.Distributed; o.Distributed && !server.Distributed {
		m.Distributed = true
		return m, distribute(ctx, conn.Conn(), server, o.Shards)
	}
	return m, nil
}

// prepare makes the schema and the extension.
func prepare(ctx context.Context, conn *pgx.Conn, server Server) error {
	if server.PostGIS == "" {
		if _, err := conn.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS postgis"); err != nil {
			return fmt.Errorf("%w: %w", ErrNoPostGIS, err)
		}
	}
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regnamespace($1) IS NOT NULL", schema).Scan(&there); err != nil || there {
		return err
	}
	_, err := conn.Exec(ctx, "CREATE SCHEMA "+schema)
	return err
}

// missing returns the migrations that a store of a version lacks.
func missing(version int64) (steps []string, err error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	for _, file := range files[min(version, int64(len(files))):] {
		steps = append(steps, path.Base(file))
	}
	return steps, err
}

// apply runs the migrations that are missing.
func apply(ctx context.Context, pool *pgxpool.Pool) (applied []string, err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, err
	}
	steps, err := provider.Up(ctx)
	for _, step := range steps {
		applied = append(applied, step.Source.Path)
	}
	return applied, err
}

// createFacts makes the tables of facts where they are not there yet.
func createFacts(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		settings, err := readSettings(ctx, tx)
		if err != nil {
			return err
		}
		for _, d := range data.Datasets() {
			t := newTable(d, settings.Resolutions)
			var there bool
			if err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", t.present()).Scan(&there); err != nil {
				return err
			}
			if there {
				continue
			}
			if err := t.create(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}
