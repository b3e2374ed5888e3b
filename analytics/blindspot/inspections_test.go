package blindspot

import (
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
)

// TestInspectionsHoldTheirLevel looks at cities in which no place is worse than
// another but by the neglect of its points: in no more than 5 in 100 rows may p be 5 in
// 100 or less, however rare failures are and however much points differ.
func TestInspectionsHoldTheirLevel(t *testing.T) {
	f := func(what string, n nature) {
		t.Helper()
		tested, worse, better := 0.0, 0.0, 0.0
		for seed := range uint64(30) {
			c := n.city(t, 9, seed)
			around, err := c.frame.Around(2)
			if err != nil {
				t.Fatal(err)
			}
			weights, err := stats.NewWeights(around.Start, around.Rows, nil)
			if err != nil {
				t.Fatal(err)
			}
			e := evidence{frame: c.frame, weights: weights}
			tally := analytics.Tally{Names: []string{"failed", "passed"}, Counts: [][]int64{c.failed, c.passed}}
			for row := range c.failed {
				tally.Rows = append(tally.Rows, int32(row))
			}
			if err := e.inspect(&tally); err != nil {
				t.Fatal(err)
			}
			for row, ok := range e.inspections.tested {
				if !ok {
					continue
				}
				tested++
				if e.inspections.worse[row] <= 0.05 {
					worse++
				}
				if e.inspections.better[row] <= 0.05 {
					better++
				}
			}
		}
		t.Logf("%s: %.4f of %v rows are worse at 5 in 100, %.4f better", what, worse/tested, tested, better/tested)
		if worse > 0.05*tested || better > 0.05*tested {
			t.Errorf("%s: %.4f of %v rows are worse at 5 in 100, %.4f better", what, worse/tested, tested, better/tested)
		}
	}
	f("as in a city", nature{share: 0.2, spread: 0.5, visits: 10, oneIn: 8})
	f("rare failures", nature{share: 0.05, spread: 1, visits: 10, oneIn: 8})
	f("single visits", nature{share: 0.05, spread: 0.5, visits: 1, oneIn: 4})
	f("unlike points", nature{share: 0.2, spread: 1, visits: 10, oneIn: 8})
	f("frequent failures", nature{share: 0.8, spread: 0.1, visits: 10, oneIn: 16})
}
