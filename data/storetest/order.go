package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
)

func orders() []promise {
	return []promise{
		{"ordered rows come by the bytes of source and id", orderedRows},
		{"ordered rows are those of the query, as they were replaced", orderedQuery},
		{"an ordered scan that is stopped early leaves the store usable", orderedStop},
	}
}

// inOrder are sources and ids, byte by byte: after what UTF-8 has and databases do not
// keep, or sort otherwise.
func inOrder() (keys [][2]string) {
	ids := []string{
		"\x00", "\x00a", "\x01", "\x0f", "\x10", "\x1000", "\x11", " ", "10", "9", "A", "A\x00", "A\x10", "A\x11", "AB", "_", "a", "b", "ä", "中",
		"中\x00中", "中中", strings.Repeat("中", 500), strings.Repeat("中", 500) + "a", "\U0001f600", "\xff", "\xff\x00",
	}
	for _, source := range []string{"A", "a", "b", "é", "热线"} {
		for _, id := range ids {
			keys = append(keys, [2]string{source, id})
		}
	}
	return keys
}

// keysOf returns source and id of the rows of an ordered scan.
func keysOf(t *testing.T, batches data.Batches) (keys [][2]string) {
	t.Helper()
	for b, err := range batches {
		if err != nil {
			t.Fatal(err)
		}
		sources, ids := b.Codes("source"), b.Texts("id")
		for row := range b.Len() {
			keys = append(keys, [2]string{strings.Clone(sources.At(row)), strings.Clone(ids.At(row))})
		}
	}
	return keys
}

func orderedRows(t *testing.T, s data.Store) {
	want := inOrder()
	random := rand.New(rand.NewPCG(3, 4))
	for _, part := range [][]int{random.Perm(len(want)), random.Perm(len(want))} { // the second time nothing is new
		for len(part) > 0 {
			n := min(len(part), 1+random.IntN(40))
			var rows []Row
			for _, i := range part[:n] {
				rows = append(rows, fact(want[i][1], Row{"source": want[i][0]}))
			}
			put(t, s, data.Incidents, rows...)
			part = part[n:]
		}
	}
	got := keysOf(t, s.Scan(context.Background(), data.Query{Dataset: data.Incidents, Ordered: true}))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	past, ok := s.(data.Historian)
	if !ok {
		return
	}
	then := between()
	put(t, s, data.Incidents, fact("中中", Row{"source": "b", "category": "new"}), fact("later"))
	got = keysOf(t, past.AsOf(then).Scan(context.Background(), data.Query{Dataset: data.Incidents, Ordered: true}))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys as they were (-want +got):\n%s", diff)
	}
}

func orderedQuery(t *testing.T, s data.Store) {
	var rows []Row
	for i := range 200 {
		rows = append(rows, fact(fmt.Sprintf("%03d", (i*77)%200), Row{"category": []string{"x", "y", "z"}[i%3]}))
	}
	put(t, s, data.Incidents, rows[:120]...)
	put(t, s, data.Incidents, rows[100:]...)
	put(t, s, data.Incidents, fact("077", Row{"category": "x", "status": data.StatusClosed, "updated_at": at(9)}), fact("000", Row{"category": "w"}))
	q := data.Query{Dataset: data.Incidents, Columns: []string{"category", "id"}, Where: data.In{Column: "category", Words: []string{"x", "w"}}, Ordered: true}
	var want []string
	for i := range 200 {
		category := ""
		for _, r := range rows {
			if r["id"] == fmt.Sprintf("%03d", i) {
				category = r["category"].(string)
			}
		}
		switch i {
		case 77:
			category = "x"
		case 0:
			category = "w"
		}
		if category == "x" || category == "w" {
			want = append(want, Row{"category": category, "id": fmt.Sprintf("%03d", i)}.text())
		}
	}
	var got []string
	for _, r := range scan(t, s, q) {
		got = append(got, r.text())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func orderedStop(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("b"), fact("a"))
	for b, err := range s.Scan(context.Background(), data.Query{Dataset: data.Incidents, Ordered: true}) {
		if err != nil || b.Len() != 2 {
			t.Fatalf("%d rows, error %v", b.Len(), err)
		}
		break
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var last error
	for _, err := range s.Scan(ctx, data.Query{Dataset: data.Incidents, Ordered: true}) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("Scan with a context that has ended: %v, want context.Canceled", last)
	}
	put(t, s, data.Incidents, fact("c"))
	if got := keysOf(t, s.Scan(context.Background(), data.Query{Dataset: data.Incidents, Ordered: true})); len(got) != 3 {
		t.Errorf("keys %v, want three", got)
	}
}
