package segment

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo"
)

// benchRows is the size of the benchmarks' dataset.
const benchRows = 1_000_000

// city is a store that holds generated incidents and nothing else, with a
// fixed mark: what a cache is built from without the cost of a real store.
type city struct {
	*memory.Store
	batches []data.Batch // with seq
}

func (c *city) Mark(_ context.Context, d data.Dataset) (int64, error) {
	if d == data.Incidents {
		return 1, nil
	}
	return 0, nil
}

func (c *city) Lineage(_ context.Context, d data.Dataset, mark int64) (string, error) {
	if d == data.Incidents && mark == 1 {
		return "city", nil
	}
	return "", nil
}

func (c *city) Since(_ context.Context, d data.Dataset, mark int64) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		for _, b := range c.batches {
			if d != data.Incidents || mark > 0 || !yield(b, nil) {
				return
			}
		}
	}
}

func (c *city) Scan(_ context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		for _, b := range c.batches {
			b, err := q.Filter(b)
			if !yield(b, err) {
				return
			}
		}
	}
}

// newCity makes n incidents in 50,000 places over a year, a tenth without a
// cell, in batches as a store would give them.
func newCity(b testing.TB, n int) *city {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	c := &city{Store: memory.New()}
	columns := newView(c.Schema(data.Incidents)).all
	builder := data.NewBuilder(columns)
	for row := range n {
		place, seen := geo.Cell(r.IntN(50_000)), epoch.Add(time.Duration(r.IntN(365*24*60))*time.Minute)
		for i, column := range columns {
			switch {
			case column.Name == "id":
				builder.SetText(i, fmt.Sprintf("2024-%08d", row))
			case column.Name == data.Withdrawn:
				builder.Missing(i)
			case column.Name == seqColumn:
				builder.SetInt(i, int64(row))
			case column.Type == data.Time:
				builder.SetInt(i, seen.UnixMicro())
			case column.Type == data.Cell && row%10 != 0:
				builder.SetCell(i, 0x8b2a_1072_0000_0fff+place<<12)
			case column.Type == data.Float:
				builder.SetFloat(i, float64(place)/1e5)
			case column.Type == data.Code:
				builder.SetText(i, [...]string{"street", "lighting", "waste", "water", "noise"}[r.IntN(5)])
			default:
				builder.Missing(i)
			}
		}
		if builder.Len() == 8192 || row == n-1 {
			c.batches = append(c.batches, builder.Build())
		}
	}
	return c
}

func perSecond(b *testing.B, rows int) {
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkBuild(b *testing.B) {
	store, dir := newCity(b, benchRows), b.TempDir()
	for i := 0; b.Loop(); i++ {
		c := open(b, store, filepath.Join(dir, fmt.Sprint(i)), Options{})
		if err := c.Refresh(context.Background()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(c.Stats()[0].Bytes)/benchRows, "bytes/row")
	}
	perSecond(b, benchRows)
}

// built returns a store and the folder of its finished cache.
func built(b *testing.B) (store *city, dir string) {
	b.Helper()
	store, dir = newCity(b, benchRows), b.TempDir()
	if err := open(b, store, dir, Options{}).Refresh(context.Background()); err != nil {
		b.Fatal(err)
	}
	return store, dir
}

func BenchmarkOpen(b *testing.B) {
	store, dir := built(b)
	for _, bm := range []struct {
		name    string
		columns []string // that are used, and so verified
	}{
		{"alone", nil},
		{"and first use of 5 columns", []string{"cell_9", "reported_at", "closed_at", "category", "status"}},
		{"and first use of all columns", names(store.Schema(data.Incidents))},
	} {
		b.Run(bm.name, func(b *testing.B) {
			for b.Loop() {
				c := open(b, store, dir, Options{})
				if bm.columns == nil {
					continue
				}
				drain(b, c, data.Query{Dataset: data.Incidents, Columns: bm.columns})
			}
		})
	}
}

// drain scans, reading every value of two columns where they are asked for,
// and returns the number of rows.
func drain(b *testing.B, source data.Source, q data.Query) (rows int) {
	b.Helper()
	var total uint64
	for batch, err := range source.Scan(context.Background(), q) {
		if err != nil {
			b.Fatal(err)
		}
		for _, t := range batch.Ints("reported_at") {
			total += uint64(t)
		}
		for _, c := range batch.Cells("cell_9") {
			total += uint64(c)
		}
		rows += batch.Len()
	}
	if total == 0 {
		b.Fatal("scan gave nothing")
	}
	return rows
}

// BenchmarkScan compares a scan of the cache with one of the store beneath,
// here a store of ready batches in memory, the fastest there can be.
func BenchmarkScan(b *testing.B) {
	store, dir := built(b)
	c := open(b, store, dir, Options{})
	columns := []string{"cell_9", "reported_at", "category", "status"}
	for _, bm := range []struct {
		name  string
		where data.Condition
	}{
		{"all", nil},
		{"one category", data.Compare{Column: "category", Value: "waste"}},
		{"one cell", data.Compare{Column: "cell_11", Value: geo.Cell(0x8b2a_1072_0000_0fff + 777<<12)}},
		{"one month", data.All{
			data.Compare{Column: "reported_at", Op: data.GreaterOrEqual, Value: epoch},
			data.Compare{Column: "reported_at", Op: data.Less, Value: epoch.AddDate(0, 1, 0)},
		}},
	} {
		q := data.Query{Dataset: data.Incidents, Columns: columns, Where: bm.where}
		want := drain(b, store, q)
		for name, source := range map[string]data.Source{"cache": c, "store": store} {
			b.Run(bm.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					if got := drain(b, source, q); got != want {
						b.Fatalf("scan gave %d rows, want %d", got, want)
					}
				}
				perSecond(b, benchRows)
			})
		}
	}
}

// BenchmarkChecksum measures what verifying a whole cache on opening would
// cost, in the bytes of the file.
func BenchmarkChecksum(b *testing.B) {
	_, dir := built(b)
	files, err := filepath.Glob(filepath.Join(dir, "*"+segmentSuffix))
	if err != nil || len(files) != 1 {
		b.Fatalf("files %v, %v", files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		checksum(content)
	}
}
