package clock

import (
	"cmp"
	"slices"
	"time"
)

// A zoneSpan is a stretch of time with one offset from UTC.
type zoneSpan struct {
	from, to int64 // instants
	offset   int64 // what the clock on the wall is ahead of UTC, in microseconds
}

// bounds returns the part of z during which the clock on the wall reads a time
// within a span of a date. There is none unless lo is before hi.
func (z zoneSpan) bounds(d date, s span) (lo, hi int64) {
	lo = max(z.from, d.micros()+int64(s.from)*microsPerMinute-z.offset)
	hi = min(z.to, d.micros()+int64(s.to)*microsPerMinute-z.offset)
	return lo, hi
}

// A yearTable holds what is counted in one year.
type yearTable struct {
	zones                                []zoneSpan // of the year and two days around it
	working, workDayEnds, naturalDayEnds entries
}

// entries are the stretches that count, in order of time. A day that is counted
// at its end is a stretch without length.
type entries struct {
	from, to []int64
	dates    []date  // the day each belongs to
	before   []int64 // worth of all entries before each, and last of all
}

// add appends a stretch worth so much.
func (e *entries) add(from, to int64, d date, worth int64) {
	if len(e.before) == 0 {
		e.before = append(e.before, 0)
	}
	e.from, e.to, e.dates = append(e.from, from), append(e.to, to), append(e.dates, d)
	e.before = append(e.before, e.before[len(e.before)-1]+worth)
}

// worth returns what is counted from the beginning of the year up to and
// including an instant.
func (e *entries) worth(at int64) int64 {
	if len(e.to) == 0 {
		return 0
	}
	i, _ := slices.BinarySearch(e.to, at+1) // entries that are over
	worth := e.before[i]
	if i < len(e.to) && e.from[i] < at {
		worth += at - e.from[i]
	}
	return worth
}

// at returns the first instant by which so much has been counted since the
// beginning of the year. worth is positive and no more than there is.
func (e *entries) at(worth int64) int64 {
	i, _ := slices.BinarySearch(e.before, worth) // the entry after the one
	i--
	if e.from[i] == e.to[i] {
		return e.to[i]
	}
	return e.to[i] - (e.before[i+1] - worth)
}

// of returns the entries of a scale that is not continuous.
func (t *yearTable) of(s scale) *entries {
	switch s.kind {
	case workDayEnds:
		return &t.workDayEnds
	case naturalDayEnds:
		return &t.naturalDayEnds
	}
	return &t.working
}

// table returns the table of a year counted from FirstYear, and makes it when it
// is first asked for. Two callers may both make it; they come to the same.
func (c *Calendar) table(y int) *yearTable {
	if t := c.tables[y].Load(); t != nil {
		return t
	}
	t := c.makeTable(y)
	c.tables[y].Store(t)
	return t
}

func (c *Calendar) makeTable(y int) *yearTable {
	from, to := c.starts[y], c.starts[y+1]
	t := &yearTable{zones: zonesOf(c.zone, from-2*microsPerDay, to+2*microsPerDay)}
	var stretches []entry
	// The clock may be set back at New Year, into the old year.
	first, last := dateOf(FirstYear+y-1, time.December, 29), dateOf(FirstYear+y+1, time.January, 3)
	for d := first; d <= last; d++ {
		closes := from
		for _, s := range c.plan(d).spans {
			stretches = t.pieces(stretches, d, s)
		}
		for _, s := range slices.Backward(stretches) {
			if s.date != d {
				break
			}
			closes = max(closes, s.to)
		}
		if closes > from && closes <= to {
			t.workDayEnds.add(closes, closes, d, c.workDaySeconds*microsPerSecond)
		}
		if end, ok := t.endOf(d); ok && end > from && end <= to {
			t.naturalDayEnds.add(end, end, d, microsPerDay)
		}
	}
	// Where the clock is set back, what is later on the wall may come first.
	slices.SortFunc(stretches, func(a, b entry) int { return cmp.Compare(a.from, b.from) })
	for _, s := range stretches {
		if lo, hi := max(s.from, from), min(s.to, to); lo < hi {
			t.working.add(lo, hi, s.date, hi-lo)
		}
	}
	return t
}

// An entry is a stretch of working time on a date.
type entry struct {
	from, to int64
	date     date
}

// pieces appends the stretches during which the clock on the wall reads a time
// within a span of a date: none where it is set forward over the span, two where
// it is set back.
func (t *yearTable) pieces(dst []entry, d date, s span) []entry {
	n := len(dst)
	for _, z := range t.zones {
		lo, hi := z.bounds(d, s)
		switch {
		case lo >= hi:
		case len(dst) > n && dst[len(dst)-1].to == lo:
			dst[len(dst)-1].to = hi
		default:
			dst = append(dst, entry{lo, hi, d})
		}
	}
	return dst
}

// endOf returns the end of the last instant of a date in or near the year. It is
// false for a date that a zone left out when it moved across the date line.
func (t *yearTable) endOf(d date) (end int64, ok bool) {
	for _, z := range t.zones {
		if lo, hi := z.bounds(d, span{0, minutesPerDay}); lo < hi {
			end, ok = hi, true
		}
	}
	return end, ok
}

// dateOf returns the date on the wall at an instant of the year.
func (t *yearTable) dateOf(at int64) date {
	i := 0
	for i < len(t.zones)-1 && at >= t.zones[i].to {
		i++
	}
	wall := at + t.zones[i].offset
	intoDay := (wall%microsPerDay + microsPerDay) % microsPerDay // also before 1970
	return date((wall - intoDay) / microsPerDay)
}

// zonesOf returns the offsets of a zone between two instants.
func zonesOf(zone *time.Location, from, to int64) []zoneSpan {
	var list []zoneSpan
	for at := from; at < to; {
		t := time.UnixMicro(at).In(zone)
		_, seconds := t.Zone()
		next := to
		if _, end := t.ZoneBounds(); !end.IsZero() {
			next = min(to, end.UnixMicro())
		}
		offset := int64(seconds) * microsPerSecond
		if n := len(list); n > 0 && list[n-1].offset == offset {
			list[n-1].to = next
		} else {
			list = append(list, zoneSpan{at, next, offset})
		}
		at = next
	}
	return list
}
