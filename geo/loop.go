package geo

import (
	"slices"

	"github.com/paulmach/orb"
)

// edgeTo returns the ends of the edge that leads to point i.
func (l loop) edgeTo(i int) (a, b orb.Point) {
	return l.points[(i+len(l.points)-1)%len(l.points)], l.points[i]
}

// sideOf tells on which side of a loop a point lies, exactly, by the even-odd rule.
func (l loop) sideOf(p orb.Point) side {
	odd := false
	for i := range l.points {
		a, b := l.edgeTo(i)
		if min(a[1], b[1]) > p[1] || max(a[1], b[1]) < p[1] {
			continue
		}
		turn := orient(a, b, p)
		if turn == 0 && between(a, b, p) {
			return border
		}
		if (a[1] > p[1]) != (b[1] > p[1]) && (turn > 0) == (b[1] > a[1]) {
			odd = !odd
		}
	}
	if odd {
		return inside
	}
	return outside
}

// within reports whether l lies inside another loop that it does not cross: the
// first of its corners that is not on the border of the other decides, or else
// the first middle of an edge, or else a point inside l.
func (l loop) within(other loop) bool {
	for _, p := range l.points {
		if s := other.sideOf(p); s != border {
			return s == inside
		}
	}
	for i := range l.points {
		a, b := l.edgeTo(i)
		if s := other.sideOf(orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}); s != border {
			return s == inside
		}
	}
	return other.sideOf(l.middle()) == inside
}

// middle returns a point inside the loop, by the even-odd rule: half-way along
// the longest of the stretches that a parallel between two corners has inside.
func (l loop) middle() orb.Point {
	lats := make([]float64, len(l.points))
	for i, p := range l.points {
		lats[i] = p[1]
	}
	slices.Sort(lats)
	lat, gap := lats[0], 0.0
	for i := 1; i < len(lats); i++ {
		if d := lats[i] - lats[i-1]; d > gap {
			lat, gap = lats[i-1]+d/2, d
		}
	}
	var lons []float64
	for i := range l.points {
		if a, b := l.edgeTo(i); (a[1] > lat) != (b[1] > lat) {
			lons = append(lons, a[0]+(lat-a[1])/(b[1]-a[1])*(b[0]-a[0]))
		}
	}
	slices.Sort(lons)
	best, width := l.points[0][0], 0.0
	for i := 1; i < len(lons); i += 2 {
		if d := lons[i] - lons[i-1]; d > width {
			best, width = lons[i-1]+d/2, d
		}
	}
	return orb.Point{best, lat}
}

// withoutRepeats returns l without points that repeat the one before.
func (l loop) withoutRepeats() loop {
	var out loop
	for i := range l.points {
		if a, b := l.edgeTo(i); a != b || len(l.points) == 1 {
			out.add(b, l.seam[i])
		}
	}
	return out
}

// withoutSpikes returns l without the points where it turns straight back, and
// without repeats.
func (l loop) withoutSpikes() loop {
	for {
		var out loop
		n := len(l.points)
		for i, p := range l.points {
			before, _ := l.edgeTo(i)
			if len(out.points) > 0 {
				before = out.points[len(out.points)-1]
			}
			if before != p && !turnsBack(before, p, l.points[(i+1)%n]) {
				out.add(p, l.seam[i])
			}
		}
		if len(out.points) == n {
			return out
		}
		l = out
	}
}

// turnsBack reports whether the way a→b→c doubles back on itself at b.
func turnsBack(a, b, c orb.Point) bool {
	return (b[0]-a[0])*(c[0]-b[0])+(b[1]-a[1])*(c[1]-b[1]) < 0 && orient(a, b, c) == 0
}
