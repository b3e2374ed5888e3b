package crs

import (
	"math"

	"github.com/paulmach/orb"
)

const (
	// krasovskyAxis is the semi-major axis of the Krasovsky 1940 ellipsoid in
	// metres.
	krasovskyAxis = 6378245.0
	// krasovskyEccentricity2 is its first eccentricity squared, to the digits
	// of the published code.
	krasovskyEccentricity2 = 0.00669342162296594323
	// gcjOriginLon and gcjOriginLat, in degrees, are where the polynomial of
	// the shift is centred.
	gcjOriginLon, gcjOriginLat = 105.0, 35.0
	// gcjReach, in degrees, is more than the largest shift in the mainland.
	gcjReach = 0.02
	// gcjHair, in degrees, is how far outside the line a point still counts
	// as on it when a shift is undone: 0.1 mm, more than rounding moves it
	// and less than the millimetre that is promised.
	gcjHair = 1e-9
)

// gcjFromWGS shifts a point of the mainland and leaves any other alone.
func gcjFromWGS(p orb.Point) orb.Point {
	if !inMainland(p) {
		return p
	}
	return gcjShift(p)
}

// gcjToWGS undoes gcjFromWGS. Let p be the point that the shift, taken
// everywhere, would bring to q. Then p is the answer if p is in the mainland
// (q is its image) or if q is (only the mainland is drawn there); else q was
// never shifted and is the answer.
func gcjToWGS(q orb.Point) orb.Point {
	if !nearMainland(q) {
		return q
	}
	p := invert(gcjShift, q)
	if within, ok := withinHair(p); ok {
		return within
	}
	if inMainland(q) {
		return p
	}
	return q
}

// withinHair returns p, or a point at most gcjHair from it in either
// coordinate, that is in the mainland. Without it, a point on the inner side
// of the line could come back on the outer side, and be taken for one that
// was never shifted.
func withinHair(p orb.Point) (within orb.Point, ok bool) {
	if inMainland(p) {
		return p, true
	}
	for _, dx := range [...]float64{-gcjHair, 0, gcjHair} {
		for _, dy := range [...]float64{-gcjHair, 0, gcjHair} {
			if near := (orb.Point{p[0] + dx, p[1] + dy}); inMainland(near) {
				return near, true
			}
		}
	}
	return p, false
}

// gcjShift returns p moved by the shift, wherever p is. The metres are turned
// into degrees by the radii of curvature of the Krasovsky ellipsoid at the
// latitude of p.
func gcjShift(p orb.Point) orb.Point {
	east, north := gcjMetres(p[0]-gcjOriginLon, p[1]-gcjOriginLat)
	sin, cos := math.Sincos(radians(p[1]))
	w2 := 1 - krasovskyEccentricity2*sin*sin
	w := math.Sqrt(w2)
	parallel := krasovskyAxis / w * cos
	meridian := krasovskyAxis * (1 - krasovskyEccentricity2) / (w2 * w)
	return orb.Point{p[0] + degrees(east/parallel), p[1] + degrees(north/meridian)}
}

// gcjMetres returns the shift in metres, x and y being degrees east of 105
// and north of 35. It is the formula of the program EvilTransform (2013) and of
// every converter since, never published officially: a quadratic, a square
// root and sines of periods 1/3 to 60 degrees.
func gcjMetres(x, y float64) (east, north float64) {
	root := math.Sqrt(math.Abs(x))
	ripple := 20*sinPi(6*x) + 20*sinPi(2*x)
	east = 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root +
		(ripple+20*sinPi(x)+40*sinPi(x/3)+150*sinPi(x/12)+300*sinPi(x/30))*2/3
	north = -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root +
		(ripple+20*sinPi(y)+40*sinPi(y/3)+160*sinPi(y/12)+320*sinPi(y/30))*2/3
	return east, north
}

// sinPi returns the sine of v half turns.
func sinPi(v float64) float64 { return math.Sin(math.Pi * v) }
