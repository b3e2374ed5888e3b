package trend_test

import (
	"fmt"

	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/analytics/stats/trend"
)

func Example() {
	reports := []float64{3, 4, 2, 5, 6, 5, 7, 9} // a month each
	test, err := trend.MannKendall(reports)
	if err != nil {
		panic(err)
	}
	p, _ := test.P(stats.TwoSided)
	slope, err := trend.Sen(reports, 0.95)
	if err != nil {
		panic(err)
	}
	fmt.Printf("S = %d of 28, p = %.3f, %.2f reports more each month\n", test.S, p, slope.Value)
	fmt.Println(trend.Classify([]int8{0, 0, 0, 0, 0, 0, 1, 1}, 1))
	// Output:
	// S = 21 of 28, p = 0.013, 0.79 reports more each month
	// consecutive hot spot
}
