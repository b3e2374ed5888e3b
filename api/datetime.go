package api

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
)

// An Interval is a piece of time. The zero time on a side means open.
type Interval struct {
	Begin, End time.Time
	// Instant is set where a single moment was given: Begin and End are equal.
	Instant bool
	// Closed is set where End is a moment that was given, which belongs to the
	// interval; the end of a day does not.
	Closed bool
}

// ParseInterval reads the parameter datetime (OGC API - Features Part 1,
// 17-069r4, section 7.15.4): an instant, a date, which is the whole day in
// zone, or two of them with a slash between, where ".." or nothing is open. Two
// additions for real clients: a duration may stand on one side (2011-07-01/P2D,
// ISO 8601-1, section 5.5.2.4), which the official test suite sends, and a date
// may end in T, which GDAL sends. The years 0000 and 9999, with which QGIS
// writes open ends, are open.
func ParseInterval(s string, zone *time.Location) (Interval, error) {
	first, second, isInterval := strings.Cut(s, "/")
	if !isInterval {
		m, err := parseMoment(first, zone)
		if err != nil {
			return Interval{}, err
		}
		if m.open {
			return Interval{}, nil
		}
		instant := m.begin.Equal(m.end)
		return Interval{Begin: m.begin, End: m.end, Instant: instant, Closed: instant}, nil
	}
	if strings.HasPrefix(first, "P") || strings.HasPrefix(second, "P") {
		return parseDuration(first, second, zone)
	}
	begin, err := parseMoment(first, zone)
	if err != nil {
		return Interval{}, err
	}
	end, err := parseMoment(second, zone)
	if err != nil {
		return Interval{}, err
	}
	i := Interval{Begin: begin.begin, End: end.end, Closed: !end.open && end.begin.Equal(end.end)}
	bounded := !begin.open && !end.open
	if bounded && (i.End.Before(i.Begin) || i.End.Equal(i.Begin) && end.begin.Before(end.end)) {
		return Interval{}, fmt.Errorf("the interval ends before it begins")
	}
	i.Instant = bounded && i.End.Equal(i.Begin)
	return i, nil
}

// A moment is an instant, or a day from begin to end, or open.
type moment struct {
	begin, end time.Time
	open       bool
}

func parseMoment(s string, zone *time.Location) (moment, error) {
	if s == "" || s == ".." {
		return moment{open: true}, nil
	}
	m, err := parseBounded(s, zone)
	if year := m.begin.Year(); err == nil && (year < 1 || year >= 9999) { // UTC: 0000-01-01 in Asia is the year before
		return moment{open: true}, nil
	}
	return m, err
}

// parseBounded reads an instant or a date.
func parseBounded(s string, zone *time.Location) (moment, error) {
	// The plus sign of an offset turns into a space when it is not escaped.
	if t, err := time.Parse(time.RFC3339, strings.Replace(s, " ", "+", 1)); err == nil {
		return moment{begin: t.UTC(), end: t.UTC()}, nil
	}
	if t, err := time.ParseInLocation("2006-01-02T15:04:05", s, zone); err == nil {
		return moment{begin: t.UTC(), end: t.UTC()}, nil
	}
	t, err := time.Parse(time.DateOnly, strings.TrimSuffix(s, "T"))
	if err != nil {
		return moment{}, fmt.Errorf("want a date such as 2011-07-01, an instant such as 2011-07-01T00:00:00Z, or two with a slash between")
	}
	begin, end := dayOf(t, zone)
	return moment{begin: begin, end: end}, nil
}

// dayOf returns when the day that t shows begins and ends in a zone.
func dayOf(t time.Time, zone *time.Location) (begin, end time.Time) {
	year, month, of := t.Date()
	return analytics.DayStart(year, month, of, zone).UTC(), analytics.DayStart(year, month, of+1, zone).UTC()
}

// durationPattern is the part of ISO 8601 durations that is read.
var durationPattern = regexp.MustCompile(`^P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$`)

func parseDuration(first, second string, zone *time.Location) (Interval, error) {
	text, other, sign := second, first, 1
	if strings.HasPrefix(first, "P") {
		text, other, sign = first, second, -1
	}
	m, err := parseMoment(other, zone)
	if err != nil {
		return Interval{}, err
	}
	match := durationPattern.FindStringSubmatch(text)
	if match == nil || m.open || strings.HasSuffix(text, "P") || strings.HasSuffix(text, "T") {
		return Interval{}, fmt.Errorf("want a duration such as P2D beside a date")
	}
	n := make([]int, len(match))
	for i, digits := range match[1:] {
		if digits != "" {
			n[i], _ = strconv.Atoi(digits) // the pattern lets digits only through
		}
	}
	shift := func(t time.Time) time.Time {
		t = t.In(zone).AddDate(sign*n[0], sign*n[1], sign*(7*n[2]+n[3]))
		return t.Add(time.Duration(sign*(n[4]*3600+n[5]*60+n[6])) * time.Second).UTC()
	}
	i := Interval{Begin: m.begin, End: shift(m.begin), Closed: m.begin.Equal(m.end)}
	if sign < 0 {
		i.Begin, i.End = shift(m.end), m.end
	}
	return i, nil
}

// Period returns from when to when the interval goes, half open, the zero time meaning
// without bound. An instant stands for the day of the zone that holds it.
func (i Interval) Period(zone *time.Location) (from, to time.Time) {
	if i.Instant {
		return dayOf(i.Begin.In(zone), zone)
	}
	return i.Begin, i.End
}

// Meets reports whether a thing in force from begin to end, half open, the zero
// time meaning without bound, is in force at some moment of the interval.
func (i Interval) Meets(begin, end time.Time) bool {
	if !i.End.IsZero() && !begin.IsZero() {
		if begin.After(i.End) || begin.Equal(i.End) && !i.Instant && !i.Closed {
			return false
		}
	}
	return i.Begin.IsZero() || end.IsZero() || i.Begin.Before(end)
}
