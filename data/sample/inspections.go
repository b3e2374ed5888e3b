package sample

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// How many points are inspected, how often in the year in all, and the points
// that an inspection can give.
const (
	pointCount      = 480
	inspectionCount = 6_000
	maxScore        = 10
)

// point is a place that inspectors come back to.
type point struct {
	id, sort string
	at       orb.Point
	unit     int32   // unit grid, a number of areas
	neglect  float64 // 1 for an average one, less for a well kept one
}

// inspection is one look at one point. Times are seconds of the year.
type inspection struct {
	point                       point
	id, campaign, channel, item string
	responsible, community      string
	result                      string // pass, fail or na
	score                       int    // 0 to maxScore, -1 where nothing was rated
	found                       int    // problems
	when, due, repaired         int64
}

// newInspections sends inspectors to the points on working days, in working
// hours; every point comes up about once a month. The points that are moved to where
// inspectors look more closely have a stream of their own, moves.
func (c *City) newInspections(d, moves dice) {
	points, days := c.newPoints(d), workingDays()
	c.lookMoreClosely(points, moves)
	for n := range inspectionCount {
		p, day := points[d.below(len(points))], days[n*len(days)/inspectionCount]
		in := inspection{
			point: p, id: fmt.Sprintf("IN25%05d", n+1), campaign: fmt.Sprintf("2025-Q%d", 1+monthOf(int64(day)*secondsPerDay)/3),
			channel: oneOf(d, "field", "field", "field", "third_party", "patrol", "self"),
			item: oneOf(d, "Public environment", "Public order", "Infrastructure", "Information signs",
				"Fire safety", "Barrier-free access", "Waste sorting", "Parking order"),
			responsible: c.all[p.unit].Responsible, community: c.all[p.unit].Parent,
			when: int64(day*secondsPerDay + 9*3600 + d.below(8*3600)), due: noTime, repaired: noTime,
		}
		in.rate(d)
		c.inspections = append(c.inspections, in)
	}
}

// workingDays returns the days of the year that were worked, from 0.
func workingDays() []int {
	holiday, worked := daysOff()
	var days []int
	for day := range daysPerYear {
		weekend := (day+3)%7 == 0 || (day+3)%7 == 6 // 2025 began on a Wednesday
		if worked[day] || !weekend && !holiday[day] {
			days = append(days, day)
		}
	}
	return days
}

// newPoints chooses the points among the addresses.
func (c *City) newPoints(d dice) []point {
	points := make([]point, pointCount)
	for n, k := range d.choose(len(c.addresses), pointCount) {
		a := c.addresses[k]
		p := point{id: fmt.Sprintf("PT%03d", n+1), at: a.at, unit: a.unit, neglect: math.Exp(0.35 * d.normal())}
		p.sort = oneOf(d, "Residential area", "Residential area", "Main road", "Back street", "Market", "School gate", "Park", "Bus station")
		if p.sort == "Market" || p.sort == "Back street" {
			p.neglect *= 1.5
		}
		if a.spot >= 0 {
			p.neglect *= c.spots[a.spot].neglect
		}
		if c.districtOf(a.unit) == c.slow {
			p.neglect *= 1.6
		}
		points[n] = p
	}
	return points
}

// lookMoreClosely moves points, from the last on, to the blind spots, so that there is
// enough to be seen there: a point of a dozen inspections tells little of its own.
func (c *City) lookMoreClosely(points []point, d dice) {
	next := len(points)
	for n, s := range c.spots {
		var near []address
		for _, a := range c.addresses {
			if a.spot == int8(n) && s.middle.distance(placeOf(a.at)) < 0.9*s.radius {
				near = append(near, a)
			}
		}
		for range s.points {
			next--
			p, a := &points[next], near[d.below(len(near))]
			p.at, p.unit, p.neglect = a.at, a.unit, s.neglect*math.Exp(0.35*d.normal())
		}
	}
}

// rate says what was found.
func (in *inspection) rate(d dice) {
	switch lot := d.unit(); {
	case lot < 0.04:
		in.result, in.score = "na", -1
	case lot < 0.04+0.16*in.point.neglect:
		in.result, in.found = "fail", 1+d.below(4)
		in.score = 6 - in.found - d.below(2)
		in.due = in.when + 7*secondsPerDay
		days := 4 * math.Sqrt(in.point.neglect) * math.Exp(0.7*d.normal())
		in.repaired = in.when + int64(secondsPerDay*days)
		if in.repaired >= yearEnd || d.chance(0.03) {
			in.repaired = noTime
		}
	default:
		in.result, in.score = "pass", maxScore-2+d.below(3)
	}
}
