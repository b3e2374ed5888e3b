package kernel_test

import (
	"context"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/kernel"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A report at the centre of a cell: the surface there is 3/(π h²).
func Example() {
	cell, err := geo.ParseCell("8931aa5085bffff")
	if err != nil {
		fmt.Println(err)
		return
	}
	values, err := analytics.ParseValues(kernel.Analysis.Params, map[string]string{"bandwidth": "1000"})
	if err != nil {
		fmt.Println(err)
		return
	}
	frame := &analytics.Frame{Unit: analytics.CellsOf(9), Key: data.ByCell{Column: "cell_9"}, Cells: []geo.Cell{cell}, SquareKm: []float64{0.1}}
	request := analytics.Request{Unit: frame.Unit, Params: values, To: time.Unix(1, 0), AsOf: time.Unix(1, 0)}
	// The square 32 to the east and 32 to the north of the south-west is at the centre.
	reports := analytics.Tally{Names: []string{"n"}, Rows: []int32{0}, Keys: []int64{32*64 + 32}, Counts: [][]int64{{1}}, Elsewhere: []int64{0}, Nowhere: []int64{0}}
	layer, err := kernel.Analysis.Compute(context.Background(), request, frame, []analytics.Tally{reports})
	if err != nil {
		fmt.Println(err)
		return
	}
	density, _ := layer.Column("density")
	fmt.Printf("%.3f per km²\n", density.Floats[0])
	// Output:
	// 0.955 per km²
}
