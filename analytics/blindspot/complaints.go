package blindspot

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
)

// complaints is what the public says: of each row with those around it.
type complaints struct {
	many, few []float64 // p of so many or more, of so few or fewer
	z         []float64 // Gi*
	tested    []bool
	reason    []string // why not

	partly   []string // what is not known of inhabitants
	own      []int64  // of the row alone
	observed []int64
	expected []float64 // at the rate of the whole layer
	ratio    []float64 // observed to expected, shrunken
	hasRatio []bool
	// hasExpected is false where there is nothing to expect complaints by.
	hasExpected []bool
}

// hear tests the complaints of each row and those around it by permutation: counts
// of cells exactly, and by Monte Carlo those of communities, which differ in area,
// rates, and counts so large that the exact distribution would not fit. It tells how
// far it is.
func (e *evidence) hear(ctx context.Context, tallies []analytics.Tally, tell func(done, of int)) error {
	counts := tallies[0].Dense("n", e.frame.Len())
	c := &e.complaints
	c.reason = e.unfit()
	exposure, values := e.areas(), make([]float64, len(counts))
	exact := e.frame.Unit.IsCells()
	for row, n := range counts {
		if values[row] = float64(n); !exact && c.reason[row] == "" {
			values[row] /= e.frame.SquareKm[row]
		}
	}
	if len(tallies) > 2 {
		exact = false
		living := analytics.InhabitantsOf(&tallies[2], e.frame.Len())
		exposure, c.partly = living.People, living.Caveats()
		for row, known := range living.Known {
			if !known && c.reason[row] == "" {
				c.reason[row] = analytics.NoPopulation
			}
		}
		if err := c.rates(counts, exposure, values); err != nil {
			return err
		}
	}
	if err := c.test(ctx, e.weights, counts, values, exact, tell); err != nil {
		return err
	}
	return c.compare(e.weights, counts, exposure)
}

// unfit says why a row is not looked at, "" where it is.
func (e *evidence) unfit() []string {
	reason := make([]string, e.frame.Len())
	for row := range reason {
		switch {
		case e.frame.MostlyOutside(row):
			reason[row] = "mostly_outside"
		case e.frame.SquareKm[row] <= 0:
			reason[row] = stats.Missing.String()
		}
	}
	return reason
}

// areas returns how much of each row lies inside the boundary, in km².
func (e *evidence) areas() []float64 {
	areas := make([]float64, e.frame.Len())
	for row := range areas {
		areas[row] = e.frame.KmInside(row)
	}
	return areas
}

// rates makes values the standardised rates of those who live in a row.
func (c *complaints) rates(counts []int64, people, values []float64) error {
	events, living := make([]int64, len(counts)), make([]float64, len(counts))
	for row := range counts {
		if c.reason[row] == "" {
			events[row], living[row] = counts[row], people[row]
		}
	}
	standard, err := stats.StandardiseRates(events, living)
	if err != nil {
		return fmt.Errorf("by inhabitants: %w", err)
	}
	copy(values, standard.Z)
	for row, ok := range standard.Valid {
		if c.reason[row] == "" && !ok {
			c.reason[row] = standard.Reason[row].String()
		}
	}
	return nil
}

func (c *complaints) test(ctx context.Context, w stats.Weights, counts []int64, values []float64, exact bool, tell func(done, of int)) error {
	c.tested = make([]bool, len(counts))
	for row := range counts {
		c.tested[row] = c.reason[row] == ""
	}
	local, err := stats.GiStar(values, c.tested, w)
	if err != nil {
		return err
	}
	var p stats.Permutation
	if exact {
		p, err = stats.ExactPermutation(ctx, counts, c.tested, w, stats.ExactOptions{Progress: tell})
	}
	if !exact || errors.Is(err, stats.ErrTooLarge) {
		p, err = stats.PermutationMonteCarlo(ctx, values, c.tested, w, stats.MonteCarloOptions{Permutations: stats.DrawsFor(len(values)), Progress: tell})
	}
	if err != nil {
		return err
	}
	c.many, c.few, c.z = p.Greater, p.Less, local.Z
	for row, z := range local.Z { // the tails are of the neighbours alone, see stats.Permutation.Toward
		if z > 0 {
			c.few[row] = 1
		} else {
			c.many[row] = 1
		}
	}
	for row, tested := range c.tested {
		switch {
		case !tested:
		case !p.Valid[row]:
			c.reason[row] = p.Reason[row].String()
		case !local.Valid[row]:
			c.reason[row] = local.Reason[row].String()
		}
		c.tested[row] = c.reason[row] == ""
	}
	return nil
}

// compare says how many complaints there are and would be if all were spread evenly
// over what they are compared by.
func (c *complaints) compare(w stats.Weights, counts []int64, exposure []float64) error {
	total, all := 0.0, 0.0
	for row, n := range counts {
		if exposure[row] > 0 {
			total += float64(n)
			all += exposure[row]
		}
	}
	c.own = counts
	c.observed, c.expected = around(w, counts), around(w, exposure)
	compared := slices.Clone(counts)
	for row := range compared {
		if exposure[row] <= 0 {
			compared[row] = 0
		}
	}
	for row := range c.expected {
		if all > 0 {
			c.expected[row] *= total / all
		}
	}
	shrunk, err := stats.ShrinkRates(around(w, compared), c.expected)
	c.ratio, c.hasRatio = shrunk.Estimate, shrunk.Valid
	c.hasExpected = make([]bool, len(c.expected))
	for row, expected := range c.expected {
		c.hasExpected[row] = expected > 0
		c.hasRatio[row] = c.hasRatio[row] && expected > 0
	}
	return err
}
