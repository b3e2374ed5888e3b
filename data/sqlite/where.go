package sqlite

import (
	"strings"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/where"
)

// maxArgs is the most arguments of a condition, and the most terms: well below
// SQLite's own limits on arguments (32,766) and depth (1,000).
const maxArgs = 250

// dialect is how SQLite writes conditions. words returns the words by id.
func dialect(words func() ([]string, error)) where.Dialect {
	return where.Dialect{
		True: "1", False: "0",
		Quote: quote,
		Arg:   func(int) string { return "?" },
		Words: oneOf,
		Matching: func(c data.Column, match func(string) bool, add func(any) string) (string, bool) {
			all, err := words()
			if err != nil { // the scan will fail for the same reason, and tells
				return "", false
			}
			return oneOfIDs(c, all, match, add)
		},
		MaxTerms: maxArgs, MaxArgs: maxArgs,
	}
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

// oneOfIDs writes that a Code column holds the number of a word of which match
// is true.
func oneOfIDs(c data.Column, words []string, match func(string) bool, add func(any) string) (text string, ok bool) {
	var placeholders []string
	for id, word := range words {
		if id == 0 || !match(word) { // 0 is no word
			continue
		}
		if len(placeholders) == maxArgs {
			return "", false
		}
		placeholders = append(placeholders, add(int64(id)))
	}
	return quote(c.Name) + " IN (" + strings.Join(placeholders, ",") + ")", true
}

// inSQL writes a condition that has been checked, as far as can be. It reports
// false where Go has to look at the rows that meet what is written.
func (s *Store) inSQL(c session, condition data.Condition, columns []data.Column) (text string, args []value, whole bool) {
	d := dialect(func() ([]string, error) { return s.words.all(c) })
	part, whole := where.Part(condition, columns, d)
	clause, _ := where.Write(part, columns, d, 0)
	for _, arg := range clause.Args {
		args = append(args, arg)
	}
	return clause.Text, args, whole
}
