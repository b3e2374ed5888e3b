package stats

import (
	"fmt"
	"math"
	"slices"
)

// QuantileEstimate is a quantile of durations in seconds, with its
// uncertainty.
type QuantileEstimate struct {
	// Value is the quantile, where Reason is OK.
	Value float64
	// Reason is OK; NotReached if too many cases are still open to tell;
	// NoData if there are none, or p is not strictly between 0 and 1.
	Reason Reason
	// AtLeast is a lower bound where Reason is NotReached: the longest time
	// watched.
	AtLeast float64
	// Low and High are the confidence limits where HasLow and HasHigh say so.
	// A curve that ends early, or few cases, may leave either side unknown.
	Low, High       float64
	HasLow, HasHigh bool
}

// quantileTolerance is how near to 1-p a curve must run to count as equal: the
// square root of the machine epsilon, as in R's survival.
const quantileTolerance = 1.490116119384766e-8

// Quantile returns the time after which the share p of cases has closed: the
// first time at which S is at most 1-p, or, where S equals 1-p for a while,
// the middle of that while. Limits are the same quantile of the two bounds of
// the band (Brookmeyer and Crowley 1982; the conventions are those of R's
// survival package).
func (s *Survival) Quantile(p float64, b Band) QuantileEstimate {
	if len(s.Seconds) == 0 || !(p > 0 && p < 1) {
		return QuantileEstimate{Reason: NoData}
	}
	var q QuantileEstimate
	reached, z := false, b.z()
	q.Value, reached = s.crossing(1-p, func(i int) (float64, bool) { return s.Share[i], true })
	if !reached {
		q.Reason, q.AtLeast = NotReached, s.Seconds[len(s.Seconds)-1]
	}
	q.Low, q.HasLow = s.crossing(1-p, func(i int) (float64, bool) {
		iv, ok := b.around(z, s.Share[i], s.greenwood[i])
		return iv.Low, ok
	})
	q.High, q.HasHigh = s.crossing(1-p, func(i int) (float64, bool) {
		iv, ok := b.around(z, s.Share[i], s.greenwood[i])
		return iv.High, ok
	})
	return q
}

// crossing returns the time at which a falling step curve reaches level. The
// curve has no step where ok is false.
func (s *Survival) crossing(level float64, curve func(i int) (y float64, ok bool)) (seconds float64, reached bool) {
	from := -1
	for i := range s.Seconds {
		y, ok := curve(i)
		switch {
		case !ok:
		case from >= 0 && y < level-quantileTolerance:
			return (s.Seconds[from] + s.Seconds[i]) / 2, true
		case from >= 0:
		case y < level-quantileTolerance:
			return s.Seconds[i], true
		case y <= level+quantileTolerance:
			from = i
		}
	}
	if from < 0 {
		return 0, false
	}
	return (s.Seconds[from] + s.Seconds[len(s.Seconds)-1]) / 2, true
}

// A QuantileKind is a definition of a sample quantile, numbered by Hyndman and
// Fan (1996).
type QuantileKind uint8

// The kinds. InverseECDF is the default.
const (
	InverseECDF  QuantileKind = iota // type 1: an observed value; for "90 % closed within ..."
	Interpolated                     // type 7: straight lines between values; for charts
)

// SampleQuantile returns the p quantile of values in ascending order, with an
// order-statistic confidence interval of the given level that holds for any
// distribution: the values of rank l and u, where Binomial(n, p) lies below l,
// and at or above u, each with probability at most (1-level)/2 (Hahn and
// Meeker 1991, section 5.2). It knows nothing of open cases: see Survival.
func SampleQuantile(sorted []float64, p float64, kind QuantileKind, level float64) (QuantileEstimate, error) {
	if !slices.IsSorted(sorted) {
		return QuantileEstimate{}, fmt.Errorf("sample quantile: values do not ascend")
	}
	for i, v := range sorted {
		if !(math.Abs(v) <= maxMagnitude) {
			return QuantileEstimate{}, fmt.Errorf("sample quantile: %w",
				&ValueError{Row: i, Value: v, Why: "want a finite number"})
		}
	}
	return sampleQuantile(int64(len(sorted)), p, kind, level, func(rank int64) float64 {
		return sorted[rank-1]
	}), nil
}

// ClosedQuantile is SampleQuantile over the closed durations of d. Values are
// within BucketError, relatively, of those of single durations. It leaves open
// cases out of account, and so is too low while there are any.
func (d Durations) ClosedQuantile(p float64, kind QuantileKind, level float64) (QuantileEstimate, error) {
	if err := d.Validate(); err != nil {
		return QuantileEstimate{}, fmt.Errorf("quantile: %w", err)
	}
	upTo := make([]int64, len(d.Closed))
	n := int64(0)
	for i, c := range d.Closed {
		n += c
		upTo[i] = n
	}
	return sampleQuantile(n, p, kind, level, func(rank int64) float64 {
		i, _ := slices.BinarySearch(upTo, rank)
		return d.Bucket[i].Seconds()
	}), nil
}

// sampleQuantile works on order statistics: at returns the value of a rank
// from 1 to n.
func sampleQuantile(n int64, p float64, kind QuantileKind, level float64, at func(rank int64) float64) QuantileEstimate {
	if n == 0 || !(p >= 0 && p <= 1) {
		return QuantileEstimate{Reason: NoData}
	}
	q := QuantileEstimate{Value: orderQuantile(n, p, kind, at)}
	if !(level > 0 && level < 1) || p == 0 || p == 1 {
		return q
	}
	tail := (1 - level) / 2
	low := binomialQuantile(tail, n, p)
	high := binomialQuantile(1-tail, n, p) + 1
	if low >= 1 {
		q.Low, q.HasLow = at(low), true
	}
	if high <= n {
		q.High, q.HasHigh = at(high), true
	}
	return q
}

// orderQuantile returns the quantile of the given kind. Ranks that are whole
// but for rounding are taken as whole.
func orderQuantile(n int64, p float64, kind QuantileKind, at func(rank int64) float64) float64 {
	const fuzz = 4 * 0x1p-52
	if kind == InverseECDF {
		rank := math.Ceil(float64(n)*p - fuzz*max(1, float64(n)*p))
		return at(min(max(int64(rank), 1), n))
	}
	h := float64(n-1) * p
	below := math.Floor(h + fuzz*max(1, h))
	low := at(int64(below) + 1)
	part := h - below
	if part <= fuzz*max(1, h) || int64(below)+2 > n {
		return low
	}
	return low + part*(at(int64(below)+2)-low)
}
