package sample

import (
	"cmp"
	"math"
	"slices"

	"github.com/civgrid/civgrid/data"
)

// How the city is divided: districts in all, streets to a district, communities
// to a street, and mesh cells to a unit grid.
const (
	districtCount       = 5
	streetsEach         = 4
	communitiesEach     = 5
	meshCellsToUnitGrid = 3.0
)

// plan is the city as built: its mesh, who lives where, and its areas.
type plan struct {
	*mesh
	towns []town
	areas []area
	gaps  []float64 // metres between seeds where each seed is
	unit  []int32   // number of the unit grid in areas, by mesh cell; -1 where there is none
}

// town is a centre around which people live and report.
type town struct {
	middle vec
	radius float64 // metres
	people float64 // weight among inhabitants
	report float64 // weight among reports, flatter than people
}

// area is one governed area. Areas come before those they are divided into.
type area struct {
	level   data.Level
	code    string
	parent  int32 // -1 for districts
	order   int   // place among its siblings, from 0
	members []int32
	people  int64
}

func newPlan(seed uint64) *plan {
	d := newDice(seed, 1)
	p := &plan{towns: []town{
		{vec{0, 0}, 4400, 2.6, 1.0},
		{vec{-4300, -6300}, 3300, 0.9, 0.75},
		{vec{6600, 3400}, 2700, 0.8, 0.45},
		{vec{4300, -7400}, 1900, 0.25, 0.3},
	}}
	p.mesh = newGround(d, p)
	for _, at := range p.seeds {
		p.gaps = append(p.gaps, p.gap(at))
	}
	p.divide()
	return p
}

// reporting returns how many reports an area draws, relative to elsewhere: the
// middle has about three times the rim's.
func (p *plan) reporting(at vec) float64 {
	sum := 0.62
	for _, t := range p.towns {
		sum += float64(t.report * at.bump(t.middle, t.radius*1.1))
	}
	return sum
}

// living returns inhabitants per square kilometre.
func (p *plan) living(at vec) float64 {
	sum := 0.16
	for _, t := range p.towns {
		sum += float64(t.people * at.bump(t.middle, t.radius))
	}
	return 6500 * sum
}

// gap returns the least distance between two seeds in metres.
func (p *plan) gap(at vec) float64 { return max(250, 500-float64(270*p.living(at)/11_000)) }

// newGround scatters the seeds: the river's, then darts that keep the distance
// of the built-up pattern, close in the middle and wide outside.
func newGround(d dice, p *plan) *mesh {
	limits := newLimits(d)
	streams, banks := newRiver(d).seeds(d)
	s := scatter{buckets: map[[2]int][]vec{}}
	for _, at := range append(slices.Clone(streams), banks...) {
		s.add(at)
	}
	limits.fence(d, &s)
	for range 34_000 {
		at := vec{d.between(-1, 1), d.between(-1, 1)}.scale(riverReach).snapped()
		if limits.beyond(at) < 2500 && s.clear(at, p.gap(at)) {
			s.add(at)
		}
	}
	grounds := make([]ground, len(s.all))
	for i, at := range s.all {
		switch {
		case limits.beyond(at) > 0:
		case i < len(streams):
			grounds[i] = water
		default:
			grounds[i] = land
		}
	}
	return newMesh(s.all, grounds, d.pcg.Uint64())
}

// divide makes the areas, level by level. Districts keep to one bank.
func (p *plan) divide() {
	banks := p.banks()
	north := (districtCount*len(banks[0]) + (len(banks[0])+len(banks[1]))/2) / (len(banks[0]) + len(banks[1]))
	north = min(max(north, 1), districtCount-1)
	parts := append(p.split(banks[0], north), p.split(banks[1], districtCount-north)...)
	p.addAreas(data.District, -1, parts)
	p.divideLevel(data.District, data.Street, func(int) int { return streetsEach })
	p.divideLevel(data.Street, data.CommunityArea, func(int) int { return communitiesEach })
	p.divideLevel(data.CommunityArea, data.UnitGrid, func(cells int) int {
		return max(1, int(math.Round(float64(cells)/meshCellsToUnitGrid)))
	})
	p.unit = make([]int32, len(p.seeds))
	for i := range p.unit {
		p.unit[i] = -1
	}
	for number, a := range p.areas {
		for _, cell := range a.members {
			p.unit[cell] = int32(number) // the last to claim a cell is the finest
		}
		for _, cell := range a.members {
			p.areas[number].people += p.people(cell)
		}
	}
}

// people returns the inhabitants of a mesh cell.
func (p *plan) people(cell int32) int64 {
	return int64(p.living(p.seeds[cell]) * p.squareKilometres(cell))
}

// squareKilometres returns the area of a mesh cell.
func (p *plan) squareKilometres(cell int32) float64 {
	at, sum := p.seeds[cell], 0.0
	for _, j := range p.near[cell] {
		a := p.corners[p.left[[2]int32{j, cell}]].sub(at)
		b := p.corners[p.left[[2]int32{cell, j}]].sub(at)
		sum += a.cross(b) / 2e6
	}
	return sum
}

// divideLevel splits every area of one level into those of the next.
func (p *plan) divideLevel(level, next data.Level, parts func(cells int) int) {
	for number, a := range slices.Clone(p.areas) {
		if a.level == level {
			p.addAreas(next, int32(number), p.split(a.members, parts(len(a.members))))
		}
	}
}

// addAreas numbers siblings in reading order, row by row from the north-west.
func (p *plan) addAreas(level data.Level, parent int32, parts [][]int32) {
	const row = 1500 // metres
	slices.SortFunc(parts, func(a, b []int32) int {
		u, v := p.middle(a), p.middle(b)
		return cmp.Or(cmp.Compare(math.Floor(v.y/row), math.Floor(u.y/row)), cmp.Compare(u.x, v.x))
	})
	for order, members := range parts {
		slices.Sort(members)
		a := area{level: level, parent: parent, order: order, members: members}
		a.code = p.codeOf(a)
		p.areas = append(p.areas, a)
	}
}

// middle returns the mean of the seeds.
func (p *plan) middle(members []int32) vec {
	var sum vec
	for _, i := range members {
		sum = sum.add(p.seeds[i])
	}
	return sum.scale(1 / float64(len(members)))
}
