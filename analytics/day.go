package analytics

import "time"

// DayStart returns the first instant of a day, which may be given as the 32nd
// of a month. Where clocks skip midnight that is the moment they jump to, and
// where they are put back across it the first of two midnights; time.Date is
// free to choose another.
func DayStart(year int, month time.Month, day int, zone *time.Location) time.Time {
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	at := midnight.Add(-36 * time.Hour).In(zone) // before the day begins anywhere
	for {
		_, east := at.Zone()
		_, until := at.ZoneBounds()
		if !until.IsZero() && !until.After(at) { // Go 1.26, on the last day of leap years to come
			until = at.Add(time.Hour)
		}
		start := midnight.Add(time.Duration(-east) * time.Second).In(zone)
		if start.Before(at) {
			start = at
		}
		if until.IsZero() || start.Before(until) {
			return start
		}
		at = until
	}
}
