package geo

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// Repair mends an outline so that it keeps to RFC 7946 and to the rules of
// valid polygons, without moving a border, and says in plain words what it did.
// The input is not changed. A valid outline comes back as it was, with nothing
// to say.
//
//   - Points that are not finite or no place, points that repeat the one before,
//     and spikes that run out and straight back are left out.
//   - Open rings are closed; shells are made to run counter-clockwise, holes
//     clockwise.
//   - A ring across the antimeridian is cut there; one around a pole is led to it.
//   - A ring that crosses or touches itself (a figure of eight, say) is taken
//     apart at those points by the even-odd rule: what lies inside an odd number
//     of turns stays inside. A crossing is rounded to the nearest coordinates.
//   - Rings that hold no area, holes outside their shell and polygons wholly
//     inside another polygon are dropped.
//
// A hole that crosses its shell and polygons that overlap in part are kept and
// reported: Region and Cover know what to make of them, others may not.
func Repair(mp orb.MultiPolygon) (orb.MultiPolygon, []string) {
	var m mender
	var out orb.MultiPolygon
	for i, polygon := range mp {
		out = append(out, m.polygon(i, polygon)...)
	}
	return m.dropNested(out), m.notes
}

// mender gathers what there is to say.
type mender struct{ notes []string }

// note adds a remark on a ring, both counted from 1 in what people read.
func (m *mender) note(polygon, ring int, format string, args ...any) {
	m.notes = append(m.notes, fmt.Sprintf("polygon %d, ring %d: ", polygon+1, ring+1)+fmt.Sprintf(format, args...))
}

// mended is a simple ring and what it is for.
type mended struct {
	loop
	ring  int // ordinal of the ring it came from
	hole  bool
	whole bool // all of that ring, not a part
}

// polygon mends one polygon, which may come apart into several or none.
func (m *mender) polygon(i int, polygon orb.Polygon) []orb.Polygon {
	var shells, holes []mended
	for j, ring := range polygon {
		l := m.clean(i, j, ring)
		if l.flat() {
			m.note(i, j, "dropped, it holds no area")
			if j == 0 {
				return nil
			}
			continue
		}
		for _, part := range m.cut(i, j, l) {
			for _, simple := range m.untangle(i, j, part) {
				if simple.hole {
					holes = append(holes, simple)
				} else {
					shells = append(shells, simple)
				}
			}
		}
	}
	return m.assemble(i, shells, holes)
}

// clean returns a ring open, unwrapped, and without points that say nothing.
func (m *mender) clean(i, j int, ring orb.Ring) loop {
	places := make(orb.Ring, 0, len(ring))
	for _, p := range ring {
		if math.Abs(p[0]) <= 540 && math.Abs(p[1]) <= 90 {
			places = append(places, p)
		}
	}
	if lost := len(ring) - len(places); lost > 0 {
		m.note(i, j, "left out %s that are no place on the globe", points(lost))
	}
	if n := len(places); n > 2 && places[0] != places[n-1] {
		m.note(i, j, "closed")
	}
	l := newLoop(places)
	before := len(l.points)
	l = l.withoutRepeats()
	if lost := before - len(l.points); lost > 0 {
		m.note(i, j, "left out %s that repeat the one before", points(lost))
	}
	before = len(l.points)
	l = l.withoutSpikes()
	if lost := before - len(l.points); lost > 0 && len(l.points) > 2 {
		m.note(i, j, "left out %s at the tip of spikes", points(lost))
	}
	return l
}

// points counts points in words.
func points(n int) string {
	if n == 1 {
		return "1 point"
	}
	return fmt.Sprintf("%d points", n)
}

// cut cuts a loop at the antimeridian.
func (m *mender) cut(i, j int, l loop) []loop {
	parts := l.pieces()
	west, east := l.span()
	if west < -180 || east > 180 {
		m.note(i, j, "cut at the antimeridian into %d", len(parts))
	}
	out := parts[:0]
	for _, part := range parts {
		if part = part.withoutRepeats().withoutSpikes(); !part.flat() {
			out = append(out, part)
		}
	}
	return out
}

// untangle takes a loop apart where it meets itself, and tells shells from holes.
func (m *mender) untangle(i, j int, l loop) []mended {
	loops, ok := l.simpleLoops()
	switch {
	case !ok:
		m.note(i, j, "crosses itself in a way that rounding keeps from being taken apart, kept")
	case len(loops) != 1:
		m.note(i, j, "met itself, taken apart into %d", len(loops))
	}
	if len(loops) == 1 {
		return []mended{{loops[0], j, j > 0, true}}
	}
	var out []mended
	for _, part := range loops {
		out = append(out, mended{part, j, (j > 0) != (part.signedArea() < 0), false})
	}
	return out
}

// assemble winds the rings and gives every hole to its shell.
func (m *mender) assemble(i int, shells, holes []mended) []orb.Polygon {
	out := make([]orb.Polygon, len(shells))
	for k, s := range shells {
		out[k] = orb.Polygon{m.wind(i, s)}
	}
	for _, h := range holes {
		home := smallestAround(shells, h.loop)
		for k := 0; home < 0 && k < len(shells); k++ {
			if h.crosses(shells[k].loop) {
				home = k
			}
		}
		if home < 0 {
			m.note(i, h.ring, "dropped, a hole outside its shell")
			continue
		}
		if h.crosses(shells[home].loop) {
			m.note(i, h.ring, "a hole that crosses its shell, kept")
		}
		out[home] = append(out[home], m.wind(i, h))
	}
	return out
}

// smallestAround returns the smallest shell that a hole lies within, or -1.
func smallestAround(shells []mended, hole loop) int {
	home := -1
	for k, s := range shells {
		if hole.within(s.loop) && (home < 0 || math.Abs(s.signedArea()) < math.Abs(shells[home].signedArea())) {
			home = k
		}
	}
	return home
}

// wind returns a ring in the direction RFC 7946 wants. Turning it round is worth
// a note only where it is still the ring that was given.
func (m *mender) wind(i int, r mended) orb.Ring {
	ring := r.loop.ring()
	if (r.signedArea() < 0) != r.hole {
		ring.Reverse()
		if r.whole {
			m.note(i, r.ring, "turned round")
		}
	}
	return ring
}
