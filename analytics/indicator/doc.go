// Package indicator says what is measured: definitions of indicators that are
// declared, versioned and checked, the kinds they are of, and what comes of
// them for every row of a study area.
//
// A definition is a YAML file, see [Read]: what counts, of what, by which
// clock, in which period, how open cases count, what is to be reached and how
// it is scored. Nothing of this stands in code. [Lint] finds what is probably
// meant otherwise, a [Library] holds definitions by code and version, and
// [AnalysisOf] makes of a definition an analysis like any other.
//
// # Conventions
//
// Shares run from 0 to 1, durations are in seconds, densities per square
// kilometre. A value that cannot be told is missing and says why; no data is
// never a number, unless the definition declares one for the score.
//
// # Design
//
// A kind says which facts it counts and what it makes of the counts of one row;
// counts add up over rows, stores and machines, so every level is pooled from
// facts and no average is ever averaged.
//
// Limits by category, calendars, pauses and extensions do not bear on the
// counting: a clock gives every case a deadline and the time it took, as
// columns derived while facts are read, and from there on they are counted as
// if the source had said so.
package indicator
