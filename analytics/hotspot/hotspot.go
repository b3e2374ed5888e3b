package hotspot

import (
	"context"
	"errors"
	"fmt"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// Analysis finds hot and cold spots of reports.
var Analysis = analytics.Analysis{
	Name:  "hotspot",
	Title: "Hot and cold spots of reports",
	Doc: "Where a row and its neighbours have more, or fewer, reports than rows drawn at random would. " +
		"hot95 means: of all rows shown at least as hot, no more than 5 in 100 are expected to be chance.",
	Reference: "Getis and Ord 1992, Geogr. Anal. 24:189-206; Ord and Getis 1995, Geogr. Anal. 27:286-306, equation 14; Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57:289-300",
	Params: []analytics.Param{
		{
			Name: "count", Title: "what is counted", Kind: analytics.Choice, Default: "reports", Choices: []string{"reports", "cases"},
			Doc: "reports: everything that was reported. cases: without what turned out void or a duplicate.",
		},
	},
	Near:    true,
	Columns: columns(),
	Plan:    plan,
	Compute: compute,
}

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

func columns() []analytics.Column {
	count := func(name, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.IntColumn, Unit: "count", Title: title, Doc: doc}
	}
	number := func(name, unit, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Unit: unit, Title: title, Doc: doc}
	}
	return []analytics.Column{
		{Name: "class", Type: analytics.WordColumn, Title: "Class", Doc: "hot99, hot95, hot90, ns, cold90, cold95 or cold99, by q."},
		count("observed", "Reports", "Reports in the row."),
		number("inside", "share", "Inside the boundary", "Share of the cell that lies inside the city; less than half is not tested."),
		number("expected", "count", "Expected", "Reports in the row if all of them were spread evenly over the exact area."),
		number("ratio", "", "Observed to expected nearby", "Of the row and its neighbours together."),
		number("gi_z", "", "Gi* z", "Standard deviate of Gi*; a measure of size, not a test."),
		number("p", "", "p", "Two-sided conditional permutation probability."),
		number("q", "", "q", "The smallest false discovery rate at which the row is hot or cold."),
		count("neighbours", "Neighbours", "Neighbouring rows in the study area."),
		{Name: "edge", Type: analytics.IntColumn, Title: "At the edge", Doc: "1 where a neighbouring cell lies outside the study area, so that less is known."},
		{Name: "reason", Type: analytics.WordColumn, Title: "Why there is no value", Doc: "zero_variance, no_neighbours, degenerate_neighbourhood, too_few_cells, or missing where a community has no outline."},
	}
}

func plan(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
	where := r.Member("reported_at")
	if r.Params.Text("count") == "cases" {
		where = append(where, data.Not{Condition: data.Compare{Column: "status", Op: data.Equal, Value: data.StatusVoid}})
	}
	return []data.Rollup{{
		Name: "reports", Dataset: data.Incidents, Where: where,
		Keys: []data.Key{f.Key}, Counts: []data.Count{{Name: "n"}},
	}}, nil
}

func compute(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	counts := tallies[0].Dense("n", f.Len())
	weights, err := stats.NewWeights(f.Neighbours.Start, f.Neighbours.Rows, nil)
	if err != nil {
		return nil, fmt.Errorf("neighbours of the study area: %w", err)
	}
	test, err := try(ctx, f, counts, weights)
	if err != nil {
		return nil, err
	}
	layer := &analytics.Layer{Columns: columns(), Legend: legend(), Rank: rank(), Method: test.method}
	if err := classify(layer, f, counts, weights, test); err != nil {
		return nil, err
	}
	layer.Summary = summary(&tallies[0], layer)
	layer.Caveats = caveats(f)
	return layer, nil
}

// A result is what a test says of each row.
type result struct {
	local  stats.Local
	perm   stats.Permutation
	method string
}

// tested says which rows are tested: those that have a p and a Gi*. A row whose
// neighbourhood is the whole study area has a p, which is 1, and no Gi*.
func (t result) tested() []bool {
	tested := make([]bool, len(t.perm.Valid))
	for row := range tested {
		tested[row] = t.perm.Valid[row] && t.local.Valid[row]
	}
	return tested
}

// reason says why a row is not tested.
func (t result) reason(row int) stats.Reason {
	if !t.perm.Valid[row] {
		return t.perm.Reason[row]
	}
	return t.local.Reason[row]
}

// try tests counts of cells exactly, and where that cannot be done, or rows
// differ in area, by Monte Carlo.
func try(ctx context.Context, f *analytics.Frame, counts []int64, w stats.Weights) (result, error) {
	values, valid := make([]float64, len(counts)), make([]bool, len(counts))
	for i, n := range counts {
		valid[i] = f.SquareKm[i] > 0 && !mostlyOutside(f, i) // there are communities without an outline
		switch {
		case f.Unit.IsCells():
			values[i] = float64(n)
		case valid[i]:
			values[i] = float64(n) / f.SquareKm[i]
		}
	}
	local, err := stats.GiStar(values, valid, w)
	if err != nil {
		return result{}, err
	}
	if f.Unit.IsCells() {
		perm, err := stats.ExactPermutation(ctx, counts, valid, w, stats.ExactOptions{})
		if err == nil {
			return result{local, perm, exactMethod}, nil
		}
		if !errors.Is(err, stats.ErrTooLarge) {
			return result{}, err
		}
	}
	perm, err := stats.PermutationMonteCarlo(ctx, values, valid, w, stats.MonteCarloOptions{})
	if err != nil {
		return result{}, err
	}
	what := "counts, whose exact distribution would take too long"
	if !f.Unit.IsCells() {
		what = "reports per km², as communities differ in area"
	}
	return result{local, perm, fmt.Sprintf(drawnMethod, what, perm.Draws)}, nil
}

const (
	exactMethod = "Gi* with binary weights of the row and its neighbours, over all rows of the study area, empty ones included, of which at least half lies inside the boundary; " +
		"exact conditional permutation probability, two-sided; classes by the false discovery rate of Benjamini and Hochberg over all rows."
	drawnMethod = "Gi* with binary weights of the row and its neighbours, over all rows of the study area, empty ones included, of %s; " +
		"conditional permutation probability from %d draws, two-sided; classes by the false discovery rate of Benjamini and Hochberg over all rows."
)

// classify fills in the columns.
func classify(layer *analytics.Layer, f *analytics.Frame, counts []int64, w stats.Weights, t result) error {
	p, tested := t.perm.P(stats.TwoSided), t.tested()
	q, err := stats.BenjaminiHochberg(p, tested)
	if err != nil {
		return fmt.Errorf("false discovery rate: %w", err)
	}
	expected, hasExpected := expect(f, counts)
	ratio, hasRatio := ratios(counts, expected, w)
	class, reason := make([]string, f.Len()), make([]string, f.Len())
	neighbours, edge := make([]int64, f.Len()), make([]int64, f.Len())
	for row := range class {
		neighbours[row] = int64(w.Degree(row))
		if f.Edge != nil && f.Edge[row] {
			edge[row] = 1
		}
		if tested[row] {
			class[row] = Classify(q[row], t.perm.Greater[row] < t.perm.Less[row])
		} else if reason[row] = t.reason(row).String(); mostlyOutside(f, row) {
			reason[row] = MostlyOutside
		}
	}
	hasReason := make([]bool, f.Len())
	for row := range reason {
		hasReason[row] = reason[row] != ""
	}
	layer.Set("class", analytics.Column{Words: class, Valid: tested})
	layer.Set("observed", analytics.Column{Ints: counts})
	layer.Set("inside", insideColumn(f))
	layer.Set("expected", analytics.Column{Floats: expected, Valid: hasExpected})
	layer.Set("ratio", analytics.Column{Floats: ratio, Valid: hasRatio})
	layer.Set("gi_z", analytics.Column{Floats: t.local.Z, Valid: t.local.Valid})
	layer.Set("p", analytics.Column{Floats: p, Valid: tested})
	layer.Set("q", analytics.Column{Floats: q, Valid: tested})
	layer.Set("neighbours", analytics.Column{Ints: neighbours})
	layer.Set("edge", analytics.Column{Ints: edge})
	layer.Set("reason", analytics.Column{Words: reason, Valid: hasReason})
	return nil
}

// MostlyOutside is the reason of a cell of which less than half lies inside
// the boundary: few reports there say nothing.
const MostlyOutside = "mostly_outside"

func mostlyOutside(f *analytics.Frame, row int) bool { return f.Inside != nil && f.Inside[row] < 0.5 }

func insideColumn(f *analytics.Frame) analytics.Column {
	if f.Inside == nil {
		return analytics.Column{Floats: make([]float64, f.Len()), Valid: make([]bool, f.Len())}
	}
	return analytics.Column{Floats: f.Inside}
}

// expect returns how many reports each row would have if all those in rows of
// known area were spread evenly over what of it lies inside the boundary.
func expect(f *analytics.Frame, counts []int64) (expected []float64, valid []bool) {
	var total int64
	var area float64
	expected, valid = make([]float64, len(counts)), make([]bool, len(counts))
	for row, n := range counts {
		expected[row] = f.SquareKm[row]
		if f.Inside != nil {
			expected[row] *= f.Inside[row]
		}
		if valid[row] = f.SquareKm[row] > 0; valid[row] {
			total += n
			area += expected[row]
		}
	}
	for row := range expected {
		if area > 0 {
			expected[row] *= float64(total) / area
		}
	}
	return expected, valid
}

// ratios returns the observed to expected ratio of each row with its
// neighbours; there is none where nothing is expected.
func ratios(counts []int64, expected []float64, w stats.Weights) (ratio []float64, valid []bool) {
	ratio, valid = make([]float64, len(counts)), make([]bool, len(counts))
	for row := range counts {
		seen, due := int64(0), 0.0
		add := func(row int32) {
			if expected[row] > 0 {
				seen += counts[row]
				due += expected[row]
			}
		}
		add(int32(row))
		neighbours, _ := w.Row(row)
		for _, n := range neighbours {
			add(n)
		}
		if due > 0 {
			ratio[row], valid[row] = float64(seen)/due, true
		}
	}
	return ratio, valid
}

// Classify returns the class of a row by its q: hot if it lies above chance,
// else cold.
func Classify(q float64, hot bool) string {
	classes := [2][3]string{{Cold99, Cold95, Cold90}, {Hot99, Hot95, Hot90}}
	side := 0
	if hot {
		side = 1
	}
	for i, limit := range [3]float64{0.01, 0.05, 0.10} {
		if q <= limit {
			return classes[side][i]
		}
	}
	return NotSignificant
}
