package crs

import (
	"math"

	"github.com/paulmach/orb"
)

const (
	// mercatorRadius is the semi-major axis of WGS 84 in metres, used as the
	// radius of a sphere.
	mercatorRadius = 6378137.0
	// mercatorEast is half the equator of that sphere in metres: the x of
	// 180 degrees.
	mercatorEast = math.Pi * mercatorRadius
	// mercatorNorth is the y, in metres, of latitude 85.06 degrees, where the
	// area of use of EPSG:3857 ends. It is a little beyond the edge of the
	// square of web map tiles, 85.0511 degrees.
	mercatorNorth = 20048966.104014594
	// mercatorSlack, in metres, forgives coordinates rounded to millimetres
	// at the edge.
	mercatorSlack = 0.001
)

// mercatorToWGS undoes Popular Visualisation Pseudo-Mercator: IOGP
// Publication 373-7-2 (Geomatics Guidance Note 7, part 2), method 1024, with
// false easting and northing and longitude of origin 0.
func mercatorToWGS(p orb.Point) orb.Point {
	lon := degrees(p[0] / mercatorRadius)
	lat := degrees(math.Atan(math.Sinh(p[1] / mercatorRadius)))
	return orb.Point{max(-180, min(180, lon)), lat}
}

// mercatorFromWGS is the forward formula of the same method: the latitude,
// although on the ellipsoid, is put into the formula for the sphere.
func mercatorFromWGS(p orb.Point) orb.Point {
	return orb.Point{
		mercatorRadius * radians(p[0]),
		mercatorRadius * math.Asinh(math.Tan(radians(p[1]))),
	}
}

// mercatorOutOfRange takes the absolute values of a coordinate in metres.
func mercatorOutOfRange(x, y float64) string {
	switch {
	case x > mercatorEast+mercatorSlack:
		return "x is outside ±20037508.343 m"
	case y > mercatorNorth+mercatorSlack:
		return "y is outside ±20048966.104 m (latitude 85.06 degrees)"
	}
	return ""
}

func radians(degrees float64) float64 { return degrees * (math.Pi / 180) }

func degrees(radians float64) float64 { return radians * (180 / math.Pi) }
