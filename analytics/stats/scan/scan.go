package scan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/civgrid/civgrid/analytics/stats"
)

// Options tune a scan. The zero value is ready for use.
type Options struct {
	// Simulations is the number S of maps under the null hypothesis; the smallest
	// p is 1/(S+1). Zero means 999.
	Simulations int
	// Seed selects the simulations. Every seed, zero included, is as good as any.
	Seed uint64
	// Enough, if it is not zero, ends the simulations once so many of them, and one in
	// five, have a ratio as large as the observation: they settle that chance explains
	// it (Besag and Clifford 1991). There are then fewer of them, and p is the share of
	// those there are.
	Enough int
	// Low looks for zones with fewer events than expected instead of more.
	Low bool
	// Progress is told how many simulations are done. Nil tells nobody. It is
	// called by one goroutine at a time.
	Progress func(done, of int)
}

// A Cluster is a zone, with a span of time, that stands out.
type Cluster struct {
	Centre, Radius int32
	Cells          []int32 // nearest ring first; read-only
	First, Last    int     // steps, both included; 0 without time
	Observed       int64
	Expected       float64
	// RelativeRisk is the rate within over the rate without, 0 where there is no
	// event without.
	RelativeRisk float64
	Ratio        float64 // the logarithm of the likelihood ratio
	// P is the share of simulations, the observation counted as one of them, whose
	// largest ratio anywhere is at least as large.
	P float64
	// Approximate is the same from a Gumbel distribution fitted to the simulations
	// (Abrams, Kleinman and Hubbard 2010), which can be below 1/(S+1).
	Approximate float64
}

// A Result is what a scan found.
type Result struct {
	// Clusters do not overlap in space; the one with the largest ratio comes first.
	// Every one but the first has a P on the safe side: the largest ratio elsewhere
	// is smaller than the largest of all.
	Clusters []Cluster
	// Largest holds the largest ratio of each simulation, ascending.
	Largest []float64
	Zones   int
}

// ErrTooMany reports more events than can be permuted.
var ErrTooMany = errors.New("too many events")

// Poisson looks for zones with more events than their share of the population,
// which is positive where there are events (Kulldorff 1997). Simulations deal the
// events to cells by population. The error is a stats.ErrLength, a
// *stats.ValueError or that of ctx.
func Poisson(ctx context.Context, z *Zones, events []int64, population []float64, o Options) (Result, error) {
	m, err := newModel(z, 1, nil, events, o)
	if err == nil {
		err = m.byPopulation(population)
	}
	if err != nil {
		return Result{}, fmt.Errorf("scan for events: %w", err)
	}
	return m.run(ctx, o)
}

// Bernoulli looks for zones with more cases among their trials than elsewhere
// (Kulldorff 1997). Simulations deal the cases to trials. Errors are those of
// Poisson.
func Bernoulli(ctx context.Context, z *Zones, cases, trials []int64, o Options) (Result, error) {
	m, err := newModel(z, 1, nil, cases, o)
	if err == nil {
		err = m.byTrials(cases, trials)
	}
	if err != nil {
		return Result{}, fmt.Errorf("scan for cases: %w", err)
	}
	return m.run(ctx, o)
}

// A Cube is events by cell and step: the steps of the first cell first.
type Cube struct {
	Events []int64
	Steps  int
	// Longest is the most steps that a cluster may last; zero means half of them.
	Longest int
	// Prospective looks only at spans that reach to the last step: is something
	// going on now?
	Prospective bool
}

// SpaceTime looks for zones and spans of time with more events than expected. With
// a population, constant in time, that is its share of the events, times the share
// of the steps (Kulldorff 2001). Without one, nil, it is what zone and span would
// have if they were independent,
//
//	μ = C_zone C_span / C
//
// and simulations permute when events happened (Kulldorff et al. 2005). Errors are
// those of Poisson, and ErrTooMany.
func SpaceTime(ctx context.Context, z *Zones, c Cube, population []float64, o Options) (Result, error) {
	m, err := newModel(z, c.Steps, &c, c.Events, o)
	if err == nil {
		if population == nil {
			err = m.byPermutation(c.Events)
		} else {
			err = m.byPopulation(population)
		}
	}
	if err != nil {
		return Result{}, fmt.Errorf("scan for events in space and time: %w", err)
	}
	return m.run(ctx, o)
}

// run scans the observation and the simulations.
func (m *model) run(ctx context.Context, o Options) (Result, error) {
	r := Result{Zones: m.zones.Len()}
	if m.total == 0 || m.zones.Len() == 0 {
		return r, nil
	}
	observed := m.candidates()
	var err error
	top := 0.0
	if len(observed) > 0 {
		top = observed[0].ratio
	}
	if r.Largest, err = m.simulate(ctx, o, top); err != nil {
		return Result{}, err
	}
	gumbel := fit(r.Largest)
	taken := make([]bool, m.zones.cells)
	for _, c := range observed {
		cells := m.zones.Cells(int(c.zone))
		if slices.ContainsFunc(cells, func(cell int32) bool { return taken[cell] }) {
			continue
		}
		for _, cell := range cells {
			taken[cell] = true
		}
		cluster := m.cluster(c)
		atLeast := len(r.Largest) - lowest(r.Largest, c.ratio)
		cluster.P = float64(atLeast+1) / float64(len(r.Largest)+1)
		cluster.Approximate = gumbel.above(c.ratio)
		r.Clusters = append(r.Clusters, cluster)
	}
	return r, nil
}

// tie is the relative difference below which two ratios are equal but for
// rounding.
const tie = 1e-9

// lowest returns how many ascending values are below a ratio.
func lowest(sorted []float64, ratio float64) int {
	at, _ := slices.BinarySearch(sorted, ratio*(1-tie))
	return at
}

// A candidate is a zone and span that stands out by itself.
type candidate struct {
	zone, span int32
	observed   int64
	ratio      float64
}

// candidates returns every zone with a ratio above 0, over its best span, the largest
// ratio first. Its other spans cannot be clusters, which do not overlap in space.
func (m *model) candidates() []candidate {
	list := make([]candidate, m.zones.Len())
	m.each(m.vectors(m.events, nil), func(zone, span int, c int64, ratio float64) {
		if ratio > list[zone].ratio {
			list[zone] = candidate{int32(zone), int32(span), c, ratio}
		}
	})
	list = slices.DeleteFunc(list, func(c candidate) bool { return c.ratio <= 0 })
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(b.ratio, a.ratio) })
	return list
}

func (m *model) cluster(c candidate) Cluster {
	centre, radius := m.zones.Centre(int(c.zone))
	span := m.spans[c.span]
	mu := m.expected(int(c.zone), int(c.span))
	cluster := Cluster{
		Centre: centre, Radius: radius, Cells: m.zones.Cells(int(c.zone)), First: span.first, Last: span.last,
		Observed: c.observed, Expected: mu, Ratio: c.ratio,
	}
	total, seen := float64(m.total), float64(c.observed)
	if seen < total && mu > 0 && mu < total {
		cluster.RelativeRisk = (seen / mu) / ((total - seen) / (total - mu))
	}
	return cluster
}

// A gumbel distribution is that of the largest of many.
type gumbel struct{ location, scale float64 }

// fit returns the distribution with mean and variance of the values.
func fit(values []float64) gumbel {
	n := float64(len(values))
	mean, squares := 0.0, 0.0
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	const euler = 0.57721566490153286
	scale := math.Sqrt(6*squares/n) / math.Pi
	return gumbel{location: mean - euler*scale, scale: scale}
}

// above returns the probability of a value at least as large.
func (g gumbel) above(x float64) float64 {
	if g.scale == 0 {
		if x > g.location {
			return 0
		}
		return 1
	}
	return -math.Expm1(-math.Exp(-(x - g.location) / g.scale))
}

// checkEvents returns the number of events.
func checkEvents(events []int64, rows int) (total int64, err error) {
	if len(events) != rows {
		return 0, fmt.Errorf("%w: %d bins for %d", stats.ErrLength, len(events), rows)
	}
	for i, n := range events {
		if n < 0 || n > math.MaxInt32 {
			return 0, &stats.ValueError{Row: i, Value: float64(n), Why: "want a count up to 2^31"}
		}
		total += n
	}
	if total > math.MaxInt32 {
		return 0, fmt.Errorf("%w: %d, at most %d", ErrTooMany, total, math.MaxInt32)
	}
	return total, nil
}
