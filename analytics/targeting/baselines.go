package targeting

import (
	"github.com/civgrid/civgrid/analytics/stats"
)

// Last ranks by what came in during the period before: what lies on the desk.
// It counts events by when they became known, which is when they happened where
// they are known at once.
func Last(area *Area) Ranker { return &last{counts: make([]float64, len(area.SquareKm))} }

type last struct{ counts []float64 }

func (*last) Name() string { return "last" }

func (r *last) Learn(events []Event, _ int) {
	clear(r.counts)
	for _, e := range events {
		r.counts[e.Row]++
	}
}

func (r *last) Score(dst []float64) { copy(dst, r.counts) }

// Mean ranks by the events of all periods so far.
func Mean(area *Area) Ranker { return &mean{last{make([]float64, len(area.SquareKm))}} }

type mean struct{ all last }

func (*mean) Name() string { return "mean" }

func (r *mean) Learn(events []Event, _ int) {
	for _, e := range events {
		r.all.counts[e.Row]++
	}
}

func (r *mean) Score(dst []float64) { r.all.Score(dst) }

// People ranks by inhabitants, whatever happened. The area's People must be
// known.
func People(area *Area) Ranker { return people{area.People} }

type people struct{ inhabitants []float64 }

func (people) Name() string          { return "people" }
func (people) Learn([]Event, int)    {}
func (r people) Score(dst []float64) { copy(dst, r.inhabitants) }

// Random ranks by lot, anew in each period. What it catches is what chance
// does.
func Random(area *Area, seed uint64) Ranker { return &random{area: area, seed: seed} }

type random struct {
	area   *Area
	seed   uint64
	period int
}

func (*random) Name() string { return "random" }

func (r *random) Learn(_ []Event, period int) { r.period = period }

func (r *random) Score(dst []float64) {
	draws := stats.NewStream(r.seed, uint64(r.period))
	for row := range dst {
		dst[row] = float64(draws.Uint32()) * r.area.SquareKm[row]
	}
}
