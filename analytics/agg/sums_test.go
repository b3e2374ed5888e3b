package agg

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// minutes are facts with one more column, of integers. A fact without a value
// has any number in its place, which must not be added.
type minutes struct {
	facts
	spent []int64
	has   []bool
}

func minuteColumns() []data.Column {
	return append(slices.Clone(columns), data.Column{Name: "spent", Type: data.Int})
}

func (m minutes) Schema(data.Dataset) []data.Column { return minuteColumns() }

func (m minutes) Scan(_ context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		for lo := 0; lo < len(m.rows); lo += m.size {
			b, err := m.batch(lo, min(lo+m.size, len(m.rows)))
			if err == nil {
				b, err = q.Filter(b)
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

func (m minutes) batch(lo, hi int) (data.Batch, error) {
	b := data.NewBuilder(columns)
	for _, r := range m.rows[lo:hi] {
		r.build(b)
	}
	spent := array.NewInt64Builder(memory.DefaultAllocator)
	spent.AppendValues(m.spent[lo:hi], m.has[lo:hi])
	arrays := append(slices.Clone(b.Build().Record().Columns()), spent.NewArray())
	return data.NewBatch(minuteColumns(), array.NewRecord(data.ArrowSchema(minuteColumns()), arrays, int64(hi-lo)))
}

// pushedMinutes add up by themselves.
type pushedMinutes struct{ minutes }

// Weigh implements data.Aggregator.
func (pushedMinutes) Weigh(context.Context, []data.Rollup) (data.Choice, error) {
	return data.Choice{PushDown: true}, nil
}

// Aggregate implements data.Aggregator: in parts of a fact each.
func (p pushedMinutes) Aggregate(ctx context.Context, rollups ...data.Rollup) data.Answers {
	return func(yield func(data.Answer, error) bool) {
		for i, r := range rollups {
			for b, err := range p.Scan(ctx, data.Query{Dataset: r.Dataset, Where: r.Where}) {
				if !yield(data.Answer{Rollup: i, Batch: partsOf(r, b)}, err) {
					return
				}
			}
		}
	}
}

// randomMinutes makes facts that spend between -most and most.
func randomMinutes(seed uint64, n int, most int64) minutes {
	rng := rand.New(rand.NewPCG(seed, 9))
	m := minutes{facts: facts{randomFacts(seed, n), 333}, spent: make([]int64, n), has: make([]bool, n)}
	for i := range m.spent {
		m.spent[i], m.has[i] = rng.Int64N(2*most)-most, rng.IntN(4) > 0
	}
	return m
}

func sumRollups(frame *analytics.Frame) []data.Rollup {
	closed := data.Compare{Column: "status", Op: data.Equal, Value: "closed"}
	sums := []data.Sum{{Name: "spent", Column: "spent"}, {Name: "spent on closed", Column: "spent", Where: closed}}
	return []data.Rollup{
		{Name: "plain", Dataset: data.Incidents, Keys: []data.Key{frame.Key}, Sums: sums, Counts: []data.Count{{Name: "n", Where: data.Not{Condition: data.Missing{Column: "spent"}}}}},
		{Name: "sums alone", Dataset: data.Incidents, Keys: []data.Key{frame.Key}, Sums: sums[1:]},
		{
			Name: "waits", Dataset: data.Incidents, Where: closed, Sums: sums, Counts: []data.Count{{Name: "n"}},
			Keys: []data.Key{frame.Key, data.ByWait{From: "reported_at", To: "closed_at", AsOf: asOf, Bounds: bounds}},
		},
	}
}

// TestSumsAreThoseByHand adds up with big integers, fact by fact.
func TestSumsAreThoseByHand(t *testing.T) {
	m, frame := randomMinutes(11, 4000, math.MaxInt64>>14), frameOfCells()
	got, err := Collect(t.Context(), m, frame, sumRollups(frame), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, counts := range map[string]func(fact) bool{
		"spent": func(fact) bool { return true }, "spent on closed": func(r fact) bool { return r.status == "closed" },
	} {
		want := map[string]*big.Int{}
		for i, r := range m.rows {
			place := fmt.Sprint(slices.Index(cells, r.cell))
			if want[place] == nil {
				want[place] = new(big.Int)
			}
			if m.has[i] && counts(r) {
				want[place].Add(want[place], big.NewInt(m.spent[i]))
			}
		}
		tally := &got[0]
		elsewhere, nowhere := tally.Beyond(name)
		have := map[string]*big.Int{"3": big.NewInt(elsewhere), "-1": big.NewInt(nowhere)}
		total := new(big.Int)
		for row, sum := range tally.Dense(name, frame.Len()) {
			have[fmt.Sprint(row)] = big.NewInt(sum)
			total.Add(total, big.NewInt(sum))
		}
		if diff := cmp.Diff(texts(want), texts(have)); diff != "" {
			t.Errorf("%s by place (-by hand +tally):\n%s", name, diff)
		}
		if tally.Total(name) != total.Int64() {
			t.Errorf("%s in all rows is %d, want %d", name, tally.Total(name), total)
		}
	}
	if negative := slices.ContainsFunc(got[0].Count("spent"), func(v int64) bool { return v < 0 }); !negative {
		t.Error("no sum is negative: the test says nothing")
	}
	if diff := cmp.Diff(got[0].Count("spent on closed"), got[1].Count("spent on closed")); diff != "" {
		t.Errorf("alone, a sum is another (-beside others +alone):\n%s", diff)
	}
	for row := range frame.Len() {
		if waits := got[2].Dense("spent on closed", frame.Len())[row]; waits+keyless(m, cells[row]) != got[1].Dense("spent on closed", frame.Len())[row] {
			t.Errorf("row %d: the sum over all waits is %d, and with those of no wait not that of the row", row, waits)
		}
	}
}

// keyless is what closed facts of a cell spend that have no wait.
func keyless(m minutes, cell geo.Cell) (sum int64) {
	for i, r := range m.rows {
		stop := asOf.UnixMicro()
		if r.closed != 0 {
			stop = min(stop, r.closed)
		}
		if r.cell == cell && r.status == "closed" && m.has[i] && stop < r.reported {
			sum += m.spent[i]
		}
	}
	return sum
}

func texts(sums map[string]*big.Int) map[string]string {
	texts := map[string]string{}
	for place, sum := range sums {
		texts[place] = sum.String()
	}
	return texts
}

// TestSumsAreTheSameInAnyParts scans in any batches on any number of workers,
// and has the source add up.
func TestSumsAreTheSameInAnyParts(t *testing.T) {
	m, frame := randomMinutes(12, 5000, math.MaxInt64>>14), frameOfCells()
	first, err := Collect(t.Context(), m, frame, sumRollups(frame), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, procs := range []int{1, 2, 7} {
		for _, size := range []int{1 << 15, 1000, 37} {
			m.size = size
			restore := runtime.GOMAXPROCS(procs)
			got, err := Collect(t.Context(), m, frame, sumRollups(frame), nil)
			runtime.GOMAXPROCS(restore)
			if diff := cmp.Diff(first, got); diff != "" || err != nil {
				t.Fatalf("%d workers and batches of %d give error %v, tallies\n%s", procs, size, err, diff)
			}
		}
	}
	got, err := Collect(t.Context(), pushedMinutes{m}, frame, sumRollups(frame), nil)
	if diff := cmp.Diff(first, got); diff != "" || err != nil {
		t.Errorf("error %v, tallies (-scan +push-down):\n%s", err, diff)
	}
}

// TestSumsThatDoNotFitAreErrors: what is added up first does not matter, only
// what comes out, and where it is the sum is named.
func TestSumsThatDoNotFitAreErrors(t *testing.T) {
	type spent struct {
		cell int
		v    int64
	}
	frame := frameOfCells()
	rng := rand.New(rand.NewPCG(13, 9))
	f := func(what string, fits bool, all ...spent) {
		t.Helper()
		for range 10 {
			rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			m := minutes{facts: facts{size: 1 + rng.IntN(2)}}
			for _, s := range all {
				m.rows = append(m.rows, fact{cell: cells[s.cell], status: "closed", reported: asOf.Add(-time.Hour).UnixMicro()})
				m.spent, m.has = append(m.spent, s.v), append(m.has, true)
			}
			rollups := sumRollups(frame)[1:]
			for _, source := range []data.Source{m, pushedMinutes{m}} {
				_, err := Collect(t.Context(), source, frame, rollups, nil)
				if fits && err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				if !fits && (!errors.Is(err, data.ErrOverflow) || !strings.Contains(err.Error(), "sum spent on closed: ")) {
					t.Fatalf("%s: error %v, want data.ErrOverflow that names the sum", what, err)
				}
			}
		}
	}
	const most, least = math.MaxInt64, math.MinInt64
	f("the largest", true, spent{0, most})
	f("the smallest", true, spent{0, least})
	f("the largest in two", true, spent{0, most - 1}, spent{0, 1})
	f("one too many", false, spent{0, most}, spent{0, 1})
	f("one too few", false, spent{0, least}, spent{0, -1})
	f("beyond and back", true, spent{0, most}, spent{0, most}, spent{0, 9}, spent{0, least}, spent{0, least})
	f("beyond by far and not back", false, spent{0, most}, spent{0, most}, spent{0, most}, spent{0, least})
	f("wrapped around to zero", false, spent{0, least}, spent{0, least})
	f("two rows that fit, and together", true, spent{0, most - 7}, spent{1, 7})
	f("two rows that fit, but not together", false, spent{0, most}, spent{1, 1})
	f("rows of either sign", true, spent{0, most}, spent{1, least})
	f("elsewhere counts", false, spent{0, most}, spent{3, 1})
}
