package web

import (
	"io"

	"github.com/civgrid/civgrid/api"
)

// WriteFigure writes the map as a figure of HTML with its legend below, to stand in a
// page that brings its own style: the elements are svg.map, ul.legend and svg.swatch.
func (m Map) WriteFigure(w io.Writer) error {
	m.Link = nil
	d := newDrawing(m)
	d.printf(`<figure class="map">` + "\n")
	d.inline("")
	d.printf(`<figcaption><h2>%s</h2>`+"\n"+`<ul class="legend" data-testid="legend">`, esc(d.names.legend()))
	for _, class := range m.Layer.Legend.Classes {
		d.printf("\n"+`<li data-testid="legend-item" data-class="%s" data-color="%s">%s <span>%s</span> <b>%s</b></li>`,
			esc(class.Key), safeColour(class.Color), swatchHTML(class, m.Layer.Legend), esc(d.names.class(class)), api.ShowCount(int64(class.Rows)))
	}
	d.printf("\n</ul>\n"+`<p class="source" data-testid="provenance">%s</p></figcaption>`+"\n</figure>\n", esc(provenance(m.Layer, d.names)))
	_, err := w.Write(d.buf)
	return err
}
