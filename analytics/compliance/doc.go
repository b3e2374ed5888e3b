// Package compliance answers: how much of what had to be dealt with in time
// was dealt with in time, and can that be told from chance?
//
// Every case falls into exactly one population as of a moment (domain terms of
// GB/T 30428.4 and of 311 service levels), and the populations are always
// returned, so that nobody has to guess what a share was made of:
//
//	closed_on_time  closed, not after its deadline
//	closed_late     closed after its deadline
//	open_overdue    open, deadline passed: known to be late
//	open_not_due    open, deadline ahead: not known yet
//	suspended       the clock stands still by decision
//	void            cancelled, a duplicate or not a case
//	no_limit        no deadline applies
//
// A case that is closed without saying when is in none of these; it is counted
// as undated and never judged.
//
// # Design
//
// What counts is a matter of policy, and policies differ by tens of points on
// the same data: of a stream of cases with a limit of a week, 72 of 100 were
// on time, counting only closed ones 84. So the default is the matured cohort,
// cases whose deadline has passed, of which the outcome is known. The other
// policies are there to reconcile with what others publish.
package compliance
