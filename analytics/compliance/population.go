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
// they were reported. Cases reported after the moment of judgement are not
// known yet.
func (p policy) members(from, to, asOf time.Time) data.All {
	in := func(column string) data.Condition {
		return data.All{
			data.Compare{Column: column, Op: data.GreaterOrEqual, Value: from},
			data.Compare{Column: column, Op: data.Less, Value: to},
		}
	}
	known := data.Compare{Column: "reported_at", Op: data.LessOrEqual, Value: asOf}
	if !p.byDue {
		return data.All{known, in("reported_at")}
	}
	return data.All{known, data.Any{in("due_at"), data.All{data.Missing{Column: "due_at"}, in("reported_at")}}}
}

// share returns how many cases count as on time, and of how many.
func (p policy) share(of func(population string) int64) (onTime, all int64) {
	return indicator.Share(p.open, p.noLimitGood, of)
}
