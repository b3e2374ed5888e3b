package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats/disclosure"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A census is, by place and rollup, how many facts there are and, for each part that
// the rollup counts, how many are in it and how many are not. Places are codes or
// cells.
type census[K cmp.Ordered] struct {
	rollups []data.Rollup
	counts  map[K][]int64
}

// take counts facts by the columns of places that are named.
func take[K cmp.Ordered](ctx context.Context, facts data.Source, rollups []data.Rollup, columns []string, read func(data.Batch, string) func(row int) (K, bool)) (census[K], error) {
	c := census[K]{rollups: rollups, counts: map[K][]int64{}}
	at := 0
	for _, r := range rollups {
		r.Keys, r.Sums = nil, nil
		query := r.Query()
		query.Columns = slices.Compact(slices.Sorted(slices.Values(append(query.Columns, columns...))))
		for b, err := range facts.Scan(ctx, query) {
			if err != nil {
				return c, fmt.Errorf("count %s: %w", r.Name, err)
			}
			var in [][]bool
			for _, part := range parts(r) {
				in = append(in, data.Select(nil, b, part))
			}
			for _, column := range columns {
				c.add(read(b, column), b.Len(), at, in)
			}
		}
		at += 1 + 2*len(parts(r))
	}
	return c, nil
}

// parts returns the conditions of the counts of a rollup that are not of all its
// facts.
func parts(r data.Rollup) (conditions []data.Condition) {
	for _, c := range r.Counts {
		if c.Where != nil {
			conditions = append(conditions, c.Where)
		}
	}
	return conditions
}

// width returns how many counts a place has.
func (c census[K]) width() (n int) {
	for _, r := range c.rollups {
		n += 1 + 2*len(parts(r))
	}
	return n
}

// add adds rows to the counts of a rollup, which stand from at on; in says of each
// part which rows are in it.
func (c census[K]) add(place func(row int) (K, bool), rows, at int, in [][]bool) {
	width := c.width()
	for row := range rows {
		k, ok := place(row)
		if !ok {
			continue
		}
		counts := c.counts[k]
		if counts == nil {
			counts = make([]int64, width)
			c.counts[k] = counts
		}
		counts[at]++
		for part := range in {
			if in[part][row] {
				counts[at+1+2*part]++
			} else {
				counts[at+2+2*part]++
			}
		}
	}
}

// A forest is a census arranged for [disclosure.Tree]. Its first node is everything.
type forest[K cmp.Ordered] struct {
	census[K]
	nodes  map[K]int32
	parent []int32
	rest   []bool
	of     [][]int64 // the counts of each node
}

func plant[K cmp.Ordered](c census[K]) *forest[K] {
	f := &forest[K]{census: c, nodes: map[K]int32{}}
	f.node(-1, nil)
	return f
}

// node adds a node below another, with counts or with none yet.
func (f *forest[K]) node(parent int32, counts []int64) int32 {
	if counts == nil {
		counts = make([]int64, f.width())
	}
	f.parent, f.rest, f.of = append(f.parent, parent), append(f.rest, false), append(f.of, slices.Clone(counts))
	return int32(len(f.parent) - 1)
}

// place adds the node of a place below another.
func (f *forest[K]) place(k K, parent int32, counts []int64) {
	f.nodes[k] = f.node(parent, counts)
}

// hidden returns the places that cannot be told, see [disclosure.Tree.Hide].
func (f *forest[K]) hidden(least int64) map[K]bool {
	tree := disclosure.Tree{Parent: f.parent, Rest: f.rest}
	column := func(at int) []int64 {
		counts := make([]int64, len(f.of))
		for node := range counts {
			counts[node] = f.of[node][at]
		}
		return counts
	}
	at := 0
	for _, r := range f.rollups {
		tree.Totals = append(tree.Totals, column(at))
		at++
		for range 2 * len(parts(r)) {
			tree.Parts = append(tree.Parts, column(at))
			at++
		}
	}
	hidden, places := tree.Hide(least), map[K]bool{}
	for k, node := range f.nodes {
		if hidden[node] {
			places[k] = true
		}
	}
	return places
}

// communityForest has a node for each community, which counts what lies anywhere in
// it, and one for what lies in a community and in none of those below it.
func communityForest(c census[string], h *data.Hierarchy) *forest[string] {
	f := plant(c)
	for _, level := range h.Levels() {
		for _, community := range h.At(level) {
			above := int32(0)
			if parent, ok := h.Parent(community.Code); ok {
				above = f.nodes[parent]
			}
			f.place(community.Code, above, c.counts[community.Code])
		}
	}
	inner := map[int32]bool{}
	for _, parent := range f.parent[1:] {
		inner[parent] = true
	}
	for _, node := range slices.Sorted(maps.Keys(inner)) {
		if node > 0 {
			f.rest[f.node(node, f.of[node])] = true
		}
	}
	for node := len(f.parent) - 1; node > 0; node-- {
		if !f.rest[node] { // that is in the node above already
			f.addTo(f.parent[node], node)
		}
	}
	return f
}

func (f *forest[K]) addTo(node int32, from int) {
	for i, n := range f.of[from] {
		f.of[node][i] += n
	}
}

// flatForest has all places beside each other.
func flatForest[K cmp.Ordered](c census[K]) *forest[K] {
	f := plant(c)
	for _, k := range slices.Sorted(maps.Keys(c.counts)) {
		f.place(k, 0, c.counts[k])
		f.addTo(0, len(f.of)-1)
	}
	return f
}

// cellForest has the cells of all resolutions, each below the coarser one that holds
// it by index. That one does not count just what its cells do, as some points near
// its edge lie in cells that are not its own: see [geo.Cell.Parent].
func cellForest(c census[geo.Cell], served []geo.Resolution) *forest[geo.Cell] {
	f := plant(c)
	cells := slices.SortedFunc(maps.Keys(c.counts), func(a, b geo.Cell) int {
		return cmp.Or(cmp.Compare(a.Resolution(), b.Resolution()), cmp.Compare(a, b))
	})
	coarseFirst := slices.Sorted(slices.Values(served))
	for _, cell := range cells {
		above := int32(0)
		for _, r := range coarseFirst {
			if node, ok := f.nodes[cell.Parent(r)]; ok && r < cell.Resolution() {
				above = node
			}
		}
		f.place(cell, above, c.counts[cell])
	}
	return f
}

// codesAt reads a column of words.
func codesAt(b data.Batch, column string) func(row int) (string, bool) {
	words := b.Codes(column)
	return func(row int) (string, bool) {
		word := words.At(row)
		return word, word != ""
	}
}

// cellsAt reads a column of cells.
func cellsAt(b data.Batch, column string) func(row int) (geo.Cell, bool) {
	values, valid := b.Cells(column), b.Valid(column)
	return func(row int) (geo.Cell, bool) { return values[row], valid.At(row) }
}

// rowsAmong returns which rows of a frame are among places.
func rowsAmong[K cmp.Ordered](f *analytics.Frame, places map[K]bool, of func(row int) K) []bool {
	rows := make([]bool, f.Len())
	for row := range rows {
		rows[row] = places[of(row)]
	}
	return rows
}
