package blindspot

import (
	"math"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
)

// inspections is what inspectors say: of each row with those around it.
type inspections struct {
	worse, better []float64 // p of so many failures or more, of so few or fewer
	z             []float64
	tested        []bool

	visits, failed       []int64   // with neighbours
	ownVisits, ownFailed []int64   // without
	low, high            []float64 // of the share failed; valid where there are visits
	shrunk               []float64 // the share failed, drawn towards that of all; likewise
	share                float64   // failed of all
	effect               float64   // of inspections that repeat each other, see stats.DesignEffect
}

// inspect tests the failures of each row and those around it against the share of
// all. Inspections of a row are alike, so they count for as many as they are worth.
func (e *evidence) inspect(tally *analytics.Tally) (err error) {
	n := e.frame.Len()
	failed, visits := tally.Dense("failed", n), tally.Dense("passed", n)
	all, bad := int64(0), int64(0)
	for row := range visits {
		visits[row] += failed[row]
		all, bad = all+visits[row], bad+failed[row]
	}
	i := &e.inspections
	if i.effect, err = stats.DesignEffect(failed, visits); err != nil {
		return err
	}
	i.ownVisits, i.ownFailed = visits, failed
	i.visits, i.failed = around(e.weights, visits), around(e.weights, failed)
	shrunk, err := stats.ShrinkShares(i.failed, i.visits)
	if err != nil {
		return err
	}
	i.shrunk = shrunk.Estimate
	i.worse, i.better, i.z = make([]float64, n), make([]float64, n), make([]float64, n)
	i.tested, i.low, i.high = make([]bool, n), make([]float64, n), make([]float64, n)
	if all > 0 {
		i.share = float64(bad) / float64(all)
	}
	for row := range n {
		i.judge(row)
	}
	return nil
}

func (i *inspections) judge(row int) {
	if i.visits[row] == 0 {
		return
	}
	x, n := float64(i.failed[row])/i.effect, float64(i.visits[row])/i.effect
	if bounds, ok := stats.WilsonMean(x/n, max(1, int64(math.Round(n))), 0.95); ok {
		i.low[row], i.high[row] = bounds.Low, bounds.High
	}
	if chance := i.share * (1 - i.share); chance > 0 {
		i.tested[row] = true
		i.z[row] = (x - n*i.share) / math.Sqrt(n*chance)
		i.worse[row] = stats.BinomialP(x, n, i.share, stats.Greater)
		i.better[row] = stats.BinomialP(x, n, i.share, stats.Less)
	}
}
