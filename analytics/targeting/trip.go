package targeting

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// A Trip is a choice of places to visit within a time: the orienteering problem
// of Tsiligirides (1984), J. Oper. Res. Soc. 35:797-809, with time spent at each
// place. Place 0 is where it starts.
type Trip struct {
	// Minutes holds how long it takes from each place to each other. Both ways
	// take the same.
	Minutes [][]float64
	Service float64   // minutes at each place but the start
	Yield   []float64 // what a visit is worth, 0 or more; that of the start does not count
	// Required places are visited whatever they yield; nil means none.
	Required []bool
	Budget   float64 // minutes, all together
	Return   bool    // it ends where it starts; otherwise anywhere
	// Most is the most places that are visited; zero means any number.
	Most int
	// Seed selects the draws of the search. Every seed, zero included, is as good
	// as any.
	Seed uint64
}

// A Tour is an answer to a Trip.
type Tour struct {
	Stops   []int   // places in the order of visits, without the start
	Minutes float64 // on the way and at places
	Yield   float64
	Exact   bool // no tour yields more and, of those that yield as much, none is shorter
}

// ErrUnreachable is the error where required places do not fit into the budget.
var ErrUnreachable = errors.New("required places are too far apart for the time")

// exactPlaces is the most places beside the start for which every set of them is
// looked at.
const exactPlaces = 12

// slack is how much longer a tour may be than its budget, in minutes, for
// rounding.
const slack = 1e-9

// Solve returns a tour that yields the most, or for more than 12 places one that
// a search finds: places are put in by what they yield per minute, exchanged and
// put in another order until nothing helps, from several beginnings. Equal trips
// have equal tours. The error is that of ctx, wraps ErrUnreachable, or says what
// is wrong with the trip.
func Solve(ctx context.Context, t Trip) (Tour, error) {
	if err := t.check(); err != nil {
		return Tour{}, fmt.Errorf("solve trip: %w", err)
	}
	solve := search
	if len(t.Yield)-1 <= exactPlaces {
		solve = exact
	}
	tour, err := solve(ctx, t)
	if err != nil {
		return Tour{}, fmt.Errorf("solve trip: %w", err)
	}
	return tour, nil
}

func (t *Trip) check() error {
	n := len(t.Yield)
	if n == 0 || len(t.Minutes) != n || t.Required != nil && len(t.Required) != n {
		return fmt.Errorf("%d places with %d rows of minutes", n, len(t.Minutes))
	}
	for i, row := range t.Minutes {
		if len(row) != n {
			return fmt.Errorf("place %d has %d minutes to %d places", i, len(row), n)
		}
		for j, m := range row {
			if !(m >= 0) || math.IsInf(m, 1) || m != t.Minutes[j][i] {
				return fmt.Errorf("%v minutes from place %d to %d, %v back: want 0 or more, and the same", m, i, j, t.Minutes[j][i])
			}
		}
		if !(t.Yield[i] >= 0) || math.IsInf(t.Yield[i], 1) {
			return fmt.Errorf("place %d yields %v: want 0 or more", i, t.Yield[i])
		}
	}
	if !(t.Budget >= 0) || !(t.Service >= 0) || math.IsInf(t.Service, 1) || t.Most < 0 {
		return fmt.Errorf("budget of %v minutes, %v at each of %d places at most: want 0 or more", t.Budget, t.Service, t.Most)
	}
	return nil
}

// must reports whether a place is required.
func (t *Trip) must(place int) bool { return t.Required != nil && t.Required[place] }

// room returns the most places that may be visited.
func (t *Trip) room() int {
	if t.Most == 0 {
		return len(t.Yield) - 1
	}
	return t.Most
}

// length returns how long a tour takes.
func (t *Trip) length(stops []int) float64 {
	at, minutes := 0, 0.0
	for _, place := range stops {
		minutes += t.Minutes[at][place] + t.Service
		at = place
	}
	if t.Return {
		minutes += t.Minutes[at][0]
	}
	return minutes
}

// worth returns what the stops of a tour yield.
func (t *Trip) worth(stops []int) (sum float64) {
	for _, place := range stops {
		sum += t.Yield[place]
	}
	return sum
}
