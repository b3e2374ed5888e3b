package indicator

import (
	"fmt"

	"github.com/civgrid/civgrid/analytics/stats"
)

// A Sample is what was counted of the facts of one row, or of all rows.
type Sample struct {
	count    func(name string) int64 // a count or sum, by its name
	waits    stats.Durations         // if the kind asks for them
	findings []int64                 // of each subject, if the kind asks for them
	squareKm float64                 // 0 if unknown
	// population is meaningful only if hasPopulation.
	population    int64
	hasPopulation bool
	parts         []Outcome // of the items of a composite, then of its gates and vetoes
}

// curve returns the Kaplan-Meier curve of the waits.
func (s Sample) curve() stats.Survival {
	curve, err := s.waits.KaplanMeier()
	if err != nil {
		panic(fmt.Sprintf("BUG: waits that were counted make no curve: %v", err))
	}
	return curve
}

func (s Sample) closedQuantile(p, level float64) stats.QuantileEstimate {
	q, err := s.waits.ClosedQuantile(p, stats.InverseECDF, level)
	if err != nil {
		panic(fmt.Sprintf("BUG: waits that were counted have no quantile: %v", err))
	}
	return q
}
