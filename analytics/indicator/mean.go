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

// measureSums adds up the measure and, where it is averaged, its square.
func measureSums(c *Compiled, asOf time.Time) []data.Sum {
	if c.Measure == "" {
		return nil
	}
	sums := []data.Sum{{Name: "sum", Column: c.measure.sum, Where: c.measured(asOf)}}
	if c.measure.square != "" {
		sums = append(sums, limbSums(c.measure.square, c.measured(asOf))...)
	}
	return sums
}

func meanOf(c *Compiled, s Sample) Estimate {
	m := stats.Moments{N: s.count("measured"), Sum: stats.Product(s.count("sum"), 1), SumSquares: s.product(c.measure.square)}
	if m.N == 0 {
		return none(NoFacts)
	}
	sample := m.Sample()
	e := Estimate{N: m.N, Numerator: float64(s.count("sum")) / c.measure.scale, Denominator: float64(m.N), Has: true}
	e.Value, e.Variance = sample.Mean/c.measure.scale, sample.Variance/square(c.measure.scale)
	iv, ok := stats.MeanInterval(e.sample(), c.level())
	e.Low, e.High, e.HasLow, e.HasHigh = iv.Low, iv.High, ok, ok
	return e
}
