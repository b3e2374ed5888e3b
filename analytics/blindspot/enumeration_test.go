package blindspot

import (
	"math"
	"slices"
	"testing"

	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/geo"
)

// TestPIsThatOfEnumeration adds p up by hand: complaints over every choice of other
// rows as neighbours, failures over the binomial distribution, of which inspections
// that scatter less than chance are worth one each.
func TestPIsThatOfEnumeration(t *testing.T) {
	c := city{frame: analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(2))}
	n := c.frame.Len()
	c.failed, c.passed = make([]int64, n), make([]int64, n)
	for row := range n {
		c.complaints = append(c.complaints, []int64{0, 3, 1, 0, 7, 2}[row%6])
		c.failed[row], c.passed[row] = 1, 3
	}
	c.failed[4], c.passed[4] = 3, 1
	c.failed[9], c.passed[9] = 0, 0
	layer := c.layer(t, map[string]string{"rings": "1"})
	got := analysistest.Column(t, layer, "p")
	for row := range n {
		around := c.around(row, 1)
		failed, visits, lag := int64(0), int64(0), -c.complaints[row]
		for _, at := range around {
			failed, visits, lag = failed+c.failed[at], visits+c.failed[at]+c.passed[at], lag+c.complaints[at]
		}
		others := slices.Delete(slices.Clone(c.complaints), row, row+1)
		many, few := chosen(others, len(around)-1, lag)
		worse, better := tails(failed, visits, 20.0/72)
		want := min(1, 2*min(max(many, better), max(few, worse)))
		if !got.Has(row) || math.Abs(got.Floats[row]-want) > 1e-12 {
			t.Errorf("row %d: p is %v, want %v (complaints %v and %v, failures %v and %v)", row, got.Floats[row], want, many, few, worse, better)
		}
	}
}

// chosen returns the shares of all choices of k values that add up to at least and to
// at most a sum.
func chosen(values []int64, k int, sum int64) (atLeast, atMost float64) {
	var all, high, low float64
	var choose func(from, left int, so int64)
	choose = func(from, left int, so int64) {
		if left == 0 {
			all++
			if so >= sum {
				high++
			}
			if so <= sum {
				low++
			}
			return
		}
		for i := from; i <= len(values)-left; i++ {
			choose(i+1, left-1, so+values[i])
		}
	}
	choose(0, k, 0)
	return high / all, low / all
}

// tails returns the probabilities of at least and of at most x failures in n.
func tails(x, n int64, share float64) (atLeast, atMost float64) {
	for k := range n + 1 {
		density := 1.0
		for i := range k {
			density *= float64(n-i) / float64(i+1)
		}
		density *= math.Pow(share, float64(k)) * math.Pow(1-share, float64(n-k))
		if k >= x {
			atLeast += density
		}
		if k <= x {
			atMost += density
		}
	}
	return atLeast, atMost
}
