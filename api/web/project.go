package web

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

// A frame maps degrees to the units of a drawing: plate carrée with its
// standard parallel in the middle, which keeps shapes at the size of a city.
// Units are tenths of a pixel, so that whole numbers draw finely enough.
type frame struct {
	width, height float64 // in units
	west, north   float64 // of the corner, degrees
	perLon        float64 // units per degree
	perLat        float64
	wrap          bool // the area crosses the antimeridian: west counts from 0 to 360
}

// unitsPerPixel makes whole numbers fine enough.
const unitsPerPixel = 10

// margin is left free around what is drawn, in pixels.
const margin = 14

// newFrame fits a box into a drawing of so many pixels.
func newFrame(box orb.Bound, wrap bool, width, height float64) frame {
	f := frame{width: width * unitsPerPixel, height: height * unitsPerPixel, wrap: wrap}
	if box.IsEmpty() {
		box = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	}
	narrow := math.Max(math.Cos((box.Min[1]+box.Max[1])/2*math.Pi/180), 0.01)
	lon, lat := math.Max(box.Max[0]-box.Min[0], 1e-6), math.Max(box.Max[1]-box.Min[1], 1e-6)
	room := 2.0 * margin * unitsPerPixel
	f.perLat = math.Min((f.width-room)/(lon*narrow), (f.height-room)/lat)
	f.perLon = f.perLat * narrow
	f.west = (box.Min[0]+box.Max[0])/2 - f.width/2/f.perLon
	f.north = (box.Min[1]+box.Max[1])/2 + f.height/2/f.perLat
	return f
}

// at returns the place of p in the drawing.
func (f frame) at(p orb.Point) (x, y int) {
	lon := p[0]
	if f.wrap && lon < 0 {
		lon += 360
	}
	return int(math.Round((lon - f.west) * f.perLon)), int(math.Round((f.north - p[1]) * f.perLat))
}

// metresPerPixel is the scale in the middle of the drawing.
func (f frame) metresPerPixel() float64 {
	const perDegree = math.Pi / 180 * float64(geo.EarthRadius)
	return perDegree / f.perLat * unitsPerPixel
}

// shows reports whether a box reaches into the drawing.
func (f frame) shows(b orb.Bound) bool {
	x1, y1 := f.at(orb.Point{b.Min[0], b.Max[1]})
	x2, y2 := f.at(orb.Point{b.Max[0], b.Min[1]})
	return x2 >= 0 && y2 >= 0 && float64(x1) <= f.width && float64(y1) <= f.height
}

// path appends an outline as SVG path data, in whole steps from corner to
// corner; corners that fall on the one before are left out.
func (f frame) path(b []byte, outline orb.MultiPolygon) []byte {
	for _, polygon := range outline {
		for _, ring := range polygon {
			b = f.ring(b, ring)
		}
	}
	return b
}

func (f frame) ring(b []byte, ring orb.Ring) []byte {
	n := len(ring)
	if n > 1 && ring[0] == ring[n-1] {
		n--
	}
	lastX, lastY := 0, 0
	for i := range n {
		x, y := f.at(ring[i])
		if i == 0 {
			b = appendPair(append(b, 'M'), x, y)
		} else if x != lastX || y != lastY {
			b = appendPair(append(b, 'l'), x-lastX, y-lastY)
		}
		lastX, lastY = x, y
	}
	return append(b, 'z')
}

func appendPair(b []byte, x, y int) []byte {
	b = strconv.AppendInt(b, int64(x), 10)
	if y >= 0 {
		b = append(b, ' ')
	}
	return strconv.AppendInt(b, int64(y), 10)
}

// labelPoint returns a point inside the largest part of an outline: the middle
// of the widest piece of the parallel halfway up.
func labelPoint(outline orb.MultiPolygon) orb.Point {
	var best orb.Polygon
	var largest float64
	for _, polygon := range outline {
		if len(polygon) == 0 {
			continue
		}
		b := polygon[0].Bound()
		if size := (b.Max[0] - b.Min[0]) * (b.Max[1] - b.Min[1]); size > largest {
			best, largest = polygon, size
		}
	}
	if best == nil {
		return orb.Point{}
	}
	b := best[0].Bound()
	lat := (b.Min[1] + b.Max[1]) / 2
	crossings := crossingsOf(best, lat)
	point, widest := orb.Point{(b.Min[0] + b.Max[0]) / 2, lat}, 0.0
	for i := 0; i+1 < len(crossings); i += 2 {
		if width := crossings[i+1] - crossings[i]; width > widest {
			point, widest = orb.Point{(crossings[i] + crossings[i+1]) / 2, lat}, width
		}
	}
	return point
}

// crossingsOf returns the longitudes at which rings cross a parallel, from west
// to east.
func crossingsOf(polygon orb.Polygon, lat float64) []float64 {
	var list []float64
	for _, ring := range polygon {
		for i := range len(ring) - 1 {
			a, b := ring[i], ring[i+1]
			if (a[1] > lat) == (b[1] > lat) {
				continue
			}
			x := a[0] + (lat-a[1])/(b[1]-a[1])*(b[0]-a[0])
			at := len(list)
			for at > 0 && list[at-1] > x {
				at--
			}
			list = append(list[:at], append([]float64{x}, list[at:]...)...)
		}
	}
	return list
}
