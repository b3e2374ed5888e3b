package engine

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/targeting"
	"github.com/civgrid/civgrid/geo"
)

// leastCandidates is how many cells a route is sought among, if there are as
// many, by each of two orders, beside twice its capacity.
const leastCandidates = 24

// route chooses the stops and their order.
func (p *planner) route(ctx context.Context) error {
	reach := p.inReach()
	p.it.Cells, p.it.InReach = p.frame.Len(), len(reach)
	if len(reach) == 0 && p.it.Resting < p.frame.Len() {
		return p.tooFar()
	}
	rows := p.candidates(reach, nil)
	tour, err := targeting.Solve(ctx, p.trip(rows, nil))
	if err != nil {
		return err
	}
	drawn, err := p.explore(ctx, reach, rows, tour)
	if err != nil {
		return err
	}
	if len(drawn) > 0 {
		rows = p.candidates(reach, drawn)
		if tour, err = targeting.Solve(ctx, p.trip(rows, drawn)); err != nil {
			return err
		}
	}
	p.it.Candidates, p.it.Exact = len(rows), tour.Exact
	p.visit(rows, drawn, tour)
	return nil
}

// inReach returns the cells that there is time for, that lie at least half
// within the boundary, and that do not rest.
func (p *planner) inReach() []int {
	var rows []int
	for row := range p.frame.Cells {
		switch {
		case p.frame.MostlyOutside(row):
		case p.resting(row):
			p.it.Resting++
		case p.alone(row) <= p.it.Settings.Minutes:
			rows = append(rows, row)
		}
	}
	return rows
}

// tooFar says how far the nearest cell is.
func (p *planner) tooFar() error {
	nearest := math.Inf(1)
	for row := range p.frame.Cells {
		nearest = min(nearest, p.metres(p.it.Start, p.at(row)))
	}
	return &analytics.ParamError{Name: "start", Value: p.request.Params.Text("start"), Why: fmt.Sprintf(
		"no cell is in reach that does not rest: it is %.1f km to the nearest, and with %g minutes of service that takes longer than %g minutes",
		nearest/1000, p.it.Settings.Service, p.it.Settings.Minutes)}
}

// alone returns how many minutes a visit to one cell takes, and nothing else.
func (p *planner) alone(row int) float64 {
	way := p.minutes(p.metres(p.it.Start, p.at(row)))
	if p.it.Return {
		way *= 2
	}
	return way + p.it.Settings.Service
}

func (p *planner) at(row int) analytics.Point {
	c := p.frame.Cells[row].Centre()
	return analytics.Point{Lon: c[0], Lat: c[1]}
}

// metres returns the length of the way between two points: the straight line,
// longer by the detour.
func (p *planner) metres(a, b analytics.Point) float64 {
	return float64(geo.Distance([2]float64{a.Lon, a.Lat}, [2]float64{b.Lon, b.Lat})) * p.it.Settings.Detour
}

func (p *planner) minutes(metres float64) float64 { return metres / 1000 / p.it.Settings.Speed * 60 }

// candidates returns the cells that a route is sought among: those where most is
// expected, those where most is expected for the time it takes to get there, and
// those drawn. They ascend.
func (p *planner) candidates(reach, drawn []int) []int {
	most := max(2*p.it.Settings.Capacity, leastCandidates)
	chosen := slices.Clone(drawn)
	for _, worth := range []func(int) float64{
		func(row int) float64 { return p.forecasts[row].Mean },
		func(row int) float64 { return p.forecasts[row].Mean / (p.alone(row) + 1) },
	} {
		order := slices.Clone(reach)
		slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(worth(b), worth(a)), cmp.Compare(a, b)) })
		chosen = append(chosen, order[:min(most, len(order))]...)
	}
	slices.Sort(chosen)
	return slices.Compact(chosen)
}

// trip returns the choice among rows, of which some must be visited.
func (p *planner) trip(rows, required []int) targeting.Trip {
	s := p.it.Settings
	trip := targeting.Trip{
		Service: s.Service, Budget: s.Minutes, Return: p.it.Return, Most: s.Capacity, Seed: s.Seed,
		Yield: make([]float64, len(rows)+1), Required: make([]bool, len(rows)+1),
	}
	points := []analytics.Point{p.it.Start}
	for i, row := range rows {
		points = append(points, p.at(row))
		trip.Yield[i+1], trip.Required[i+1] = p.forecasts[row].Mean, slices.Contains(required, row)
	}
	for i := range points {
		trip.Minutes = append(trip.Minutes, make([]float64, len(points)))
		for j := range i { // one distance for both ways, which rounding could part
			m := p.minutes(p.metres(points[i], points[j]))
			trip.Minutes[i][j], trip.Minutes[j][i] = m, m
		}
	}
	return trip
}

// visit writes down the stops of a tour.
func (p *planner) visit(rows, drawn []int, tour targeting.Tour) {
	p.it.Stops = []analytics.Stop{}
	from, at := p.it.Start, 0.0
	moment := func(minutes float64) time.Time {
		return p.it.Begin.Add(time.Duration(minutes * float64(time.Minute)).Round(time.Second))
	}
	for _, place := range tour.Stops {
		row := rows[place-1]
		stop := analytics.Stop{Cell: p.frame.Cells[row], Point: p.at(row), Drawn: slices.Contains(drawn, row), Expected: p.forecasts[row].Mean}
		stop.Metres = p.metres(from, stop.Point)
		at += p.minutes(stop.Metres)
		stop.Arrive = moment(at)
		at += p.it.Settings.Service
		stop.Low, stop.High, _ = p.forecasts[row].Interval(yieldLevel)
		stop.Community, stop.Names = p.name(row)
		stop.Reasons = p.reasons(row)
		if stop.Drawn {
			stop.Reasons = slices.Insert(stop.Reasons, 0, analytics.Reason{Code: analytics.ReasonDrawn, N: int64(p.it.DrawnFrom)})
		}
		p.it.Metres += stop.Metres
		p.it.Expected += stop.Expected
		p.it.Stops = append(p.it.Stops, stop)
		from = stop.Point
	}
	rank(p.it.Stops)
	if p.it.Return {
		back := p.metres(from, p.it.Start)
		p.it.Metres += back
		at += p.minutes(back)
	}
	p.it.End, p.it.DrawnMinutes = moment(at), p.drawnMinutes()
}

// rank numbers stops by what is expected of them.
func rank(stops []analytics.Stop) {
	order := make([]int, len(stops))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(stops[b].Expected, stops[a].Expected) })
	for i, stop := range order {
		stops[stop].Rank = i + 1
	}
}
