// Package trend asks of series how they change, and of a cube of cells by steps
// of time where hot spots come and go.
//
//   - Does it rise or fall? MannKendall tests it, HamedRao with allowance for
//     values that depend on those before, Sen says by how much a step.
//   - Where is a cell and its neighbours, now and just before, above the rest?
//     GiStar gives the z of every bin of a cube, Weights the neighbourhoods with
//     which stats.ExactPermutation gives its p.
//   - What has become of a hot spot? Classify names the pattern of a cell's bins:
//     new, consecutive, intensifying, persistent, diminishing, sporadic,
//     oscillating or historical.
//
// # Conventions
//
// Series are in order of time, at even steps. A cube of n cells and T steps is
// one column of n T bins, the cells of the first step first. Everything else is
// as in package stats.
package trend
