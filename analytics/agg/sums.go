package agg

import (
	"fmt"
	"math/bits"

	"github.com/civgrid/civgrid/data"
)

// An addend is what one sum takes of each fact.
type addend struct {
	values []int64
	valid  data.Validity
	mark   []bool // facts that meet the condition; nil means all
}

func addendsOf(sums []data.Sum, b data.Batch) []addend {
	addends := make([]addend, len(sums))
	for i, s := range sums {
		addends[i] = addend{values: b.Ints(s.Column), valid: b.Valid(s.Column)}
		if s.Where != nil {
			addends[i].mark = data.Select(nil, b, s.Where)
		}
	}
	return addends
}

// addSums adds values up by row and key; nil keys mean that there is no further
// key.
func (t *table) addSums(rows []int32, keys []int64, addends []addend) {
	for i, row := range rows {
		key := int64(0)
		if keys != nil {
			key = keys[i]
		}
		at := t.at(t.entry(row, key))[t.counts:]
		for s, a := range addends {
			if (a.mark == nil || a.mark[i]) && a.valid.At(i) {
				addLong(at[2*s:], a.values[i])
			}
		}
	}
}

// addLong adds v to the sum in the first two slots.
func addLong(slots []int64, v int64) { addWide(slots, v, v>>63) }

// addWide adds to the sum in the first two slots: the lower and the upper half
// of a number of 128 bits in two's complement. That holds the sum of 2^64
// values, so whether the whole fits 64 bits does not depend on the order in
// which it is added up, or on what the parts are.
func addWide(slots []int64, low, high int64) {
	sum, carry := bits.Add64(uint64(slots[0]), uint64(low), 0)
	slots[0] = int64(sum)
	slots[1] += high + int64(carry)
}

// A reader reads the entries of a table, each once.
type reader struct {
	table  *table
	sums   []data.Sum
	values []int64
	// least and most bound what any of the entries read add up to, by sum.
	least, most []int64
}

func (t *table) reader(r data.Rollup) *reader {
	return &reader{
		table: t, sums: r.Sums, values: make([]int64, t.counts+t.sums),
		least: make([]int64, t.sums), most: make([]int64, t.sums),
	}
}

// read returns the counts and sums of an entry, good until the next call. It is
// an error when a sum, or that of some entries together, does not fit 64 bits.
func (r *reader) read(slots []int64) ([]int64, error) {
	counts := copy(r.values, slots[:r.table.counts])
	for s := range r.sums {
		low, high := slots[counts+2*s], slots[counts+2*s+1]
		if high != low>>63 || !r.reach(s, low) {
			return nil, fmt.Errorf("sum %s: %w", r.sums[s].Name, data.ErrOverflow)
		}
		r.values[counts+s] = low
	}
	return r.values, nil
}

// reach takes a value into the bounds of a sum, and reports whether they fit
// 64 bits.
func (r *reader) reach(s int, v int64) bool {
	if v < 0 {
		r.least[s] += v
		return r.least[s] < 0
	}
	r.most[s] += v
	return r.most[s] >= 0
}
