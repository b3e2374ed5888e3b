package sample

import (
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
)

// A City is a made-up city and a year of what happened in it. It is immutable
// and safe for concurrent use.
type City struct {
	plan       *plan
	proper     []name // proper names of the areas
	all        []data.Community
	categories []Category
	spots      []spot
	addresses  []address
	rings      []orb.Ring // of mesh cells with addresses
	slow       int        // the slow district
	hall       orb.Point  // where the hotline puts what it cannot find

	incidents   [sourceCount][]incident
	repeated    []string // ids of the hotline's cases with an earlier row
	resources   []resource
	inspections []inspection
}

// New builds the city of a seed; the same seed gives the same city. It takes
// some tenths of a second.
func New(seed uint64) *City {
	p := newPlan(seed)
	c := &City{plan: p, proper: p.properNames(), categories: Categories()}
	c.all = p.communities(c.proper)
	c.spots = newSpots(p)
	c.slow = c.slowDistrict()
	c.newAddresses(newDice(seed, 2))
	c.newIncidents(seed)
	c.spoil(newDice(seed, 3))
	c.newResources(newDice(seed, 4))
	c.newInspections(newDice(seed, 5), newDice(seed, 6))
	return c
}

// Communities returns all areas, coarse before fine and each level in code
// order. The slice is the caller's, the outlines are not.
func (c *City) Communities() []data.Community { return append([]data.Community(nil), c.all...) }

// River returns the outline of the river within the city's limits, WGS 84.
func (c *City) River() orb.MultiPolygon {
	var wet []int32
	for i, g := range c.plan.ground {
		if g == water {
			wet = append(wet, int32(i))
		}
	}
	return c.plan.outline(wet, func(i int32) bool { return int(i) < len(c.plan.ground) && c.plan.ground[i] == water })
}

// slowDistrict returns the district whose middle is furthest from the city's,
// counted from 0, without the quarter that hardly reports.
func (c *City) slowDistrict() int {
	quiet := c.districtOf(c.plan.unit[c.plan.nearest(c.spots[len(c.spots)-1].middle)])
	slow, furthest := 0, 0.0
	for n := range districtCount {
		if far := c.plan.middle(c.plan.areas[n].members).square(); far > furthest && n != quiet {
			slow, furthest = n, far
		}
	}
	return slow
}

// cellRing returns the outline of a mesh cell.
func (c *City) cellRing(cell int32) orb.Ring {
	return c.plan.outline([]int32{cell}, func(j int32) bool { return j == cell })[0][0]
}
