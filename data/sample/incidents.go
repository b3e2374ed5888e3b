package sample

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
)

// incident is a case as its source knows it. Times are seconds of the year.
type incident struct {
	id        string
	unit      int32 // unit grid, a number of areas, of where it is, not of what is said
	address   int32 // -1 where its place was not found and the default point stands for it
	at        orb.Point
	community string // code of the community or unit grid named, "" for none

	category uint8
	finer    uint8
	channel  string
	status   string
	outcome  string
	repeats  string // id of the case this one is a duplicate of
	garbled  string // what stands for the time of report, "" for that time

	reported, responded, closed, due, updated int64
}

// newIncidents makes the cases of all sources.
func (c *City) newIncidents(seed uint64) {
	tables := c.addressTables()
	for n, s := range sources() {
		c.incidents[n] = c.casesOf(newDice(seed, 100+uint64(n)), n, s, &tables)
	}
}

// casesOf makes the cases of one source in the order they were reported in.
func (c *City) casesOf(d dice, number int, s source, tables *[12]table) []incident {
	calendar, matters, clocks := s.calendar(), c.matters(number), s.clocks()
	cases := make([]incident, s.cases)
	for n := range cases {
		in := &cases[n]
		day := calendar.pick(d)
		in.address = int32(tables[monthOf(int64(day)*secondsPerDay)].pick(d))
		in.category = uint8(matters[day*len(matters)/daysPerYear].pick(d))
		if a := c.addresses[in.address]; a.spot >= 0 {
			if own := c.spots[a.spot].matter; len(own) > 0 && d.chance(0.7) {
				in.category = own[d.below(len(own))]
			}
		}
		category := c.categories[in.category]
		hour := clocks[category.day].pick(d)
		in.reported = int64(day*secondsPerDay + hour*3600 + d.below(3600))
		in.finer = uint8(d.below(len(category.finer)))
		in.channel = s.channel[d.below(len(s.channel))]
	}
	slices.SortStableFunc(cases, func(a, b incident) int { return int(a.reported - b.reported) })
	for n := range cases {
		cases[n].id = fmt.Sprintf("%s25%06d", s.prefix, n+1)
		c.put(d, &cases[n], number)
		c.run(d, &cases[n])
		if cases[n].outcome == "duplicate" && n > 0 {
			cases[n].repeats = cases[n-1-d.below(min(n, 30))].id
		}
	}
	return cases
}

// matters returns how the cases of a source choose their category, by month.
func (c *City) matters(number int) []table {
	months := make([]table, 12)
	for m := range months {
		warm := (1 + summerness(dayOf(m+1, 15))) / 2
		weights := make([]int64, len(c.categories))
		for n, category := range c.categories {
			weights[n] = int64(100 * float64(category.share[number]) * (1 + (category.summer-1)*warm))
		}
		months[m] = newTable(weights)
	}
	return months
}

// clocks returns how the cases of a source spread over the hours.
func (s source) clocks() [3]table {
	var clocks [3]table
	for n := range clocks {
		clocks[n] = newTable(s.hours[n][:])
	}
	return clocks
}

// put says where a case is. People on patrol stand within 20 metres of the
// address, in the same mesh cell; everybody else gives the address.
func (c *City) put(d dice, in *incident, number int) {
	a := c.addresses[in.address]
	in.at, in.unit = a.at, a.unit
	community := c.plan.areas[a.unit].parent
	switch number {
	case patrol:
		east, north := degreeMetres()
		for range 8 {
			p := orb.Point{micro(a.at[0] + d.between(-14, 14)/east), micro(a.at[1] + d.between(-14, 14)/north)}
			if wellInside(c.rings[a.cell], p) {
				in.at = p
				break
			}
		}
		in.community = c.plan.areas[a.unit].code
	case hotline:
		if d.chance(0.93) {
			in.community = c.plan.areas[community].code
		}
	case mailbox:
		in.community = c.plan.areas[community].code
	}
}

// slowness is by how much longer everything takes in the slow district, and
// briskness the lesser differences between the others.
const slowness = 1.7

func briskness() [districtCount]float64 { return [districtCount]float64{0.54, 0.62, 0.5, 0.68, 0.58} }

// run lets a case take its course until the end of the year.
func (c *City) run(d dice, in *incident) {
	category := c.categories[in.category]
	pace := briskness()[c.districtOf(in.unit)]
	if c.districtOf(in.unit) == c.slow {
		pace = slowness
	}
	hours := category.median * pace * math.Exp(category.spread*d.normal())
	in.closed = in.reported + max(420, int64(3600*hours))
	in.responded = in.reported + int64(float64(in.closed-in.reported)*d.between(0.04, 0.3))
	in.due = noTime
	if category.Limit > 0 {
		in.due = in.reported + int64(category.Limit.Seconds())
	}
	in.status = data.StatusClosed
	switch lot := d.unit(); {
	case lot < 0.02:
		in.status, in.outcome = data.StatusVoid, oneOf(d, "duplicate", "duplicate", "rejected", "not_found")
		in.closed = noTime
	case lot < 0.09 && category.slow:
		in.status, in.closed = data.StatusSuspended, noTime
	case lot > 0.993:
		in.status, in.closed = data.StatusOpen, noTime // forgotten
	case in.closed >= yearEnd:
		in.status, in.closed = data.StatusOpen, noTime
	default:
		in.outcome = oneOf(d, "resolved", "resolved", "resolved", "resolved", "resolved", "resolved", "partly", "unresolved")
	}
	if in.responded >= yearEnd {
		in.responded = noTime
	}
	in.updated = max(in.reported, in.responded, in.closed)
}

// districtOf returns which district, from 0, a unit grid lies in.
func (c *City) districtOf(unit int32) int {
	for c.plan.areas[unit].parent >= 0 {
		unit = c.plan.areas[unit].parent
	}
	return int(unit)
}
