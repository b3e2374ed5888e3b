package sample

import "math"

// spot is a circle where more or fewer cases are reported than its
// surroundings would let one expect.
type spot struct {
	kind   string
	title  string
	middle vec
	radius float64     // metres
	turn   float64     // radians; of its shape
	factor [12]float64 // on the number of reports, by month
	matter []uint8     // categories that most of the surplus is about
	// neglect is how much more of the inspections fail; blind is Unseen or Unheard
	// where complaints and inspections do not agree, and points how many of the
	// inspected points are there besides those that would be anyhow.
	neglect float64
	blind   string
	points  int
}

// always returns the same factor for every month.
func always(f float64) (months [12]float64) {
	for n := range months {
		months[n] = f
	}
	return months
}

// newSpots places the spots near where they belong, on dry land.
func newSpots(p *plan) []spot {
	growing := always(1)
	copy(growing[8:], []float64{4, 7, 10, 13})
	spots := []spot{
		{
			kind: Hotspot, title: "Night market", middle: vec{-4100, 2900}, radius: 780, turn: 0.5, factor: always(7.5),
			matter:  []uint8{categoryNamed("Street vending"), categoryNamed("Noise"), categoryNamed("Waste and litter")},
			neglect: 2,
		},
		{
			kind: Hotspot, title: "Wholesale market", middle: vec{4300, -7400}, radius: 900, turn: 2, factor: always(8.5),
			matter:  []uint8{categoryNamed("Waste and litter"), categoryNamed("Illegal parking"), categoryNamed("Drainage")},
			neglect: 0.05, blind: Unseen, points: 14, // by day, when inspectors come, it is swept
		},
		{
			kind: Emerging, title: "New town under construction", middle: vec{8600, 4300}, radius: 850, turn: 4, factor: growing,
			matter:  []uint8{categoryNamed("Noise"), categoryNamed("Road damage")},
			neglect: 1,
		},
		{
			kind: Cold, title: "Quarter that hardly reports", middle: vec{-5400, -6200}, radius: 1500, turn: 3, factor: always(0.05),
			neglect: 4, blind: Unheard, points: 6,
		},
	}
	for n := range spots {
		spots[n].middle = p.dryPlace(spots[n].middle, spots[n].radius)
	}
	return spots
}

// dryPlace returns the seed nearest to a place that has nothing but land within
// reach metres.
func (p *plan) dryPlace(at vec, reach float64) vec {
	best, least := vec{}, math.Inf(1)
	for i, s := range p.seeds {
		if p.unit[i] < 0 || s.sub(at).square() >= least {
			continue
		}
		if p.dry(s, reach+400) {
			best, least = s, s.sub(at).square()
		}
	}
	return best
}

func (p *plan) dry(at vec, reach float64) bool {
	for i, s := range p.seeds {
		if p.unit[i] < 0 && s.sub(at).square() < reach*reach {
			return false
		}
	}
	return true
}

// pull returns how much of the factor holds at a place, from 0 to 1: the rim of
// a spot is soft, with half of it at the radius, and not quite round.
func (s spot) pull(at vec) float64 {
	out := at.sub(s.middle)
	angle := math.Atan2(out.y, out.x)
	swing := 1 + 0.14*math.Sin(2*angle+s.turn) + 0.1*math.Sin(3*angle-s.turn)
	far := math.Sqrt(out.square()) / (s.radius * swing)
	return min(max((1.3-far)/0.6, 0), 1)
}

// spotAt returns the number of the spot that has a pull at a place, or -1.
func (c *City) spotAt(at vec) int8 {
	for n, s := range c.spots {
		if s.pull(at) > 0 {
			return int8(n)
		}
	}
	return -1
}
