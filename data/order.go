package data

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Pieces are the rows that answer a query at one moment, in parts that can be read more
// than once and in any order.
type Pieces interface {
	// Len returns how many pieces there are.
	Len() int
	// Keys returns a batch with "source" and "id", and the rows of it that are asked
	// for. It is called for each piece many times, and the batch stays in use.
	Keys(piece int) (keys Batch, rows []int32, err error)
	// Take returns the columns asked for of some rows, counted as those of Keys are.
	Take(piece int, rows []int32) (Batch, error)
}

const (
	// windowRows is how many rows are put in order in one reading of the keys: it
	// bounds memory, of which a row takes 16 bytes.
	windowRows = 1 << 18
	// orderedRows is the number of rows of an ordered batch that is not the last of
	// its window.
	orderedRows = 4096
)

// InOrder returns the rows of pieces by source and then by id, byte by byte, as a store
// answers a query that is [Query.Ordered]. It reads the keys of all rows once for each
// quarter of a million of them, and so needs no memory that grows with their number.
func InOrder(ctx context.Context, p Pieces) Batches { return inOrder(ctx, p, windowRows) }

func inOrder(ctx context.Context, p Pieces, window int) Batches {
	return func(yield func(Batch, error) bool) {
		o := ordering{pieces: p, keys: make([]rowKeys, p.Len())}
		for more := true; more; {
			spots, err := o.next(ctx, window)
			if err != nil {
				yield(Batch{}, err)
				return
			}
			more = len(spots) == window
			for part := range slices.Chunk(spots, orderedRows) {
				b, err := o.gather(part)
				if err = cmp.Or(err, ctx.Err()); !yield(b, err) || err != nil {
					return
				}
			}
		}
	}
}

// A spot is a row of a piece.
type spot struct{ piece, row int32 }

// rowKeys tell the keys of the rows of a piece.
type rowKeys struct {
	sources Codes
	ids     Texts
}

// An ordering walks over spots in order.
type ordering struct {
	pieces Pieces
	keys   []rowKeys
	last   *spot // the last there was, nil before the first
	spots  []spot
}

func (o *ordering) compare(a, b spot) int {
	x, y := &o.keys[a.piece], &o.keys[b.piece]
	if by := strings.Compare(x.sources.At(int(a.row)), y.sources.At(int(b.row))); by != 0 {
		return by
	}
	return strings.Compare(x.ids.At(int(a.row)), y.ids.At(int(b.row)))
}

// next returns the spots that follow, in order, as many as window; fewer at the end.
func (o *ordering) next(ctx context.Context, window int) ([]spot, error) {
	o.spots = o.spots[:0]
	var bound *spot // no spot beyond it is among them
	for piece := range o.pieces.Len() {
		b, rows, err := o.pieces.Keys(piece)
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return nil, err
		}
		o.keys[piece] = rowKeys{b.Codes("source"), b.Texts("id")}
		for _, row := range rows {
			at := spot{int32(piece), row}
			if o.last != nil && o.compare(at, *o.last) <= 0 || bound != nil && o.compare(at, *bound) >= 0 {
				continue
			}
			if o.spots = append(o.spots, at); len(o.spots) == 2*window {
				o.cut(window)
				last := o.spots[window-1]
				bound = &last
			}
		}
	}
	o.cut(window)
	if n := len(o.spots); n > 0 {
		last := o.spots[n-1]
		o.last = &last
	}
	return o.spots, nil
}

// cut brings the spots into order and drops those beyond window.
func (o *ordering) cut(window int) {
	slices.SortFunc(o.spots, o.compare)
	o.spots = o.spots[:min(window, len(o.spots))]
}

// gather returns the rows of spots, in their order.
func (o *ordering) gather(spots []spot) (Batch, error) {
	byPiece := make([]int32, len(spots)) // the spots, those of a piece beside each other
	for i := range byPiece {
		byPiece[i] = int32(i)
	}
	slices.SortStableFunc(byPiece, func(a, b int32) int { return cmp.Compare(spots[a].piece, spots[b].piece) })
	var parts []Batch
	order := make([]int32, len(spots)) // where the row of each spot is in the parts
	for from := 0; from < len(byPiece); {
		piece := spots[byPiece[from]].piece
		var rows []int32
		for ; from < len(byPiece) && spots[byPiece[from]].piece == piece; from++ {
			order[byPiece[from]] = int32(from)
			rows = append(rows, spots[byPiece[from]].row)
		}
		b, err := o.pieces.Take(int(piece), rows)
		if err != nil {
			return Batch{}, err
		}
		parts = append(parts, b)
	}
	whole, err := join(parts)
	if err != nil || slices.IsSorted(order) {
		return whole, err
	}
	return whole.Take(order), nil
}

// join returns the rows of batches of one layout, one at least, behind each other.
func join(parts []Batch) (Batch, error) {
	if len(parts) == 1 {
		return parts[0], nil
	}
	columns, rows := parts[0].columns, 0
	for _, b := range parts {
		rows += b.Len()
	}
	arrays, column := make([]arrow.Array, len(columns)), make([]arrow.Array, len(parts))
	for i, c := range columns {
		if c.Type == Code {
			arrays[i] = joinCodes(parts, c.Name)
			continue
		}
		for j, b := range parts {
			column[j] = b.record.Column(i)
		}
		var err error
		if arrays[i], err = array.Concatenate(column, memory.DefaultAllocator); err != nil {
			return Batch{}, err
		}
	}
	return newBatch(columns, array.NewRecord(ArrowSchema(columns), arrays, int64(rows))), nil
}

// joinCodes joins a Code column, whose words differ from part to part. Arrow's own
// Concatenate loses words before missing ones.
func joinCodes(parts []Batch, name string) arrow.Array {
	to, words, places := array.NewInt32Builder(memory.DefaultAllocator), array.NewStringBuilder(memory.DefaultAllocator), map[string]int32{}
	for _, b := range parts {
		codes := b.Codes(name)
		moved := make([]int32, len(codes.Words))
		for i, word := range codes.Words {
			place, known := places[word]
			if !known {
				place = int32(words.Len())
				places[word] = place
				words.Append(word)
			}
			moved[i] = place
		}
		for row, code := range codes.Index {
			if codes.valid.At(row) {
				to.Append(moved[code])
			} else {
				to.AppendNull()
			}
		}
	}
	return array.NewDictionaryArray(Code.arrow(), to.NewArray(), words.NewArray())
}
