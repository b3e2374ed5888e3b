package geo

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"
)

// CellAt returns the cell of resolution r that holds p, a longitude and
// latitude in degrees. A coordinate that is not finite, or lies outside ±180
// and ±90, gives ErrNoCell. The meridians -180 and 180 are the same place; at a
// pole the longitude does not matter.
func CellAt(p orb.Point, r Resolution) (Cell, error) {
	if err := r.check(); err != nil {
		return NoCell, err
	}
	if !onGlobe(p[0], p[1]) {
		return NoCell, fmt.Errorf("cell at longitude %v, latitude %v: %w", p[0], p[1], ErrNoCell)
	}
	return cellAt(p[0], p[1], r), nil
}

// CellsAt appends to dst one cell of resolution r for each point, in order, and
// returns the extended slice. lon and lat are degrees and equally long; where
// they are not, the shorter counts. A point that is not finite or lies outside
// ±180 and ±90 gets NoCell, and so does every point when r is not valid.
func CellsAt(dst []Cell, lon, lat []float64, r Resolution) []Cell {
	n := min(len(lon), len(lat))
	for i := range n {
		c := NoCell
		if r.Valid() && onGlobe(lon[i], lat[i]) {
			c = cellAt(lon[i], lat[i], r)
		}
		dst = append(dst, c)
	}
	return dst
}

// onGlobe reports whether a longitude and latitude are finite and in range.
func onGlobe(lon, lat float64) bool {
	return math.Abs(lon) <= 180 && math.Abs(lat) <= 90
}

// cellAt returns the cell that holds a point known to be on the globe.
func cellAt(lon, lat float64, r Resolution) Cell {
	c, err := h3.LatLngToCell(h3.LatLng{Lat: lat, Lng: lon}, int(r))
	if err != nil {
		return NoCell
	}
	return Cell(c)
}
