package crs

import (
	"math"

	"github.com/paulmach/orb"
)

const (
	// bdEast and bdNorth are the fixed part of Baidu's step in degrees: about
	// 560 m and 670 m in Beijing.
	bdEast, bdNorth = 0.0065, 0.006
	// bdRadial, in degrees, is how much the distance from 0, 0 ripples.
	bdRadial = 0.00002
	// bdTurn, in radians, is how much the direction from 0, 0 ripples.
	bdTurn = 0.000003
	// bdWave is the wave number of both ripples, in radians per degree: the
	// "x_pi" of the published programs.
	bdWave = math.Pi * 3000 / 180
)

// bdFromGCJ is Baidu's step from GCJ-02 to BD-09: in polar coordinates about
// longitude 0, latitude 0 the radius and the angle get a ripple, then the
// point is moved by a fixed amount. It has no border; it is done everywhere.
// Like the GCJ-02 formula it is known from published programs only.
func bdFromGCJ(p orb.Point) orb.Point {
	radius := math.Hypot(p[0], p[1]) + bdRadial*math.Sin(p[1]*bdWave)
	angle := math.Atan2(p[1], p[0]) + bdTurn*math.Cos(p[0]*bdWave)
	sin, cos := math.Sincos(angle)
	return orb.Point{radius*cos + bdEast, radius*sin + bdNorth}
}

// bdToGCJ undoes bdFromGCJ. The inverse in circulation puts the ripple of the
// image in place of that of the point and is off by up to 0.2 m; this one
// iterates.
func bdToGCJ(q orb.Point) orb.Point { return invert(bdFromGCJ, q) }
