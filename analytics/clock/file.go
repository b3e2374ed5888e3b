package clock

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A File is a calendar as it is written down. Decoding it, and refusing keys it
// does not have, is for the caller; Build checks the rest.
type File struct {
	// ID names the calendar in errors and results, such as cn-work.
	// It holds no @, which comes before a version.
	ID string `yaml:"id,omitempty" json:"id"`
	// Version tells this state of the calendar from earlier ones.
	Version string `yaml:"version" json:"version"`
	// Zone is the IANA name of the time zone. Local is refused: it would mean
	// something else on every machine.
	Zone string `yaml:"zone" json:"zone"`
	// Years says which years there are data for: "files", those whose holiday
	// files are given (the default); "any", where public holidays do not matter;
	// or a year or run of years ("2024-2026"), whose special days are all in this
	// file or in those given.
	Years string `yaml:"years,omitempty" json:"years,omitempty"`
	// YearEnd says what settles the December of a year whose data are files:
	// "next_file", the file of the next year as well (the default), or "own_file".
	YearEnd string `yaml:"year_end,omitempty" json:"year_end,omitempty"`

	// Weekly is the hours by day ("sat") or run of days ("mon-fri"), each a list
	// of spans such as 08:00-12:00; a lunch break is the gap between two. A span
	// may end at 24:00 and the next begin there; they do not overlap. Days not
	// named are free.
	Weekly map[string][]string `yaml:"weekly" json:"weekly"`
	// WorkdaysAs is the day of the week whose hours a working weekend has. Empty
	// means the first from Monday on that has hours: notices say that a weekend is
	// worked like a weekday, not which, and offices differ at most on Fridays.
	WorkdaysAs string `yaml:"workdays_as,omitempty" json:"workdays_as,omitempty"`
	// Holidays are free days beside those of the holiday files. What this file
	// says of a day overrides them.
	Holidays []SpecialDay `yaml:"holidays,omitempty" json:"holidays,omitempty"`
	// Workdays are worked days: with the hours given, else with those of their day
	// of the week, else with those of WorkdaysAs.
	Workdays []SpecialDay `yaml:"workdays,omitempty" json:"workdays,omitempty"`
	// HalfDays are days with hours of their own, which must be given.
	HalfDays []SpecialDay `yaml:"half_days,omitempty" json:"half_days,omitempty"`

	// WorkDay says how working days are counted: "hours", as WorkDayHours working
	// hours each (the default), or "end_of_day", up to the end of the last hours of
	// the n-th working day (中华人民共和国民法典 art. 203: where there are business
	// hours, a day ends when business stops).
	WorkDay string `yaml:"work_day,omitempty" json:"work_day,omitempty"`
	// WorkDayHours is what a working day is worth, in hours. Zero means as many as
	// the day of the week that WorkdaysAs means has: 7 for 09:00-12:00 and
	// 13:00-17:00, so that one working day later is the same time of the next one.
	WorkDayHours float64 `yaml:"work_day_hours,omitempty" json:"work_day_hours,omitempty"`
	// NaturalDay says how natural days are counted: "continuous", as 24 hours of
	// real time (the default), or "end_of_day", up to midnight at the end of the
	// n-th day.
	NaturalDay string `yaml:"natural_day,omitempty" json:"natural_day,omitempty"`
	// StartDay says whether the day of the start is one of the days counted to
	// their end: "skipped" (the default, as in 民法典 art. 201) or "counted", if it
	// is a day of that kind and has not ended yet.
	StartDay string `yaml:"start_day,omitempty" json:"start_day,omitempty"`
}

// A SpecialDay is a day that differs from others of its day of the week.
type SpecialDay struct {
	Date  string   `yaml:"date" json:"date"` // YYYY-MM-DD
	Name  string   `yaml:"name" json:"name"`
	Hours []string `yaml:"hours,omitempty" json:"hours,omitempty"` // spans such as 08:00-12:00
}

// Build returns the calendar that a file describes, with the holidays of the
// years given, in any order. Where two years' files speak of the same day, the
// later year's holds: its notice is the later one. The error names the calendar
// and the first thing found wrong with it.
func Build(f File, years ...Holidays) (*Calendar, error) {
	c, err := build(f, years)
	if err != nil {
		return nil, fmt.Errorf("build calendar %s: %w", f.ID, err)
	}
	return c, nil
}

func build(f File, years []Holidays) (*Calendar, error) {
	if f.ID == "" {
		return nil, errors.New("id is missing")
	}
	if strings.Contains(f.ID, "@") {
		return nil, errors.New("id holds an @, which comes before a version")
	}
	if f.Zone == "" || f.Zone == "Local" {
		return nil, fmt.Errorf("zone %q: want an IANA name such as Asia/Shanghai", f.Zone)
	}
	zone, err := time.LoadLocation(f.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone: %w", err)
	}
	c := &Calendar{id: f.ID, version: f.Version, zone: zone, special: make(map[date]dayPlan), file: f, years: slices.Clone(years)}
	if c.week, err = parseWeek(f.Weekly); err != nil {
		return nil, err
	}
	if c.workdaysAs, err = f.workdaysAs(c.week); err != nil {
		return nil, err
	}
	if err := c.countAs(f); err != nil {
		return nil, err
	}
	for y := range c.starts {
		c.starts[y] = time.Date(FirstYear+y, time.January, 1, 0, 0, 0, 0, zone).UnixMicro()
	}
	copy(c.until[:], c.starts[:])
	if err := c.addYears(f, years); err != nil {
		return nil, err
	}
	return c, c.addDays(f)
}

// workdaysAs returns the day of the week that lends its hours to working
// weekends.
func (f *File) workdaysAs(week [7][]span) (time.Weekday, error) {
	if f.WorkdaysAs != "" {
		day, err := parseWeekday(f.WorkdaysAs)
		if err == nil && len(week[day]) == 0 {
			err = fmt.Errorf("%s has no hours", day)
		}
		if err != nil {
			return 0, fmt.Errorf("workdays_as: %w", err)
		}
		return day, nil
	}
	day := time.Monday
	for len(week[day]) == 0 {
		day = (day + 1) % 7
	}
	return day, nil
}

// countAs sets how days are counted. The hours of the week are there already.
func (c *Calendar) countAs(f File) error {
	endOfDay, err := chosen("work_day", f.WorkDay, "hours", "end_of_day")
	if err != nil {
		return err
	}
	endOfNatural, err := chosen("natural_day", f.NaturalDay, "continuous", "end_of_day")
	if err != nil {
		return err
	}
	startCounts, err := chosen("start_day", f.StartDay, "skipped", "counted")
	if err != nil {
		return err
	}
	hours := f.WorkDayHours
	if !(hours >= 0 && hours <= 24) || hours*secondsPerHour != math.Trunc(hours*secondsPerHour) {
		return fmt.Errorf("work_day_hours %v: want more than 0 and at most 24, in whole seconds", f.WorkDayHours)
	}
	c.workDayEnds, c.naturalDayEnds, c.startDayCounts = endOfDay, endOfNatural, startCounts
	c.workDaySeconds = int64(hours * secondsPerHour)
	if hours == 0 {
		for _, s := range c.week[c.workdaysAs] {
			c.workDaySeconds += int64(s.to-s.from) * secondsPerMinute
		}
	}
	return nil
}

// chosen reports whether a setting has its second value rather than its first,
// which is the default.
func chosen(key, value, first, second string) (bool, error) {
	switch cmp.Or(strings.TrimSpace(value), first) {
	case first:
		return false, nil
	case second:
		return true, nil
	}
	return false, fmt.Errorf("%s %q: want %s or %s", key, value, first, second)
}
