package geo

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"
)

// EarthRadius is the radius of the sphere that H3 measures on: the WGS 84
// authalic radius, 6371.007180918475 km (H3 source, constants.h). Every
// distance and area of this package is on that sphere.
const EarthRadius Metres = 6_371_007.180918475

// Metres is a length in metres.
type Metres float64

// SquareMetres is an area in square metres.
type SquareMetres float64

// Distance returns the great-circle distance between two points given as
// longitude and latitude in degrees, by the haversine formula (Sinnott 1984) on
// the sphere of EarthRadius. Against the WGS 84 ellipsoid it is off by at most
// about half a per cent. Rounding costs less than a micrometre in a city, and up
// to 0.2 m between opposite points of the globe. A coordinate that is not finite
// gives NaN.
func Distance(a, b orb.Point) Metres {
	lat1, lat2 := radians(a[1]), radians(b[1])
	sinLat := math.Sin((lat2 - lat1) / 2)
	sinLon := math.Sin(radians(b[0]-a[0]) / 2)
	h := sinLat*sinLat + sinLon*sinLon*math.Cos(lat1)*math.Cos(lat2)
	return 2 * EarthRadius * Metres(math.Atan2(math.Sqrt(h), math.Sqrt(1-min(h, 1))))
}

// Area returns the area of the cell on the sphere of EarthRadius, as H3 gives
// it ("spherical H3 area"). It is 0.07 to 0.41 per cent above the area on the
// WGS 84 ellipsoid in the tests' grids. Cells of one resolution differ by up to
// a factor of two across the globe, so that a mean area must not stand in for
// it. NoCell, or a cell that is not valid, has area 0.
func (c Cell) Area() SquareMetres {
	if !c.Valid() {
		return 0
	}
	area, err := h3.CellAreaM2(h3.Cell(c))
	if err != nil {
		return 0
	}
	return SquareMetres(area)
}

// AreaOf returns the area of an outline on the sphere of EarthRadius, holes
// taken off; polygons that overlap count twice. Edges are straight lines in
// longitude and latitude, as in GeoJSON (RFC 7946, section 3.1.1), and are
// integrated exactly as such: the area between an edge and the equator is Δλ
// times the mean of sin φ along it. The antimeridian and the poles are as for
// NewRegion. The winding does not matter, and rings may be open or closed.
func AreaOf(mp orb.MultiPolygon) SquareMetres {
	var sum float64
	for i, polygon := range mp {
		for j, ring := range polygon {
			sum += ringRole{int32(i), j > 0}.signed(newLoop(ring).steradians())
		}
	}
	return squareMetres(sum)
}

// steradians returns the area of l on the unit sphere, positive when it runs
// counter-clockwise.
func (l loop) steradians() float64 {
	var sum float64
	n := len(l.points)
	for i, b := range l.points {
		sum += edgeSteradians(l.points[(i+n-1)%n], b)
	}
	return sum
}

// edgeSteradians returns the area between an edge and the equator on the unit
// sphere, positive when the edge runs west to the north of it.
func edgeSteradians(a, b orb.Point) float64 {
	return radians(a[0]-b[0]) * meanSine(radians(a[1]), radians(b[1]))
}

// squareMetres scales an area on the unit sphere to the Earth.
func squareMetres(steradians float64) SquareMetres {
	return SquareMetres(steradians) * SquareMetres(EarthRadius) * SquareMetres(EarthRadius)
}

// meanSine returns the mean of sin between two angles in radians:
// (cos a - cos b) / (b - a), written so that nearly equal angles lose nothing.
func meanSine(a, b float64) float64 {
	half := (b - a) / 2
	mid := math.Sin((a + b) / 2)
	if math.Abs(half) < 1e-4 {
		return mid * (1 - half*half/6)
	}
	return mid * math.Sin(half) / half
}

// shortWay turns a difference of longitudes of more than half a turn into the
// one that goes the other way round. A full turn stays: it is a whole parallel.
func shortWay(d float64) float64 {
	switch {
	case math.Abs(d) == 360:
		return d
	case d > 180:
		return d - 360
	case d < -180:
		return d + 360
	}
	return d
}

// radians converts degrees.
func radians(degrees float64) float64 { return degrees * (math.Pi / 180) }

// degrees converts radians.
func degrees(radians float64) float64 { return radians * (180 / math.Pi) }
