package geo

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/uber/h3-go/v4"
)

func BenchmarkCellsAt(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	const rows = 50_000
	lon, lat := make([]float64, rows), make([]float64, rows)
	for i := range lon {
		lon[i], lat[i] = 116+rng.Float64(), 39.5+rng.Float64()
	}
	rate := func(b *testing.B) {
		b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	}
	for _, r := range []Resolution{7, 9, 11} {
		b.Run(fmt.Sprintf("resolution %d", r), func(b *testing.B) {
			b.ReportAllocs()
			var cells []Cell
			for b.Loop() {
				cells = CellsAt(cells[:0], lon, lat, r)
			}
			rate(b)
		})
		b.Run(fmt.Sprintf("h3-go resolution %d", r), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i := range lon {
					if _, err := h3.LatLngToCell(h3.LatLng{Lat: lat[i], Lng: lon[i]}, int(r)); err != nil {
						b.Fatal(err)
					}
				}
			}
			rate(b)
		})
	}
}
