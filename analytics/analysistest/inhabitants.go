package analysistest

import "github.com/civgrid/civgrid/analytics"

// Inhabitants is the answer to analytics.CountInhabitants where each row is one place of
// so many thousandths of inhabitants; less than none are not known.
func Inhabitants(thousandths []int64) analytics.Tally {
	n := len(thousandths)
	places, known, people := make([]int64, n), make([]int64, n), make([]int64, n)
	t := analytics.Tally{
		Names: []string{"places", "known", "people"}, Counts: [][]int64{places, known, people},
		Elsewhere: make([]int64, 3), Nowhere: make([]int64, 3), Keyless: make([]int64, 3),
	}
	for row, some := range thousandths {
		t.Rows, places[row] = append(t.Rows, int32(row)), 1
		if some >= 0 {
			known[row], people[row] = 1, some
		}
	}
	return t
}
