// Package density answers: how many reports are there on a square kilometre?
//
// Cells of one resolution differ in area by a quarter within a country, and
// communities by tens of times; counts of rows are no density.
package density

import (
	"context"
	"math"
	"strconv"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// Analysis is the density of reports.
var Analysis = analytics.Analysis{
	Name:      "density",
	Title:     "Reports per km²",
	Doc:       "Reports of the period over the exact area of the row, of a cell at the limits over that within them.",
	Reference: "Area of H3 cells on the authalic sphere (H3 4, cellAreaKm2)",
	Columns:   columns(),
	Contrast:  contrast(),
	Plan: func(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
		return []data.Rollup{{
			Name: "reports", Dataset: data.Incidents, Where: r.Member("reported_at"),
			Keys: []data.Key{f.Key}, Counts: []data.Count{{Name: "n"}},
		}}, nil
	},
	Compute: compute,
}

func columns() []analytics.Column {
	return []analytics.Column{
		{Name: "density", Type: analytics.FloatColumn, Title: "Reports per km²", Doc: "Missing where the row has no area, or less than half of it lies within the limits."},
		{Name: "observed", Type: analytics.IntColumn, Unit: "count", Title: "Reports"},
		{Name: "area_inside", Type: analytics.FloatColumn, Unit: "km2", Title: "Area within the limits"},
	}
}

func compute(_ context.Context, _ analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	n := f.Len()
	reports, area := tallies[0].Dense("n", n), make([]float64, n)
	density := analytics.Column{Floats: make([]float64, n), Valid: make([]bool, n)}
	for row := range n {
		area[row] = f.KmInside(row)
		if density.Valid[row] = area[row] > 0 && !f.MostlyOutside(row); density.Valid[row] {
			density.Floats[row] = float64(reports[row]) / area[row]
		}
	}
	layer := &analytics.Layer{Columns: columns(), Method: "Reports over the area of the row on the sphere that H3 uses."}
	layer.Set("density", density)
	layer.Set("observed", analytics.Column{Ints: reports})
	layer.Set("area_inside", analytics.Column{Floats: area})
	layer.Legend = analytics.Legend{Column: "density", Title: "Reports per km²", Classes: analytics.Steps(density, math.Round, func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }, "Cannot be told")}
	layer.Rank = analytics.Rank{Column: "density", Descending: true, Show: []string{"density", "observed", "area_inside"}}
	elsewhere, nowhere := tallies[0].Beyond("n")
	layer.Summary = []analytics.Item{
		{Key: "in_rows", Title: "Reports in a row of the layer", Value: tallies[0].Total("n"), Unit: "count"},
		{Key: "elsewhere", Title: "Reports outside the layer's rows", Value: elsewhere, Unit: "count"},
		{Key: "without_place", Title: "Reports without a place of this kind", Value: nowhere, Unit: "count"},
	}
	return layer, nil
}
