// Package locate says which area holds a point: which community, beat or ward,
// for many points over many areas, exactly.
//
// # Rules
//
// Areas are multipolygons in longitude and latitude (WGS 84, degrees) with
// straight edges, as geo.NewRegion describes them. The border belongs to the
// area, as in ST_Covers of the Simple Features, that of holes too. A point that
// several areas hold, because it lies exactly on a border they share or because
// they overlap, belongs to the one with the lowest code in byte order; so areas
// that tile a city give every point exactly one owner. No rounding error can put
// a point on the wrong side of an edge.
//
// It is not a geocoder and does not look for the nearest area: a point outside
// all of them has no answer.
//
// # Design
//
// Most points lie well inside an area. A table over the H3 grid answers for
// them: every cell that a border comes near is marked, and a cell that is not
// lies wholly in one area or in none. Near means within one ring of cells of a
// densely sampled border. That a cell is "fully contained" by H3's own test would
// not do, because the edges of cells are great-circle-like and those of outlines
// straight in longitude and latitude.
//
// The descendants of one coarse cell are contiguous in the order of cell
// numbers and hang together on the ground. The table is therefore a short list
// of runs of cells, found from the top of the H3 tree downwards, with one point
// in polygon test for each run; its size follows the length of the borders and
// not the size of the areas. The resolution is the finest at which the borders
// stay below a number of cells, so that building takes bounded time and memory.
//
// A point in a marked cell is tested against the few areas whose border comes
// near, in order of code. Each area keeps its edges in bands of latitude, and
// only those in the band of the point are looked at. The side of an edge is the
// sign of a determinant, with an error bound and an exact fallback, and never
// the result of a division.
package locate
