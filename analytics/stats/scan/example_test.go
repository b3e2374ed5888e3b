package scan_test

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/analytics/stats/scan"
)

func Example() {
	// Six cells in a row, four weeks: reports surge in the last two cells.
	touching, err := stats.NeighbourLists([][]int32{{1}, {0, 2}, {1, 3}, {2, 4}, {3, 5}, {4}})
	if err != nil {
		panic(err)
	}
	zones, err := scan.Disks(6, touching)
	if err != nil {
		panic(err)
	}
	cube := scan.Cube{Steps: 4, Prospective: true, Events: []int64{
		3, 2, 4, 3,
		2, 3, 2, 2,
		9, 8, 9, 8, // always busy: no surge
		2, 2, 3, 2,
		1, 2, 1, 9,
		2, 1, 1, 8,
	}}
	found, err := scan.SpaceTime(context.Background(), zones, cube, nil, scan.Options{})
	if err != nil {
		panic(err)
	}
	c := found.Clusters[0]
	fmt.Printf("cells %v since week %d: %d reports, %.1f expected\n", c.Cells, c.First+1, c.Observed, c.Expected)
	// Output:
	// cells [5 4] since week 4: 17 reports, 9.0 expected
}
