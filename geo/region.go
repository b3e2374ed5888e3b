package geo

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// ErrOutline says that an outline holds a coordinate that is not a place.
var ErrOutline = errors.New("not an outline")

// edge is one straight piece of an outline in longitude and latitude.
type edge struct {
	a, b orb.Point
	ring int32 // ordinal in Region.rings
	seam bool  // made by the cut at the antimeridian: counts for inside, is no border
}

// Region is an area made ready for exact questions about points. It is safe for
// concurrent use and does not change.
//
// Edges are straight in longitude and latitude (RFC 7946, section 3.1.1). The
// parts of a multipolygon are united: a point is in the region when it is in at
// least one of them. Within a ring the even-odd rule holds, so that the winding
// does not matter. The border belongs to the region, that of holes too
// (ST_Covers of the Simple Features).
type Region struct {
	rings   []ringRole
	edges   []edge // of all rings, one after the other
	bound   orb.Bound
	first   float64 // latitude where the first band begins
	scale   float64 // bands per degree
	starts  []int32 // where each band begins in banded; one more than bands
	banded  []edge  // the edges that reach into each band, in the order of edges
	borders Metres  // length of the border
}

// ringRole says what a ring is for.
type ringRole struct {
	polygon int32
	hole    bool
}

// NewRegion makes an outline ready. Rings may be open or closed, and may cross
// the antimeridian: an edge of more than 180° of longitude goes the short way,
// except one of exactly 360°, which is a whole parallel. A ring once round the
// globe holds the pole nearer to it. Rings that hold no area are left out; an
// outline without any other gives an empty region. The error wraps ErrOutline
// when a coordinate is not finite, or lies beyond ±540 or ±90.
func NewRegion(outline orb.MultiPolygon) (*Region, error) {
	g := &Region{bound: orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}}
	for i, polygon := range outline {
		for j, ring := range polygon {
			if err := checkRing(ring); err != nil {
				return nil, fmt.Errorf("polygon %d, ring %d: %w", i+1, j+1, err)
			}
			l := newLoop(ring)
			if l.flat() {
				if j == 0 {
					break
				}
				continue
			}
			for _, part := range l.pieces() {
				g.addLoop(part, ringRole{int32(i), j > 0})
			}
		}
	}
	g.buildBands()
	return g, nil
}

// checkRing looks at every coordinate of a ring.
func checkRing(ring orb.Ring) error {
	for _, p := range ring {
		if !(math.Abs(p[0]) <= 540 && math.Abs(p[1]) <= 90) {
			return fmt.Errorf("longitude %v, latitude %v: %w", p[0], p[1], ErrOutline)
		}
	}
	return nil
}

// addLoop appends the edges of one loop.
func (g *Region) addLoop(l loop, role ringRole) {
	ring := int32(len(g.rings))
	g.rings = append(g.rings, role)
	n := len(l.points)
	for i, b := range l.points {
		a := l.points[(i+n-1)%n]
		if a == b {
			continue
		}
		g.edges = append(g.edges, edge{a, b, ring, l.seam[i]})
		g.bound = g.bound.Extend(b)
		if !l.seam[i] {
			g.borders += Metres(edgeMetres(a, b))
		}
	}
}

// edgeMetres returns at least the length of an edge that is straight in
// longitude and latitude.
func edgeMetres(a, b orb.Point) float64 {
	near := min(math.Abs(a[1]), math.Abs(b[1]))
	if a[1]*b[1] < 0 {
		near = 0
	}
	east := (b[0] - a[0]) * math.Cos(radians(near))
	return radians(math.Hypot(east, b[1]-a[1])) * float64(EarthRadius)
}

// Bands are cut so that one holds few edges, but long edges do not fill memory.
const (
	edgesPerBand = 2
	maxBands     = 1 << 16
	maxCopies    = 12 // of an edge, on average
)

// buildBands cuts the region into bands of latitude and copies into each the
// edges that reach into it.
func (g *Region) buildBands() {
	bands := min(max(len(g.edges)/edgesPerBand, 1), maxBands)
	for !g.tryBands(bands) {
		bands /= 2
	}
	g.banded = make([]edge, g.starts[len(g.starts)-1])
	fill := slices.Clone(g.starts)
	for _, e := range g.edges {
		for b, last := g.bandsOf(e); b <= last; b++ {
			g.banded[fill[b]] = e
			fill[b]++
		}
	}
}

// tryBands sets up a number of bands, unless that would copy edges too often.
func (g *Region) tryBands(bands int) bool {
	g.first, g.scale = g.bound.Min[1], 0
	if height := g.bound.Max[1] - g.first; height > 0 && !math.IsInf(float64(bands)/height, 0) {
		g.scale = float64(bands) / height
	}
	g.starts = make([]int32, bands+1)
	copies := 0
	for _, e := range g.edges {
		b, last := g.bandsOf(e)
		if copies += last - b + 1; bands > 1 && copies > maxCopies*len(g.edges) {
			return false
		}
		for ; b <= last; b++ {
			g.starts[b+1]++
		}
	}
	for b := range bands {
		g.starts[b+1] += g.starts[b]
	}
	return true
}

// band returns the band that holds a latitude. It never falls as the latitude
// rises, so that an edge is found in every band it reaches.
func (g *Region) band(lat float64) int {
	return int(min(max((lat-g.first)*g.scale, 0), float64(len(g.starts)-2)))
}

// bandsOf returns the first and last band an edge reaches into.
func (g *Region) bandsOf(e edge) (first, last int) {
	return g.band(min(e.a[1], e.b[1])), g.band(max(e.a[1], e.b[1]))
}

// Empty reports whether the region holds no area at all.
func (g *Region) Empty() bool { return len(g.edges) == 0 }

// Bound returns the box around the region, within ±180; a region across the
// antimeridian spans it all. Of an empty region it is an empty box.
func (g *Region) Bound() orb.Bound { return g.bound }

// Contains reports whether p, in degrees, lies in the region or on its border.
// The answer is exact: no rounding error can put a point on the wrong side of
// an edge. On the antimeridian both of its sides are asked. A point that is not
// finite or not on the globe is in no region.
func (g *Region) Contains(p orb.Point) bool {
	if g.contains(p) {
		return true
	}
	if math.Abs(p[0]) == 180 {
		return g.contains(orb.Point{-p[0], p[1]})
	}
	return false
}

// contains is Contains on one side of the antimeridian.
func (g *Region) contains(p orb.Point) bool {
	if !(p[0] >= g.bound.Min[0] && p[0] <= g.bound.Max[0] && p[1] >= g.bound.Min[1] && p[1] <= g.bound.Max[1]) {
		return false
	}
	band := g.band(p[1])
	edges := g.banded[g.starts[band]:g.starts[band+1]]
	polygon, covered := int32(-1), false // covered by the shell of polygon, and by no hole so far
	for i := 0; i < len(edges); {
		ring := edges[i].ring
		where, next := sideOfRing(edges, i, p)
		i = next
		role := g.rings[ring]
		if role.polygon != polygon {
			if covered {
				return true
			}
			polygon = role.polygon
		}
		switch {
		case !role.hole && where != outside:
			covered = true
		case role.hole && where == inside:
			covered = false
		}
	}
	return covered
}

// side says where a point lies with regard to a ring.
type side int

const (
	outside side = iota
	border
	inside
)

// sideOfRing tells the side of p for the ring that edges[i] begins, by the
// crossings of a ray eastwards (Jordan), and returns where the next ring begins.
func sideOfRing(edges []edge, i int, p orb.Point) (side, int) {
	ring, odd, on := edges[i].ring, false, false
	for ; i < len(edges) && edges[i].ring == ring; i++ {
		e := &edges[i]
		if (e.a[1] > p[1]) == (e.b[1] > p[1]) {
			if !e.seam && max(e.a[1], e.b[1]) == p[1] {
				on = on || p == e.a || p == e.b || e.a[1] == e.b[1] && between(e.a, e.b, p)
			}
			continue
		}
		if p[0] < e.a[0] && p[0] < e.b[0] {
			odd = !odd
			continue
		}
		if p[0] > e.a[0] && p[0] > e.b[0] {
			continue
		}
		turn := orient(e.a, e.b, p)
		switch {
		case turn == 0 && !e.seam:
			on = true
		case turn == 0, (turn > 0) == (e.b[1] > e.a[1]):
			odd = !odd
		}
	}
	switch {
	case on:
		return border, i
	case odd:
		return inside, i
	}
	return outside, i
}
