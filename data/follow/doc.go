// Package follow serves a store that others write to: it keeps a copy of its
// facts and of its catalog, follows the changes, and goes on serving the copy
// while the store is out of reach, saying since when.
//
// # Design
//
// Facts are copied by a [segment.Cache], the catalog (settings, communities,
// reports, imports, version) is read whole, as it is small. Readers are given
// what is there: no request waits for the store, and none fails because it is
// away. What changed is fetched first; then facts and catalog change over within
// microseconds, in which every question for the version has another answer, so
// that what is computed half before and half after is not taken for a whole of
// either.
//
// Looks are made when the store hints that something changed, where it can, and
// at fixed intervals in any case: a hint may be lost.
//
// Writes go to the store itself, which tests there what they are to replace: what the
// copy shows may be some seconds old. Facts that were written through the copy are looked
// for at once; everything else is seen by readers after the next look. A write that is
// kept is told as kept, even where the copy cannot be brought up to date after it.
//
// Changes are told once the copy has them, so that who hears of one can read it.
package follow
