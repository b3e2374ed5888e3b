package locate

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sort"

	"github.com/civgrid/civgrid/geo"
)

// nowhere is the answer of a table for cells that lie in no area. Ordinals are
// above it; below it are the choices of cells near a border.
const nowhere int32 = -1

// table maps every cell of one resolution to what is known of its points. It is
// a list of runs of cells with the same answer, without gaps.
type table struct {
	starts  []geo.Cell // the first cell of each run, ascending
	answers []int32    // an ordinal, nowhere, or -2-i for choice i

	lists   []int32 // the choices one after the other, each closed by the area that holds the whole cell, or nowhere
	offsets []int32 // where each choice begins in lists; one more than choices

	shift   uint    // of a distance from starts[0], to get its bucket
	buckets []int32 // the run that holds the first cell of each bucket; one more than buckets
}

// find returns the answer for a cell of the table's resolution.
func (t *table) find(c geo.Cell) int32 {
	if len(t.starts) == 0 || c < t.starts[0] {
		return nowhere
	}
	bucket := min(int((c-t.starts[0])>>t.shift), len(t.buckets)-2)
	low, high := int(t.buckets[bucket]), int(t.buckets[bucket+1])+1
	for high-low > 1 { // starts[low] <= c < starts[high]
		if mid := int(uint(low+high) >> 1); t.starts[mid] <= c {
			low = mid
		} else {
			high = mid
		}
	}
	return t.answers[low]
}

// choices returns what an answer below nowhere stands for: the areas whose
// border comes near, the winner first, and the area that has the point if none
// of them does, or nowhere.
func (t *table) choices(answer int32) (near []int32, otherwise int32) {
	i := -2 - answer
	list := t.lists[t.offsets[i]:t.offsets[i+1]]
	return list[:len(list)-1], list[len(list)-1]
}

// mark says that the border of an area comes near a cell.
type mark struct {
	cell geo.Cell
	rank int32 // of the area in order of code
}

// builder builds a table from the top of the H3 tree downwards.
type builder struct {
	table
	resolution geo.Resolution
	order      []int32 // ordinals by rank
	regions    []*geo.Region
	known      map[string]int32 // answers of lists already stored
	key        []byte
	near       []int32 // by rank: the last visit that saw a mark of it
	visits     int32
}

// newTable builds the table for areas in order of rank; rims are by ordinal.
func newTable(r geo.Resolution, order []int32, regions []*geo.Region, rims [][]geo.Cell) table {
	var marks []mark
	ranks := make([]int32, len(order))
	for rank, ordinal := range order {
		ranks[rank] = int32(rank)
		for _, c := range rims[ordinal] {
			marks = append(marks, mark{c, int32(rank)})
		}
	}
	slices.SortFunc(marks, func(a, b mark) int {
		switch {
		case a.cell != b.cell && a.cell < b.cell:
			return -1
		case a.cell != b.cell:
			return 1
		}
		return int(a.rank - b.rank)
	})
	b := builder{resolution: r, order: order, regions: regions, known: map[string]int32{}, near: make([]int32, len(order))}
	b.offsets = []int32{0}
	for _, base := range geo.BaseCells() {
		marks = b.visit(base, marks, ranks, int32(len(order)))
	}
	b.index()
	return b.table
}

// visit adds the runs of the descendants of c. open are the ranks of areas not
// yet settled for the whole of c; whole is the rank of the best area known to
// hold all of it, or the number of areas. marks begin at the first descendant of
// c; what follows its last one is returned.
func (b *builder) visit(c geo.Cell, marks []mark, open []int32, whole int32) []mark {
	first, last := c.Descendants(b.resolution)
	n := sort.Search(len(marks), func(i int) bool { return marks[i].cell > last })
	own, rest := marks[:n], marks[n:]
	if open, whole = b.settle(c, own, open, whole); len(open) == 0 {
		b.add(first, b.ordinal(whole))
		return rest
	}
	if c.Resolution() == b.resolution {
		b.add(first, b.choice(open, whole))
		return rest
	}
	children, err := c.Children(c.Resolution() + 1)
	if err != nil {
		panic("BUG: children of a valid cell: " + err.Error())
	}
	for _, child := range children {
		own = b.visit(child, own, open, whole)
	}
	return rest
}

// settle finds which open areas hold all of c or none of it, because their
// border comes near none of its descendants, and returns those that remain and
// can still win.
func (b *builder) settle(c geo.Cell, own []mark, open []int32, whole int32) ([]int32, int32) {
	b.visits++
	for _, m := range own {
		b.near[m.rank] = b.visits
	}
	var left []int32
	for _, rank := range open {
		switch {
		case rank > whole:
		case b.near[rank] == b.visits:
			left = append(left, rank)
		case b.regions[b.order[rank]].Contains(c.Centre()):
			whole = rank
		}
	}
	return left, whole
}

// ordinal returns the answer for a rank.
func (b *builder) ordinal(rank int32) int32 {
	if int(rank) == len(b.order) {
		return nowhere
	}
	return b.order[rank]
}

// choice returns the answer for a cell near the borders of areas, storing equal
// lists once.
func (b *builder) choice(open []int32, whole int32) int32 {
	b.key = b.key[:0]
	for _, rank := range append(open, whole) {
		b.key = binary.NativeEndian.AppendUint32(b.key, uint32(rank))
	}
	if answer, ok := b.known[string(b.key)]; ok {
		return answer
	}
	answer := -1 - int32(len(b.offsets))
	for _, rank := range append(open, whole) {
		b.lists = append(b.lists, b.ordinal(rank))
	}
	b.offsets = append(b.offsets, int32(len(b.lists)))
	b.known[string(b.key)] = answer
	return answer
}

// add appends a run that begins at first.
func (b *builder) add(first geo.Cell, answer int32) {
	if n := len(b.answers); n > 0 && b.answers[n-1] == answer {
		return
	}
	b.starts = append(b.starts, first)
	b.answers = append(b.answers, answer)
}

// index sets up the buckets, about two for each run.
func (b *builder) index() {
	if len(b.starts) > 0 && b.answers[0] == nowhere { // find knows; and the buckets begin where the areas do
		b.starts, b.answers = b.starts[1:], b.answers[1:]
	}
	if len(b.starts) == 0 {
		return
	}
	span := uint64(b.starts[len(b.starts)-1] - b.starts[0])
	b.shift = uint(max(0, bits.Len64(span)-bits.Len(uint(len(b.starts)))-1))
	count := int(span>>b.shift) + 1
	b.buckets = make([]int32, count+1)
	run := 0
	for i := range b.buckets {
		at := b.starts[0] + geo.Cell(i)<<b.shift
		for run+1 < len(b.starts) && b.starts[run+1] <= at {
			run++
		}
		b.buckets[i] = int32(run)
	}
}
