package crs

import (
	"testing"

	"github.com/paulmach/orb"
)

// spread returns points over Chinese cities, none on the rim, and others all
// along the border.
func spread() (cities, border []orb.Point) {
	for _, p := range scatter(4096)[4096:] {
		if InMainland(p) {
			border = append(border, p)
		}
	}
	for i := range 4096 {
		cities = append(cities, orb.Point{116 + float64(i%64)/100, 39.6 + float64(i/64)/100})
	}
	return cities, border
}

func BenchmarkToWGS84(b *testing.B) {
	cities, border := spread()
	run := func(name string, s System, points []orb.Point) {
		b.Run(name, func(b *testing.B) {
			in := make([]orb.Point, len(points))
			for i, p := range points {
				in[i], _ = FromWGS84(s, p)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				_, _ = ToWGS84(s, in[i])
				if i++; i == len(in) {
					i = 0
				}
			}
		})
	}
	run("wgs84", WGS84, cities)
	run("mercator", WebMercator, cities)
	run("gcj02/city", GCJ02, cities)
	run("gcj02/border", GCJ02, border)
	run("bd09/city", BD09, cities)
}

func BenchmarkFromWGS84(b *testing.B) {
	cities, border := spread()
	run := func(name string, s System, points []orb.Point) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				_, _ = FromWGS84(s, points[i])
				if i++; i == len(points) {
					i = 0
				}
			}
		})
	}
	run("gcj02/city", GCJ02, cities)
	run("gcj02/border", GCJ02, border)
	run("bd09/city", BD09, cities)
}

func BenchmarkInMainland(b *testing.B) {
	cities, border := spread()
	for name, points := range map[string][]orb.Point{"city": cities, "border": border} {
		b.Run(name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				_ = InMainland(points[i])
				if i++; i == len(points) {
					i = 0
				}
			}
		})
	}
}

// BenchmarkAllEdges is the rival without a grid.
func BenchmarkAllEdges(b *testing.B) {
	cities, _ := spread()
	r := mainland()
	var edges []edge
	for _, row := range r.rows {
		edges = append(edges, row...)
	}
	i := 0
	for b.Loop() {
		_ = oddCrossings(edges, cities[i][0], cities[i][1])
		i = (i + 1) % len(cities)
	}
}

func BenchmarkBuildMainland(b *testing.B) {
	for b.Loop() {
		_ = newRegion(mainlandRings())
	}
}

func BenchmarkColumnsToWGS84(b *testing.B) {
	cities, _ := spread()
	x, y := make([]float64, len(cities)), make([]float64, len(cities))
	b.ReportAllocs()
	for b.Loop() {
		for i, p := range cities {
			x[i], y[i] = p[0], p[1]
		}
		if err := ColumnsToWGS84(GCJ02, x, y, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(cities)), "ns/row")
}
