package clock

import (
	"fmt"
	"time"
)

// A kind is what a unit adds up.
type kind uint8

const (
	continuous     kind = iota // real time
	working                    // time within working hours
	workDayEnds                // ends of working days
	naturalDayEnds             // ends of days
)

// A scale counts in one unit of a calendar. Worth is in microseconds.
type scale struct {
	calendar *Calendar
	kind     kind
}

// wholeDays reports whether days are counted at their end.
func (s scale) wholeDays() bool { return s.kind == workDayEnds || s.kind == naturalDayEnds }

// needsData reports whether the scale depends on who works when.
func (s scale) needsData() bool { return s.kind == working || s.kind == workDayEnds }

// begin returns where counting begins for a clock that starts at start: there,
// or at the end of that day if the day of the start is skipped.
func (s scale) begin(start int64) int64 {
	if !s.wholeDays() || s.calendar.startDayCounts {
		return start
	}
	table := s.calendar.table(s.calendar.yearOf(start))
	end, _ := table.endOf(table.dateOf(start))
	return end
}

// between returns what is counted after from, up to and including to. It is zero
// if to is not after from.
func (s scale) between(from, to int64) (int64, error) {
	if to <= from {
		return 0, nil
	}
	if s.kind == continuous {
		return to - from, nil
	}
	c, total := s.calendar, int64(0)
	for y := c.yearOf(from); ; y++ {
		end := min(to, c.starts[y+1])
		if err := s.known(y, end); err != nil {
			return 0, err
		}
		entries := c.table(y).of(s)
		total += entries.worth(end)
		if from > c.starts[y] {
			total -= entries.worth(from)
		}
		if end == to {
			return total, nil
		}
	}
}

// advance returns the first instant after from by which worth has been counted.
// If that is not by limit, left is what is still to be counted then, and at means
// nothing. worth is positive.
func (s scale) advance(from, worth, limit int64) (at, left int64, err error) {
	c := s.calendar
	if from >= limit {
		return 0, worth, nil
	}
	if s.kind == continuous {
		// What is left may lie beyond the last year, but not beyond an int64.
		if at = from + worth; at > limit {
			return 0, at - limit, nil
		}
		if at > c.starts[yearCount] {
			return 0, 0, c.outside(c.timeOf(at).Year())
		}
		return at, 0, nil
	}
	for y := c.yearOf(from); y < yearCount; y++ {
		entries := c.table(y).of(s)
		end := min(limit, c.starts[y+1])
		if s.needsData() {
			end = min(end, c.until[y])
		}
		before := entries.worth(max(from, c.starts[y]))
		if from < end {
			has := entries.worth(end) - before
			if has >= worth {
				return entries.at(before + worth), 0, nil
			}
			worth -= has
		}
		if end == limit {
			return 0, worth, nil
		}
		if err := s.known(y, c.starts[y+1]); err != nil {
			return 0, 0, err
		}
	}
	return 0, 0, c.outside(LastYear + 1)
}

// known returns an error unless there are data for year y, from FirstYear, up to
// an instant of that year.
func (s scale) known(y int, to int64) error {
	c := s.calendar
	if !s.needsData() || to <= c.until[y] {
		return nil
	}
	none := &NoDataError{Calendar: c.id, Year: FirstYear + y, From: c.timeOf(max(c.starts[y], c.until[y]))}
	if c.byFiles() {
		none.File = none.Year
	}
	if c.until[y] > c.starts[y] {
		none.File = none.Year + 1
		none.Why = fmt.Sprintf("%s %d: the holiday file of %d, which may change it, is not there", time.December, FirstYear+y, FirstYear+y+1)
	}
	return none
}

// yearOf returns the year that an instant lies in, counted from FirstYear. The
// very end of the last year is in it.
func (c *Calendar) yearOf(at int64) int {
	// The mean year of the Gregorian calendar is right to a few days.
	y := min(max(int((at-c.starts[0])/(365.2425*microsPerDay)), 0), yearCount-1)
	for y > 0 && at < c.starts[y] {
		y--
	}
	for y < yearCount-1 && at >= c.starts[y+1] {
		y++
	}
	return y
}
