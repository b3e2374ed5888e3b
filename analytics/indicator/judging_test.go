package indicator

import (
	"time"

	"github.com/civgrid/civgrid/data"
)

// A rule is a clock as these tests walk it: half hour by half hour.
type rule struct {
	text   string // the clock of the definition
	start  string
	limit  func(f fact) int // half hours; 0 for none
	office bool             // only the hours of office count
	paused bool             // pauses do not
	// extended says that a granted extension is the deadline, record that of the
	// record is.
	extended, record bool
	counts           func(f fact, asOf time.Time) bool // whether its stop is one
}

// open reports whether office counts the half hour that begins at a time.
func open(at time.Time) bool {
	weekday, hour := at.Weekday(), at.Hour()
	if weekday == time.Saturday || weekday == time.Sunday || at.Month() == 3 && at.Day() == 4 {
		return false
	}
	return hour >= 8 && hour < 12 || hour >= 14 && hour < 18
}

// stands reports whether the clock of a case stands still at a time, as is known
// at another.
func stands(f fact, at, asOf time.Time) bool {
	pauses, err := data.ParsePauses(f.text("pauses"))
	if err != nil {
		panic(err)
	}
	for _, p := range pauses {
		from, to := time.UnixMicro(p.From), time.UnixMicro(p.To)
		if from.After(asOf) {
			continue
		}
		ended := p.To != data.Unended && !to.After(asOf)
		if !at.Before(from) && (at.Before(to) || !ended) {
			return true
		}
	}
	return false
}

// counted returns the half hours on the clock from a time to another.
func (r rule) counted(f fact, from, to, asOf time.Time) (n int) {
	for at := from; at.Before(to); at = at.Add(30 * time.Minute) {
		if r.runs(f, at, asOf) {
			n++
		}
	}
	return n
}

// runs reports whether the half hour that begins at a time counts.
func (r rule) runs(f fact, at, asOf time.Time) bool {
	return (!r.office || open(at)) && (!r.paused || !stands(f, at, asOf))
}

// deadline walks to where the limit is used up: zero where there is none, far
// away where the clock stands still for good.
func (r rule) deadline(f fact, asOf time.Time) time.Time {
	if at := f.when("extended_due_at"); r.extended && !at.IsZero() {
		return at
	}
	if r.record {
		return f.when("due_at")
	}
	limit := r.limit(f)
	if limit == 0 {
		return time.Time{}
	}
	at := f.when(r.start)
	for n := 0; n < limit; at = at.Add(30 * time.Minute) {
		if at.After(on(200)) {
			return forever()
		}
		if r.runs(f, at, asOf) {
			n++
		}
	}
	return at
}

// A judged case is what a rule says of one.
type judged struct {
	closed             bool
	stop, due          time.Time
	void, undated, off bool
}

func (r rule) judge(f fact, asOf time.Time) judged {
	j := judged{stop: f.when("closed_at"), due: r.deadline(f, asOf)}
	j.closed = !j.stop.IsZero() && !j.stop.After(asOf) && (r.counts == nil || r.counts(f, asOf))
	j.void = f.text("status") == data.StatusVoid
	j.undated = f.text("status") == data.StatusClosed && j.stop.IsZero()
	j.off = f.text("status") == data.StatusSuspended && !j.closed
	return j
}

// onTime says how a case counts under a policy: good of all, 0 or 1 each.
func (j judged) onTime(policy string, unlimited bool, asOf time.Time) (good, all int) {
	if j.void || j.undated || j.off {
		return 0, 0
	}
	past := j.due.Before(asOf)
	switch {
	case j.due.IsZero() && unlimited:
		return 1, 1
	case j.due.IsZero():
		return 0, 0
	case j.closed && j.stop.After(j.due):
		return 0, 1
	case j.closed && policy == Matured && !past:
		return 0, 0
	case j.closed:
		return 1, 1
	case past && policy == ClosedOnly:
		return 0, 0
	case past:
		return 0, 1
	}
	switch policy {
	case Pessimistic:
		return 0, 1
	case Optimistic:
		return 1, 1
	}
	return 0, 0
}

func rules() []rule {
	byCategory := func(f fact) int {
		if f.text("category") == "noise" {
			return 8
		}
		return 48
	}
	always := func(fact) int { return 48 }
	return []rule{
		{text: "{limit: {within: 24 hour}}", start: "reported_at", limit: always},
		{text: "{start: dispatched_at, limit: {within: 24 hour}}", start: "dispatched_at", limit: always},
		{
			text: "{limit: {by: category, table: {noise: 4 hour}}}", start: "reported_at",
			limit: func(f fact) int { return map[string]int{"noise": 8}[f.text("category")] },
		},
		{text: "{limit: {within: 1 day, by: category, table: {noise: 4 hour}}, pauses: [suspended]}", start: "reported_at", limit: byCategory, paused: true},
		{text: "{calendar: office, limit: {within: 24 work_hour, by: category, table: {noise: 4 work_hour}}}", start: "reported_at", limit: byCategory, office: true},
		{
			text:  "{calendar: office, limit: {within: 24 work_hour}, pauses: [suspended], extension: replaces}",
			start: "reported_at", limit: always, office: true, paused: true, extended: true,
		},
		{text: "{limit: {record: due_at}}", start: "reported_at", record: true},
		{text: "{limit: {record: due_at}, extension: replaces, pauses: [suspended]}", start: "reported_at", record: true, extended: true, paused: true},
		{
			text: "{limit: {within: 24 hour}, stop_counts: \"outcome = 'solved' AND dispatched_at IS NOT NULL\"}", start: "reported_at", limit: always,
			counts: func(f fact, asOf time.Time) bool {
				at := f.when("dispatched_at")
				return f.text("outcome") == "solved" && !at.IsZero() && !at.After(asOf)
			},
		},
	}
}

// belongs says whether a case is of March by its deadline or, without one or
// with byStart, by its start.
func (r rule) belongs(f fact, j judged, byStart bool, asOf time.Time) bool {
	start := f.when(r.start)
	at := j.due
	if byStart || at.IsZero() {
		at = start
	}
	return !start.IsZero() && !start.After(asOf) && !at.Before(on(0)) && at.Before(on(31))
}
