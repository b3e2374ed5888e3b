package analytics

import "slices"

// Without returns the study area without some of its rows, as if they lay outside it;
// f itself where there are none. What is told of places and sites is not kept.
func (f *Frame) Without(rows []bool) *Frame {
	if !slices.Contains(rows, true) {
		return f
	}
	left := &Frame{
		Unit: f.Unit, Key: f.Key, Within: f.Within, Describe: f.Describe,
		Cells: drop(f.Cells, rows), Communities: drop(f.Communities, rows), SquareKm: drop(f.SquareKm, rows),
		Inside: drop(f.Inside, rows), Paths: drop(f.Paths, rows), Edge: drop(f.Edge, rows),
	}
	if f.Tables != nil {
		left.Tables = &NeighbourTables{}
	}
	at, n := make([]int32, len(rows)), int32(0) // the new row of each that is left
	for row, gone := range rows {
		if at[row] = n; !gone {
			n++
		}
	}
	left.Neighbours.Start = []int32{0}
	for row, gone := range rows {
		if gone {
			continue
		}
		for _, near := range f.Neighbours.Of(row) {
			switch {
			case !rows[near]:
				left.Neighbours.Rows = append(left.Neighbours.Rows, at[near])
			case left.Edge != nil:
				left.Edge[at[row]] = true
			}
		}
		left.Neighbours.Start = append(left.Neighbours.Start, int32(len(left.Neighbours.Rows)))
	}
	return left
}

// drop returns the values of the rows that stay, nil of nil.
func drop[T any](values []T, rows []bool) []T {
	if values == nil {
		return nil
	}
	kept := make([]T, 0, len(values))
	for row, v := range values {
		if !rows[row] {
			kept = append(kept, v)
		}
	}
	return kept
}

// Spread lays the columns of a layer of f.Without(rows) over the rows of f, those left
// out having no value in any.
func Spread(columns []Column, rows []bool) []Column {
	if !slices.Contains(rows, true) {
		return columns
	}
	wide := slices.Clone(columns)
	for i, c := range columns {
		w := &wide[i]
		w.Ints, w.Floats, w.Words = lay(c.Ints, rows), lay(c.Floats, rows), lay(c.Words, rows)
		if w.Valid = lay(c.Valid, rows); c.Valid != nil {
			continue
		}
		w.Valid = make([]bool, len(rows))
		for row, gone := range rows {
			w.Valid[row] = !gone
		}
	}
	return wide
}

// lay puts the values of the rows that stayed where they were, nil of nil.
func lay[T any](values []T, rows []bool) []T {
	if values == nil {
		return nil
	}
	wide := make([]T, len(rows))
	for row, gone := range rows {
		if !gone {
			wide[row], values = values[0], values[1:]
		}
	}
	return wide
}
