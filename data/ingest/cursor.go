package ingest

import "strings"

// A cursor reads a text from left to right.
type cursor struct{ s string }

func (c *cursor) number() (n, width int, ok bool) {
	for width < len(c.s) && width < 9 && c.s[width] >= '0' && c.s[width] <= '9' {
		n = n*10 + int(c.s[width]-'0')
		width++
	}
	c.s = c.s[width:]
	return n, width, width > 0
}

// skip removes one of the words, and reports whether one was there.
func (c *cursor) skip(words ...string) bool {
	for _, w := range words {
		if rest, ok := strings.CutPrefix(c.s, w); ok {
			c.s = rest
			return true
		}
	}
	return false
}

func (c *cursor) dateSeparator() bool { return c.skip("-", "/", ".", "年", "月") }

func (c *cursor) spaces() { c.s = strings.TrimLeft(c.s, " \u00a0\u3000") }

// withClock reads the rest of a text, a time of day and an offset or nothing,
// and puts the date before it.
func (c *cursor) withClock(year, month, day int) (moment, error) {
	if !c.skip("T", "t") {
		c.spaces()
	}
	if c.s == "" {
		return compose(year, month, day, 0, 0, 0, 0)
	}
	half := c.half()
	hour, minute, second, micros, ok := c.clock()
	if !ok {
		return moment{}, errNotTime
	}
	c.spaces()
	if half == 0 {
		half = c.half()
	}
	if half != 0 {
		if hour < 1 || hour > 12 {
			return moment{}, errNotTime
		}
		hour = hour%12 + 12*(half-1)
	}
	c.spaces()
	offset, zoned, ok := c.offset()
	if !ok || c.s != "" {
		return moment{}, errNotTime
	}
	m, err := compose(year, month, day, hour, minute, second, micros)
	m.micros -= int64(offset) * 60_000_000
	m.utc = zoned
	return m, err
}

// half reads a mark of the half of the day: 1 for the first, 2 for the second,
// 0 for none.
func (c *cursor) half() int {
	if c.s == "" || c.s[0] >= '0' && c.s[0] <= '9' {
		return 0
	}
	defer c.spaces()
	switch {
	case c.skip("AM", "am", "A.M.", "a.m.", "上午"):
		return 1
	case c.skip("PM", "pm", "P.M.", "p.m.", "下午"):
		return 2
	}
	return 0
}

func (c *cursor) clock() (hour, minute, second, micros int, ok bool) {
	if hour, _, ok = c.number(); !ok || !c.skip(":", "时", "時", "点") {
		return 0, 0, 0, 0, false
	}
	if minute, _, ok = c.number(); !ok {
		return 0, 0, 0, 0, false
	}
	if !c.skip(":", "分") || c.s == "" {
		return hour, minute, 0, 0, true
	}
	if second, _, ok = c.number(); !ok {
		return 0, 0, 0, 0, false
	}
	c.skip("秒", "秒")
	if c.skip(".", ",") {
		fraction, width, ok := c.number()
		if !ok {
			return 0, 0, 0, 0, false
		}
		for ; width < 6; width++ {
			fraction *= 10
		}
		for ; width > 6; width-- {
			fraction /= 10
		}
		micros = fraction
	}
	return hour, minute, second, micros, true
}

// offset reads Z, UTC or ±hh[:mm]; minutes east of Greenwich.
func (c *cursor) offset() (minutes int, zoned, ok bool) {
	if c.s == "" {
		return 0, false, true
	}
	if c.skip("Z", "z", "UTC", "GMT") {
		return 0, true, true
	}
	sign := 1
	switch {
	case c.skip("+"):
	case c.skip("-"):
		sign = -1
	default:
		return 0, false, true
	}
	n, width, ok := c.number()
	switch {
	case !ok:
		return 0, false, false
	case width == 4:
		minutes = n/100*60 + n%100
	case width <= 2:
		minutes = n * 60
		if c.skip(":") {
			if n, _, ok = c.number(); !ok {
				return 0, false, false
			}
			minutes += n
		}
	default:
		return 0, false, false
	}
	return sign * minutes, true, minutes <= 15*60
}

// compose tests a date and a time of day and joins them. 24:00 is the end of
// the day; second 60 counts as the next minute.
func compose(year, month, day, hour, minute, second, micros int) (moment, error) {
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || year < 1 {
		return moment{}, errNoDate
	}
	if hour > 24 || minute > 59 || second > 60 || hour == 24 && minute+second+micros > 0 {
		return moment{}, timeError("no such time of day")
	}
	days := daysSince1970(year, month, day)
	seconds := int64(days)*86400 + int64(hour)*3600 + int64(minute)*60 + int64(second)
	return moment{micros: seconds*1_000_000 + int64(micros)}, nil
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince1970 counts days in the proleptic Gregorian calendar, for years from
// 1 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
// days_from_civil).
func daysSince1970(year, month, day int) int {
	if month <= 2 {
		year--
	}
	era := year / 400
	yearOfEra := year - era*400
	dayOfYear := (153*((month+9)%12)+2)/5 + day - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return era*146097 + dayOfEra - 719468
}

func isDigits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
