package analytics

import (
	"fmt"
	"slices"
)

// A Tally is an answered [data.Rollup], laid over the rows of a frame: one
// entry for each row, and for each value of the further key if the rollup has
// one, for which facts were found. Entries ascend by row and then by key.
type Tally struct {
	Name string
	// Rows holds the frame's row of each entry.
	Rows []int32
	// Keys holds the further key of each entry; nil if there is none. Facts
	// without a value for it are not in the tally but in Keyless.
	Keys []int64
	// Names names the counts and, after them, the sums of the rollup; Counts holds
	// both, one slice for each name, as long as Rows. A sum may be negative. No
	// entry has zeros only; adding up any entries of a sum, here or beyond, stays
	// within 64 bits.
	Names  []string
	Counts [][]int64
	// Elsewhere, Nowhere and Keyless are the counts and sums of facts that are in
	// no entry: placed outside the frame's rows, without a place of the frame's
	// kind at all, and in a row of the frame but without the further key.
	Elsewhere, Nowhere, Keyless []int64
}

// Count returns the named count or sum of every entry. It panics when the
// rollup had none of that name.
func (t *Tally) Count(name string) []int64 { return t.Counts[t.index(name)] }

func (t *Tally) index(name string) int {
	i := slices.Index(t.Names, name)
	if i < 0 {
		panic(fmt.Sprintf("BUG: tally %s has no count or sum %q", t.Name, name))
	}
	return i
}

// Dense returns the named count or sum for each of n frame rows, zero for rows
// without an entry. It is meant for tallies without a further key; with one,
// counts are added over it.
func (t *Tally) Dense(name string, n int) []int64 {
	dense := make([]int64, n)
	for i, count := range t.Count(name) {
		dense[t.Rows[i]] += count
	}
	return dense
}

// Total returns the named count or sum of all entries together.
func (t *Tally) Total(name string) int64 {
	var sum int64
	for _, count := range t.Count(name) {
		sum += count
	}
	return sum
}

// Beyond returns the named count or sum of facts elsewhere and nowhere.
func (t *Tally) Beyond(name string) (elsewhere, nowhere int64) {
	i := t.index(name)
	return t.Elsewhere[i], t.Nowhere[i]
}

// Span returns the range of entries that belong to a frame row. The range is
// empty for a row without any.
func (t *Tally) Span(row int) (lo, hi int) {
	lo, _ = slices.BinarySearch(t.Rows, int32(row))
	hi, _ = slices.BinarySearch(t.Rows, int32(row)+1)
	return lo, hi
}

// Without returns the named count or sum of facts in a row of the frame that
// lack the further key.
func (t *Tally) Without(name string) int64 {
	if t.Keyless == nil {
		return 0
	}
	return t.Keyless[t.index(name)]
}

// IsEmpty reports whether there is no fact in t at all.
func (t *Tally) IsEmpty() bool {
	some := func(n int64) bool { return n != 0 }
	return len(t.Rows) == 0 && !slices.ContainsFunc(t.Elsewhere, some) && !slices.ContainsFunc(t.Nowhere, some) && !slices.ContainsFunc(t.Keyless, some)
}
