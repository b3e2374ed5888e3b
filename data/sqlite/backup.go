package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes the store as it is at this moment to a new file, which is a
// store itself. Reading and writing go on meanwhile. The file appears under
// its name once it is complete and on disk. It is an error when there is a
// file of that name.
func (s *Store) Backup(ctx context.Context, dest string) error {
	if err := s.backup(ctx, dest); err != nil {
		return fmt.Errorf("back up to %s: %w", filepath.Base(dest), err)
	}
	return nil
}

func (s *Store) backup(ctx context.Context, dest string) error {
	dest, err := absolute(dest)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(dest); err == nil {
		return fs.ErrExist
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	partial := dest + "-partial"
	if err := os.Remove(partial); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.vacuumInto(ctx, partial); err != nil {
		_ = os.Remove(partial)
		return known(err)
	}
	if err := settle(partial); err != nil {
		return err
	}
	if err := os.Rename(partial, dest); err != nil {
		return err
	}
	_ = settle(filepath.Dir(dest)) // not every system can
	return nil
}

// vacuumInto copies the store through a connection of its own: query_only, which
// readers have, forbids it.
func (s *Store) vacuumInto(ctx context.Context, dest string) error {
	db, err := sql.Open("sqlite", dataSource(s.path, "ro", backupPragmas))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", dest)
	return err
}

// settle waits until a file or folder is on disk.
func settle(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
