package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

func feeds() []promise {
	return []promise{
		{"a feed gives what changed after a mark", feedChanges},
		{"a row keeps its number for good", feedNumbers},
		{"a mark keeps its lineage", feedLineages},
		{"a feed ends with its context", feedCancelled},
	}
}

// feed returns the store as a feed or skips the test.
func feed(t *testing.T, s data.Store) data.Feed {
	t.Helper()
	f, ok := s.(data.Feed)
	if !ok {
		t.Skip("the store is no data.Feed")
	}
	return f
}

func mark(t *testing.T, f data.Feed, d data.Dataset) int64 {
	t.Helper()
	m, err := f.Mark(context.Background(), d)
	if err != nil {
		t.Fatalf("Mark: %v", err)
	}
	return m
}

// since returns the rows that changed after a mark, without their numbers, and
// the numbers by id.
func since(t *testing.T, s data.Store, d data.Dataset, mark int64) ([]Row, map[string]int64) {
	t.Helper()
	columns := append(s.Schema(d), data.Column{Name: "seq", Type: data.Int})
	rows := collect(t, s.(data.Feed).Since(context.Background(), d, mark), columns)
	seqs := map[string]int64{}
	for _, r := range rows {
		seqs[r["id"].(string)] = r["seq"].(int64)
		delete(r, "seq")
	}
	if len(seqs) != len(rows) {
		t.Errorf("%d rows of %d facts", len(rows), len(seqs))
	}
	return rows, seqs
}

func feedChanges(t *testing.T, s data.Store) {
	f := feed(t, s)
	wantSince := func(mark int64, want ...Row) {
		t.Helper()
		got, _ := since(t, s, data.Incidents, mark)
		if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
			t.Errorf("rows since %d (-want +got):\n%s", mark, diff)
		}
	}
	if m := mark(t, f, data.Incidents); m != 0 {
		t.Errorf("mark of an empty dataset is %d, want 0", m)
	}
	wantSince(0)
	a, b, c := fact("a", Row{"updated_at": at(1)}), fact("b"), fact("c")
	put(t, s, data.Incidents, a, b)
	first := mark(t, f, data.Incidents)
	wantSince(0, a, b)
	wantSince(first)

	put(t, s, data.Resources, Row{"source": "s", "id": "r", "location": "none"})
	put(t, s, data.Incidents, a, b)
	put(t, s, data.Incidents, fact("a", Row{"updated_at": at(0), "category": "old"}))
	if m := mark(t, f, data.Incidents); m != first {
		t.Errorf("mark went from %d to %d though nothing changed", first, m)
	}
	a = fact("a", Row{"updated_at": at(2)})
	put(t, s, data.Incidents, c, a)
	second := mark(t, f, data.Incidents)
	if second <= first {
		t.Errorf("mark went from %d to %d", first, second)
	}
	wantSince(first, a, c)
	stamped := fact("b", Row{"cell_9": geo.Cell(9)})
	put(t, s, data.Incidents, stamped)
	wantSince(second, stamped)
	wantSince(first, a, c, stamped)
	wantSince(0, a, c, stamped)
	wantSince(mark(t, f, data.Incidents))
	for _, err := range f.Since(context.Background(), "weather", 0) {
		if err == nil {
			t.Error("a feed of a dataset that does not exist gave no error")
		}
	}
	if _, err := f.Mark(context.Background(), "weather"); err == nil {
		t.Error("the mark of a dataset that does not exist gave no error")
	}
}

func feedNumbers(t *testing.T, s data.Store) {
	feed(t, s)
	var rows []Row
	for i := range 50 {
		rows = append(rows, fact(fmt.Sprint(i)))
	}
	put(t, s, data.Incidents, rows[:20]...)
	_, before := since(t, s, data.Incidents, 0)
	rows[3]["category"], rows[7]["cell_7"] = "changed", geo.Cell(7)
	put(t, s, data.Incidents, rows...)
	_, after := since(t, s, data.Incidents, 0)
	owner := map[int64]string{}
	for id, seq := range after {
		if old, ok := before[id]; ok && old != seq {
			t.Errorf("number of %s went from %d to %d", id, old, seq)
		}
		if other, taken := owner[seq]; taken {
			t.Errorf("%s and %s both have number %d", id, other, seq)
		}
		owner[seq] = id
	}
	if len(after) != len(rows) {
		t.Errorf("%d facts, want %d", len(after), len(rows))
	}
}

func feedLineages(t *testing.T, s data.Store) {
	f := feed(t, s)
	lineage := func(mark int64) string {
		t.Helper()
		l, err := f.Lineage(context.Background(), data.Incidents, mark)
		if err != nil {
			t.Fatalf("Lineage: %v", err)
		}
		return l
	}
	var marks []int64
	var lineages []string
	for i := range 5 {
		put(t, s, data.Incidents, fact(fmt.Sprint(i)))
		put(t, s, data.Resources, Row{"source": "s", "id": fmt.Sprint(i), "location": "none"})
		marks = append(marks, mark(t, f, data.Incidents))
		lineages = append(lineages, lineage(marks[i]))
		if lineages[i] == "" {
			t.Errorf("mark %d has no lineage", marks[i])
		}
		for _, none := range []int64{0, marks[i] + 1} {
			if l := lineage(none); l != "" {
				t.Errorf("lineage of %d is %q though the newest mark is %d", none, l, marks[i])
			}
		}
		for j, m := range marks {
			if l := lineage(m); l != lineages[j] {
				t.Errorf("lineage of %d went from %q to %q", m, lineages[j], l)
			}
		}
	}
	if _, err := f.Lineage(context.Background(), "weather", 1); err == nil {
		t.Error("the lineage of a dataset that does not exist gave no error")
	}
}

func feedCancelled(t *testing.T, s data.Store) {
	f := feed(t, s)
	put(t, s, data.Incidents, fact("a"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var last error
	for _, err := range f.Since(ctx, data.Incidents, 0) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("Since with a context that has ended: %v, want context.Canceled", last)
	}
}

func histories() []promise {
	return []promise{{"the facts as the store had them at a moment", asOf}}
}

func asOf(t *testing.T, s data.Store) {
	h, ok := s.(data.Historian)
	if !ok {
		t.Skip("the store is no data.Historian")
	}
	a1, a2, a3 := fact("a", Row{"category": "1"}), fact("a", Row{"category": "2"}), fact("a", Row{"category": "3"})
	b, c := fact("b"), fact("c")
	before := between()
	put(t, s, data.Incidents, a1, b)
	first := between()
	put(t, s, data.Incidents, a2, c)
	second := between()
	put(t, s, data.Incidents, a1, a3)
	put(t, s, data.Incidents, a3, fact("b", Row{"cell_9": geo.Cell(9)}))
	last := between()
	b["cell_9"] = geo.Cell(9) // stamps are not history
	wantRows(t, h.AsOf(before), data.Incidents)
	wantRows(t, h.AsOf(first), data.Incidents, a1, b)
	wantRows(t, h.AsOf(second), data.Incidents, a2, b, c)
	wantRows(t, h.AsOf(last), data.Incidents, a3, b, c)
	wantRows(t, h.AsOf(last.AddDate(100, 0, 0)), data.Incidents, a3, b, c)
	wantRows(t, h.AsOf(time.Time{}), data.Incidents)
	q := data.Query{Dataset: data.Incidents, Columns: []string{"id"}, Where: data.Compare{Column: "category", Op: data.Equal, Value: "2"}}
	if rows := scan(t, h.AsOf(second), q); len(rows) != 1 || rows[0]["id"] != "a" {
		t.Errorf("rows %v, want a", rows)
	}
	if diff := cmp.Diff(s.Schema(data.Incidents), h.AsOf(first).Schema(data.Incidents)); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
}

// between returns a moment that no change shares.
func between() time.Time {
	time.Sleep(2 * time.Millisecond)
	defer time.Sleep(2 * time.Millisecond)
	return time.Now() //nolint:forbidigo // stores record by the clock
}
