// Package kernel answers: where do reports lie close together, whatever the borders
// of cells?
//
// The count of a cell depends on where its edges run. A kernel density spreads every
// report over the surroundings of its point, up to a bandwidth, and adds up: the
// surface is smooth, and cells next to each other differ by what there is.
//
// It draws; it does not test. Chance alone has hills too: which are more than that,
// hot spots and clusters say.
//
// # Design
//
// Stores add facts up; none sends the points of all of them. So facts are counted by
// where in their cell they lie, on a grid of 64 by 64 that covers it: reports of one
// grid square stand at its middle, at resolution 9 within 7 m of where they were. The
// surface is off by 0.2 to 0.3 % of its peak for it, with counts at the centres of
// cells it would be by 5 to 7 % (see the tests).
//
// Beyond the limits of the study area reports are not known, and near them the
// surface falls although nothing does. With edge, each value is divided by how much
// of the kernel lies inside (Diggle 1985, Appl. Statist. 34:138-147, equation 4),
// added up over the centres of cells: at the limits that is right to 5 % for a
// bandwidth of two cells, and to 2 % for one of four.
package kernel
