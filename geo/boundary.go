package geo

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"
)

// Centre returns the centre of the cell as longitude and latitude in degrees.
// It lies in the cell. NoCell, or a cell that is not valid, gives the zero point.
func (c Cell) Centre() orb.Point {
	if !c.Valid() {
		return orb.Point{}
	}
	return c.centre()
}

// centre is Centre for a cell known to be valid.
func (c Cell) centre() orb.Point {
	p, err := h3.CellToLatLng(h3.Cell(c))
	if err != nil {
		panic("BUG: no centre of cell " + c.String())
	}
	return orb.Point{p.Lng, p.Lat}
}

// Boundary returns the outline of the cell in degrees, ready for GeoJSON (RFC
// 7946): rings are closed and run counter-clockwise, and a cell across the
// antimeridian is cut into one polygon on each side of it (section 3.1.9). A
// hexagon has six corners, or more where it crosses an edge of the icosahedron;
// a pentagon has five or ten. The two cells that hold the poles run along their
// pole from -180 to 180. NoCell, or a cell that is not valid, gives nil.
//
// The true edges of a cell are great-circle-like; between the corners the
// outline runs straight in longitude and latitude.
func (c Cell) Boundary() orb.MultiPolygon {
	if !c.Valid() {
		return nil
	}
	var mp orb.MultiPolygon
	for _, part := range newLoop(c.corners()).pieces() {
		ring := part.ring()
		if part.signedArea() < 0 {
			ring.Reverse()
		}
		mp = append(mp, orb.Polygon{ring})
	}
	return mp
}

// corners returns the corners of a cell known to be valid, counter-clockwise
// and open.
func (c Cell) corners() orb.Ring {
	b, err := h3.CellToBoundary(h3.Cell(c))
	if err != nil {
		panic("BUG: no boundary of cell " + c.String())
	}
	ring := make(orb.Ring, len(b), len(b)+1)
	for i, p := range b {
		ring[i] = orb.Point{p.Lng, p.Lat}
	}
	return ring
}

// shape returns the parts of a valid cell within ±180, its edges bent along the
// great circle by chords so short that they leave it by no more than a
// hundred-thousandth of the cell, at coarse resolutions a few thousandths.
func (c Cell) shape() []loop {
	corners := c.corners()
	chords := 1
	for r := c.Resolution(); r < 7 && chords < 32; r++ {
		chords *= 2
	}
	if chords > 1 {
		corners = bend(corners, chords)
	}
	return newLoop(corners).pieces()
}

// bend divides every edge of an open ring along its great circle.
func bend(ring orb.Ring, chords int) orb.Ring {
	out := make(orb.Ring, 0, len(ring)*chords)
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		ax, ay, az := unitVector(a)
		bx, by, bz := unitVector(b)
		out = append(out, a)
		for k := 1; k < chords; k++ {
			t := float64(k) / float64(chords)
			x, y, z := ax+t*(bx-ax), ay+t*(by-ay), az+t*(bz-az)
			out = append(out, orb.Point{degrees(math.Atan2(y, x)), degrees(math.Atan2(z, math.Hypot(x, y)))})
		}
	}
	return out
}

// unitVector returns p on the unit sphere.
func unitVector(p orb.Point) (x, y, z float64) {
	sinLat, cosLat := math.Sincos(radians(p[1]))
	sinLon, cosLon := math.Sincos(radians(p[0]))
	return cosLat * cosLon, cosLat * sinLon, sinLat
}
