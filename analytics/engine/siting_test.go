package engine

import (
	"errors"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// TestSitingCountsWhoIsReached counts by hand, place by place, whom each site
// reaches anew, in a city without a resource.
func TestSitingCountsWhoIsReached(t *testing.T) {
	city, all := cityOf(), 0.0
	for i := range city {
		if c := &city[i]; c.Level == data.CommunityArea {
			c.Population, c.HasPopulation = int64(100*i*i), true
			all += float64(c.Population)
		}
	}
	e := New(storeOf(t, "Asia/Shanghai", city, incidents(1, 20), 300), Options{})
	s, err := e.Siting(t.Context(), map[string]string{"new": "4", "reach": "500"})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Sites) != 4 || s.Resources != 0 || math.Abs(s.Total-all) > 1e-6 || *s.Now != 0 {
		t.Fatalf("%d sites, %d resources, demand %v, in reach %v", len(s.Sites), s.Resources, s.Total, *s.Now)
	}
	homes := run(t, e, "sites", map[string]string{"new": "4", "reach": "500"}).Frame.Homes
	reached, sum, last := map[geo.Cell]bool{}, 0.0, math.Inf(1)
	for k, site := range s.Sites {
		gain := 0.0
		for _, h := range homes {
			if !reached[h.Cell] && geo.Distance(h.Cell.Centre(), orb.Point{site.Lon, site.Lat}) <= 500 {
				reached[h.Cell] = true
				gain += h.People
			}
		}
		sum += gain
		if math.Abs(gain-site.Gain) > 1e-6 || gain > last || math.Abs(site.Covered-sum/all) > 1e-9 || len(site.Place) != len("D1S1C1") {
			t.Errorf("site %d reaches %v anew, %v in all, in %q; want %v and %v", k+1, site.Gain, site.Covered, site.Place, gain, sum/all)
		}
		last = gain
	}
	if math.Abs(*s.Then-sum/all) > 1e-9 || *s.Bound < *s.Then || *s.Bound > 1 {
		t.Errorf("in reach then %v, want %v; bound %v", *s.Then, sum/all, *s.Bound)
	}
}

// TestSitingIsByCells refuses levels, and tells of a city that nobody lives in.
func TestSitingIsByCells(t *testing.T) {
	e, _ := shanghai(t)
	var wrong *analytics.ParamError
	if _, err := e.Siting(t.Context(), map[string]string{"level": "district"}); !errors.As(err, &wrong) {
		t.Errorf("sites by district: %v", err)
	}
	s, err := e.Siting(t.Context(), nil)
	if err != nil || s.Now != nil || s.Bound != nil || len(s.Sites) != 0 {
		t.Errorf("where nobody is known to live: %+v, %v", s, err)
	}
}
