package sample

import (
	"fmt"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
)

// What goes wrong in the files, in rows.
const (
	defaultLocated   = 1_800 // the geocoder gave up: all on one point
	closedEarly      = 14    // closed before reported
	closedUndated    = 11    // closed, but not known when
	dueEarly         = 6     // due before reported
	nullIsland       = 9     // at 0°, 0°
	twoDecimals      = 20    // coordinates rounded to a hundredth of a degree
	namedElsewhere   = 40    // names a community it is not in
	atMidnight       = 25    // reported at midnight to the second
	beyondLimits     = 30    // kilometres outside the city
	repeatedRows     = 15    // rows that a later version of the same case follows
	unreadableRows   = 6     // with a date there is none of
	anonymousRows    = 3     // without an id
	defaultNamedless = 0.92  // share of the default-located without a community
)

// spoil makes some records of the hotline and the portal as bad as records are.
func (c *City) spoil(d dice) {
	c.hall = c.plan.dryPlace(vec{700, 500}, 300).lonLat()
	hallUnit := c.plan.unit[c.plan.nearest(placeOf(c.hall))]
	calls := c.incidents[hotline]
	lots := d.choose(len(calls), len(calls))
	for _, n := range lots[:defaultLocated] {
		calls[n].at, calls[n].unit, calls[n].address = c.hall, hallUnit, -1
		if d.chance(defaultNamedless) {
			calls[n].community = ""
		}
	}
	rest := lots[defaultLocated:]
	rest = c.blemish(calls, rest, closedEarly, func(in *incident) { in.closed = in.reported - int64(3600*(3+d.below(40))) })
	rest = c.blemish(calls, rest, closedUndated, func(in *incident) { in.closed = noTime })
	rest = c.blemish(calls, rest, dueEarly, func(in *incident) { in.due = in.reported - secondsPerDay })
	rest = c.blemish(calls, rest, atMidnight, func(in *incident) {
		in.reported -= in.reported % secondsPerDay
		in.due = in.reported + int64(c.categories[in.category].Limit.Seconds())
	})
	rest = c.blemish(calls, rest, namedElsewhere, func(in *incident) { in.community = c.elsewhere(d, in.unit) })
	c.blemish(calls, rest, repeatedRows, func(in *incident) { c.repeated = append(c.repeated, in.id) })

	requests := c.incidents[portal]
	rest = d.choose(len(requests), len(requests))
	rest = c.blemish(requests, rest, beyondLimits, func(in *incident) {
		p := placeOf(in.at)
		out := p.scale((17_500 + d.between(0, 2500)) / p.distance(vec{}))
		in.at, in.unit = out.lonLat(), -1
	})
	rest = c.blemish(requests, rest, nullIsland, func(in *incident) { in.at, in.unit = orb.Point{}, -1 })
	for kept := 0; kept < twoDecimals; rest = rest[1:] {
		if c.coarsen(&requests[rest[0]]) {
			kept++
		}
	}
}

// blemish spoils as many of the chosen cases as asked that are closed and
// have a limit, and returns those not looked at.
func (c *City) blemish(cases []incident, chosen []int, rows int, spoil func(*incident)) []int {
	for rows > 0 {
		in := &cases[chosen[0]]
		chosen = chosen[1:]
		if in.status == data.StatusClosed && in.due != noTime {
			spoil(in)
			rows--
		}
	}
	return chosen
}

// elsewhere returns the code of a community that a unit grid is not in.
func (c *City) elsewhere(d dice, unit int32) string {
	for {
		a := c.plan.areas[d.below(len(c.plan.areas))]
		if a.level == data.CommunityArea && a.code != c.plan.areas[c.plan.areas[unit].parent].code {
			return a.code
		}
	}
}

// coarsen rounds a place to two decimals, if that leaves it on land.
func (c *City) coarsen(in *incident) bool {
	var p orb.Point
	if _, err := fmt.Sscanf(fmt.Sprintf("%.2f %.2f", in.at[0], in.at[1]), "%f %f", &p[0], &p[1]); err != nil {
		panic("BUG: own number is not read back: " + err.Error())
	}
	cell := c.plan.nearest(placeOf(p))
	if c.plan.unit[cell] < 0 || in.unit < 0 || !wellInside(c.cellRing(cell), p) {
		return false
	}
	in.at, in.unit = p, c.plan.unit[cell]
	return true
}
