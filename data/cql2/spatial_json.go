package cql2

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// member returns a member of an object.
func (v value) member(name string) (value, bool) {
	at := slices.Index(v.keys, name)
	if at < 0 {
		return value{}, false
	}
	return v.items[at], true
}

// outline makes a geometry of a GeoJSON object (RFC 7946, section 3.1).
func (v value) outline() (node, error) {
	count := 0
	g, err := v.geometry(&count)
	return outline{place(v.at), g}, err
}

func (v value) geometry(count *int) (orb.Geometry, error) {
	kind, _ := v.member("type")
	name, ok := kind.scalar.(string)
	if !ok {
		return nil, v.fault("the type of a geometry is text")
	}
	if name == "GeometryCollection" {
		return v.collection(count)
	}
	at, ok := v.member("coordinates")
	if !ok {
		return nil, v.fault("a geometry has coordinates")
	}
	switch name {
	case "Point":
		return at.point(count)
	case "LineString":
		points, err := at.points(count)
		return orb.LineString(points), err
	case "MultiPoint":
		points, err := at.points(count)
		return orb.MultiPoint(points), err
	case "Polygon":
		return at.polygon(count)
	case "MultiLineString":
		return each(at, func(v value) (orb.LineString, error) { return v.points(count) }, func(l []orb.LineString) orb.Geometry { return orb.MultiLineString(l) })
	case "MultiPolygon":
		return each(at, func(v value) (orb.Polygon, error) { return v.polygon(count) }, func(l []orb.Polygon) orb.Geometry { return orb.MultiPolygon(l) })
	}
	return nil, kind.fault("there is no such type of geometry")
}

func (v value) collection(count *int) (orb.Geometry, error) {
	parts, ok := v.member("geometries")
	if !ok {
		return nil, v.fault("a collection has geometries")
	}
	return each(parts, func(v value) (orb.Geometry, error) { return v.geometry(count) }, func(l []orb.Geometry) orb.Geometry { return orb.Collection(l) })
}

// each makes a geometry of a list.
func each[T any](v value, read func(value) (T, error), all func([]T) orb.Geometry) (orb.Geometry, error) {
	if v.kind != '[' || len(v.items) == 0 {
		return nil, v.fault("a list is wanted")
	}
	parts := make([]T, len(v.items))
	for i, item := range v.items {
		var err error
		if parts[i], err = read(item); err != nil {
			return nil, err
		}
	}
	return all(parts), nil
}

func (v value) polygon(count *int) (orb.Polygon, error) {
	if v.kind != '[' || len(v.items) == 0 {
		return nil, v.fault("a list of rings is wanted")
	}
	polygon := make(orb.Polygon, len(v.items))
	for i, item := range v.items {
		ring, err := item.points(count)
		if err != nil {
			return nil, err
		}
		polygon[i] = ring
	}
	return polygon, nil
}

func (v value) points(count *int) ([]orb.Point, error) {
	if v.kind != '[' || len(v.items) == 0 {
		return nil, v.fault("a list of positions is wanted")
	}
	points := make([]orb.Point, len(v.items))
	for i, item := range v.items {
		var err error
		if points[i], err = item.point(count); err != nil {
			return nil, err
		}
	}
	return points, nil
}

// point reads a position; a height does not count.
func (v value) point(count *int) (at orb.Point, err error) {
	if *count++; *count > maxVertices {
		return at, v.fault("there are too many points")
	}
	numbers, err := v.numbers()
	if err != nil {
		return at, err
	}
	if len(numbers) != 2 && len(numbers) != 3 {
		return at, v.fault("a position is two numbers, or three with a height")
	}
	return orb.Point{numbers[0], numbers[1]}, nil
}

// numbers reads a list of coordinates.
func (v value) numbers() ([]float64, error) {
	if v.kind != '[' {
		return nil, v.fault("a list of numbers is wanted")
	}
	numbers := make([]float64, len(v.items))
	for i, item := range v.items {
		s, ok := item.scalar.(json.Number)
		if !ok {
			return nil, item.fault("a number is wanted")
		}
		x, err := s.Float64()
		if err != nil || math.Abs(x) > maxCoordinate {
			return nil, item.fault("the coordinate is out of range")
		}
		numbers[i] = x
	}
	return numbers, nil
}

// box makes a box of its numbers.
func (v value) box(inner value) (node, error) {
	numbers, err := inner.numbers()
	if err != nil {
		return nil, err
	}
	sides, ok := boxOf(numbers)
	if !ok {
		return nil, inner.fault("west, south, east and north are wanted, or six numbers with heights")
	}
	return box{place(v.at), sides}, nil
}

// encodedShape returns what encoding/json writes for a geometry.
func encodedShape(g orb.Geometry) any { return geojson.NewGeometry(g) }
