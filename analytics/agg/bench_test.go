package agg

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// benchRows is how many facts are added up: as many as a large city reports in
// some years.
const benchRows = 10_000_000

// A stream is a data.Source that gives the same batches again and again until
// benchRows rows are through.
type stream struct{ batches []data.Batch }

func (s stream) Schema(data.Dataset) []data.Column { return columns }

func (s stream) Scan(_ context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		for i, rows := 0, 0; rows < benchRows; i++ {
			b, err := s.batches[i%len(s.batches)].Project(q.Columns...)
			if rows += b.Len(); !yield(b, err) {
				return
			}
		}
	}
}

// newStream makes a million facts over the cells of a city, clustered as they
// are in life; with sorted, in the order segments keep them: by cell, then time.
func newStream(b *testing.B, sorted bool) (stream, *analytics.Frame) {
	b.Helper()
	centre, err := geo.CellAt(orb.Point{116.4, 39.9}, 9)
	if err != nil {
		b.Fatal(err)
	}
	city := centre.Disk(130) // 51,091 cells
	rng := rand.New(rand.NewPCG(7, 7))
	rows := make([]fact, 1<<20)
	for i := range rows {
		at := int(rng.ExpFloat64() * 5000)
		rows[i].cell = city[(at*7919)%len(city)]
		rows[i].reported = asOf.UnixMicro() - rng.Int64N(365*86400*seconds)
	}
	if sorted {
		slices.SortFunc(rows, func(a, b fact) int {
			if a.cell != b.cell {
				return int(int64(a.cell>>1) - int64(b.cell>>1))
			}
			return int(a.reported - b.reported)
		})
	}
	var s stream
	for lo := 0; lo < len(rows); lo += 1 << 16 {
		builder := data.NewBuilder(columns)
		for _, r := range rows[lo : lo+1<<16] {
			r.build(builder)
		}
		s.batches = append(s.batches, builder.Build())
	}
	slices.Sort(city)
	return s, &analytics.Frame{Unit: analytics.CellsOf(9), Key: data.ByCell{Column: "cell_9"}, Cells: city}
}

// BenchmarkByCellAndHour counts ten million facts by cell and local hour of
// the week, and does the same the plain way: a map and time.Time.
func BenchmarkByCellAndHour(b *testing.B) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		b.Fatal(err)
	}
	for _, order := range []string{"sorted", "unsorted"} {
		s, frame := newStream(b, order == "sorted")
		rollup := data.Rollup{
			Name: "hours", Dataset: data.Incidents, Counts: []data.Count{{Name: "n"}},
			Keys: []data.Key{frame.Key, data.ByHourOfWeek{Column: "reported_at", Zone: zone}},
		}
		b.Run("collect/"+order, func(b *testing.B) {
			for b.Loop() {
				if _, err := Collect(b.Context(), s, frame, []data.Rollup{rollup}, nil); err != nil {
					b.Fatal(err)
				}
			}
			rate(b)
		})
		b.Run("map/"+order, func(b *testing.B) {
			for b.Loop() {
				countInMap(b, s, rollup, zone)
			}
			rate(b)
		})
	}
}

func rate(b *testing.B) {
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

type cellAndHour struct {
	cell geo.Cell
	hour int
}

// countInMap is the naive rival, on one processor.
func countInMap(b *testing.B, s stream, r data.Rollup, zone *time.Location) map[cellAndHour]int64 {
	b.Helper()
	counts := map[cellAndHour]int64{}
	for batch, err := range s.Scan(b.Context(), r.Query()) {
		if err != nil {
			b.Fatal(err)
		}
		cells, times := batch.Cells("cell_9"), batch.Ints("reported_at")
		for i, c := range cells {
			local := time.UnixMicro(times[i]).In(zone)
			counts[cellAndHour{c, (int(local.Weekday())+6)%7*24 + local.Hour()}]++
		}
	}
	return counts
}
