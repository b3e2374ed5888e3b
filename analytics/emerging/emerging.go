package emerging

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/analytics/stats/trend"
	"github.com/civgrid/civgrid/data"
)

// Analysis finds emerging hot spots.
var Analysis = analytics.Analysis{
	Name:  "emerging",
	Title: "Emerging hot spots of reports",
	Doc: "What has become of each hot or cold spot over time: new, consecutive, intensifying, persistent, diminishing, sporadic, oscillating or historical. " +
		"A row is hot in a step if it and its neighbours, then and one step before, have more reports than bins drawn at random would have.",
	Reference: "Ord and Getis 1995, Geogr. Anal. 27:286-306, equation 14; Mann 1945, Econometrica 13:245-259; Hamed and Rao 1998, J. Hydrol. 204:182-196; Sen 1968, JASA 63:1379-1389; classes after Esri, How Emerging Hot Spot Analysis works",
	Params: []analytics.Param{
		analytics.StepParam(analytics.Monthly),
		{
			Name: "count", Title: "what is counted", Kind: analytics.Choice, Default: "reports", Choices: []string{"reports", "cases"},
			Doc: "reports: everything that was reported. cases: without what turned out void or a duplicate.",
		},
		{
			Name: "rings", Title: "how far neighbours stand", Kind: analytics.Integer, Default: "1", Min: 1, Max: 3,
			Doc: "1: those that touch the row. 2 and 3: those within so many steps.",
		},
		{
			Name: "back", Title: "steps before that belong to the neighbourhood", Kind: analytics.Integer, Default: "1", Min: 0, Max: 12,
			Doc: "With 0 each step stands for itself.",
		},
		{
			Name: "test", Title: "how bins are tested", Kind: analytics.Choice, Default: "exact", Choices: []string{"exact", "normal"},
			Doc: "normal: the approximation that ArcGIS uses, for comparison; on sparse counts it shows patterns where there are none.",
		},
		{
			Name: "q", Title: "false discovery rate up to which a bin is hot or cold", Kind: analytics.Number, Default: "0.05", Min: 0, Max: 0.5,
			Doc: "Over all bins of the cube. ArcGIS uses 0.1.",
		},
		{
			Name: "trend", Title: "test for a trend", Kind: analytics.Choice, Default: "mann-kendall", Choices: []string{"mann-kendall", "hamed-rao"},
			Doc: "hamed-rao allows for steps that depend on those before them, as they do where neighbourhoods overlap in time.",
		},
		{
			Name: "alpha", Title: "p up to which there is a trend", Kind: analytics.Number, Default: "0.1", Min: 0, Max: 0.5,
			Doc: "Two-sided.",
		},
		{
			Name: "vocabulary", Title: "whose words classes are named by", Kind: analytics.Choice, Default: "arcgis", Choices: []string{"arcgis", "carto"},
			Doc: "carto: incipient, sequential, strengthening, stable, declining, occasional, fluctuating and legacy.",
		},
	},
	Near:    true,
	Columns: columns(),
	Derive: func(r analytics.Request) []analytics.Derivation {
		return []analytics.Derivation{r.Steps().Derivation(data.Incidents, "reported_at")}
	},
	Plan:    plan,
	Compute: compute,
}

func plan(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
	if bins := f.Len() * r.Steps().Len(); bins > maxBins {
		return nil, &analytics.ParamError{Name: "step", Value: r.Params.Text("step"), Why: fmt.Sprintf("%d rows in %d steps are %d bins, more than %d: take longer steps, a shorter period or larger cells", f.Len(), r.Steps().Len(), bins, maxBins)}
	}
	where := r.Member("reported_at")
	if r.Params.Text("count") == "cases" {
		where = append(where, data.Not{Condition: data.Compare{Column: "status", Op: data.Equal, Value: data.StatusVoid}})
	}
	return []data.Rollup{{
		Name: "reports", Dataset: data.Incidents, Where: where,
		Keys: []data.Key{f.Key, r.Steps().Key()}, Counts: []data.Count{{Name: "n"}},
	}}, nil
}

// maxBins bounds the size of a cube: its z, p, q and neighbourhoods take some 200
// bytes a bin.
const maxBins = 10_000_000

func compute(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	c, err := newCube(r, f, &tallies[0])
	if err != nil {
		return nil, err
	}
	if err := c.test(ctx); err != nil {
		return nil, err
	}
	layer := &analytics.Layer{Columns: columns(), Legend: legend(r.Params.Text("vocabulary")), Rank: rank(), Method: c.method}
	if err := c.describe(layer); err != nil {
		return nil, err
	}
	layer.Summary = c.summary(layer, &tallies[0])
	layer.Caveats = c.caveats()
	return layer, nil
}

// A cube is the counts of every row and step, and what tests say of them.
type cube struct {
	request analytics.Request
	frame   *analytics.Frame
	steps   analytics.TimeSteps
	counts  []int64 // by bin, the rows of the first step first
	looked  []bool  // by row: rows of known area, mostly inside
	space   trend.Neighbourhood

	bins   trend.Bins
	q      []float64
	tested []bool
	draws  int // permutations, 0 where all were counted
	method string
}

func newCube(r analytics.Request, f *analytics.Frame, t *analytics.Tally) (*cube, error) {
	around, err := f.Around(r.Params.Int("rings"))
	if err != nil {
		return nil, fmt.Errorf("neighbours of the study area: %w", err)
	}
	space, err := stats.NewWeights(around.Start, around.Rows, nil)
	if err != nil {
		return nil, fmt.Errorf("neighbours of the study area: %w", err)
	}
	c := &cube{request: r, frame: f, steps: r.Steps(), looked: make([]bool, f.Len())}
	c.space = trend.Neighbourhood{Space: space, Steps: max(c.steps.Len(), 1), Back: r.Params.Int("back")}
	c.counts = make([]int64, f.Len()*c.space.Steps)
	for i, n := range t.Count("n") {
		c.counts[int(t.Keys[i])*f.Len()+int(t.Rows[i])] += n
	}
	for row := range c.looked {
		c.looked[row] = f.SquareKm[row] > 0 && !f.MostlyOutside(row)
	}
	return c, nil
}

// values returns what is compared: counts of cells, and counts per km² of
// communities, which differ in area.
func (c *cube) values() []float64 {
	values := make([]float64, len(c.counts))
	for i, n := range c.counts {
		values[i] = float64(n)
		if row := i % c.frame.Len(); !c.frame.Unit.IsCells() && c.looked[row] {
			values[i] /= c.frame.SquareKm[row]
		}
	}
	return values
}

// test says of every bin how it differs from what chance would have it be.
func (c *cube) test(ctx context.Context) (err error) {
	if c.frame.Len() == 0 || c.steps.Len() == 0 {
		c.tested = make([]bool, len(c.counts))
		c.bins = trend.Bins{Z: make([]float64, len(c.counts)), Valid: c.tested, Reason: slices.Repeat([]stats.Reason{stats.TooFewCells}, len(c.counts))}
		c.method = method("no bins")
		c.q = make([]float64, len(c.counts))
		return nil
	}
	values := c.values()
	if c.bins, err = trend.GiStar(values, c.looked, c.space, trend.EntireCube); err != nil {
		return err
	}
	c.tested = slices.Clone(c.bins.Valid)
	p := c.bins.P(stats.TwoSided)
	if c.request.Params.Text("test") == "normal" {
		c.method = method("normal approximation, two-sided, as in ArcGIS; on sparse counts it shows patterns where there are none")
	} else if p, err = c.permute(ctx, values); err != nil {
		return err
	}
	c.q, err = stats.BenjaminiHochberg(p, c.tested)
	return err
}

// permute returns the conditional permutation probability of every bin, by
// enumeration where the values are counts and there are not too many.
func (c *cube) permute(ctx context.Context, values []float64) ([]float64, error) {
	weights, err := c.space.Weights()
	if err != nil {
		return nil, err
	}
	looked := slices.Repeat(c.looked, c.space.Steps)
	if c.frame.Unit.IsCells() {
		perm, err := stats.ExactPermutation(ctx, c.counts, looked, weights, stats.ExactOptions{Progress: c.request.Tell})
		if err == nil {
			c.method = method("exact conditional permutation probability, two-sided")
			return c.keep(perm), nil
		}
		if !errors.Is(err, stats.ErrTooLarge) {
			return nil, err
		}
	}
	perm, err := stats.PermutationMonteCarlo(ctx, values, looked, weights, stats.MonteCarloOptions{Permutations: stats.DrawsFor(len(values)), Progress: c.request.Tell})
	if err != nil {
		return nil, err
	}
	c.draws = perm.Draws
	c.method = method(fmt.Sprintf("conditional permutation probability from %d draws, two-sided", perm.Draws))
	return c.keep(perm), nil
}

// keep leaves out bins that have no permutation: those without any neighbour.
func (c *cube) keep(perm stats.Permutation) []float64 {
	for i := range c.tested {
		if c.tested[i] && !perm.Valid[i] {
			c.tested[i], c.bins.Reason[i] = false, perm.Reason[i]
		}
	}
	return perm.Toward(c.bins.Z)
}

// series returns the bins of a row, the first step first: counts, z, and whether
// each is hot or cold. known is false where any of them was not tested.
func (c *cube) series(row int) (counts, z []float64, bins []int8, known bool) {
	known = c.steps.Len() > 0
	for i := row; i < len(c.counts); i += c.frame.Len() {
		counts, z = append(counts, float64(c.counts[i])), append(z, c.bins.Z[i])
		bin := int8(0)
		if c.tested[i] && c.q[i] <= c.request.Params.Number("q") {
			bin = int8(math.Copysign(1, c.bins.Z[i]))
		}
		bins = append(bins, bin)
		known = known && c.tested[i]
	}
	return counts, z, bins, known
}

// reason says why a row has no class.
func (c *cube) reason(row int) string {
	switch {
	case c.frame.MostlyOutside(row):
		return "mostly_outside"
	case c.steps.Len() == 0:
		return "no_steps"
	}
	for i := row; i < len(c.counts); i += c.frame.Len() {
		if !c.tested[i] {
			return c.bins.Reason[i].String()
		}
	}
	return ""
}
