package postgis_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
	"github.com/civgrid/civgrid/data/storetest"
	"github.com/civgrid/civgrid/geo"
)

// TestThreeServersAddUpToOne holds thirds of the same facts on three servers.
// The sums of all three, added, equal those of one that holds all, and those
// that a scan gives when it is added up by hand.
func TestThreeServersAddUpToOne(t *testing.T) {
	t.Parallel()
	const facts = 6000
	whole := openClosed(t, pgtest.Shared(t).Database(t), postgis.Options{})
	var thirds []*postgis.Store
	for range 3 {
		thirds = append(thirds, openClosed(t, pgtest.Start(t).Database(t), postgis.Options{}))
	}
	reference := memory.New()
	rows := inspections(facts)
	for i, s := range append([]*postgis.Store{whole}, thirds...) {
		share := rows
		if i > 0 {
			share = rows[(i-1)*facts/3 : i*facts/3]
		}
		put := func(s data.Store) {
			if _, err := s.Append(t.Context(), data.Inspections, data.Chunk{}, storetest.Batch(s.Schema(data.Inspections), share...)); err != nil {
				t.Fatal(err)
			}
		}
		put(s)
		if i == 0 {
			put(reference)
		}
	}
	for _, r := range everyRollup(t) {
		want := byHand(t, reference, r)
		if len(want) < 2 && len(r.Keys) > 0 {
			t.Errorf("%s has %d groups, want more: the test shows nothing", r.Name, len(want))
		}
		added := map[string][]int64{}
		for _, s := range thirds {
			addAnswer(t, added, s, r)
		}
		if diff := cmp.Diff(want, added); diff != "" {
			t.Errorf("%s, added over three servers (-by hand +added):\n%s", r.Name, diff)
		}
		one := map[string][]int64{}
		addAnswer(t, one, whole, r)
		if diff := cmp.Diff(want, one); diff != "" {
			t.Errorf("%s, by one server (-by hand +answer):\n%s", r.Name, diff)
		}
		if diff := cmp.Diff(want, byHand(t, whole, r)); diff != "" {
			t.Errorf("%s, scanned (-memory +PostGIS):\n%s", r.Name, diff)
		}
	}
}

// inspections returns facts with all sorts of values and gaps.
func inspections(n int) []storetest.Row {
	random := rand.New(rand.NewPCG(33, 33))
	begin := time.Date(2024, 3, 25, 0, 0, 0, 0, time.UTC) // a week with a change of clocks in Zurich
	rows := make([]storetest.Row, n)
	for i := range rows {
		at := begin.Add(time.Duration(random.Int64N(int64(14 * 24 * time.Hour))))
		r := storetest.Row{"source": fmt.Sprint("s", i%2), "id": fmt.Sprint(i), "location": "none", "inspected_at": at.UnixMicro()}
		maybe := func(name string, v any) {
			if random.IntN(5) > 0 {
				r[name] = v
			}
		}
		maybe("rectified_at", at.Add(time.Duration(random.Int64N(int64(96*time.Hour)))-time.Hour).UnixMicro())
		maybe("rectify_due_at", at.Add(48*time.Hour).UnixMicro())
		maybe("result", []string{"pass", "fail", "na", "", "不合格"}[random.IntN(5)])
		maybe("community", fmt.Sprint("area ", random.IntN(7)))
		maybe("cell_8", geo.Cell(0x8831aa5000fffff+random.IntN(9)))
		maybe("found", random.Int64N(5)-2)
		rows[i] = r
	}
	return rows
}

// everyRollup returns rollups with every kind of key, alone and together.
func everyRollup(t *testing.T) []data.Rollup {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	day := int64(24 * time.Hour / time.Microsecond)
	asOf := time.Date(2024, 4, 3, 12, 0, 0, 0, time.UTC)
	keys := map[string]data.Key{
		"cells":       data.ByCell{Column: "cell_8"},
		"words":       data.ByCode{Column: "result"},
		"recoded":     data.ByCode{Column: "community", Recode: map[string]string{"area 1": "north", "area 2": "north", "area 3": "south"}},
		"hours":       data.ByHourOfWeek{Column: "inspected_at", Zone: zone},
		"waits":       data.ByWait{From: "inspected_at", To: "rectified_at", AsOf: asOf, Bounds: []int64{0, day, 2 * day}},
		"open bounds": data.ByWait{From: "inspected_at", To: "rectified_at", AsOf: asOf},
	}
	counts := []data.Count{
		{Name: "rows"},
		{Name: "failed", Where: data.In{Column: "result", Words: []string{"fail", "不合格"}}},
		{Name: "late", Where: data.CompareColumns{Left: "rectify_due_at", Op: data.Less, Right: "rectified_at"}},
	}
	sums := []data.Sum{{Name: "problems", Column: "found"}, {Name: "problems of late", Column: "found", Where: counts[2].Where}}
	rollups := []data.Rollup{{Name: "everything", Dataset: data.Inspections, Counts: counts, Sums: sums}}
	for name, k := range keys {
		rollups = append(rollups, data.Rollup{Name: name, Dataset: data.Inspections, Keys: []data.Key{k}, Counts: counts, Sums: sums})
		for other, second := range keys {
			if k.Result().Name < second.Result().Name {
				rollups = append(rollups, data.Rollup{
					Name: name + " and " + other, Dataset: data.Inspections, Keys: []data.Key{k, second}, Counts: counts, Sums: sums,
					Where: data.Not{Condition: data.Missing{Column: "found"}},
				})
			}
		}
	}
	return rollups
}

// addAnswer adds what a store answers to a rollup to counts by key.
func addAnswer(t *testing.T, counts map[string][]int64, s data.Aggregator, r data.Rollup) {
	t.Helper()
	for b, err := range s.Aggregate(t.Context(), r) {
		if err != nil {
			t.Fatalf("%s: %v", r.Name, err)
		}
		for row := range b.Len() {
			var key strings.Builder
			for _, k := range r.Keys {
				fmt.Fprintf(&key, "%v|", valueOf(b.Batch, k.Result(), row))
			}
			for i, c := range r.Columns()[len(r.Keys):] {
				addCount(counts, key.String(), len(r.Counts)+len(r.Sums), i, b.Ints(c.Name)[row])
			}
		}
	}
}

func addCount(counts map[string][]int64, key string, width, i int, n int64) {
	if counts[key] == nil {
		counts[key] = make([]int64, width)
	}
	counts[key][i] += n
}

// valueOf returns a value of a batch, nil where there is none.
func valueOf(b data.Batch, c data.Column, row int) any {
	switch {
	case !b.Valid(c.Name).At(row):
		return nil
	case c.Type == data.Cell:
		return b.Cells(c.Name)[row]
	case c.Type == data.Code:
		return b.Codes(c.Name).At(row)
	}
	return b.Ints(c.Name)[row]
}

// byHand answers a rollup from a scan, row by row.
func byHand(t *testing.T, s data.Source, r data.Rollup) map[string][]int64 {
	t.Helper()
	counts := map[string][]int64{}
	for b, err := range s.Scan(t.Context(), r.Query()) {
		if err != nil {
			t.Fatal(err)
		}
		met := make([][]bool, len(r.Counts))
		for i, c := range r.Counts {
			met[i] = data.Select(nil, b, c.Where)
		}
		added := make([][]bool, len(r.Sums))
		for i, s := range r.Sums {
			added[i] = data.Select(nil, b, s.Where)
		}
		for row := range b.Len() {
			var key strings.Builder
			for _, k := range r.Keys {
				fmt.Fprintf(&key, "%v|", keyOf(b, k, row))
			}
			for i := range r.Counts {
				n := int64(0)
				if met[i][row] {
					n = 1
				}
				addCount(counts, key.String(), len(r.Counts)+len(r.Sums), i, n)
			}
			for i, s := range r.Sums {
				n := int64(0)
				if b.Valid(s.Column).At(row) && added[i][row] {
					n = b.Ints(s.Column)[row]
				}
				addCount(counts, key.String(), len(r.Counts)+len(r.Sums), len(r.Counts)+i, n)
			}
		}
	}
	return counts
}

// keyOf returns the key of a row, nil where it has none.
func keyOf(b data.Batch, k data.Key, row int) any {
	switch k := k.(type) {
	case data.ByCode:
		word := valueOf(b, k.Result(), row)
		if word == nil || k.Recode == nil {
			return word
		}
		if to, ok := k.Recode[word.(string)]; ok {
			return to
		}
		return nil
	case data.ByHourOfWeek:
		local := time.UnixMicro(b.Ints(k.Column)[row]).In(k.Zone)
		return int64((int(local.Weekday())+6)%7*24 + local.Hour())
	case data.ByWait:
		from, to := b.Ints(k.From)[row], k.AsOf.UnixMicro()
		if b.Valid(k.To).At(row) {
			to = min(to, b.Ints(k.To)[row])
		}
		if to < from {
			return nil
		}
		n := int64(0)
		for _, bound := range k.Bounds {
			if bound < to-from {
				n++
			}
		}
		return n
	}
	return valueOf(b, k.Result(), row)
}
