package agg

import (
	"math/bits"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A rowIndex finds the frame's row of each fact. Facts of another place get
// row n, facts without one row n+1, n being the number of rows.
type rowIndex struct {
	frame *analytics.Frame
	codes map[string]int32 // row by word of the column, after recoding
	slots []slot           // open addressing; a power of two of them
	shift uint
}

type slot struct {
	cell geo.Cell
	row  int32
}

func newRowIndex(frame *analytics.Frame) *rowIndex {
	x := &rowIndex{frame: frame}
	if frame.Unit.IsCells() {
		x.indexCells(frame.Cells)
		return x
	}
	x.codes = map[string]int32{}
	for i, c := range frame.Communities {
		x.codes[c.Code] = int32(i)
	}
	return x
}

func (x *rowIndex) len() int { return x.frame.Len() }

func (x *rowIndex) indexCells(cells []geo.Cell) {
	size := 1 << bits.Len(uint(2*len(cells)+1))
	x.slots = make([]slot, size)
	x.shift = uint(64 - bits.Len(uint(size-1)))
	for i, c := range cells {
		at := x.hash(c)
		for x.slots[at].cell != geo.NoCell {
			at = (at + 1) & (len(x.slots) - 1)
		}
		x.slots[at] = slot{c, int32(i)}
	}
}

// hash spreads cells over the slots by Fibonacci hashing (Knuth 1998, vol. 3,
// section 6.4): the upper bits of a product with 2^64 divided by the golden ratio.
func (x *rowIndex) hash(c geo.Cell) int { return int(uint64(c) * 0x9e3779b97f4a7c15 >> x.shift) }

func (x *rowIndex) rowOfCell(c geo.Cell) int32 {
	for at := x.hash(c); ; at = (at + 1) & (len(x.slots) - 1) {
		switch x.slots[at].cell {
		case c:
			return x.slots[at].row
		case geo.NoCell:
			return int32(x.len())
		}
	}
}

// rowsOf returns the row of each fact of b, in dst where that is large enough.
func (x *rowIndex) rowsOf(dst []int32, b data.Batch) []int32 {
	return x.rowsOfKey(dst, b, x.frame.Key)
}

// rowsOfKey is rowsOf by another key to the same rows.
func (x *rowIndex) rowsOfKey(dst []int32, b data.Batch, key data.Key) []int32 {
	if cap(dst) < b.Len() {
		dst = make([]int32, b.Len())
	}
	dst = dst[:b.Len()]
	switch key := key.(type) {
	case data.ByCell:
		x.byCell(dst, b, key)
	case data.ByCode:
		x.byCode(dst, b, key)
	default:
		panic("BUG: a frame's key is neither cells nor codes")
	}
	return dst
}

// byCell looks each cell up once for a run of equal ones: sorted segments have
// long runs. geo.NoCell must not be looked up: it marks the free slots.
func (x *rowIndex) byCell(dst []int32, b data.Batch, key data.ByCell) {
	cells, valid := b.Cells(key.Column), b.Valid(key.Column)
	nowhere := int32(x.len() + 1)
	last, row := geo.NoCell, nowhere
	for i, c := range cells {
		switch {
		case !valid.At(i) || c == geo.NoCell:
			dst[i] = nowhere
			continue
		case c != last:
			last, row = c, x.rowOfCell(c)
		}
		dst[i] = row
	}
}

// byCode finds the row of each word of the dictionary once. A word that is
// recoded to a community outside the frame is elsewhere; one that is recoded
// to nothing, or missing, is nowhere.
func (x *rowIndex) byCode(dst []int32, b data.Batch, key data.ByCode) {
	codes := b.Codes(key.Column)
	elsewhere, nowhere := int32(x.len()), int32(x.len()+1)
	rows := make([]int32, len(codes.Words))
	for i, word := range codes.Words {
		rows[i] = nowhere
		if key.Recode != nil {
			var ok bool
			if word, ok = key.Recode[word]; !ok {
				continue
			}
		}
		rows[i] = elsewhere
		if row, ok := x.codes[word]; ok {
			rows[i] = row
		}
	}
	valid := codes.Valid()
	for i, at := range codes.Index {
		if valid.At(i) {
			dst[i] = rows[at]
		} else {
			dst[i] = nowhere
		}
	}
}
