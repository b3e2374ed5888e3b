package disclosure_test

import (
	"fmt"

	"github.com/civgrid/civgrid/analytics/stats/disclosure"
)

// A district of three streets, one with 2 reports. Told without it, the district
// would tell it, so another street is hidden beside it.
func Example() {
	tree := disclosure.Tree{Parent: []int32{-1, 0, 0, 0}, Totals: [][]int64{{60, 38, 20, 2}}}
	fmt.Println(tree.Hide(5))
	// Output: [false true false true]
}
