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

func ExampleShareFunnel() {
	shares, trials := []float64{0.5, 0.5, 0.92}, []int64{8, 200, 200}
	f, err := stats.ShareFunnel(shares, trials, stats.FunnelOptions{Target: 0.8})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, share := range shares {
		fmt.Printf("%.2f of %d: 99.8 %% limits %.2f to %.2f\n", share, trials[i], f.Low998[i], f.High998[i])
	}
	// Output:
	// 0.50 of 8: 99.8 % limits 0.22 to 1.00
	// 0.50 of 200: 99.8 % limits 0.71 to 0.88
	// 0.92 of 200: 99.8 % limits 0.71 to 0.88
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

// Cells are pulled towards the cells of their own community, here good in the
// first ten and bad in the others.
func ExampleShrinkSharesWithin() {
	var passed, inspected []int64
	var community []int32
	for cell := range int64(20) {
		inspected = append(inspected, 4+cell%3)
		passed = append(passed, (4+cell%3)*(3-2*(cell/10))/4)
		community = append(community, int32(cell/10))
	}
	all, err := stats.ShrinkShares(passed, inspected)
	if err != nil {
		fmt.Println(err)
		return
	}
	within, err := stats.ShrinkSharesWithin(passed, inspected, community)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cell := range []int{0, 19} {
		fmt.Printf("%d of %d: %.2f among all, %.2f in its community\n", passed[cell], inspected[cell], all.Estimate[cell], within.Estimate[cell])
	}
	// Output:
	// 3 of 4: 0.48 among all, 0.67 in its community
	// 1 of 5: 0.39 among all, 0.20 in its community
}

func ExampleShareChange() {
	c, _ := stats.ShareChange(48, 80, 56, 70, 0.95)
	fmt.Printf("60 %% to 80 %%: %+.2f, from %+.2f to %+.2f, p = %.3f\n", c.Difference, c.Interval.Low, c.Interval.High, c.P)
	c, _ = stats.ShareChange(3, 5, 4, 5, 0.95)
	fmt.Printf("of five each: %+.2f, from %+.2f to %+.2f, p = %.3f\n", c.Difference, c.Interval.Low, c.Interval.High, c.P)
	// Output:
	// 60 % to 80 %: +0.20, from +0.05 to +0.33, p = 0.013
	// of five each: +0.20, from -0.31 to +0.60, p = 1.000
}

func ExampleRateChange() {
	r, _ := stats.RateChange(20, 31, 31, 28, 0.95)
	fmt.Printf("20 in 31 days, 31 in 28: times %.2f, from %.2f to %.2f, p = %.3f\n", r.Ratio, r.Interval.Low, r.Interval.High, r.P)
	r, _ = stats.RateChange(0, 31, 4, 28, 0.95)
	fmt.Printf("none, then 4: bounded %v, at least times %.2f, p = %.3f\n", r.Bounded, r.Interval.Low, r.P)
	// Output:
	// 20 in 31 days, 31 in 28: times 1.72, from 0.95 to 3.18, p = 0.077
	// none, then 4: bounded false, at least times 0.73, p = 0.101
}

// Means of two months are compared, of which the sums and the sums of squares are
// known.
func ExampleMeanChange() {
	april := stats.Moments{N: 5, Sum: stats.Product(232, 1), SumSquares: stats.Product(11_146, 1)}
	may := stats.Moments{N: 4, Sum: stats.Product(134, 1), SumSquares: stats.Product(4606, 1)}
	mean, _ := april.Mean()
	iv, _ := stats.MeanInterval(april.Sample(), 0.95)
	fmt.Printf("april: %.1f minutes, from %.1f to %.1f\n", mean, iv.Low, iv.High)
	c, _ := stats.MeanChange(april.Sample(), may.Sample(), 0.95)
	fmt.Printf("may: %+.1f, from %+.1f to %+.1f, p = %.3f\n", c.Difference, c.Interval.Low, c.Interval.High, c.P)
	// Output:
	// april: 46.4 minutes, from 34.3 to 58.5
	// may: -12.9, from -25.7 to -0.1, p = 0.048
}

func ExampleRank() {
	shares := []float64{0.91, 0.85, 0, 0.85, 0.99}
	ranked := []bool{true, true, false, true, true}
	fmt.Println(stats.Rank(shares, ranked, false))
	// Output: [3 1 0 1 4]
}

func ExampleParseShareMethod() {
	for _, name := range []string{"wilson", "clopper_pearson", "jeffreys"} {
		method, err := stats.ParseShareMethod(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		iv, _ := method.Interval(3, 4, 0.95)
		fmt.Printf("%s: %.2f to %.2f\n", method, iv.Low, iv.High)
	}
	// Output:
	// wilson: 0.30 to 0.95
	// clopper_pearson: 0.19 to 0.99
	// jeffreys: 0.28 to 0.97
}

func ExampleLocalMoran() {
	// Five cells in a row: two high ones side by side, and a high one alone.
	w, err := stats.NeighbourLists([][]int32{{1}, {0, 2}, {1, 3}, {2, 4}, {3}})
	if err != nil {
		panic(err)
	}
	x := []float64{9, 8, 1, 2, 7}
	moran, err := stats.LocalMoran(x, nil, w)
	if err != nil {
		panic(err)
	}
	names := map[stats.Quadrant]string{stats.HighHigh: "high-high", stats.LowLow: "low-low", stats.HighLow: "high-low", stats.LowHigh: "low-high"}
	for i, q := range moran.Quadrant {
		fmt.Printf("%v %s\n", x[i], names[q])
	}
	// Output:
	// 9 high-high
	// 8 high-low
	// 1 low-low
	// 2 low-low
	// 7 high-low
}
