package engine

import (
	"math"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/data"
)

// TestHomesAreThePlaces: who lives in a row by its homes is who is counted there in
// the dataset of places, in every unit; and the homes of all are the city's.
func TestHomesAreThePlaces(t *testing.T) {
	city, all := cityOf(), 0.0
	for i := range city {
		if c := &city[i]; c.Level == data.CommunityArea && c.Parent != "D2S2" || c.Code == "D2S2" {
			c.Population, c.HasPopulation = int64(1000*i+1), true
			all += float64(c.Population)
		}
	}
	e := New(storeOf(t, "Asia/Shanghai", city, incidents(1, 20), 300), Options{})
	for _, given := range []map[string]string{{"res": "9"}, {"res": "7"}, {"level": "district"}, {"level": "street", "within": "D1"}} {
		layer := run(t, e, "coverage", given)
		f := layer.Frame
		v, err := e.look(t.Context(), data.Incidents)
		if err != nil {
			t.Fatal(err)
		}
		source, err := e.plainPlaces(t.Context(), e.store, v)
		if err != nil {
			t.Fatal(err)
		}
		people := data.Rollup{Name: "people", Dataset: analytics.Places, Keys: []data.Key{f.Key}, Sums: []data.Sum{{Name: "people", Column: analytics.PlacePeople}}}
		tallies, err := agg.Collect(t.Context(), source, f, []data.Rollup{people}, nil)
		if err != nil {
			t.Fatal(err)
		}
		live, elsewhere, sum := make([]float64, f.Len()), 0.0, 0.0
		for _, h := range f.Homes {
			sum += h.People
			if h.Row < 0 {
				elsewhere += h.People
				continue
			}
			live[h.Row] += h.People
		}
		for row, thousandths := range tallies[0].Dense("people", f.Len()) {
			if math.Abs(live[row]-float64(thousandths)/1000) > 1e-6 {
				t.Errorf("%v: %v live in row %d, want %v", given, live[row], row, float64(thousandths)/1000)
			}
		}
		beyond, _ := tallies[0].Beyond("people")
		if math.Abs(elsewhere-float64(beyond)/1000) > 1e-6 || math.Abs(sum-all) > 1e-6 {
			t.Errorf("%v: %v of %v live elsewhere, want %v of %v", given, elsewhere, sum, float64(beyond)/1000, all)
		}
	}
}

// TestNobodyLivesInTwoPlaces: of a district of 10,000, 9,000 live in the one quarter of
// which that is known, and the rest in the others.
func TestNobodyLivesInTwoPlaces(t *testing.T) {
	city, child := cityOf(), ""
	for i := range city {
		c := &city[i]
		switch {
		case c.Code == "D1":
			c.Population, c.HasPopulation = 10_000, true
		case c.Level == data.CommunityArea && child == "" && c.Parent[:2] == "D1":
			child, c.Population, c.HasPopulation = c.Code, 9000, true
		}
	}
	e := New(storeOf(t, "Asia/Shanghai", city, incidents(1, 20), 300), Options{})
	for _, level := range []string{"district", "community"} {
		layer := run(t, e, "coverage", map[string]string{"level": level})
		demand, _ := layer.Column("demand")
		sum := 0.0
		for row, c := range layer.Frame.Communities {
			if c.Code[:2] == "D1" {
				sum += demand.Floats[row]
			}
			if c.Code == child && math.Abs(demand.Floats[row]-9000) > 1e-6 {
				t.Errorf("%v live in %s, want 9000", demand.Floats[row], child)
			}
		}
		if math.Abs(sum-10_000) > 1e-6 {
			t.Errorf("by %s %v live in the district, want 10000", level, sum)
		}
	}
}
