package encode

import (
	"io"
	"iter"
)

// Stream writes rows that come table by table, as one file: one header, the rows in
// the order in which they come, one footer. head is a table without rows that says
// what is known of all of them: name, title, columns, view, and whether geometries are
// points. Every table has the columns of head, and is not looked at any more once the
// next is asked for. Of options, Rows and Page must be nil. Nothing is held beyond a
// table, so memory does not grow with the number of rows. The first error ends it.
//
// A file differs from that of [WriteTable] of the same rows in what stands before the
// rows and takes all of them to know: FlatGeobuf has neither index nor number of
// features nor extent, JSON-FG does not say the dimension of all geometries, and a
// group of Parquet ends with its table.
func Stream(w io.Writer, format string, head *Table, tables iter.Seq2[*Table, error], options Options) error {
	return write(w, format, &input{Table: head, options: options, tables: tables, streamed: true})
}

// An input is what a writer is given: what is known of all rows, which is all there
// is of them where they are not streamed, and the rows as they come.
type input struct {
	*Table
	options  Options
	rows     selection // of the table; of none where rows are streamed
	tables   iter.Seq2[*Table, error]
	streamed bool
}

// each hands on every row with its table and its place, counted from 0. It ends at the
// first error.
func (in *input) each(row func(i int, t *Table, row int) error) error {
	place := 0
	return in.eachTable(func(t *Table, rows selection) error {
		for _, at := range rows.all() {
			if err := row(place, t, at); err != nil {
				return err
			}
			place++
		}
		return nil
	})
}

// eachTable hands on every table with its rows. It ends at the first error.
func (in *input) eachTable(take func(t *Table, rows selection) error) error {
	for t, err := range in.tables {
		if err != nil {
			return err
		}
		rows := in.rows
		if in.streamed {
			rows = selection{n: t.Len()}
		}
		if err := take(t, rows); err != nil {
			return err
		}
	}
	return nil
}

// A selection is the rows to write, in order.
type selection struct {
	picked []int // nil for all
	n      int
}

// rowsOf returns the rows to write.
func (o Options) rowsOf(t *Table) selection {
	if o.Rows != nil {
		return selection{o.Rows, len(o.Rows)}
	}
	return selection{nil, t.Len()}
}

// at returns the row that is written as the i-th, counted from 0.
func (s selection) at(i int) int {
	if s.picked != nil {
		return s.picked[i]
	}
	return i
}

// all yields the places of rows, counted from 0, and the rows.
func (s selection) all() iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for i := range s.n {
			if !yield(i, s.at(i)) {
				return
			}
		}
	}
}
