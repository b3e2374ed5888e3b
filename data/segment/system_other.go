//go:build !unix

package segment

import (
	"fmt"
	"io"
	"os"
)

// mapFile reads the first size bytes of f: this system has no memory mapping
// we know of. The garbage collector keeps the bytes for as long as needed.
func mapFile(f *os.File, size int) ([]byte, error) {
	words := make([]uint64, (size+7)/8) // aligned for every type
	b := asBytes(words)[:size]
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name(), err)
	}
	return b, nil
}

func unmap([]byte) error { return nil }

func release([]byte) error { return nil }

func syncFolder(string) error { return nil }
