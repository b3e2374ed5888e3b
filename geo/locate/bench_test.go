package locate

import (
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

func BenchmarkFind(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	areas := tiling(rng, orb.Point{116.2, 39.7}, 0.6, 16, 64, 7) // 256 areas of 256 corners
	x, err := New(areas)
	if err != nil {
		b.Fatal(err)
	}
	points := make([]orb.Point, 100_000)
	for i := range points {
		points[i] = orb.Point{116.2 + 0.6*rng.Float64(), 39.7 + 0.6*rng.Float64()}
	}
	lon, lat := columns(points)
	cells := geo.CellsAt(nil, lon, lat, x.Resolution())
	perPoint := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(points)), "ns/point")
	}
	b.Run("New", func(b *testing.B) {
		for b.Loop() {
			if _, err := New(areas); err != nil {
				b.Fatal(err)
			}
		}
	})
	var dst []int32
	b.Run("FindAll", func(b *testing.B) {
		for b.Loop() {
			dst = x.FindAll(dst[:0], lon, lat)
		}
		perPoint(b)
	})
	b.Run("FindCells", func(b *testing.B) {
		for b.Loop() {
			dst = x.FindCells(dst[:0], cells, lon, lat)
		}
		perPoint(b)
	})
}
