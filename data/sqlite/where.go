package sqlite

import (
	"strings"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/where"
)

// dialect is how SQLite writes conditions. The limits are well below its own
// on depth (1,000) and arguments (32,766).
var dialect = where.Dialect{
	True: "1", False: "0",
	Quote:    quote,
	Arg:      func(int) string { return "?" },
	Words:    oneOf,
	MaxTerms: 250, MaxArgs: 250,
}

// oneOf writes that a column holds one of the words; a Code column holds their
// numbers.
func oneOf(c data.Column, words []string, add func(any) string) (text string, ok bool) {
	placeholders := make([]string, len(words))
	for i, word := range words {
		placeholders[i] = add(word)
	}
	list := strings.Join(placeholders, ",")
	if c.Type == data.Code {
		list = "SELECT id FROM civgrid_word WHERE word IN (" + list + ")"
	}
	return quote(c.Name) + " IN (" + list + ")", true
}

// inSQL writes a condition that has been checked. It reports false when the
// condition is better left to Go.
func inSQL(c data.Condition, columns []data.Column) (text string, args []value, ok bool) {
	clause, ok := where.Write(c, columns, dialect, 0)
	for _, arg := range clause.Args {
		args = append(args, arg)
	}
	return clause.Text, args, ok
}
