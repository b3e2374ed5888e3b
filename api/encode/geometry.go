package encode

import "github.com/paulmach/orb"

// appendGeometry appends a GeoJSON geometry (RFC 7946, section 3.1). Outlines of
// communities are always a MultiPolygon, so that a layer has one type of
// geometry. A kind of geometry that is not served is null.
func appendGeometry(b []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		b = append(b, `{"type":"Point","coordinates":`...)
		return append(appendPosition(b, g), '}')
	case orb.Polygon:
		b = append(b, `{"type":"Polygon","coordinates":`...)
		return append(appendPolygon(b, g), '}')
	case orb.MultiPolygon:
		b = append(b, `{"type":"MultiPolygon","coordinates":`...)
		return append(appendPolygons(b, g), '}')
	}
	return append(b, "null"...)
}

// appendCell appends the outline of a cell: a Polygon, or a MultiPolygon where
// the antimeridian cuts it (section 3.1.9).
func appendCell(b []byte, outline orb.MultiPolygon) []byte {
	switch len(outline) {
	case 0:
		return append(b, "null"...)
	case 1:
		return appendGeometry(b, outline[0])
	}
	return appendGeometry(b, outline)
}

func appendPolygons(b []byte, polygons orb.MultiPolygon) []byte {
	b = append(b, '[')
	for i, p := range polygons {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendPolygon(b, p)
	}
	return append(b, ']')
}

func appendPolygon(b []byte, polygon orb.Polygon) []byte {
	b = append(b, '[')
	for i, ring := range polygon {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRing(b, ring, i == 0)
	}
	return append(b, ']')
}

// appendRing appends a ring closed, an exterior one counter-clockwise and a hole
// clockwise (section 3.1.6), whichever way it was given.
func appendRing(b []byte, ring orb.Ring, exterior bool) []byte {
	n := len(ring)
	if n > 1 && ring[0] == ring[n-1] {
		n--
	}
	turned := turn(ring[:n])
	reverse := turned > 0 != exterior && turned != 0
	b = append(b, '[')
	for i := range n {
		at := i
		if reverse {
			at = (n - i) % n
		}
		b = append(appendPosition(b, ring[at]), ',')
	}
	if n > 0 {
		b = appendPosition(b, ring[0])
	}
	return append(b, ']')
}

// turn returns twice the area of an open ring in square degrees, positive when
// it runs counter-clockwise. Differences from the first point keep small rings
// exact enough.
func turn(ring orb.Ring) float64 {
	var sum float64
	for i := 2; i < len(ring); i++ {
		o, p, q := ring[0], ring[i-1], ring[i]
		sum += (p[0]-o[0])*(q[1]-o[1]) - (p[1]-o[1])*(q[0]-o[0])
	}
	return sum
}

// appendPosition appends two coordinates; a place that is none is null, which no
// outline of a store holds.
func appendPosition(b []byte, p orb.Point) []byte {
	if !isPlace(p) {
		return append(b, "null"...)
	}
	b = appendCoordinate(append(b, '['), p[0])
	b = appendCoordinate(append(b, ','), p[1])
	return append(b, ']')
}
