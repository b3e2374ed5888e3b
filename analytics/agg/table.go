package agg

import (
	"math/bits"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// denseLimit is the most counts a table keeps as a plain array: 128 MiB of
// them, enough for 99,000 rows by hour of the week.
const denseLimit = 1 << 24

// denseWorkers is how many workers may each keep plain arrays up to denseLimit;
// more of them get less, so that a scan stays within a gigabyte or so.
const denseWorkers = 8

// A table counts facts by frame row and, if width is not 0, by a further key.
// Rows n and n+1 stand for elsewhere and nowhere; key -1, no key, is kept as
// the last of width+1.
type table struct {
	rows, width, counts int
	dense               []int64 // [row][key][count], nil if hashed
	hash                *hashTable
}

// newTable returns an empty table of n frame rows for one of some workers.
func newTable(n, width, counts, workers int) table {
	t := table{rows: n + 2, width: width, counts: counts}
	limit := denseLimit * denseWorkers / max(workers, denseWorkers)
	if size := t.rows * (width + 1) * counts; size <= limit || width == 0 {
		t.dense = make([]int64, size)
	} else {
		t.hash = newHashTable(counts)
	}
	return t
}

// addRows counts facts by row alone: those marked, or with a nil mark all.
func (t *table) addRows(rows []int32, marks [][]bool) {
	for c, mark := range marks {
		if mark == nil {
			for _, row := range rows {
				t.dense[int(row)*t.counts+c]++
			}
			continue
		}
		for i, row := range rows {
			if mark[i] {
				t.dense[int(row)*t.counts+c]++
			}
		}
	}
}

// addKeyed counts facts by row and key, marks being as for addRows.
func (t *table) addKeyed(rows []int32, keys []int64, marks [][]bool) {
	for i, row := range rows {
		key := keys[i]
		if key < 0 {
			key = int64(t.width)
		}
		at := t.at(int64(row)*int64(t.width+1) + key)
		for c, mark := range marks {
			if mark == nil || mark[i] {
				at[c]++
			}
		}
	}
}

// at returns the counts of an entry.
func (t *table) at(entry int64) []int64 {
	if t.dense != nil {
		return t.dense[entry*int64(t.counts):][:t.counts]
	}
	return t.hash.at(entry)
}

func (t *table) merge(other *table) {
	for i, v := range other.dense {
		t.dense[i] += v
	}
	if other.hash != nil {
		other.hash.each(func(entry int64, counts []int64) {
			for c, at := 0, t.hash.at(entry); c < len(at); c++ {
				at[c] += counts[c]
			}
		})
	}
}

// entries returns the numbers of the entries with a count, ascending.
func (t *table) entries() []int64 {
	var found []int64
	counted := func(v int64) bool { return v != 0 }
	if t.hash != nil {
		t.hash.each(func(entry int64, counts []int64) {
			if slices.ContainsFunc(counts, counted) {
				found = append(found, entry)
			}
		})
		slices.Sort(found)
		return found
	}
	for entry := range int64(t.rows * (t.width + 1)) {
		if slices.ContainsFunc(t.at(entry), counted) {
			found = append(found, entry)
		}
	}
	return found
}

// tally lays the counts over the rows of the frame.
func (t *table) tally(r data.Rollup) analytics.Tally {
	tally := analytics.Tally{Name: r.Name, Counts: make([][]int64, t.counts)}
	for _, c := range r.Counts {
		tally.Names = append(tally.Names, c.Name)
	}
	tally.Elsewhere, tally.Nowhere, tally.Keyless = make([]int64, t.counts), make([]int64, t.counts), make([]int64, t.counts)
	for _, entry := range t.entries() {
		row, key := int(entry/int64(t.width+1)), entry%int64(t.width+1)
		counts := t.at(entry)
		switch {
		case row == t.rows-2:
			addTo(tally.Elsewhere, counts)
		case row == t.rows-1:
			addTo(tally.Nowhere, counts)
		case t.width > 0 && key == int64(t.width):
			addTo(tally.Keyless, counts)
		default:
			tally.Rows = append(tally.Rows, int32(row))
			if t.width > 0 {
				tally.Keys = append(tally.Keys, key)
			}
			for c, v := range counts {
				tally.Counts[c] = append(tally.Counts[c], v)
			}
		}
	}
	return tally
}

func addTo(sums, counts []int64) {
	for c, v := range counts {
		sums[c] += v
	}
}

// A hashTable holds counts by entry number, by open addressing.
type hashTable struct {
	width  int
	keys   []int64 // entry + 1; 0 is free
	counts []int64
	used   int
	shift  uint
}

func newHashTable(width int) *hashTable {
	h := &hashTable{width: width}
	h.resize(1 << 12)
	return h
}

func (h *hashTable) resize(size int) {
	old := *h
	h.keys, h.counts = make([]int64, size), make([]int64, size*h.width)
	h.shift = uint(64 - bits.Len(uint(size-1)))
	h.used = 0
	old.each(func(entry int64, counts []int64) { copy(h.at(entry), counts) })
}

// at returns the counts of an entry, making room for it when it is new. The
// slice is good until the next call.
func (h *hashTable) at(entry int64) []int64 {
	i := h.find(entry)
	if h.keys[i] == 0 {
		if 2*h.used >= len(h.keys) {
			h.resize(2 * len(h.keys))
			i = h.find(entry)
		}
		h.keys[i] = entry + 1
		h.used++
	}
	return h.counts[i*h.width:][:h.width]
}

func (h *hashTable) find(entry int64) int {
	i := int(uint64(entry) * 0x9e3779b97f4a7c15 >> h.shift) // see rowIndex.hash
	for h.keys[i] != 0 && h.keys[i] != entry+1 {
		i = (i + 1) & (len(h.keys) - 1)
	}
	return i
}

func (h *hashTable) each(visit func(entry int64, counts []int64)) {
	for i, key := range h.keys {
		if key != 0 {
			visit(key-1, h.counts[i*h.width:][:h.width])
		}
	}
}
