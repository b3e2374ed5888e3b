// Package stats is the arithmetic of the analyses: local spatial statistics and
// their significance, intervals and shrinkage for small numbers, and response
// times with open cases. It knows columns of numbers and who is next to whom;
// it does not know cells, datasets, clocks or maps, and imports nothing but the
// standard library.
//
//   - Where do values cluster? Gi and GiStar give the Getis-Ord z of every
//     cell, ExactPermutation and PermutationMonteCarlo its p-value,
//     BenjaminiHochberg the q-value to report by. LocalMoran tells clusters from
//     outliers, LocalGeary likeness from difference, BivariateMoran how one
//     quantity goes with its neighbours' other; GlobalMoran, GlobalGeary and
//     GeneralG say the same of a whole map. StandardiseRates makes rates that
//     all of these may be asked of.
//   - How sure is a share, a rate or a mean? Wilson, ClopperPearson, Jeffreys
//     (by name: ShareMethod), PoissonExact, PoissonByar and MeanInterval give
//     intervals, FunnelLimit the lines of a funnel plot, ShareFunnel where each unit
//     stands in it.
//   - Who comes last? ShrinkShares and ShrinkRates give estimates to rank by,
//     ShrinkSharesWithin and ShrinkRatesWithin those that keep to a parent area;
//     Rank gives the places.
//   - Has it changed? ShareChange, RateChange and MeanChange compare two periods.
//   - How long do cases take? KaplanMeier counts open cases for as long as
//     they were watched, also for the share within a limit; Durations is a
//     summary of the same that merges by addition; SampleQuantile and
//     ClosedQuantile look at closed cases alone.
//
// # Conventions
//
// A column has one row per cell, and all columns of a call have the same rows.
// Where a call takes valid, row i counts only if valid[i]; nil means that all
// do. What is in the other rows does not matter. A value that cannot be
// computed is false in the Valid column of the result and says why in Reason;
// its number is then 0 and means nothing. NaN and infinities never leave this
// package, and are refused on the way in.
//
// Shares, probabilities and confidence levels run from 0 to 1, durations are in
// seconds, and quantiles are named by the share below them.
//
// Results belong to the caller; arguments are neither changed nor kept, except
// that NewWeights owns its slices and Local refers to its x. All functions are
// safe for concurrent use on shared arguments.
//
// # Design
//
// Same input, same bits. Sums over all rows run in their order, or over ranges of
// fixed length and then in the order of these; what is done for each row by itself,
// for each distinct count and for each permutation is shared among the processors,
// whose number therefore cannot matter. Random draws come from a counter-based
// generator keyed by seed and permutation, not from a shared stream.
//
// Exact before simulated. Complaint counts are sparse, and there the normal
// approximation that is customary for hot spots is badly wrong: on maps of pure
// noise with 0.05 to 0.3 events per cell it reports false hot spots nearly
// always. Permutations mend that, but the p-values of 999 of them cannot fall
// below 0.001, too coarse for a false discovery rate over many cells. For
// counts the permutation distribution can be written down exactly, for all
// cells at once, faster than z is computed by usual means; ExactPermutation
// does so. Simulation is left for rates, for distance weights and for counts so
// large that the exact tables would not fit.
//
// One kernel for Gi and Gi*. Gi of cell i is Gi* without the cell itself, taken
// over the n-1 other cells; the code differs in mean, variance and count only.
// Deviations are taken from the mean before they are weighted, so a large
// common offset costs no digits, and a cell whose variance swamps all others is
// left out by summing anew rather than by subtraction.
//
// Row standardisation is a flag, not a division. It cannot change z or p, and
// as a flag it takes account of self weights and of missing cells whenever they
// come in.
//
// Whole numbers merge. Durations are counted in fixed buckets of 0.5 % relative
// error, so summaries of cells, segments and machines add up exactly, in any
// order, and in SQL. Sketches that adapt to the data are smaller but depend on
// the order of merging, or give an error in rank that is useless at the 99th
// percentile. Moments keep sums and sums of squares in 192 bits for the same
// reason.
//
// Tests on the safe side. Comparisons of two periods are made by the thousand
// and read by people who act on them, so shares and rates are compared exactly,
// whatever the counts: p may be larger than need be, never smaller. Approximate
// tests are the other way round just where counts are small.
package stats
