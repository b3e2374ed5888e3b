package crs

import (
	"math"
	"sync"

	"github.com/paulmach/orb"
)

// InMainland reports whether p, WGS 84 degrees, lies where map services of
// China shift coordinates: mainland China with Hainan and the waters off its
// coast and with the Paracels, without Hong Kong, Macau, Taiwan, Penghu,
// Kinmen, Matsu, Wuqiu, the Pratas, the Spratlys and the Diaoyu (Senkaku)
// islands. The line is within about 1 km around Hong Kong,
// Macau and Kinmen and within 10 to 20 km at remote borders. It is no
// statement on any claim. A point that is not finite is outside.
func InMainland(p orb.Point) bool { return inMainland(p) }

func inMainland(p orb.Point) bool { return mainland().contains(p[0], p[1]) }

// nearMainland reports whether p may be the image of a point of the mainland.
func nearMainland(p orb.Point) bool {
	r := mainland()
	return p[0] > r.west-gcjReach && p[0] < r.east+gcjReach &&
		p[1] > r.south-gcjReach && p[1] < r.north+gcjReach
}

// mainland builds the region on first use and returns the same one after.
var mainland = sync.OnceValue(func() *region { return newRegion(mainlandRings()) })

// cellSize is the width and height, in degrees, of the cells of a region.
const cellSize = 0.25

// side says where a cell of a region lies.
type side uint8

const (
	outside side = iota
	inside
	rim // an edge passes through
)

// edge is a side of a ring, from south to north.
type edge struct{ south, north vertex }

// region tells whether points lie in an odd number of rings. A grid of cells
// answers at once for all points but those on the rim, for which the edges
// that reach the row of the cell are counted. It is immutable.
type region struct {
	west, south, east, north float64 // degrees
	columns                  int
	cells                    []side   // row by row from the south-west
	rows                     [][]edge // the edges that reach each row
}

func newRegion(rings [][]vertex) *region {
	r := &region{west: math.Inf(1), south: math.Inf(1), east: math.Inf(-1), north: math.Inf(-1)}
	for _, ring := range rings {
		for _, v := range ring {
			r.west, r.east = min(r.west, v.lon), max(r.east, v.lon)
			r.south, r.north = min(r.south, v.lat), max(r.north, v.lat)
		}
	}
	r.columns = int((r.east-r.west)/cellSize) + 1
	r.rows = make([][]edge, int((r.north-r.south)/cellSize)+1)
	r.cells = make([]side, r.columns*len(r.rows))
	for _, ring := range rings {
		for i, v := range ring {
			r.addEdge(v, ring[(i+1)%len(ring)])
		}
	}
	r.fill()
	return r
}

// addEdge enters the edge in the rows it reaches and marks the cells it
// passes as rim, with one cell to spare on either side.
func (r *region) addEdge(a, b vertex) {
	if a.lat > b.lat {
		a, b = b, a
	}
	last := int((b.lat - r.south) / cellSize)
	for row := int((a.lat - r.south) / cellSize); row <= last; row++ {
		r.rows[row] = append(r.rows[row], edge{a, b})
		low := r.south + float64(row)*cellSize
		x0, x1 := clip(a, b, low, low+cellSize)
		from := max(0, int((x0-r.west)/cellSize)-1)
		to := min(r.columns-1, int((x1-r.west)/cellSize)+1)
		for column := from; column <= to; column++ {
			r.cells[row*r.columns+column] = rim
		}
	}
}

// clip returns the least and the greatest longitude of the part of an edge
// between two latitudes; a is not north of b.
func clip(a, b vertex, low, high float64) (least, greatest float64) {
	x0, x1 := a.lon, b.lon
	if a.lat < low {
		x0 = lonAt(a, b, low)
	}
	if b.lat > high {
		x1 = lonAt(a, b, high)
	}
	return min(x0, x1), max(x0, x1)
}

// lonAt returns the longitude of the line from a to b at a latitude; a and b
// differ in latitude.
func lonAt(a, b vertex, lat float64) float64 {
	return a.lon + (lat-a.lat)*(b.lon-a.lon)/(b.lat-a.lat)
}

// fill decides the cells without an edge by their centres.
func (r *region) fill() {
	for i, c := range r.cells {
		if c == rim {
			continue
		}
		row, column := i/r.columns, i%r.columns
		lon := r.west + (float64(column)+0.5)*cellSize
		lat := r.south + (float64(row)+0.5)*cellSize
		if oddCrossings(r.rows[row], lon, lat) {
			r.cells[i] = inside
		}
	}
}

// contains reports whether a point lies inside. A point on an edge belongs to
// one side of it, always the same.
func (r *region) contains(lon, lat float64) bool {
	if !(lon >= r.west && lon <= r.east && lat >= r.south && lat <= r.north) {
		return false
	}
	row, column := int((lat-r.south)/cellSize), int((lon-r.west)/cellSize)
	if c := r.cells[row*r.columns+column]; c != rim {
		return c == inside
	}
	return oddCrossings(r.rows[row], lon, lat)
}

// oddCrossings counts the edges east of a point, each holding its southern
// end but not its northern one (Shimrat 1962, with the correction of Hacker
// 1962).
func oddCrossings(edges []edge, lon, lat float64) bool {
	odd := false
	for i := range edges {
		a, b := &edges[i].south, &edges[i].north
		if a.lat <= lat && lat < b.lat && lon < lonAt(*a, *b, lat) {
			odd = !odd
		}
	}
	return odd
}
