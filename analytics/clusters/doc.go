// Package clusters answers: where, and since when, is there a surge that chance
// does not explain?
//
// It looks at every disk of rows and every span of time, takes the one where the
// reports exceed what was expected by most, and asks how often a year of chance
// would have shown as much anywhere (Kulldorff's scan statistic). That is the
// question of a duty officer: is something going on, and how sure is that when one
// looks everywhere every day?
//
// # Design
//
// What is expected is, unless asked otherwise, what place and time would have if
// they were independent: the space-time permutation model. It needs no population,
// and neither streets that always report much nor weeks in which the whole city
// does stand out. With a population it is each place's share of the people.
//
// Clusters do not overlap. The p-values of all but the first are on the safe side.
package clusters
