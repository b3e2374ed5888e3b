package clock

import (
	"fmt"
	"time"
)

// FirstYear and LastYear bound what calendars count in. That many years are the
// most that a time.Duration holds.
const (
	FirstYear = 1900
	LastYear  = 2190
)

// Microseconds in other units, and in the years from FirstYear to LastYear:
// 291 years with 71 leap days, and a day for what zones differ by.
const (
	microsPerSecond = 1_000_000
	microsPerMinute = secondsPerMinute * microsPerSecond
	microsPerDay    = secondsPerDay * microsPerSecond
	longest         = ((LastYear-FirstYear+1)*365 + 71 + 1) * microsPerDay
)

// A date is a day of the calendar on the wall, in days since 1970-01-01.
type date int32

// dateOf returns a date. Months and days that do not exist run over into the
// next, as those of time.Date do.
func dateOf(year int, month time.Month, day int) date {
	return date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

// parseDate reads YYYY-MM-DD within the years of this package.
func parseDate(text string) (date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, fmt.Errorf("date %q: want a date that exists, written YYYY-MM-DD", text)
	}
	if t.Year() < FirstYear || t.Year() > LastYear {
		return 0, fmt.Errorf("date %s: the year is outside %d to %d", text, FirstYear, LastYear)
	}
	return date(t.Unix() / secondsPerDay), nil
}

// utc returns midnight of d as if the clock on the wall were UTC.
func (d date) utc() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// micros returns midnight of d as if the clock on the wall were UTC.
func (d date) micros() int64 { return int64(d) * microsPerDay }

// weekday returns the day of the week. 1970-01-01 was a Thursday.
func (d date) weekday() time.Weekday { return time.Weekday(((int(d)+4)%7 + 7) % 7) }

// String returns YYYY-MM-DD.
func (d date) String() string { return d.utc().Format(time.DateOnly) }
