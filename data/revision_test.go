package data

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOver(t *testing.T) {
	f := func(r, old Revision, want Outcome) {
		t.Helper()
		if got := r.Over(old); got != want {
			t.Errorf("%+v over %+v = %d, want %d", r, old, got, want)
		}
	}
	dated := func(content uint64, updated int64) Revision {
		return Revision{Content: content, Updated: updated, Dated: true}
	}
	f(Revision{}, Revision{}, Unchanged)
	f(dated(1, 5), dated(1, 5), Unchanged)
	f(Revision{Content: 1, Stamped: 2}, Revision{Content: 1, Stamped: 3}, Restamped)
	f(dated(1, 5), dated(2, 6), Stale)
	f(dated(1, -6), dated(2, -5), Stale)
	f(dated(1, 5), dated(2, 5), Replaced)
	f(dated(1, 6), dated(2, 5), Replaced)
	f(Revision{Content: 1}, dated(2, 5), Replaced)
	f(dated(1, 5), Revision{Content: 2}, Replaced)
	f(Revision{Content: 1}, Revision{Content: 2, Updated: 5}, Replaced)
}

func TestRevisionsReadTheRow(t *testing.T) {
	columns := SchemaOf(Inspections, nil)
	rows := someRows(rand.New(rand.NewPCG(7, 1)), columns, 20)
	b := build(columns, rows)
	content, stamped := Digests(nil, b, false), Digests(nil, b, true)
	for i, got := range Revisions(b) {
		want := Revision{Content: content[i], Stamped: stamped[i]}
		want.Updated, want.Dated = rows[i][indexOf(columns, "updated_at")].(int64)
		want.Withdrawn = rows[i][indexOf(columns, Withdrawn)] != nil
		if got != want {
			t.Errorf("row %d has revision %+v, want %+v", i, got, want)
		}
	}
}

func TestRevisionDigestIsNotLinear(t *testing.T) {
	f := func(a, b, c, d Revision) {
		t.Helper()
		if a.Digest()+b.Digest() == c.Digest()+d.Digest() {
			t.Errorf("%v and %v add up to the same as %v and %v", a, b, c, d)
		}
	}
	f(Revision{Content: 1, Stamped: 2}, Revision{Content: 3, Stamped: 4}, Revision{Content: 1, Stamped: 4}, Revision{Content: 3, Stamped: 2})
	f(Revision{Content: 1, Stamped: 1}, Revision{Content: 2, Stamped: 2}, Revision{Content: 1, Stamped: 2}, Revision{Content: 2, Stamped: 1})
	if a, b := (Revision{Content: 1, Stamped: 2}), (Revision{Content: 1, Stamped: 2, Updated: 9, Dated: true}); a.Digest() != b.Digest() {
		t.Error("the digest depends on more than content and stamps; updated_at is part of the content")
	}
}

func TestCountAndAdd(t *testing.T) {
	var c Changes
	for o := Inserted; o <= Stale; o++ {
		for range o + 1 {
			c.Count(o)
		}
	}
	want := Changes{Inserted: 1, Replaced: 2, Restamped: 3, Unchanged: 4, Stale: 5}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	c.Add(want)
	if diff := cmp.Diff(Changes{2, 4, 6, 8, 10}, c); diff != "" {
		t.Errorf("twice the counts (-want +got):\n%s", diff)
	}
	if got := c.Rows(); got != 30 {
		t.Errorf("Rows() = %d, want 30", got)
	}
	wantBug(t, "an unknown outcome", func() { c.Count(Stale + 1) })
}

// Settling a batch leaves what appending its rows one after another leaves.
func TestSettleIsAppendingOneByOne(t *testing.T) {
	type fact struct{ source, id string }
	random := rand.New(rand.NewPCG(7, 2))
	columns := []Column{{Name: "source", Type: Code, Required: true}, {Name: "id", Type: Text, Required: true}}
	for range 300 {
		store := map[fact]Revision{}
		for range 3 { // batches, one after another into one store
			rows := make([]row, random.IntN(12))
			revisions := make([]Revision, len(rows))
			for i := range rows {
				rows[i] = row{fmt.Sprint("s", random.IntN(2)), fmt.Sprint(random.IntN(3))}
				revisions[i] = Revision{Content: random.Uint64N(3), Stamped: random.Uint64N(2)}
				revisions[i].Updated, revisions[i].Dated = int64(revisions[i].Content)-1, revisions[i].Content > 0
			}
			want, counted := map[fact]Revision{}, Changes{}
			for f, r := range store {
				want[f] = r
			}
			for i, r := range rows {
				f := fact{r[0].(string), r[1].(string)}
				old, ok := want[f]
				outcome := Inserted
				if ok {
					outcome = revisions[i].Over(old)
				}
				counted.Count(outcome)
				if outcome != Unchanged && outcome != Stale {
					want[f] = revisions[i]
				}
			}

			asked := map[fact]int{}
			writes, changes := Settle(build(columns, rows), revisions, func(source, id string) (Revision, bool) {
				asked[fact{source, id}]++
				r, ok := store[fact{source, id}]
				return r, ok
			})
			written := map[fact]bool{}
			for _, w := range writes {
				f := fact{rows[w.Row][0].(string), rows[w.Row][1].(string)}
				old, ok := store[f]
				outcome := Inserted
				if ok {
					outcome = revisions[w.Row].Over(old)
				}
				if ok && old.Content != revisions[w.Row].Content {
					outcome = Replaced // by way of a row between, it may even be earlier
				}
				if written[f] || outcome != w.Outcome {
					t.Fatalf("rows %v, revisions %+v: write %+v of %v, want one, with outcome %d", rows, revisions, w, f, outcome)
				}
				written[f] = true
			}
			for _, w := range writes {
				store[fact{rows[w.Row][0].(string), rows[w.Row][1].(string)}] = revisions[w.Row]
			}
			if diff := cmp.Diff(want, store); diff != "" {
				t.Fatalf("rows %v, revisions %+v: the store holds (-want +got):\n%s", rows, revisions, diff)
			}
			if changes != counted || changes.Rows() != int64(len(rows)) {
				t.Fatalf("rows %v, revisions %+v: changes %+v, want %+v", rows, revisions, changes, counted)
			}
			for f, n := range asked {
				if n != 1 {
					t.Fatalf("the store is asked %d times for %v, want once", n, f)
				}
			}
		}
	}
}

func TestSettleWritesInTheOrderOfFirstAppearance(t *testing.T) {
	columns := []Column{{Name: "source", Type: Code}, {Name: "id", Type: Text}}
	b := build(columns, []row{{"s", "b"}, {"s", "a"}, {"s", "c"}, {"s", "b"}, {"t", "a"}})
	revisions := []Revision{{Content: 1}, {Content: 2}, {Content: 3}, {Content: 4}, {Content: 5}}
	writes, _ := Settle(b, revisions, func(string, string) (Revision, bool) { return Revision{}, false })
	if want := []Write{{3, Inserted}, {1, Inserted}, {2, Inserted}, {4, Inserted}}; !slices.Equal(writes, want) {
		t.Errorf("writes %v, want %v", writes, want)
	}
}
