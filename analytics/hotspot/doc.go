// Package hotspot answers: where are there more, or fewer, reports than chance
// would put there?
//
// For every row of the study area, empty ones included, it compares the
// reports in the row and its neighbours with what rows drawn at random would
// have: Getis and Ord's Gi* as a measure of size, and the exact conditional
// permutation distribution as the test. Classes are made by the false
// discovery rate over the whole map, never by single p-values.
//
// # Design
//
// Maps of complaints are sparse. On pure noise of 0.05 to 0.3 reports a cell
// the usual recipe, the normal approximation of Gi* with FDR, shows a false
// hot spot on nearly every map; the exact test shows one on fewer than 2 of
// 100. For counts on a hexagonal grid the exact distribution is cheap: see
// stats.ExactPermutation.
//
// Counts of cells are as likely in any cell as in any other, if there is no pattern.
// All else is not: a share of three cases scatters more than one of three hundred, and
// quarters of few cases lie side by side, as do those of many. To shuffle rates, late
// cases, waits or the densities of communities, which differ in area by tens of
// times, then shows false spots, standardised or not; to trust chance alone shows them
// where rows merely differ. So a row is hot, or cold, only if neither explains it. On
// uneven maps of noise the permutation alone shows a spot on up to six of ten,
// chance alone on up to one of six, both on no more than one of twenty.
//
// Waits are compared by closures, not by means: a mean of few cases follows the
// slowest of them, and quarters with twice the wait were not found by it.
package hotspot
