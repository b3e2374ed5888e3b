package web

import (
	"math"
	"strconv"

	"github.com/civgrid/civgrid/data"
)

// Bounds of what is drawn under a layer.
const (
	maxThick  = 60  // areas of the coarser lines
	maxThin   = 220 // areas of the finer lines
	maxLabels = 28
)

// boundaries draws the lines and names of the levels above the rows, which are
// the base map.
func (d *drawing) boundaries() {
	if d.Hierarchy == nil {
		return
	}
	thick, thin := d.lines()
	d.level(thin, 0.7)
	d.level(thick, 1.6)
	labelled := thick
	if len(thick) < 2 && len(thin) > 0 {
		labelled = thin
	}
	d.labels(labelled)
}

// lines returns the areas to draw with thick and with thin lines: those in view
// of the coarsest level that divides it, and of the level below.
func (d *drawing) lines() (thick, thin []data.Community) {
	unit := d.Layer.Frame.Unit
	for _, level := range d.Hierarchy.Levels() {
		if !unit.IsCells() && level.Rank() >= unit.Level.Rank() {
			break
		}
		seen := d.inView(level)
		if thick == nil || len(thick) < 2 && len(seen) <= maxThick {
			thick = seen
			continue
		}
		if len(seen) <= maxThin {
			thin = seen
		}
		break
	}
	if thick == nil && !unit.IsCells() {
		thick = d.Layer.Frame.Communities
	}
	return thick, thin
}

// inView returns the areas of a level that can be seen, and lie in the area the
// layer is cut to.
func (d *drawing) inView(level data.Level) []data.Community {
	inside := map[string]bool{}
	for _, code := range d.Hierarchy.Within(d.Layer.Frame.Within) {
		inside[code] = true
	}
	var seen []data.Community
	for _, c := range d.Hierarchy.At(level) {
		if len(inside) > 0 && !inside[c.Code] {
			continue
		}
		if len(c.Outline) > 0 && d.frame.shows(c.Outline.Bound()) {
			seen = append(seen, c)
		}
	}
	return seen
}

func (d *drawing) level(areas []data.Community, pixels float64) {
	if len(areas) == 0 {
		return
	}
	d.printf("\n"+`<path fill="none" stroke="%s" stroke-width="%g" stroke-linejoin="round" pointer-events="none" d="`, lineColour, pixels*unitsPerPixel)
	for _, c := range areas {
		d.buf = d.frame.path(d.buf, c.Outline)
	}
	d.buf = append(d.buf, `"/>`...)
}

// labels writes the names of areas where there is room for them.
func (d *drawing) labels(areas []data.Community) {
	if len(areas) == 0 || len(areas) > maxLabels {
		return
	}
	d.printf("\n"+`<g class="names" font-size="%d" font-weight="600" fill="%s" stroke="#ffffff" stroke-width="%d" stroke-linejoin="round" paint-order="stroke" text-anchor="middle" pointer-events="none">`,
		13*unitsPerPixel, inkColour, 2*unitsPerPixel)
	for _, c := range areas {
		if len(c.Outline) == 0 {
			continue
		}
		x, y := d.frame.at(labelPoint(c.Outline))
		if name := c.Names.In(d.words.Tag); name != "" {
			d.printf(`<text x="%d" y="%d">%s</text>`, x, y, esc(name))
		}
	}
	d.buf = append(d.buf, "</g>"...)
}

// scale draws a bar of a round length in the corner, about a hundred pixels
// long.
func (d *drawing) scale() {
	metres := d.frame.metresPerPixel()
	length := roundLength(metres * 120)
	pixels := length / metres
	text := strconv.FormatFloat(length, 'g', -1, 64) + " m"
	if length >= 1000 {
		text = strconv.FormatFloat(length/1000, 'g', -1, 64) + " km"
	}
	x, y := d.frame.width-(pixels+18)*unitsPerPixel, d.frame.height-18*unitsPerPixel
	d.printf("\n"+`<g data-testid="scale" pointer-events="none"><path d="M%.0f %.0fv60h%.0fv-60" fill="none" stroke="#ffffff" stroke-width="50"/><path d="M%.0f %.0fv60h%.0fv-60" fill="none" stroke="%s" stroke-width="20"/>`,
		x, y, pixels*unitsPerPixel, x, y, pixels*unitsPerPixel, inkColour)
	d.printf(`<text x="%.0f" y="%.0f" font-size="120" fill="%s" stroke="#ffffff" stroke-width="30" paint-order="stroke" text-anchor="middle">%s</text></g>`,
		x+pixels*unitsPerPixel/2, y+20, inkColour, text)
}

// roundLength returns 1, 2 or 5 times a power of ten, not above x.
func roundLength(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(math.Max(x, 1))))
	for _, step := range []float64{5, 2} {
		if step*power <= x {
			return step * power
		}
	}
	return power
}
