package tile

import (
	"fmt"
	"math"
	"strconv"

	"github.com/paulmach/orb"
)

// MaxZoom is the finest tile matrix that is served: a unit is then 4 cm wide at
// the equator.
const MaxZoom = 18

// The tile matrix set (17-083r4, annex D.1, table D.1).
const (
	// MatrixSet is its identifier.
	MatrixSet = "WebMercatorQuad"
	// MatrixSetURI is its name in the register of the OGC.
	MatrixSetURI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
	// CRS is WGS 84 / Pseudo-Mercator.
	CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"

	registeredMatrices = 25                   // 0 to 24
	matrixPixels       = 256                  // width and height of a tile of the set
	halfEquator        = math.Pi * 6.378137e6 // metres, of the sphere of EPSG:3857
	metresPerPixel     = 0.28e-3              // the standardised rendering pixel (section 6.1.1)
)

// A Matrix is one zoom of the tile matrix set, as it is written in JSON
// (17-083r4, section 7.2, tileMatrix).
type Matrix struct {
	ID               string     `json:"id"`
	ScaleDenominator float64    `json:"scaleDenominator"`
	CellSize         float64    `json:"cellSize"` // metres at the equator
	CornerOfOrigin   string     `json:"cornerOfOrigin"`
	PointOfOrigin    [2]float64 `json:"pointOfOrigin"`
	TileWidth        int        `json:"tileWidth"`
	TileHeight       int        `json:"tileHeight"`
	MatrixWidth      int        `json:"matrixWidth"`
	MatrixHeight     int        `json:"matrixHeight"`
}

// Matrices returns all 25 matrices of WebMercatorQuad, coarsest first. Those
// after MaxZoom are not served.
func Matrices() []Matrix {
	all := make([]Matrix, registeredMatrices)
	for zoom := range all {
		tiles := 1 << zoom
		size := 2 * halfEquator / float64(tiles*matrixPixels)
		all[zoom] = Matrix{
			ID: strconv.Itoa(zoom), ScaleDenominator: size / metresPerPixel, CellSize: size,
			CornerOfOrigin: "topLeft", PointOfOrigin: [2]float64{-halfEquator, halfEquator},
			TileWidth: matrixPixels, TileHeight: matrixPixels, MatrixWidth: tiles, MatrixHeight: tiles,
		}
	}
	return all
}

// An Address names one tile: its matrix, and row and column counted from the
// top left.
type Address struct{ Zoom, Row, Col int }

// ParseAddress reads an address from its decimal parts. One outside the matrices
// that are served is an error that says which there are.
func ParseAddress(zoom, row, col string) (Address, error) {
	var a Address
	var ok [3]bool
	a.Zoom, ok[0] = parseIndex(zoom, MaxZoom+1)
	if !ok[0] {
		return a, fmt.Errorf("there are tile matrices 0 to %d", MaxZoom)
	}
	a.Row, ok[1] = parseIndex(row, 1<<a.Zoom)
	a.Col, ok[2] = parseIndex(col, 1<<a.Zoom)
	if !ok[1] || !ok[2] {
		return a, fmt.Errorf("rows and columns of tile matrix %d run from 0 to %d", a.Zoom, 1<<a.Zoom-1)
	}
	return a, nil
}

func parseIndex(text string, below int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n < below && strconv.Itoa(n) == text
}

// Bound returns the tile without its buffer, in degrees.
func (a Address) Bound() orb.Bound { return a.reach(0) }

// reach returns the tile and a margin around it, in units, in degrees; it may
// run on past ±180.
func (a Address) reach(margin float64) orb.Bound {
	return orb.Bound{
		Min: a.degrees(-margin, Extent+margin),
		Max: a.degrees(Extent+margin, -margin),
	}
}

// degrees undoes position.
func (a Address) degrees(x, y float64) orb.Point {
	tiles := float64(int(1) << a.Zoom)
	lon := (float64(a.Col)+x/Extent)/tiles*360 - 180
	turn := math.Pi * (1 - 2*(float64(a.Row)+y/Extent)/tiles)
	return orb.Point{lon, math.Atan(math.Sinh(turn)) * 180 / math.Pi}
}

// maxLatitude keeps the poles, which are infinitely far off in the projection,
// finite. The set itself ends at 85.05 degrees.
const maxLatitude = 89.9

// position projects a point in degrees into tile space (EPSG:3857; IOGP 373-7-2,
// method 1024). It may lie far outside the tile.
func (a Address) position(p orb.Point) vec {
	tiles := float64(int(1) << a.Zoom)
	lat := max(-maxLatitude, min(maxLatitude, p[1])) * math.Pi / 180
	x := (p[0] + 180) / 360
	y := (1 - math.Asinh(math.Tan(lat))/math.Pi) / 2
	return vec{(x*tiles - float64(a.Col)) * Extent, (y*tiles - float64(a.Row)) * Extent}
}
