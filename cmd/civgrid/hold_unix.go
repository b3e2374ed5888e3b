//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"

	"github.com/civgrid/civgrid/data"
)

// hold takes a file, which is made where there is none, for this process alone,
// until what it returns is closed or the process ends in any way. The error is
// data.ErrBusy where another has it.
func hold(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = data.ErrBusy
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
