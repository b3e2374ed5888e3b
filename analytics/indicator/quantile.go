package indicator

import (
	"time"

	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

var quantile = Kind{
	Name:  "quantile",
	Title: "Time within which a share of cases is dealt with",
	Doc: "In seconds on the clock, within half a percent. Open cases count for as long as they have waited, by Kaplan and Meier; " +
		"with the open policy closed_only they do not, which is too short while slow cases are open.",
	Reference: "Kaplan and Meier 1958, J. Am. Stat. Assoc. 53:457-481; Brookmeyer and Crowley 1982, Biometrics 38:29-41; Masson, Rim and Lee 2019, PVLDB 12:2195-2205",
	Fields:    []string{"quantile", "clock", "open_policy"},
	Needs:     []string{"quantile", "clock"},
	Unit:      func(*Definition) string { return "s" },
	Counts:    func(c *Compiled, asOf time.Time) []data.Count { return c.populations(asOf) },
	Waits:     true,
	Estimate:  quantileOf,
}

func quantileOf(c *Compiled, s Sample) Estimate {
	closed, open := s.waits.Total()
	e := Estimate{N: closed + open}
	curve := s.curve()
	at := curve.Quantile(c.Quantile, stats.Band{Level: c.level()})
	if c.policy() == ClosedOnly {
		e.N = closed
		at = s.closedQuantile(c.Quantile, c.level())
	}
	switch {
	case e.N == 0:
		e.Reason = NoFacts
	case at.Reason == stats.NotReached:
		e.Reason = NotReached
		e.Low, e.HasLow = at.AtLeast, at.AtLeast > 0
	case at.Reason != stats.OK:
		e.Reason = NoFacts
	default:
		e.Value, e.Has = at.Value, true
		e.Low, e.High, e.HasLow, e.HasHigh = at.Low, at.High, at.HasLow, at.HasHigh
	}
	return e
}
