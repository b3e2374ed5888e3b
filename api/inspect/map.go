package inspect

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// Measures of the map, in its own units, which are fine enough to be whole.
const (
	mapWidth   = 4000
	maxHeight  = 4800
	minHeight  = 2400
	maxDrawn   = 400 // areas of a level that are drawn
	maxLabels  = 40
	miniScale  = 3.2 // of the map on a card by the cell
	labelSize  = 120
	numberSize = 150
)

// A frame maps degrees to the units of a drawing: plate carrée with its standard
// parallel in the middle, which keeps shapes at the size of a walk. Longitudes count from
// half a turn west of the middle, so that a walk may cross the antimeridian.
type frame struct {
	middle         float64 // longitude
	West, North    float64 // of the corner, degrees
	PerLon, PerLat float64 // units per degree
	Height         float64
}

func newFrame(points []orb.Point) frame {
	f := frame{middle: points[0][0]}
	b := orb.Bound{Min: points[0], Max: points[0]}
	for _, p := range points {
		b = b.Extend(orb.Point{f.near(p[0]), p[1]})
	}
	narrow := math.Max(math.Cos((b.Min[1]+b.Max[1])/2*math.Pi/180), 0.01)
	const least = 0.008 // degrees, under a kilometre
	lon, lat := math.Max((b.Max[0]-b.Min[0])*narrow, least)*1.12, math.Max(b.Max[1]-b.Min[1], least)*1.12
	f.Height = math.Round(math.Min(math.Max(mapWidth*lat/lon, minHeight), maxHeight))
	f.PerLat = math.Min(mapWidth/lon, f.Height/lat)
	f.PerLon = f.PerLat * narrow
	f.West = (b.Min[0]+b.Max[0])/2 - mapWidth/2/f.PerLon
	f.North = (b.Min[1]+b.Max[1])/2 + f.Height/2/f.PerLat
	return f
}

// near returns a longitude as it counts in the drawing.
func (f frame) near(lon float64) float64 {
	return f.middle + math.Remainder(lon-f.middle, 360)
}

func (f frame) at(p orb.Point) (x, y int) {
	return int(math.Round((f.near(p[0]) - f.West) * f.PerLon)), int(math.Round((f.North - p[1]) * f.PerLat))
}

// back returns the point that is drawn at a place.
func (f frame) back(x, y int) orb.Point {
	return orb.Point{math.Remainder(f.West+float64(x)/f.PerLon, 360), f.North - float64(y)/f.PerLat}
}

// within returns the part of an outline's box that is drawn; ok is false where none is.
func (f frame) within(outline orb.MultiPolygon) (part box, ok bool) {
	b := outline.Bound()
	x1, y1 := f.at(orb.Point{b.Min[0], b.Max[1]})
	x2, y2 := f.at(orb.Point{b.Max[0], b.Min[1]})
	part = box{max(x1, 0), max(y1, 0), min(x2, mapWidth), min(y2, int(f.Height))}
	return part, !b.IsEmpty() && part.x1 < part.x2 && part.y1 < part.y2
}

// path appends an outline as SVG path data; corners that fall on the one before are left
// out.
func (f frame) path(b []byte, outline orb.MultiPolygon) []byte {
	for _, polygon := range outline {
		for _, ring := range polygon {
			lastX, lastY := math.MinInt, 0
			for _, p := range ring {
				x, y := f.at(p)
				if x == lastX && y == lastY {
					continue
				}
				sign := byte('L')
				if lastX == math.MinInt {
					sign = 'M'
				}
				b = strconv.AppendInt(append(b, sign), int64(x), 10)
				b = strconv.AppendInt(append(b, ' '), int64(y), 10)
				lastX, lastY = x, y
			}
			b = append(b, 'z')
		}
	}
	return b
}

// A drawing gathers the parts of the map.
type drawing struct {
	frame
	lang  string
	buf   []byte
	taken []box // where there is something to read
}

// A box is part of the drawing.
type box struct{ x1, y1, x2, y2 int }

func (b box) meets(o box) bool { return b.x1 < o.x2 && o.x1 < b.x2 && b.y1 < o.y2 && o.y1 < b.y2 }

// mapOf draws the stops of an itinerary over the outlines of communities: the inside of
// an SVG element of mapWidth by the height of the frame.
func mapOf(it *analytics.Itinerary, h *data.Hierarchy, lang string) (template.HTML, frame) {
	points := []orb.Point{{it.Start.Lon, it.Start.Lat}}
	for _, s := range it.Stops {
		for _, polygon := range s.Cell.Boundary() {
			points = append(points, polygon[0]...)
		}
	}
	d := drawing{frame: newFrame(points), lang: lang}
	d.printf(`<g id="ground">`)
	named := d.boundaries(h)
	d.cells(it)
	d.way(it)
	d.numbers(it)
	d.names(named)
	d.printf(`</g>`)
	return template.HTML(d.buf), d.frame //nolint:gosec // names are escaped
}

func (d *drawing) printf(format string, args ...any) { d.buf = fmt.Appendf(d.buf, format, args...) }

// boundaries draws the areas in view of each level that has not too many, and returns
// those of the finest level that can be named.
func (d *drawing) boundaries(h *data.Hierarchy) (named []data.Community) {
	if h == nil {
		return nil
	}
	for i, level := range h.Levels() {
		var seen []data.Community
		for _, c := range h.At(level) {
			if _, ok := d.within(c.Outline); ok {
				seen = append(seen, c)
			}
		}
		if len(seen) > maxDrawn {
			break
		}
		if len(seen) <= maxLabels {
			named = seen
		}
		d.printf(`<path class="line" stroke-width="%d" d="`, max(26-7*i, 6))
		for _, c := range seen {
			d.buf = d.path(d.buf, c.Outline)
		}
		d.printf(`"/>`)
	}
	return named
}

// cells draws the cells of stops.
func (d *drawing) cells(it *analytics.Itinerary) {
	for _, s := range it.Stops {
		class := "cell"
		if s.Drawn {
			class = "cell drawn"
		}
		outline := s.Cell.Boundary()
		d.printf(`<path class="%s" data-cell="%s" d="%s"/>`, class, s.Cell, d.path(nil, outline))
		if b, ok := d.within(outline); ok {
			d.taken = append(d.taken, b)
		}
	}
}

// way draws where the visits begin and the straight lines between them.
func (d *drawing) way(it *analytics.Itinerary) {
	x, y := d.at(orb.Point{it.Start.Lon, it.Start.Lat})
	d.printf(`<path class="way" d="M%d %d`, x, y)
	for _, s := range it.Stops {
		sx, sy := d.at(orb.Point{s.Lon, s.Lat})
		d.printf(`L%d %d`, sx, sy)
	}
	const side = 2 * numberSize
	d.printf(`"/><rect class="start" x="%d" y="%d" width="%d" height="%d"/>`, x-side/2, y-side/2, side, side)
}

// numbers writes which visit each cell is.
func (d *drawing) numbers(it *analytics.Itinerary) {
	for i, s := range it.Stops {
		x, y := d.at(orb.Point{s.Lon, s.Lat})
		d.printf(`<text class="number" font-size="%d" x="%d" y="%d">%d</text>`, numberSize, x, y+numberSize/3, i+1)
	}
}

// names writes what areas are called, each somewhere in the area where there is room.
func (d *drawing) names(areas []data.Community) {
	for _, c := range areas {
		name := c.Names.In(d.lang)
		if name == "" {
			continue
		}
		if x, y, ok := d.room(c.Outline, widthOf(name)); ok {
			d.printf(`<text class="name" font-size="%d" x="%d" y="%d">%s</text>`, labelSize, x, y+labelSize/3, html.EscapeString(name))
		}
	}
}

// room returns a place in an area around which so wide a label meets nothing, the one
// nearest to the middle of a few.
func (d *drawing) room(outline orb.MultiPolygon, width int) (x, y int, ok bool) {
	seen, _ := d.within(outline)
	best := math.MaxInt
	const steps = 12
	for i := range steps {
		for j := range steps {
			px, py := seen.x1+(seen.x2-seen.x1)*(2*i+1)/(2*steps), seen.y1+(seen.y2-seen.y1)*(2*j+1)/(2*steps)
			label := box{px - width/2, py - labelSize*2/3, px + width/2, py + labelSize*2/3}
			off := abs(px-(seen.x1+seen.x2)/2) + abs(py-(seen.y1+seen.y2)/2)
			free := label.x1 > labelSize/4 && label.y1 > 0 && label.x2 < mapWidth-labelSize/4 && label.y2 < int(d.Height) && !slices.ContainsFunc(d.taken, label.meets)
			if free && off < best && planar.MultiPolygonContains(outline, d.back(px, py)) {
				x, y, best = px, py, off
			}
		}
	}
	if best < math.MaxInt {
		d.taken = append(d.taken, box{x - width/2, y - labelSize*2/3, x + width/2, y + labelSize*2/3})
	}
	return x, y, best < math.MaxInt
}

func abs(x int) int { return max(x, -x) }

// widthOf guesses how wide a label is: signs of Chinese are as wide as high, others
// somewhat more than half that.
func widthOf(name string) (width int) {
	for _, r := range name {
		if r >= 0x2e80 {
			width += labelSize
		} else {
			width += labelSize * 6 / 10
		}
	}
	return width
}

// mini returns the part of the map around a stop, as a viewBox.
func (f frame) mini(s analytics.Stop) string {
	x, y := f.at(orb.Point{s.Lon, s.Lat})
	b := s.Cell.Boundary().Bound()
	side := int(miniScale * f.PerLat * (b.Max[1] - b.Min[1]))
	return fmt.Sprintf("%d %d %d %d", x-side/2, y-side/2, side, side)
}
