package data

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/civgrid/civgrid/geo"
)

const benchRows = 50_000

// incidents makes up a batch with all columns of incidents.
func incidents() Batch {
	r := rand.New(rand.NewPCG(9, 1))
	columns := SchemaOf(Incidents, DefaultResolutions())
	b := NewBuilder(columns)
	for n := range benchRows {
		for i, c := range columns {
			switch {
			case !c.Required && r.IntN(5) == 0:
				b.Missing(i)
			case c.Type == Code:
				b.SetText(i, fmt.Sprint(c.Name, r.IntN(100)))
			case c.Type == Text:
				b.SetText(i, fmt.Sprint(c.Name, " ", n))
			case c.Type == Float:
				b.SetFloat(i, r.Float64())
			case c.Type == Cell:
				b.SetCell(i, geo.Cell(1+r.Uint64N(5000)))
			default:
				b.SetInt(i, r.Int64N(1e15))
			}
		}
	}
	return b.Build()
}

func rate(b *testing.B) {
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkTake takes half of the rows; rows/s are those looked at.
func BenchmarkTake(b *testing.B) {
	all := incidents()
	var rows []int32
	for i := range int32(benchRows) {
		if i%3 != 0 && i%4 != 0 {
			rows = append(rows, i)
		}
	}
	few, err := all.Project("reported_at", "closed_at", "category", "cell_9")
	if err != nil {
		b.Fatal(err)
	}
	for _, batch := range []Batch{all, few} {
		b.Run(fmt.Sprintf("%d columns", len(batch.Columns())), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				batch.Take(rows)
			}
			rate(b)
		})
	}
}

func BenchmarkSelect(b *testing.B) {
	batch := incidents()
	in := In{"category", []string{"category1", "category2", "category3"}}
	since := Compare{"reported_at", GreaterOrEqual, time.UnixMicro(5e14)}
	for _, bench := range []struct {
		name string
		c    Condition
	}{
		{"words", in},
		{"texts", Compare{"address", Equal, "address 7"}},
		{"since", since},
		{"nested", All{in, since, Not{Any{Missing{"lon"}, CompareColumns{"closed_at", Greater, "due_at"}}}}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			var keep []bool
			for b.Loop() {
				keep = Select(keep, batch, bench.c)
			}
			rate(b)
		})
	}
}

func BenchmarkDigests(b *testing.B) {
	batch := incidents()
	for _, stamped := range []bool{false, true} {
		b.Run(fmt.Sprintf("stamped %v", stamped), func(b *testing.B) {
			b.ReportAllocs()
			var digests []uint64
			for b.Loop() {
				digests = Digests(digests, batch, stamped)
			}
			rate(b)
		})
	}
}

func BenchmarkBuilder(b *testing.B) {
	columns := SchemaOf(Incidents, nil)
	builder := NewBuilder(columns)
	b.ReportAllocs()
	for b.Loop() {
		for range benchRows {
			for i, c := range columns {
				switch c.Type {
				case Text, Code:
					builder.SetText(i, "word")
				case Float:
					builder.SetFloat(i, 1)
				default:
					builder.SetInt(i, 1)
				}
			}
		}
		builder.Build()
	}
	rate(b)
}
