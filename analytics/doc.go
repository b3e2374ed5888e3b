// Package analytics says what the facts mean: it holds the nouns that every
// analysis shares.
//
// An [Analysis] says what it needs (Plan, and Derive where stores do not have
// it) and then computes on that alone (Compute). In between, package agg adds facts up to the rows of a [Frame],
// the study area. What comes out is a [Layer]: numbers by cell or by community
// with title, legend and method, ready to be drawn.
//
// It is no place for files, sockets, SQL, HTTP or the clock.
//
// # Conventions
//
// A row of a frame is an H3 cell or a community. Rows are in ascending order
// of cell number or code. A value that cannot be had is missing, with a reason
// in words where the analysis knows one; zero is a number like any other.
// Shares run from 0 to 1, durations are in seconds, areas in square
// kilometres, times are UTC unless a column says local.
//
// # Design
//
// Compute is pure, so analyses are tested without a store, can be cached by
// plan and data version, and cannot leak SQL or HTTP. They count and sum
// integers only, so the same layer comes out whichever engine did the adding,
// in any order and on any number of cores.
package analytics
