package geo

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// loop is a ring without its closing point, unwrapped: longitudes run on past
// ±180 instead of jumping. seam[i] marks the edge that leads to point i as ours,
// made by a cut, and no border of the area.
type loop struct {
	points []orb.Point
	seam   []bool
}

// newLoop unwraps a ring, open or closed. An edge of more than 180° of longitude
// goes the short way round, except one of exactly 360°, which is a whole
// parallel. A ring that goes once round the globe holds a pole, the nearer to
// its mean latitude, and is led there and back along a meridian.
func newLoop(ring orb.Ring) loop {
	if n := len(ring); n > 1 && ring[0] == ring[n-1] {
		ring = ring[:n-1]
	}
	var l loop
	if len(ring) == 0 {
		return l
	}
	at, lat := ring[0][0], 0.0
	for i, p := range ring {
		if i > 0 {
			at += shortWay(p[0] - ring[i-1][0])
			at = p[0] + 360*math.Round((at-p[0])/360) // the digits as given
		}
		l.add(orb.Point{at, p[1]}, false)
		lat += p[1]
	}
	end := at + shortWay(ring[0][0]-ring[len(ring)-1][0])
	if math.Abs(end-ring[0][0]) > 180 {
		pole := math.Copysign(90, lat)
		l.add(orb.Point{end, ring[0][1]}, false)
		l.add(orb.Point{end, pole}, true)
		l.add(orb.Point{ring[0][0], pole}, true)
		l.seam[0] = true
	}
	return l
}

// add appends a point and says whether the edge that leads to it is a seam.
func (l *loop) add(p orb.Point, seam bool) {
	l.points = append(l.points, p)
	l.seam = append(l.seam, seam)
}

// span returns the least and greatest longitude.
func (l loop) span() (west, east float64) {
	west, east = math.Inf(1), math.Inf(-1)
	for _, p := range l.points {
		west, east = min(west, p[0]), max(east, p[0])
	}
	return west, east
}

// pieces cuts l at the antimeridian into parts that lie within ±180.
func (l loop) pieces() []loop {
	west, east := l.span()
	if west >= -180 && east <= 180 {
		return []loop{l}
	}
	var out []loop
	for turn := math.Floor((west + 180) / 360); turn*360-180 < east; turn++ {
		part := l.clip(turn*360-180, 1).clip(turn*360+180, -1)
		for i := range part.points {
			part.points[i][0] -= turn * 360
		}
		if len(part.points) >= 3 {
			out = append(out, part)
		}
	}
	return out
}

// clip returns the part of l east of the meridian x when side is 1, or west of
// it when side is -1 (Sutherland and Hodgman 1974). A loop that comes back more
// than once keeps its lobes joined along the meridian, by seams.
func (l loop) clip(x, side float64) loop {
	var out loop
	n := len(l.points)
	for i, q := range l.points {
		p := l.points[(i+n-1)%n]
		pIn, qIn := side*(p[0]-x) >= 0, side*(q[0]-x) >= 0
		if pIn != qIn {
			t := (x - p[0]) / (q[0] - p[0])
			out.add(orb.Point{x, p[1] + t*(q[1]-p[1])}, qIn || l.seam[i])
		}
		if qIn {
			out.add(q, l.seam[i])
		}
	}
	return out
}

// signedArea returns twice the area in square degrees, positive when
// counter-clockwise. Differences from the first point keep small rings exact
// enough to tell their winding.
func (l loop) signedArea() float64 {
	var sum float64
	for i := 2; i < len(l.points); i++ {
		o, p, q := l.points[0], l.points[i-1], l.points[i]
		sum += (p[0]-o[0])*(q[1]-o[1]) - (p[1]-o[1])*(q[0]-o[0])
	}
	return sum
}

// flat reports whether all points lie on one line, so that l holds no area.
func (l loop) flat() bool {
	if len(l.points) < 3 {
		return true
	}
	a := l.points[0]
	far := slices.IndexFunc(l.points, func(p orb.Point) bool { return p != a })
	if far < 0 {
		return true
	}
	for _, p := range l.points[far+1:] {
		if orient(a, l.points[far], p) != 0 {
			return false
		}
	}
	return true
}

// ring returns l as a closed ring, without points that repeat the one before.
func (l loop) ring() orb.Ring {
	ring := slices.Compact(append(orb.Ring{}, l.points...))
	if len(ring) > 0 && ring[0] != ring[len(ring)-1] {
		ring = append(ring, ring[0])
	}
	return ring
}
