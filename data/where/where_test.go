package where_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/where"
	"github.com/civgrid/civgrid/geo"
)

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// vocabulary is the words of Code columns, by id.
var vocabulary = []string{"open", "OPEN", "closed", "50%"}

// marks is a dialect like SQLite's: each word is an argument, and the words of
// Code columns are numbers kept in a table.
var marks = where.Dialect{
	True: "1", False: "0",
	Quote: quote,
	Arg:   func(int) string { return "?" },
	Words: func(c data.Column, words []string, add func(any) string) (string, bool) {
		list := make([]string, len(words))
		for i, word := range words {
			list[i] = add(word)
		}
		in := strings.Join(list, ",")
		if c.Type == data.Code {
			in = "SELECT id FROM word WHERE word IN (" + in + ")"
		}
		return quote(c.Name) + " IN (" + in + ")", true
	},
	Matching: func(c data.Column, match func(string) bool, add func(any) string) (string, bool) {
		list := []string{}
		for i, word := range vocabulary {
			if match(word) {
				list = append(list, add(int64(i)))
			}
		}
		return quote(c.Name) + " IN (" + strings.Join(list, ",") + ")", true
	},
	MaxTerms: 20, MaxArgs: 20,
}

// numbers is a dialect like PostgreSQL's: arguments are numbered, all words are
// one of them, and none may hold a zero byte.
var numbers = where.Dialect{
	True: "TRUE", False: "FALSE",
	Quote: quote,
	Arg:   func(n int) string { return "$" + strconv.Itoa(n) },
	Words: func(c data.Column, words []string, add func(any) string) (string, bool) {
		for _, word := range words {
			if strings.ContainsRune(word, 0) {
				return "", false
			}
		}
		return quote(c.Name) + " = ANY(" + add(words) + ")", true
	},
	Matching: func(c data.Column, match func(string) bool, add func(any) string) (string, bool) {
		ids := []int64{}
		for i, word := range vocabulary {
			if match(word) {
				ids = append(ids, int64(i))
			}
		}
		return quote(c.Name) + " = ANY(" + add(ids) + ")", len(ids) < len(vocabulary)
	},
	MaxTerms: 20, MaxArgs: 20,
}

var columns = []data.Column{
	{Name: "id", Type: data.Text},
	{Name: "status", Type: data.Code},
	{Name: "found", Type: data.Int},
	{Name: "score", Type: data.Float},
	{Name: "cell_9", Type: data.Cell},
	{Name: "due_at", Type: data.Time},
	{Name: "closed_at", Type: data.Time},
	{Name: `a "b"`, Type: data.Int},
}

// wantClause writes c in a dialect, as though two arguments stood before it.
func wantClause(t *testing.T, c data.Condition, d where.Dialect, text string, args ...any) {
	t.Helper()
	if err := data.CheckCondition(c, columns); err != nil {
		t.Fatal(err)
	}
	got, ok := where.Write(c, columns, d, 2)
	if diff := cmp.Diff(where.Clause{Text: text, Args: args}, got); diff != "" || !ok {
		t.Errorf("Write(%#v) is ok: %t (-want +got):\n%s", c, ok, diff)
	}
}

func TestWriteConstants(t *testing.T) {
	f := func(c data.Condition, marked, numbered string) {
		t.Helper()
		wantClause(t, c, marks, marked)
		wantClause(t, c, numbers, numbered)
	}
	f(nil, `1`, `TRUE`)
	f(data.All{}, `1`, `TRUE`)
	f(data.All(nil), `1`, `TRUE`)
	f(data.Any{}, `0`, `FALSE`)
	f(data.All{nil}, `(1)`, `(TRUE)`)
	f(data.Not{}, `NOT (1)`, `NOT (TRUE)`)
	f(data.In{Column: "status"}, `0`, `FALSE`)
	f(data.Compare{Column: "score", Op: data.LessOrEqual, Value: math.NaN()}, `0`, `FALSE`)
}

func TestWriteTermsWithoutArguments(t *testing.T) {
	f := func(c data.Condition, want string) {
		t.Helper()
		wantClause(t, c, marks, want)
		wantClause(t, c, numbers, want)
	}
	late := data.CompareColumns{Left: "due_at", Op: data.Greater, Right: "closed_at"}
	f(data.Missing{Column: "score"}, `"score" IS NULL`)
	f(data.Missing{Column: `a "b"`}, `"a ""b""" IS NULL`)
	f(late, `("due_at" IS NOT NULL AND "closed_at" IS NOT NULL AND "due_at">"closed_at")`)
	f(data.All{data.Missing{Column: "id"}, late}, `("id" IS NULL AND ("due_at" IS NOT NULL AND "closed_at" IS NOT NULL AND "due_at">"closed_at"))`)
	f(data.Any{data.Missing{Column: "id"}, data.Not{Condition: data.Missing{Column: "score"}}}, `("id" IS NULL OR NOT ("score" IS NULL))`)
}

func TestWriteComparisons(t *testing.T) {
	f := func(column string, op data.Op, value any, marked, numbered string, arg any) {
		t.Helper()
		c := data.Compare{Column: column, Op: op, Value: value}
		wantClause(t, c, marks, marked, arg)
		wantClause(t, c, numbers, numbered, arg)
	}
	f("found", data.Equal, int64(-3), `("found" IS NOT NULL AND "found"=?)`, `("found" IS NOT NULL AND "found"=$3)`, int64(-3))
	f("score", data.Less, 1.5, `("score" IS NOT NULL AND "score"<?)`, `("score" IS NOT NULL AND "score"<$3)`, 1.5)
	f("score", data.Greater, math.Inf(-1), `("score" IS NOT NULL AND "score">?)`, `("score" IS NOT NULL AND "score">$3)`, math.Inf(-1))
	f("due_at", data.GreaterOrEqual, time.Unix(1, 2999), `("due_at" IS NOT NULL AND "due_at">=?)`, `("due_at" IS NOT NULL AND "due_at">=$3)`, int64(1_000_002))
	f("cell_9", data.LessOrEqual, geo.Cell(0x8931aa50003ffff), `("cell_9" IS NOT NULL AND "cell_9"<=?)`, `("cell_9" IS NOT NULL AND "cell_9"<=$3)`, int64(0x8931aa50003ffff))
}

func TestWriteWords(t *testing.T) {
	f := func(c data.Condition, words []string, marked, numbered string) {
		t.Helper()
		each := make([]any, len(words))
		for i, word := range words {
			each[i] = word
		}
		wantClause(t, c, marks, marked, each...)
		wantClause(t, c, numbers, numbered, words)
	}
	f(data.Compare{Column: "id", Op: data.Equal, Value: "x"}, []string{"x"},
		`("id" IS NOT NULL AND "id" IN (?))`, `("id" IS NOT NULL AND "id" = ANY($3))`)
	f(data.Compare{Column: "status", Op: data.Equal, Value: ""}, []string{""},
		`("status" IS NOT NULL AND "status" IN (SELECT id FROM word WHERE word IN (?)))`, `("status" IS NOT NULL AND "status" = ANY($3))`)
	f(data.In{Column: "id", Words: []string{"x", "y", "x"}}, []string{"x", "y", "x"},
		`("id" IS NOT NULL AND "id" IN (?,?,?))`, `("id" IS NOT NULL AND "id" = ANY($3))`)
	f(data.In{Column: "status", Words: []string{"x", "y"}}, []string{"x", "y"},
		`("status" IS NOT NULL AND "status" IN (SELECT id FROM word WHERE word IN (?,?)))`, `("status" IS NOT NULL AND "status" = ANY($3))`)
}

func TestWriteWhatIsTriedOnAllWords(t *testing.T) {
	f := func(c data.Condition, marked string, ids ...int64) {
		t.Helper()
		var each []any
		for _, id := range ids {
			each = append(each, id)
		}
		wantClause(t, c, marks, marked, each...)
		wantClause(t, c, numbers, `("status" IS NOT NULL AND "status" = ANY($3))`, ids)
	}
	f(data.Like{Column: "status", Pattern: "o%"}, `("status" IS NOT NULL AND "status" IN (?))`, 0)
	f(data.Like{Column: "status", Pattern: "o%", CaseInsensitive: true}, `("status" IS NOT NULL AND "status" IN (?,?))`, 0, 1)
	f(data.Like{Column: "status", Pattern: `%\%`}, `("status" IS NOT NULL AND "status" IN (?))`, 3)
	f(data.InAnyCase{Column: "status", Words: []string{"Open", "Closed"}}, `("status" IS NOT NULL AND "status" IN (?,?,?))`, 0, 1, 2)
	f(data.InAnyCase{Column: "status"}, `("status" IS NOT NULL AND "status" IN ())`, []int64{}...)
}

func TestArgumentsAreNumberedAsTheyStand(t *testing.T) {
	c := data.Any{
		data.Compare{Column: "found", Op: data.Equal, Value: int64(1)},
		data.Not{Condition: data.In{Column: "status", Words: []string{"x", "y"}}},
		data.Compare{Column: "score", Op: data.Less, Value: 2.5},
	}
	wantClause(t, c, marks, `(("found" IS NOT NULL AND "found"=?)`+
		` OR NOT (("status" IS NOT NULL AND "status" IN (SELECT id FROM word WHERE word IN (?,?))))`+
		` OR ("score" IS NOT NULL AND "score"<?))`, int64(1), "x", "y", 2.5)
	wantClause(t, c, numbers, `(("found" IS NOT NULL AND "found"=$3)`+
		` OR NOT (("status" IS NOT NULL AND "status" = ANY($4)))`+
		` OR ("score" IS NOT NULL AND "score"<$5))`, int64(1), []string{"x", "y"}, 2.5)
}

func TestWhatIsLeftToGo(t *testing.T) {
	f := func(c data.Condition, d where.Dialect, want bool) {
		t.Helper()
		got, ok := where.Write(c, columns, d, 100)
		if left := !ok; left != want {
			t.Errorf("Write(%#v) is left to Go: %t, want %t", c, left, want)
		}
		if !ok && (got.Text != "" || got.Args != nil) {
			t.Errorf("Write(%#v) is left to Go and yet %+v", c, got)
		}
	}
	nots := func(n int) (c data.Condition) {
		for range n {
			c = data.Not{Condition: c}
		}
		return c
	}
	words := func(n int) data.Condition { return data.In{Column: "id", Words: make([]string, n)} }
	for _, d := range []where.Dialect{marks, numbers} {
		f(nots(19), d, false) // and the nil inside is the 20th term
		f(nots(20), d, true)
		f(make(data.Any, 19), d, false)
		f(make(data.Any, 20), d, true)
		f(data.All{nots(18), nil}, d, true)
		f(data.Compare{Column: "cell_9", Op: data.Less, Value: geo.Cell(math.MaxInt64)}, d, false)
		f(data.Compare{Column: "cell_9", Op: data.Less, Value: geo.Cell(math.MaxInt64 + 1)}, d, true)
		f(data.All{data.Compare{Column: "cell_9", Op: data.Less, Value: geo.Cell(math.MaxUint64)}, nil}, d, true)
	}
	for _, d := range []where.Dialect{marks, numbers} {
		f(data.Like{Column: "id", Pattern: "a%"}, d, true)
		f(data.InAnyCase{Column: "id", Words: []string{"a"}}, d, true)
		f(data.All{data.Like{Column: "status", Pattern: "o%"}, nil}, d, false)
	}
	f(data.Like{Column: "status", Pattern: "%"}, numbers, true) // as its dialect has it
	f(words(20), marks, false)
	f(words(21), marks, true)
	f(data.All{words(21), nil}, marks, true)
	f(data.All{words(20), words(1)}, marks, true)
	f(words(1000), numbers, false)
	f(data.Compare{Column: "id", Op: data.Equal, Value: "a\x00b"}, numbers, true)
	f(data.Any{data.In{Column: "status", Words: []string{"a", "\x00"}}, nil}, numbers, true)
}

// TestPartIsWhatCanBeWritten leaves a test that only Go knows out of an AND, and
// everything out of an OR with one.
func TestPartIsWhatCanBeWritten(t *testing.T) {
	columns := data.SchemaOf(data.Inspections, []geo.Resolution{8})
	test := data.Test{Columns: []string{"score"}, Of: func(data.Batch) func(int) bool { return func(int) bool { return true } }}
	known := data.Compare{Column: "found", Op: data.Greater, Value: int64(1)}
	f := func(c data.Condition, want string, whole bool) {
		t.Helper()
		part, got := where.Part(c, columns, marks)
		clause, ok := where.Write(part, columns, marks, 0)
		if !ok || got != whole || clause.Text != want {
			t.Errorf("part %q (%t), whole %t; want %q and %t", clause.Text, ok, got, want, whole)
		}
	}
	const written = `("found" IS NOT NULL AND "found">?)`
	f(known, written, true)
	f(data.All{known, test}, "("+written+")", false)
	f(data.All{test, data.All{test, known}}, "(("+written+"))", false)
	f(data.Any{known, test}, "1", false)
	f(data.Not{Condition: data.All{known, test}}, "1", false)
	f(data.All{data.Any{known, test}}, "1", false)
}
