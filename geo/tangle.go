package geo

import (
	"slices"

	"github.com/paulmach/orb"
)

// untangleRounds bounds how often crossings are looked for again, since a
// rounded crossing can make a new one.
const untangleRounds = 6

// simpleLoops takes a loop apart where it meets itself, by the even-odd rule:
// shells come counter-clockwise, holes clockwise. A loop that does not meet
// itself comes back as it is. ok is false, and the loop comes back as it is,
// when rounding kept making new crossings.
func (l loop) simpleLoops() (loops []loop, ok bool) {
	at, met := l, false
	for range untangleRounds {
		noded, meets, grew := at.noded()
		if met = met || meets; !met {
			return []loop{l}, true
		}
		if !grew {
			return newDrawing(at.points).loops(), true
		}
		at = noded
	}
	return []loop{l}, false
}

// noded returns l with a point wherever two of its edges meet. meets says
// whether any do, other than one edge after another at their common end; grew,
// whether that took new points.
func (l loop) noded() (out loop, meets, grew bool) {
	extra := make([][]orb.Point, len(l.points))
	n := len(l.points)
	on := func(i int, p orb.Point) { // p lies on edge i
		if a, b := l.edgeTo(i); p != a && p != b && orient(a, b, p) == 0 && between(a, b, p) {
			extra[i] = append(extra[i], p)
			grew = true
		}
	}
	meetings(l, l, func(i, j int) {
		if j <= i || j == i+1 || i == 0 && j == n-1 { // neighbours share an end
			return
		}
		a, b := l.edgeTo(i)
		p, q := l.edgeTo(j)
		switch cross(a, b, p, q) {
		case proper:
			at := meetingPoint(a, b, p, q)
			extra[i], extra[j] = append(extra[i], at), append(extra[j], at)
			meets, grew = true, true
		case touch:
			on(i, p)
			on(i, q)
			on(j, a)
			on(j, b)
			meets = true
		}
	})
	for i := range l.points {
		a, b := l.edgeTo(i)
		slices.SortFunc(extra[i], func(p, q orb.Point) int { return sign(squared(a, p) - squared(a, q)) })
		for _, p := range extra[i] {
			out.add(p, false)
		}
		out.add(b, false)
	}
	return out.withoutRepeats(), meets, grew
}

// squared returns the squared distance in degrees.
func squared(p, q orb.Point) float64 {
	return (p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1])
}

// meetingPoint returns where two crossing edges meet, rounded.
func meetingPoint(a, b, p, q orb.Point) orb.Point {
	dx, dy := b[0]-a[0], b[1]-a[1]
	ex, ey := q[0]-p[0], q[1]-p[1]
	t := ((p[0]-a[0])*ey - (p[1]-a[1])*ex) / (dx*ey - dy*ex)
	if !(t >= 0 && t <= 1) {
		t = 0.5 // nearly parallel edges: any common point will do
	}
	return orb.Point{a[0] + t*dx, a[1] + t*dy}
}

// crosses reports whether two loops properly cross.
func (l loop) crosses(other loop) bool {
	found := false
	meetings(l, other, func(i, j int) {
		if !found {
			a, b := l.edgeTo(i)
			p, q := other.edgeTo(j)
			found = cross(a, b, p, q) == proper
		}
	})
	return found
}

// meetings calls visit once with every pair of an edge of l and one of other
// whose boxes meet.
func meetings(l, other loop, visit func(i, j int)) {
	if len(l.points) == 0 || len(other.points) == 0 {
		return
	}
	bands := newBandIndex(other)
	for i := range l.points {
		a, b := l.edgeTo(i)
		first, last := bands.of(a, b)
		for band := first; band <= last; band++ {
			for _, j := range bands.edges[bands.starts[band]:bands.starts[band+1]] {
				p, q := other.edgeTo(int(j))
				if begin, _ := bands.of(p, q); band != max(first, begin) {
					continue // seen in an earlier band
				}
				if min(a[0], b[0]) <= max(p[0], q[0]) && min(p[0], q[0]) <= max(a[0], b[0]) {
					visit(i, int(j))
				}
			}
		}
	}
}

// bandIndex lists the edges of a loop by bands of latitude.
type bandIndex struct {
	south, scale float64
	starts       []int32
	edges        []int32
}

// newBandIndex cuts a loop into about half as many bands as it has edges, or
// fewer where edges are long.
func newBandIndex(l loop) bandIndex {
	bound := orb.MultiPoint(l.points).Bound()
	x := bandIndex{south: bound.Min[1]}
	for bands := len(l.points)/edgesPerBand + 1; ; bands /= 2 {
		x.starts = make([]int32, bands+1)
		if x.scale = 0; bound.Max[1] > bound.Min[1] {
			x.scale = float64(bands) / (bound.Max[1] - bound.Min[1])
		}
		copies := 0
		for i := range l.points {
			first, last := x.of(l.edgeTo(i))
			for b := first; b <= last; b++ {
				x.starts[b+1]++
			}
			copies += last - first + 1
		}
		if bands == 1 || copies <= maxCopies*len(l.points) {
			break
		}
	}
	for b := 1; b < len(x.starts); b++ {
		x.starts[b] += x.starts[b-1]
	}
	x.edges = make([]int32, x.starts[len(x.starts)-1])
	fill := slices.Clone(x.starts)
	for i := range l.points {
		first, last := x.of(l.edgeTo(i))
		for b := first; b <= last; b++ {
			x.edges[fill[b]] = int32(i)
			fill[b]++
		}
	}
	return x
}

// of returns the first and last band an edge reaches into, as far as there are
// bands.
func (x bandIndex) of(a, b orb.Point) (first, last int) {
	band := func(lat float64) int {
		return int(min(max((lat-x.south)*x.scale, 0), float64(len(x.starts)-2)))
	}
	return band(min(a[1], b[1])), band(max(a[1], b[1]))
}
