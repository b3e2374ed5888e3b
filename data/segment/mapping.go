package segment

import "sync"

// A mapping is a file in memory. Memory that was lent stays mapped until the
// process ends: slices and strings taken from a batch point into it, and the
// garbage collector, which does not own it, cannot tell when the last is gone.
type mapping struct {
	mu     sync.Mutex
	bytes  []byte
	lent   bool
	closed bool
}

// lend makes the mapping stay; it reports false when it is already gone.
func (m *mapping) lend() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.lent = true
	return true
}

// retire unmaps the file, or, where it was lent, lets go of the physical
// memory only: who still reads it reads it from the file again.
func (m *mapping) retire() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil
	}
	if m.lent {
		return release(m.bytes)
	}
	m.closed = true
	return unmap(m.bytes)
}
