package indicator

import (
	"fmt"
	"time"

	"github.com/civgrid/civgrid/data"
)

// The populations of timed cases as of a moment. Every case of a period is in
// exactly one of the first eight; the others are parts of them or several
// together.
const (
	ClosedOnTime = "closed_on_time"
	ClosedLate   = "closed_late"
	OpenOverdue  = "open_overdue" // known to be late
	OpenNotDue   = "open_not_due" // not known yet
	Suspended    = "suspended"
	Void         = "void"
	NoLimit      = "no_limit"
	Undated      = "undated" // closed, but the source does not say when

	// NotMatured is the part of ClosedOnTime whose deadline is still ahead.
	// Slower cases of the same age are not known yet, so the matured cohort
	// leaves it out.
	NotMatured = "on_time_not_matured"
	// AllCases is every case but the void.
	AllCases = "all"
	// Closed is both of the closed and dated with a limit, and those without one.
	Closed = "closed"
	// Open is every case that is neither closed nor void.
	Open = "open"
	// DueInPeriod is the matured cohort: cases whose deadline has passed.
	DueInPeriod = "due_in_period"
)

// The ways in which open cases count.
const (
	Matured     = "matured"     // only cases whose deadline has passed
	Pessimistic = "pessimistic" // an open case with a deadline is late
	Optimistic  = "optimistic"  // an open case is on time until its deadline
	ClosedOnly  = "closed_only" // open cases do not count
	KaplanMeier = "km"          // an open case counts for as long as it waited
)

// Policies returns the ways in which open cases count.
func Policies() []string {
	return []string{Matured, Pessimistic, Optimistic, ClosedOnly, KaplanMeier}
}

// Timing names the columns that say when a case began, ended and had to.
type Timing struct {
	Start, Stop string
	Due         string // "" without a limit: every case is in NoLimit
	// StopCounts is the condition under which the stop is one; nil means always.
	StopCounts data.Condition
	// HasStatus says that there is a column status with the words of incidents.
	HasStatus bool
}

// Closed returns the condition of cases known to have ended by a moment.
func (t Timing) Closed(asOf time.Time) data.Condition {
	by := data.Compare{Column: t.Stop, Op: data.LessOrEqual, Value: asOf}
	if t.StopCounts == nil {
		return by
	}
	return data.All{by, known(t.StopCounts, asOf)}
}

// Populations returns the counts that [Share] asks for: those of Partition, and
// NotMatured.
func (t Timing) Populations(asOf time.Time) []data.Count {
	early, _ := t.Population(NotMatured, asOf)
	return append(t.Partition(asOf), data.Count{Name: NotMatured, Where: early})
}

// Partition returns conditions of which every case meets exactly one: the first
// eight populations.
func (t Timing) Partition(asOf time.Time) []data.Count {
	is := func(status string) data.Condition {
		if !t.HasStatus {
			return data.Any{}
		}
		return data.Compare{Column: "status", Op: data.Equal, Value: status}
	}
	closed, late, overdue := t.Closed(asOf), t.late(), t.overdue(asOf)
	unlimited := data.Condition(data.All{})
	if t.Due != "" {
		unlimited = data.Missing{Column: t.Due}
	}
	unknown := data.All{is(data.StatusClosed), data.Missing{Column: t.Stop}}
	still := data.All{is(data.StatusSuspended), not(closed)}

	alive := data.All{not(is(data.StatusVoid)), not(still), not(unknown)}
	limited := func(more ...data.Condition) data.Condition {
		return append(data.All{alive, not(unlimited)}, more...)
	}
	return []data.Count{
		{Name: ClosedOnTime, Where: limited(closed, not(late))},
		{Name: ClosedLate, Where: limited(closed, late)},
		{Name: OpenOverdue, Where: limited(not(closed), overdue)},
		{Name: OpenNotDue, Where: limited(not(closed), not(overdue))},
		{Name: Suspended, Where: data.All{not(is(data.StatusVoid)), still}},
		{Name: Void, Where: is(data.StatusVoid)},
		{Name: NoLimit, Where: data.All{alive, unlimited}},
		{Name: Undated, Where: data.All{not(is(data.StatusVoid)), unknown}},
	}
}

// late is met by ended cases that ended after their deadline.
func (t Timing) late() data.Condition {
	if t.Due == "" {
		return data.Any{}
	}
	return data.CompareColumns{Left: t.Stop, Op: data.Greater, Right: t.Due}
}

// overdue is met by cases whose deadline has passed.
func (t Timing) overdue(asOf time.Time) data.Condition {
	if t.Due == "" {
		return data.Any{}
	}
	return data.Compare{Column: t.Due, Op: data.Less, Value: asOf}
}

// Population returns the condition of a population.
func (t Timing) Population(name string, asOf time.Time) (data.Condition, bool) {
	parts := map[string]data.Condition{}
	for _, c := range t.Partition(asOf) {
		parts[c.Name] = c.Where
	}
	overdue := t.overdue(asOf)
	switch name {
	case NotMatured:
		return data.All{parts[ClosedOnTime], not(overdue)}, true
	case AllCases:
		return not(parts[Void]), true
	case Closed:
		return data.All{not(parts[Void]), data.Any{t.Closed(asOf), parts[Undated]}}, true
	case Open:
		return data.All{not(parts[Void]), not(t.Closed(asOf)), not(parts[Undated])}, true
	case DueInPeriod:
		return data.Any{data.All{parts[ClosedOnTime], overdue}, parts[ClosedLate], parts[OpenOverdue]}, true
	}
	c, ok := parts[name]
	return c, ok
}

// PopulationNames returns the names of all populations.
func PopulationNames() []string {
	return []string{
		ClosedOnTime, ClosedLate, OpenOverdue, OpenNotDue, Suspended, Void, NoLimit, Undated,
		NotMatured, AllCases, Closed, Open, DueInPeriod,
	}
}

// deadlinePopulations returns the names of those that are empty without a
// limit.
func deadlinePopulations() []string {
	return []string{ClosedOnTime, ClosedLate, OpenOverdue, OpenNotDue, NotMatured, DueInPeriod}
}

// NothingEnded says what it means that none of so many open cases has ended.
func NothingEnded(open int64) []string {
	if open == 0 {
		return nil
	}
	return []string{fmt.Sprintf("None of %d cases has ended. Where the source does not say when cases end, waits and shares on time mean nothing.", open)}
}

// DueIn returns the condition of the cases that belong to a period by their
// deadline or, without one, by when they were reported. Cases reported after the
// moment of judgement are not known yet.
func DueIn(from, to, asOf time.Time) data.All {
	return data.All{knownBy(asOf), data.Any{
		within("due_at", from, to),
		data.All{data.Missing{Column: "due_at"}, within("reported_at", from, to)},
	}}
}

// ReportedIn returns the condition of the cases that belong to a period by when they
// were reported, if that was not after the moment of judgement.
func ReportedIn(from, to, asOf time.Time) data.All {
	return data.All{knownBy(asOf), within("reported_at", from, to)}
}

func knownBy(asOf time.Time) data.Condition {
	return data.Compare{Column: "reported_at", Op: data.LessOrEqual, Value: asOf}
}

func within(column string, from, to time.Time) data.Condition {
	return data.All{
		data.Compare{Column: column, Op: data.GreaterOrEqual, Value: from},
		data.Compare{Column: column, Op: data.Less, Value: to},
	}
}

func not(c data.Condition) data.Condition { return data.Not{Condition: c} }

// Share returns how many cases count as on time under a policy, and of how
// many, given the size of each population. For [KaplanMeier] it is that of
// [Matured].
func Share(policy string, noLimitGood bool, of func(population string) int64) (onTime, all int64) {
	onTime = of(ClosedOnTime)
	all = onTime + of(ClosedLate)
	switch policy {
	case Matured, KaplanMeier:
		onTime -= of(NotMatured)
		all += of(OpenOverdue) - of(NotMatured)
	case Pessimistic:
		all += of(OpenOverdue) + of(OpenNotDue)
	case Optimistic:
		onTime += of(OpenNotDue)
		all += of(OpenOverdue) + of(OpenNotDue)
	}
	if noLimitGood {
		onTime += of(NoLimit)
		all += of(NoLimit)
	}
	return onTime, all
}
