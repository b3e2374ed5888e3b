package indicator

import (
	"fmt"
	"slices"
	"time"

	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

var ratio = Kind{
	Name:  "ratio",
	Title: "Share of facts that meet a condition, of those that meet another",
	Doc: "numerator and denominator are populations or conditions. A numerator may be a list of conditions with weights from 0 to 1: " +
		"a fact counts with the weight of the first that it meets. " +
		"With a clock, the numerator closed_on_time and no denominator, the open policy says of how many.",
	Reference: "Wilson 1927, J. Am. Stat. Assoc. 22:209-212; Clopper and Pearson 1934; Brown, Cai and DasGupta 2001",
	Fields:    []string{"numerator", "denominator", "clock", "open_policy", "no_limit"},
	Needs:     []string{"numerator"},
	Unit:      func(*Definition) string { return "share" },
	Counts:    ratioCounts,
	Shrink:    ShareShrinkage,
	Estimate:  ratioOf,
}

// byPolicy reports whether the open policy says what is on time of how many.
func (d *Definition) byPolicy() bool {
	return d.Kind == shareWithinKind || d.Denominator == "" && len(d.Numerator) == 1 && d.Numerator[0].Where == ClosedOnTime
}

// weighted reports whether facts count by other than 0 and 1.
func (c *Compiled) weighted() bool {
	return slices.ContainsFunc(c.numerator, func(t term) bool { return t.weight != 1 })
}

func ratioCounts(c *Compiled, asOf time.Time) []data.Count {
	counts := c.populations(asOf)
	if c.byPolicy() {
		return counts
	}
	of := c.denominator.at(asOf)
	counts = append(counts, data.Count{Name: "denominator", Where: of})
	first := data.All{of}
	for i, term := range c.numerator {
		meets := term.condition.at(asOf)
		counts = append(counts, data.Count{Name: fmt.Sprintf("numerator_%d", i+1), Where: append(first[:len(first):len(first)], meets)})
		first = append(first, not(meets))
	}
	return counts
}

func ratioOf(c *Compiled, s Sample) Estimate {
	if c.byPolicy() {
		return timely(c, s)
	}
	var e Estimate
	e.N = s.count("denominator")
	e.Denominator = float64(e.N)
	for i, term := range c.numerator {
		e.Numerator += term.weight * float64(s.count(fmt.Sprintf("numerator_%d", i+1)))
	}
	if e.N == 0 {
		e.Reason = NoFacts
		return e
	}
	e.Value, e.Has = e.Numerator/e.Denominator, true
	if !c.weighted() {
		return e.within(c, int64(e.Numerator), e.N)
	}
	iv, ok := stats.WilsonMean(e.Value, e.N, c.level())
	e.Low, e.High, e.HasLow, e.HasHigh = iv.Low, iv.High, ok, ok
	return e
}

// within adds the interval of a share.
func (e Estimate) within(c *Compiled, successes, trials int64) Estimate {
	iv, ok := c.method.Interval(successes, trials, c.level())
	e.Low, e.High, e.HasLow, e.HasHigh = iv.Low, iv.High, ok, ok
	return e
}

// timely is the share on time under the open policy.
func timely(c *Compiled, s Sample) Estimate {
	onTime, n := Share(c.policy(), c.NoLimit == "on_time", s.count)
	e := Estimate{N: n, Numerator: float64(onTime), Denominator: float64(n)}
	if c.policy() == KaplanMeier {
		return survivedWithin(c, s)
	}
	if n == 0 {
		e.Reason = NoFacts
		return e
	}
	e.Value, e.Has = e.Numerator/e.Denominator, true
	return e.within(c, onTime, n)
}
