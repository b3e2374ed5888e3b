package data

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/civgrid/civgrid/geo"
)

// everyType returns one column of each type and a second one of those that can
// be compared with each other.
func everyType() []Column {
	return []Column{
		{Name: "text", Type: Text},
		{Name: "code", Type: Code},
		{Name: "time", Type: Time, Unit: microseconds, Doc: "When."},
		{Name: "until", Type: Time, Unit: microseconds},
		{Name: "int", Type: Int},
		{Name: "other", Type: Int},
		{Name: "float", Type: Float},
		{Name: "cell", Type: Cell, Stamped: true},
	}
}

// A row holds a string, int64, float64 or geo.Cell for each column, nil where
// it is missing.
type row = []any

// set gives column i of a builder one value.
func set(b *Builder, i int, v any) {
	switch v := v.(type) {
	case nil:
		b.Missing(i)
	case string:
		b.SetText(i, v)
	case int64:
		b.SetInt(i, v)
	case float64:
		b.SetFloat(i, v)
	case geo.Cell:
		b.SetCell(i, v)
	}
}

func build(columns []Column, rows []row) Batch {
	b := NewBuilder(columns)
	for _, r := range rows {
		for i, v := range r {
			set(b, i, v)
		}
	}
	return b.Build()
}

// valueAt reads one value by the accessor of its type.
func valueAt(b Batch, c Column, i int) any {
	if !b.Valid(c.Name).At(i) {
		return nil
	}
	switch c.Type {
	case Text:
		return b.Texts(c.Name).At(i)
	case Code:
		return b.Codes(c.Name).At(i)
	case Float:
		return b.Floats(c.Name)[i]
	case Cell:
		return b.Cells(c.Name)[i]
	default:
		return b.Ints(c.Name)[i]
	}
}

func rowsOf(b Batch) []row {
	rows := make([]row, b.Len())
	for i := range rows {
		rows[i] = make(row, len(b.Columns()))
		for j, c := range b.Columns() {
			rows[i][j] = valueAt(b, c, i)
		}
	}
	return rows
}

// someValue makes up a value of a type, seldom a large one and often none.
func someValue(r *rand.Rand, t Type) any {
	if r.IntN(4) == 0 {
		return nil
	}
	switch t {
	case Text, Code:
		return []string{"", "a", "b", "ab", "é\x00", "三号", "\xff"}[r.IntN(7)]
	case Float:
		return []float64{0, 0.5, -1, 2, math.MaxFloat64, math.SmallestNonzeroFloat64}[r.IntN(6)]
	case Cell:
		return geo.Cell(0x8931aa428c3ffff + r.Uint64N(4)<<18)
	default:
		return []int64{-2, -1, 0, 1, 2, math.MinInt64, math.MaxInt64}[r.IntN(7)]
	}
}

func someRows(r *rand.Rand, columns []Column, n int) []row {
	rows := make([]row, n)
	for i := range rows {
		rows[i] = make(row, len(columns))
		for j, c := range columns {
			rows[i][j] = someValue(r, c.Type)
		}
	}
	return rows
}

// forms returns batches that hold the same rows in different memory: among
// them slices that begin at every bit of a byte of validity, and dictionaries
// of another order and of more words.
func forms(r *rand.Rand, columns []Column, rows []row) map[string]Batch {
	forms := map[string]Batch{"built": build(columns, rows)}
	n := len(rows)
	for before := 1; before <= 9; before++ {
		padded := append(someRows(r, columns, before), rows...)
		whole := build(columns, append(padded, someRows(r, columns, 3)...))
		forms["sliced after "+strings.Repeat("I", before)] = whole.Slice(before, before+n)
		forms["sliced twice after "+strings.Repeat("I", before)] = whole.Slice(1, before+n+1).Slice(before-1, before-1+n)
	}
	places := make([]int32, n)
	shuffled := make([]row, n)
	for to, from := range r.Perm(n) {
		shuffled[to], places[from] = rows[from], int32(to)
	}
	forms["taken"] = build(columns, shuffled).Take(places)
	forms["taken from a slice"] = build(columns, append(someRows(r, columns, 5), shuffled...)).Slice(5, 5+n).Take(places)
	b := NewBuilder(columns)
	for _, some := range [][]row{someRows(r, columns, 20), rows} {
		for _, r := range some {
			for i, v := range r {
				set(b, i, v)
			}
		}
		forms["second of a builder"] = b.Build()
	}
	forms["foreign dictionaries"] = recoded(r, forms["built"])
	return forms
}

// recoded returns b with dictionaries that hold the same words in another
// order, each of them twice.
func recoded(r *rand.Rand, b Batch) Batch {
	arrays := make([]arrow.Array, len(b.columns))
	for i, c := range b.columns {
		arrays[i] = b.record.Column(i)
		if c.Type != Code {
			continue
		}
		codes := b.Codes(c.Name)
		order := r.Perm(2 * len(codes.Words))
		words, places := make(row, len(order)), make(row, len(order))
		for from, to := range order {
			words[to] = codes.Words[from%len(codes.Words)]
			places[from] = int64(to)
		}
		indices := make([]int32, b.Len())
		has := make([]bool, b.Len())
		for i := range indices {
			if has[i] = codes.Valid().At(i); has[i] {
				indices[i] = int32(places[int(codes.Index[i])+r.IntN(2)*len(codes.Words)].(int64))
			}
		}
		arrays[i] = dictionaryOf(words, indices, has)
	}
	again, err := NewBatch(b.columns, array.NewRecord(ArrowSchema(b.columns), arrays, int64(b.Len())))
	if err != nil {
		panic(err)
	}
	return again
}

func dictionaryOf(words row, indices []int32, has []bool) arrow.Array {
	texts := make([]row, len(words))
	for i, w := range words {
		texts[i] = row{w}
	}
	dictionary := build([]Column{{Name: "word", Type: Text}}, texts).record.Column(0)
	to := array.NewInt32Builder(memory.DefaultAllocator)
	to.AppendValues(indices, has)
	return array.NewDictionaryArray(Code.arrow(), to.NewArray(), dictionary)
}

// panicOf returns what f panics with, "" when it does not.
func panicOf(f func()) (message string) {
	defer func() {
		if v := recover(); v != nil {
			message, _ = v.(string)
			if message == "" {
				message = "not a string"
			}
		}
	}()
	f()
	return ""
}

func wantBug(t *testing.T, what string, f func()) {
	t.Helper()
	if got := panicOf(f); !strings.HasPrefix(got, "BUG: ") {
		t.Errorf("%s panics with %q, want a BUG", what, got)
	}
}

// wantError tests that err speaks of why; "" wants no error.
func wantError(t *testing.T, what string, err error, why string) {
	t.Helper()
	switch {
	case why == "" && err != nil:
		t.Errorf("%s: error %v, want none", what, err)
	case why != "" && err == nil:
		t.Errorf("%s: no error, want one on %q", what, why)
	case why != "" && !strings.Contains(err.Error(), why):
		t.Errorf("%s: error %q, want one on %q", what, err, why)
	}
}
