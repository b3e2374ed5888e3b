package engine

import (
	"time"

	"github.com/civgrid/civgrid/analytics"
)

// The lengths of periods.
const (
	stepDay   = "day"
	stepWeek  = "week"
	stepMonth = "month"
)

// daysIn returns how many days a period has on average.
func daysIn(step string) float64 {
	switch step {
	case stepDay:
		return 1
	case stepWeek:
		return 7
	}
	return 365.2425 / 12
}

// cutoffs returns the beginnings of the whole periods between two moments, and
// the end of the last one: midnights of a zone, those of Mondays for weeks and of
// the first day for months. There are none where no whole period fits.
func cutoffs(from, to time.Time, step string, zone *time.Location) []time.Time {
	first := from.In(zone)
	day := func(n int) time.Time { return analytics.DayStart(first.Year(), first.Month(), first.Day()+n, zone) }
	next := func(i int) time.Time { return day(i) }
	switch step {
	case stepWeek:
		monday := (8 - int(first.Weekday())) % 7 // days from first to a Monday
		next = func(i int) time.Time { return day(monday + 7*i) }
	case stepMonth:
		next = func(i int) time.Time { return analytics.DayStart(first.Year(), first.Month()+time.Month(i), 1, zone) }
	}
	var all []time.Time
	for i := 0; ; i++ {
		at := next(i)
		switch {
		case at.After(to):
			if len(all) < 2 {
				return nil
			}
			return all
		case !at.Before(from):
			all = append(all, at)
		}
	}
}
