package blindspot

import (
	"context"
	"errors"
	"fmt"
	"math"

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
	Reference: "Berger 1982, Technometrics 24:295-300; Spiegelhalter 2005, Stat. Med. 24:1185-1202; Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57:289-300",
	Params: []analytics.Param{
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
	Columns: columns(),
	Plan:    plan,
	Compute: compute,
}

func plan(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
	visits := r
	visits.Where = nil // what narrows complaints says nothing of inspections
	return []data.Rollup{
		{Name: "complaints", Dataset: data.Incidents, Where: r.Member("reported_at"), Keys: []data.Key{f.Key}, Counts: []data.Count{{Name: "n"}}},
		{
			Name: "inspections", Dataset: data.Inspections, Where: visits.Member("inspected_at"), Keys: []data.Key{f.Key},
			Counts: []data.Count{{Name: "failed", Where: resultIn(r, "failed")}, {Name: "passed", Where: resultIn(r, "passed")}},
		},
	}, nil
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
	e := &evidence{
		frame: f, weights: weights, rate: r.Params.Number("q"),
		complaints: tallies[0].Dense("n", f.Len()), failed: tallies[1].Dense("failed", f.Len()), passed: tallies[1].Dense("passed", f.Len()),
	}
	if err := e.test(ctx, r.Tell); err != nil {
		return nil, err
	}
	layer := &analytics.Layer{Columns: columns(), Legend: legend(), Rank: rank(), Method: fmt.Sprintf(method, rings, e.scatter)}
	if err := e.describe(layer); err != nil {
		return nil, err
	}
	layer.Summary = e.summary(tallies, layer)
	layer.Caveats = e.caveats()
	return layer, nil
}

// evidence is what both sides say of each row and those around it.
type evidence struct {
	frame   *analytics.Frame
	weights stats.Weights
	rate    float64 // false discovery rate

	complaints, failed, passed []int64 // of each row by itself

	looked  []bool // rows of known area, mostly inside
	public  stats.Permutation
	local   stats.Local // of complaints
	scatter float64     // of failures, over that of chance
	share   float64     // of failures everywhere
	fails   []float64   // failures of the row and those around
	visits  []float64   // inspections likewise
	z       []float64   // of failures; valid where there are visits
}

// test weighs both kinds of evidence, each by itself, and tells how far it is.
func (e *evidence) test(ctx context.Context, tell func(done, of int)) (err error) {
	n := e.frame.Len()
	e.looked = make([]bool, n)
	values := make([]float64, n)
	for row := range n {
		e.looked[row] = e.frame.SquareKm[row] > 0 && !(e.frame.Inside != nil && e.frame.Inside[row] < 0.5)
		if values[row] = float64(e.complaints[row]); !e.frame.Unit.IsCells() && e.looked[row] {
			values[row] /= e.frame.SquareKm[row] // communities differ in area
		}
	}
	if e.local, err = stats.GiStar(values, e.looked, e.weights); err != nil {
		return err
	}
	err = stats.ErrTooLarge
	if e.frame.Unit.IsCells() {
		e.public, err = stats.ExactPermutation(ctx, e.complaints, e.looked, e.weights, stats.ExactOptions{Progress: tell})
	}
	if errors.Is(err, stats.ErrTooLarge) {
		e.public, err = stats.PermutationMonteCarlo(ctx, values, e.looked, e.weights, stats.MonteCarloOptions{Permutations: stats.DrawsFor(len(values)), Progress: tell})
	}
	if err != nil {
		return err
	}
	e.inspect()
	return nil
}

// inspect makes the deviate of the failures of each row and those around it.
func (e *evidence) inspect() {
	n := e.frame.Len()
	e.fails, e.visits, e.z = make([]float64, n), make([]float64, n), make([]float64, n)
	failed, all := 0.0, 0.0
	for row := range n {
		failed += float64(e.failed[row])
		all += float64(e.failed[row] + e.passed[row])
	}
	if all == 0 {
		return
	}
	e.share = failed / all
	chance := e.share * (1 - e.share)
	var single []float64
	for row := range n {
		visits := float64(e.failed[row] + e.passed[row])
		if visits > 0 && chance > 0 {
			single = append(single, (float64(e.failed[row])-visits*e.share)/math.Sqrt(visits*chance))
		}
		e.fails[row], e.visits[row] = float64(e.failed[row]), visits
		neighbours, _ := e.weights.Row(row)
		for _, j := range neighbours {
			e.fails[row] += float64(e.failed[j])
			e.visits[row] += float64(e.failed[j] + e.passed[j])
		}
	}
	e.scatter = max(1, stats.Overdispersion(single))
	for row := range n {
		if e.visits[row] > 0 && chance > 0 {
			e.z[row] = (e.fails[row] - e.visits[row]*e.share) / math.Sqrt(e.scatter*e.visits[row]*chance)
		}
	}
}

// known reports whether both kinds of evidence speak of a row.
func (e *evidence) known(row int) bool {
	return e.heard(row) && e.visits[row] > 0 && e.share > 0 && e.share < 1
}

// heard reports whether complaints of a row could be tested.
func (e *evidence) heard(row int) bool {
	return e.looked[row] && e.public.Valid[row] && e.local.Valid[row]
}
