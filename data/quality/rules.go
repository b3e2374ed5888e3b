package quality

import (
	"math"
	"slices"

	"github.com/civgrid/civgrid/data"
)

// A Rule is one thing that can be wrong, or remarkable, with a row.
type Rule struct {
	Key      string // stable, for programs
	Title    string // for people
	Datasets []data.Dataset

	// broken reports whether row i breaks the rule. Nil for rules that are
	// counted over all rows at the end.
	broken func(v *view, i int) bool
}

// The rules that are counted over all rows.
const (
	rulePileUp  = "pile_up"
	ruleDefault = "default_location"
	ruleRepeat  = "repeated_case"
	ruleUnknown = "community_unknown"
)

// PileUpRows is the number of rows on exactly one point from which the rule
// pile_up counts them.
const PileUpRows = 50

// Rules returns every rule of a dataset, in the order of reports.
func Rules(d data.Dataset) []Rule {
	var of []Rule
	for _, r := range rules {
		for _, other := range r.Datasets {
			if other == d {
				of = append(of, r)
			}
		}
	}
	return of
}

var (
	incidents   = []data.Dataset{data.Incidents}
	inspections = []data.Dataset{data.Inspections}
	events      = []data.Dataset{data.Incidents, data.Inspections}
	all         = data.Datasets()
)

// rules are all rules.
var rules = []Rule{
	{"without_due", "without a deadline", incidents, func(v *view, i int) bool { return !has(v.due, i) }},
	{"never_closed", "without a closing time", incidents, func(v *view, i int) bool { return !has(v.closed, i) }},
	{"without_verdict", "without a verdict of the source", incidents, nil},
	{"closed_before_reported", "closed before reported", events, func(v *view, i int) bool { return before(v.closed, v.event, i) }},
	{"due_before_reported", "due before reported", events, func(v *view, i int) bool { return before(v.due, v.event, i) }},
	{"due_after_a_year", "due more than 365 days after reported", events, func(v *view, i int) bool { return later(v.due, v.event, i, 365*day) }},
	{"due_far_future", "due more than 20 years after reported: a stand-in for no deadline", events, func(v *view, i int) bool {
		return later(v.due, v.event, i, 20*36525*day/100)
	}},
	{"reported_in_future", "reported in the future", events, func(v *view, i int) bool { return v.future(v.event, i) }},
	{"closed_in_future", "closed in the future", events, func(v *view, i int) bool { return v.future(v.closed, i) }},
	{"updated_in_future", "updated in the future", all, func(v *view, i int) bool { return v.future(v.updated, i) }},
	{"updated_before_reported", "updated before reported", events, func(v *view, i int) bool { return before(v.updated, v.event, i) }},
	{"updated_long_after_close", "updated more than 90 days after closed", events, func(v *view, i int) bool { return later(v.updated, v.closed, i, 90*day) }},
	{"stage_before_reported", "accepted, registered, dispatched, dealt with or checked before reported", incidents, func(v *view, i int) bool {
		return slices.ContainsFunc(v.stages, func(t times) bool { return before(t, v.event, i) })
	}},
	{"disposed_before_dispatched", "dealt with before dispatched", incidents, func(v *view, i int) bool {
		return before(v.stages[disposed], v.stages[dispatched], i)
	}},
	{"checked_before_disposed", "checked before dealt with", incidents, func(v *view, i int) bool {
		return before(v.stages[checked], v.stages[disposed], i)
	}},
	{"extended_before_due", "extended to a time before it was due", incidents, func(v *view, i int) bool { return before(v.extended, v.due, i) }},
	{"paused_outside", "paused before reported, or after closed", incidents, (*view).pausedOutside},
	{"rechecked_before_inspected", "looked at again before inspected", inspections, func(v *view, i int) bool { return before(v.stages[0], v.event, i) }},
	{"closed_without_time", "closed without a closing time", incidents, func(v *view, i int) bool {
		return v.isStatus(i, data.StatusClosed) && !has(v.closed, i)
	}},
	{"open_with_closing_time", "open or suspended with a closing time", incidents, func(v *view, i int) bool {
		return v.isStatus(i, data.StatusOpen, data.StatusSuspended) && has(v.closed, i)
	}},
	{"zero_duration", "closed at the very time it was reported", incidents, func(v *view, i int) bool {
		return later(v.closed, v.event, i, -1) && !later(v.closed, v.event, i, 0)
	}},
	{"year_1900", "a time before 1901: a stand-in for no time", events, func(v *view, i int) bool {
		return ancient(v.event, i) || ancient(v.closed, i) || ancient(v.due, i) || ancient(v.updated, i)
	}},
	{"reported_at_midnight", "reported at exactly midnight: a date without a time", events, func(v *view, i int) bool { return v.midnight(v.event, i) }},
	{"closed_at_midnight", "closed at exactly midnight: a date without a time", events, func(v *view, i int) bool { return v.midnight(v.closed, i) }},
	{"time_occurs_twice", "reported in the hour that clocks repeat", events, func(v *view, i int) bool {
		at, ok := v.event.at(i)
		return ok && v.clock.twice(at)
	}},
	{"duplicate_marked", "marked as a repeat of another case", incidents, func(v *view, i int) bool {
		return v.hasDuplicateOf && v.duplicateOf.At(i) != ""
	}},
	{ruleRepeat, "equal to an earlier case but for the id", incidents, nil},
	{"zero_coordinates", "coordinates of exactly (0, 0)", all, func(v *view, i int) bool {
		x, okX := v.xGiven.at(i)
		y, okY := v.yGiven.at(i)
		_, located := v.point(i)
		return okX && okY && x == 0 && y == 0 && !located
	}},
	{"rounded_coordinates", "coordinates of two decimals or fewer", all, func(v *view, i int) bool {
		p, ok := v.point(i)
		return ok && hundredths(p.lon) && hundredths(p.lat)
	}},
	{"outside", "a point outside every boundary", all, func(v *view, i int) bool {
		_, ok := v.point(i)
		return ok && !v.community.Valid().At(i)
	}},
	{"unplaced_unnamed", "without coordinates, and names no community", all, func(v *view, i int) bool {
		return v.unplaced(i) && !v.given.Valid().At(i)
	}},
	{"unplaced_unknown", "without coordinates, and names a community that is not known", all, func(v *view, i int) bool {
		return v.unplaced(i) && v.given.Valid().At(i)
	}},
	{ruleUnknown, "names a community that is not known", all, nil},
	{"community_differs", "lies in another community than it names", all, func(v *view, i int) bool {
		code, _ := v.named(i)
		_, located := v.point(i)
		return code != "" && located && v.community.Valid().At(i) && !v.names.Agree(code, v.community.At(i))
	}},
	{rulePileUp, "50 or more rows on exactly one point", all, nil},
	{ruleDefault, "at a default location", all, nil},
}

func has(t times, i int) bool {
	_, ok := t.at(i)
	return ok
}

// before reports whether both times are there and a comes first.
func before(a, b times, i int) bool {
	x, okX := a.at(i)
	y, okY := b.at(i)
	return okX && okY && x < y
}

// later reports whether both times are there and a is more than by after b.
func later(a, b times, i int, by int64) bool {
	x, okX := a.at(i)
	y, okY := b.at(i)
	return okX && okY && x-y > by
}

// pausedOutside reports whether the clock of row i stood still when it could not
// run, or cannot be told when.
func (v *view) pausedOutside(i int) bool {
	if !v.hasPauses {
		return false
	}
	pauses, err := data.ParsePauses(v.pauses.At(i))
	if len(pauses) == 0 {
		return err != nil
	}
	reported, ok := v.event.at(i)
	closed, done := v.closed.at(i)
	return ok && pauses[0].From < reported || done && pauses[len(pauses)-1].From > closed
}

func (v *view) future(t times, i int) bool {
	at, ok := t.at(i)
	return ok && !v.now.IsZero() && at > v.now.UnixMicro()
}

func (v *view) midnight(t times, i int) bool {
	at, ok := t.at(i)
	return ok && v.clock.midnight(at)
}

// ancient reports whether a time is before 1901.
func ancient(t times, i int) bool {
	const year1901 = -2_177_452_800 * second // 1901-01-01T00:00:00Z
	at, ok := t.at(i)
	return ok && at < year1901
}

func hundredths(degrees float64) bool {
	return math.Abs(degrees*100-math.Round(degrees*100)) < 1e-7
}
