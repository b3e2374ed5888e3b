package segment

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// seqColumn is the hidden last column of every table: the number of the row in
// its store.
const seqColumn = "seq"

// textLimit is the most text, in bytes, that one table is filled with: well
// below the 2 GiB that int32 offsets reach, and little enough to be held in
// memory while the table is built.
const textLimit = 256 << 20

// A ref names one row of a chunk by its batch and its place there.
type ref struct{ source, row uint32 }

// A chunk is rows on their way to become one table: batches as they came and
// the order in which their rows are to stand.
type chunk struct {
	columns []data.Column // with seq
	sources []data.Batch
	order   []ref
	text    int // bytes
}

// A collector cuts a stream of batches into chunks.
type collector struct {
	columns []data.Column // with seq
	rows    int           // the most rows of one chunk
	emit    func(*chunk) error
	filling *chunk
}

// add takes all rows of b but the dead ones.
func (c *collector) add(b data.Batch, dead func(row int) bool) error {
	if !slices.EqualFunc(b.Columns(), c.columns, sameLayout) {
		return fmt.Errorf("rows have the columns %s, want %s", names(b.Columns()), names(c.columns))
	}
	text := textOf(b)
	if c.filling != nil && c.filling.text+text > textLimit {
		if err := c.flush(); err != nil {
			return err
		}
	}
	for row := 0; row < b.Len(); {
		if c.filling == nil {
			c.filling = &chunk{columns: c.columns}
		}
		row = c.filling.fill(b, row, c.rows, dead)
		if c.filling.len() == c.rows {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	if c.filling != nil {
		c.filling.text += text
	}
	return nil
}

// flush emits what is left.
func (c *collector) flush() error {
	full := c.filling
	c.filling = nil
	if full == nil || full.len() == 0 {
		return nil
	}
	return c.emit(full)
}

func sameLayout(a, b data.Column) bool { return a.Name == b.Name && a.Type == b.Type }

func names(columns []data.Column) (list []string) {
	for _, c := range columns {
		list = append(list, c.Name)
	}
	return list
}

// textOf returns how many bytes the texts of b have.
func textOf(b data.Batch) int {
	size := 0
	for i, c := range b.Columns() {
		if c.Type == data.Text {
			texts := b.Record().Column(i).(*array.String)
			size += len(texts.ValueBytes())
		}
	}
	return size
}

func (c *chunk) len() int { return len(c.order) }

// fill adds rows of b from row on, until there are limit rows or b ends, and
// returns the first row it did not look at.
func (c *chunk) fill(b data.Batch, row, limit int, dead func(row int) bool) int {
	source := uint32(len(c.sources))
	c.sources = append(c.sources, b)
	for ; row < b.Len() && len(c.order) < limit; row++ {
		if dead == nil || !dead(row) {
			c.order = append(c.order, ref{source, uint32(row)})
		}
	}
	return row
}

// finestCell returns the index of the column of the finest cells, the last one
// of type Cell, or -1.
func finestCell(columns []data.Column) int {
	for i := len(columns) - 1; i >= 0; i-- {
		if columns[i].Type == data.Cell {
			return i
		}
	}
	return -1
}

// sortEntry is a row with what it is sorted by.
type sortEntry struct {
	cell      geo.Cell
	time, seq int64
	ref       ref
}

// sort puts the rows in the order of the finest cell, then the event time, then
// seq. Rows without a cell come last, rows without a time first in their cell.
func (c *chunk) sort(d data.Dataset) {
	entries := make([]sortEntry, len(c.order))
	cells, times, seqs := c.keys(d)
	for i, r := range c.order {
		e := sortEntry{cell: math.MaxUint64, time: math.MinInt64, ref: r, seq: seqs[r.source][r.row]}
		if cells != nil && cells[r.source].valid.At(int(r.row)) {
			e.cell = cells[r.source].values[r.row]
		}
		if times != nil && times[r.source].valid.At(int(r.row)) {
			e.time = times[r.source].values[r.row]
		}
		entries[i] = e
	}
	slices.SortFunc(entries, func(a, b sortEntry) int {
		switch {
		case a.cell != b.cell:
			return cmp.Compare(a.cell, b.cell)
		case a.time != b.time:
			return cmp.Compare(a.time, b.time)
		}
		return cmp.Compare(a.seq, b.seq)
	})
	for i, e := range entries {
		c.order[i] = e.ref
	}
}

// column is one column of one batch, ready for random access.
type column[T any] struct {
	values []T
	valid  data.Validity
}

// keys returns the columns rows are sorted by, batch by batch; nil for what
// the dataset does not have.
func (c *chunk) keys(d data.Dataset) (cells []column[geo.Cell], times []column[int64], seqs [][]int64) {
	cell, time := finestCell(c.columns), data.EventTime(d)
	for _, b := range c.sources {
		if cell >= 0 {
			name := c.columns[cell].Name
			cells = append(cells, column[geo.Cell]{b.Cells(name), b.Valid(name)})
		}
		if time != "" {
			times = append(times, column[int64]{b.Ints(time), b.Valid(time)})
		}
		seqs = append(seqs, b.Ints(seqColumn))
	}
	return cells, times, seqs
}
