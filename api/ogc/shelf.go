package ogc

import (
	"cmp"
	"container/list"
	"sync"

	"github.com/civgrid/civgrid/api/encode"
)

// What there is room for on a shelf, in rows, which take about 200 bytes.
const (
	shelfRows = 1_500_000
	tableRows = 500 // that a table takes beside its own
)

// A Shelf holds the tables of any number of Tables: as many rows of all together as it
// has room for, those used last. The zero Shelf is empty and ready for use. It is safe
// for concurrent use.
type Shelf struct {
	// Rows is for how many there is room, where each table takes 500 beside its own.
	// Zero means 1,500,000, which take about 300 MB. It may be set before the first use.
	Rows int

	mu     sync.Mutex
	tables int // that have entered
	kept   map[label]*list.Element
	order  list.List // of *kept, least recently used first
	rows   int       // of those that are finished
}

// A label says what a table is.
type label struct {
	of            int // whose it is
	version, what string
}

// kept is a table that is there or on its way.
type kept struct {
	key   label
	done  chan struct{} // closed once table or err is set
	table *encode.Table
	err   error
	rows  int // that it takes of the shelf, 0 until it is settled
}

// finished reports whether the table is there.
func (k *kept) finished() bool {
	select {
	case <-k.done:
		return k.err == nil
	default:
		return false
	}
}

// enter returns a number that nobody else has on the shelf.
func (s *Shelf) enter() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables++
	return s.tables
}

// Kept returns how many tables are kept at present, and how many rows they have
// together.
func (s *Shelf) Kept() (tables, rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := s.order.Front(); e != nil; e = e.Next() {
		if k := e.Value.(*kept); k.rows > 0 {
			tables++
			rows += k.table.Len()
		}
	}
	return tables, rows
}

// find returns the entry of a label, nil where there is none.
func (s *Shelf) find(key label) *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.findLocked(key)
}

func (s *Shelf) findLocked(key label) *kept {
	e := s.kept[key]
	if e == nil {
		return nil
	}
	s.order.MoveToBack(e)
	return e.Value.(*kept)
}

// claim returns the entry of a label, and whether the caller has to fill it.
func (s *Shelf) claim(key label) (k *kept, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.findLocked(key); k != nil {
		return k, false
	}
	k = &kept{key: key, done: make(chan struct{})}
	if s.kept == nil {
		s.kept = map[label]*list.Element{}
	}
	s.kept[key] = s.order.PushBack(k)
	return k, true
}

// settle drops an entry that failed, and of the others the least recently used ones that
// there is no room for beside one that is there.
func (s *Shelf) settle(k *kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.err != nil {
		s.dropLocked(s.kept[k.key])
		return
	}
	k.rows = tableRows + k.table.Len()
	s.rows += k.rows
	room := cmp.Or(s.Rows, shelfRows)
	for e := s.order.Front(); e != nil && s.rows > room; {
		other := e
		if e = e.Next(); other.Value.(*kept) != k && other.Value.(*kept).rows > 0 {
			s.dropLocked(other)
		}
	}
}

func (s *Shelf) dropLocked(e *list.Element) {
	k := s.order.Remove(e).(*kept)
	s.rows -= k.rows
	delete(s.kept, k.key)
}
