package clusters

import (
	"context"
	"fmt"
	"math"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/analytics/stats/scan"
	"github.com/civgrid/civgrid/data"
)

// Analysis finds surges in space and time.
var Analysis = analytics.Analysis{
	Name:  "clusters",
	Title: "Surges of reports in space and time",
	Doc: "Disks of rows, and the time since when, with more reports than chance explains, by the scan statistic. " +
		"p says how often chance alone would show a surge as strong anywhere in the city.",
	Reference: "Kulldorff 1997, Commun. Stat. Theory Methods 26:1481-1496; Kulldorff, Heffernan, Hartman, Assunção and Mostashari 2005, PLoS Med. 2:e59; Abrams, Kleinman and Hubbard 2010, Int. J. Health Geogr. 9:61",
	Params: []analytics.Param{
		analytics.StepParam(analytics.Weekly),
		{
			Name: "when", Title: "which spans of time are looked at", Kind: analytics.Choice, Default: "now", Choices: []string{"now", "ever"},
			Doc: "now: those that last until the end of the period. ever: those that are over too.",
		},
		{
			Name: "longest", Title: "most steps that a surge may last", Kind: analytics.Integer, Default: "8", Min: 1, Max: 400,
			Doc: "No more than half of the steps there are is ever looked at.",
		},
		{
			Name: "radius", Title: "most rings of a disk", Kind: analytics.Integer, Default: "4", Min: 0, Max: 15,
			Doc: "A ring of H3 cells of resolution 9 is about 350 m.",
		},
		{
			Name: "share", Title: "largest disk, as a share of the reports or people", Kind: analytics.Number, Default: "0.5", Min: 0.001, Max: 1, Unit: "share",
			Doc: "What is half of the city is no place in it.",
		},
		{
			Name: "model", Title: "what is expected", Kind: analytics.Choice, Default: "permutation", Choices: []string{"permutation", "poisson"},
			Doc: "permutation: what place and time would have if they were independent. poisson: a place's share of the inhabitants, all the time.",
		},
		{
			Name: "count", Title: "what is counted", Kind: analytics.Choice, Default: "reports", Choices: []string{"reports", "cases"},
			Doc: "reports: everything that was reported. cases: without what turned out void or a duplicate.",
		},
		{
			Name: "simulations", Title: "simulations", Kind: analytics.Integer, Default: "999", Min: 19, Max: 99_999,
			Doc: "The smallest p is one over their number and one. Where it is clear before that chance explains all there is, there are fewer.",
		},
		{Name: "seed", Title: "number that selects the simulations", Kind: analytics.Integer, Default: "0", Min: 0, Max: math.MaxInt32, Doc: "Any is as good as another; the same gives the same p."},
	},
	Near:    true,
	Places:  byPeople,
	Columns: columns(),
	Derive: func(r analytics.Request) []analytics.Derivation {
		return []analytics.Derivation{r.StepsSoFar().Derivation(data.Incidents, "reported_at")}
	},
	Plan:    plan,
	Compute: compute,
}

// byPeople reports whether what is expected goes by inhabitants.
func byPeople(r analytics.Request) bool { return r.Params.Text("model") == "poisson" }

func plan(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
	if err := affordable(r, f); err != nil {
		return nil, err
	}
	where := r.Member("reported_at")
	if r.Params.Text("count") == "cases" {
		where = append(where, data.Not{Condition: data.Compare{Column: "status", Op: data.Equal, Value: data.StatusVoid}})
	}
	rollups := []data.Rollup{{
		Name: "reports", Dataset: data.Incidents, Where: where,
		Keys: []data.Key{f.Key, r.StepsSoFar().Key()}, Counts: []data.Count{{Name: "n"}},
	}}
	if byPeople(r) {
		rollups = append(rollups, analytics.CountInhabitants(f.Key))
	}
	return rollups, nil
}

// mostWork bounds disks times spans times simulations: some minutes.
const mostWork = 400e9

// affordable refuses what would take hours.
func affordable(r analytics.Request, f *analytics.Frame) error {
	steps, longest := float64(r.StepsSoFar().Len()), float64(r.Params.Int("longest"))
	spans := longest
	if r.Params.Text("when") == "ever" {
		spans = longest * steps
	}
	if work := float64(f.Len()) * float64(r.Params.Int("radius")+1) * spans * r.Params.Number("simulations"); work > mostWork {
		return &analytics.ParamError{
			Name: "longest", Value: r.Params.Text("longest"),
			Why: fmt.Sprintf("%d rows, %v spans and %s simulations would take hours: take longer steps, fewer of them, a smaller radius or fewer simulations", f.Len(), spans, r.Params.Text("simulations")),
		}
	}
	return nil
}

func compute(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	s := newStudy(r, f, tallies)
	if err := s.scan(ctx); err != nil {
		return nil, err
	}
	layer := &analytics.Layer{Columns: columns(), Legend: legend(), Rank: rank(), Method: s.method()}
	s.describe(layer)
	layer.Summary = s.summary(&tallies[0])
	layer.Caveats = s.caveats()
	return layer, nil
}

// A study is what is scanned, and what was found.
type study struct {
	request  analytics.Request
	frame    *analytics.Frame
	steps    analytics.TimeSteps
	events   []int64   // by row and step, the steps of the first row first
	observed []int64   // reports of each row in steps
	people   []float64 // by row; nil without a model of them
	missing  int64     // reports where nobody is known to live, which are left out
	partly   []string  // what is not known of inhabitants
	found    scan.Result
}

func newStudy(r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) *study {
	s := &study{request: r, frame: f, steps: r.StepsSoFar()}
	steps := max(s.steps.Len(), 1)
	s.events, s.observed = make([]int64, f.Len()*steps), make([]int64, f.Len())
	counts, n := &tallies[0], tallies[0].Count("n")
	for i, row := range counts.Rows {
		s.events[int(row)*steps+int(counts.Keys[i])] += n[i]
		s.observed[row] += n[i]
	}
	if len(tallies) < 2 {
		return s
	}
	living := analytics.InhabitantsOf(&tallies[1], f.Len())
	s.people, s.partly = living.People, living.Caveats()
	for row, people := range s.people {
		if people > 0 {
			continue
		}
		for bin := row * steps; bin < (row+1)*steps; bin++ {
			s.missing += s.events[bin]
			s.events[bin] = 0
		}
	}
	return s
}

// enough is how many simulations as strong as the strongest disk, if one in five is,
// settle that there is no surge: p is then above 0.1 by far.
const enough = 50

// scan looks at every disk and span.
func (s *study) scan(ctx context.Context) error {
	if s.steps.Len() == 0 {
		return nil
	}
	zones, err := s.zones()
	if err != nil {
		return err
	}
	cube := scan.Cube{
		Events: s.events, Steps: s.steps.Len(), Prospective: s.request.Params.Text("when") == "now",
		Longest: min(s.request.Params.Int("longest"), max(s.steps.Len()/2, 1)),
	}
	s.found, err = scan.SpaceTime(ctx, zones, cube, s.people, scan.Options{
		Simulations: s.request.Params.Int("simulations"), Seed: uint64(s.request.Params.Int("seed")), Enough: enough, Progress: s.request.Tell,
	})
	return err
}

// zones returns the disks round every row, up to the largest share.
func (s *study) zones() (*scan.Zones, error) {
	var within []stats.Weights
	for r := 1; r <= s.request.Params.Int("radius"); r++ {
		around, err := s.frame.Around(r)
		if err != nil {
			return nil, fmt.Errorf("neighbours of the study area: %w", err)
		}
		w, err := stats.NewWeights(around.Start, around.Rows, nil)
		if err != nil {
			return nil, fmt.Errorf("neighbours of the study area: %w", err)
		}
		within = append(within, w)
	}
	zones, err := scan.Disks(s.frame.Len(), within...)
	if err != nil {
		return nil, err
	}
	weight := s.people
	if weight == nil {
		weight = make([]float64, s.frame.Len())
		for bin, n := range s.events {
			weight[bin/s.steps.Len()] += float64(n)
		}
	}
	return zones.Capped(weight, s.request.Params.Number("share"))
}
