package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/analytics/targeting"
)

// mostTries is how many cells are drawn at most to find some that fit together.
const mostTries = 100

// explore draws the stops that are chosen by lot, from the cells in reach that
// lie near a tour among rows that was found without any.
func (p *planner) explore(ctx context.Context, reach, rows []int, tour targeting.Tour) ([]int, error) {
	p.it.Without = tour.Yield
	share := p.it.Settings.Explore
	if share == 0 {
		return nil, nil
	}
	s := &p.it.Settings
	if s.ExploreMinutes == 0 { // no more than any other stop, so that as a share of stops it is one of time
		s.ExploreMinutes = s.Minutes
		if n := len(tour.Stops); n > 0 {
			s.ExploreMinutes = tour.Minutes / float64(n)
		}
	}
	way := []analytics.Point{p.it.Start}
	for _, place := range tour.Stops {
		way = append(way, p.at(rows[place-1]))
	}
	near := slices.DeleteFunc(slices.Clone(reach), func(row int) bool { return p.aside(way, p.at(row)) > s.ExploreMinutes })
	p.it.DrawnFrom = len(near)
	return p.draw(ctx, near, max(1, int(math.Round(share*float64(len(tour.Stops))))))
}

// exploreMinutes reads how many minutes a drawn stop adds at most, 0 for as many
// as usual.
func exploreMinutes(values analytics.Values, service float64) (float64, error) {
	const name = "explore-minutes"
	text := values.Text(name)
	if text == "" {
		return 0, nil
	}
	minutes := values.Number(name)
	if minutes < service {
		return 0, &analytics.ParamError{Name: name, Value: text, Why: fmt.Sprintf("each stop takes %g minutes without the way to it", service)}
	}
	return minutes, nil
}

// aside returns how many minutes longer a way gets, from its start over its
// stops, by one more stop where it costs least.
func (p *planner) aside(way []analytics.Point, at analytics.Point) float64 {
	between := func(a, b analytics.Point) float64 { return p.minutes(p.metres(a, b)) }
	last := between(way[len(way)-1], at)
	if p.it.Return {
		last += between(at, way[0]) - between(way[len(way)-1], way[0])
	}
	least := last
	for i, to := range way[1:] {
		least = min(least, between(way[i], at)+between(at, to)-between(way[i], to))
	}
	return max(least, 0) + p.it.Settings.Service
}

// draw draws so many cells of a pool, each with the same chance. One that does
// not fit into the time beside those drawn before is put back.
func (p *planner) draw(ctx context.Context, pool []int, wanted int) ([]int, error) {
	left := slices.Clone(pool)
	stream := stats.NewStream(p.it.Settings.Seed, 0)
	var drawn []int
	for try := 0; len(drawn) < wanted && len(left) > 0 && try < mostTries; try++ {
		i := int(stream.Below(uint32(len(left))))
		row := left[i]
		left = slices.Delete(left, i, i+1)
		_, err := targeting.Solve(ctx, p.trip(append(slices.Clip(drawn), row), append(slices.Clip(drawn), row)))
		switch {
		case err == nil:
			drawn = append(drawn, row)
		case !errors.Is(err, targeting.ErrUnreachable):
			return nil, err
		}
	}
	return drawn, nil
}

// drawnMinutes returns how much shorter the itinerary would be without the stops
// that were drawn, in minutes.
func (p *planner) drawnMinutes() float64 {
	length := func(stops []analytics.Stop) (minutes float64) {
		from := p.it.Start
		for _, s := range stops {
			minutes += p.minutes(p.metres(from, s.Point)) + p.it.Settings.Service
			from = s.Point
		}
		if p.it.Return {
			minutes += p.minutes(p.metres(from, p.it.Start))
		}
		return minutes
	}
	chosen := slices.DeleteFunc(slices.Clone(p.it.Stops), func(s analytics.Stop) bool { return s.Drawn })
	if len(chosen) == len(p.it.Stops) {
		return 0
	}
	return max(0, length(p.it.Stops)-length(chosen))
}
