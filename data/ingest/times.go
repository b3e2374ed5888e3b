package ingest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A moment is a time as it is written: microseconds since 1970 of the wall
// clock, or UTC when an offset was given.
type moment struct {
	micros int64
	utc    bool
}

// A TimeFormat is a way to write times.
type TimeFormat struct {
	Name    string
	Title   string
	Example string
	parse   func(s string) (moment, error)
}

// A timeError says why a text is no time.
type timeError string

func (e timeError) Error() string { return string(e) }

const (
	errNoDate  = timeError("no such date")
	errNotTime = timeError("not a time")
)

// timeFormats are all formats, in the order in which they are tried where a
// value fits several.
var timeFormats = []TimeFormat{
	{"iso", "year, month, day", "2011-07-01 01:32:33", func(s string) (moment, error) { return parseDated(s, yearMonthDay) }},
	{"us", "month, day, year", "07/01/2011 01:32:33 AM", func(s string) (moment, error) { return parseDated(s, monthDayYear) }},
	{"eu", "day, month, year", "01.07.2011 13:32", func(s string) (moment, error) { return parseDated(s, dayMonthYear) }},
	{"compact", "digits only", "20110701013233", parseCompact},
	{"epoch", "seconds since 1970", "1309498353", func(s string) (moment, error) { return parseEpoch(s, 1_000_000, 8, 11) }},
	{"epoch_ms", "milliseconds since 1970", "1309498353000", func(s string) (moment, error) { return parseEpoch(s, 1000, 12, 14) }},
	{"month", "year and month", "2011-07", parseMonth},
	{"roc", "year of the Republic of China, month, day", "100/07/01", parseROC},
	{"named", "with the month's name", "1 Jul 2011 13:32", parseNamed},
}

// TimeFormats returns the formats of times that are recognised.
func TimeFormats() []TimeFormat { return append([]TimeFormat(nil), timeFormats...) }

// timeFormatByName returns a format by its name, or one that follows a layout
// of Go's package time.
func timeFormatByName(name string) (TimeFormat, error) {
	var names []string
	for _, f := range timeFormats {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	if !strings.Contains(name, "06") {
		return TimeFormat{}, unknown("time format", name, names)
	}
	zoned := strings.Contains(name, "07") || strings.Contains(name, "MST")
	return TimeFormat{Name: name, Title: name, Example: name, parse: func(s string) (moment, error) {
		return parseLayout(name, zoned, s)
	}}, nil
}

func parseLayout(layout string, zoned bool, s string) (moment, error) {
	t, err := time.Parse(layout, s)
	if err != nil {
		if strings.Contains(err.Error(), "out of range") {
			return moment{}, errNoDate
		}
		return moment{}, errNotTime
	}
	return moment{t.UnixMicro(), zoned}, nil
}

// parseAnyTime tries every format.
func parseAnyTime(s string) (moment, bool) {
	for _, f := range timeFormats {
		if f.Name == "epoch" || f.Name == "epoch_ms" {
			continue
		}
		if m, err := f.parse(s); err == nil {
			return m, true
		}
	}
	return moment{}, false
}

type dateOrder uint8

const (
	yearMonthDay dateOrder = iota
	monthDayYear
	dayMonthYear
)

// parseDated reads a date of three numbers and, if there is one, a clock time.
func parseDated(s string, order dateOrder) (moment, error) {
	c := cursor{s: s}
	var n [3]int
	var width [3]int
	for i := range n {
		var ok bool
		if n[i], width[i], ok = c.number(); !ok {
			return moment{}, errNotTime
		}
		if i < 2 && !c.dateSeparator() {
			return moment{}, errNotTime
		}
	}
	c.skip("日", "日")
	year, month, day := n[0], n[1], n[2]
	yearWidth := width[0]
	switch order {
	case monthDayYear:
		month, day, year, yearWidth = n[0], n[1], n[2], width[2]
	case dayMonthYear:
		day, month, year, yearWidth = n[0], n[1], n[2], width[2]
	}
	if yearWidth == 2 && order != yearMonthDay { // as package time: 69-99 are the last century
		year += 2000
		if year >= 2069 {
			year -= 100
		}
	} else if yearWidth != 4 {
		return moment{}, errNotTime
	}
	return c.withClock(year, month, day)
}

// parseROC reads a date of the calendar of the Republic of China, whose year 1
// is 1912.
func parseROC(s string) (moment, error) {
	c := cursor{s: s}
	c.skip("民國", "中華民國")
	year, width, ok := c.number()
	if !ok || width > 3 || !c.dateSeparator() {
		return moment{}, errNotTime
	}
	month, _, ok := c.number()
	if !ok || !c.dateSeparator() {
		return moment{}, errNotTime
	}
	day, _, ok := c.number()
	if !ok {
		return moment{}, errNotTime
	}
	c.skip("日", "日")
	return c.withClock(year+1911, month, day)
}

func parseMonth(s string) (moment, error) {
	c := cursor{s: s}
	year, width, ok := c.number()
	if !ok || width != 4 || !c.dateSeparator() {
		return moment{}, errNotTime
	}
	month, _, ok := c.number()
	c.skip("月", "月")
	if !ok || c.s != "" {
		return moment{}, errNotTime
	}
	return c.withClock(year, month, 1)
}

func parseCompact(s string) (moment, error) {
	if len(s) != 8 && len(s) != 12 && len(s) != 14 || !isDigits(s) {
		return moment{}, errNotTime
	}
	at := func(from, to int) int {
		if to > len(s) {
			return 0
		}
		n, _ := strconv.Atoi(s[from:to])
		return n
	}
	if at(0, 4) < 1800 || at(0, 4) > 2200 {
		return moment{}, errNotTime
	}
	return compose(at(0, 4), at(4, 6), at(6, 8), at(8, 10), at(10, 12), at(12, 14), 0)
}

func parseEpoch(s string, unit int64, shortest, longest int) (moment, error) {
	whole, _, _ := strings.Cut(s, ".")
	if len(whole) < shortest || len(whole) > longest || !isDigits(whole) {
		return moment{}, errNotTime
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return moment{}, errNotTime
	}
	return moment{n * unit, true}, nil
}

// parseNamed reads dates with English names of months.
func parseNamed(s string) (moment, error) {
	if !strings.ContainsAny(s, "aeiouAEIOU") { // every name of a month has a vowel
		return moment{}, errNotTime
	}
	s = strings.Join(strings.Fields(strings.NewReplacer(",", " ", ".", " ").Replace(s)), " ")
	for _, date := range []string{"2 Jan 2006", "2-Jan-2006", "02-Jan-06", "Jan 2 2006", "January 2 2006", "2 January 2006", "Mon Jan 2 2006", "2006-Jan-02"} {
		for _, clock := range []string{"", " 15:04:05", " 15:04", " 3:04:05 PM", " 3:04 PM", " 03:04PM"} {
			if t, err := time.Parse(date+clock, s); err == nil {
				return moment{t.UnixMicro(), false}, nil
			}
		}
	}
	return moment{}, errNotTime
}

// detectTimes returns the formats to read a column with, given a sample of its
// values, and whether day and month cannot be told apart. ISO dates are read in
// any column.
func detectTimes(sample []string) (chosen []TimeFormat, ambiguous bool) {
	sample = sample[:min(len(sample), 500)]
	best, bestHits, usHits, euHits := -1, 0, 0, 0
	for i, f := range timeFormats {
		hits := 0
		for _, s := range sample {
			if _, err := f.parse(s); err == nil {
				hits++
			}
		}
		switch f.Name {
		case "us":
			usHits = hits
		case "eu":
			euHits = hits
		}
		if hits > bestHits {
			best, bestHits = i, hits
		}
	}
	if best < 0 {
		return timeFormats[:1], false
	}
	chosen = []TimeFormat{timeFormats[best]}
	if best != 0 {
		chosen = append(chosen, timeFormats[0])
	}
	return chosen, timeFormats[best].Name == "us" && usHits == euHits
}

// parseTime reads s in the first format that fits. The error of a format that
// says the date does not exist is preferred.
func parseTime(s string, formats []TimeFormat) (moment, error) {
	var wrong error = errNotTime
	for _, f := range formats {
		m, err := f.parse(s)
		if err == nil {
			return m, nil
		}
		if errors.Is(wrong, errNotTime) {
			wrong = err
		}
	}
	if errors.Is(wrong, errNotTime) && len(formats) > 0 {
		wrong = fmt.Errorf("not a time such as %s", formats[0].Example)
	}
	return moment{}, wrong
}
