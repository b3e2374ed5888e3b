package pgtest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// folderPrefix begins the name of each server's temporary folder.
const folderPrefix = "civgrid-pgtest-"

// sweepAge is how old a folder is at least that is swept. Until then it may be
// one that its test binary has made and not locked yet.
const sweepAge = time.Minute

// sweep removes the folders in temp whose test binaries died before they could,
// by a panic for example. A test binary that lives holds its folders locked.
// What cannot be removed stays: it may be another user's.
func sweep(temp string) {
	folders, err := filepath.Glob(filepath.Join(temp, folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, folder := range folders {
		info, err := os.Stat(folder)
		if err != nil || !info.IsDir() || time.Since(info.ModTime()) < sweepAge {
			continue
		}
		if lock := lockFolder(folder); lock != nil {
			_ = discard(folder) // left for another time
			lock.Close()
		}
	}
}

// discard removes a server's folder, and from the system what a killed
// postmaster left there: the memory that serves it as a lock.
func discard(folder string) error {
	if lines, ok := readLockFile(filepath.Join(folder, "data")); ok {
		var numbers []int
		for _, field := range append(strings.Fields(lines[6]), lines[0]) {
			if n, err := strconv.Atoi(field); err == nil {
				numbers = append(numbers, n)
			}
		}
		if len(numbers) == 3 {
			discardMemory(numbers[0], numbers[1], numbers[2])
		}
	}
	return os.RemoveAll(folder)
}

// readLockFile reads the lock file of a postmaster that is, or was, so far up
// that it had written all of it (PostgreSQL 10 and later, miscadmin.h): line 1
// is its process number, line 7 key and number of its shared memory, line 8 its
// state. The lines come without spaces around.
func readLockFile(data string) (lines []string, ok bool) {
	content, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return nil, false
	}
	lines = strings.Split(string(content), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return lines, len(lines) >= 8
}
