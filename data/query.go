package data

import (
	"iter"
	"slices"
)

// Batches is a stream of batches of one layout. It ends at the first error.
type Batches = iter.Seq2[Batch, error]

// A Query asks for rows of a dataset.
type Query struct {
	Dataset Dataset
	// Columns are the columns wanted, in this order. None means all.
	Columns []string
	// Where is the condition rows must meet. Nil means every row.
	Where Condition
	// Ordered asks for the rows by source and then by id, byte by byte, so that equal
	// content gives equal answers whatever the store.
	Ordered bool
}

// Needs returns the columns a store must read to answer q from a dataset with
// these columns: those wanted and those the condition reads.
func (q Query) Needs(columns []Column) ([]Column, error) {
	if err := CheckCondition(q.Where, columns); err != nil {
		return nil, err
	}
	if len(q.Columns) == 0 {
		return columns, nil
	}
	names := slices.Clone(q.Columns)
	for _, name := range ColumnsOf(q.Where) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return Pick(columns, names...)
}

// Filter reduces a batch that holds at least the columns of q to the rows and
// columns q asks for. Where nothing has to be left out memory is shared.
func (q Query) Filter(b Batch) (Batch, error) {
	whole := b
	if len(q.Columns) > 0 {
		var err error
		if b, err = b.Project(q.Columns...); err != nil {
			return Batch{}, err
		}
	}
	if q.Where == nil {
		return b, nil
	}
	var rows []int32
	for i, ok := range Select(nil, whole, q.Where) {
		if ok {
			rows = append(rows, int32(i))
		}
	}
	if len(rows) == b.Len() {
		return b, nil
	}
	return b.Take(rows), nil
}
