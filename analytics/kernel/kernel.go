package kernel

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// Analysis draws the kernel density of reports.
var Analysis = analytics.Analysis{
	Name:  "kernel",
	Title: "Kernel density of reports",
	Doc: "Reports per km² at the centre of each cell, each report spread over its surroundings by a quartic kernel. " +
		"Beside density, which counts by rows, it does not depend on where the edges of cells run. Communities have no such value.",
	Reference: "Silverman 1986, Density Estimation, equations 4.5 and 4.14; Diggle 1985, Appl. Statist. 34:138-147",
	Params: []analytics.Param{
		{
			Name: "bandwidth", Title: "how far each report spreads", Kind: analytics.Number, Min: 10, Max: 100_000, Unit: "m",
			Doc: "A wider one shows less, and rests on more. Default: 2.78 times the standard deviation of the reports by the sixth root of their number, at least two cells; the summary tells it.",
		},
		{
			Name: "edge", Title: "make good what spreads out of the study area", Kind: analytics.Switch, Default: "false",
			Doc: "Divides by the share of the kernel that lies inside.",
		},
	},
	Near:    true,
	Columns: columns(),
	Derive:  derive,
	Plan:    plan,
	Compute: compute,
}

func columns() []analytics.Column {
	return []analytics.Column{
		{Name: "density", Type: analytics.FloatColumn, Title: "Reports per km²", Doc: "At the centre of the cell. Missing for communities and, with edge, where the kernel lies all but outside."},
		{Name: "observed", Type: analytics.IntColumn, Unit: "count", Title: "Reports", Doc: "In the row."},
		{Name: "kernel_inside", Type: analytics.FloatColumn, Unit: "share", Title: "Kernel inside", Doc: "Share of the kernel around the centre that lies in the study area; missing without edge."},
		{Name: "reason", Type: analytics.WordColumn, Title: "Why there is no value", Doc: "no_cells where rows are communities, or mostly_outside."},
	}
}

func plan(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
	reports := data.Rollup{
		Name: "reports", Dataset: data.Incidents, Where: r.Member("reported_at"), Keys: []data.Key{f.Key}, Counts: []data.Count{{Name: "n"}},
	}
	if f.Unit.IsCells() {
		reports.Keys = append(reports.Keys, data.ByInt{Column: position, Below: side * side})
	}
	return []data.Rollup{reports}, nil
}

func compute(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	t := &tallies[0]
	layer := &analytics.Layer{
		Columns: columns(), Rank: analytics.Rank{Column: "density", Descending: true, Show: []string{"density", "observed"}},
		Method: "Each report is spread by a quartic kernel, and the surface read at the centres of cells; distances are great circles.",
	}
	elsewhere, nowhere := t.Beyond("n")
	layer.Summary = []analytics.Item{
		{Key: "bandwidth", Title: "Bandwidth", Unit: "m"},
		{Key: "in_rows", Title: "Reports in a row of the layer", Value: t.Total("n") + t.Without("n"), Unit: "count"},
		{Key: "elsewhere", Title: "Reports outside the layer's rows", Value: elsewhere, Unit: "count"},
		{Key: "without_place", Title: "Reports without a place of this kind", Value: nowhere, Unit: "count"},
	}
	surface := &surface{perKm2: make([]float64, f.Len())}
	if f.Unit.IsCells() {
		points := pointsOf(f, t)
		h := bandwidth(r, f, points)
		var err error
		if surface, err = draw(ctx, r, f, points, h); err != nil {
			return nil, err
		}
		layer.Summary[0].Value = float64(h)
		layer.Caveats = caveats(r, f, h)
	}
	surface.describe(layer, f, t)
	return layer, nil
}

// mostInside is the least share of the kernel inside the study area that a value may
// be divided by: less would make mountains of single reports.
const mostInside = 0.1

// describe fills in the columns and the legend.
func (s *surface) describe(layer *analytics.Layer, f *analytics.Frame, t *analytics.Tally) {
	density := analytics.Column{Floats: s.perKm2, Valid: make([]bool, f.Len())}
	reason, why := make([]string, f.Len()), make([]bool, f.Len())
	inside := analytics.Column{Floats: s.inside, Valid: make([]bool, f.Len())}
	if s.inside == nil {
		inside.Floats = make([]float64, f.Len())
	}
	for row := range f.Len() {
		inside.Valid[row] = s.inside != nil
		switch {
		case !f.Unit.IsCells():
			reason[row] = "no_cells"
		case s.inside != nil && s.inside[row] < mostInside:
			reason[row] = "mostly_outside"
		case s.inside != nil:
			density.Floats[row] /= s.inside[row]
		}
		why[row] = reason[row] != ""
		density.Valid[row] = !why[row]
	}
	layer.Set("density", density)
	layer.Set("observed", analytics.Column{Ints: t.Dense("n", f.Len())})
	layer.Set("kernel_inside", inside)
	layer.Set("reason", analytics.Column{Words: reason, Valid: why})
	layer.Legend = analytics.Legend{Column: "density", Title: "Reports per km²", Classes: analytics.Steps(density, twoDigits, label, "Cannot be told")}
}

// twoDigits rounds to two significant digits.
func twoDigits(x float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 1, 64), 64) // never fails
	return rounded
}

func label(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// bandwidth returns the bandwidth asked for or, where none is, that for points
// scattered normally, of two cells at least.
func bandwidth(r analytics.Request, f *analytics.Frame, points []point) geo.Metres {
	if r.Params.Text("bandwidth") != "" {
		return geo.Metres(r.Params.Number("bandwidth"))
	}
	least := 2 * cellWidth(f)
	n, sigma := scatter(points)
	h, ok := stats.QuarticBandwidth(sigma, n)
	if !ok {
		return least
	}
	return max(least, geo.Metres(h))
}

// cellWidth returns about how far the centres of cells lie apart.
func cellWidth(f *analytics.Frame) geo.Metres {
	return geo.Metres(math.Sqrt(3)) * geo.EdgeLength(f.Unit.Resolution)
}

func caveats(r analytics.Request, f *analytics.Frame, h geo.Metres) []string {
	told := []string{"A surface has hills by chance, too: hotspot and clusters say which are more than that."}
	if h < cellWidth(f) {
		told = append(told, fmt.Sprintf("The bandwidth is less than the width of a cell, about %.0f m: reports far from every centre do not show.", float64(cellWidth(f))))
	}
	if !r.Params.On("edge") {
		told = append(told, "Near the limits of the study area the surface falls because what lies beyond is not known; edge makes it good.")
	}
	return told
}
