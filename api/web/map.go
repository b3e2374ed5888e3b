package web

import (
	"fmt"
	"html"
	"io"
	"slices"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// A Map says what is drawn.
type Map struct {
	Layer     *analytics.Layer
	Hierarchy *data.Hierarchy
	Lang      string
	// Select is the id of a row to mark; "" for none.
	Select string
	// Link returns the address of a row. Nil draws rows without links.
	Link func(id string) string
}

// The drawing's size in pixels, at which its text is meant to be read.
const (
	mapWidth  = 960
	mapHeight = 640
	// maxLinked is the most rows that are drawn one by one, with a link and
	// their name, within the page; more are drawn class by class, which is a fifth of
	// the bytes, as a picture of its own.
	maxLinked = 900
)

// colours of what is no data.
const (
	groundColour = "#e9edf1"
	lineColour   = "#46536b"
	markColour   = "#111827"
	inkColour    = "#1b2433"
	quietColour  = "#4b586b"
)

const fontFamily = `system-ui,'Noto Sans','Noto Sans CJK SC','Noto Sans CJK TC','PingFang SC','Microsoft YaHei',sans-serif`

// A drawing gathers the parts of a map.
type drawing struct {
	Map
	words  *words
	frame  frame
	shapes []orb.MultiPolygon // of the rows
	names  *names
	buf    []byte
	// placeless is set where no row has a place, so that there is no map to draw.
	placeless bool
}

// placeless reports whether a frame has rows, and none of them an outline.
func placeless(f *analytics.Frame) bool {
	drawn := func(c data.Community) bool { return len(c.Outline) > 0 }
	return !f.Unit.IsCells() && len(f.Communities) > 0 && !slices.ContainsFunc(f.Communities, drawn)
}

func newDrawing(m Map) *drawing {
	d := &drawing{Map: m, words: languages()[Language(m.Lang, "")]}
	for _, c := range m.Layer.Frame.Cells {
		d.shapes = append(d.shapes, c.Boundary())
	}
	for _, c := range m.Layer.Frame.Communities {
		d.shapes = append(d.shapes, c.Outline)
	}
	d.placeless = placeless(m.Layer.Frame)
	d.names = newNames(m.Layer, m.Hierarchy, d.words)
	box, wrap := d.extent()
	d.frame = newFrame(box, wrap, mapWidth, mapHeight)
	return d
}

// extent returns the box of all rows. Where they reach to both sides of the
// antimeridian, longitudes count from 0 to 360.
func (d *drawing) extent() (box orb.Bound, wrap bool) {
	box, east := orb.MultiPolygon{}.Bound(), orb.MultiPolygon{}.Bound()
	for _, shape := range d.shapes {
		b := shape.Bound()
		if b.IsEmpty() {
			continue
		}
		box = box.Union(b)
		if b.Max[0] <= 0 {
			b.Min[0], b.Max[0] = b.Min[0]+360, b.Max[0]+360
		}
		if b.Max[0]-b.Min[0] < 180 {
			east = east.Union(b)
		}
	}
	if box.Max[0]-box.Min[0] > 180 && !east.IsEmpty() && east.Max[0]-east.Min[0] < box.Max[0]-box.Min[0] {
		return east, true
	}
	return box, false
}

func (d *drawing) printf(format string, args ...any) { d.buf = fmt.Appendf(d.buf, format, args...) }

// esc makes text safe in markup.
func esc(s string) string { return html.EscapeString(s) }

// area draws the map proper: ground, rows by class, boundaries, mark, names and
// scale bar.
func (d *drawing) area() {
	d.printf(`<rect width="%g" height="%g" fill="%s"/>`, d.frame.width, d.frame.height, groundColour)
	if d.placeless {
		d.printf(`<text data-testid="placeless" x="%g" y="%g" font-size="%d" text-anchor="middle" fill="%s">%s</text>`,
			d.frame.width/2, d.frame.height/2, 16*unitsPerPixel, quietColour, esc(d.words.Must("placeless")))
		return
	}
	classes, rest := d.rowsByClass()
	linked := d.Link != nil && d.Layer.Frame.Len() <= maxLinked
	for i, class := range d.Layer.Legend.Classes {
		d.class(class, classes[i], linked)
	}
	if len(rest) > 0 {
		d.class(analytics.Class{Key: analytics.NoData, Color: "#d9d9d9"}, rest, linked)
	}
	d.boundaries()
	d.mark()
	d.scale()
}

// rowsByClass returns the rows of each class of the legend, and those of none.
func (d *drawing) rowsByClass() (classes [][]int, rest []int) {
	legend := d.Layer.Legend
	classes = make([][]int, len(legend.Classes))
	column, ok := d.Layer.Column(legend.Column)
	for row := range d.Layer.Frame.Len() {
		i := -1
		if ok {
			i = legend.Of(column, row)
		}
		if i < 0 {
			rest = append(rest, row)
		} else {
			classes[i] = append(classes[i], row)
		}
	}
	return classes, rest
}

// hatched returns the key of the class that says that there is too little data:
// the one for too few facts where a legend has it, else the one for none.
func hatched(legend analytics.Legend) string {
	for _, class := range legend.Classes {
		if class.Key == api.Insufficient {
			return api.Insufficient
		}
	}
	return analytics.NoData
}

func (d *drawing) class(class analytics.Class, rows []int, linked bool) {
	fill := safeColour(class.Color)
	d.printf("\n"+`<g data-class="%s" fill="%s" stroke="#ffffff" stroke-width="%d" stroke-opacity="0.55" stroke-linejoin="round">`,
		esc(class.Key), fill, strokeOf(len(rows)))
	if linked {
		for _, row := range rows {
			d.linkedRow(row)
		}
	} else if len(rows) > 0 {
		d.buf = append(d.buf, `<path d="`...)
		for _, row := range rows {
			d.buf = d.frame.path(d.buf, d.shapes[row])
		}
		d.buf = append(d.buf, `"/>`...)
	}
	d.buf = append(d.buf, "</g>"...)
	if class.Key == hatched(d.Layer.Legend) && len(rows) > 0 {
		d.hatch(rows)
	}
}

// strokeOf thins the lines between rows when there are many.
func strokeOf(rows int) int {
	if rows > 4*maxLinked {
		return unitsPerPixel * 4 / 10
	}
	return unitsPerPixel * 8 / 10
}

func (d *drawing) linkedRow(row int) {
	id := d.Layer.Frame.ID(row)
	d.printf(`<a href="%s"><path data-row="%s" d="`, esc(d.Link(id)), esc(id))
	d.buf = d.frame.path(d.buf, d.shapes[row])
	d.printf(`"><title>%s</title></path></a>`, esc(d.names.tip(row)))
}

// hatch lays thin lines over rows that have too little data; the colour of the
// class shows between them.
func (d *drawing) hatch(rows []int) {
	d.buf = append(d.buf, `<path fill="url(#hatch)" pointer-events="none" d="`...)
	for _, row := range rows {
		d.buf = d.frame.path(d.buf, d.shapes[row])
	}
	d.buf = append(d.buf, `"/>`...)
}

// hatchPattern is the definition that hatch uses.
const hatchPattern = `<pattern id="hatch" width="60" height="60" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
	`<line x1="0" y1="0" x2="0" y2="60" stroke="#aab2bd" stroke-width="11"/></pattern>`

// safeColour lets colours of the form #rrggbb through and nothing else.
func safeColour(c string) string {
	if len(c) != len("#rrggbb") || c[0] != '#' {
		return "#d9d9d9"
	}
	for _, r := range c[1:] {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') && (r < 'A' || r > 'F') {
			return "#d9d9d9"
		}
	}
	return c
}

// mark draws a line around the selected row.
func (d *drawing) mark() {
	row, ok := d.Layer.Frame.RowOf(d.Select)
	if !ok {
		return
	}
	d.printf("\n"+`<path data-testid="selected" data-row="%s" fill="none" stroke="%s" stroke-width="%d" stroke-linejoin="round" d="`,
		esc(d.Select), markColour, 3*unitsPerPixel)
	d.buf = append(d.frame.path(d.buf, d.shapes[row]), `"/>`...)
}

// WriteBare writes the map alone, as a picture that stands in a page.
func (m Map) WriteBare(w io.Writer) error {
	m.Link = nil
	d := newDrawing(m)
	d.inline(` xmlns="http://www.w3.org/2000/svg"`)
	_, err := w.Write(d.buf)
	return err
}

// inline draws the map alone, to stand in a page, with more attributes of its element.
func (d *drawing) inline(attributes string) {
	d.printf(`<svg%s class="map" data-testid="map" viewBox="0 0 %g %g" role="img" aria-label="%s" font-family="%s">`,
		attributes, d.frame.width, d.frame.height, esc(d.title()), fontFamily)
	d.printf("<title>%s</title><defs>%s</defs>", esc(d.title()), hatchPattern)
	d.area()
	d.printf("\n</svg>\n")
}

// title says what the map shows.
func (d *drawing) title() string { return d.names.heading() }
