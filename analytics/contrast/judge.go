package contrast

import (
	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
)

// The values of column status.
const (
	Increase     = "increase"     // more than before, more surely than by chance
	Decrease     = "decrease"     // less than before, likewise
	Unclear      = "unclear"      // what changed may be chance
	Insufficient = "insufficient" // too little data to be tested
)

// falseShare is the share of rows told as changed that may be so by chance.
const falseShare = 0.05

// A judge compares the two sides of rows.
type judge struct {
	*analytics.Contrast
	level     float64
	least     int64
	backwards bool // the period that is compared with comes later
}

// A change is what became of a row.
type change struct {
	stats.Change
	tested bool
	q      float64
	status string // "" where neither period has a value
}

// direction tells a significant change by its sign.
func (c *change) direction() string {
	switch {
	case c.q > falseShare || c.Difference == 0:
		return Unclear
	case c.Difference > 0:
		return Increase
	}
	return Decrease
}

// of compares a row with what it was.
func (j *judge) of(before, now analytics.Side) change {
	if !before.Has && !now.Has {
		return change{}
	}
	first, second := before, now
	if j.backwards {
		first, second = now, before
	}
	made, ok := j.test(first, second)
	if !before.Has || !now.Has || !ok {
		return change{status: Insufficient}
	}
	if j.backwards {
		made = made.Mirrored()
	}
	return change{Change: made, tested: true}
}

// test compares two sides. ok is false where there is too little to compare.
func (j *judge) test(a, b analytics.Side) (c stats.Change, ok bool) {
	switch j.Test {
	case analytics.ShareTest:
		if min(a.N, b.N) < j.least {
			return c, false
		}
		return stats.ShareChange(a.Hits, a.N, b.Hits, b.N, j.level)
	case analytics.RateTest:
		if leastP(a, b) > falseShare {
			return c, false
		}
		return stats.RateDifference(a.N, a.Exposure, b.N, b.Exposure, j.level)
	}
	if min(a.N, b.N) < j.least {
		return c, false
	}
	return stats.MeanChange(sample(a), sample(b), j.level)
}

func sample(s analytics.Side) stats.Sample {
	return stats.Sample{N: s.N, Mean: s.Mean, Variance: s.Variance}
}

// leastP is the smallest p that so many events could have: if all were of one period.
func leastP(a, b analytics.Side) float64 {
	one, ok1 := stats.RateChange(a.N+b.N, a.Exposure, 0, b.Exposure, 0.95)
	other, ok2 := stats.RateChange(0, a.Exposure, a.N+b.N, b.Exposure, 0.95)
	if !ok1 || !ok2 {
		return 1
	}
	return min(one.P, other.P)
}

// value is what a side came to.
func (j *judge) value(s analytics.Side) (x float64, ok bool) {
	switch {
	case !s.Has:
		return 0, false
	case j.Test == analytics.MeanTest:
		return s.Mean, true
	case j.Test == analytics.RateTest:
		return float64(s.N) / s.Exposure, s.Exposure > 0
	}
	return float64(s.Hits) / float64(s.N), s.N > 0
}

// ratio is by what factor events became more. ok is false without any before.
func (j *judge) ratio(before, now analytics.Side) (r stats.RateRatio, ok bool) {
	if j.Test != analytics.RateTest {
		return r, false
	}
	r, ok = stats.RateChange(before.N, before.Exposure, now.N, now.Exposure, j.level)
	return r, ok && r.Bounded
}
