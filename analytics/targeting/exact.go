package targeting

import (
	"context"
	"math"
	"math/bits"
	"slices"
)

// exact solves a trip by dynamic programming over sets of places and the last
// one of each: Held and Karp (1962), J. SIAM 10:196-210. Of equal yields the
// shortest tour wins, of equally long ones that of the lowest places.
func exact(ctx context.Context, t Trip) (Tour, error) {
	places := len(t.Yield) - 1
	minutes, from := shortest(&t)
	var required uint
	for place := 1; place <= places; place++ {
		if t.must(place) {
			required |= 1 << (place - 1)
		}
	}
	best := Tour{Yield: -1}
	var set uint
	last := -1
	for s := range uint(1) << places {
		if s&required != required || bits.OnesCount(s) > t.room() {
			continue
		}
		end, length := finish(&t, s, minutes)
		worth := 0.0
		for rest := s; rest != 0; rest &= rest - 1 {
			worth += t.Yield[bits.TrailingZeros(rest)+1]
		}
		if length <= t.Budget+slack && (worth > best.Yield || worth == best.Yield && length < best.Minutes) {
			best, set, last = Tour{Yield: worth, Minutes: length, Exact: true}, s, end
		}
	}
	if best.Yield < 0 {
		return Tour{}, ErrUnreachable
	}
	for ; set != 0; set, last = set&^(1<<last), from[set][last] {
		best.Stops = append(best.Stops, last+1)
	}
	slices.Reverse(best.Stops)
	return best, ctx.Err()
}

// shortest returns, for every set of places and the last of them, how long the
// shortest way from the start through all of them takes, and which place is the
// last but one on it, -1 for the start.
func shortest(t *Trip) (minutes [][]float64, from [][]int) {
	places := len(t.Yield) - 1
	minutes, from = make([][]float64, 1<<places), make([][]int, 1<<places)
	for s := range minutes {
		minutes[s], from[s] = make([]float64, places), make([]int, places)
		for last := range places {
			minutes[s][last], from[s][last] = math.Inf(1), -1
			before := s &^ (1 << last)
			switch before {
			case s: // it is not in the set
			case 0:
				minutes[s][last] = t.Minutes[0][last+1] + t.Service
			default:
				for p, m := range minutes[before] {
					if m += t.Minutes[p+1][last+1] + t.Service; m < minutes[s][last] {
						minutes[s][last], from[s][last] = m, p
					}
				}
			}
		}
	}
	return minutes, from
}

// finish returns the last place of the shortest tour through a set, and how long
// it takes.
func finish(t *Trip, set uint, minutes [][]float64) (last int, length float64) {
	if set == 0 {
		return -1, 0
	}
	length = math.Inf(1)
	for place, m := range minutes[set] {
		if t.Return {
			m += t.Minutes[place+1][0]
		}
		if m < length {
			last, length = place, m
		}
	}
	return last, length
}
