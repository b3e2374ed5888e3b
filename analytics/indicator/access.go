package indicator

import (
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

var accessShare = Kind{
	Name:  "access_share",
	Title: "Share of the population that has a resource within reach",
	Doc: "access says which resources, within how many metres and how much longer ways are than straight lines. Inhabitants are taken to live evenly " +
		"over the finest community whose population is known; with weighted: area it is the share of the area. There is nothing random in it, so it has no interval.",
	Reference: "Straight-line buffers, as in the metadata of SDG 11.2.1 (UN-Habitat)",
	Fields:    []string{"access"},
	Needs:     []string{"access"},
	Places:    true,
	Unit:      func(*Definition) string { return "share" },
	Counts: func(c *Compiled, _ time.Time) []data.Count {
		return []data.Count{{Name: "places"}, {Name: "known", Where: not(data.Missing{Column: c.reachColumn()})}}
	},
	Sums: func(c *Compiled, _ time.Time) []data.Sum {
		weight, _ := c.Access.weight()
		reached := data.Compare{Column: c.reachColumn(), Op: data.Equal, Value: int64(1)}
		return []data.Sum{{Name: "all", Column: weight}, {Name: "reached", Column: weight, Where: reached}}
	},
	Estimate: func(c *Compiled, s Sample) Estimate {
		reached, all := float64(s.count("reached")), float64(s.count("all"))
		switch {
		case s.count("known") == 0:
			return none(NoResources)
		case all == 0:
			return none(NoPopulation)
		}
		v := reached / all
		_, scale := c.Access.weight()
		return Estimate{
			N: s.count("places"), Numerator: reached / scale, Denominator: all / scale,
			Value: v, Has: true, Low: v, High: v, HasLow: true, HasHigh: true,
		}
	},
}

// weight returns the column that places weigh by, and how much of it is one
// inhabitant or one square kilometre.
func (a *Access) weight() (column string, scale float64) {
	if a.Weighted == "area" {
		return analytics.PlaceArea, 1e6
	}
	return analytics.PlacePeople, 1000
}

func (c *Compiled) reachColumn() string { return c.timing.prefix + "_reached" }

// A Reach is an Int column of analytics.Places: 1 where a resource that meets the
// condition is in reach, else 0; missing everywhere if there is no such resource.
type Reach struct {
	Column    string
	Resources data.Condition
	Metres    float64 // in a straight line
}

// Reaches returns the columns that the definition and everything it is made of
// need of Places, as of a moment.
func (c *Compiled) Reaches(asOf time.Time) []Reach {
	var list []Reach
	if c.kind.Places {
		exists := data.All{
			not(data.Compare{Column: "valid_from", Op: data.Greater, Value: asOf}),
			not(data.Compare{Column: "valid_to", Op: data.LessOrEqual, Value: asOf}),
		}
		list = append(list, Reach{c.reachColumn(), append(exists, c.resources), c.Access.Metres / max(c.Access.Detour, 1)})
	}
	for _, part := range c.parts() {
		list = append(list, part.Reaches(asOf)...)
	}
	return list
}
