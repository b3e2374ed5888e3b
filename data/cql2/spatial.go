package cql2

import (
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// Geometry says how spatial functions reach the shapes of rows.
type Geometry struct {
	// Name is what the property is called.
	Name string
	// Column is one that has a value in the rows that have a shape, and in no other.
	Column string
	// Point turns a pair of coordinates as it is written into longitude and
	// latitude. Nil means that it is that.
	Point func(orb.Point) (orb.Point, error)
	// Relate returns the condition of rows whose shape lies so to that of a probe.
	Relate func(geo.Relation, *geo.Probe) data.Condition
}

// spatial compares two shapes by a spatial function.
type spatial struct {
	place
	op          geo.Relation
	left, right node
}

// outline is a geometry as it is written: a point, a line, a polygon, several of one of
// these, or a collection.
type outline struct {
	place
	geometry orb.Geometry
}

// box is BBOX(west, south, east, north).
type box struct {
	place
	sides [4]float64
}

func isSpatial(op string) bool { return slices.Contains(geo.Relations(), geo.Relation(op)) }

// spatialNames are the spatial functions, for people.
func spatialNames() string {
	names := make([]string, 0, len(geo.Relations()))
	for _, r := range geo.Relations() {
		names = append(names, strings.ToUpper(string(r)))
	}
	return strings.Join(names, ", ")
}

// spatial compares shapes (21-065r2, section 7.8): one is that of the rows, the
// other is written in the condition.
func (c *compiler) spatial(n spatial) (verdict, error) {
	if c.geometry == nil {
		return verdict{}, fault(n, "there are no shapes here")
	}
	p, ok := n.left.(property)
	other, op := n.right, n.op
	if !ok {
		p, ok = n.right.(property)
		other, op = n.left, n.op.Inverse()
	}
	switch _, both := other.(property); {
	case !ok || both:
		return verdict{}, fault(n, "one side of a spatial function is the property %s, the other a geometry", c.geometry.Name)
	case p.name != c.geometry.Name:
		return verdict{}, fault(p, "the property is no geometry; that is %s", c.geometry.Name)
	}
	written, err := c.located(other)
	if err != nil {
		return verdict{}, err
	}
	probe, err := geo.NewProbe(written)
	if err != nil {
		return verdict{}, fault(other, "%v", err)
	}
	return asked(c.geometry.Relate(op, probe), c.geometry.Column), nil
}

// located returns the geometry of an operand in longitude and latitude.
func (c *compiler) located(n node) (orb.Geometry, error) {
	var written orb.Geometry
	switch n := n.(type) {
	case outline:
		written = n.geometry
	case box:
		return c.locatedBox(n)
	default:
		return nil, fault(n, "a geometry is wanted such as POINT(114.05 22.54), a POLYGON or a BBOX")
	}
	turned, err := project(written, c.point)
	if err != nil {
		return nil, fault(n, "%v", err)
	}
	return turned, nil
}

func (c *compiler) point(p orb.Point) (orb.Point, error) {
	if c.geometry.Point == nil {
		return p, nil
	}
	return c.geometry.Point(p)
}

// locatedBox makes a geometry of a box. One whose west is greater than its east
// crosses the antimeridian (RFC 7946, section 5.2).
func (c *compiler) locatedBox(n box) (orb.Geometry, error) {
	low, err := c.point(orb.Point{n.sides[0], n.sides[1]})
	if err != nil {
		return nil, fault(n, "%v", err)
	}
	high, err := c.point(orb.Point{n.sides[2], n.sides[3]})
	switch {
	case err != nil:
		return nil, fault(n, "%v", err)
	case low[1] > high[1]:
		return nil, fault(n, "south is greater than north")
	case low[0] > high[0] && low[0] >= 180:
		low[0] = -180
	case low[0] > high[0] && high[0] <= -180:
		high[0] = 180
	case low[0] > high[0] && low[1] == high[1]:
		return orb.MultiLineString{{low, {180, low[1]}}, {{-180, low[1]}, high}}, nil
	case low[0] > high[0]:
		return orb.MultiPolygon{
			orb.Bound{Min: low, Max: orb.Point{180, high[1]}}.ToPolygon(),
			orb.Bound{Min: orb.Point{-180, low[1]}, Max: high}.ToPolygon(),
		}, nil
	}
	switch {
	case low == high:
		return low, nil
	case low[0] == high[0] || low[1] == high[1]:
		return orb.LineString{low, high}, nil
	}
	return orb.Bound{Min: low, Max: high}.ToPolygon(), nil
}

// project applies a function to every point of a geometry, which it copies.
func project(g orb.Geometry, turn func(orb.Point) (orb.Point, error)) (orb.Geometry, error) {
	g = orb.Clone(g)
	var failed error
	each := func(points []orb.Point) {
		for i, p := range points {
			turned, err := turn(p)
			if err != nil && failed == nil {
				failed = err
			}
			points[i] = turned
		}
	}
	var visit func(orb.Geometry) orb.Geometry
	visit = func(g orb.Geometry) orb.Geometry {
		switch g := g.(type) {
		case orb.Point:
			one := []orb.Point{g}
			each(one)
			return one[0]
		case orb.MultiPoint:
			each(g)
		case orb.LineString:
			each(g)
		case orb.MultiLineString:
			for _, line := range g {
				each(line)
			}
		case orb.Polygon:
			for _, ring := range g {
				each(ring)
			}
		case orb.MultiPolygon:
			for _, polygon := range g {
				visit(polygon)
			}
		case orb.Collection:
			for i := range g {
				g[i] = visit(g[i])
			}
		}
		return g
	}
	g = visit(g)
	return g, failed
}
