package indicator

import (
	"time"

	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

var mean = Kind{
	Name:  "mean",
	Title: "Mean of a measure",
	Doc: "measure is elapsed, the time on the clock of closed cases in seconds, or a number column of the facts. " +
		"The mean of closed cases leaves out the slow ones that are still open.",
	Reference: "Student 1908, Biometrika 6:1-25, for the interval",
	Fields:    []string{"measure", "clock", "numerator"},
	Needs:     []string{"measure"},
	Unit:      measureUnit,
	Counts:    measureCounts,
	Sums:      measureSums,
	Estimate:  meanOf,
}

func measureUnit(d *Definition) string {
	if d.Measure == elapsedMeasure {
		return "s"
	}
	return "points"
}

func measureCounts(c *Compiled, asOf time.Time) []data.Count {
	return append(c.populations(asOf), data.Count{Name: "measured", Where: c.measured(asOf)})
}

// measured returns the condition of the facts whose measure counts: those that
// have one and, if it is the time that passed, are closed.
func (c *Compiled) measured(asOf time.Time) data.Condition {
	all := data.All{c.counted(asOf), not(data.Missing{Column: c.measure.sum})}
	if c.Measure == elapsedMeasure {
		all = append(all, c.timing.Closed(asOf))
	}
	return all
}

// measureSums adds up the measure and, where it is a decimal, its square.
func measureSums(c *Compiled, asOf time.Time) []data.Sum {
	if c.Measure == "" {
		return nil
	}
	sums := []data.Sum{{Name: "sum", Column: c.measure.sum, Where: c.measured(asOf)}}
	if c.measure.square != "" {
		sums = append(sums, data.Sum{Name: "squares", Column: c.measure.square, Where: c.measured(asOf)})
	}
	return sums
}

func meanOf(c *Compiled, s Sample) Estimate {
	n := s.count("measured")
	if n == 0 {
		return none(NoFacts)
	}
	e := Estimate{N: n, Numerator: float64(s.count("sum")) / c.measure.scale, Denominator: float64(n), Has: true}
	e.Value = e.Numerator / e.Denominator
	if c.measure.square == "" || n < 2 {
		return e
	}
	squares := float64(s.count("squares")) * c.measure.squareScale
	e.Variance = max(0, (squares-e.Numerator*e.Value)/float64(n-1))
	iv, ok := stats.MeanInterval(e.sample(), c.level())
	e.Low, e.High, e.HasLow, e.HasHigh = iv.Low, iv.High, ok, ok
	return e
}
