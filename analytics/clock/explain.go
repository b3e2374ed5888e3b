package clock

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxSteps is how many steps a trace itemises: some two years of office hours.
const maxSteps = 2000

// Explain returns why the deadline is what it is: each interval between start
// and deadline, whether it counts and by which rule. What is skipped between two
// counted intervals is one step, except that pauses are steps of their own. After
// 2000 steps whatever is left up to the next pause is one counted step. If the clock is paused without an end, the error wraps ErrPaused and
// the trace leads up to the pause.
func (c *Calendar) Explain(start time.Time, l Limit, pauses []Pause) (Trace, error) {
	at, err := c.deadline(start, l, pauses)
	open := errors.Is(err, ErrPaused)
	if err != nil && !open {
		return Trace{}, fmt.Errorf("explain %s from %s: %w", l, c.show(start), err)
	}
	from, _ := c.micros(start)
	scale, worth, _ := c.measure(l)
	t := tracer{scale: scale, end: at, at: from}
	trace := Trace{Calendar: c.id, Version: c.version, Zone: c.zone.String(), Limit: l, Start: c.timeOf(from)}
	if open {
		t.end = forever
		err = fmt.Errorf("explain %s from %s: %w", l, c.show(start), err)
	} else {
		trace.Deadline = c.timeOf(at)
	}
	t.walk(pauses, worth)
	trace.Steps = t.steps
	return trace, err
}

// A tracer collects the steps of a trace.
type tracer struct {
	scale scale
	end   int64 // where the trace ends, or forever
	at    int64 // how far it has come
	total int64 // what was counted so far
	steps []Step
}

// walk takes all steps. A trace of no time at all has one step that says so.
func (t *tracer) walk(pauses []Pause, worth int64) {
	if worth == 0 {
		t.step(t.at, true, 0, "a limit of zero ends where it begins")
		return
	}
	if begin := t.scale.begin(t.at); begin > t.at {
		t.step(begin, false, 0, "the day of the start does not count")
	}
	// The pauses were found good when the deadline was computed.
	stretches, _ := t.scale.calendar.stretches(t.at, pauses)
	for _, s := range stretches {
		switch to := min(s.to, t.end); {
		case t.at >= t.end:
			return
		case s.paused:
			t.step(to, false, 0, strings.TrimSuffix("paused: "+s.reason, ": "))
		case t.scale.kind == continuous:
			t.step(to, true, to-t.at, "continuous time")
		default:
			t.itemise(to)
			if t.at < to {
				rest, _ := t.scale.between(t.at, to)
				t.step(to, true, rest, fmt.Sprintf("the rest, not itemised after %d steps", maxSteps))
			}
		}
	}
}

// itemise takes the steps up to an instant before which the clock is not paused,
// or as many as there may be.
func (t *tracer) itemise(to int64) {
	c := t.scale.calendar
	for y := c.yearOf(t.at); y < yearCount && c.starts[y] < to && t.at < to; y++ {
		e := c.table(y).of(t.scale)
		first, _ := slices.BinarySearch(e.to, t.at+1)
		for i := first; i < len(e.to) && t.at < to && len(t.steps) < maxSteps; i++ {
			if t.scale.wholeDays() {
				t.day(e.to[i], e.dates[i], to)
			} else {
				t.hours(e.from[i], min(e.to[i], to), e.dates[i], to)
			}
		}
	}
	if t.at < to && len(t.steps) < maxSteps {
		t.skip(to)
	}
}

// hours takes the steps through a stretch of working time, and what is skipped
// before it.
func (t *tracer) hours(from, until int64, d date, to int64) {
	if from > t.at {
		t.skip(min(from, to))
	}
	if t.at >= until {
		return
	}
	plan := t.scale.calendar.plan(d)
	rule := spansOf(plan.spans, t.wall(t.at))
	if plan.why != "" {
		rule += "; " + plan.why
	}
	t.step(until, true, until-t.at, rule)
}

// day takes the step of a day that is counted at its end, and what is skipped
// before it.
func (t *tracer) day(end int64, d date, to int64) {
	c := t.scale.calendar
	// The days between the last one counted and this one do not count.
	if before, ok := c.table(c.yearOf(end)).endOf(d - 1); ok && before > t.at && t.scale.kind == workDayEnds {
		if t.daysOff(t.at, min(before, to)) != "" {
			t.skip(min(before, to))
		}
	}
	switch {
	case t.at >= to:
	case end > to:
		t.step(to, false, 0, d.weekday().String()+" has not ended yet")
	default:
		worth := int64(microsPerDay)
		rule := d.weekday().String()
		if t.scale.kind == workDayEnds {
			worth = c.workDaySeconds * microsPerSecond
			if why := c.plan(d).why; why != "" {
				rule += " (" + why + ")"
			}
		}
		t.step(end, true, worth, rule+" counts when it ends")
	}
}

// skip takes one step over time that does not count.
func (t *tracer) skip(to int64) {
	rule := t.daysOff(t.at, to)
	if rule == "" {
		rule = t.breakOf(t.at, to)
	}
	t.step(to, false, 0, rule)
}

// daysOff names the days without hours between two instants.
func (t *tracer) daysOff(from, to int64) string {
	var list, weekdays []string
	for d, last := t.dateOf(from), t.dateOf(to-1); d <= last; d++ {
		plan := t.scale.calendar.plan(d)
		switch name := d.weekday().String(); {
		case len(plan.spans) > 0:
		case plan.why != "" && !slices.Contains(list, plan.why):
			list = append(list, plan.why)
		case plan.why == "" && !slices.Contains(weekdays, name):
			weekdays = append(weekdays, name)
		}
	}
	if len(weekdays) > 0 {
		list = append(list, strings.Join(weekdays, ", ")+": no working hours")
	}
	return strings.Join(list, "; ")
}

// breakOf names the time between two instants on working days: a break within
// the hours of one day, or the night.
func (t *tracer) breakOf(from, to int64) string {
	if d := t.dateOf(from); d == t.dateOf(to-1) {
		spans := t.scale.calendar.plan(d).spans
		for i := 1; i < len(spans); i++ {
			if rest := (span{spans[i-1].to, spans[i].from}); rest.from <= t.wall(from) && t.wall(to-1) < rest.to {
				return "break " + rest.String()
			}
		}
	}
	return "outside working hours"
}

// dateOf returns the date on the wall at an instant.
func (t *tracer) dateOf(at int64) date {
	c := t.scale.calendar
	return c.table(c.yearOf(at)).dateOf(at)
}

// wall returns what the clock on the wall reads, in minutes since midnight.
func (t *tracer) wall(at int64) int32 {
	hour, minute, _ := t.scale.calendar.timeOf(at).Clock()
	return int32(hour*60 + minute)
}

// step takes one step. Steps that follow each other by the same rule are one.
func (t *tracer) step(to int64, counted bool, worth int64, rule string) {
	c := t.scale.calendar
	t.total += worth
	n := len(t.steps)
	if n > 0 && !t.scale.wholeDays() && t.steps[n-1].Counted == counted && t.steps[n-1].Rule == rule {
		last := &t.steps[n-1]
		last.To, last.Duration, last.Total = c.timeOf(to), last.Duration+duration(worth), duration(t.total)
		t.at = to
		return
	}
	s := Step{From: c.timeOf(t.at), Counted: counted, Duration: duration(worth), Total: duration(t.total), Rule: rule}
	if to != forever {
		s.To = c.timeOf(to)
	}
	t.steps = append(t.steps, s)
	t.at = to
}

// spansOf names the span that a time on the wall lies in. A day that is open all
// through is the same rule every day.
func spansOf(spans []span, minute int32) string {
	for _, s := range spans {
		if s.from <= minute && minute < s.to {
			if s == (span{0, minutesPerDay}) {
				return "open all day"
			}
			return "hours " + s.String()
		}
	}
	return "hours"
}
