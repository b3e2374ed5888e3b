// Package disclosure says which counts of a hierarchy cannot be told without
// telling small ones: counts from 1 to k-1, and so many others that none of
// those follows from what is told.
//
// # Design
//
// A count is small, or primary, by the threshold rule (Hundepool, Domingo-Ferrer,
// Franconi, Giessing, Schulte Nordholt, Spicer and de Wolf 2012, Statistical
// Disclosure Control, chapter 5). Parts of a count are counts themselves: a share
// of 199 in 200, told beside 200, tells that one was missing. Zero is told; it is
// the sum of no one's facts.
//
// A total less all its parts but one tells that one, so further counts are hidden:
// complementary suppression (Cox 1980, J. Am. Stat. Assoc. 75:377-385). Of a tree
// this can be done exactly, node by node from the leaves up. Where a told node has
// hidden children,
//
//   - there are two or more of them;
//   - what they hide together, less what of it is told below them, exceeds the number
//     of leaves it is hidden in by k or more;
//   - they do not all have the most that is small, k-1;
//   - of any part of it they hide nothing, or k or more.
//
// A hidden node with anything below it has a hidden child: otherwise it would be the
// sum of those.
//
// What is told then leaves the unknowns in groups, each of them the hidden nodes
// below one told node, with one equation for the children of that and one for those
// of each hidden node with children. In a group whatever exceeds one fact in each
// hidden leaf can lie in any of the leaves. So the least count that a hidden node can
// have and the greatest differ by all of the excess, which is k or more: for a leaf
// both 1 and k+1 are possible, and nobody can tell that it is small.
//
// Which child is hidden beside a small one goes by the order of nodes, not by their
// counts: the smallest would lose less, and the choice would tell how small it is.
// This, and the condition on k-1, is against those who know the rule and ask which
// counts would have been hidden in the same way. Of the children of one node they
// learn nothing exactly, for k of 3 and more; in deeper trees they can where a hidden
// node has both hidden children and told ones, in a few cases of 1,000.
package disclosure
