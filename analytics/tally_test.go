package analytics

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
)

// keyed is a tally with a further key: rows 1, 3 and 4 have entries.
func keyed() Tally {
	return Tally{
		Name: "hours", Rows: []int32{1, 1, 3, 4, 4, 4}, Keys: []int64{5, 9, 0, 1, 2, 167},
		Names: []string{"n", "late"}, Counts: [][]int64{{1, 2, 3, 4, 5, 6}, {0, 1, 0, 1, 0, 1}},
		Elsewhere: []int64{7, 1}, Nowhere: []int64{8, 2}, Keyless: []int64{9, 3},
	}
}

func TestSpansOfATally(t *testing.T) {
	tally := keyed()
	f := func(row, wantLo, wantHi int) {
		t.Helper()
		if lo, hi := tally.Span(row); lo != wantLo || hi != wantHi {
			t.Errorf("Span(%d) = %d, %d, want %d, %d", row, lo, hi, wantLo, wantHi)
		}
	}
	f(0, 0, 0)
	f(1, 0, 2)
	f(2, 2, 2)
	f(3, 2, 3)
	f(4, 3, 6)
	f(5, 6, 6)
	f(1<<30, 6, 6)
	if lo, hi := (&Tally{}).Span(0); lo != 0 || hi != 0 {
		t.Errorf("an empty tally has a span from %d to %d", lo, hi)
	}
}

// TestSpansPartATally goes over random tallies: spans lie side by side, and
// each holds the entries of its row and all of them.
func TestSpansPartATally(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		const rows = 50
		var tally Tally
		for range rng.IntN(200) {
			tally.Rows = append(tally.Rows, rng.Int32N(rows))
		}
		slices.Sort(tally.Rows)
		end := 0
		for row := range rows {
			lo, hi := tally.Span(row)
			if lo != end {
				t.Fatalf("span of row %d begins at %d, the one before ended at %d", row, lo, end)
			}
			for _, r := range tally.Rows[lo:hi] {
				if r != int32(row) {
					t.Fatalf("span of row %d holds an entry of row %d", row, r)
				}
			}
			end = hi
		}
		if end != len(tally.Rows) {
			t.Fatalf("spans end at %d of %d entries", end, len(tally.Rows))
		}
	}
}

func TestTalliesAddUp(t *testing.T) {
	tally := keyed()
	if diff := cmp.Diff([]int64{0, 3, 0, 3, 15, 0}, tally.Dense("n", 6)); diff != "" {
		t.Errorf("Dense(n) over all keys (-want +got):\n%s", diff)
	}
	if got := tally.Total("late"); got != 3 {
		t.Errorf("Total(late) = %d, want 3", got)
	}
	if elsewhere, nowhere := tally.Beyond("late"); elsewhere != 1 || nowhere != 2 {
		t.Errorf("Beyond(late) = %d, %d, want 1, 2", elsewhere, nowhere)
	}
	defer func() {
		if recover() == nil {
			t.Error("a count there is not did not panic")
		}
	}()
	tally.Count("early")
}

// TestMembersOfAPeriod looks at instants around both ends of a period and
// around the moment of judgement.
func TestMembersOfAPeriod(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2024, 3, d, 0, 0, 0, 0, time.UTC) }
	r := Request{From: day(1), To: day(10), AsOf: day(8)}
	columns := []data.Column{{Name: "reported_at", Type: data.Time}, {Name: "category", Type: data.Code}}
	b := data.NewBuilder(columns)
	instants := []time.Time{day(1).Add(-time.Microsecond), day(1), day(5), day(8), day(8).Add(time.Microsecond), day(10), {}}
	for i, at := range instants {
		if at.IsZero() {
			b.Missing(0)
		} else {
			b.SetInt(0, at.UnixMicro())
		}
		b.SetText(1, []string{"noise", "waste"}[i%2])
	}
	batch := b.Build()
	f := func(r Request, want ...bool) {
		t.Helper()
		if diff := cmp.Diff(want, data.Select(nil, batch, r.Member("reported_at"))); diff != "" {
			t.Errorf("members (-want +got):\n%s", diff)
		}
	}
	f(r, false, true, true, true, false, false, false)
	r.AsOf = day(20)
	f(r, false, true, true, true, true, false, false)
	r.Where = data.Compare{Column: "category", Op: data.Equal, Value: "noise"}
	f(r, false, false, true, false, true, false, false)
	if diff := cmp.Diff([]bool{true, false, true, false, true, false, true}, data.Select(nil, batch, r.Narrow(data.All{}))); diff != "" {
		t.Errorf("narrowed facts (-want +got):\n%s", diff)
	}
}
