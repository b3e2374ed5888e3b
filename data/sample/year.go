package sample

import (
	"math"
	"time"
)

// Zone is the time zone of the city and of all times in its files.
const Zone = "Asia/Shanghai"

// Times inside the package are seconds since the year began, local time, which
// had no summer time; noTime stands for none.
const (
	secondsPerDay = 86_400
	daysPerYear   = 365
	yearEnd       = daysPerYear * secondsPerDay
	noTime        = math.MinInt64
)

// yearStart is the beginning of the year as if the clock on the wall were UTC.
func yearStart() time.Time { return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) }

// instant returns the moment in the city's own time zone.
func instant(seconds int64) time.Time {
	return yearStart().Add(time.Duration(seconds)*time.Second - 8*time.Hour).In(time.FixedZone(Zone, 8*3600))
}

// Period returns the year the data cover, half open: its end is the moment the
// data were taken, when what was not closed was still open.
func (c *City) Period() (from, to time.Time) { return instant(0), instant(yearEnd) }

// dayOf returns the day of the year that a month (1 to 13) begins on, from 0.
func dayOf(month, day int) int {
	return time.Date(2025, time.Month(month), day, 0, 0, 0, 0, time.UTC).YearDay() - 1
}

// monthOf returns the month from 0 to 11 that a moment of the year lies in.
func monthOf(seconds int64) int {
	return int(yearStart().Add(time.Duration(seconds)*time.Second).Month()) - 1
}

// daysOff returns which days of the year were public holidays, and which
// weekend days were worked instead (General Office of the State Council,
// arrangement of holidays for 2025).
func daysOff() (holiday, worked [daysPerYear]bool) {
	for _, h := range [...][3]int{{1, 1, 1}, {1, 28, 8}, {4, 4, 3}, {5, 1, 5}, {5, 31, 3}, {10, 1, 8}} {
		for n := range h[2] {
			holiday[dayOf(h[0], h[1])+n] = true
		}
	}
	for _, w := range [...][2]int{{1, 26}, {2, 8}, {4, 27}, {9, 28}, {10, 11}} {
		worked[dayOf(w[0], w[1])] = true
	}
	return holiday, worked
}

// calendar returns how the cases of a source spread over the days.
func (s source) calendar() table {
	holiday, worked := daysOff()
	weights := make([]int64, daysPerYear)
	for n := range weights {
		weekday := yearStart().AddDate(0, 0, n).Weekday()
		if worked[n] {
			weekday = time.Tuesday
		}
		w := float64(s.weekday[weekday])
		if holiday[n] {
			w *= s.holiday
		}
		weights[n] = int64(100 * w * (1 + 0.12*summerness(n) + 0.06*float64(n)/daysPerYear))
	}
	return newTable(weights)
}

// summerness is 1 in the middle of July and -1 in the middle of January.
func summerness(day int) float64 { return -math.Cos(2 * math.Pi * float64(day-14) / daysPerYear) }
