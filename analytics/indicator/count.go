package indicator

import (
	"time"

	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

var count = Kind{
	Name:      "count",
	Title:     "Number of facts, or of what they found",
	Doc:       "numerator, if given, says which facts count. measure, if given, is a whole-number column that is added up instead, such as found.",
	Reference: "Garwood 1936, Biometrika 28:437-442, for the interval",
	Fields:    []string{"numerator", "clock", "measure"},
	Zero:      true,
	Unit:      func(*Definition) string { return "count" },
	Counts:    eventCounts,
	Sums:      measureSums,
	Estimate:  func(c *Compiled, s Sample) Estimate { return events(c, s, 1) },
}

var density = Kind{
	Name:      "density",
	Title:     "Number of facts per area",
	Doc:       "As count, per so many square kilometres (per; 1 unless said otherwise) of the exact area of the row.",
	Reference: "Garwood 1936, Biometrika 28:437-442, for the interval; Marshall 1991, Appl. Stat. 40:283-294",
	Fields:    []string{"numerator", "clock", "measure", "per"},
	Zero:      true,
	Unit:      func(d *Definition) string { return "per " + number(d.per()) + " km2" },
	Counts:    eventCounts,
	Sums:      measureSums,
	Shrink:    RateShrinkage,
	Estimate: func(c *Compiled, s Sample) Estimate {
		if s.squareKm <= 0 {
			return none(NoArea)
		}
		return events(c, s, s.squareKm/c.per())
	},
}

var perCapita = Kind{
	Name:      "per_capita",
	Title:     "Number of facts per inhabitants",
	Doc:       "As count, per so many inhabitants (per) of the row; rows whose population is not known have no value.",
	Reference: "Garwood 1936, Biometrika 28:437-442, for the interval; Marshall 1991, Appl. Stat. 40:283-294",
	Fields:    []string{"numerator", "clock", "measure", "per"},
	Needs:     []string{"per"},
	Zero:      true,
	Unit:      func(d *Definition) string { return "per " + number(d.per()) + " persons" },
	Counts:    eventCounts,
	Sums:      measureSums,
	Shrink:    RateShrinkage,
	Estimate: func(c *Compiled, s Sample) Estimate {
		if !s.hasPopulation || s.population <= 0 {
			return none(NoPopulation)
		}
		return events(c, s, float64(s.population)/c.per())
	},
}

// eventCounts counts the facts that count or, of those that are added up, the
// ones that have something to add.
func eventCounts(c *Compiled, asOf time.Time) []data.Count {
	where := c.counted(asOf)
	if c.Measure != "" {
		where = c.measured(asOf)
	}
	return append(c.populations(asOf), data.Count{Name: "events", Where: where})
}

// counted returns the condition of the facts that count: all but the void, or
// those of the numerator.
func (c *Compiled) counted(asOf time.Time) data.Condition {
	if len(c.numerator) == 0 {
		all, _ := c.timing.Population(AllCases, asOf)
		return all
	}
	return c.numerator[0].condition.at(asOf)
}

// events is a number of facts, or of what they found, per exposure. No facts are
// the number 0, but where nobody looked it is not known what was to be found.
// That does not come one by one, so no chance is told of it: it is what it is.
func events(c *Compiled, s Sample, exposure float64) Estimate {
	n := s.count("events")
	if n == 0 && c.Measure != "" {
		return none(NoFacts)
	}
	e := Estimate{N: n, Numerator: float64(n), Denominator: exposure, Has: true}
	if c.Measure != "" {
		e.Numerator = float64(s.count("sum"))
		e.Value = e.Numerator / exposure
		e.Low, e.High, e.HasLow, e.HasHigh = e.Value, e.Value, true, true
		return e
	}
	e.Value = e.Numerator / exposure
	iv, ok := stats.PoissonExact(n, exposure, c.level())
	e.Low, e.High, e.HasLow, e.HasHigh = iv.Low, iv.High, ok, ok
	return e
}
