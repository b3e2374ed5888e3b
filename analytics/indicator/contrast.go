package indicator

import (
	"context"

	"github.com/civgrid/civgrid/analytics"
)

// contrast says how two periods of an indicator are compared.
func (c *Compiled) contrast() *analytics.Contrast {
	of := &analytics.Contrast{
		Title: c.Title("en"), Unit: c.kind.Unit(c.Definition), Rising: c.Direction != "higher",
		Least: func(analytics.Request) int64 { return c.minN() },
		Level: func(analytics.Request) float64 { return c.level() },
		Sides: c.sides,
	}
	switch {
	case c.kind.Places:
		of.Refused = c.ID() + " is of what there is now, whatever the period"
	case c.kind.Shrink == ShareShrinkage && !c.weighted() && !c.survives():
		of.Test = analytics.ShareTest
	case (c.kind.Shrink == RateShrinkage || c.Kind == countKind) && c.Measure == "":
		of.Test, of.Unit = analytics.RateTest, of.Unit+" in 30 days"
	case c.Kind == meanKind || c.Kind == scoreKind:
		of.Test = analytics.MeanTest
	default:
		of.Refused = c.ID() + " is of kind " + c.Kind + ", of which no test of two periods is known that holds for it"
	}
	return of
}

// sides returns what rows came to in the period of a request, and all facts.
func (c *Compiled) sides(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (rows []analytics.Side, all analytics.Side, err error) {
	e := evaluationOf(r, f, tallies)
	made, err := e.of(ctx, c)
	if err != nil {
		return nil, all, err
	}
	rows = make([]analytics.Side, len(made.rows))
	for row, o := range made.rows {
		rows[row] = o.side()
	}
	return rows, made.all.side(), nil
}

// side is what is compared of an outcome.
func (o Outcome) side() analytics.Side {
	return analytics.Side{Has: o.Has, N: o.N, Hits: int64(o.Numerator), Exposure: o.Denominator, Mean: o.Value, Variance: o.Variance}
}
