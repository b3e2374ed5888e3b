//go:build !linux

package pgtest

import (
	"os"
	"syscall"
)

// attributes would be those of a child that runs as owner and dies with us,
// which this system has no way to say that we know of.
func attributes(*owner) *syscall.SysProcAttr { return nil }

// killFamily kills a child of ours. Its own children end when they notice.
func killFamily(parent *os.Process) {
	_ = parent.Kill() // fails only where it has ended
}

// lockFolder would lock a folder. Nothing is swept where it cannot.
func lockFolder(string) *os.File { return nil }

// discardMemory would remove the shared memory of a dead process.
func discardMemory(key, id, creator int) {}
