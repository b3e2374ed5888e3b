package encode

import (
	"slices"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
)

// A View says how rows are shown other than as they are.
type View struct {
	// Columns are the names of the columns that are shown. Nil means all.
	Columns []string
	// Bare leaves out geometries: every row has none.
	Bare bool
	// Turn takes longitude and latitude on WGS 84 to the coordinates of geometries. Nil
	// leaves them.
	Turn func(orb.Point) orb.Point
	// Datum names the shifted datum, such as gcj02, that Turn takes them to, "" for
	// everything else.
	Datum string
}

// Show returns the rows of a table in a view. It shares the memory of the table.
func (t *Table) Show(v View) *Table {
	shown := &Table{
		Name: t.Name, Title: t.Title, Columns: t.Columns, Cells: t.Cells, IDs: t.IDs, Shapes: t.Shapes,
		Begin: t.Begin, End: t.End, Points: t.Points, Event: t.Event, Layer: t.Layer, view: v,
	}
	if v.Columns != nil {
		shown.Columns = slices.DeleteFunc(slices.Clone(t.Columns), func(c analytics.Column) bool { return !slices.Contains(v.Columns, c.Name) })
	}
	return shown
}

// Stored reports whether geometries are longitude and latitude on WGS 84.
func (v View) Stored() bool { return v.Turn == nil }

// turned returns a geometry in the coordinate system of the view.
func (v View) turned(g orb.Geometry) orb.Geometry {
	if v.Turn == nil || g == nil {
		return g
	}
	each := func(points []orb.Point) {
		for i, p := range points {
			points[i] = v.Turn(p)
		}
	}
	switch g := orb.Clone(g).(type) {
	case orb.Point:
		return v.Turn(g)
	case orb.Polygon:
		for _, ring := range g {
			each(ring)
		}
		return g
	case orb.MultiPolygon:
		for _, polygon := range g {
			for _, ring := range polygon {
				each(ring)
			}
		}
		return g
	default:
		panic("BUG: rows have points and areas")
	}
}
