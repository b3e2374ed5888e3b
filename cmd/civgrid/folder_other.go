//go:build !unix

package main

import (
	"os"
	"path/filepath"
)

// holdFolder makes a folder. That nobody else uses it is not checked here.
func holdFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
}
