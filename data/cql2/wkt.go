package cql2

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/civgrid/civgrid/geo"
)

// maxVertices is the most points of all geometries of a condition together.
const maxVertices = 10_000

// maxCoordinate bounds coordinates: the Earth is less around in metres.
const maxCoordinate = 1e9

// geometryNames are the words that geometries in text begin with.
var geometryNames = []string{"point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection"}

// spatialFunction reads a spatial function of two operands.
func (p *parser) spatialFunction() (node, error) {
	at, op := p.token.at, lower(p.token.value)
	if err := p.openBracket(); err != nil {
		return nil, err
	}
	left, err := p.operand("a property or a geometry")
	if err != nil {
		return nil, err
	}
	if err := p.comma(); err != nil {
		return nil, err
	}
	right, err := p.operand("a property or a geometry")
	if err != nil {
		return nil, err
	}
	return spatial{place(at), geo.Relation(op), left, right}, p.leave("a closing bracket")
}

func (p *parser) comma() error {
	if !p.token.isSymbol(",") {
		return p.unexpected("a comma")
	}
	return p.advance()
}

// box reads BBOX(…) of four numbers, or of six of which the heights do not count.
func (p *parser) box() (node, error) {
	at := p.token.at
	if err := p.openBracket(); err != nil {
		return nil, err
	}
	var numbers []float64
	for {
		x, err := p.coordinate()
		if err != nil {
			return nil, err
		}
		if numbers = append(numbers, x); !p.token.isSymbol(",") || len(numbers) == 6 {
			break
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	sides, ok := boxOf(numbers)
	if !ok {
		return nil, p.unexpected("west, south, east and north, or six numbers with heights,")
	}
	return box{place(at), sides}, p.leave("a closing bracket")
}

func boxOf(numbers []float64) (sides [4]float64, ok bool) {
	switch len(numbers) {
	case 4:
		return [4]float64(numbers), true
	case 6:
		return [4]float64{numbers[0], numbers[1], numbers[3], numbers[4]}, true
	}
	return sides, false
}

// geometry reads a geometry, its name being the next token (annex B, rule
// geomLiteral).
func (p *parser) geometry() (node, error) {
	at := p.token.at
	g, err := p.shapeOf(lower(p.token.value))
	return outline{place(at), g}, err
}

func (p *parser) shapeOf(called string) (g orb.Geometry, err error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	switch called {
	case "point":
		points, err := p.points()
		if err == nil && len(points) != 1 {
			err = p.unexpected("one point")
		}
		if err != nil {
			return nil, err
		}
		return points[0], nil
	case "linestring":
		points, err := p.points()
		return orb.LineString(points), err
	case "multipoint":
		points, err := p.points()
		return orb.MultiPoint(points), err
	case "polygon":
		return p.rings()
	case "multilinestring":
		lines, err := list(p, p.points)
		all := make(orb.MultiLineString, len(lines))
		for i, line := range lines {
			all[i] = line
		}
		return all, err
	case "multipolygon":
		polygons, err := list(p, p.rings)
		return orb.MultiPolygon(polygons), err
	}
	parts, err := list(p, func() (orb.Geometry, error) {
		if p.token.kind != name || !isGeometry(lower(p.token.value)) {
			return nil, p.unexpected("a geometry")
		}
		return p.shapeOf(lower(p.token.value))
	})
	return orb.Collection(parts), err
}

func isGeometry(called string) bool {
	return slices.Contains(geometryNames, called)
}

// list reads parts in brackets, parted by commas.
func list[T any](p *parser, read func() (T, error)) (parts []T, err error) {
	if !p.token.isSymbol("(") {
		return nil, p.unexpected("an opening bracket")
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	for {
		part, err := read()
		if err != nil {
			return nil, err
		}
		if parts = append(parts, part); !p.token.isSymbol(",") {
			return parts, p.leave("a comma or a closing bracket")
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
}

func (p *parser) rings() (orb.Polygon, error) {
	rings, err := list(p, p.points)
	polygon := make(orb.Polygon, len(rings))
	for i, ring := range rings {
		polygon[i] = ring
	}
	return polygon, err
}

// points reads points in brackets, each of which may have brackets of its own.
func (p *parser) points() ([]orb.Point, error) {
	return list(p, func() (orb.Point, error) {
		if !p.token.isSymbol("(") {
			return p.point()
		}
		if err := p.enter(); err != nil {
			return orb.Point{}, err
		}
		at, err := p.point()
		if err != nil {
			return at, err
		}
		return at, p.leave("a closing bracket")
	})
}

// point reads two coordinates, and a height that does not count.
func (p *parser) point() (at orb.Point, err error) {
	if p.vertices++; p.vertices > maxVertices {
		return at, p.faultHere("more than %d points", maxVertices)
	}
	for i := range at {
		if at[i], err = p.coordinate(); err != nil {
			return at, err
		}
	}
	if p.token.kind == numeral || p.token.isSymbol("+", "-") {
		_, err = p.coordinate()
	}
	return at, err
}

func (p *parser) coordinate() (float64, error) {
	at := p.token.at
	n, err := p.number("a coordinate")
	if err != nil {
		return 0, err
	}
	x := n.(number).value.float()
	if math.Abs(x) > maxCoordinate {
		return 0, p.fault(at, p.at, "the coordinate is out of range")
	}
	return x, nil
}

// shapeText writes a geometry as the text encoding has it.
func shapeText(g orb.Geometry) string { return wkt.MarshalString(g) }

func boxText(b box) string {
	sides := make([]string, len(b.sides))
	for i, x := range b.sides {
		sides[i] = strconv.FormatFloat(x, 'f', -1, 64)
	}
	return "BBOX(" + strings.Join(sides, ", ") + ")"
}
