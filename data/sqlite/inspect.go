package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"modernc.org/sqlite"

	"github.com/civgrid/civgrid/data"
)

// A Condition is what can be told of a store's file without reading the facts.
type Condition struct {
	Version int64 // of the format
	Newest  int64 // that this program knows, and writes
	Busy    bool  // another process, or another Store of this one, has it open for writing
	Sealed  bool  // this process may not write to the file
}

// Inspect looks at the file of a store, beside whoever has it open, and changes
// nothing. The errors are those of [Open], but for data.ErrBusy; where the
// format is newer, which is data.ErrVersion, the Condition is told too. Whether
// the store is busy is found out by taking its lock for a moment.
func Inspect(ctx context.Context, path string) (c Condition, err error) {
	if c, err = inspect(ctx, path); err != nil {
		return c, fmt.Errorf("inspect %s: %w", filepath.Base(path), err)
	}
	return c, nil
}

func inspect(ctx context.Context, path string) (c Condition, err error) {
	if path, err = absolute(path); err != nil {
		return c, err
	}
	if _, err := os.Stat(path); err != nil {
		return c, err
	}
	c.Newest = newestVersion()
	_, _ = sqlite.OFDLocking(true) // see Store.open
	if c.Busy, c.Sealed, err = locked(ctx, path); err != nil {
		return c, err
	}
	readers, err := openReaders(path, 1)
	if err != nil {
		return c, err
	}
	defer readers.Close()
	err = checkFormat(ctx, readers)
	if err != nil && !errors.Is(err, data.ErrVersion) {
		return c, err
	}
	version, failed := formatOf(ctx, readers)
	c.Version = version
	return c, errors.Join(err, failed)
}

// formatOf returns the version of a file's format, 0 for a file whose first
// opening was cut short.
func formatOf(ctx context.Context, db *sql.DB) (version int64, err error) {
	var tables int64
	q := "SELECT count(*) FROM sqlite_schema WHERE name = '" + versionTable + "'"
	if err := db.QueryRowContext(ctx, q).Scan(&tables); err != nil || tables == 0 {
		return 0, known(err)
	}
	q = "SELECT ifnull(max(version_id), 0) FROM " + versionTable
	err = db.QueryRowContext(ctx, q).Scan(&version)
	return version, known(err)
}

// locked tries the lock of a store, if there ever was one.
func locked(ctx context.Context, path string) (busy, sealed bool, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case err == nil:
		file.Close()
	case errors.Is(err, fs.ErrPermission):
		sealed = true
	default:
		return false, false, err
	}
	if _, err := os.Stat(path + "-lock"); errors.Is(err, fs.ErrNotExist) {
		return false, sealed, nil
	}
	held, err := lock(ctx, path)
	switch {
	case errors.Is(err, data.ErrBusy):
		return true, sealed, nil
	case errors.Is(err, fs.ErrPermission):
		return false, true, nil
	case err != nil:
		return false, sealed, err
	}
	return false, sealed, held.Close()
}
