package lisa

import (
	"context"
	"errors"
	"fmt"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// The values of parameter measure.
const (
	Reports = "reports"
	Cases   = "cases"
	Rate    = "rate"
)

// Analysis tells clusters from outliers.
var Analysis = analytics.Analysis{
	Name:  "lisa",
	Title: "Clusters and outliers of reports",
	Doc: "Rows with many reports among others with many, few among few, and those that stand out from their neighbours: many among few, few among many. " +
		"Shown are those of which, at the false discovery rate asked for, hardly any is chance.",
	Reference: "Anselin 1995, Geogr. Anal. 27:93-115, equations 7 and 19; Sokal, Oden and Thomson 1998, Geogr. Anal. 30:331-354; Assunção and Reis 1999, Stat. Med. 18:2147-2162",
	Params: []analytics.Param{
		{
			Name: "measure", Title: "what is compared", Kind: analytics.Choice, Default: Reports, Choices: []string{Reports, Cases, Rate},
			Doc: "reports: everything that was reported. cases: without what turned out void or a duplicate. rate: reports by inhabitants, standardised for how many there are.",
		},
		{
			Name: "rings", Title: "how far neighbours stand", Kind: analytics.Integer, Default: "1", Min: 1, Max: 3,
			Doc: "1: those that touch the row. 2 and 3: those within so many steps.",
		},
		{Name: "q", Title: "false discovery rate up to which rows are shown", Kind: analytics.Number, Default: "0.05", Min: 0, Max: 0.5},
	},
	Near:    true,
	Places:  byInhabitants,
	Columns: columns(),
	Plan:    plan,
	Compute: compute,
}

func byInhabitants(r analytics.Request) bool { return r.Params.Text("measure") == Rate }

func plan(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
	where := r.Member("reported_at")
	if r.Params.Text("measure") == Cases {
		where = append(where, data.Not{Condition: data.Compare{Column: "status", Op: data.Equal, Value: data.StatusVoid}})
	}
	rollups := []data.Rollup{{Name: "reports", Dataset: data.Incidents, Where: where, Keys: []data.Key{f.Key}, Counts: []data.Count{{Name: "n"}}}}
	if byInhabitants(r) {
		rollups = append(rollups, analytics.CountInhabitants(f.Key))
	}
	return rollups, nil
}

func compute(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	around, err := f.Around(r.Params.Int("rings"))
	if err != nil {
		return nil, fmt.Errorf("neighbours of the study area: %w", err)
	}
	weights, err := stats.NewWeights(around.Start, around.Rows, nil)
	if err != nil {
		return nil, fmt.Errorf("neighbours of the study area: %w", err)
	}
	s := study{frame: f, weights: weights, counts: tallies[0].Dense("n", f.Len()), rate: r.Params.Number("q")}
	if err := s.values(tallies); err != nil {
		return nil, err
	}
	if err := s.test(ctx, r.Tell); err != nil {
		return nil, err
	}
	layer := &analytics.Layer{Columns: columns(), Legend: legend(), Rank: rank(), Method: s.method}
	if err := s.describe(layer); err != nil {
		return nil, err
	}
	if layer.Summary, err = s.summary(&tallies[0], layer); err != nil {
		return nil, err
	}
	layer.Caveats = s.caveats()
	return layer, nil
}

// A study is what is compared, and what tests say of it.
type study struct {
	frame   *analytics.Frame
	weights stats.Weights
	counts  []int64
	rate    float64 // false discovery rate

	what   string // is compared, in words
	whole  bool   // counts are
	rates  bool   // standardised rates are
	x      []float64
	valid  []bool
	reason []string      // of rows without a value
	partly []string      // what is not known of inhabitants
	chance *stats.Chance // nil where values are as likely in any row as in any other

	moran  stats.Moran
	geary  stats.Geary
	perm   stats.Permutation
	method string
}

// values sets what is compared: counts of cells, counts per km² of communities, or
// standardised rates.
func (s *study) values(tallies []analytics.Tally) error {
	n := s.frame.Len()
	s.x, s.valid, s.reason = make([]float64, n), make([]bool, n), make([]string, n)
	for row := range n {
		switch {
		case s.frame.MostlyOutside(row):
			s.reason[row] = "mostly_outside"
		case s.frame.SquareKm[row] <= 0: // there are communities without an outline
			s.reason[row] = stats.Missing.String()
		default:
			s.valid[row] = true
		}
	}
	if len(tallies) > 1 {
		s.what, s.rates = "reports by inhabitants, standardised by the empirical Bayes index", true
		return s.standardise(analytics.InhabitantsOf(&tallies[1], n))
	}
	s.what, s.whole = "reports", s.frame.Unit.IsCells()
	if !s.whole {
		s.what = "reports per km²"
	}
	seen := make([]float64, n)
	for row, ok := range s.valid {
		if !ok {
			continue
		}
		seen[row] = float64(s.counts[row])
		if s.x[row] = seen[row]; !s.whole {
			s.x[row] /= s.frame.SquareKm[row]
		}
	}
	if !s.whole {
		s.chance = stats.ByExposure(seen, s.frame.SquareKm, s.valid)
	}
	return nil
}

// standardise compares reports by inhabitants. Rows that are not compared count
// neither for nor against what is usual.
func (s *study) standardise(living analytics.Inhabitants) error {
	events, people := make([]int64, len(s.x)), make([]float64, len(s.x))
	s.partly = living.Caveats()
	for row, ok := range s.valid {
		switch {
		case !ok:
		case living.Known[row]:
			events[row], people[row] = s.counts[row], living.People[row]
		default:
			s.valid[row], s.reason[row] = false, analytics.NoPopulation
		}
	}
	rates, err := stats.StandardiseRates(events, people)
	if err != nil {
		return fmt.Errorf("reports by inhabitants: %w", err)
	}
	for row, ok := range s.valid {
		if !ok {
			continue
		}
		if s.x[row], s.valid[row] = rates.Z[row], rates.Valid[row]; !s.valid[row] {
			s.reason[row] = rates.Reason[row].String()
		}
	}
	seen := make([]float64, len(events))
	for row, n := range events {
		seen[row] = float64(n)
	}
	s.chance = stats.ByExposure(seen, people, s.valid)
	return nil
}

// test computes the statistics and their conditional permutation probabilities, and
// tells how far the latter are.
func (s *study) test(ctx context.Context, tell func(done, of int)) (err error) {
	if s.moran, err = stats.LocalMoran(s.x, s.valid, s.weights.RowStandardised()); err != nil {
		return err
	}
	if s.geary, err = stats.LocalGeary(s.x, s.valid, s.weights.RowStandardised()); err != nil {
		return err
	}
	how := "exact conditional permutation probability"
	err = stats.ErrTooLarge
	if s.whole {
		s.perm, err = stats.ExactPermutation(ctx, s.counts, s.valid, s.weights, stats.ExactOptions{Progress: tell})
	}
	if errors.Is(err, stats.ErrTooLarge) {
		s.perm, err = stats.PermutationMonteCarlo(ctx, s.x, s.valid, s.weights, stats.MonteCarloOptions{Permutations: stats.DrawsFor(len(s.x)), Progress: tell})
		how = fmt.Sprintf("conditional permutation probability from %d draws", s.perm.Draws)
	}
	if err != nil {
		return err
	}
	s.perm = s.moran.Permutation(s.perm)
	if s.chance != nil {
		how = "the larger of two probabilities: " + how + ", and that of the sum of the neighbours by the binomial distribution, as far as rows differ beyond chance anyhow"
	}
	s.method = fmt.Sprintf("Local Moran of %s over all rows of the study area, weights row-standardised; %s, two-sided; false discovery rate of Benjamini and Hochberg over all rows.", s.what, how)
	return nil
}
