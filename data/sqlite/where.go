package sqlite

import (
	"math"
	"strings"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// maxTerms is the most terms a condition may have to be written in SQL, well
// below SQLite's limits on depth (1,000) and arguments (32,766). Larger ones
// are decided by [data.Query.Filter].
const maxTerms = 250

// where writes a condition in SQL. Every term is true or false, never null, so
// that NOT, AND and OR are those of data.Condition. It reports false when the
// condition is better left to Go. The condition must have been checked.
func where(c data.Condition, columns []data.Column) (text string, args []value, ok bool) {
	w := condition{columns: columns}
	w.write(c)
	return w.text.String(), w.args, w.terms <= maxTerms && len(w.args) <= maxTerms && !w.foreign
}

type condition struct {
	columns []data.Column
	text    strings.Builder
	args    []value
	terms   int
	foreign bool // holds something that has no SQL form
}

func (w *condition) write(c data.Condition) {
	w.terms++
	if w.terms > maxTerms || len(w.args) > maxTerms {
		return // too long in any case
	}
	switch c := c.(type) {
	case nil:
		w.text.WriteString("1")
	case data.All:
		w.join("1", " AND ", c)
	case data.Any:
		w.join("0", " OR ", c)
	case data.Not:
		w.text.WriteString("NOT (")
		w.write(c.Condition)
		w.text.WriteString(")")
	case data.Missing:
		w.text.WriteString(quote(c.Column) + " IS NULL")
	case data.In:
		w.in(c.Column, c.Words)
	case data.Compare:
		w.compare(c)
	case data.CompareColumns:
		l, r := quote(c.Left), quote(c.Right)
		w.text.WriteString("(" + l + " IS NOT NULL AND " + r + " IS NOT NULL AND " + l + c.Op.String() + r + ")")
	default:
		w.foreign = true
	}
}

// join writes conditions in brackets, or what holds of none.
func (w *condition) join(none, between string, parts []data.Condition) {
	if len(parts) == 0 {
		w.text.WriteString(none)
		return
	}
	w.text.WriteString("(")
	for i, part := range parts {
		if i > 0 {
			w.text.WriteString(between)
		}
		w.write(part)
	}
	w.text.WriteString(")")
}

// in writes that a column holds one of the words.
func (w *condition) in(column string, words []string) {
	if len(words) == 0 {
		w.text.WriteString("0")
		return
	}
	list := "?" + strings.Repeat(",?", len(words)-1)
	for _, word := range words {
		w.args = append(w.args, word)
	}
	if picked, err := data.Pick(w.columns, column); err == nil && picked[0].Type == data.Code {
		list = "SELECT id FROM civgrid_word WHERE word IN (" + list + ")"
	}
	w.text.WriteString("(" + quote(column) + " IS NOT NULL AND " + quote(column) + " IN (" + list + "))")
}

func (w *condition) compare(c data.Compare) {
	name := quote(c.Column)
	term := func(v value) {
		w.args = append(w.args, v)
		w.text.WriteString("(" + name + " IS NOT NULL AND " + name + c.Op.String() + "?)")
	}
	switch v := c.Value.(type) {
	case string:
		w.in(c.Column, []string{v})
	case time.Time:
		term(v.UnixMicro())
	case int64:
		term(v)
	case float64:
		if math.IsNaN(v) { // compares with nothing, and would become null
			w.text.WriteString("0")
			return
		}
		term(v)
	case geo.Cell:
		if v > math.MaxInt64 { // no cell: cells are compared as signed numbers
			w.foreign = true
			return
		}
		term(int64(v))
	default:
		w.foreign = true
	}
}
