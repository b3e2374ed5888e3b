package data

// Withdrawn names the Code column that says that the source took a fact back: it
// holds [AnswerYes] in such a fact, and nothing in every other. Stores keep what
// they were told, so a fact is taken back by a later version of it that says so,
// and comes again by one that does not.
//
// A withdrawn fact is in no answer: not in that of Scan, whatever the query asks
// for, nor in those of Aggregate and of a [Historian] from the moment on at which
// it was taken back. It is content all the same: it counts for Version, and
// [Feed] tells of it, so that copies learn that it is gone.
const Withdrawn = "withdrawn"

// Live returns q without the facts that were taken back. Every store asks itself
// this instead of what it is asked.
func (q Query) Live() Query {
	q.Where = live(q.Where)
	return q
}

// Live returns r over the facts that were not taken back.
func (r Rollup) Live() Rollup {
	r.Where = live(r.Where)
	return r
}

// live puts the new condition last: nearly every row meets it, so databases ask it
// only of those that are left.
func live(c Condition) Condition {
	held := Missing{Withdrawn}
	if c == nil {
		return held
	}
	return All{c, held}
}
