package indicator

import "github.com/civgrid/civgrid/analytics/stats"

var shareWithin = Kind{
	Name:  "share_within",
	Title: "Share of cases dealt with within their limit",
	Doc: "The clock says from when until when and within what; the open policy how cases count that are still open. " +
		"With km it is the Kaplan-Meier estimate of the share that is closed by its limit, times being told as parts of the limit.",
	Reference: "Wilson 1927, J. Am. Stat. Assoc. 22:209-212; Kaplan and Meier 1958, J. Am. Stat. Assoc. 53:457-481",
	Fields:    []string{"clock", "open_policy", "no_limit"},
	Needs:     []string{"clock"},
	Unit:      func(*Definition) string { return "share" },
	Counts:    ratioCounts,
	Shrink:    ShareShrinkage,
	Estimate:  timely,
}

// survivedWithin is the Kaplan-Meier share of cases closed by their limit.
func survivedWithin(c *Compiled, s Sample) Estimate {
	closed, open := s.waits.Total()
	e := Estimate{N: closed + open}
	if e.N == 0 {
		e.Reason = NoFacts
		return e
	}
	curve := s.curve()
	_, limit := limitBucket.Bounds()
	at := curve.Within(limit, stats.Band{Level: c.level()})
	if at.Reason != stats.OK || at.Extrapolated {
		e.Reason = NotReached
		return e
	}
	e.Value, e.Has = at.Share, true
	e.Low, e.High, e.HasLow, e.HasHigh = at.Interval.Low, at.Interval.High, at.Bounded, at.Bounded
	return e
}
