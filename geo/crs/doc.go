// Package crs reads and writes the coordinate systems that city data comes
// in: WGS 84, CGCS2000, GCJ-02 (AMap, Tencent), BD-09 (Baidu) and EPSG:3857.
// Everything else is refused by name; nothing is guessed.
//
// It does not detect a system from data, does not know projected national
// grids, and keeps no heights.
//
// # Conventions
//
// A point is an orb.Point: longitude first, latitude second, in degrees; for
// WebMercator x then y in metres. The order in which a standard lists the axes
// (EPSG:4326: latitude first) plays no part, because files are read by named
// columns. Longitude is within ±180, latitude within ±90; NaN, infinities and
// anything beyond are a *RangeError. What goes in finite comes out finite or
// as an error. All functions may be used by many goroutines at once.
//
// # What each system costs
//
//   - WGS84 is passed through.
//   - CGCS2000 is passed through. Its ellipsoid differs from that of WGS 84
//     by 0.1 mm, and at epoch 2000.0, to which its coordinates belong, the
//     two frames agree within centimetres to a decimetre. Against a receiver
//     that works in today's epoch the plate under China adds about 3 cm a
//     year, less than a metre in all; EPSG gives 1 m for the same step.
//   - GCJ02 and BD09 are undone to less than a millimetre. The formulas
//     themselves are those of published programs; map services draw within a
//     metre or so of them.
//   - WebMercator is exact to nanometres up to latitude 85.06 degrees.
//
// # Where GCJ-02 shifts, and the border
//
// The shift is applied inside mainland China only, see [InMainland]; Hong
// Kong, Macau and Taiwan are left alone. A shift that stops at a line by
// several hundred metres has no inverse there: on one side of the line shifted
// and unshifted places fall on one another, on the other side a strip stays
// empty. ToWGS84 is nevertheless defined everywhere. Let q be the point read
// and p the point that the shift, taken everywhere, would bring to q:
//
//	p in the mainland                  p, the place whose image is q
//	p outside, q in the mainland       p; the strip that stays empty
//	both outside                       q; it was never shifted
//
// So every point of the mainland comes back to less than a millimetre, from
// both systems, right up to the line. A point outside comes back unless it
// lies in the strip, less than one kilometre wide, on which the shift puts
// mainland places: there a mainland place is assumed, because who declares a
// file as GCJ-02 says that it is about the mainland. A file about Hong Kong
// should be declared as wgs84.
//
// # Sources
//
//   - GCJ-02: no official formula is public. The formula on the Krasovsky
//     1940 ellipsoid became known with the program EvilTransform (2013), and
//     all known converters use it.
//   - BD-09: the functions bd_encrypt and bd_decrypt, in circulation since
//     2013, on top of GCJ-02.
//   - EPSG:3857: IOGP Publication 373-7-2, method 1024.
//   - The outline of the mainland was drawn for this package.
//
// # Design
//
// A polygon instead of a bounding box: with a box Taipei, Hong Kong, Seoul,
// Hanoi and Ulaanbaatar are moved by half a kilometre, and nobody notices,
// because the map still looks like a map.
//
// A grid over the polygon: files have millions of rows and nearly all of them
// lie far from the border, so a quarter-degree cell answers for them with one
// look-up; only cells on the rim count edges. The grid is built at first use
// in about a millisecond, so programs that never read GCJ-02 do not pay.
//
// Fixed-point iteration instead of Newton's method: the shift changes by less
// than one per cent of the way, so each round gains two digits, and no
// derivative has to be written down twice. The square root in the formula has
// no derivative on longitude 105, where Newton's method would stumble.
//
// One table of refusals: a name that is silently taken for WGS 84 puts every
// point in the wrong place or none at all, so known names are answered with
// their full title and unknown ones with a list.
package crs
