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
// Communities differ in area by tens of times, so counts of communities are
// compared as densities, whose distribution is drawn by Monte Carlo.
package hotspot
