package agg

import (
	"math/bits"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// denseLimit is the most slots a table keeps as a plain array: 128 MiB of
// them, enough for 99,000 rows by hour of the week.
const denseLimit = 1 << 24

// denseWorkers is how many workers may each keep plain arrays up to denseLimit;
// more of them get less, so that a scan stays within a gigabyte or so.
const denseWorkers = 8

// A table counts facts and adds their values up by frame row and, if width is
// not 0, by a further key. Rows n and n+1 stand for elsewhere and nowhere; key
// -1, no key, is kept as the last of width+1. An entry is one slot for each
// count and then two for each sum, see [addWide].
type table struct {
	rows, width         int
	counts, sums, slots int     // of an entry
	dense               []int64 // [row][key][slot], nil if hashed
	hash                *hashTable
}

// newTable returns an empty table of n frame rows for one of some workers.
func newTable(n int, r data.Rollup, workers int) table {
	t := table{rows: n + 2, width: width(r), counts: len(r.Counts), sums: len(r.Sums)}
	t.slots = t.counts + 2*t.sums
	limit := denseLimit * denseWorkers / max(workers, denseWorkers)
	if t.width == 0 || t.width < limit && t.rows*(t.width+1)*t.slots <= limit {
		t.dense = make([]int64, t.rows*(t.width+1)*t.slots)
	} else {
		t.hash = newHashTable(t.slots)
	}
	return t
}

// addRows counts facts by row alone: those marked, or with a nil mark all.
func (t *table) addRows(rows []int32, marks [][]bool) {
	for c, mark := range marks {
		if mark == nil {
			for _, row := range rows {
				t.dense[int(row)*t.slots+c]++
			}
			continue
		}
		for i, row := range rows {
			if mark[i] {
				t.dense[int(row)*t.slots+c]++
			}
		}
	}
}

// addKeyed counts facts by row and key, marks being as for addRows.
func (t *table) addKeyed(rows []int32, keys []int64, marks [][]bool) {
	for i, row := range rows {
		at := t.at(t.entry(row, keys[i]))
		for c, mark := range marks {
			if mark == nil || mark[i] {
				at[c]++
			}
		}
	}
}

// entry returns the number of the entry of a row and a key, -1 for no key.
func (t *table) entry(row int32, key int64) int64 {
	if key < 0 {
		key = int64(t.width)
	}
	return int64(row)*int64(t.width+1) + key
}

// at returns the slots of an entry.
func (t *table) at(entry int64) []int64 {
	if t.dense != nil {
		return t.dense[entry*int64(t.slots):][:t.slots]
	}
	return t.hash.at(entry)
}

func (t *table) merge(other *table) {
	switch {
	case other.hash != nil:
		other.hash.each(func(entry int64, slots []int64) { t.addEntry(t.hash.at(entry), slots) })
	case t.sums > 0:
		for i := 0; i < len(other.dense); i += t.slots {
			t.addEntry(t.dense[i:], other.dense[i:][:t.slots])
		}
	default:
		addTo(t.dense, other.dense)
	}
}

// addEntry adds the slots of an entry to those of the same in another table.
func (t *table) addEntry(to, slots []int64) {
	addTo(to, slots[:t.counts])
	for at := t.counts; at < t.slots; at += 2 {
		addWide(to[at:], slots[at], slots[at+1])
	}
}

// entries returns the numbers of the entries that are not all zero, ascending.
func (t *table) entries() []int64 {
	var found []int64
	counted := func(v int64) bool { return v != 0 }
	if t.hash != nil {
		t.hash.each(func(entry int64, slots []int64) {
			if slices.ContainsFunc(slots, counted) {
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

// tally lays counts and sums over the rows of the frame.
func (t *table) tally(r data.Rollup) (analytics.Tally, error) {
	tally := analytics.Tally{Name: r.Name, Counts: make([][]int64, t.counts+t.sums)}
	for _, c := range r.Counts {
		tally.Names = append(tally.Names, c.Name)
	}
	for _, s := range r.Sums {
		tally.Names = append(tally.Names, s.Name)
	}
	none := func() []int64 { return make([]int64, t.counts+t.sums) }
	tally.Elsewhere, tally.Nowhere, tally.Keyless = none(), none(), none()
	reader := t.reader(r)
	for _, entry := range t.entries() {
		row, key := int(entry/int64(t.width+1)), entry%int64(t.width+1)
		values, err := reader.read(t.at(entry))
		switch {
		case err != nil:
			return tally, err
		case row == t.rows-2:
			addTo(tally.Elsewhere, values)
		case row == t.rows-1:
			addTo(tally.Nowhere, values)
		case t.width > 0 && key == int64(t.width):
			addTo(tally.Keyless, values)
		default:
			tally.Rows = append(tally.Rows, int32(row))
			if t.width > 0 {
				tally.Keys = append(tally.Keys, key)
			}
			for c, v := range values {
				tally.Counts[c] = append(tally.Counts[c], v)
			}
		}
	}
	return tally, nil
}

func addTo(to, values []int64) {
	for i, v := range values {
		to[i] += v
	}
}

// A hashTable holds the slots of entries by their numbers, by open addressing.
type hashTable struct {
	width int
	keys  []int64 // entry + 1; 0 is free
	slots []int64
	used  int
	shift uint
}

func newHashTable(width int) *hashTable {
	h := &hashTable{width: width}
	h.resize(1 << 12)
	return h
}

func (h *hashTable) resize(size int) {
	old := *h
	h.keys, h.slots = make([]int64, size), make([]int64, size*h.width)
	h.shift = uint(64 - bits.Len(uint(size-1)))
	h.used = 0
	old.each(func(entry int64, slots []int64) { copy(h.at(entry), slots) })
}

// at returns the slots of an entry, making room for it when it is new. The
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
	return h.slots[i*h.width:][:h.width]
}

func (h *hashTable) find(entry int64) int {
	i := int(uint64(entry) * 0x9e3779b97f4a7c15 >> h.shift) // see rowIndex.hash
	for h.keys[i] != 0 && h.keys[i] != entry+1 {
		i = (i + 1) & (len(h.keys) - 1)
	}
	return i
}

func (h *hashTable) each(visit func(entry int64, slots []int64)) {
	for i, key := range h.keys {
		if key != 0 {
			visit(key-1, h.slots[i*h.width:][:h.width])
		}
	}
}
