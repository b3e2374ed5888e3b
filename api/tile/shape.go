package tile

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// A cutter cuts shapes to one tile.
type cutter struct {
	at    Address
	frame frame
	grid  int32 // of points, in units
	// shifts are by how many turns of the globe a shape is moved: the buffer of a
	// tile at the antimeridian shows what lies on its other side.
	shifts  []float64
	scratch [2][]vec
	ring    []vec
}

func newCutter(at Address, buffer float64, grid int32) *cutter {
	c := &cutter{at: at, frame: frame{-buffer, Extent + buffer}, grid: grid, shifts: []float64{0}}
	if at.Col == 0 && buffer > 0 {
		c.shifts = append(c.shifts, -1)
	}
	if at.Col == 1<<at.Zoom-1 && buffer > 0 {
		c.shifts = append(c.shifts, 1)
	}
	return c
}

// polygons returns what is left of a shape in the tile: for each polygon the
// exterior, then its holes, all wound as MVT wants them.
func (c *cutter) polygons(mp orb.MultiPolygon) [][]spot {
	var rings [][]spot
	for _, shift := range c.shifts {
		for _, polygon := range mp {
			rings = append(rings, c.polygon(polygon, shift)...)
		}
	}
	if rings == nil {
		return c.pixel(mp)
	}
	return rings
}

// polygon returns the rings of a polygon that is moved around the globe, nil if
// they hold no area: where the tile lies in a hole, that takes off all there is.
func (c *cutter) polygon(polygon orb.Polygon, shift float64) [][]spot {
	var rings [][]spot
	var left int64
	for i, ring := range polygon {
		cut := c.cut(ring, shift)
		area := doubleArea(cut)
		switch {
		case area == 0 && i == 0:
			return nil
		case area == 0:
			continue
		case (area > 0) != (i == 0):
			slices.Reverse(cut)
			area = -area
		}
		left += area
		rings = append(rings, cut)
	}
	if left <= 0 {
		return nil
	}
	return rings
}

// cut projects a ring, cuts it to the frame and snaps it to the grid.
func (c *cutter) cut(ring orb.Ring, shift float64) []spot {
	return snap(c.frame.clip(c.project(ring, shift), &c.scratch), c.grid)
}

// project returns an open ring in tile space, without points that are none. The
// next call overwrites it.
func (c *cutter) project(ring orb.Ring, shift float64) []vec {
	if n := len(ring); n > 1 && ring[0] == ring[n-1] {
		ring = ring[:n-1]
	}
	c.ring = c.ring[:0]
	for _, p := range ring {
		if v := c.at.position(orb.Point{p[0] + 360*shift, p[1]}); finite(v) {
			c.ring = append(c.ring, v)
		}
	}
	return c.ring
}

func finite(v vec) bool { return !math.IsNaN(v.x-v.x) && !math.IsNaN(v.y-v.y) }

// pixel returns the square that stands for a shape too small for the grid, if
// this tile holds its centre; nil for any other shape.
func (c *cutter) pixel(mp orb.MultiPolygon) [][]spot {
	box := mp.Bound()
	if box.IsEmpty() {
		return nil
	}
	first, last := c.at.position(box.LeftTop()), c.at.position(box.RightBottom())
	x, y := (first.x+last.x)/2, (first.y+last.y)/2
	if !(x >= 0 && x < Extent && y >= 0 && y < Extent) || c.visible(mp) {
		return nil
	}
	left, top := int32(math.Floor(x))-unitsPerPixel/2, int32(math.Floor(y))-unitsPerPixel/2
	right, bottom := left+unitsPerPixel, top+unitsPerPixel
	return [][]spot{{{left, top}, {right, top}, {right, bottom}, {left, bottom}}}
}

// visible reports whether some of a shape, in the tile or outside, has an area on
// the grid.
func (c *cutter) visible(mp orb.MultiPolygon) bool {
	for _, polygon := range mp {
		if len(polygon) > 0 && doubleArea(snap(c.project(polygon[0], 0), c.grid)) != 0 {
			return true
		}
	}
	return false
}

// points returns where a point lies in the tile or its buffer.
func (c *cutter) points(p orb.Point) []spot {
	var seen []spot
	for _, shift := range c.shifts {
		v := c.at.position(orb.Point{p[0] + 360*shift, p[1]})
		if v.x >= c.frame.low && v.x < c.frame.high && v.y >= c.frame.low && v.y < c.frame.high {
			seen = append(seen, spot{round(v.x, 1), round(v.y, 1)})
		}
	}
	return seen
}
