package targeting

import (
	"context"
	"slices"

	"github.com/civgrid/civgrid/analytics/stats"
)

// beginnings returns from how many tours a search among so many places begins:
// fewer where each takes long.
func beginnings(places int) int { return min(150, max(30, 15_000/places)) }

// search looks for a good tour of any number of places: insertion by yield per
// minute, 2-opt (Croes 1958), moves of single stops (Or 1976) and exchanges of
// stops for other places, until none helps; then again, by turns, from the best
// so far less a third of its stops and from the required places and one drawn by
// lot, which may lie where no way leads that looks good from the start; with the
// yields of places distorted by lot while they are put in (Feo and Resende 1995).
func search(ctx context.Context, t Trip) (Tour, error) {
	s := searcher{t: &t, visited: make([]bool, len(t.Yield)), appeal: slices.Clone(t.Yield)}
	if err := s.require(); err != nil {
		return Tour{}, err
	}
	bare := slices.Clone(s.stops)
	s.climb()
	best := slices.Clone(s.stops)
	for beginning := range beginnings(len(t.Yield)) {
		if err := ctx.Err(); err != nil {
			return Tour{}, err
		}
		draws := stats.NewStream(t.Seed, uint64(beginning))
		s.distort(&draws)
		if beginning%2 == 0 {
			s.take(best)
			s.tear(&draws)
		} else {
			s.take(bare)
			s.venture(&draws)
		}
		s.climb()
		if s.better(s.stops, best) {
			best = slices.Clone(s.stops)
		}
	}
	return Tour{Stops: best, Minutes: t.length(best), Yield: t.worth(best)}, nil
}

// A searcher is at one tour of a trip, within its budget.
type searcher struct {
	t       *Trip
	stops   []int
	visited []bool
	appeal  []float64 // yields, distorted
}

// gain is the least minutes or yield that count as a gain, so that rounding does
// not make a search go in circles.
const gain = 1e-9

// better reports whether one tour yields more than another or, if it yields as
// much, is shorter.
func (s *searcher) better(a, b []int) bool {
	more := s.t.worth(a) - s.t.worth(b)
	return more > gain || more > -gain && s.t.length(a) < s.t.length(b)-gain
}

// take goes to another tour.
func (s *searcher) take(stops []int) {
	s.stops = slices.Clone(stops)
	clear(s.visited)
	for _, place := range stops {
		s.visited[place] = true
	}
}

// require puts the required places in, each where it costs least.
func (s *searcher) require() error {
	for place := 1; place < len(s.t.Required); place++ {
		if s.t.Required[place] {
			_, at := s.cheapest(place)
			s.stops = slices.Insert(s.stops, at, place)
			s.visited[place] = true
		}
	}
	for s.reorder() {
	}
	if s.t.length(s.stops) > s.t.Budget+slack || len(s.stops) > s.t.room() {
		return ErrUnreachable
	}
	return nil
}

// cheapest returns how many minutes a place adds to the tour at the best
// position, and which that is.
func (s *searcher) cheapest(place int) (minutes float64, at int) {
	for i := range len(s.stops) + 1 {
		before, after := s.around(i)
		extra := s.t.Minutes[before][place] + s.t.Service
		if after >= 0 {
			extra += s.t.Minutes[place][after] - s.t.Minutes[before][after]
		}
		if i == 0 || extra < minutes {
			minutes, at = extra, i
		}
	}
	return minutes, at
}

// around returns the places before and after position i, -1 for the open end.
func (s *searcher) around(i int) (before, after int) {
	if i > 0 {
		before = s.stops[i-1]
	}
	switch {
	case i < len(s.stops):
		after = s.stops[i]
	case !s.t.Return:
		after = -1
	}
	return before, after
}

// climb improves the tour until nothing helps.
func (s *searcher) climb() {
	for s.reorder() || s.insert() || s.exchange() {
	}
}

// insert puts the place in that yields most per minute it adds, if one fits.
func (s *searcher) insert() bool {
	if len(s.stops) >= s.t.room() {
		return false
	}
	left := s.t.Budget + slack - s.t.length(s.stops)
	best, where, ratio := 0, 0, 0.0
	for place := 1; place < len(s.visited); place++ {
		if s.visited[place] || s.t.Yield[place] <= gain {
			continue
		}
		minutes, at := s.cheapest(place)
		if minutes > left {
			continue
		}
		if r := s.appeal[place] / max(minutes, gain); r > ratio {
			best, where, ratio = place, at, r
		}
	}
	if best == 0 {
		return false
	}
	s.stops = slices.Insert(s.stops, where, best)
	s.visited[best] = true
	return true
}

// exchange puts a place in for a stop that yields less, or as much at more
// minutes, if there is such a pair. It never gives up any yield, however little:
// a search that does goes in circles among places that hardly differ.
func (s *searcher) exchange() bool {
	now, length := s.stops, s.t.length(s.stops)
	for i, stop := range now {
		if s.t.must(stop) {
			continue
		}
		s.stops = slices.Delete(slices.Clone(now), i, i+1)
		without := s.t.length(s.stops)
		for place := 1; place < len(s.visited); place++ {
			more := s.t.Yield[place] - s.t.Yield[stop]
			if s.visited[place] || more < 0 {
				continue
			}
			minutes, at := s.cheapest(place)
			after := without + minutes
			if after <= s.t.Budget+slack && (more > gain || after < length-gain) {
				s.stops = slices.Insert(s.stops, at, place)
				s.visited[stop], s.visited[place] = false, true
				return true
			}
		}
	}
	s.stops = now
	return false
}

// reorder shortens the tour by turning a part of it round, or moving a stop.
func (s *searcher) reorder() bool {
	for i := range s.stops {
		before, _ := s.around(i)
		for j := i + 1; j < len(s.stops); j++ {
			first, last := s.stops[i], s.stops[j]
			_, after := s.around(j + 1)
			saved := s.t.Minutes[before][first] - s.t.Minutes[before][last]
			if after >= 0 {
				saved += s.t.Minutes[last][after] - s.t.Minutes[first][after]
			}
			if saved > gain {
				slices.Reverse(s.stops[i : j+1])
				return true
			}
		}
	}
	now, length := s.stops, s.t.length(s.stops)
	for i, stop := range now {
		s.stops = slices.Delete(slices.Clone(now), i, i+1)
		minutes, at := s.cheapest(stop)
		if s.t.length(s.stops)+minutes < length-gain {
			s.stops = slices.Insert(s.stops, at, stop)
			return true
		}
	}
	s.stops = now
	return false
}

// venture puts one place in by lot, if it fits.
func (s *searcher) venture(draws *stats.Stream) {
	place := 1 + int(draws.Below(uint32(len(s.visited)-1)))
	minutes, at := s.cheapest(place)
	if !s.visited[place] && len(s.stops) < s.t.room() && s.t.length(s.stops)+minutes <= s.t.Budget+slack {
		s.stops = slices.Insert(s.stops, at, place)
		s.visited[place] = true
	}
}

// tear takes about a third of the stops out by lot.
func (s *searcher) tear(draws *stats.Stream) {
	var left []int
	for _, stop := range s.stops {
		if s.t.must(stop) || draws.Below(3) > 0 {
			left = append(left, stop)
		}
	}
	s.take(left)
}

// distort makes places appeal more or less than they yield: by a factor from ¼ to
// 1¾.
func (s *searcher) distort(draws *stats.Stream) {
	for place, yield := range s.t.Yield {
		s.appeal[place] = yield * (0.25 + 1.5*float64(draws.Uint32())/(1<<32))
	}
}
