package encode

import (
	"fmt"
	"io"
	"math"

	"github.com/paulmach/orb"
)

// maxIndexed is up to how many features FlatGeobuf has an index: it stands
// before the features, so it must be held, 100 bytes a feature while it is made.
const maxIndexed = 1 << 17

// flatMagic is "fgb", the major version 3, "fgb" and the patch level, of which
// some readers know no other.
var flatMagic = []byte{'f', 'g', 'b', 3, 'f', 'g', 'b', 0}

// writeFlatGeobuf writes FlatGeobuf 3.0 (flatgeobuf.org, header.fbs and
// feature.fbs): a header with the columns, an index, features. Ids are the first
// column, no value is no entry. Features have the order of the index; where rows
// are asked for in an order they keep that and there is no index, nor is there
// where a row has no geometry, which a tree cannot find, or beyond maxIndexed. Where
// rows are streamed there is none either, and their number, 0, is not known.
func writeFlatGeobuf(w io.Writer, in *input) error {
	if len(in.Columns) >= math.MaxUint16 {
		return fmt.Errorf("%d columns, of which there may be %d", len(in.Columns), math.MaxUint16-1)
	}
	found := in.survey(in.options.Rows == nil && in.rows.n <= maxIndexed)
	f := newFlatFeatures(found.kind)
	if found.tree != nil {
		found.tree.sort(found.extent)
		offset := uint64(0)
		for i := range found.tree {
			found.tree[i].offset = offset
			offset += uint64(len(f.encode(in.Table, found.tree[i].row)))
		}
	}
	s := newSink(w)
	header, err := flatHeader(in.Table, in.rows.n, found)
	if err != nil {
		return err
	}
	s.buf = append(append(s.buf, flatMagic...), header...)
	if found.tree != nil {
		s.buf = append(s.buf, found.tree.encode()...)
	}
	err = in.each(func(i int, t *Table, row int) error {
		if found.tree != nil {
			row = found.tree[i].row
		}
		s.buf = append(s.buf, f.encode(t, row)...)
		return s.room()
	})
	if err != nil {
		return err
	}
	return s.close()
}

// A flatKind is a type of geometry (GeometryType of header.fbs).
type flatKind byte

const (
	flatUnknown      flatKind = 0 // each feature says its own
	flatPoint        flatKind = 1
	flatPolygon      flatKind = 3
	flatMultiPolygon flatKind = 6
)

// flatKindOf returns the type of a geometry that is drawn; nil has none.
func flatKindOf(g orb.Geometry) flatKind {
	switch g.(type) {
	case orb.Point:
		return flatPoint
	case orb.Polygon:
		return flatPolygon
	case orb.MultiPolygon:
		return flatMultiPolygon
	}
	return flatUnknown
}

// A survey is what the header says of the geometries, which come after it.
type survey struct {
	kind   flatKind
	extent orb.Bound
	some   bool  // has a geometry
	tree   rtree // nil for no index
}

// survey looks through the geometries of rows. Polygons among multipolygons are
// written as such, so that GIS see one type.
func (in *input) survey(index bool) (s survey) {
	t, rows := in.Table, in.rows
	index = index && rows.n > 0
	mixed := false
	for _, row := range rows.all() {
		g := t.drawn(row)
		if g == nil {
			index = false
			continue
		}
		kind, bound := flatKindOf(g), g.Bound()
		switch {
		case !s.some:
			s.kind, s.extent, s.some = kind, bound, true
		case kind == s.kind:
		case kind == flatPoint || s.kind == flatPoint:
			mixed = true
		default:
			s.kind = flatMultiPolygon
		}
		s.extent = s.extent.Union(bound)
		if index {
			s.tree = append(s.tree, leaf{bound: bound, row: row})
		}
	}
	if t.Points {
		s.kind = flatPoint
	}
	if mixed {
		s.kind = flatUnknown
	}
	if !index {
		s.tree = nil
	}
	return s
}
