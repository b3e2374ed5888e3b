package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/follow"
)

// columnsFolder returns where a copy of a database keeps its columns: the
// folder of the settings, or one that is forgotten when the program ends.
func (p *program) columnsFolder() (dir string, forget func(), err error) {
	if dir := p.config.get("columns"); dir != "" {
		held, err := holdFolder(dir)
		if err != nil {
			return "", nil, fmt.Errorf("take the folder of the columns: %w", err)
		}
		return dir, func() { held.Close() }, nil
	}
	if dir, err = os.MkdirTemp("", "civgrid-columns-"); err != nil {
		return "", nil, fmt.Errorf("make a place for the columns of the store: %w", err)
	}
	return dir, func() { os.RemoveAll(dir) }, nil
}

// holdFolder takes a folder for this process alone, until the file that it
// returns is closed or the process ends in any way.
func holdFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	file, err := hold(filepath.Join(dir, "lock"))
	if errors.Is(err, data.ErrBusy) {
		err = fmt.Errorf("folder %s: %w", dir, err)
	}
	return file, err
}

// A temporary store leaves nothing behind.
type temporary struct {
	*follow.Store
	forget func()
}

// Close implements [data.Store].
func (t temporary) Close() error {
	err := t.Store.Close()
	t.forget()
	return err
}
