package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"

	"github.com/civgrid/civgrid/data"
)

// applicationID and userVersion mark a file as GeoPackage 1.3.0: "GPKG" and
// 10300 (OGC 12-128r17, requirement 2).
const (
	applicationID = 0x47504B47
	userVersion   = 10300
)

// The version table is goose's.
const versionTable = "civgrid_version"

//go:embed migrations/*.sql
var migrations embed.FS

// writerPragmas: FULL makes every commit durable; the driver's default in WAL
// mode would lose the last ones with the power.
const writerPragmas = "synchronous(FULL) busy_timeout(5000) foreign_keys(1) cell_size_check(1) trusted_schema(0) " +
	"journal_size_limit(67108864) cache_size(-262144) wal_autocheckpoint(4000)"

const readerPragmas = "query_only(1) busy_timeout(5000) trusted_schema(0) cache_size(-16384)"

const backupPragmas = "busy_timeout(5000) trusted_schema(0) cache_size(-16384)"

// lockPragmas: no waiting, and no journal file beside the lock file.
const lockPragmas = "busy_timeout(0) journal_mode(MEMORY)"

// dataSource returns the driver's name for a file with parameters; pragmas are
// separated by spaces.
func dataSource(path, mode, pragmas string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/...
		path = "/" + path
	}
	q := url.Values{"mode": {mode}, "_pragma": strings.Fields(pragmas)}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// lock takes the exclusive lock of a store, held until the pool is closed or
// the process ends in any way. It is SQLite's own lock on an empty database
// beside the store, so it works wherever SQLite does.
func lock(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dataSource(path+"-lock", "rwc", lockPragmas))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err = db.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		_ = db.Close()
		if err = known(err); errors.Is(err, data.ErrBusy) {
			return nil, fmt.Errorf("%w: it holds %s-lock; end it, or open the store for reading only", data.ErrBusy, path)
		}
		return nil, err
	}
	return db, nil
}

// openWriter opens the file for writing, creating it where there is none.
func openWriter(ctx context.Context, path string, logger *slog.Logger) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dataSource(path, "rwc", writerPragmas))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err = prepare(ctx, db, logger); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// prepare checks that the file is ours or empty, marks it and brings its
// tables up to date.
func prepare(ctx context.Context, db *sql.DB, logger *slog.Logger) error {
	var pages int64
	if err := db.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		return known(err)
	}
	if pages > 0 {
		if err := checkFormat(ctx, db); err != nil {
			return err
		}
	}
	// The marks come before WAL mode: other programs read them from the first
	// page of the file itself.
	for _, q := range []string{
		fmt.Sprintf("PRAGMA application_id = %d", applicationID),
		fmt.Sprintf("PRAGMA user_version = %d", userVersion),
		"PRAGMA journal_mode = WAL",
	} {
		if pages > 0 && !strings.Contains(q, "journal_mode") {
			continue
		}
		if _, err := db.ExecContext(ctx, q); err != nil {
			return known(err)
		}
	}
	if err := transact(ctx, db, "BEGIN IMMEDIATE", complete); err != nil {
		return fmt.Errorf("bring tables up to date: %w", err)
	}
	return migrate(ctx, db, logger)
}

// checkFormat tests that a file holds a store that this program can use.
func checkFormat(ctx context.Context, db *sql.DB) error {
	var id, tables, version int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return known(err)
	}
	q := "SELECT count(*) FROM sqlite_schema"
	if err := db.QueryRowContext(ctx, q).Scan(&tables); err != nil {
		return known(err)
	}
	if tables == 0 { // a first opening that was cut short
		return nil
	}
	q = "SELECT count(*) FROM sqlite_schema WHERE name = '" + versionTable + "'"
	if err := db.QueryRowContext(ctx, q).Scan(&tables); err != nil {
		return known(err)
	}
	if id != applicationID || tables == 0 {
		return errors.New("the file is not a civgrid store")
	}
	q = "SELECT ifnull(max(version_id), 0) FROM " + versionTable
	if err := db.QueryRowContext(ctx, q).Scan(&version); err != nil {
		return known(err)
	}
	if newest := newestVersion(); version > newest {
		return fmt.Errorf("%w: version %d, this program knows %d", data.ErrVersion, version, newest)
	}
	return nil
}

// newestVersion is the number of the last migration; they count from 1.
func newestVersion() int64 {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return int64(len(files))
}

func migrate(ctx context.Context, db *sql.DB, logger *slog.Logger) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	steps, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("bring tables up to date: %w", known(err))
	}
	for _, step := range steps {
		logger.InfoContext(ctx, "store brought up to date", "step", step.Source.Path, "took", step.Duration)
	}
	return nil
}

// openReaders opens a pool that can read only.
func openReaders(path string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dataSource(path, "ro", readerPragmas))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// absolute returns the full path of a store's file.
func absolute(path string) (string, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") || strings.HasPrefix(path, "file:") {
		return "", fmt.Errorf("%q is not the name of a file", path)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return "", errors.New("it is a folder")
	}
	return filepath.Abs(path)
}
