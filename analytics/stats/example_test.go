package stats_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/civgrid/civgrid/analytics/stats"
)

// row returns the weights of cells in a row, each next to the one before and
// the one after.
func row(cells int) stats.Weights {
	lists := make([][]int32, cells)
	for i := range cells - 1 {
		lists[i] = append(lists[i], int32(i+1))
		lists[i+1] = append(lists[i+1], int32(i))
	}
	w, err := stats.NeighbourLists(lists)
	if err != nil {
		panic(err)
	}
	return w
}

func ExampleGiStar() {
	complaints := []float64{0, 1, 0, 0, 4, 5, 3, 0, 1, 0}
	l, err := stats.GiStar(complaints, nil, row(10))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("cell 5: %.0f complaints around, z = %.2f\n", l.Lag[5], l.Z[5])
	// Output: cell 5: 12 complaints around, z = 2.84
}

// Exact p-values where they can be had, simulated ones elsewhere, and q-values
// to report by.
func ExampleExactPermutation() {
	ctx := context.Background()
	complaints := []int64{0, 1, 0, 0, 4, 5, 3, 0, 1, 0}
	w := row(10)
	p, err := stats.ExactPermutation(ctx, complaints, nil, w, stats.ExactOptions{})
	if errors.Is(err, stats.ErrTooLarge) {
		values := make([]float64, len(complaints))
		for i, c := range complaints {
			values[i] = float64(c)
		}
		p, err = stats.PermutationMonteCarlo(ctx, values, nil, w, stats.MonteCarloOptions{Seed: 1})
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	q, err := stats.BenjaminiHochberg(p.P(stats.TwoSided), p.Valid)
	if err != nil {
		fmt.Println(err)
		return
	}
	// Of the 36 pairs among the 9 other cells, only 4 and 3 make 7.
	fmt.Printf("cell 5: p = %.4f (1 in 36), q = %.4f\n", p.Greater[5], q[5])
	// Output: cell 5: p = 0.0278 (1 in 36), q = 0.5556
}

func ExampleWilson() {
	few, _ := stats.Wilson(3, 3, 0.95)
	many, _ := stats.Wilson(96, 100, 0.95)
	_, ok := stats.Wilson(0, 0, 0.95)
	fmt.Printf("3 of 3: at least %.2f\n", few.Low)
	fmt.Printf("96 of 100: at least %.2f\n", many.Low)
	fmt.Println("0 of 0:", ok)
	// Output:
	// 3 of 3: at least 0.44
	// 96 of 100: at least 0.90
	// 0 of 0: false
}

func ExampleShrinkShares() {
	passed, inspected := []int64{1, 45, 20, 0}, []int64{1, 48, 40, 0}
	s, err := stats.ShrinkShares(passed, inspected)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range passed {
		fmt.Printf("%d of %d: %.2f, imputed %v\n", passed[i], inspected[i], s.Estimate[i], s.Imputed(i))
	}
	// Output:
	// 1 of 1: 0.80, imputed false
	// 45 of 48: 0.92, imputed false
	// 20 of 40: 0.52, imputed false
	// 0 of 0: 0.74, imputed true
}

func ExampleKaplanMeier() {
	hours := []float64{2, 5, 5, 8, 20, 30, 48}
	closed := []bool{true, true, false, true, true, false, false}
	s, err := stats.KaplanMeier(hours, closed)
	if err != nil {
		fmt.Println(err)
		return
	}
	median := s.Quantile(0.5, stats.Band{})
	p90 := s.Quantile(0.9, stats.Band{})
	fmt.Printf("median %v h, p90 %v, at least %v h\n", median.Value, p90.Reason, p90.AtLeast)
	fmt.Printf("within 24 h: %.2f\n", s.Within(24, stats.Band{}).Share)
	// Output:
	// median 20 h, p90 not_reached, at least 48 h
	// within 24 h: 0.64
}

// Summaries of two districts add up to that of the city.
func ExampleDurations_Merge() {
	north, _ := stats.CountDurations([]float64{3600, 7200}, []bool{true, true})
	south, _ := stats.CountDurations([]float64{3600, 86400}, []bool{true, false})
	city := north.Merge(south)
	closed, open := city.Total()
	s, err := city.KaplanMeier()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d closed, %d open, %d rows\n", closed, open, len(city.Bucket))
	fmt.Printf("within two hours and a bit: %.2f\n", s.Within(7300, stats.Band{}).Share)
	// Output:
	// 3 closed, 1 open, 3 rows
	// within two hours and a bit: 0.75
}
