package encode

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// drawn returns the geometry of a row as formats that are not text write it: a
// Point, a Polygon or a MultiPolygon, of which rings are closed, exterior ones
// counter-clockwise and holes clockwise, as in GeoJSON. A cell is a Polygon, or
// a MultiPolygon where the antimeridian cuts it. nil stands for a row without
// geometry, for a kind that is not served, and for a place that is none.
func (t *Table) drawn(row int) orb.Geometry {
	shape := t.Shape(row)
	if outline, ok := shape.(orb.MultiPolygon); ok && t.Cells != nil { // as it should be already
		switch len(outline) {
		case 0:
			return nil
		case 1:
			return outline[0]
		}
		return outline
	}
	switch g := shape.(type) {
	case orb.Point:
		if isPlace(g) {
			return g
		}
	case orb.Polygon:
		if p := drawPolygon(g); p != nil {
			return p
		}
	case orb.MultiPolygon:
		if parts := drawPolygons(g); len(parts) > 0 {
			return parts
		}
	}
	return nil
}

// isPlace reports whether a point is one in some coordinate system.
func isPlace(p orb.Point) bool {
	return math.Abs(p[0]) < maxCoordinate && math.Abs(p[1]) < maxCoordinate
}

// drawPolygons returns nil where a part cannot be drawn: half a community is
// none.
func drawPolygons(polygons orb.MultiPolygon) orb.MultiPolygon {
	parts := make(orb.MultiPolygon, len(polygons))
	for i, p := range polygons {
		if parts[i] = drawPolygon(p); parts[i] == nil {
			return nil
		}
	}
	return parts
}

func drawPolygon(polygon orb.Polygon) orb.Polygon {
	if len(polygon) == 0 {
		return nil
	}
	rings := make(orb.Polygon, len(polygon))
	for i, ring := range polygon {
		if len(ring) == 0 || slices.ContainsFunc(ring, func(p orb.Point) bool { return !isPlace(p) }) {
			return nil
		}
		rings[i] = drawRing(ring, i == 0)
	}
	return rings
}

// drawRing returns a ring closed and turned like [appendRing] writes it. A ring
// that is so already is shared.
func drawRing(ring orb.Ring, exterior bool) orb.Ring {
	open := ring
	if n := len(ring); n > 1 && ring[0] == ring[n-1] {
		open = ring[:n-1]
	}
	turned := turn(open)
	reverse := turned > 0 != exterior && turned != 0
	if !reverse && len(open) < len(ring) {
		return ring
	}
	drawn := append(slices.Clone(open), open[0])
	if reverse {
		slices.Reverse(drawn)
	}
	return drawn
}

// freeName returns a name for a column that no other column has, whatever the
// case of its letters: the one that is wanted, or that with underscores.
func (t *Table) freeName(want string) string {
	for _, c := range t.Columns {
		if strings.EqualFold(c.Name, want) {
			return t.freeName(want + "_")
		}
	}
	return want
}

// idColumn is the name of the column of ids, in formats that have no other place
// for them.
const idColumn = "id"

// utf8Text returns s with U+FFFD for every byte that is no UTF-8, as in JSON.
func utf8Text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}
