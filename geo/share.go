package geo

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Shares returns what share of the area of each cell lies in the region, from 0
// to 1: areal weights (Goodchild and Lam 1980, Geo-Processing 1:297-312). They
// are those of the exact intersection, both outlines straight in longitude and
// latitude and measured as AreaOf measures; only where no border comes near are
// they 0 or 1 without looking. Areas on either side of a border add up to the
// whole cell.
//
// Cells are ascending and of one resolution, or it is an error, as it is when the
// border passes through more than limit of them; the latter is a
// *TooManyCellsError. Where polygons of the region overlap (see Repair), what
// they share counts for each of them, up to 1.
func (g *Region) Shares(cells []Cell, limit int64) ([]float64, error) {
	shares := make([]float64, len(cells))
	if len(cells) == 0 || g.Empty() {
		return shares, nil
	}
	if err := checkAscending(cells); err != nil {
		return nil, fmt.Errorf("shares: %w", err)
	}
	rim, err := g.Rim(cells[0].Resolution(), limit)
	if err != nil {
		return nil, err
	}
	var near []carving
	for i, c := range cells {
		if _, ok := slices.BinarySearch(rim, c); ok {
			near = append(near, newCarving(c, &shares[i]))
		} else if g.Contains(c.centre()) {
			shares[i] = 1
		}
	}
	carve(near, g.areas())
	return shares, nil
}

// checkAscending checks that cells are valid, ascend and are of one resolution.
func checkAscending(cells []Cell) error {
	for i, c := range cells {
		switch {
		case !c.Valid():
			return fmt.Errorf("cell %q at position %d: %w", c, i, ErrNoCell)
		case i > 0 && cells[i-1] >= c:
			return fmt.Errorf("cell %q at position %d does not ascend", c, i)
		case c.Resolution() != cells[0].Resolution():
			return fmt.Errorf("cell %q at position %d is of another resolution than the first", c, i)
		}
	}
	return nil
}

// A carving is a cell of which a region takes a share.
type carving struct {
	shape []loop
	bound orb.Bound
	share *float64
}

func newCarving(c Cell, share *float64) carving {
	k := carving{shape: c.shape(), share: share}
	for i, part := range k.shape {
		if bound := orb.MultiPoint(part.points).Bound(); i == 0 {
			k.bound = bound
		} else {
			k.bound = k.bound.Union(bound)
		}
	}
	return k
}

// An area is what is left of a ring.
type area struct {
	loop
	role ringRole
}

// areas returns the rings of the region, cuts included.
func (g *Region) areas() []area {
	all := make([]area, len(g.rings))
	for i, role := range g.rings {
		all[i].role = role
	}
	for _, e := range g.edges {
		all[e.ring].add(e.b, e.seam)
	}
	return all
}

// carve finds the share of every cell. Cells that follow each other lie together,
// so that halves of the list see less and less of the outline.
func carve(cells []carving, outline []area) {
	if len(cells) == 0 {
		return
	}
	bound := cells[0].bound
	for _, c := range cells[1:] {
		bound = bound.Union(c.bound)
	}
	outline = cutTo(boxOf(bound), outline)
	if len(outline) == 0 {
		return // shares are 0 from the start
	}
	if len(cells) > 1 {
		carve(cells[:len(cells)/2], outline)
		carve(cells[len(cells)/2:], outline)
		return
	}
	var whole, taken float64
	for _, part := range cells[0].shape {
		// A loop is the sum of the triangles from its first corner over its edges,
		// those that run clockwise taken off: so it need not be convex.
		for i := 2; i < len(part.points); i++ {
			triangle := loop{points: []orb.Point{part.points[0], part.points[i-1], part.points[i]}}
			sign := 1.0
			if triangle.signedArea() < 0 {
				sign = -1
				triangle.points[1], triangle.points[2] = triangle.points[2], triangle.points[1]
			}
			whole += sign * math.Abs(triangle.steradians())
			for _, a := range cutTo(triangle, outline) {
				taken += sign * a.role.signed(a.steradians())
			}
		}
	}
	if whole != 0 {
		*cells[0].share = roundedOff(taken / whole)
	}
}

// roundedOff returns a share without what rounding adds to none and takes from all.
func roundedOff(share float64) float64 {
	const rounding = 1e-9
	switch {
	case share < rounding:
		return 0
	case share > 1-rounding:
		return 1
	}
	return share
}

// boxOf returns a box as a loop, counter-clockwise.
func boxOf(b orb.Bound) loop {
	return loop{points: []orb.Point{b.Min, {b.Max[0], b.Min[1]}, b.Max, {b.Min[0], b.Max[1]}}}
}

// cutTo returns what of an outline lies in a convex, counter-clockwise loop
// (Sutherland and Hodgman 1974, Commun. ACM 17:32-42). Parts of a ring stay joined
// by ways along the loop that take no area.
func cutTo(convex loop, outline []area) []area {
	var left []area
	for _, a := range outline {
		for i := range convex.points {
			if from, to := convex.edgeTo(i); from != to {
				a.loop = a.leftOf(from, to)
			}
		}
		if len(a.points) > 2 {
			left = append(left, a)
		}
	}
	return left
}

// leftOf returns the part of a loop to the left of the line from a to b.
func (l loop) leftOf(a, b orb.Point) loop {
	beside := func(p orb.Point) float64 { return (b[0]-a[0])*(p[1]-a[1]) - (b[1]-a[1])*(p[0]-a[0]) }
	out := loop{points: make([]orb.Point, 0, len(l.points))}
	for i := range l.points {
		p, q := l.edgeTo(i)
		at, to := beside(p), beside(q)
		if (at >= 0) != (to >= 0) {
			t := at / (at - to)
			out.points = append(out.points, orb.Point{p[0] + t*(q[0]-p[0]), p[1] + t*(q[1]-p[1])})
		}
		if to >= 0 {
			out.points = append(out.points, q)
		}
	}
	return out
}
