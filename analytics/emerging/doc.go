// Package emerging answers: where are hot spots new, growing, lasting or gone?
//
// It cuts the period into steps of the calendar and asks of every row and step
// whether the row and its neighbours, in that step and the one before, had more
// reports, or fewer, than bins of the whole cube drawn at random would have. What
// a row's bins have been over time is one of 17 patterns.
//
// # Design
//
// Bins are told hot or cold by their exact conditional permutation probability and
// the false discovery rate over the whole cube: cubes are sparser than maps, and
// the normal approximation that is customary here shows patterns on pure noise.
// It is there, under its name, for comparison with ArcGIS.
//
// Whether a row rises or falls is tested on its z, as in ArcGIS; how fast is told
// by Sen's slope of its reports.
package emerging
