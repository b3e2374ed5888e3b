package ingest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data"
)

// TestWholeNumbersAreWhole looks at a column of counts.
func TestWholeNumbersAreWhole(t *testing.T) {
	f := func(text, code string, want int64) {
		t.Helper()
		in := Bytes("a.csv", []byte("id,inspected,result,found\n1,2024-01-01,pass,"+text+"\n"))
		p, err := newPlan(in, Options{Dataset: data.Inspections}, data.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		fact, bad := newConverter(p).convert(record{line: 2, raw: []byte("1,2024-01-01,pass," + text)})
		switch {
		case bad != nil && bad.Code != code:
			t.Errorf("%q is rejected as %s, want %q", text, bad.Code, code)
		case bad == nil && (code != "" || fact.values[columnOf(p, "found")].whole != want):
			t.Errorf("%q = %d, want %d, %q", text, fact.values[columnOf(p, "found")].whole, want, code)
		}
	}
	f("7", "", 7)
	f("1e3", "", 1000)
	f("9007199254740992", "", 1<<53)
	f("9.5", CodeNumber, 0)
	f("1e30", CodeNumber, 0)
	f("-1e19", CodeNumber, 0)
}

func columnOf(p *plan, name string) int {
	for i, c := range p.columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// TestWordsForNoValue tells words that stand for nothing, in whatever case and
// between whatever spaces, from those that only begin alike.
func TestWordsForNoValue(t *testing.T) {
	in := Bytes("a.csv", []byte("id,opened_at,note\n1,2024-01-01,\n"))
	p, err := newPlan(in, Options{Mapping: Mapping{Missing: []string{"Unknown", "不详", "-"}}}, data.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"", " ", "\u3000", "NULL", "Null", " n/a ", "#N/A", "NaN", `\N`, "UNKNOWN", "unKnown", "不详", "\ufeff-\t"} {
		if got := p.present(s); got != "" {
			t.Errorf("present(%q) = %q, want nothing", s, got)
		}
	}
	for s, want := range map[string]string{"0": "0", " Nu ": "Nu", "none": "none", "--": "--", "\u00a0a b\u3000": "a b", "不": "不", "é ": "é", "Uncle": "Uncle"} {
		if got := p.present(s); got != want {
			t.Errorf("present(%q) = %q, want %q", s, got, want)
		}
	}
}

// TestBlocksOfLargeRecordsAreShort reads 40 records of one mebibyte.
func TestBlocksOfLargeRecordsAreShort(t *testing.T) {
	var file strings.Builder
	file.WriteString("id,opened_at,address\n")
	for i := range 40 {
		fmt.Fprintf(&file, "%d,2024-01-01,%s\n", i, strings.Repeat("x", 1<<20))
	}
	in := Bytes("a.csv", []byte(file.String()))
	p, err := newPlan(in, Options{}, data.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	blocks, records := 0, int64(0)
	err = scan(context.Background(), reader{plan: p, input: in, size: DefaultChunkRows}, func(_ *converter, b block) (block, error) { return b, nil }, func(b block) error {
		blocks++
		if b.number != blocks || b.first != records || len(b.records) > 17 {
			t.Errorf("block %d begins at record %d and has %d, want block %d from %d with at most 17", b.number, b.first, len(b.records), blocks, records)
		}
		records += int64(len(b.records))
		return nil
	})
	if err != nil || records != 40 || blocks != 3 {
		t.Errorf("%d records in %d blocks, %v; want 40 in 3", records, blocks, err)
	}
}
