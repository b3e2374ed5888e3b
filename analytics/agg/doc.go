// Package agg adds facts up to the rows of a frame: it answers the rollups of
// a plan in one pass over the batches of a source.
//
// # Design
//
// Everything added is an integer, so the answer is the same in any order, for
// any size of batch and any number of workers. Each worker counts into a table
// of its own; the tables are merged at the end. A table is dense where all its
// counts fit a processor's cache, and hashed by row and key beyond that.
//
// Sums are kept in 128 bits until all is added up, and have to fit 64 then: so
// has what any entries of a rollup add up to, that nobody who adds them has to
// look. Whether one does is a matter of the facts alone, as the answer is.
//
// Where the source can add up by itself its answers, counts and sums by key,
// are added to the same tables: a count of many facts at once is no other than
// many counts of one.
package agg
