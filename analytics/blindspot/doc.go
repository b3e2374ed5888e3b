// Package blindspot answers: where do the public and the inspectors disagree?
//
// Complaints and inspections are two kinds of evidence of the same streets, and
// each is blind in its own way: people do not complain where they have given up or
// never learnt how to, and inspectors see what is there when they come. Where many
// complain and inspections pass, or inspections fail and nobody complains, one of
// them misses something. The two are never added up.
//
// # Design
//
// That two kinds of evidence disagree takes two findings, so it is tested by the
// larger of their p-values (the intersection-union test of Berger 1982), doubled
// because they may disagree either way. Complaints are tested by permutation, as in
// package hotspot. Failures are tested against the share of all inspections by the
// binomial distribution, which holds for few inspections and rare failures, where
// normal deviates do not. Inspections of one point repeat each other; both numbers
// are divided by how much more they scatter for that (Rao and Scott 1992).
//
// Inspections are sparse. A row is judged together with those around it, and where
// nobody inspected, nothing is said of inspections.
package blindspot
