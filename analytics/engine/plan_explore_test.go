package engine

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/geo"
)

// TestDrawnStopsLieNearTheWay works out by hand, from the plan without a draw,
// how much longer each drawn stop makes the day, and what all of them cost.
func TestDrawnStopsLieNearTheWay(t *testing.T) {
	if testing.Short() {
		t.Skip("draws stops many times")
	}
	e := New(storeOf(t, "Asia/Shanghai", cityOf(), weekly(5, 25, 40), 100), Options{})
	for _, given := range []map[string]string{
		nil,
		{"return": "true", "minutes": "180"},
		{"capacity": "6", "explore": "0.5"},
		{"explore-minutes": "13", "explore": "0.3"},
	} {
		for seed := range 4 {
			with := map[string]string{"seed": fmt.Sprint(seed)}
			maps.Copy(with, given)
			it := planned(t, e, with)
			with["explore"] = "0"
			plain := planned(t, e, with)
			if it.DrawnFrom <= 0 || it.DrawnFrom >= it.InReach || it.Without != plain.Expected || plain.DrawnMinutes != 0 || plain.DrawnFrom != 0 {
				t.Errorf("%v: drawn from %d of %d cells in reach, %v reports without; the plan without has %v", with, it.DrawnFrom, it.InReach, it.Without, plain.Expected)
			}
			most := plain.End.Sub(plain.Begin).Minutes() / float64(len(plain.Stops))
			if given["explore-minutes"] != "" {
				most = it.Settings.ExploreMinutes
			}
			chosen := 0
			var rest []orb.Point
			for _, stop := range it.Stops {
				here := orb.Point{stop.Lon, stop.Lat}
				if !stop.Drawn {
					rest = append(rest, here)
					continue
				}
				chosen++
				least := math.Inf(1)
				way := pointsOf(plain)
				for i := range len(way) + 1 {
					least = min(least, minutesOf(plain, slices.Insert(slices.Clone(way), i, here))-minutesOf(plain, way))
				}
				if least > most+0.1 {
					t.Errorf("%v: a drawn stop adds %.1f min, want %.1f at most", with, least, most)
				}
				if stop.Reasons[0].N != int64(it.DrawnFrom) {
					t.Errorf("%v: a stop is drawn from %v, want %d cells", with, stop.Reasons[0], it.DrawnFrom)
				}
			}
			want := minutesOf(it, pointsOf(it)) - minutesOf(it, rest)
			if math.Abs(it.DrawnMinutes-want) > 1e-6 || chosen == 0 {
				t.Errorf("%v: %d drawn stops take %v min, want %v", with, chosen, it.DrawnMinutes, want)
			}
		}
	}
	if it := planned(t, e, map[string]string{"explore-minutes": "960"}); it.DrawnFrom != it.InReach {
		t.Errorf("with all the time there is, stops are drawn from %d of %d cells", it.DrawnFrom, it.InReach)
	}
}

func pointsOf(it *analytics.Itinerary) (points []orb.Point) {
	for _, s := range it.Stops {
		points = append(points, orb.Point{s.Lon, s.Lat})
	}
	return points
}

// minutesOf returns how long a round of these points takes as an itinerary goes.
func minutesOf(it *analytics.Itinerary, points []orb.Point) float64 {
	way := append([]orb.Point{{it.Start.Lon, it.Start.Lat}}, points...)
	if it.Return {
		way = append(way, way[0])
	}
	metres := 0.0
	for i := range len(way) - 1 {
		metres += float64(geo.Distance(way[i], way[i+1])) * it.Settings.Detour
	}
	return metres/1000/it.Settings.Speed*60 + it.Settings.Service*float64(len(points))
}
