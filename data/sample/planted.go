package sample

import (
	"slices"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// The kinds of truth.
const (
	Hotspot         = "hotspot"          // many more reports than around, all year
	Emerging        = "emerging"         // as around at first, then more every month
	Cold            = "cold"             // hardly any reports amid many
	Unseen          = "unseen"           // many reports, and inspections that pass
	Unheard         = "unheard"          // hardly any report, and inspections that fail
	SlowDistrict    = "slow_district"    // everything takes longer
	DefaultLocation = "default_location" // a point that stands for no known place
	ShiftedSource   = "gcj02_source"     // a source whose coordinates are GCJ-02
	AreaOnly        = "area_only"        // records placed by a community's code alone
	Messy           = "messy"            // bad rows of one sort, named by Rule
)

// A Truth is something that was put into the data and that analyses should
// find. Fields that do not apply are zero.
type Truth struct {
	Kind  string
	Title string

	// Communities are the codes of the district, or of the communities that the
	// circle touches, ascending.
	Communities []string
	Centre      orb.Point  // of the circle, or the exact point; WGS 84
	Radius      geo.Metres // of the circle, 0 for a point
	From, To    time.Time  // when, half open; zero for all of the period
	Source      string     // the source concerned, "" for all
	Rule        string     // what is wrong with messy rows
	Categories  []string   // words of the categories most of a surplus is about

	// Count is the number of records concerned, exactly. In a circle it is
	// those with coordinates in it, not at the default location, From to To, and
	// of a blind spot the inspections that passed or failed; in the slow district
	// those with a limit that has passed.
	Count int
	// Expected is how many records the circle would have had at the rate of
	// the rest of the city, for its addresses; Count / Expected is the ratio
	// planted.
	Expected float64
	// Share is the part of all records with coordinates that a default location
	// has, or of the slow district's cases with a limit that has passed those
	// closed within it, or of the source's records those concerned, or of the
	// inspections of a blind spot those that failed; from 0 to 1. OthersShare is
	// that of the other districts, or of inspections elsewhere.
	Share, OthersShare float64
	// Median is the median time from report to closing of closed cases in the
	// slow district, and OthersMedian that in all others.
	Median, OthersMedian time.Duration
}

// Planted returns what was put into the data: two hot spots, an emerging one, a
// cold one, the two of them that are blind spots, the slow district, the default
// location, the GCJ-02 source, the area-only records and the messy rows, in this
// order.
func (c *City) Planted() []Truth {
	var truths []Truth
	for n := range c.spots {
		truths = append(truths, c.spotTruth(int8(n)))
	}
	for n, s := range c.spots {
		if s.blind != "" {
			truths = append(truths, c.blindTruth(int8(n)))
		}
	}
	names := sources()
	pointed := 0
	for n, cases := range c.incidents {
		for _, in := range cases {
			if n != mailbox && in.at != (orb.Point{}) {
				pointed++
			}
		}
	}
	truths = append(truths, c.slowTruth(),
		Truth{
			Kind: DefaultLocation, Title: "Where the hotline puts what it cannot find", Centre: c.hall,
			Source: names[hotline].name, Count: defaultLocated, Share: defaultLocated / float64(pointed),
		},
		Truth{
			Kind: ShiftedSource, Title: "Patrol app with GCJ-02 coordinates",
			Source: names[patrol].name, Count: len(c.incidents[patrol]), Share: 1,
		},
		Truth{
			Kind: AreaOnly, Title: "Letters placed by community code alone",
			Source: names[mailbox].name, Count: len(c.incidents[mailbox]), Share: 1,
		})
	return append(truths, c.messTruths()...)
}

func (c *City) spotTruth(number int8) Truth {
	s := c.spots[number]
	t := Truth{Kind: s.kind, Title: s.title, Centre: s.middle.lonLat(), Radius: geo.Metres(s.radius)}
	t.From, t.To = c.Period()
	first := int64(0)
	if s.kind == Emerging {
		first = int64(dayOf(9, 1)) * secondsPerDay
		t.From = instant(first)
	}
	for _, m := range s.matter {
		t.Categories = append(t.Categories, c.categories[m].Word)
	}
	for i, at := range c.plan.seeds {
		if c.plan.unit[i] >= 0 && at.distance(s.middle) < s.radius {
			t.Communities = append(t.Communities, c.plan.areas[c.plan.areas[c.plan.unit[i]].parent].code)
		}
	}
	slices.Sort(t.Communities)
	t.Communities = slices.Compact(t.Communities)
	t.Count, t.Expected = c.countIn(number, first)
	return t
}

// blindTruth tells of a spot where complaints and inspections do not agree.
func (c *City) blindTruth(number int8) Truth {
	t := c.spotTruth(number)
	t.Kind = c.spots[number].blind
	t.Count, t.Expected, t.Categories = 0, 0, nil
	var failed, rated [2]int
	for _, in := range c.inspections {
		side := 1
		if c.spots[number].middle.distance(placeOf(in.point.at)) < c.spots[number].radius {
			side = 0
		}
		switch in.result {
		case "fail":
			failed[side]++
			rated[side]++
		case "pass":
			rated[side]++
		}
	}
	t.Count = rated[0]
	t.Share, t.OthersShare = float64(failed[0])/float64(max(rated[0], 1)), float64(failed[1])/float64(rated[1])
	return t
}

// countIn counts the records with coordinates in a spot since a moment, and
// says how many there would be at the rate of the city outside all spots.
func (c *City) countIn(number int8, first int64) (count int, expected float64) {
	circle := c.spots[number]
	within := func(p orb.Point) bool { return circle.middle.distance(placeOf(p)) < circle.radius }
	var inside, outside int64
	for _, a := range c.addresses {
		switch {
		case a.spot < 0:
			outside += a.weight
		case a.spot == number && within(a.at):
			inside += a.weight
		}
	}
	elsewhere := 0
	for n, cases := range c.incidents {
		for _, in := range cases {
			if n == mailbox || in.address < 0 || in.unit < 0 || in.reported < first {
				continue
			}
			switch {
			case c.addresses[in.address].spot < 0:
				elsewhere++
			case within(in.at):
				count++
			}
		}
	}
	return count, float64(elsewhere) * float64(inside) / float64(outside)
}

func (c *City) slowTruth() Truth {
	var due, onTime [2]int
	var took [2][]int64
	for _, cases := range c.incidents {
		for _, in := range cases {
			side := 1
			if in.unit >= 0 && c.districtOf(in.unit) == c.slow {
				side = 0
			}
			if in.status == data.StatusClosed && in.closed > in.reported {
				took[side] = append(took[side], in.closed-in.reported)
			}
			if in.status == data.StatusVoid || in.status == data.StatusSuspended || in.due == noTime || in.due >= yearEnd {
				continue
			}
			due[side]++
			if in.closed != noTime && in.closed <= in.due {
				onTime[side]++
			}
		}
	}
	t := Truth{Kind: SlowDistrict, Title: c.all[c.slow].Names["en"], Communities: []string{c.all[c.slow].Code}, Count: due[0]}
	t.Share, t.OthersShare = float64(onTime[0])/float64(due[0]), float64(onTime[1])/float64(due[1])
	t.Median, t.OthersMedian = median(took[0]), median(took[1])
	return t
}

func median(seconds []int64) time.Duration {
	slices.Sort(seconds)
	return time.Duration(seconds[len(seconds)/2]) * time.Second
}

func (c *City) messTruths() []Truth {
	names := sources()
	elsewhere := 0
	for _, in := range c.incidents[hotline] {
		if in.unit >= 0 && in.community != "" && in.community != c.plan.areas[c.plan.areas[in.unit].parent].code {
			elsewhere++
		}
	}
	truths := []Truth{
		{Title: "Closed before reported", Rule: "closed_before_reported", Count: closedEarly},
		{Title: "Closed, but not known when", Rule: "closed_without_time", Count: closedUndated},
		{Title: "Due before reported", Rule: "due_before_reported", Count: dueEarly},
		{Title: "At 0°, 0°", Rule: "zero_coordinates", Source: names[portal].name, Count: nullIsland},
		{Title: "Reported at midnight to the second", Rule: "reported_at_midnight", Count: c.midnights()},
		{Title: "Names a community it is not in", Rule: "community_differs", Count: elsewhere},
		{Title: "Followed by a later version of the same case", Rule: "repeated", Count: repeatedRows},
		{Title: "With a date that does not exist", Rule: "time", Count: unreadableRows},
		{Title: "Without an id", Rule: "missing", Count: anonymousRows},
		{Title: "Outside the city's limits", Rule: "outside", Source: names[portal].name, Count: beyondLimits},
		{Title: "Coordinates of two decimals", Rule: "rounded_coordinates", Source: names[portal].name, Count: twoDecimals},
	}
	for n := range truths {
		truths[n].Kind = Messy
		if truths[n].Source == "" {
			truths[n].Source = names[hotline].name
		}
	}
	return truths
}

// midnights counts the hotline's cases reported at midnight to the second.
func (c *City) midnights() int {
	count := 0
	for _, in := range c.incidents[hotline] {
		if in.reported%secondsPerDay == 0 {
			count++
		}
	}
	return count
}
