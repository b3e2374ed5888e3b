package segment

import (
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"sort"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

var (
	// errDamaged says that bytes on disk are not those that were written.
	errDamaged = errors.New("damaged")
	// errRetired says that a table's file has been unmapped since.
	errRetired = errors.New("retired")
)

// checksum is CRC-32C, for which processors have an instruction.
func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// A checksumWriter sums up what is written to it.
type checksumWriter struct{ n uint32 }

func (w *checksumWriter) Write(b []byte) (int, error) {
	w.n = crc32.Update(w.n, crc32.MakeTable(crc32.Castagnoli), b)
	return len(b), nil
}

// A table is rows as columns, sorted: a mapped segment file, or a delta in
// memory. It is immutable and safe for concurrent use.
type table struct {
	columns []data.Column // those of the dataset, then seq
	rows    int
	stored  []stored // one for each column
	runs    runs
	mapping *mapping // nil in memory
	number  uint64   // names the file; 0 in memory
	sum     uint32   // checksum of the file's header
	bytes   int64    // size
}

// stored is one column of a table.
type stored struct {
	vector vector
	zones  []zone
	check  *check // nil in memory
}

// runs says where each finest cell begins: the rows of cells[i] are first[i] to
// first[i+1]. Rows without a cell come after the last run.
type runs struct {
	cells []uint64
	first []uint32 // one more than there are cells
	check *check   // nil in memory
}

// A check compares bytes with their checksum when they are first used.
type check struct {
	once  sync.Once
	bytes []byte
	sum   uint32
	err   error
}

func (c *check) verify() error {
	if c == nil {
		return nil
	}
	c.once.Do(func() {
		if checksum(c.bytes) != c.sum {
			c.err = fmt.Errorf("checksum of %d bytes: %w", len(c.bytes), errDamaged)
		}
	})
	return c.err
}

// verify checks the given columns.
func (t *table) verify(indexes []int) error {
	for _, i := range indexes {
		if err := t.stored[i].check.verify(); err != nil {
			return fmt.Errorf("segment %d, column %s: %w", t.number, t.columns[i].Name, err)
		}
	}
	return nil
}

// lend makes sure that the table's memory stays where it is for good, because
// somebody outside is about to see it.
func (t *table) lend() error {
	if t.mapping != nil && !t.mapping.lend() {
		return errRetired
	}
	return nil
}

// retire gives the table's memory back where nobody has seen it.
func (t *table) retire() error {
	if t.mapping == nil {
		return nil
	}
	return t.mapping.retire()
}

// newTable makes a sorted chunk a table in memory.
func newTable(c *chunk) *table {
	t := &table{columns: c.columns, rows: c.len(), stored: make([]stored, len(c.columns))}
	finest := finestCell(c.columns)
	for i := range c.columns {
		v := c.gather(i)
		t.stored[i] = stored{vector: v, zones: v.zones()}
		if i == finest {
			t.runs = runsOf(v)
		}
		for _, part := range v.parts {
			t.bytes += int64(len(part))
		}
	}
	return t
}

// runsOf finds the runs of a sorted column of cells.
func runsOf(v vector) runs {
	var r runs
	cells := asSlice[uint64](v.parts[values])[:v.rows-v.nulls]
	for i, c := range cells {
		if i == 0 || c != cells[i-1] {
			r.cells = append(r.cells, c)
			r.first = append(r.first, uint32(i))
		}
	}
	r.first = append(r.first, uint32(len(cells)))
	return r
}

// find returns the rows of a cell.
func (r runs) find(cell geo.Cell) (lo, hi int) {
	i := sort.Search(len(r.cells), func(i int) bool { return r.cells[i] >= uint64(cell) })
	if i == len(r.cells) || r.cells[i] != uint64(cell) {
		return 0, 0
	}
	return int(r.first[i]), int(r.first[i+1])
}

// seqs returns the store's numbers of the rows, verified.
func (t *table) seqs() ([]int64, error) {
	last := len(t.columns) - 1
	if err := t.verify([]int{last}); err != nil {
		return nil, err
	}
	return asSlice[int64](t.stored[last].vector.parts[values]), nil
}

// seqZones returns the zones of the seq column.
func (t *table) seqZones() []zone { return t.stored[len(t.columns)-1].zones }

// seqRange returns the keys of the least and the greatest seq.
func (t *table) seqRange() (low, high uint64) {
	low = math.MaxUint64
	for _, z := range t.seqZones() {
		low, high = min(low, z.low), max(high, z.high)
	}
	return low, high
}

// A projection is a choice of a table's columns.
type projection struct {
	columns []data.Column
	indexes []int
	schema  *arrow.Schema
}

// project finds the chosen columns, which exist, among all.
func project(all, chosen []data.Column) projection {
	p := projection{columns: chosen, schema: data.ArrowSchema(chosen)}
	for _, c := range chosen {
		for i := range all {
			if all[i].Name == c.Name {
				p.indexes = append(p.indexes, i)
			}
		}
	}
	return p
}

// batch returns rows lo to hi of the chosen columns over the table's memory.
func (t *table) batch(p projection, lo, hi int) (data.Batch, error) {
	arrays := make([]arrow.Array, len(p.indexes))
	for i, at := range p.indexes {
		arrays[i] = t.stored[at].vector.array(p.schema.Field(i).Type, lo, hi)
	}
	return data.NewBatch(p.columns, array.NewRecord(p.schema, arrays, int64(hi-lo)))
}

// take returns the given rows of the chosen columns in memory of their own.
func (t *table) take(p projection, rows []int32) (data.Batch, error) {
	arrays := make([]arrow.Array, len(p.indexes))
	for i, at := range p.indexes {
		v := t.stored[at].vector.take(rows)
		arrays[i] = v.array(p.schema.Field(i).Type, 0, len(rows))
	}
	return data.NewBatch(p.columns, array.NewRecord(p.schema, arrays, int64(len(rows))))
}
