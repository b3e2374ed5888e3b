//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/civgrid/civgrid/data"
)

// holdFolder takes a folder for this process alone, until the file that it
// returns is closed or the process ends in any way.
func holdFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("folder %s: %w", dir, data.ErrBusy)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
