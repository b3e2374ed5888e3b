package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// A Box is a rectangle in degrees. West greater than east means that it runs
// across the antimeridian (RFC 7946, section 5.2). It may be a line or a point.
type Box struct{ West, South, East, North float64 }

// sliver is what a box without width or height is widened by on each side, in
// degrees: a tenth of a millimetre, so that it has an inside.
const sliver = 1e-9

// Outline returns the box as an outline for NewRegion: corners at the most a
// quarter turn apart, since longer edges would go the short way round.
func (b Box) Outline() orb.MultiPolygon {
	west, east := b.West, b.East
	if west > east {
		east += 360
	}
	south, north := b.South, b.North
	if west == east {
		west, east = west-sliver, east+sliver
	}
	if south == north {
		south, north = max(south-sliver, -90), min(north+sliver, 90)
	}
	parts := max(1, int(math.Ceil((east-west)/90)))
	ring := make(orb.Ring, 0, 2*parts+3)
	for i := range parts + 1 {
		ring = append(ring, orb.Point{west + (east-west)*float64(i)/float64(parts), south})
	}
	for i := parts; i >= 0; i-- {
		ring = append(ring, orb.Point{ring[i][0], north})
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

// Box returns the box around the outline of the cell, as Boundary draws it: of one
// across the antimeridian it runs across it, and that of a cell which holds a pole
// goes all around. NoCell, or a cell that is not valid, gives the zero Box.
func (c Cell) Box() Box {
	outline := c.Boundary()
	if len(outline) == 0 {
		return Box{}
	}
	b := outline.Bound()
	box := Box{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
	if len(outline) == 1 || box.North == 90 || box.South == -90 {
		return box
	}
	for _, part := range outline {
		if side := part.Bound(); side.Max[0] == 180 {
			box.West = side.Min[0]
		} else {
			box.East = side.Max[0]
		}
	}
	return box
}

// Meets reports whether the region and the cell have any point in common: whether
// the cell is one of a cover by Overlap. A cell that is not valid has none.
func (g *Region) Meets(c Cell) bool {
	if !c.Valid() {
		return false
	}
	for _, part := range c.shape() {
		if g.meets(part) {
			return true
		}
	}
	return false
}
