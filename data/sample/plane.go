package sample

import (
	"math"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

// The middle of the city, WGS 84. Of ten inland places tried, hexagons are the
// most regular here (longest to shortest edge 1.04 at resolution 9), no H3 cell
// of the city crosses an edge of the icosahedron, and GCJ-02 applies for
// hundreds of kilometres around.
const (
	centreLon = 110.0
	centreLat = 23.2
)

// vec is a place in metres east and north of the city's middle.
//
// Products are converted before they are added, here and in all that decides
// who neighbours whom: it keeps compilers from fusing the two operations, which
// would round differently from machine to machine.
type vec struct{ x, y float64 }

func (a vec) add(b vec) vec            { return vec{a.x + b.x, a.y + b.y} }
func (a vec) sub(b vec) vec            { return vec{a.x - b.x, a.y - b.y} }
func (a vec) scale(f float64) vec      { return vec{float64(a.x * f), float64(a.y * f)} }
func (a vec) cross(b vec) float64      { return float64(a.x*b.y) - float64(a.y*b.x) }
func (a vec) square() float64          { return float64(a.x*a.x) + float64(a.y*a.y) }
func (a vec) distance(b vec) float64   { return math.Sqrt(a.sub(b).square()) }
func (a vec) mix(b vec, f float64) vec { return a.add(b.sub(a).scale(f)) }

// snapped returns the place rounded to centimetres, so that what is built on it
// does not depend on the last bit of a sine.
func (a vec) snapped() vec { return vec{math.Round(a.x*100) / 100, math.Round(a.y*100) / 100} }

// bump is 1 at the middle and falls off as a bell; at radius metres it is 0.37.
func (a vec) bump(middle vec, radius float64) float64 {
	return math.Exp(-a.sub(middle).square() / (radius * radius))
}

// lonLat returns the place in degrees WGS 84, rounded to 1e-6 (0.1 m).
func (a vec) lonLat() orb.Point {
	east, north := degreeMetres()
	return orb.Point{micro(centreLon + a.x/east), micro(centreLat + a.y/north)}
}

// placeOf returns the place of a point in degrees.
func placeOf(p orb.Point) vec {
	east, north := degreeMetres()
	return vec{(p[0] - centreLon) * east, (p[1] - centreLat) * north}
}

// degreeMetres returns how many metres a degree of longitude and one of
// latitude are in the middle of the city.
func degreeMetres() (east, north float64) {
	north = float64(geo.EarthRadius) * math.Pi / 180
	return north * math.Cos(centreLat*math.Pi/180), north
}

// micro rounds degrees to the sixth decimal.
func micro(degrees float64) float64 { return math.Round(degrees*1e6) / 1e6 }
