package hotspot

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
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
		count("observed", "Observed", "Reports in the row; for late and compliance the cases that were late, for wait those closed within the horizon."),
		number("of", "", "Out of", "What they are out of: inhabitants for rate, cases whose deadline has passed for late and compliance, cases for wait; missing for the others."),
		number("value", "", "Compared", "What is compared: reports, or reports per km² of communities; for all else the standard deviate of the row by itself."),
		number("wait", "s", "Mean wait", "For wait, the mean wait up to the horizon by Kaplan and Meier; missing for the others, and where no case was watched so long."),
		number("inside", "share", "Inside the boundary", "Share of the cell that lies inside the city; less than half is not tested."),
		number("expected", "", "Expected", "For reports and cases if all were spread evenly over the exact area, for rate over the inhabitants; for late at the share of the whole city, for compliance at that of each category; for wait at the pace of the whole city, for how long the cases were watched."),
		number("ratio_nearby", "", "Observed to expected, with neighbours", "Of the row and its neighbours together: the size of the effect. For wait, below 1 where cases are closed more slowly."),
		number("gi_z", "", "Gi* z", "Standard deviate of Gi*; a measure of size, not a test."),
		number("p", "", "p", "How probable so much, or so little, is by chance; two-sided, by the test that the method names."),
		number("q", "", "q", "The smallest false discovery rate at which the row is hot or cold."),
		count("neighbours", "Neighbours", "Neighbouring rows in the study area."),
		{Name: "edge", Type: analytics.IntColumn, Title: "At the edge", Doc: "1 where a neighbouring cell lies outside the study area, so that less is known."},
		{Name: "reason", Type: analytics.WordColumn, Title: "Why there is no value", Doc: "zero_variance, no_neighbours, degenerate_neighbourhood, too_few_cells, mostly_outside, no_population where nobody knows how many live there, zero_exposure or events_without_exposure where nobody lives, too_few_cases, or missing where a community has no outline."},
	}
}

// A result is what a test says of each row.
type result struct {
	local  stats.Local
	p      []float64
	tested []bool
	reason []stats.Reason
	method string
}

// try tests counts of cells exactly, and where that cannot be done, or it is not
// counts that are compared, by Monte Carlo.
func try(ctx context.Context, r analytics.Request, f *analytics.Frame, m *measured, w stats.Weights) (result, error) {
	local, err := stats.GiStar(m.values, m.valid, w)
	if err != nil {
		return result{}, err
	}
	t := result{local: local, tested: slices.Clone(local.Valid), reason: local.Reason}
	if r.Params.Text("test") == normal {
		t.p, t.method = local.P(stats.TwoSided), fmt.Sprintf(normalMethod, m.what)
		return t, nil
	}
	if f.Unit.IsCells() && m.counts != nil {
		perm, err := stats.ExactPermutation(ctx, m.counts, m.valid, w, stats.ExactOptions{Progress: r.Tell})
		if err == nil {
			t.method = exactMethod
			t.take(perm)
			return t, nil
		}
		if !errors.Is(err, stats.ErrTooLarge) {
			return result{}, err
		}
	}
	perm, err := stats.PermutationMonteCarlo(ctx, m.values, m.valid, w, stats.MonteCarloOptions{Permutations: stats.DrawsFor(f.Len()), Progress: r.Tell})
	if err != nil {
		return result{}, err
	}
	t.method = fmt.Sprintf(drawnMethod, m.what, perm.Draws)
	t.take(perm)
	if m.chance != nil {
		t.method = fmt.Sprintf(bothMethod, m.what, perm.Draws)
		t.doubt(m, w)
	}
	return t, nil
}

// doubt takes the larger of two probabilities: that of the permutation, for which
// all rows are alike, and that of chance, for which some rest on more than others. A
// row is hot only if neither explains it (an intersection-union test; Berger 1982,
// Technometrics 24:295-300).
func (t *result) doubt(m *measured, w stats.Weights) {
	for row, tested := range t.tested {
		if tested {
			neighbours, _ := w.Row(row)
			t.p[row] = max(t.p[row], m.chance.P(row, neighbours, m.valid, t.local.Z[row] > 0))
		}
	}
}

// compare takes the deviates of the rows that are looked at.
func (m *measured) compare(looked []bool) {
	for row, ok := range looked {
		if ok {
			z, varies := m.chance.Deviate(row)
			m.take(row, z, varies, stats.ZeroVariance.String())
		}
	}
}

// take tests by permutation, on the side that Gi* is on: rows that have a p and a
// Gi*. A row whose neighbourhood is the whole study area has a p, which is 1, and no
// Gi*.
func (t *result) take(perm stats.Permutation) {
	t.p = perm.Toward(t.local.Z)
	t.reason = slices.Clone(t.reason)
	for row := range t.tested {
		t.tested[row] = t.tested[row] && perm.Valid[row]
		if !perm.Valid[row] {
			t.reason[row] = perm.Reason[row]
		}
	}
}

const (
	exactMethod = "Gi* with binary weights of the row and its neighbours, over all rows of the study area, empty ones included, of which at least half lies inside the boundary; " +
		"exact conditional permutation probability, two-sided; classes by the false discovery rate of Benjamini and Hochberg over all rows."
	drawnMethod = "Gi* with binary weights of the row and its neighbours, over all rows of the study area, of %s; " +
		"conditional permutation probability from %d draws, two-sided; classes by the false discovery rate of Benjamini and Hochberg over all rows."
	bothMethod = "Gi* with binary weights of the row and its neighbours, over all rows of the study area, of %s; " +
		"the larger of two probabilities, two-sided: by permutation from %d draws, and of the sum of row and neighbours by the binomial distribution, as far as rows differ beyond chance anyhow; " +
		"classes by the false discovery rate of Benjamini and Hochberg over all rows."
	normalMethod = "As ArcGIS and spdep do it: Gi* with binary weights of the row and its neighbours, over all rows of the study area, of %s; " +
		"normal approximation, two-sided; classes by the false discovery rate of Benjamini and Hochberg over all rows. On sparse counts this shows hot spots on pure noise."
)

// classify fills in the columns.
func classify(layer *analytics.Layer, f *analytics.Frame, m *measured, w stats.Weights, t result) error {
	q, err := stats.BenjaminiHochberg(t.p, t.tested)
	if err != nil {
		return fmt.Errorf("false discovery rate: %w", err)
	}
	ratio, hasRatio := ratios(m, w)
	class, reason := make([]string, f.Len()), make([]string, f.Len())
	neighbours, edge, hasReason := make([]int64, f.Len()), make([]int64, f.Len()), make([]bool, f.Len())
	for row := range class {
		neighbours[row] = int64(w.Degree(row))
		if f.Edge != nil && f.Edge[row] {
			edge[row] = 1
		}
		switch {
		case t.tested[row]:
			class[row] = Classify(q[row], t.local.Z[row] > 0)
		case m.reason[row] != "":
			reason[row] = m.reason[row]
		default:
			reason[row] = t.reason[row].String()
		}
		hasReason[row] = reason[row] != ""
	}
	layer.Set("class", analytics.Column{Words: class, Valid: t.tested})
	layer.Set("observed", analytics.Column{Ints: m.observed})
	layer.Set("of", analytics.Column{Floats: m.of, Valid: m.hasOf})
	layer.Set("value", analytics.Column{Floats: m.values, Valid: m.valid})
	layer.Set("wait", analytics.Column{Floats: m.wait, Valid: m.hasWait})
	layer.Set("inside", insideColumn(f))
	layer.Set("expected", analytics.Column{Floats: m.expected, Valid: m.hasExpected})
	layer.Set("ratio_nearby", analytics.Column{Floats: ratio, Valid: hasRatio})
	layer.Set("gi_z", analytics.Column{Floats: t.local.Z, Valid: t.local.Valid})
	layer.Set("p", analytics.Column{Floats: t.p, Valid: t.tested})
	layer.Set("q", analytics.Column{Floats: q, Valid: t.tested})
	layer.Set("neighbours", analytics.Column{Ints: neighbours})
	layer.Set("edge", analytics.Column{Ints: edge})
	layer.Set("reason", analytics.Column{Words: reason, Valid: hasReason})
	return nil
}

// MostlyOutside is the reason of a cell of which less than half lies inside
// the boundary: few reports there say nothing.
const MostlyOutside = "mostly_outside"

func insideColumn(f *analytics.Frame) analytics.Column {
	if f.Inside == nil {
		return analytics.Column{Floats: make([]float64, f.Len()), Valid: make([]bool, f.Len())}
	}
	return analytics.Column{Floats: f.Inside}
}

// ratios returns the observed to expected ratio of each row with its neighbours;
// there is none where nothing is expected.
func ratios(m *measured, w stats.Weights) (ratio []float64, valid []bool) {
	ratio, valid = make([]float64, len(m.values)), make([]bool, len(m.values))
	for row := range ratio {
		seen, due := 0.0, 0.0
		add := func(row int32) {
			if m.hasExpected[row] {
				seen += float64(m.observed[row])
				due += m.expected[row]
			}
		}
		add(int32(row))
		neighbours, _ := w.Row(row)
		for _, n := range neighbours {
			add(n)
		}
		if due > 0 {
			ratio[row], valid[row] = seen/due, true
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
