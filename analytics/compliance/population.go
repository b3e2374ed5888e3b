package compliance

import (
	"time"

	"github.com/civgrid/civgrid/data"
)

// The names of the populations.
const (
	closedOnTime = "closed_on_time"
	closedLate   = "closed_late"
	openOverdue  = "open_overdue"
	openNotDue   = "open_not_due"
	suspended    = "suspended"
	void         = "void"
	noLimit      = "no_limit"
	undated      = "undated"

	// notMatured is the part of closedOnTime whose deadline is still ahead.
	// Slower cases of the same age are not known yet, so the matured cohort
	// leaves it out.
	notMatured = "on_time_not_matured"
)

// populations returns the counts of the populations as of a moment: conditions
// of which every case meets exactly one, and then notMatured.
func populations(asOf time.Time) []data.Count {
	is := func(status string) data.Condition {
		return data.Compare{Column: "status", Op: data.Equal, Value: status}
	}
	closed := data.Compare{Column: "closed_at", Op: data.LessOrEqual, Value: asOf}
	due := data.Compare{Column: "due_at", Op: data.Less, Value: asOf}
	inTime := data.CompareColumns{Left: "closed_at", Op: data.LessOrEqual, Right: "due_at"}
	unlimited := data.Missing{Column: "due_at"}
	unknown := data.All{is(data.StatusClosed), data.Missing{Column: "closed_at"}}
	still := data.All{is(data.StatusSuspended), not(closed)}

	alive := data.All{not(is(data.StatusVoid)), not(still), not(unknown)}
	limited := func(more ...data.Condition) data.Condition {
		return append(data.All{alive, not(unlimited)}, more...)
	}
	return []data.Count{
		{Name: closedOnTime, Where: limited(closed, inTime)},
		{Name: closedLate, Where: limited(closed, not(inTime))},
		{Name: openOverdue, Where: limited(not(closed), due)},
		{Name: openNotDue, Where: limited(not(closed), not(due))},
		{Name: suspended, Where: data.All{not(is(data.StatusVoid)), still}},
		{Name: void, Where: is(data.StatusVoid)},
		{Name: noLimit, Where: data.All{alive, unlimited}},
		{Name: undated, Where: data.All{not(is(data.StatusVoid)), unknown}},
		{Name: notMatured, Where: limited(closed, inTime, not(due))},
	}
}

func not(c data.Condition) data.Condition { return data.Not{Condition: c} }

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
	onTime = of(closedOnTime)
	all = onTime + of(closedLate)
	switch p.open {
	case "matured":
		onTime -= of(notMatured)
		all += of(openOverdue) - of(notMatured)
	case "pessimistic":
		all += of(openOverdue) + of(openNotDue)
	case "optimistic":
		onTime += of(openNotDue)
		all += of(openOverdue) + of(openNotDue)
	}
	if p.noLimitGood {
		onTime += of(noLimit)
		all += of(noLimit)
	}
	return onTime, all
}
