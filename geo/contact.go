package geo

import (
	"github.com/paulmach/orb"
)

// patch is one part of a cell's shape with its box, for tests against edges.
type patch struct {
	loop
	bound orb.Bound
}

// newPatch returns the patch of a loop.
func newPatch(l loop) patch {
	return patch{l, orb.MultiPoint(l.points).Bound()}
}

// meets reports whether the region and a part of a cell have any point in
// common.
func (g *Region) meets(part loop) bool {
	p := newPatch(part)
	if !g.bound.Intersects(p.bound) {
		return false
	}
	found := false
	g.near(p.bound, func(e *edge) bool {
		found = p.contact(e) != apart
		return !found
	})
	return found || g.Contains(part.points[0])
}

// holds reports whether a part of a cell lies wholly within the region. Touching
// the border from inside is allowed.
func (g *Region) holds(part loop) bool {
	p := newPatch(part)
	touched, crossed := false, false
	g.near(p.bound, func(e *edge) bool {
		switch p.contact(e) {
		case proper:
			crossed = true
		case touch:
			touched = true
		}
		return !crossed
	})
	if crossed {
		return false
	}
	if !touched {
		return g.Contains(part.points[0])
	}
	return g.containsAll(part)
}

// containsAll reports whether the region contains the corners of a loop, the
// middles of its edges, and its own middle.
func (g *Region) containsAll(part loop) bool {
	var middle orb.Point
	n := float64(len(part.points))
	for i, a := range part.points {
		b := part.points[(i+1)%len(part.points)]
		if !g.Contains(a) || !part.seam[(i+1)%len(part.points)] && !g.Contains(orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}) {
			return false
		}
		middle[0] += a[0] / n
		middle[1] += a[1] / n
	}
	return g.Contains(middle)
}

// near calls visit with every border edge whose box meets bound, perhaps more
// than once, until visit returns false.
func (g *Region) near(bound orb.Bound, visit func(*edge) bool) {
	if g.Empty() {
		return
	}
	first, last := g.band(bound.Min[1]), g.band(bound.Max[1])
	edges := g.banded[g.starts[first]:g.starts[last+1]]
	for i := range edges {
		e := &edges[i]
		if !e.seam && e.meetsBox(bound) && !visit(e) {
			return
		}
	}
}

// meetsBox reports whether the box of an edge meets another.
func (e *edge) meetsBox(b orb.Bound) bool {
	return min(e.a[0], e.b[0]) <= b.Max[0] && max(e.a[0], e.b[0]) >= b.Min[0] &&
		min(e.a[1], e.b[1]) <= b.Max[1] && max(e.a[1], e.b[1]) >= b.Min[1]
}

// contact tells how an edge meets the patch: proper when it has points strictly
// inside, as far as its ends and its crossings tell; touch when it only meets
// the rim of the patch.
func (p patch) contact(e *edge) crossing {
	result := apart
	n := len(p.points)
	for i, b := range p.points {
		result = max(result, cross(e.a, e.b, p.points[(i+n-1)%n], b))
		if result == proper {
			return proper
		}
	}
	for _, end := range [2]orb.Point{e.a, e.b} {
		if p.bound.Contains(end) && p.sideOf(end) == inside {
			return proper
		}
	}
	return result
}
