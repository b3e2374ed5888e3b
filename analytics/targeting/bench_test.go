package targeting

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkBacktest(b *testing.B) {
	area, rng := line(2000), rand.New(rand.NewPCG(1, 1))
	events := simulate(rng, area, 80, 1, func(row, _ int) float64 { return float64(row%10) / 50 })
	o := options()
	o.Periods, o.Last, o.HalfLives = 80, 52, []float64{8, 26, 52, 104}
	for b.Loop() {
		if _, err := Backtest(b.Context(), area, events, events, o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSolve(b *testing.B) {
	for name, places := range map[string]int{"exact12": 12, "search60": 60} {
		trip := randomTrip(rand.New(rand.NewPCG(1, 1)), places)
		trip.Budget = 240
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Solve(b.Context(), trip); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
