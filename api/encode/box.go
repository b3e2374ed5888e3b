package encode

import (
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

// parts returns a box as one or two rectangles within ±180.
func parts(b geo.Box) []orb.Bound {
	rectangle := func(west, east float64) orb.Bound {
		return orb.Bound{Min: orb.Point{west, b.South}, Max: orb.Point{east, b.North}}
	}
	if b.West > b.East {
		return []orb.Bound{rectangle(b.West, 180), rectangle(-180, b.East)}
	}
	return []orb.Bound{rectangle(b.West, b.East)}
}

// In reports whether the row's own geometry, not only its envelope, has a point
// in common with the box (OGC API - Features Part 1, 17-069r4, requirement 24
// /req/core/fc-bbox-response). A row without geometry has none.
func (t *Table) In(row int, box geo.Box) bool {
	bound := t.bounds()[row]
	for _, part := range parts(box) {
		if !bound.Intersects(part) {
			continue
		}
		shape := t.Shape(row)
		switch g := shape.(type) {
		case orb.Point:
			if part.Contains(g) {
				return true
			}
		case orb.Polygon:
			if meets(g, part) {
				return true
			}
		case orb.MultiPolygon:
			for _, polygon := range g {
				if meets(polygon, part) {
					return true
				}
			}
		}
	}
	return false
}

// bounds returns the envelope of each row, made once: an empty one, which meets
// nothing, for a row without geometry.
func (t *Table) bounds() []orb.Bound {
	t.boxes.Do(func() {
		t.bound = make([]orb.Bound, t.Len())
		for row := range t.bound {
			if shape := t.Shape(row); shape != nil {
				t.bound[row] = shape.Bound()
			} else {
				t.bound[row] = orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{-1, -1}}
			}
		}
	})
	return t.bound
}

// meets reports whether a polygon and a rectangle have a point in common: an
// edge of the polygon touches the rectangle, or the polygon holds all of it.
func meets(polygon orb.Polygon, box orb.Bound) bool {
	if len(polygon) == 0 || !polygon[0].Bound().Intersects(box) {
		return false
	}
	inside := false
	for _, ring := range polygon {
		for i := range len(ring) - 1 {
			a, b := ring[i], ring[i+1]
			if touches(a, b, box) {
				return true
			}
			if left(a, b, box.Min) {
				inside = !inside
			}
		}
	}
	return inside
}

// left reports whether the edge ab crosses the ray that runs from p to the east
// (the even-odd rule; Haines 1994, "Point in Polygon Strategies").
func left(a, b, p orb.Point) bool {
	if (a[1] > p[1]) == (b[1] > p[1]) {
		return false
	}
	return p[0] < a[0]+(p[1]-a[1])/(b[1]-a[1])*(b[0]-a[0])
}

// touches reports whether the segment ab has a point in the rectangle (Liang
// and Barsky 1984).
func touches(a, b orb.Point, box orb.Bound) bool {
	enter, leave := 0.0, 1.0
	for axis := range 2 {
		d := b[axis] - a[axis]
		low, high := box.Min[axis]-a[axis], box.Max[axis]-a[axis]
		if d == 0 {
			if low > 0 || high < 0 {
				return false
			}
			continue
		}
		t0, t1 := low/d, high/d
		if t0 > t1 {
			t0, t1 = t1, t0
		}
		enter, leave = max(enter, t0), min(leave, t1)
	}
	return enter <= leave
}
