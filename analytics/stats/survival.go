package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Survival is a Kaplan-Meier curve: the estimated share S of cases that are
// still open t seconds after they began. Cases still open when last seen count
// for as long as they were watched, which closed cases alone cannot do: they
// make every response look faster than it is.
//
// The columns have a row per distinct time, ascending, and are read-only. The
// zero value is the curve of no cases.
type Survival struct {
	Seconds []float64
	AtRisk  []int64   // cases open just before
	Closed  []int64   // cases that closed then
	Open    []int64   // cases last seen open then
	Share   []float64 // S just after: the product of 1 - Closed/AtRisk (Kaplan and Meier 1958, equation 2b)

	greenwood []float64 // Σ d/(n(n-d)), the variance of log S; skips d = n
}

// KaplanMeier makes the curve of single cases; closed[i] says whether case i
// ended after seconds[i], or was still open when last seen then. At equal
// times closings come before last sightings.
func KaplanMeier(seconds []float64, closed []bool) (Survival, error) {
	if err := checkLength(len(seconds), len(closed)); err != nil {
		return Survival{}, fmt.Errorf("estimate survival: %w", err)
	}
	order := make([]int, len(seconds))
	for i, t := range seconds {
		if !(t >= 0 && t <= maxMagnitude) {
			return Survival{}, fmt.Errorf("estimate survival: %w", notADuration(i, t))
		}
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(seconds[a], seconds[b]) })
	var s Survival
	for _, i := range order {
		if n := len(s.Seconds); n == 0 || s.Seconds[n-1] != seconds[i] {
			s.Seconds = append(s.Seconds, seconds[i])
			s.Closed, s.Open = append(s.Closed, 0), append(s.Open, 0)
		}
		last := len(s.Seconds) - 1
		if closed[i] {
			s.Closed[last]++
		} else {
			s.Open[last]++
		}
	}
	s.estimate()
	return s, nil
}

// KaplanMeier makes the curve of summed-up cases, with the time of a bucket
// for every case in it: times are within BucketError of those of single cases.
func (d Durations) KaplanMeier() (Survival, error) {
	if err := d.Validate(); err != nil {
		return Survival{}, fmt.Errorf("estimate survival: %w", err)
	}
	var s Survival
	for i, b := range d.Bucket {
		if d.Closed[i]+d.Open[i] > 0 {
			s.Seconds = append(s.Seconds, b.Seconds())
			s.Closed = append(s.Closed, d.Closed[i])
			s.Open = append(s.Open, d.Open[i])
		}
	}
	s.estimate()
	return s, nil
}

// estimate fills in the columns that follow from Closed and Open.
func (s *Survival) estimate() {
	n := len(s.Seconds)
	s.AtRisk, s.Share, s.greenwood = make([]int64, n), make([]float64, n), make([]float64, n)
	left := int64(0)
	for i := n - 1; i >= 0; i-- {
		left += s.Closed[i] + s.Open[i]
		s.AtRisk[i] = left
	}
	share, variance := 1.0, 0.0
	for i := range n {
		d, r := float64(s.Closed[i]), float64(s.AtRisk[i])
		share *= (r - d) / r
		if d < r {
			variance += d / (r * (r - d))
		}
		s.Share[i], s.greenwood[i] = share, variance
	}
}

// A Transform says on which scale a confidence band is symmetric.
type Transform uint8

// The scales. LogLog is the default: it stays within 0 and 1 by itself.
const (
	LogLog Transform = iota // log(-log S) (Borgan and Liestøl 1990); none while S = 1
	Log                     // log S, cut off at 1
	Plain                   // S, cut off at 0 and 1
)

// Band tunes confidence bands. The zero value is ready for use.
type Band struct {
	// Level is the pointwise confidence, between 0 and 1. Zero means 0.95.
	Level float64
	// Transform is the scale. Zero means LogLog.
	Transform Transform
}

// z returns the normal quantile of the level.
func (b Band) z() float64 {
	if b.Level == 0 {
		b.Level = 0.95
	}
	z, ok := confidenceZ(b.Level)
	if !ok {
		return math.NaN() // no band: see around
	}
	return z
}

// around returns the band about share, given the normal quantile of its level
// and the variance of the logarithm of share. It has none where S is 0, nor for
// a level outside 0 to 1.
func (b Band) around(z, share, variance float64) (iv Interval, ok bool) {
	se := math.Sqrt(variance)
	if math.IsNaN(z) || share <= 0 || share >= 1 && b.Transform == LogLog {
		return Interval{}, false
	}
	switch b.Transform {
	case Log:
		return Interval{share * math.Exp(-z*se), min(share*math.Exp(z*se), 1)}, true
	case Plain:
		return Interval{max(share-z*se*share, 0), min(share+z*se*share, 1)}, true
	}
	log := math.Log(share)
	spread := math.Exp(z * se / -log)
	return Interval{math.Exp(log * spread), math.Exp(log / spread)}, true
}

// ShareEstimate is a share from 0 to 1 with its uncertainty.
type ShareEstimate struct {
	Share float64
	// StdErr is the standard error (Greenwood 1926); 0 where Bounded is false.
	StdErr float64
	// Interval is the confidence interval where Bounded is true.
	Interval Interval
	// Bounded says whether there is an interval: not once S is 0, and on the
	// LogLog scale not while it is 1.
	Bounded bool
	// Extrapolated says that no case was watched for so long: the estimate is
	// the last one there was.
	Extrapolated bool
	// Reason is OK, or NoData for a curve of no cases.
	Reason Reason
}

// At returns the share of cases still open seconds after they began.
func (s *Survival) At(seconds float64, b Band) ShareEstimate {
	if len(s.Seconds) == 0 {
		return ShareEstimate{Reason: NoData}
	}
	last := len(s.Seconds) - 1
	at, found := slices.BinarySearch(s.Seconds, seconds)
	if !found {
		at--
	}
	share, variance := 1.0, 0.0
	if at >= 0 {
		share, variance = s.Share[at], s.greenwood[at]
	}
	e := ShareEstimate{Share: share, Extrapolated: seconds > s.Seconds[last] && s.Share[last] > 0}
	if e.Interval, e.Bounded = b.around(b.z(), share, variance); e.Bounded {
		e.StdErr = share * math.Sqrt(variance)
	}
	return e
}

// Within returns the share of cases that close within seconds, the limit
// included: 1 less At, for statements about targets.
func (s *Survival) Within(seconds float64, b Band) ShareEstimate {
	e := s.At(seconds, b)
	if e.Reason != OK {
		return e
	}
	e.Share = 1 - e.Share
	if e.Bounded {
		e.Interval = Interval{Low: 1 - e.Interval.High, High: 1 - e.Interval.Low}
	}
	return e
}

// CumulativeHazard returns, at each of Seconds, how many closures a case has been due
// until then: Σ d/n over the times up to and with it (Nelson 1972; Aalen 1978, section
// 6.1). Over the cases of several places, its sum at the times they were watched to is
// how many closures chance gives them (Breslow 1975). The slice is the caller's.
func (s *Survival) CumulativeHazard() []float64 {
	hazard := make([]float64, len(s.Seconds))
	sum := 0.0
	for i := range hazard {
		sum += float64(s.Closed[i]) / float64(s.AtRisk[i])
		hazard[i] = sum
	}
	return hazard
}

// EffectiveCases returns how many cases, each watched for seconds or until it
// closed, would tell the share of Within as exactly as those of the curve: the
// effective sample size S (1-S) / Var S, rounded (Dorey and Korn 1987). Without open
// cases that is the number of all. Where S is 0 or 1 it is the number of those known
// to have closed by then or to have been watched for longer.
func (s *Survival) EffectiveCases(seconds float64) int64 {
	at, found := slices.BinarySearch(s.Seconds, seconds)
	if found {
		at++
	}
	if at > 0 && s.greenwood[at-1] > 0 && s.Share[at-1] > 0 { // Var S = S² Σ d/(n(n-d))
		share := s.Share[at-1]
		return int64(math.Round((1 - share) / (share * s.greenwood[at-1])))
	}
	known := int64(0)
	for _, n := range s.Closed[:at] {
		known += n
	}
	if at < len(s.AtRisk) {
		known += s.AtRisk[at]
	}
	return known
}

// Reaches reports whether the curve is known up to so many seconds: some case was
// watched that long, or all were closed before.
func (s *Survival) Reaches(seconds float64) bool {
	n := len(s.Seconds)
	return n > 0 && (s.Seconds[n-1] >= seconds || s.Share[n-1] == 0)
}

// RestrictedMean returns the mean time open when no case is followed beyond
// horizon seconds, the area under the curve up to there, with its standard
// error: Σ A_i² d_i/(n_i (n_i-d_i)) under the root, A_i being the area from
// time i on (Klein and Moeschberger 2003, equation 4.5.2). Where cases were
// not watched so long, the last S is carried on. Both are 0 for a curve of no
// cases or a horizon that is not positive and finite, and ok is false.
func (s *Survival) RestrictedMean(horizon float64) (mean, stdErr float64, ok bool) {
	if len(s.Seconds) == 0 || !(horizon > 0) || math.IsInf(horizon, 1) {
		return 0, 0, false
	}
	end, _ := slices.BinarySearch(s.Seconds, horizon)
	area, variance, until := 0.0, 0.0, horizon
	for i := end - 1; i >= 0; i-- {
		area += s.Share[i] * (until - s.Seconds[i])
		until = s.Seconds[i]
		if d, r := float64(s.Closed[i]), float64(s.AtRisk[i]); d < r {
			variance += area * area * d / (r * (r - d))
		}
	}
	return area + until, math.Sqrt(variance), true
}
