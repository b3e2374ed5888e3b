package encode

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A Table is rows with columns and shapes, ready to be written. It is immutable
// once made, and safe for concurrent use.
type Table struct {
	Name, Title string
	Columns     []analytics.Column
	// Cells are the rows where they are H3 cells; then IDs and Shapes are nil.
	Cells []geo.Cell
	// IDs name the rows.
	IDs []string
	// Shapes are the geometries of the rows, nil for a row without one.
	Shapes []orb.Geometry
	// Begin and End bound when each row is in force, half open, where rows have
	// such bounds; the zero time means without bound.
	Begin, End []time.Time
	// Points is set where every geometry is a point, which is found out from the rows
	// otherwise.
	Points bool
	// Event is the column of when each row happened, where rows are events. It need
	// not be one of Columns.
	Event *analytics.Column
	// Layer is what the rows were made of, nil for plain features.
	Layer *analytics.Layer

	view  View
	boxes sync.Once
	bound []orb.Bound // of each row
}

// TableOf returns the rows of a layer. It shares the layer's memory.
func TableOf(layer *analytics.Layer) *Table {
	t := &Table{Name: layer.Name, Title: layer.Title, Columns: layer.Columns, Layer: layer}
	if layer.Frame.Unit.IsCells() {
		t.Cells = layer.Frame.Cells
		return t
	}
	for _, c := range layer.Frame.Communities {
		t.IDs = append(t.IDs, c.Code)
		t.Shapes = append(t.Shapes, shapeOf(c.Outline))
	}
	return t
}

// shapeOf keeps an outline without parts from becoming an empty geometry.
func shapeOf(outline orb.MultiPolygon) orb.Geometry {
	if len(outline) == 0 {
		return nil
	}
	return outline
}

// Len returns the number of rows.
func (t *Table) Len() int {
	if t.Cells != nil {
		return len(t.Cells)
	}
	return len(t.IDs)
}

// ID returns the name of a row: the cell's number in hexadecimal, the
// community's code.
func (t *Table) ID(row int) string {
	if t.Cells != nil {
		return t.Cells[row].String()
	}
	return t.IDs[row]
}

// Find returns the row of that name.
func (t *Table) Find(id string) (int, bool) {
	if t.Cells != nil {
		cell, err := geo.ParseCell(id)
		if err != nil || cell.String() != id {
			return 0, false
		}
		return slices.BinarySearch(t.Cells, cell)
	}
	row := slices.Index(t.IDs, id)
	return row, row >= 0
}

// Shape returns the geometry of a row in the coordinate system of the table's view,
// nil where it has none.
func (t *Table) Shape(row int) orb.Geometry {
	switch {
	case t.view.Bare:
		return nil
	case t.Cells != nil:
		return t.view.turned(t.Cells[row].Boundary())
	case t.Shapes == nil:
		return nil
	}
	return t.view.turned(t.Shapes[row])
}

// centre returns a point that stands for a row in formats without shapes: the
// centre of a cell, or the point itself.
func (t *Table) centre(row int) (orb.Point, bool) {
	switch {
	case t.view.Bare:
		return orb.Point{}, false
	case t.Cells != nil:
		return t.Cells[row].Centre(), true
	case t.Shapes == nil:
		return orb.Point{}, false
	}
	p, ok := t.Shapes[row].(orb.Point)
	return p, ok
}

// column returns the named column, if there is one.
func (t *Table) column(name string) (analytics.Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return analytics.Column{}, false
}

// Communities returns communities as rows.
func Communities(name, title string, communities []data.Community) *Table {
	t := &Table{Name: name, Title: title, IDs: []string{}}
	b := newColumns(DescribeCommunities())
	for _, c := range communities {
		t.IDs = append(t.IDs, c.Code)
		t.Shapes = append(t.Shapes, shapeOf(c.Outline))
		t.Begin, t.End = append(t.Begin, c.ValidFrom), append(t.End, c.ValidTo)
		for i, word := range []string{
			c.Code, string(c.Level), c.Parent, c.Names.In(""), c.Names["en"], c.Names["zh-Hans"], c.Names["zh-Hant"],
			c.Responsible, day(c.ValidFrom), day(c.ValidTo),
		} {
			b.word(i, word)
		}
		b.int(10, c.Population, c.HasPopulation)
	}
	t.Columns = b.columns
	return t
}

// DescribeCommunities describes the columns of [Communities].
func DescribeCommunities() []analytics.Column {
	words := []analytics.Column{
		{Name: "code", Title: "Code"},
		{Name: "level", Title: "Level", Doc: "city, district, street, community or unit_grid."},
		{Name: "parent", Title: "Parent", Doc: "Code of the area above."},
		{Name: "name", Title: "Name"},
		{Name: "name_en", Title: "Name in English"},
		{Name: "name_zh_hans", Title: "Name in simplified Chinese"},
		{Name: "name_zh_hant", Title: "Name in traditional Chinese"},
		{Name: "responsible", Title: "Responsible", Doc: "The unit that answers for the area."},
		{Name: "valid_from", Title: "In force from"},
		{Name: "valid_to", Title: "In force until"},
	}
	for i := range words {
		words[i].Type = analytics.WordColumn
	}
	return append(words, analytics.Column{Name: "population", Type: analytics.IntColumn, Title: "Inhabitants", Unit: "persons"})
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strings.TrimSuffix(t.UTC().Format(time.RFC3339), "T00:00:00Z")
}

// A columns value fills columns row by row.
type columns struct{ columns []analytics.Column }

func newColumns(described []analytics.Column) *columns { return &columns{described} }

// word appends to column i; "" is no value.
func (b *columns) word(i int, s string) {
	c := &b.columns[i]
	c.Words, c.Valid = append(c.Words, s), append(c.Valid, s != "")
}

func (b *columns) int(i int, n int64, ok bool) {
	c := &b.columns[i]
	c.Ints, c.Valid = append(c.Ints, n), append(c.Valid, ok)
}

func (b *columns) float(i int, x float64, ok bool) {
	c := &b.columns[i]
	c.Floats, c.Valid = append(c.Floats, x), append(c.Valid, ok)
}
