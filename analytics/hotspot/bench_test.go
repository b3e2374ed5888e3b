package hotspot

import (
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// BenchmarkCompute makes the layer of a million cells with sparse counts. The
// study area is made once, as the engine does.
func BenchmarkCompute(b *testing.B) {
	centre, err := geo.CellAt(orb.Point{116.4, 39.9}, 10)
	if err != nil {
		b.Fatal(err)
	}
	cells := centre.Disk(577) // 1,000,519 cells
	start, rows, full, err := geo.Neighbours(cells, 1)
	if err != nil {
		b.Fatal(err)
	}
	frame := &analytics.Frame{
		Unit: analytics.CellsOf(10), Key: data.ByCell{Column: data.CellColumn(10)}, Cells: cells,
		Neighbours: analytics.Adjacency{Start: start, Rows: rows}, Edge: make([]bool, len(cells)), SquareKm: make([]float64, len(cells)),
	}
	rng := rand.New(rand.NewPCG(1, 1))
	s := study{frame, make([]int64, len(cells))}
	for row, cell := range cells {
		frame.Edge[row], frame.SquareKm[row] = !full[row], float64(cell.Area())/1e6
		s.counts[row] = poisson(rng, 0.3)
	}
	tallies, r := []analytics.Tally{s.tally()}, s.request(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Analysis.Compute(b.Context(), r, frame, tallies); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(cells))*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}
