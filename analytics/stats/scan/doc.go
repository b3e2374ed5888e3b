// Package scan looks for the zone, or the zone and time, where there are more
// events, or fewer, than chance explains, and says how sure that is when one has
// looked everywhere: Kulldorff's scan statistics.
//
//   - Poisson asks where events exceed a population's share of them, Bernoulli
//     where cases exceed their share of trials.
//   - SpaceTime asks the same of zones and spans of time; with a population, or
//     without one by permuting when events happened (Kulldorff et al. 2005), so
//     that neither places that always report much nor busy weeks stand out.
//
// # Conventions
//
// Zones are made of cells, which are numbered from 0; steps of time likewise. A
// column of bins holds the steps of the first cell, then those of the second.
// Everything else is as in package stats.
//
// # Design
//
// Zones are disks of complete rings round a cell, cut off at the border of the
// study area: circles by distance are ill-conditioned on a grid of hexagons, where
// many distances tie. Two centres may have the same disk at a border; it is one
// zone, and keeps the lower centre.
//
// The sums of one centre's disks follow from each other, so a simulation costs one
// addition for each cell, ring and span. Its logarithm is taken only where a bound
// on the ratio, C (c-μ)² / (μ (C-μ)), is above the largest found so far.
//
// Every simulation has its own stream of random numbers. Any number of processors
// gives the same bits.
package scan
