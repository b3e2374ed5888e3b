// Package response answers: how long do people wait?
//
// For every row of the study area it gives the time within which half and nine
// tenths of the cases are dealt with, once as everybody computes it, from
// closed cases alone, and once by Kaplan and Meier, who let a case that is
// still open count for as long as it has waited. The first is biased low
// whenever slow cases are still open, and is there to reconcile with what
// others publish.
//
// # Design
//
// Waits are added up in logarithmic buckets (see stats.Bucket), closed and open
// apart: whole numbers, which merge exactly in any order, and from which both
// kinds of quantile follow within half a percent.
package response
