// Package coverage answers: who is served, who is not, and where should the next
// station stand?
//
// For every row it tells the nearest resource, who of its inhabitants has one in
// reach, and how much there is for each of them once all who share it have had
// theirs (two-step floating catchment areas). [Sites] suggests where new resources
// would reach most people who have none.
//
// # Design
//
// Distances run from points to the exact places of resources, on the sphere that H3
// uses. People are seen where they live: at places of 130 m across, over which the
// finest community of known population spreads them, so that a district is the sum
// of its quarters and a cell can be served in part. Reports are as many points as
// there are cells. Those who live outside the rows take their share of resources
// too, and are in none of the figures. Ways are straight lines; roads, rivers and walls make them
// longer, so a reach asked for here is a little less than one on foot.
//
// Where a new site is best is a covering problem that takes exponential time to
// solve exactly. The greedy choice is never below 63 % of the best (Nemhauser,
// Wolsey and Fisher 1978) and mostly within a few percent; how far it can be off
// with these data is told beside it.
package coverage
