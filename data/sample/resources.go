package sample

import (
	"fmt"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
)

// resource is somebody or something that serves.
type resource struct {
	id, kind, name, status, owner string
	capacity                      int
	since                         int // year
	at                            orb.Point
}

// newResources places the stations, teams and facilities: a station for every
// street and a centre for every community, and the rest where people are. The
// slow district has fewer teams.
func (c *City) newResources(d dice) {
	for n, a := range c.plan.areas {
		switch a.level {
		case data.Street:
			c.addResource(d, int32(n), "station", "Urban Management Station", 12+d.below(18))
			c.addResource(d, int32(n), "team", "Road Repair Team", 4+d.below(5))
			if teams := 2; c.districtOf(int32(n)) != c.slow {
				for range teams {
					c.addResource(d, int32(n), "team", "Sanitation Team", 6+d.below(9))
				}
			}
			c.addResource(d, int32(n), "vehicle", "Road Sweeper", 1)
			c.addResource(d, int32(n), "camera", "High-point Camera", 1)
		case data.CommunityArea:
			c.addResource(d, int32(n), "facility", "Community Centre", 60+20*d.below(12))
			if a.people > 15_000 || d.chance(0.25) {
				c.addResource(d, int32(n), "toilet", "Public Toilet", 6+2*d.below(6))
			}
		}
	}
}

// addResource places a resource next to one of the seeds of an area.
func (c *City) addResource(d dice, area int32, kind, what string, capacity int) {
	a := c.plan.areas[area]
	at := c.plan.seeds[a.members[d.below(len(a.members))]].add(vec{d.between(-40, 40), d.between(-40, 40)})
	number := len(c.resources) + 1
	status := "active"
	switch lot := d.unit(); {
	case lot < 0.03:
		status = "damaged"
	case lot < 0.05:
		status = "retired"
	}
	c.resources = append(c.resources, resource{
		id: fmt.Sprintf("RS%04d", number), kind: kind, name: fmt.Sprintf("%s %s", c.proper[area].latin, what), status: status,
		owner: c.all[area].Responsible, capacity: capacity, since: 2004 + d.below(20), at: at.lonLat(),
	})
}
