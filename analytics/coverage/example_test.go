package coverage_test

import (
	"context"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/coverage"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// Of a street, a third of the inhabitants have the station within 500 m.
func Example() {
	at := orb.Point{120.6, 31.3}
	frame := &analytics.Frame{
		Unit: analytics.CommunitiesOf(data.Street), Communities: []data.Community{{Code: "S1"}}, SquareKm: []float64{1},
		Sites: []analytics.Site{{Source: "city", ID: "7", Name: "Station", Lon: at[0], Lat: at[1]}},
	}
	for i, people := range []float64{400, 800} { // at the station, and 950 m to the east of it
		cell, err := geo.CellAt(orb.Point{at[0] + 0.01*float64(i), at[1]}, 10)
		if err != nil {
			fmt.Println(err)
			return
		}
		frame.Homes = append(frame.Homes, analytics.Home{Cell: cell, People: people, Known: true})
	}
	values, err := analytics.ParseValues(coverage.Analysis.Params, map[string]string{"reach": "500"})
	if err != nil {
		fmt.Println(err)
		return
	}
	places := analytics.Tally{Names: []string{"n"}, Rows: []int32{0}, Counts: [][]int64{{2}}, Elsewhere: []int64{0}, Nowhere: []int64{0}}
	layer, err := coverage.Analysis.Compute(context.Background(), analytics.Request{Unit: frame.Unit, Params: values}, frame, []analytics.Tally{places})
	if err != nil {
		fmt.Println(err)
		return
	}
	class, _ := layer.Column("class")
	reached, _ := layer.Column("reached")
	nearest, _ := layer.Column("nearest")
	fmt.Printf("%s: %.2f have %s in reach\n", class.Words[0], reached.Floats[0], nearest.Words[0])
	// Output:
	// partly: 0.33 have Station in reach
}
