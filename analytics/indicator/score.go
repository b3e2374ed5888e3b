package indicator

import (
	"math"
	"time"

	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

var score = Kind{
	Name:  "score",
	Title: "Points given of the points that could be given",
	Doc: "The sum of measure over the sum of of, such as score over max_score of inspections: a share, in which facts weigh by what they could give; where more was given than could be it is 1. " +
		"The interval is that of a ratio of sums.",
	Reference: "Cochran 1977, Sampling Techniques, 3rd ed., section 6.4",
	Fields:    []string{"measure", "of", "numerator"},
	Needs:     []string{"measure", "of"},
	Unit:      func(*Definition) string { return "share" },
	Counts: func(c *Compiled, asOf time.Time) []data.Count {
		return append(c.populations(asOf), data.Count{Name: "measured", Where: c.scored(asOf)})
	},
	Sums:     scoreSums,
	Estimate: scoreOf,
}

// scored returns the condition of the facts that have points, of points.
func (c *Compiled) scored(asOf time.Time) data.Condition {
	return data.All{c.counted(asOf), not(data.Missing{Column: c.measure.sum}), not(data.Missing{Column: c.of.sum})}
}

func scoreSums(c *Compiled, asOf time.Time) []data.Sum {
	where := c.scored(asOf)
	sums := []data.Sum{{Name: "sum", Column: c.measure.sum, Where: where}, {Name: "of", Column: c.of.sum, Where: where}}
	for _, product := range []string{c.measure.square, c.of.square, c.product()} {
		sums = append(sums, limbSums(product, where)...)
	}
	return sums
}

func scoreOf(c *Compiled, s Sample) Estimate {
	n := s.count("measured")
	x, m := float64(s.count("sum"))/c.measure.scale, float64(s.count("of"))/c.of.scale
	if n == 0 || m <= 0 {
		return none(NoFacts)
	}
	r := x / m
	e := Estimate{N: n, Numerator: x, Denominator: m, Value: min(1, max(0, r)), Has: true}
	if n < 2 {
		return e
	}
	a, b := c.measure.scale, c.of.scale
	deviations := float(s.product(c.measure.square))/(a*a) - 2*r*float(s.product(c.product()))/(a*b) + r*r*float(s.product(c.of.square))/(b*b)
	variance := max(0, deviations) / float64(n-1) // of one fact's points less its part of the ratio
	e.Variance = variance * float64(n) * float64(n) / (m * m)
	half := stats.NormalQuantile(0.5+c.level()/2) * math.Sqrt(e.Variance/float64(n))
	e.Low, e.High, e.HasLow, e.HasHigh = max(0, e.Value-half), min(1, e.Value+half), true, true
	return e
}
