package web

import (
	"io"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// Measures of the standing map, in pixels.
const (
	headHeight  = 64
	legendWidth = 232
	footHeight  = 44
	padding     = 20
)

// WriteSVG writes the map as a picture that stands alone, for print, reports
// and read-me files: title, map, legend beside it with the number of rows of
// each class, and where it comes from.
func (m Map) WriteSVG(w io.Writer) error {
	m.Link = nil
	d := newDrawing(m)
	width, height := mapWidth+legendWidth+3*padding, mapHeight+headHeight+footHeight
	d.printf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" lang="%s" font-family="%s">`+"\n",
		width, height, width, height, d.words.Tag, fontFamily)
	d.printf("<title>%s</title><defs>%s</defs>", esc(d.title()), hatchPattern)
	d.printf(`<rect width="%d" height="%d" fill="#ffffff"/>`, width, height)
	d.printf(`<text x="%d" y="32" font-size="21" font-weight="700" fill="%s">%s</text>`, padding, inkColour, esc(d.title()))
	d.printf(`<text x="%d" y="53" font-size="13" fill="%s">%s</text>`, padding, quietColour, esc(d.subtitle()))
	d.printf("\n"+`<svg x="%d" y="%d" width="%d" height="%d" viewBox="0 0 %g %g">`, padding, headHeight, mapWidth, mapHeight, d.frame.width, d.frame.height)
	d.area()
	d.printf("</svg>\n")
	d.legendColumn(padding*2+mapWidth, headHeight)
	d.printf("\n"+`<text data-testid="provenance" x="%d" y="%d" font-size="11.5" fill="%s">%s</text>`,
		padding, height-footHeight+26, quietColour, esc(provenance(d.Layer, d.names)))
	d.printf("\n</svg>\n")
	_, err := w.Write(d.buf)
	return err
}

// subtitle says unit and period.
func (d *drawing) subtitle() string {
	p := d.Layer.Provenance
	text := d.names.unit(d.Layer.Frame.Unit) + " · " + api.ShowMoment(p.From, p.Zone) + " – " + api.ShowMoment(p.To, p.Zone) + d.names.against()
	if p.Within != "" {
		text = d.names.community(p.Within) + " · " + text
	}
	return text
}

// legendColumn draws the legend from a corner downwards.
func (d *drawing) legendColumn(x, y int) {
	d.printf(`<g data-testid="legend" font-size="13" fill="%s"><text x="%d" y="%d" font-weight="700">%s</text>`, inkColour, x, y+14, esc(d.names.legend()))
	for i, class := range d.Layer.Legend.Classes {
		top := y + 30 + i*26
		d.printf("\n"+`<g data-testid="legend-item" data-class="%s" data-color="%s">`, esc(class.Key), safeColour(class.Color))
		d.printf(`<g transform="translate(%d %d)">%s</g>`, x, top, swatch(class, d.Layer.Legend))
		d.printf(`<text x="%d" y="%d">%s</text><text x="%d" y="%d" text-anchor="end" fill="%s">%s</text></g>`,
			x+30, top+14, esc(d.names.class(class)), x+legendWidth, top+14, quietColour, api.ShowCount(int64(class.Rows)))
	}
	d.buf = append(d.buf, "</g>"...)
}

// swatch draws the sign of a class, 22 by 18: its colour, hatched where the map
// is, and its shape, so that colour alone says nothing.
func swatch(class analytics.Class, legend analytics.Legend) string {
	fill := safeColour(class.Color)
	box := `<rect x="0.5" y="0.5" width="21" height="17" rx="2" fill="` + fill + `" stroke="#7b8794"/>`
	if class.Key == hatched(legend) {
		box += `<path d="M3 17.5L17 .5M-1 12L8 .5M10 17.5L21.5 5" stroke="#aab2bd" stroke-width="1.3" fill="none"/>`
	}
	return box + shapeMark(class.Shape)
}

// shapeMark draws the shape of a status in the middle of a swatch.
func shapeMark(shape string) string {
	const style = `fill="#ffffff" stroke="#1b2433" stroke-width="1"`
	switch shape {
	case "circle":
		return `<circle cx="11" cy="9" r="4.5" ` + style + `/>`
	case "triangle":
		return `<path d="M11 4L16 13.5H6Z" ` + style + `/>`
	case "triangle_down":
		return `<path d="M11 14L6 4.5H16Z" ` + style + `/>`
	case "square":
		return `<rect x="7" y="5" width="8" height="8" ` + style + `/>`
	case "ring":
		return `<circle cx="11" cy="9" r="4" fill="none" stroke="#1b2433" stroke-width="1.4" stroke-dasharray="2 1.6"/>`
	}
	return ""
}

// provenance says in a line where a layer comes from.
func provenance(l *analytics.Layer, n *names) string {
	p := l.Provenance
	return n.words.Fill("provenance", p.DataVersion, api.ShowMoment(p.From, p.Zone), api.ShowMoment(p.To, p.Zone),
		n.unit(l.Frame.Unit), api.ShowMoment(p.AsOf, p.Zone), p.Zone) + n.against()
}
