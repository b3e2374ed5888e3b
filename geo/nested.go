package geo

import (
	"fmt"
	"slices"

	"github.com/paulmach/orb"
)

// dropNested leaves out polygons that lie wholly inside another one, and notes
// those that overlap in part. Of two that are the same the first stays.
func (m *mender) dropNested(mp orb.MultiPolygon) orb.MultiPolygon {
	if len(mp) < 2 {
		return mp
	}
	parts := make([]placed, len(mp))
	for i, polygon := range mp {
		parts[i] = place(polygon)
	}
	dropped := make([]bool, len(mp))
	for i := range mp {
		for j := range mp {
			if i == j || dropped[i] || dropped[j] || !parts[i].bound.Intersects(parts[j].bound) {
				continue
			}
			switch crossed := parts[i].crosses(parts[j]); {
			case crossed && i < j:
				m.notes = append(m.notes, fmt.Sprintf("result polygons %d and %d overlap, kept", i+1, j+1))
			case !crossed && parts[j].holds(parts[i]) && (j < i || !parts[i].holds(parts[j])):
				dropped[i] = true
				m.notes = append(m.notes, fmt.Sprintf("result polygon %d lies inside polygon %d, dropped", i+1, j+1))
			}
		}
	}
	out := mp[:0]
	for i, polygon := range mp {
		if !dropped[i] {
			out = append(out, polygon)
		}
	}
	return slices.Clip(out)
}

// placed is a mended polygon ready for questions.
type placed struct {
	region *Region
	loops  []loop
	bound  orb.Bound
}

// place makes a mended polygon ready.
func place(polygon orb.Polygon) placed {
	region, err := NewRegion(orb.MultiPolygon{polygon})
	if err != nil {
		panic("BUG: mended polygon: " + err.Error())
	}
	p := placed{region: region, bound: region.Bound()}
	for _, ring := range polygon {
		p.loops = append(p.loops, newLoop(ring))
	}
	return p
}

// crosses reports whether any rings of the two properly cross.
func (p placed) crosses(other placed) bool {
	for _, l := range p.loops {
		if slices.ContainsFunc(other.loops, l.crosses) {
			return true
		}
	}
	return false
}

// holds reports whether p contains all of other, whose rings do not cross its own.
func (p placed) holds(other placed) bool {
	shell := other.loops[0]
	for _, at := range shell.points {
		if !p.region.Contains(at) {
			return false
		}
	}
	for _, hole := range p.loops[1:] { // other may reach round a hole of p
		if at := hole.middle(); shell.sideOf(at) == inside && other.region.Contains(at) {
			return false
		}
	}
	return p.region.Contains(shell.middle())
}
