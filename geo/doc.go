// Package geo says where: cells of the H3 grid, resolutions, outlines, lengths
// and areas. It knows places and shapes, and nothing of what happened there.
//
// # Conventions
//
// A point is an orb.Point of longitude and latitude, in this order, in degrees
// on WGS 84. Longitudes run from -180 to 180, which are the same meridian.
// Lengths are Metres and areas SquareMetres, both on the sphere of EarthRadius,
// the one H3 uses; against the ellipsoid they are right to about half a per cent.
//
// Outlines are orb.MultiPolygon. Their edges are straight lines in longitude and
// latitude (RFC 7946, section 3.1.1). Rings that come out are closed, shells
// counter-clockwise and holes clockwise, cut at the antimeridian; what goes in
// may be open, wound either way, and cross the antimeridian. Repair mends what
// is worse than that, and tells.
//
// Slices of cells come out in ascending order and without repeats, except where
// they stand row by row for points. Nothing here keeps or changes a slice it is
// given, and all of it is safe for concurrent use.
//
// # Design
//
// H3 lives here alone: h3-go is cgo, and no other package may name it. What is
// only bits of a cell number (Valid, Parent, Children, Resolution) and steps
// inside one base cell (Disk, Neighbours) are done in Go and compared with
// h3-go in the tests; everything that turns axes or takes trigonometry is
// h3-go's own answer.
//
// A point is indexed directly at each resolution that is needed. The parent of
// its cell is not the coarser cell that holds it for 5.7 to 7.1 per cent of
// points per step.
//
// Neighbours counts steps on the whole grid and then intersects with the set. A
// search from cell to cell within the set would miss neighbours on the far side
// of a hole. What is near a cell are some children each of the parents near its
// own, so one table per resolution, from the coarsest down, and one bit per cell
// answer for all cells in order, without hashing or sorting.
//
// Cover and the table of package locate rest on one property: away from the
// border of an area a cell lies wholly inside or wholly outside. The border is
// sampled densely, the cells of the samples and one ring around them form the
// rim, and only cells on the rim are looked at closely. The rest is decided from
// the top of the H3 tree downwards, many cells at a time. That also gives the
// cells in ascending order, and takes no more memory than the answer.
//
// Shares cuts outlines down to cells, halving the list of cells on the rim and what
// is left of the outline with it, so that no cell looks at more than the few edges
// nearby. Intersections are measured as they are: counting the centres of finer
// cells, 49 to a cell, is off by 0.009 of a cell on average and up to 0.07.
//
// Which side of an edge a point lies on is the sign of a determinant, computed
// with an error bound and, where that does not decide, exactly. So two areas
// that share an edge agree on every point near it.
package geo
