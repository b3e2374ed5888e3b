package where_test

import (
	"fmt"
	"strconv"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/where"
)

func ExampleWrite() {
	postgres := where.Dialect{
		True: "TRUE", False: "FALSE",
		Quote: strconv.Quote, // good enough for this column
		Arg:   func(n int) string { return "$" + strconv.Itoa(n) },
		Words: func(c data.Column, words []string, add func(any) string) (string, bool) {
			return strconv.Quote(c.Name) + " = ANY(" + add(words) + ")", true
		},
		Matching: func(data.Column, func(string) bool, func(any) string) (string, bool) { return "", false },
		MaxTerms: 250, MaxArgs: 250,
	}
	columns := []data.Column{{Name: "status", Type: data.Code}}
	open := data.In{Column: "status", Words: []string{"open", "reopened"}}

	// One argument, the number of a change, stands before the condition.
	clause, ok := where.Write(data.Not{Condition: open}, columns, postgres, 1)
	fmt.Println("recorded <= $1 AND", clause.Text)
	fmt.Println(clause.Args, ok)
	// Output:
	// recorded <= $1 AND NOT (("status" IS NOT NULL AND "status" = ANY($2)))
	// [[open reopened]] true
}
