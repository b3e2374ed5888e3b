package ingest

import (
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo/crs"
)

// place reads the coordinates and settles how the place is known.
func (c *converter) place(row []string) *Reject {
	at, values := c.plan.at, c.fact.values
	lon, lat := c.plan.bindings[at.lon], c.plan.bindings[at.lat]
	xText, yText := c.plan.text(lon, row), c.plan.text(lat, row)
	switch {
	case xText == "" && yText == "":
		c.locate(false)
		return nil
	case xText == "":
		return c.reject(lon, "", CodeCoordinate, "latitude without longitude")
	case yText == "":
		return c.reject(lat, "", CodeCoordinate, "longitude without latitude")
	}
	x, ok := c.number(xText)
	if !ok {
		return c.reject(lon, xText, CodeNumber, "not a number")
	}
	y, ok := c.number(yText)
	if !ok {
		return c.reject(lat, yText, CodeNumber, "not a number")
	}
	if x == 0 && y == 0 {
		c.notes[noteZero]++
		c.given(x, y)
		c.locate(false)
		return nil
	}
	p, err := crs.ToWGS84(c.plan.system, orb.Point{x, y})
	if err != nil {
		return c.outOfRange(lon, lat, xText, yText, x)
	}
	values[at.lon], values[at.lat] = value{number: p[0], ok: true}, value{number: p[1], ok: true}
	if c.plan.system != crs.WGS84 {
		c.given(x, y)
	}
	c.locate(true)
	return nil
}

// outOfRange says which of two coordinates cannot be one.
func (c *converter) outOfRange(lon, lat binding, xText, yText string, x float64) *Reject {
	if _, err := crs.ToWGS84(c.plan.system, orb.Point{x, 0}); err != nil {
		return c.reject(lon, xText, CodeRange, "no coordinate of "+c.plan.system.String())
	}
	return c.reject(lat, yText, CodeRange, "no coordinate of "+c.plan.system.String())
}

// given keeps the coordinates as they came.
func (c *converter) given(x, y float64) {
	at, values := c.plan.at, c.fact.values
	values[at.crs] = value{text: c.plan.system.String(), ok: true}
	values[at.x], values[at.y] = value{number: x, ok: true}, value{number: y, ok: true}
}

func (c *converter) locate(point bool) {
	at, values := c.plan.at, c.fact.values
	location := data.LocationNone
	switch {
	case point:
		location = data.LocationPoint
	case values[at.given].ok:
		location = data.LocationArea
	}
	values[at.location] = value{text: location, ok: true}
}
