package clock

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// yearCount is how many years calendars count in.
const yearCount = LastYear - FirstYear + 1

// A Calendar knows working hours, holidays and how days are counted. Build makes
// one; the zero value is not ready for use. It is safe for concurrent use and
// must not be copied.
type Calendar struct {
	file        File
	years       []Holidays
	id, version string
	zone        *time.Location
	week        [7][]span
	workdaysAs  time.Weekday
	special     map[date]dayPlan

	workDaySeconds int64 // what a working day is worth
	workDayEnds    bool  // working days are counted at their end
	naturalDayEnds bool  // natural days are
	startDayCounts bool  // the day of the start may be one of them

	starts [yearCount + 1]int64 // first instant of each year, from FirstYear on
	until  [yearCount]int64     // end of what each year has data for, at least its start
	tables [yearCount]atomic.Pointer[yearTable]
}

// ID returns the name of the calendar.
func (c *Calendar) ID() string { return c.id }

// Version returns the version of the calendar, as declared.
func (c *Calendar) Version() string { return c.version }

// File returns the file that the calendar was built from. Its lists are the
// calendar's: do not change them.
func (c *Calendar) File() File { return c.file }

// Holidays returns the holiday files that the calendar was built with, in the
// order given. The slice is the caller's, the days in it are the calendar's.
func (c *Calendar) Holidays() []Holidays { return slices.Clone(c.years) }

// Deadline returns the earliest instant at or after start by which the limit has
// passed: Elapsed up to it is the Length of the limit, and less up to any time
// before. A limit of zero ends at start. Parts of days that are counted at their
// end are refused. It is an error wrapping ErrPaused if an open pause comes
// first, and a *NoDataError if counting comes to a time without data.
func (c *Calendar) Deadline(start time.Time, l Limit, pauses []Pause) (time.Time, error) {
	at, err := c.deadline(start, l, pauses)
	if err != nil {
		return time.Time{}, fmt.Errorf("deadline of %s from %s: %w", l, c.show(start), err)
	}
	return c.timeOf(at), nil
}

func (c *Calendar) deadline(start time.Time, l Limit, pauses []Pause) (int64, error) {
	from, err := c.micros(start)
	if err != nil {
		return 0, err
	}
	scale, left, err := c.measure(l)
	if err != nil || left == 0 {
		return from, err
	}
	stretches, err := c.stretches(scale.begin(from), pauses)
	if err != nil {
		return 0, err
	}
	for _, s := range stretches {
		if s.paused {
			if s.to == forever {
				return 0, fmt.Errorf("%w from %s on", ErrPaused, c.timeOf(s.from).Format(time.RFC3339))
			}
			continue
		}
		var at int64
		if at, left, err = scale.advance(s.from, left, s.to); err != nil || left == 0 {
			return at, err
		}
	}
	panic("BUG: the last stretch of a clock has an end")
}

// Elapsed returns what has been counted between start and t, without the pauses.
// Each day that is counted at its end is worth work_day_hours, or 24 hours where
// it is a natural day. It is an error wrapping ErrReversed if t is before start,
// and a *NoDataError if the time between touches what the calendar has no data
// for, other than in pauses.
func (c *Calendar) Elapsed(start, t time.Time, unit Unit, pauses []Pause) (time.Duration, error) {
	elapsed, err := c.elapsed(start, t, unit, pauses)
	if err != nil {
		return 0, fmt.Errorf("%s elapsed from %s to %s: %w", unit, c.show(start), c.show(t), err)
	}
	return duration(elapsed), nil
}

func (c *Calendar) elapsed(start, t time.Time, unit Unit, pauses []Pause) (int64, error) {
	from, err := c.micros(start)
	if err != nil {
		return 0, err
	}
	to, err := c.micros(t)
	if err != nil {
		return 0, err
	}
	scale, _, err := c.measure(Limit{Unit: unit})
	switch {
	case err != nil:
		return 0, err
	case to < from:
		return 0, ErrReversed
	}
	from = scale.begin(from)
	if len(pauses) == 0 {
		return scale.between(from, to)
	}
	stretches, err := c.stretches(from, pauses)
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for _, s := range stretches {
		if s.paused || s.from >= to {
			continue
		}
		counted, err := scale.between(s.from, min(s.to, to))
		if err != nil {
			return 0, err
		}
		total += counted
	}
	return total, nil
}

// Length returns what a limit is worth as a counted duration, to compare with
// what Elapsed returns.
func (c *Calendar) Length(l Limit) (time.Duration, error) {
	_, worth, err := c.measure(l)
	return duration(worth), err
}

// measure returns how a limit is counted, and its worth in microseconds.
func (c *Calendar) measure(l Limit) (scale, int64, error) {
	if err := l.check(); err != nil {
		return scale{}, 0, err
	}
	s, seconds := scale{calendar: c}, int64(1)
	switch l.Unit {
	case Minute:
		seconds = secondsPerMinute
	case Hour, UrgentHour:
		seconds = secondsPerHour
	case Day:
		seconds = secondsPerDay
	case WorkHour:
		s.kind, seconds = working, secondsPerHour
	case WorkDay:
		s.kind, seconds = working, c.workDaySeconds
		if c.workDayEnds {
			s.kind = workDayEnds
		}
	case NaturalDay:
		seconds = secondsPerDay
		if c.naturalDayEnds {
			s.kind = naturalDayEnds
		}
	}
	if s.wholeDays() && l.Millionths%one != 0 {
		return scale{}, 0, fmt.Errorf("limit of %s: calendar %s counts whole days, each at its end", l, c.id)
	}
	return s, l.Millionths * seconds, nil
}

// micros returns an instant in microseconds since 1970.
func (c *Calendar) micros(t time.Time) (int64, error) {
	// Years begin on full seconds, and seconds do not run over as UnixMicro may.
	if s := t.Unix(); s >= c.starts[0]/microsPerSecond && s <= c.starts[yearCount]/microsPerSecond {
		if at := t.UnixMicro(); at <= c.starts[yearCount] {
			return at, nil
		}
	}
	return 0, c.outside(t.In(c.zone).Year())
}

// outside returns the error of a year that no calendar counts in.
func (c *Calendar) outside(year int) error {
	from := c.starts[0]
	if year > LastYear {
		from = c.starts[yearCount]
	}
	return &NoDataError{Calendar: c.id, Year: year, From: c.timeOf(from), Why: fmt.Sprintf("%d: it counts from %d to %d", year, FirstYear, LastYear)}
}

// timeOf returns microseconds since 1970 as a time in the calendar's zone.
func (c *Calendar) timeOf(at int64) time.Time { return time.UnixMicro(at).In(c.zone) }

// show writes a time for an error message.
func (c *Calendar) show(t time.Time) string { return t.In(c.zone).Format(time.RFC3339) }

// duration returns microseconds as a duration. None is longer than longest.
func duration(micros int64) time.Duration { return time.Duration(micros) * time.Microsecond }
