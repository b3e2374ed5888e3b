package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/sqlite"
	"github.com/civgrid/civgrid/geo"
)

const benchRows = 20_000

// incidents returns n incidents with ids from first on, all columns that a
// city's file would have; revision changes their content.
func incidents(columns []data.Column, first, n, revision int) data.Batch {
	random := rand.New(rand.NewPCG(uint64(first), 1))
	words := []string{"市容环境", "暴露垃圾", "占道经营", "街面秩序", "公用设施", "施工管理", "突发事件", "城管三中队"}
	b := data.NewBuilder(columns)
	for i := first; i < first+n; i++ {
		opened := 1_700_000_000_000_000 + int64(i)*1_000_000
		lon, lat := 116.2+random.Float64()/4, 39.8+random.Float64()/4
		for at, c := range columns {
			switch {
			case c.Name == "source":
				b.SetText(at, "hotline")
			case c.Name == "id":
				b.SetText(at, fmt.Sprintf("CG%010d", uint32(i)*2654435761)) // as good as random
			case c.Name == "lon":
				b.SetFloat(at, lon)
			case c.Name == "lat":
				b.SetFloat(at, lat)
			case c.Name == "address":
				b.SetText(at, fmt.Sprintf("朝阳区望京街道阜通东大街%d号", random.IntN(300)))
			case c.Name == "status":
				b.SetText(at, "closed")
			case c.Name == "updated_at":
				b.SetInt(at, opened+int64(revision)*1_000_000)
			case c.Name == data.Withdrawn:
				b.Missing(at)
			case c.Type == data.Code:
				b.SetText(at, words[random.IntN(len(words))])
			case c.Type == data.Time:
				b.SetInt(at, opened+int64(random.IntN(1_000_000_000)))
			case c.Type == data.Cell:
				b.SetCell(at, geo.Cell(0x8931aa50003ffff+random.IntN(1<<20)))
			default:
				b.Missing(at)
			}
		}
	}
	return b.Build()
}

// BenchmarkAppend keeps incidents of 31 columns in chunks of 20,000. Goal:
// 60,000 new rows a second.
func BenchmarkAppend(b *testing.B) {
	for _, kind := range []string{"new", "same", "later"} {
		b.Run(kind, func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), sqlite.DefaultName), sqlite.Options{})
			defer s.Close()
			columns := s.Schema(data.Incidents)
			if kind != "new" {
				appendRows(b, s, incidents(columns, 0, benchRows, 0))
			}
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				b.StopTimer()
				first, revision := n*benchRows, 0
				if kind != "new" {
					first = 0
				}
				if kind == "later" {
					revision = n + 1
				}
				rows := incidents(columns, first, benchRows, revision)
				b.StartTimer()
				appendRows(b, s, rows)
			}
			b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func appendRows(t testing.TB, s data.Store, rows data.Batch) data.Changes {
	t.Helper()
	changes, err := s.Append(context.Background(), data.Incidents, data.Chunk{}, rows)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

// BenchmarkScan reads all and some columns of 100,000 incidents.
func BenchmarkScan(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), sqlite.DefaultName), sqlite.Options{})
	defer s.Close()
	const chunks = 5
	for n := range chunks {
		appendRows(b, s, incidents(s.Schema(data.Incidents), n*benchRows, benchRows, 0))
	}
	for name, q := range map[string]data.Query{
		"all":  {Dataset: data.Incidents},
		"some": {Dataset: data.Incidents, Columns: []string{"cell_9", "category", "reported_at", "closed_at"}},
		"few": {
			Dataset: data.Incidents, Columns: []string{"id"},
			Where: data.Compare{Column: "category", Op: data.Equal, Value: "no such"},
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range s.Scan(context.Background(), q) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(chunks*benchRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkAppendOne keeps one incident at a time, each safe on disk.
func BenchmarkAppendOne(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), sqlite.DefaultName), sqlite.Options{})
	defer s.Close()
	columns := s.Schema(data.Incidents)
	appendRows(b, s, incidents(columns, 0, benchRows, 0))
	for n := benchRows; b.Loop(); n++ {
		appendRows(b, s, incidents(columns, n, 1, 0))
	}
}
