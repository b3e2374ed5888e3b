package sample

import (
	"math"

	"github.com/paulmach/orb"
)

// addressCount is how many doors, corners and lamp posts cases are reported
// from.
const addressCount = 26_000

// address is a place that cases are reported from.
type address struct {
	at     orb.Point // WGS 84
	cell   int32     // of the mesh
	unit   int32     // unit grid, a number of areas
	spot   int8      // the spot that pulls here, -1 for none
	weight int64     // how often it comes up
	door   int32
}

// newAddresses scatters the addresses, each inside the cell it is counted for,
// and gives each its own liveliness: at some doors people call every week.
func (c *City) newAddresses(d dice) {
	weights := make([]int64, len(c.plan.seeds))
	rings := make([]orb.Ring, len(c.plan.seeds))
	for i, at := range c.plan.seeds {
		if c.plan.unit[i] >= 0 {
			weights[i] = int64(1e4 * c.plan.squareKilometres(int32(i)) * c.plan.reporting(at))
		}
	}
	cells := newTable(weights)
	c.addresses = make([]address, 0, addressCount)
	for len(c.addresses) < addressCount {
		i := int32(cells.pick(d))
		if rings[i] == nil {
			rings[i] = c.cellRing(i)
		}
		box := rings[i].Bound()
		at := orb.Point{micro(d.between(box.Min[0], box.Max[0])), micro(d.between(box.Min[1], box.Max[1]))}
		if !wellInside(rings[i], at) {
			continue
		}
		c.addresses = append(c.addresses, address{
			at: at, cell: i, unit: c.plan.unit[i], spot: c.spotAt(placeOf(at)),
			weight: int64(1000 * math.Exp(0.65*d.normal())), door: int32(1 + d.below(399)),
		})
	}
	c.rings = rings
}

// addressTables returns how cases choose an address, by month.
func (c *City) addressTables() [12]table {
	var tables [12]table
	weights := make([]int64, len(c.addresses))
	for month := range tables {
		for n, a := range c.addresses {
			weights[n] = a.weight
			if a.spot >= 0 {
				s := c.spots[a.spot]
				weights[n] = int64(float64(a.weight) * (1 + (s.factor[month]-1)*s.pull(placeOf(a.at))))
			}
		}
		tables[month] = newTable(weights)
	}
	return tables
}
