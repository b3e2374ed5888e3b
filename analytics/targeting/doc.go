// Package targeting answers: where to go next, how well would that have worked,
// and by which way?
//
// A [Ranker] says how many events to expect in each row of an area in the
// period that begins. [Backtest] holds rankers against what then happened, at
// one cut-off after another, and says how sure the difference between two of
// them is. [Solve] makes a tour of the places that are worth most within the
// time there is.
//
// The package knows rows, periods by number and minutes; it does not know
// stores, clocks, time zones or words.
//
// # Conventions
//
// Periods are numbered from 0 and half open. Period p begins at cut-off p. A
// ranker is told of an event at the first cut-off by which it was known, and of
// no other, so it cannot see what came later. Shares run from 0 to 1. A figure
// that cannot be computed is nil and has a reason; no NaN and no infinity leaves
// this package.
//
// # Design
//
// Rankers are handed events rather than a table to look into. Leaks in back-tests
// come from tables that were made of today's records: here the future is not in
// the room. What a source changed after the cut-off is not known before either,
// which is for the caller to say, event by event ([Event.Known]).
//
// Our own ranking has no dial that anybody could have set by looking at the
// result. Its half-life and the width of its neighbourhood are chosen at every
// cut-off from a short list, by how well each would have foretold the periods
// before it, in the sense of the multinomial likelihood.
//
// Rankings are compared in the same periods, so what matters is the interval of
// the difference and not whether two intervals overlap. Periods that follow one
// another are alike, therefore blocks of periods are drawn (Künsch 1989).
package targeting
