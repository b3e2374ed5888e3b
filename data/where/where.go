// Package where writes conditions as SQL, for the stores that are databases.
//
// It knows no database: a [Dialect] says how one of them writes names,
// arguments and words. It runs nothing, and a condition it does not write is
// decided by [data.Query.Filter].
//
// # Conventions
//
// Constants become arguments, never text: times as microseconds since 1970 UTC,
// ints, and cells as their bits, all three as int64; float64 for floats. Words
// become what the dialect makes of them. Columns must hold values alike, and
// NULL for a missing one.
//
// # Design
//
// Every term is true or false and never null, because it asks first whether
// there is a value. That makes SQL's three-valued logic two-valued, as
// [data.Condition] wants it, and its NOT, AND and OR those of Not, All and Any.
//
// Cells are compared as signed numbers, as they are stored, and in Go as
// unsigned ones. The order is the same, since the topmost bit of a cell is not
// set; a constant in which it is set is no cell and is left to Go. NaN compares
// with nothing in Go and otherwise in some databases, hence it is written as
// false; columns hold finite numbers only.
package where

import (
	"math"
	"strings"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A Dialect is how a database writes what conditions need. All fields must be
// set. It is safe for concurrent use if its functions are.
type Dialect struct {
	// True and False are the constants.
	True, False string
	// Quote writes the name of a column such that nothing in it is more than a
	// name.
	Quote func(name string) string
	// Arg writes the placeholder of the nth argument, from 1.
	Arg func(n int) string
	// Words writes that c, a Text or Code column known to have a value, holds
	// one of the words, of which there is at least one. The text is true or
	// false, and may stand beside AND without brackets. add adds an argument
	// and returns its placeholder; placeholders are used once each, in the
	// order in which they were added. Words reports false where Go should
	// decide.
	Words func(c data.Column, words []string, add func(any) string) (text string, ok bool)
	// Matching writes that c, a Code column known to have a value, holds a word
	// of which match is true, by trying all words there are. Otherwise it is as
	// Words.
	Matching func(c data.Column, match func(word string) bool, add func(any) string) (text string, ok bool)
	// MaxTerms is the most terms a condition may have, those that hold other
	// terms included, and so also its greatest depth. MaxArgs is the most
	// arguments of its own. A condition with more of either is left to Go.
	MaxTerms, MaxArgs int
}

// A Clause is a condition in SQL. Text may stand beside AND without brackets.
// Args are its arguments in the order of their placeholders: int64, float64 and
// what [Dialect.Words] adds. They belong to the caller.
type Clause struct {
	Text string
	Args []any
}

// Write writes c, which must have been checked against columns. before is the
// number of arguments that stand before its own in the statement, so that their
// numbers go on from there. A nil condition is written as true. ok is false,
// and the clause empty, where the condition is better decided in Go, by
// [data.Query.Filter].
func Write(c data.Condition, columns []data.Column, d Dialect, before int) (clause Clause, ok bool) {
	w := writer{dialect: d, columns: columns, before: before}
	w.write(c)
	if w.left || len(w.args) > d.MaxArgs {
		return Clause{}, false
	}
	return Clause{Text: w.text.String(), Args: w.args}, true
}

// Part returns what of c can be written: c itself, which is whole, or else as many
// parts of an [data.All] as can be. Rows that meet c meet the part; where it is not
// whole, [data.Query.Filter] has to look at those that do.
func Part(c data.Condition, columns []data.Column, d Dialect) (part data.Condition, whole bool) {
	if _, ok := Write(c, columns, d, 0); ok {
		return c, true
	}
	all, ok := c.(data.All)
	if !ok {
		return nil, false
	}
	var written data.All
	for _, one := range all {
		one, _ := Part(one, columns, d)
		if one == nil {
			continue
		}
		more := append(written[:len(written):len(written)], one)
		if _, ok := Write(more, columns, d, 0); ok {
			written = more
		}
	}
	return written, false
}

type writer struct {
	dialect Dialect
	columns []data.Column
	before  int
	text    strings.Builder
	args    []any
	terms   int
	left    bool // to Go: nothing that is still written matters
}

func (w *writer) write(c data.Condition) {
	w.terms++
	if w.left = w.left || w.terms > w.dialect.MaxTerms || len(w.args) > w.dialect.MaxArgs; w.left {
		return
	}
	switch c := c.(type) {
	case nil:
		w.add(w.dialect.True)
	case data.All:
		w.join(w.dialect.True, " AND ", c)
	case data.Any:
		w.join(w.dialect.False, " OR ", c)
	case data.Not:
		w.add("NOT (")
		w.write(c.Condition)
		w.add(")")
	case data.Missing:
		w.add(w.dialect.Quote(c.Column), " IS NULL")
	case data.In:
		w.in(c.Column, c.Words)
	case data.InAnyCase:
		w.matching(c.Column, c.Matcher())
	case data.Like:
		w.matching(c.Column, c.Matcher())
	case data.Compare:
		w.compare(c)
	case data.CompareColumns:
		l, r := w.dialect.Quote(c.Left), w.dialect.Quote(c.Right)
		w.add("(", l, " IS NOT NULL AND ", r, " IS NOT NULL AND ", l, c.Op.String(), r, ")")
	default:
		w.left = true
	}
}

// join writes conditions in brackets, or what holds of none.
func (w *writer) join(none, between string, parts []data.Condition) {
	if len(parts) == 0 {
		w.add(none)
		return
	}
	w.add("(")
	for i, part := range parts {
		if i > 0 {
			w.add(between)
		}
		if w.write(part); w.left {
			return
		}
	}
	w.add(")")
}

// in writes that a column holds one of the words.
func (w *writer) in(column string, words []string) {
	if len(words) == 0 {
		w.add(w.dialect.False)
		return
	}
	picked, err := data.Pick(w.columns, column)
	if err != nil { // not checked
		w.left = true
		return
	}
	text, ok := w.dialect.Words(picked[0], words, w.arg)
	w.left = !ok
	w.valued(w.dialect.Quote(column), text)
}

// matching writes that a Code column holds a word of which match is true. Texts
// have no list of words, and databases have ideas of their own about case and
// characters, so these are left to Go.
func (w *writer) matching(column string, match func(string) bool) {
	picked, err := data.Pick(w.columns, column)
	if err != nil || picked[0].Type != data.Code {
		w.left = true
		return
	}
	text, ok := w.dialect.Matching(picked[0], match, w.arg)
	w.left = !ok
	w.valued(w.dialect.Quote(column), text)
}

func (w *writer) compare(c data.Compare) {
	switch v := c.Value.(type) {
	case string:
		w.in(c.Column, []string{v})
	case time.Time:
		w.term(c, v.UnixMicro())
	case int64:
		w.term(c, v)
	case float64:
		if math.IsNaN(v) {
			w.add(w.dialect.False)
			return
		}
		w.term(c, v)
	case geo.Cell:
		if v > math.MaxInt64 { // no cell, and negative where cells are signed
			w.left = true
			return
		}
		w.term(c, int64(v))
	default:
		w.left = true
	}
}

// term writes that a column compares with a constant.
func (w *writer) term(c data.Compare, v any) {
	name := w.dialect.Quote(c.Column)
	w.valued(name, name+c.Op.String()+w.arg(v))
}

// valued writes that a column has a value of which text is true.
func (w *writer) valued(name, text string) {
	w.add("(", name, " IS NOT NULL AND ", text, ")")
}

// arg adds an argument and returns its placeholder.
func (w *writer) arg(v any) string {
	w.args = append(w.args, v)
	return w.dialect.Arg(w.before + len(w.args))
}

func (w *writer) add(parts ...string) {
	for _, part := range parts {
		w.text.WriteString(part)
	}
}
