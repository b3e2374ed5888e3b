package agg

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// columns of the facts these tests add up.
var columns = []data.Column{
	{Name: "cell_9", Type: data.Cell},
	{Name: "community", Type: data.Code},
	{Name: "reported_at", Type: data.Time},
	{Name: "closed_at", Type: data.Time},
	{Name: "status", Type: data.Code},
}

// A fact is one row of them; 0 and "" stand for no value.
type fact struct {
	cell             geo.Cell
	community        string
	reported, closed int64
	status           string
}

// facts is a data.Source over a slice, in batches of the given size.
type facts struct {
	rows []fact
	size int
}

func (f facts) Schema(data.Dataset) []data.Column { return columns }

func (f facts) Scan(_ context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		for lo := 0; lo < len(f.rows); lo += f.size {
			b := data.NewBuilder(columns)
			for _, r := range f.rows[lo:min(lo+f.size, len(f.rows))] {
				r.build(b)
			}
			if !yield(q.Filter(b.Build())) {
				return
			}
		}
	}
}

func (r fact) build(b *data.Builder) {
	b.SetCell(0, r.cell)
	for i, word := range map[int]string{1: r.community, 4: r.status} {
		if word == "" {
			b.Missing(i)
		} else {
			b.SetText(i, word)
		}
	}
	for i, at := range map[int]int64{2: r.reported, 3: r.closed} {
		if at == 0 {
			b.Missing(i)
		} else {
			b.SetInt(i, at)
		}
	}
}

var (
	seconds = int64(1e6) // in microseconds
	asOf    = time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC)
	bounds  = []int64{0, 60 * seconds, 3600 * seconds, 86400 * seconds}
	cells   = []geo.Cell{0x891fb466257ffff, 0x891fb466273ffff, 0x891fb46627bffff, 0x8931aa5085bffff}
)

func frameOfCells() *analytics.Frame {
	return &analytics.Frame{Unit: analytics.CellsOf(9), Key: data.ByCell{Column: "cell_9"}, Cells: cells[:3]}
}

func randomFacts(seed uint64, n int) []fact {
	rng := rand.New(rand.NewPCG(seed, 0))
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	rows := make([]fact, n)
	for i := range rows {
		r := &rows[i]
		if rng.IntN(10) > 0 {
			r.cell = cells[rng.IntN(len(cells))]
		}
		r.community = pick("", "a1", "a2", "b1", "zz")
		r.status = pick("open", "closed", "void")
		r.reported = asOf.UnixMicro() - rng.Int64N(400*86400*seconds) + 50*86400*seconds
		if rng.IntN(3) > 0 {
			r.closed = r.reported + rng.Int64N(30*86400*seconds) - 86400*seconds
		}
	}
	return rows
}

// TestCollectAgreesWithCountingByHand adds random facts up in the plainest way
// there is, time.Time and maps, and compares.
func TestCollectAgreesWithCountingByHand(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	rows := randomFacts(1, 5000)
	frame := frameOfCells()
	key := frame.Key
	closed := data.Compare{Column: "status", Op: data.Equal, Value: "closed"}
	rollups := []data.Rollup{
		{Name: "plain", Dataset: data.Incidents, Keys: []data.Key{key}, Counts: []data.Count{{Name: "n"}, {Name: "closed", Where: closed}}},
		{Name: "hours", Dataset: data.Incidents, Keys: []data.Key{key, data.ByHourOfWeek{Column: "reported_at", Zone: zone}}, Counts: []data.Count{{Name: "n"}}},
		{Name: "waits", Dataset: data.Incidents, Where: closed, Keys: []data.Key{key, data.ByWait{From: "reported_at", To: "closed_at", AsOf: asOf, Bounds: bounds}}, Counts: []data.Count{{Name: "n"}}},
	}
	got, err := Collect(t.Context(), facts{rows, 777}, frame, rollups, nil)
	if err != nil {
		t.Fatal(err)
	}
	compareTally(t, got[0], byHand(rows, func(r fact) (int64, bool) { return 0, true }, func(fact) bool { return true }))
	compareTally(t, got[1], byHand(rows, func(r fact) (int64, bool) {
		local := time.UnixMicro(r.reported).In(zone)
		return int64((int(local.Weekday())+6)%7*24 + local.Hour()), true
	}, func(fact) bool { return true }))
	compareTally(t, got[2], byHand(rows, func(r fact) (int64, bool) {
		stop := time.UnixMicro(r.closed)
		if r.closed == 0 || stop.After(asOf) {
			stop = asOf
		}
		wait := stop.Sub(time.UnixMicro(r.reported))
		switch {
		case wait < 0:
			return 0, false
		case wait == 0:
			return 0, true
		case wait <= time.Minute:
			return 1, true
		case wait <= time.Hour:
			return 2, true
		case wait <= 24*time.Hour:
			return 3, true
		}
		return 4, true
	}, func(r fact) bool { return r.status == "closed" }))
}

// counted is the first count of a tally, by "row/key", "elsewhere", "nowhere"
// and "keyless".
type counted map[string]int64

func byHand(rows []fact, key func(fact) (int64, bool), where func(fact) bool) counted {
	counts := counted{}
	for _, r := range rows {
		if !where(r) {
			continue
		}
		k, ok := key(r)
		switch {
		case r.cell == geo.NoCell:
			counts["nowhere"]++
		case r.cell == cells[3]:
			counts["elsewhere"]++
		case !ok:
			counts["keyless"]++
		default:
			for row, c := range cells[:3] {
				if c == r.cell {
					counts[fmt.Sprint(row, "/", k)]++
				}
			}
		}
	}
	return counts
}

func compareTally(t *testing.T, got analytics.Tally, want counted) {
	t.Helper()
	have := counted{}
	for i, n := range got.Counts[0] {
		k := int64(0)
		if got.Keys != nil {
			k = got.Keys[i]
		}
		have[fmt.Sprint(got.Rows[i], "/", k)] += n
	}
	for name, n := range map[string]int64{"elsewhere": got.Elsewhere[0], "nowhere": got.Nowhere[0], "keyless": got.Keyless[0]} {
		if n > 0 {
			have[name] = n
		}
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("tally %s differs from counting by hand (-want +got):\n%s", got.Name, diff)
	}
}

func TestCollectIsTheSameForAnyBatchAndWorkers(t *testing.T) {
	rows := randomFacts(2, 20_000)
	frame := frameOfCells()
	many := make([]int64, 0, 700_000) // enough bounds to go beyond denseLimit
	for i := range int64(700_000) {
		many = append(many, i*10*seconds)
	}
	rollups := []data.Rollup{
		{Name: "hours", Dataset: data.Incidents, Keys: []data.Key{frame.Key, data.ByHourOfWeek{Column: "reported_at", Zone: time.UTC}}, Counts: []data.Count{{Name: "n"}}},
		{
			Name: "fine waits", Dataset: data.Incidents, Keys: []data.Key{frame.Key, data.ByWait{From: "reported_at", To: "closed_at", AsOf: asOf, Bounds: many}},
			Counts: []data.Count{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "d"}, {Name: "e"}},
		},
	}
	sizes := []int{1 << 15, 1000, 37}
	if testing.Short() {
		sizes, rows = sizes[1:2], rows[:3000]
	}
	var first []analytics.Tally
	for _, procs := range []int{1, 2, 7} {
		for _, size := range sizes {
			restore := runtime.GOMAXPROCS(procs)
			got, err := Collect(t.Context(), facts{rows, size}, frame, rollups, nil)
			runtime.GOMAXPROCS(restore)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got
			} else if diff := cmp.Diff(first, got); diff != "" {
				t.Fatalf("%d workers and batches of %d give another answer:\n%s", procs, size, diff)
			}
		}
	}
}

func TestCommunitiesAreRecoded(t *testing.T) {
	frame := &analytics.Frame{
		Unit:        analytics.CommunitiesOf(data.Street),
		Key:         data.ByCode{Column: "community", Recode: map[string]string{"a1": "A", "a2": "A", "b1": "B"}},
		Communities: []data.Community{{Code: "A"}},
	}
	rows := []fact{{community: "a1"}, {community: "a2"}, {community: "b1"}, {community: "zz"}, {}}
	got, err := Collect(t.Context(), facts{rows, 2}, frame, []data.Rollup{
		{Name: "n", Dataset: data.Incidents, Keys: []data.Key{frame.Key}, Counts: []data.Count{{Name: "n"}}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := analytics.Tally{
		Name: "n", Rows: []int32{0}, Names: []string{"n"}, Counts: [][]int64{{2}},
		Elsewhere: []int64{1}, Nowhere: []int64{2}, Keyless: []int64{0},
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("two facts in A, one in B which is no row, two without street (-want +got):\n%s", diff)
	}
}

func TestHoursOfTheWeek(t *testing.T) {
	f := func(zone, at string, want int64) {
		t.Helper()
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		instant, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		b := data.NewBuilder(columns)
		fact{reported: instant.UnixMicro()}.build(b)
		got := keysOf(nil, b.Build(), data.ByHourOfWeek{Column: "reported_at", Zone: location})
		if got[0] != want {
			t.Errorf("%s in %s is hour %d of the week, want %d", at, zone, got[0], want)
		}
	}
	f("UTC", "1970-01-05T00:00:00Z", 0)   // a Monday
	f("UTC", "1969-12-31T23:59:59Z", 71)  // Wednesday, before the epoch
	f("UTC", "2024-06-30T23:30:00Z", 167) // a Sunday
	f("Asia/Shanghai", "2024-06-30T16:00:00Z", 0)
	f("Asia/Kathmandu", "2024-06-30T18:15:00Z", 0)        // 5 h 45 min east
	f("America/New_York", "2011-11-06T05:30:00Z", 6*24+1) // 01:30 summer time
	f("America/New_York", "2011-11-06T06:30:00Z", 6*24+1) // 01:30 again
}

func TestCollectStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	frame := frameOfCells()
	_, err := Collect(ctx, facts{randomFacts(3, 100), 10}, frame, []data.Rollup{
		{Dataset: data.Incidents, Keys: []data.Key{frame.Key}, Counts: []data.Count{{Name: "n"}}},
	}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Collect with a cancelled context returned %v, want context.Canceled", err)
	}
}

// TestNoCellIsNoPlace: a store may hand out a row of geo.NoCell, which marks
// free slots of the index.
func TestNoCellIsNoPlace(t *testing.T) {
	x := newRowIndex(frameOfCells())
	b := data.NewBuilder(columns)
	fact{cell: cells[1]}.build(b)
	fact{cell: cells[3]}.build(b)
	fact{cell: cells[2]}.build(b)
	record := b.Build().Record().Column(0).(*array.Uint64)
	record.Uint64Values()[2] = uint64(geo.NoCell)
	zero, err := data.NewBatch(columns[:1], array.NewRecord(data.ArrowSchema(columns[:1]), []arrow.Array{record}, 3))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int32{1, 3, 4}, x.rowsOf(nil, zero)); diff != "" {
		t.Errorf("rows of a cell, one elsewhere and none (-want +got):\n%s", diff)
	}
}

// TestTablesAgree adds the same facts up in a plain array and by hashing, with
// conditions that many facts do not meet and sums that cancel out: entries that
// are all zero are left out of both.
func TestTablesAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	const width = 100
	rollup := data.Rollup{
		Name: "n", Keys: []data.Key{data.ByCell{}, data.ByWait{Bounds: make([]int64, width-1)}},
		Counts: []data.Count{{Name: "a"}, {Name: "b"}}, Sums: []data.Sum{{Name: "s"}},
	}
	plain := newTable(50, rollup, 1)
	hashed := plain
	hashed.dense, hashed.hash = nil, newHashTable(plain.slots)
	halves := []table{newTable(50, rollup, 1), newTable(50, rollup, 1)}
	mixed := []table{hashed, hashed}
	mixed[0].hash, mixed[1].hash = newHashTable(plain.slots), newHashTable(plain.slots)
	for range 200 {
		rows, keys, marks := make([]int32, 90), make([]int64, 90), [][]bool{make([]bool, 90), make([]bool, 90)}
		values := addend{values: make([]int64, 90), mark: make([]bool, 90)}
		for i := range rows {
			rows[i], keys[i] = rng.Int32N(52), rng.Int64N(width+1)-1
			marks[0][i], marks[1][i] = rng.IntN(20) == 0, rng.IntN(20) == 0
			values.values[i], values.mark[i] = rng.Int64N(3)-1, rng.IntN(20) == 0
		}
		half := rng.IntN(2)
		for _, table := range []*table{&plain, &hashed, &halves[half], &mixed[half]} {
			table.addKeyed(rows, keys, marks)
			table.addSums(rows, keys, []addend{values})
		}
	}
	tally := func(t *table) analytics.Tally {
		tally, err := t.tally(rollup)
		if err != nil {
			panic(err)
		}
		return tally
	}
	want := tally(&plain)
	if diff := cmp.Diff(want, tally(&hashed)); diff != "" {
		t.Errorf("hashing gives another tally (-array +hash):\n%s", diff)
	}
	for _, parts := range [][]table{halves, mixed} {
		parts[0].merge(&parts[1])
		if diff := cmp.Diff(want, tally(&parts[0])); diff != "" {
			t.Errorf("parts merged give another tally (-whole +parts):\n%s", diff)
		}
	}
	if len(want.Rows) == 0 || len(want.Rows) >= 50*width {
		t.Fatalf("%d entries: the test says nothing", len(want.Rows))
	}
	negative := 0
	for i, count := range want.Counts[0] {
		if count == 0 && want.Counts[1][i] == 0 && want.Counts[2][i] == 0 {
			t.Fatalf("entry %d is all zero", i)
		}
		if want.Counts[2][i] < 0 {
			negative++
		}
	}
	if negative == 0 {
		t.Error("no sum is negative: the test says nothing")
	}
}

// TestManyWorkersStayWithinMemory: the more workers, the earlier they hash.
func TestManyWorkersStayWithinMemory(t *testing.T) {
	f := func(workers int, dense bool) {
		t.Helper()
		r := data.Rollup{Keys: []data.Key{data.ByCell{}, data.ByHourOfWeek{}}, Counts: []data.Count{{}}}
		if got := newTable(90_000, r, workers).dense != nil; got != dense {
			t.Errorf("90,000 rows by hour of the week on %d workers are a plain array: %t, want %t", workers, got, dense)
		}
	}
	f(1, true)
	f(8, true)
	f(9, false)
	f(64, false)
	if newTable(90_000, data.Rollup{Counts: make([]data.Count, 9), Sums: make([]data.Sum, 9)}, 64).dense == nil {
		t.Error("counts by row alone are hashed")
	}
}
