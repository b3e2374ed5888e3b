package trend

import (
	"fmt"
	"math"
	"slices"

	"github.com/civgrid/civgrid/analytics/stats"
)

// A Slope is the change of a series per step.
type Slope struct {
	// Value is the median of the slopes of all pairs; 0 where Valid is false.
	Value float64
	// Low and High bound it where Bounded is true.
	Low, High float64
	Bounded   bool
	// Valid is false for fewer than two values.
	Valid bool
}

// Sen returns the slope of a series of n finite values (Sen 1968): the median of
// (x_j - x_i) / (j - i) over the N = n (n-1)/2 pairs, with an interval of the
// given level from its equation 2.6: the slopes of rank (N - C)/2 and
// (N + C)/2 + 1, rounded, where C is the two-sided normal quantile times the
// standard deviation of Mann and Kendall's S. It takes n² steps and room. The
// error is a *stats.ValueError.
func Sen(x []float64, level float64) (Slope, error) {
	if err := checkFinite(x); err != nil {
		return Slope{}, fmt.Errorf("compute Sen's slope: %w", err)
	}
	all := slopes(x)
	if len(all) == 0 {
		return Slope{}, nil
	}
	s := Slope{Value: medianSlope(all), Valid: true}
	t, _ := kendall(x)
	if t.Reason != stats.OK || !(level > 0 && level < 1) {
		return s, nil
	}
	pairs := float64(len(all))
	reach := stats.NormalQuantile(1-(1-level)/2) * math.Sqrt(t.Variance)
	low, high := int(math.RoundToEven((pairs-reach)/2)), int(math.RoundToEven((pairs+reach)/2+1))
	if t.Variance == 0 {
		low, high = 1, len(all)
	}
	if low >= 1 && high <= len(all) {
		s.Low, s.High, s.Bounded = all[low-1], all[high-1], true
	}
	return s, nil
}

// slopes returns the slopes of all pairs, ascending.
func slopes(x []float64) []float64 {
	all := make([]float64, 0, len(x)*(len(x)-1)/2)
	for i, v := range x {
		for j := i + 1; j < len(x); j++ {
			all = append(all, (x[j]-v)/float64(j-i))
		}
	}
	slices.Sort(all)
	return all
}

// medianSlope returns the median of ascending slopes, of which there are some.
func medianSlope(sorted []float64) float64 {
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}
