package ogc

import (
	"errors"
	"fmt"
	"testing"

	"github.com/civgrid/civgrid/api/encode"
)

// put puts a table of so many rows on a shelf.
func put(s *Shelf, of int, what string, rows int, err error) {
	k, mine := s.claim(label{of, "v1", what})
	if !mine {
		return
	}
	k.table, k.err = &encode.Table{Name: what, IDs: make([]string, rows)}, err
	close(k.done)
	s.settle(k)
}

// TestAShelfIsSharedByUse fills one by two keepers: what was used least recently goes, of
// whichever.
func TestAShelfIsSharedByUse(t *testing.T) {
	s := &Shelf{Rows: 10_000}
	one, two := s.enter(), s.enter()
	const rows = 1000 - tableRows
	for i := range 5 {
		put(s, one, fmt.Sprint(i), rows, nil)
		put(s, two, fmt.Sprint(i), rows, nil)
	}
	there := func(of, what int) bool {
		k := s.find(label{of, "v1", fmt.Sprint(what)})
		return k != nil && k.finished()
	}
	if tables, n := s.Kept(); tables != 10 || n != 10*rows || !there(one, 0) {
		t.Errorf("%d tables of %d rows are kept, want 10 of %d", tables, n, 10*rows)
	}
	put(s, two, "5", rows, nil) // which 0 of two goes for, as 0 of one was used since
	put(s, two, "6", rows, nil) // and 1 of one for this
	for of, lost := range map[int]int{one: 1, two: 0} {
		for i := range 5 {
			if there(of, i) == (i == lost) {
				t.Errorf("%d of keeper %d is kept: %v", i, of, i == lost)
			}
		}
	}
	put(s, one, "fails", rows, errors.New("out of luck"))
	if tables, n := s.Kept(); tables != 10 || n != 10*rows {
		t.Errorf("behind a table that failed %d of %d rows are kept", tables, n)
	}
	put(s, one, "large", 10_001, nil)
	if tables, n := s.Kept(); tables != 1 || n != 10_001 {
		t.Errorf("beside one that takes the whole shelf %d of %d rows are kept", tables, n)
	}
	put(s, one, "small", 1, nil)
	if tables, n := s.Kept(); tables != 1 || n != 1 {
		t.Errorf("and after the next one %d of %d rows", tables, n)
	}
}
