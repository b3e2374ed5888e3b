package compliance

import (
	"time"

	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// populations returns the counts of the populations as of a moment: conditions
// of which every case meets exactly one, and then NotMatured.
func populations(asOf time.Time) []data.Count {
	return indicator.Timing{Start: "reported_at", Stop: "closed_at", Due: "due_at", HasStatus: true}.Populations(asOf)
}

// A policy says which populations count, and as what.
type policy struct {
	open        string // matured, pessimistic, optimistic, closed_only
	noLimitGood bool   // cases without a limit count as on time
	byDue       bool   // a case belongs to the period its deadline falls in
}

// members returns the condition of the cases that belong to the period: by
// their deadline where they have one and the policy goes by it, else by when
// they were reported.
func (p policy) members(from, to, asOf time.Time) data.All {
	if p.byDue {
		return indicator.DueIn(from, to, asOf)
	}
	return indicator.ReportedIn(from, to, asOf)
}

// share returns how many cases count as on time, and of how many.
func (p policy) share(of func(population string) int64) (onTime, all int64) {
	return indicator.Share(p.open, p.noLimitGood, of)
}
