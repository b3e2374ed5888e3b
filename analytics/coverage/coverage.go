package coverage

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// Analysis tells who is served by resources.
var Analysis = analytics.Analysis{
	Name:  "coverage",
	Title: "Who has a resource in reach",
	Doc: "The nearest resource of each row, the share of its inhabitants who have one in reach, and how much supply there is for each of them once all who share it have had theirs. " +
		"Distances are straight lines.",
	Reference: "Luo and Wang 2003, Environ. Plan. B 30:865-884, equations 1 and 2; Luo and Qi 2009, Health Place 15:1100-1107",
	Params: append(shared(), analytics.Param{
		Name: "decay", Title: "how much less counts what is farther away", Kind: analytics.Choice, Default: string(NoDecay),
		Choices: []string{string(NoDecay), string(Steps), string(Gaussian)},
		Doc:     "Of the supply for each inhabitant. none: all within reach alike. steps: 1, 0.68 and 0.22 by thirds of the reach. gaussian: with a deviation of a third of the reach.",
	}),
	Near:    true,
	Places:  fromHomes,
	Sites:   true,
	Columns: columns(),
	Plan:    plan,
	Compute: compute,
}

// The values of parameter demand.
const (
	people  = "people"
	reports = "reports"
)

// shared returns the parameters of both analyses.
func shared() []analytics.Param {
	return []analytics.Param{
		{Name: "kind", Title: "only resources of these kinds", Kind: analytics.Word, Doc: "Several are separated by |. Default: all."},
		{
			Name: "reach", Title: "how far people go, in a straight line", Kind: analytics.Number, Default: "1000", Min: 10, Max: 100_000, Unit: "m",
			Doc: "On foot a way of a kilometre is some 750 m in a straight line.",
		},
		{
			Name: "demand", Title: "whom resources are for", Kind: analytics.Choice, Default: people, Choices: []string{people, reports},
			Doc: "people: inhabitants, spread evenly over the finest community whose population is known. reports: as many as were reported in the period.",
		},
	}
}

func byPeople(r analytics.Request) bool { return r.Params.Text("demand") == people }

// fromHomes reports whether demand stands where people live: they do, and so does
// what is known of communities alone.
func fromHomes(r analytics.Request) bool { return byPeople(r) || !r.Unit.IsCells() }

func plan(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
	if byPeople(r) {
		return []data.Rollup{{Name: "people", Dataset: analytics.Places, Keys: []data.Key{f.Key}, Counts: []data.Count{{Name: "n"}}}}, nil
	}
	return []data.Rollup{{
		Name: "reports", Dataset: data.Incidents, Where: r.Member("reported_at"), Keys: []data.Key{f.Key}, Counts: []data.Count{{Name: "n"}},
	}}, nil
}

func compute(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	s, err := newStudy(ctx, r, f, &tallies[0])
	if err != nil {
		return nil, err
	}
	decay := Decay(r.Params.Text("decay"))
	offered, err := access(ctx, s.points, s.offer, s.reach, decay)
	if err != nil {
		return nil, manyPairs(r, err)
	}
	layer := &analytics.Layer{Columns: columns(), Legend: legend("Resource in reach"), Rank: rank(), Method: fmt.Sprintf(method, s.reach, decay)}
	s.describe(layer, offered)
	layer.Summary = s.summary(&tallies[0])
	layer.Caveats = s.caveats(r)
	return layer, nil
}
