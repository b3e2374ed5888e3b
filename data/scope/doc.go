// Package scope shows a part of a store as a store: the facts in some communities,
// those communities, and what can be said of these facts alone. It is for callers who
// may see no more than that.
//
// # Design
//
// What a caller may see is settled once, beneath everything that computes: an engine
// over a part never meets a fact of another, so that no layer, count, tile, list of
// choices or cached answer can hold one. For that, whatever a store says of itself is
// said of the part:
//
//   - a scan and a rollup have one more condition, on the community that a fact was
//     stamped with; facts outside every community, or without a place, are in no part;
//   - a quality report is made anew of the facts of the part;
//   - a version depends on the facts and communities of the part. It is made by reading
//     them, once for each version of the whole, so entity tags tell nothing of what
//     changes elsewhere;
//   - imports say when they were, and not of how much.
//
// Settings and documents (definitions of indicators, calendars) are those of the whole.
// Facts inside of the part may be replaced, and new ones kept, by who says what the part
// has of them. All else is kept by the whole.
package scope
