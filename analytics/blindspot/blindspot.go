package blindspot

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// Analysis finds where complaints and inspections disagree.
var Analysis = analytics.Analysis{
	Name:  "blindspot",
	Title: "Where complaints and inspections disagree",
	Doc: "Places where many complain and inspections pass, and those where inspections fail and hardly anybody complains. " +
		"A row is judged with those around it; of all rows shown, no more than the false discovery rate are expected to be chance.",
	Reference: "Berger 1982, Technometrics 24:295-300; Rao and Scott 1992, Biometrics 48:577-585; Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57:289-300; Assunção and Reis 1999, Stat. Med. 18:2147-2162",
	Params: []analytics.Param{
		{
			Name: "per", Title: "what complaints are compared by", Kind: analytics.Choice, Default: perArea, Choices: []string{perArea, perInhabitants},
			Doc: "area: where there are many. inhabitants: where there are many for those who live there, as far as that is known.",
		},
		{
			Name: "rings", Title: "how far neighbours stand", Kind: analytics.Integer, Default: "2", Min: 1, Max: 4,
			Doc: "Inspections are sparse, so a row is judged with those within so many steps; of communities, with those that touch it, whatever is asked for.",
		},
		{
			Name: "q", Title: "false discovery rate up to which rows are shown", Kind: analytics.Number, Default: "0.05", Min: 0, Max: 0.5,
		},
		{
			Name: "failed", Title: "results that are failures", Kind: analytics.Word, Default: "fail",
			Doc: "Several are separated by |.",
		},
		{
			Name: "passed", Title: "results that are passes", Kind: analytics.Word, Default: "pass|pass_with_conditions",
			Doc: "Several are separated by |. Inspections of other results count nowhere.",
		},
	},
	Near:    true,
	Places:  func(r analytics.Request) bool { return r.Params.Text("per") == perInhabitants },
	Columns: columns(),
	Plan:    plan,
	Compute: compute,
}

// The values of parameter per.
const (
	perArea        = "area"
	perInhabitants = "inhabitants"
)

func plan(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
	visits := r
	visits.Where = nil // what narrows complaints says nothing of inspections
	rollups := []data.Rollup{
		{Name: "complaints", Dataset: data.Incidents, Where: r.Member("reported_at"), Keys: []data.Key{f.Key}, Counts: []data.Count{{Name: "n"}}},
		{
			Name: "inspections", Dataset: data.Inspections, Where: visits.Member("inspected_at"), Keys: []data.Key{f.Key},
			Counts: []data.Count{{Name: "failed", Where: resultIn(r, "failed")}, {Name: "passed", Where: resultIn(r, "passed")}},
		},
	}
	if r.Params.Text("per") == perInhabitants {
		rollups = append(rollups, analytics.CountInhabitants(f.Key))
	}
	return rollups, nil
}

func compute(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	rings := r.Params.Int("rings")
	if !f.Unit.IsCells() {
		rings = 1
	}
	around, err := f.Around(rings)
	if err != nil {
		return nil, fmt.Errorf("neighbours of the study area: %w", err)
	}
	weights, err := stats.NewWeights(around.Start, around.Rows, nil)
	if err != nil {
		return nil, fmt.Errorf("neighbours of the study area: %w", err)
	}
	e := &evidence{frame: f, weights: weights, rate: r.Params.Number("q")}
	if err := e.hear(ctx, tallies, r.Tell); err != nil {
		return nil, fmt.Errorf("test complaints: %w", err)
	}
	if err := e.inspect(&tallies[1]); err != nil {
		return nil, fmt.Errorf("test inspections: %w", err)
	}
	layer := &analytics.Layer{Columns: columns(), Legend: legend(), Rank: rank(), Method: e.method(r.Params.Text("per"), rings)}
	if err := e.describe(layer); err != nil {
		return nil, err
	}
	layer.Summary = e.summary(tallies, layer)
	layer.Caveats = e.caveats()
	return layer, nil
}

// evidence is what both sides say of each row and those around it.
type evidence struct {
	frame       *analytics.Frame
	weights     stats.Weights
	rate        float64 // false discovery rate
	complaints  complaints
	inspections inspections
}

// around adds up what a row and those around it have.
func around[N int64 | float64](w stats.Weights, of []N) []N {
	sums := make([]N, len(of))
	for row := range of {
		sums[row] = of[row]
		neighbours, _ := w.Row(row)
		for _, j := range neighbours {
			sums[row] += of[j]
		}
	}
	return sums
}

// known reports whether both kinds of evidence speak of a row.
func (e *evidence) known(row int) bool { return e.complaints.tested[row] && e.inspections.tested[row] }
