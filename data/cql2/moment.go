package cql2

import (
	"strings"
	"time"
)

// A moment is a literal of time: a date, a time of day at an offset from UTC,
// or one of a place that is not named.
type moment struct {
	place
	kind momentKind
	// when is in UTC; of a date, its beginning there, and of a local time what
	// the clock shows.
	when time.Time
}

type momentKind uint8

const (
	instant momentKind = iota
	local
	day
)

const (
	localLayout   = "2006-01-02T15:04:05"
	localWritten  = "2006-01-02T15:04:05.999999999"
	momentForms   = "such as 2024-03-01, 2024-03-01T08:00:00Z, 2024-03-01T08:00:00+08:00 or 2024-03-01T08:00:00"
	latestYear    = 9999
	earliestYear  = 0
	dateLength    = len(time.DateOnly)
	maxMomentSize = 64
)

// parseMoment reads a date or a time. Three things are taken that RFC 3339 does
// not have: a T after a date, which GDAL writes; a time without offset; and a
// space instead of the T, or of the plus sign of an offset, which turns into one
// in a URL where it is not escaped.
func parseMoment(at int, s string) (m moment, ok bool) {
	m.place = place(at)
	if len(s) > maxMomentSize {
		return m, false
	}
	var err error
	if m.when, err = time.Parse(time.DateOnly, strings.TrimSuffix(s, "T")); err == nil {
		m.kind = day
		return m, true
	}
	if len(s) > dateLength && s[dateLength] == ' ' {
		s = s[:dateLength] + "T" + s[dateLength+1:]
	}
	if m.when, err = time.Parse(localLayout, s); err == nil {
		m.kind = local
		return m, true
	}
	if m.when, err = time.Parse(time.RFC3339, strings.Replace(s, " ", "+", 1)); err != nil {
		return m, false
	}
	m.when = m.when.UTC()
	year := m.when.Year()
	return m, earliestYear <= year && year <= latestYear
}

// String writes m as it stands between quotes.
func (m moment) String() string {
	switch m.kind {
	case day:
		return m.when.Format(time.DateOnly)
	case local:
		return m.when.Format(localWritten)
	}
	return m.when.Format(time.RFC3339Nano)
}

// span returns the first and the last microsecond of m since 1970 UTC. The last
// is before the first where m lies between two, and on a day that a zone leaves
// out.
func (m moment) span(zone *time.Location) (first, last int64) {
	year, month, date := m.when.Date()
	switch m.kind {
	case day:
		first = midnight(year, month, date, zone).UnixMicro()
		return first, midnight(year, month, date+1, zone).UnixMicro() - 1
	case local:
		hour, minute, second := m.when.Clock()
		return edges(time.Date(year, month, date, hour, minute, second, m.when.Nanosecond(), zone))
	}
	return edges(m.when)
}

// edges returns the first microsecond not before t and the last not after it.
func edges(t time.Time) (first, last int64) {
	last = t.UnixMicro()
	first = last
	if t.Nanosecond()%1000 != 0 {
		first++
	}
	return first, last
}

// midnight returns the first moment of a day: the earlier midnight where there
// are two, and where clocks skip it the moment they do.
func midnight(year int, month time.Month, date int, zone *time.Location) time.Time {
	noon := time.Date(year, month, date, 12, 0, 0, 0, zone)
	begin := noon.Add(-12 * time.Hour)
	change, _ := noon.ZoneBounds()
	if change.IsZero() || change.Before(begin) {
		return begin
	}
	_, after := noon.Zone()
	_, before := change.Add(-1).Zone()
	earlier := begin.Add(time.Duration(after-before) * time.Second)
	if earlier.Before(change) {
		return earlier
	}
	return change
}
