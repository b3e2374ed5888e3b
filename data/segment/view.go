package segment

import (
	"slices"

	"github.com/civgrid/civgrid/data"
)

// A view is a dataset as of a mark. It is immutable: scans read one view from
// beginning to end while the next is made.
type view struct {
	columns []data.Column // of the dataset
	all     []data.Column // with seq
	span    span
	layers  []layer // oldest first
}

// A span says which changes of a store are held. The zero span is none.
type span struct {
	mark    int64  // all up to it
	reach   int64  // and none above it
	lineage string // of reach
}

// A layer is a table and the rows of it that later layers replaced.
type layer struct {
	table *table
	dead  bitmap // nil when all are alive
	gone  int    // number of dead rows
	masks bool   // whether it replaced rows of earlier layers
}

// alive returns the number of rows that count.
func (l layer) alive() int { return l.table.rows - l.gone }

// mapped reports whether the layer is a file.
func (l layer) mapped() bool { return l.table.mapping != nil }

func newView(columns []data.Column) *view {
	seq := data.Column{Name: seqColumn, Type: data.Int, Required: true}
	return &view{columns: columns, all: append(slices.Clone(columns), seq)}
}

// has reports whether a table is part of the view.
func (v *view) has(t *table) bool {
	return slices.ContainsFunc(v.layers, func(l layer) bool { return l.table == t })
}

// tables returns those of the view.
func (v *view) tables() []*table {
	tables := make([]*table, len(v.layers))
	for i, l := range v.layers {
		tables[i] = l.table
	}
	return tables
}

// with returns the view after the tables, which have no row in common, replaced
// and added their rows.
func (v *view) with(span span, tables ...*table) (*view, error) {
	next := &view{columns: v.columns, all: v.all, span: span, layers: slices.Clone(v.layers)}
	for _, t := range tables {
		hit, err := mask(next.layers[:len(v.layers)], t)
		if err != nil {
			return nil, err
		}
		next.layers = append(next.layers, layer{table: t, masks: hit})
	}
	return next, nil
}

// mask marks rows of the layers dead whose seq is in t and reports whether
// there were any.
func mask(layers []layer, t *table) (hit bool, err error) {
	var set *seqSet
	low, high := t.seqRange()
	for i, l := range layers {
		if lowest, highest := l.table.seqRange(); highest < low || lowest > high {
			continue
		}
		if set == nil {
			seqs, err := t.seqs()
			if err != nil {
				return false, err
			}
			set = newSeqSet(seqs, low, high)
		}
		if layers[i], err = l.without(set); err != nil {
			return false, err
		}
		hit = hit || layers[i].gone > l.gone
	}
	return hit, nil
}

// without returns the layer with the rows of the set dead.
func (l layer) without(set *seqSet) (layer, error) {
	seqs, err := l.table.seqs()
	if err != nil {
		return layer{}, err
	}
	var dead bitmap
	for block, z := range l.table.seqZones() {
		if z.high < set.low || z.low > set.high {
			continue
		}
		for i := block * blockRows; i < min((block+1)*blockRows, len(seqs)); i++ {
			if !set.has(seqs[i]) || l.dead.has(i) {
				continue
			}
			if dead == nil {
				dead = l.dead.clone(l.table.rows)
			}
			dead.add(i)
			l.gone++
		}
	}
	if dead != nil {
		l.dead = dead
	}
	return l, nil
}

// feed gives the rows that are alive to a collector.
func (l layer) feed(c *collector) error {
	p := project(c.columns, c.columns)
	if err := l.table.verify(p.indexes); err != nil {
		return err
	}
	for lo := 0; lo < l.table.rows; lo += blockRows {
		b, err := l.table.batch(p, lo, min(lo+blockRows, l.table.rows))
		if err != nil {
			return err
		}
		if err := c.add(b, func(row int) bool { return l.dead.has(lo + row) }); err != nil {
			return err
		}
	}
	return nil
}

// delta returns how many rows are in memory only.
func (v *view) delta() (rows int) {
	for _, l := range v.layers {
		if !l.mapped() {
			rows += l.alive()
		}
	}
	return rows
}

// A bitmap is a set of row numbers. Nil is empty.
type bitmap []uint64

func (b bitmap) has(i int) bool { return b != nil && b[i>>6]>>(i&63)&1 != 0 }

func (b bitmap) add(i int) { b[i>>6] |= 1 << (i & 63) }

// clone returns a copy with room for so many rows.
func (b bitmap) clone(rows int) bitmap {
	c := make(bitmap, (rows+63)/64)
	copy(c, b)
	return c
}

// A seqSet is a set of seqs. Bounds are keys in the sense of sortKey.
type seqSet struct {
	low, high uint64
	bits      bitmap // of key minus low
	sparse    map[int64]bool
}

// newSeqSet makes a set: as bits, unless the seqs lie so far apart that a map
// is smaller.
func newSeqSet(seqs []int64, low, high uint64) *seqSet {
	const bitsPerSeq = 256
	s := &seqSet{low: low, high: high}
	if span := high - low; span/bitsPerSeq > uint64(len(seqs)) {
		s.sparse = make(map[int64]bool, len(seqs))
		for _, seq := range seqs {
			s.sparse[seq] = true
		}
		return s
	}
	s.bits = bitmap(nil).clone(int(high-low) + 1)
	for _, seq := range seqs {
		s.bits.add(int(seqKey(seq) - low))
	}
	return s
}

func (s *seqSet) has(seq int64) bool {
	key := seqKey(seq)
	if key < s.low || key > s.high {
		return false
	}
	if s.sparse != nil {
		return s.sparse[seq]
	}
	return s.bits.has(int(key - s.low))
}

func seqKey(seq int64) uint64 { return sortKey(data.Int, uint64(seq)) }
