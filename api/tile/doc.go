// Package tile cuts rows into vector tiles: Mapbox Vector Tile 2.1 on the tile
// matrix set WebMercatorQuad (OGC 17-083r4, annex D.1). It computes nothing: a
// tile shows rows as they are, on a grid of 4,096 units to a side.
//
// # Conventions
//
// Tile space has its origin at the top left of the tile; x runs to the right
// and y down. Rings of exteriors have a positive area in it by the surveyor's
// formula, holes a negative one (MVT 2.1, section 4.3.4.4). Shapes reach 64 units
// beyond the tile ([Buffer]), so that outlines drawn along its edges meet those
// of the next tile. A pixel is eight units, as clients draw a tile 512 pixels
// wide.
//
// Whole numbers are sint64, numbers double, words string; MVT has no null, so a
// row without a value has no such attribute. H3 cells do not fit the 53 bits
// that JavaScript counts to: they are the word "cell" and no feature id.
//
// # Design
//
// A tile holds at most [MaxFeatures] rows of a layer and [MaxBytes] bytes, which
// a browser draws without a pause. For cells that is a matter of resolution: the
// [Ladder] says which one a zoom shows. For communities points are snapped to a
// coarser grid, the same for all, so that neighbours keep their common border;
// if that is not enough the smallest are left out, and their number is told.
//
// A community smaller than a unit would vanish: it becomes a square of one
// pixel, in the one tile that holds its centre. What is thinner than a unit, but
// not smaller, keeps the parts that are not.
//
// Polygons are cut by Sutherland and Hodgman's method (1974). It is exact for
// convex shapes, such as cells; a concave outline that leaves the tile and comes
// back keeps its parts joined along the rim of the buffer, out of sight.
// Snapping to the grid can make rings touch themselves within one unit.
//
// Edges run straight in the projection. Outlines are straight in longitude and
// latitude (RFC 7946, section 3.1.1) and cells bend along great circles; where
// the ladder shows them, both stay within half a unit of that.
package tile
