package encode_test

import (
	"runtime"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/geo"
)

// A gauge takes in what is written and looks at the heap from time to time.
type gauge struct {
	bytes, next int64
	peak        uint64
}

const gaugeStep = 3 << 20

func (g *gauge) Write(p []byte) (int, error) {
	g.bytes += int64(len(p))
	if g.bytes >= g.next {
		g.next = g.bytes + gaugeStep
		g.peak = max(g.peak, heap())
	}
	return len(p), nil
}

// heap returns the bytes in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemoryDoesNotGrowWithRows writes 100,000 and a million cells in every
// format that is streamed; the table for terminals is as wide as its longest
// row, so it is not. A FlatGeobuf of a million has no index, one of 100,000 has.
func TestMemoryDoesNotGrowWithRows(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a million rows in every format")
	}
	const most = 12 << 20
	table := manyCells(t, 1_000_000)
	few := &encode.Table{Name: table.Name, Cells: table.Cells[:100_000], Columns: table.Columns}
	for _, f := range encode.Formats() {
		if f.Name == "table" {
			continue
		}
		for _, table := range []*encode.Table{few, table} {
			before := heap()
			g := &gauge{}
			if err := encode.WriteTable(g, f.Name, table, encode.Options{}); err != nil {
				t.Fatal(err)
			}
			grown := int64(g.peak) - int64(before)
			t.Logf("%s: %d rows are %d MB, the heap grows by %d kB", f.Name, table.Len(), g.bytes>>20, grown>>10)
			if grown > most {
				t.Errorf("%s: the heap grows by %d MB for %d rows, want no more than %d", f.Name, grown>>20, table.Len(), most>>20)
			}
			if g.bytes < 2*most && table.Len() == 1_000_000 {
				t.Errorf("%s: %d bytes would fit the bound whole", f.Name, g.bytes)
			}
		}
		runtime.KeepAlive(table)
	}
}

// manyCells returns rows of one cell after the other, over and over, with a
// column of each type.
func manyCells(t *testing.T, n int) *encode.Table {
	t.Helper()
	around := cellsAround(t, 114.06, 22.54, 9, 30)
	cells := make([]geo.Cell, n)
	words, ints, floats := make([]string, n), make([]int64, n), make([]float64, n)
	for i := range cells {
		cells[i] = around[i%len(around)]
		words[i], ints[i], floats[i] = "田香社區", int64(i)*7919, float64(i)/7
	}
	return &encode.Table{Name: "many", Cells: cells, Columns: []analytics.Column{
		{Name: "word", Type: analytics.WordColumn, Words: words},
		{Name: "int", Type: analytics.IntColumn, Ints: ints},
		{Name: "float", Type: analytics.FloatColumn, Floats: floats},
	}}
}
