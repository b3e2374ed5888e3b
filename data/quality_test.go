package data

import (
	"math"
	"slices"
	"testing"
)

func TestNotAtLeavesOutThePoints(t *testing.T) {
	columns := []Column{{Name: "lon", Type: Float}, {Name: "lat", Type: Float}}
	rows := []row{{1.5, 2.5}, {1.5, 3.0}, {3.0, 2.5}, {nil, nil}, {1.5, nil}, {0.0, 0.0}, {1.5000000000000002, 2.5}}
	f := func(want []bool, points ...DefaultLocation) {
		t.Helper()
		c := NotAt(points)
		if err := CheckCondition(c, SchemaOf(Incidents, nil)); err != nil {
			t.Errorf("NotAt(%v): %v", points, err)
		}
		if got := Select(nil, build(columns, rows), c); !slices.Equal(got, want) {
			t.Errorf("NotAt(%v) keeps %v, want %v", points, got, want)
		}
	}
	at := func(lon, lat float64) DefaultLocation {
		return DefaultLocation{PileUp: PileUp{Lon: lon, Lat: lat}}
	}
	f([]bool{true, true, true, true, true, true, true})
	f([]bool{false, true, true, true, true, true, true}, at(1.5, 2.5))
	f([]bool{false, true, true, true, true, false, true}, at(1.5, 2.5), at(math.Copysign(0, -1), 0))
	f([]bool{true, true, true, true, true, true, true}, at(9, 9))
}
