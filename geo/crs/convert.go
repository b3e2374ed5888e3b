package crs

import (
	"math"

	"github.com/paulmach/orb"
)

// ToWGS84 returns the WGS 84 longitude and latitude, in degrees, of a point
// given in s: degrees, or metres for WebMercator. The result is finite and
// within ±180 and ±90 degrees. A point that cannot be one of s gives a
// *RangeError, a value that is no System an *UnknownError. For GCJ02 and BD09
// it undoes FromWGS84 to less than a millimetre; the package comment says
// what happens on the border of the mainland. Safe for concurrent use.
func ToWGS84(s System, p orb.Point) (orb.Point, error) {
	if !s.known() {
		return orb.Point{}, unknownSystem(s)
	}
	if why := outOfRange(s, p); why != "" {
		return orb.Point{}, &RangeError{System: s, Point: p, Why: why}
	}
	out := toWGS84(s, p)
	if why := outOfRange(WGS84, out); why != "" {
		return orb.Point{}, &RangeError{System: s, Point: p, Why: "in WGS 84 its " + why}
	}
	return out, nil
}

// FromWGS84 returns the coordinates in s of a WGS 84 longitude and latitude
// in degrees: degrees, or metres for WebMercator. A point outside ±180 or ±90
// degrees, or one s has no coordinates for (WebMercator ends at 85.06
// degrees), gives a *RangeError, a value that is no System an *UnknownError.
// Safe for concurrent use.
func FromWGS84(s System, p orb.Point) (orb.Point, error) {
	if !s.known() {
		return orb.Point{}, unknownSystem(s)
	}
	if why := outOfRange(WGS84, p); why != "" {
		return orb.Point{}, &RangeError{System: WGS84, Point: p, Why: why}
	}
	out := fromWGS84(s, p)
	if why := outOfRange(s, out); why != "" {
		return orb.Point{}, &RangeError{System: s, Point: out, Why: why}
	}
	return out, nil
}

// ColumnsToWGS84 replaces two columns in place, as ToWGS84 does with points:
// x[i] by the longitude and y[i] by the latitude of row i. A row that cannot
// be converted is left as it was and handed to reject with its number and a
// *RangeError; with reject nil the first such row ends the work with a
// *RowError, rows before it being converted. Columns of different lengths are
// an error. Safe for concurrent use on different columns.
func ColumnsToWGS84(s System, x, y []float64, reject func(row int, err error)) error {
	return columns(s, x, y, reject, ToWGS84)
}

// ColumnsFromWGS84 replaces longitudes and latitudes in place by coordinates
// in s, as FromWGS84 does with points; rejected rows are treated as in
// ColumnsToWGS84.
func ColumnsFromWGS84(s System, lon, lat []float64, reject func(row int, err error)) error {
	return columns(s, lon, lat, reject, FromWGS84)
}

func columns(
	s System, x, y []float64, reject func(int, error), convert func(System, orb.Point) (orb.Point, error),
) error {
	if !s.known() {
		return unknownSystem(s)
	}
	if len(x) != len(y) {
		return &LengthError{X: len(x), Y: len(y)}
	}
	for i := range x {
		p, err := convert(s, orb.Point{x[i], y[i]})
		switch {
		case err == nil:
			x[i], y[i] = p[0], p[1]
		case reject == nil:
			return &RowError{Row: i, Err: err}
		default:
			reject(i, err)
		}
	}
	return nil
}

func toWGS84(s System, p orb.Point) orb.Point {
	switch s {
	case GCJ02:
		return gcjToWGS(p)
	case BD09:
		return gcjToWGS(bdToGCJ(p))
	case WebMercator:
		return mercatorToWGS(p)
	}
	return p
}

func fromWGS84(s System, p orb.Point) orb.Point {
	switch s {
	case GCJ02:
		return gcjFromWGS(p)
	case BD09:
		return bdFromGCJ(gcjFromWGS(p))
	case WebMercator:
		return mercatorFromWGS(p)
	}
	return p
}

// outOfRange returns why p cannot be a coordinate of s, or "".
func outOfRange(s System, p orb.Point) string {
	x, y := math.Abs(p[0]), math.Abs(p[1])
	if !(x <= math.MaxFloat64 && y <= math.MaxFloat64) {
		return "not a finite number"
	}
	if s == WebMercator {
		return mercatorOutOfRange(x, y)
	}
	switch {
	case y > 90 && y <= 180 && x <= 90:
		return "latitude is outside -90 to 90 degrees; longitude and latitude may be swapped"
	case y > 90:
		return "latitude is outside -90 to 90 degrees"
	case x > 180:
		return "longitude is outside -180 to 180 degrees"
	}
	return ""
}

// invert returns the p for which forward(p) is q, for a forward that moves
// points by little and smoothly: each round adds what is missing at q. The
// shifts here change by less than 3 % of the way one goes, so every round
// leaves at most that part of the error; six are usual. It stops at 1e-12
// degrees, a ten-thousandth of a millimetre.
func invert(forward func(orb.Point) orb.Point, q orb.Point) orb.Point {
	const (
		enough = 1e-12 // degrees
		rounds = 30
	)
	p := q
	for range rounds {
		r := forward(p)
		dx, dy := q[0]-r[0], q[1]-r[1]
		p[0] += dx
		p[1] += dy
		if math.Abs(dx) < enough && math.Abs(dy) < enough {
			break
		}
	}
	return p
}
