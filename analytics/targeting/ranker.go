package targeting

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/civgrid/civgrid/analytics"
)

// An Area is the study area that is ranked. All slices are by row and are not
// changed.
type Area struct {
	// SquareKm is the exact area of each row, 0 or more. A row without any ranks as
	// one where nothing is expected.
	SquareKm []float64
	Centres  [][2]float64 // longitude and latitude, degrees
	// Rings[k-1] lists the rows within k steps of each, for k from 1.
	Rings []analytics.Adjacency
	// People are the inhabitants of each row; nil where they are not known.
	People []float64
}

// An Event is something that happened in a row.
type Event struct {
	Row    int32
	Period int32 // in which it happened
	// Known is the first period at whose beginning it was known; it is later than
	// Period.
	Known    int32
	Lon, Lat float64 // degrees
}

// A Ranker says where events are to be expected. It keeps what it learned and is
// not safe for concurrent use.
type Ranker interface {
	// Name is the ranker's name, such as "mean".
	Name() string
	// Learn tells that a period begins, and the events that became known since the
	// period before began. Periods come one after another, from 0.
	Learn(events []Event, period int)
	// Score sets dst, by row, to the events that are expected in the period that
	// began, up to a factor that all rows have in common.
	Score(dst []float64)
}

// Replay tells rankers of the events of an area as they became known, and calls
// at each time a period has begun, from period 0 up to and including last.
// Events before period 0, or known later, are left out. The order of events does
// not matter. The error is that of ctx, of at, or tells which event cannot be.
func Replay(ctx context.Context, area *Area, events []Event, last int, rankers []Ranker, at func(period int) error) error {
	known, err := byKnown(events, len(area.SquareKm), last)
	if err != nil {
		return err
	}
	for period := 0; period <= last; period++ {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("replay period %d: %w", period, err)
		}
		n, _ := slices.BinarySearchFunc(known, int32(period)+1, func(e Event, p int32) int { return cmp.Compare(e.Known, p) })
		for _, r := range rankers {
			r.Learn(known[:n], period)
		}
		known = known[n:]
		if err := at(period); err != nil {
			return err
		}
	}
	return nil
}

// byKnown returns the events that count, in the order in which they became
// known.
func byKnown(events []Event, rows, last int) ([]Event, error) {
	var known []Event
	for _, e := range events {
		if e.Row < 0 || int(e.Row) >= rows || e.Known <= e.Period {
			return nil, fmt.Errorf("event in row %d, period %d, known from period %d: want one of %d rows, and known later", e.Row, e.Period, e.Known, rows)
		}
		if e.Period >= 0 && int(e.Known) <= last {
			known = append(known, e)
		}
	}
	slices.SortFunc(known, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.Known, b.Known), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Period, b.Period),
			cmp.Compare(a.Lon, b.Lon), cmp.Compare(a.Lat, b.Lat))
	})
	return known, nil
}

// Order returns the rows by score per area, highest first, equal ones by row.
// Rows without area are as those with a score of 0.
func Order(scores, squareKm []float64) []int32 {
	order, density := make([]int32, len(scores)), make([]float64, len(scores))
	for row := range scores {
		order[row], density[row] = int32(row), perKm2(scores[row], squareKm[row])
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(density[b], density[a]), cmp.Compare(a, b)) })
	return order
}

// perKm2 returns a score per area, 0 without any area.
func perKm2(score, squareKm float64) float64 {
	if squareKm == 0 {
		return 0
	}
	return score / squareKm
}
