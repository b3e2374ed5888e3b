package indicator

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/civgrid/civgrid/analytics"
)

// A span is a named period: the day, or the first day of the week, month,
// quarter or year it is named for.
type span struct {
	unit  string
	year  int
	month time.Month
	day   int
}

func (p Period) unit() string { return or(p.Unit, "month") }

func (p Period) anchor() int { return max(p.AnchorDay, 1) }

// zone returns the time zone of the period, or that of the store.
func (p Period) zone(store *time.Location) (*time.Location, error) {
	if p.Zone == "" {
		return store, nil
	}
	if p.Zone == "Local" {
		return nil, fmt.Errorf("time zone Local is none of IANA's")
	}
	return time.LoadLocation(p.Zone)
}

// cut returns how long after midnight days begin.
func (p Period) cut() (time.Duration, error) {
	if p.DayCut == "" {
		return 0, nil
	}
	t, err := time.Parse("15:04", p.DayCut)
	if err != nil {
		return 0, fmt.Errorf("day_cut %q: want a time of day such as 12:00", p.DayCut)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

func (p Period) check() error {
	if _, err := p.cut(); err != nil {
		return err
	}
	if _, err := p.zone(time.UTC); err != nil {
		return fmt.Errorf("tz %q: %w", p.Zone, err)
	}
	if p.AnchorDay < 0 || p.AnchorDay > 28 {
		return fmt.Errorf("anchor_day %d: want 1 to 28, which every month has", p.AnchorDay)
	}
	return nil
}

// start returns the first instant of a day as the period counts days. A day
// that is named for where it ends begins on the day before.
func (p Period) start(year int, month time.Month, day int, zone *time.Location) time.Time {
	cut, err := p.cut()
	if err != nil {
		panic("BUG: a period that was not checked: " + err.Error())
	}
	if p.DayNamed == "end" {
		day--
	}
	if cut == 0 {
		return analytics.DayStart(year, month, day, zone).UTC()
	}
	return time.Date(year, month, day, int(cut.Hours()), int(cut.Minutes())%60, 0, 0, zone).UTC()
}

// window returns when a span begins and ends.
func (p Period) window(s span, zone *time.Location) (from, to time.Time) {
	begin := func(s span) time.Time {
		year, month, day := s.year, s.month, s.day
		if s.unit != "day" && s.unit != "week" && p.anchor() > 1 {
			month, day = month-1, p.anchor()
		}
		return p.start(year, month, day, zone)
	}
	return begin(s), begin(s.shift(1))
}

// PeriodEnd returns when the period that a moment lies in ends, as the definition
// counts time in a store of a time zone.
func (d *Definition) PeriodEnd(at time.Time, store *time.Location) (time.Time, error) {
	if err := d.Period.check(); err != nil {
		return time.Time{}, err
	}
	zone, err := d.Period.zone(store)
	if err != nil {
		return time.Time{}, err
	}
	_, end := d.Period.window(d.Period.spanOf(at, zone), zone)
	return end, nil
}

// shift returns the span n units later.
func (s span) shift(n int) span {
	days, months := 0, 0
	switch s.unit {
	case "day":
		days = n
	case "week":
		days = 7 * n
	case "month":
		months = n
	case "quarter":
		months = 3 * n
	case "year":
		months = 12 * n
	}
	t := time.Date(s.year, s.month+time.Month(months), s.day+days, 0, 0, 0, 0, time.UTC)
	return span{s.unit, t.Year(), t.Month(), t.Day()}
}

// yearBefore returns the span of the same name a year before; for weeks and
// days that is 52 weeks before, on the same day of the week.
func (s span) yearBefore() span {
	switch s.unit {
	case "day":
		return s.shift(-364)
	case "week":
		return s.shift(-52)
	case "month":
		return s.shift(-12)
	case "quarter":
		return s.shift(-4)
	}
	return s.shift(-1)
}

// spanOf returns the span that a moment lies in.
func (p Period) spanOf(t time.Time, zone *time.Location) span {
	local := t.In(zone)
	s := span{"day", local.Year(), local.Month(), local.Day()}.shift(-1)
	for { // clocks that change make this more than arithmetic
		if _, to := p.window(s, zone); t.Before(to) {
			break
		}
		s = s.shift(1)
	}
	s.unit = p.unit()
	if s.unit == "day" {
		return s
	}
	if s.unit == "week" {
		monday := time.Date(s.year, s.month, s.day, 0, 0, 0, 0, time.UTC)
		monday = monday.AddDate(0, 0, -(int(monday.Weekday())+6)%7)
		return span{"week", monday.Year(), monday.Month(), monday.Day()}
	}
	if p.anchor() > 1 && s.day >= p.anchor() {
		s = span{"month", s.year, s.month, 1}.shift(1)
	}
	s.unit, s.day = p.unit(), 1
	switch s.unit {
	case "quarter":
		s.month = (s.month-1)/3*3 + 1
	case "year":
		s.month = 1
	}
	return s
}

// String returns the name of the span: 2026, 2026-Q3, 2026-09, 2026-W37 or
// 2026-09-15.
func (s span) String() string {
	switch s.unit {
	case "year":
		return fmt.Sprintf("%04d", s.year)
	case "quarter":
		return fmt.Sprintf("%04d-Q%d", s.year, (s.month+2)/3)
	case "month":
		return fmt.Sprintf("%04d-%02d", s.year, s.month)
	case "week":
		year, week := time.Date(s.year, s.month, s.day, 0, 0, 0, 0, time.UTC).ISOWeek()
		return fmt.Sprintf("%04d-W%02d", year, week)
	}
	return fmt.Sprintf("%04d-%02d-%02d", s.year, s.month, s.day)
}

var (
	quarterName = regexp.MustCompile(`^(\d{4})-Q([1-4])$`)
	weekName    = regexp.MustCompile(`^(\d{4})-W(\d{2})$`)
)

// parseSpan reads the name of a span.
func parseSpan(text string) (span, error) {
	for unit, layout := range map[string]string{"year": "2006", "month": "2006-01", "day": "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return span{unit, t.Year(), t.Month(), t.Day()}, nil
		}
	}
	if m := quarterName.FindStringSubmatch(text); m != nil {
		year, _ := strconv.Atoi(m[1])
		quarter, _ := strconv.Atoi(m[2])
		return span{"quarter", year, time.Month(3*quarter - 2), 1}, nil
	}
	if m := weekName.FindStringSubmatch(text); m != nil {
		year, _ := strconv.Atoi(m[1])
		week, _ := strconv.Atoi(m[2])
		monday := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // always in the first week (ISO 8601)
		monday = monday.AddDate(0, 0, -(int(monday.Weekday())+6)%7+7*(week-1))
		if y, w := monday.ISOWeek(); y == year && w == week {
			return span{"week", monday.Year(), monday.Month(), monday.Day()}, nil
		}
	}
	return span{}, fmt.Errorf("want a period such as 2026, 2026-Q3, 2026-09, 2026-W37 or 2026-09-15")
}

// Named returns the period of a name, such as 2026-Q3, in a time zone.
func (p Period) Named(name string, zone *time.Location) (analytics.Span, error) {
	s, err := parseSpan(name)
	if err != nil {
		return analytics.Span{}, err
	}
	from, to := p.window(s, zone)
	return analytics.Span{From: from, To: to}, nil
}

// Before returns the periods before [from, to): the one right before, and the
// one a year before. A period that has no name is followed back by its length.
func (p Period) Before(from, to time.Time, zone *time.Location) (previous, yearBefore analytics.Span) {
	for _, unit := range []string{"day", "week", "month", "quarter", "year"} {
		p.Unit = unit
		s := p.spanOf(from, zone)
		if f, t := p.window(s, zone); f.Equal(from) && t.Equal(to) {
			previous.From, previous.To = p.window(s.shift(-1), zone)
			yearBefore.From, yearBefore.To = p.window(s.yearBefore(), zone)
			return previous, yearBefore
		}
	}
	previous = analytics.Span{From: from.Add(-to.Sub(from)), To: from}
	yearBefore = analytics.Span{From: from.In(zone).AddDate(-1, 0, 0).UTC(), To: to.In(zone).AddDate(-1, 0, 0).UTC()}
	return previous, yearBefore
}
