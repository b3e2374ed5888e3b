package targeting_test

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/analytics/targeting"
)

// A tour of four places on a line, 10 minutes apart, in 50 minutes.
func ExampleSolve() {
	at := []float64{0, 10, 20, 30, -10}
	trip := targeting.Trip{Service: 5, Budget: 50, Yield: []float64{0, 1, 2, 4, 3}}
	for _, from := range at {
		var row []float64
		for _, to := range at {
			row = append(row, max(to-from, from-to))
		}
		trip.Minutes = append(trip.Minutes, row)
	}
	tour, err := targeting.Solve(context.Background(), trip)
	fmt.Println(tour.Stops, tour.Minutes, tour.Yield, err)
	// Output: [1 2 3] 45 7 <nil>
}
