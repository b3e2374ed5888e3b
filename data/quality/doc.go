// Package quality says how good the facts of a store are: a count for every
// rule, the points that many rows share, and those that are a default some
// geocoder filled in.
//
// It finds and counts; it corrects nothing and leaves nothing out. That is for
// whoever reads the report.
//
// # Conventions
//
// A rule counts rows, and a row counts once for a rule, however often it breaks
// it. Rules whose column is missing in a row do not count that row. "Midnight",
// days and hours are those of the city's time zone.
//
// # Design
//
// One scan counts everything but the traits of points that many rows share; a
// second one, of the rows at those points alone, is made where there are such
// points. What is held in memory is one entry for every different point and a
// 64-bit digest for every incident.
package quality
