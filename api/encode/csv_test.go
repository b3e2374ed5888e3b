package encode_test

import (
	"bytes"
	"encoding/csv"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/encode"
)

// TestCSVReadsBackVerbatim writes words that a spreadsheet would carry out, as
// they are and with the apostrophe.
func TestCSVReadsBackVerbatim(t *testing.T) {
	words := []string{"=1+1", "+1", "-1", "@x", "\ttab", "'quoted", "a,\"b\"\nc", "田香社區"}
	guarded := []string{"'=1+1", "'+1", "'-1", "'@x", "'\ttab", "'quoted", "a,\"b\"\nc", "田香社區"}
	table := &encode.Table{Name: "x", IDs: make([]string, len(words)), Columns: []analytics.Column{
		{Name: "word", Type: analytics.WordColumn, Words: words},
		{Name: "n", Type: analytics.IntColumn, Ints: []int64{-1, -2, -3, -4, -5, -6, -7, -8}},
	}}
	f := func(verbatim bool, want []string) {
		t.Helper()
		var b bytes.Buffer
		if err := encode.WriteTable(&b, "csv", table, encode.Options{Verbatim: verbatim}); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows[1:] {
			if row[0] != want[i] || row[1] != "-"+string(rune('1'+i)) {
				t.Errorf("verbatim %v: row %d reads %q, want %q", verbatim, i, row, want[i])
			}
		}
	}
	f(true, words)
	f(false, guarded)
}
