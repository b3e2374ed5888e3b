package hotspot

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
)

// Analysis finds hot and cold spots of reports.
var Analysis = analytics.Analysis{
	Name:  "hotspot",
	Title: title(Reports),
	Doc: "Where a row and its neighbours have more, or fewer, reports than rows drawn at random would; or higher rates, more late cases, longer waits. " +
		"hot95 means: of all rows shown at least as hot, no more than 5 in 100 are expected to be chance.",
	Reference: "Getis and Ord 1992, Geogr. Anal. 24:189-206; Ord and Getis 1995, Geogr. Anal. 27:286-306, equation 14; Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57:289-300; Assunção and Reis 1999, Stat. Med. 18:2147-2162; Breslow 1975, Int. Stat. Rev. 43:45-57; Berger 1982, Technometrics 24:295-300",
	Params: []analytics.Param{
		{
			Name: "measure", Title: "what is compared", Kind: analytics.Choice, Default: Reports,
			Choices: []string{Reports, Cases, Rate, Compliance, Late, Wait},
			Doc: "reports: everything that was reported. cases: without what turned out void or a duplicate. rate: reports by inhabitants. " +
				"late: cases whose deadline has passed and that were late. compliance: the same against what their number and categories would have. " +
				"wait: how few cases are closed for how long they have been watched, open cases counted.",
		},
		{
			Name: "rings", Title: "how far neighbours stand", Kind: analytics.Integer, Default: "1", Min: 1, Max: 3,
			Doc: "1: those that touch the row. 2 and 3: those within so many steps.",
		},
		{
			Name: "test", Title: "how rows are tested", Kind: analytics.Choice, Default: exact, Choices: []string{exact, normal},
			Doc: "exact: by permutation, enumerated for counts of cells, drawn for all else, and then against chance as well. normal: the approximation that ArcGIS and spdep use, for comparison; on sparse counts it shows hot spots on pure noise.",
		},
		{Name: "min-n", Title: "fewest cases of a row, for late, compliance and wait", Kind: analytics.Integer, Min: 1, Max: 1e6, Default: "3", Unit: "count"},
		{
			Name: "horizon-days", Title: "longest wait that counts, for wait", Kind: analytics.Number, Min: 0.1, Max: 3650, Default: "30", Unit: "d",
			Doc: "Longer waits count as so long, so that a few cases nobody closes do not decide.",
		},
	},
	Near:    true,
	Places:  func(r analytics.Request) bool { return r.Params.Text("measure") == Rate },
	Columns: columns(),
	Derive:  derive,
	Plan:    plan,
	Compute: compute,
}

// The values of parameter test.
const (
	exact  = "exact"
	normal = "normal"
)

// The values of column class: hot or cold at a false discovery rate of 1, 5 or
// 10 in 100, or not significant.
const (
	Hot99          = "hot99"
	Hot95          = "hot95"
	Hot90          = "hot90"
	NotSignificant = "ns"
	Cold90         = "cold90"
	Cold95         = "cold95"
	Cold99         = "cold99"
)

func compute(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	around, err := f.Around(r.Params.Int("rings"))
	if err != nil {
		return nil, fmt.Errorf("neighbours of the study area: %w", err)
	}
	weights, err := stats.NewWeights(around.Start, around.Rows, nil)
	if err != nil {
		return nil, fmt.Errorf("neighbours of the study area: %w", err)
	}
	m, err := measuredFrom(ctx, r, f, tallies)
	if err != nil {
		return nil, err
	}
	test, err := try(ctx, r, f, m, weights)
	if err != nil {
		return nil, err
	}
	what := r.Params.Text("measure")
	layer := &analytics.Layer{Title: title(what), Columns: columns(), Legend: legend(), Rank: rank(what), Method: test.method}
	if err := classify(layer, f, m, weights, test); err != nil {
		return nil, err
	}
	moran, err := stats.GlobalMoran(m.values, m.valid, weights.RowStandardised())
	if err != nil {
		return nil, fmt.Errorf("how alike neighbours are: %w", err)
	}
	layer.Summary = append(summary(&tallies[0], layer, m, what), alike(moran)...)
	layer.Caveats = append(caveats(r, f, &tallies[0]), m.caveats...)
	return layer, nil
}
