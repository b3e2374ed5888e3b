// Package data says what happened: incidents, resources, inspections and the
// communities they belong to, as columns, together with the contracts of the
// stores that keep them.
//
// It holds nouns only. Reading files, keeping rows and checking quality are
// verbs and live in the folders below; what the numbers mean is analytics.
//
// # Conventions
//
// A fact is one row of a [Dataset]. Facts travel in a [Batch], a set of equally
// long columns in Apache Arrow memory. Times are Unix microseconds in UTC.
// Coordinates are WGS 84 degrees, longitude first. A missing value is missing:
// validity travels with each column, and no number stands in for it.
//
// A fact is identified by its source and its id within that source. Its place
// is known in one of three ways (column location): "point", with coordinates;
// "area", with nothing but the code of a community; "none".
//
// # Design
//
// Arrow is the memory at rest and on the wire, Go slices are what arithmetic
// sees: a [Batch] hands out the column's own memory, so packages above never
// import Arrow. Batches are immutable and may be kept for as long as anybody
// likes; with Go's own allocator nothing has to be released.
//
// Cells are computed once, on the way in, directly at every served resolution:
// an H3 parent is not the hexagon that holds the point for 6 to 7 of 100
// points, so a count drawn in a hexagon must come from that resolution's own
// column (cell_7 … cell_11 by default).
//
// A [Rollup] is what any engine can compute: conditions, keys, counts and sums,
// all integers, so parts computed apart and merged equal the whole bit for bit.
// What depends on a calendar or on text no engine agrees on is computed row by
// row before that, by a [Derivation].
package data
