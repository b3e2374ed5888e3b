package clock

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A dayPlan is who works when on one day.
type dayPlan struct {
	spans []span
	// why is the rule in words, such as "holiday 春节 (file of 2026)", and empty
	// for a day that is like others of its day of the week.
	why string
}

// plan returns the plan of a day.
func (c *Calendar) plan(d date) dayPlan {
	if special, ok := c.special[d]; ok {
		return special
	}
	return dayPlan{spans: c.week[d.weekday()]}
}

// addYears sets the special days of the holiday files, and until when each year
// has data.
func (c *Calendar) addYears(f File, years []Holidays) error {
	years = slices.Clone(years)
	slices.SortStableFunc(years, func(a, b Holidays) int { return cmp.Compare(a.Year, b.Year) })
	for i, h := range years {
		if err := h.check(); err != nil {
			return fmt.Errorf("holiday file of %d: %w", h.Year, err)
		}
		if i > 0 && years[i-1].Year == h.Year {
			return fmt.Errorf("holiday file of %d: it is given twice", h.Year)
		}
		for _, day := range h.Days {
			if err := c.addHoliday(day, h.Year); err != nil {
				return err
			}
		}
	}
	ownFile, err := chosen("year_end", f.YearEnd, "next_file", "own_file")
	if err != nil {
		return err
	}
	switch text := f.years(); text {
	case yearsOfFiles:
		for _, h := range years {
			c.known(h.Year, h.Year)
			next := h.Year + 1
			if !ownFile && !slices.ContainsFunc(years, func(o Holidays) bool { return o.Year == next }) {
				c.until[h.Year-FirstYear] = time.Date(h.Year, time.December, 1, 0, 0, 0, 0, c.zone).UnixMicro()
			}
		}
	case yearsAny:
		c.known(FirstYear, LastYear)
	default:
		first, last, err := parseYears(text)
		if err != nil {
			return err
		}
		c.known(first, last)
	}
	return nil
}

// What a calendar can say of the years it has data for, besides naming them.
const (
	yearsOfFiles = "files"
	yearsAny     = "any"
)

func (f *File) years() string { return cmp.Or(strings.TrimSpace(f.Years), yearsOfFiles) }

// byFiles reports whether the years with data are those of holiday files.
func (c *Calendar) byFiles() bool { return c.file.years() == yearsOfFiles }

// Covers says which years the calendar has data for: "any", or years and runs of
// years such as "2024-2026". A last year that ends before December, for want of
// the file of the next, says so: "2024-2025, 2026 without December". It is empty
// where there is none, and no working time can be counted.
func (c *Calendar) Covers() string {
	if c.file.years() == yearsAny {
		return yearsAny
	}
	whole := func(y int) bool { return y < yearCount && c.until[y] == c.starts[y+1] }
	var told []string
	for y := 0; y < yearCount; y++ {
		first := y
		switch {
		case whole(y):
			for whole(y + 1) {
				y++
			}
			run := strconv.Itoa(FirstYear + first)
			if y > first {
				run += "-" + strconv.Itoa(FirstYear+y)
			}
			told = append(told, run)
		case c.until[y] > c.starts[y]:
			told = append(told, fmt.Sprintf("%d without December", FirstYear+y))
		}
	}
	return strings.Join(told, ", ")
}

// addHoliday adds a day of a holiday file. A later file replaces what an earlier
// one said.
func (c *Calendar) addHoliday(day Holiday, year int) error {
	d, err := parseDate(day.Date)
	if err != nil {
		return err
	}
	source := fmt.Sprintf("file of %d", year)
	if day.Off {
		c.special[d] = dayPlan{why: describe("holiday", day.Name, source)}
	} else {
		c.special[d] = c.workday(d, day.Name, source)
	}
	return nil
}

// workday returns the plan of a day that is worked though it may be a weekend.
func (c *Calendar) workday(d date, name, source string) dayPlan {
	if own := c.week[d.weekday()]; len(own) > 0 {
		return dayPlan{spans: own, why: describe("working day", name, source)}
	}
	return dayPlan{
		spans: c.week[c.workdaysAs],
		why:   describe("working weekend", name, source) + ": counted with the hours of " + c.workdaysAs.String(),
	}
}

// describe names the rule of a special day and where it comes from.
func describe(kind, name, source string) string {
	if name != "" {
		kind += " " + name
	}
	return kind + " (" + source + ")"
}

// known says that the years from first to last have data to their end.
func (c *Calendar) known(first, last int) {
	for y := first; y <= last; y++ {
		c.until[y-FirstYear] = c.starts[y-FirstYear+1]
	}
}

// parseYears reads "2025" or "2024-2026".
func parseYears(text string) (first, last int, err error) {
	from, to, run := strings.Cut(text, "-")
	if !run {
		to = from
	}
	first, errFirst := strconv.Atoi(strings.TrimSpace(from))
	last, errLast := strconv.Atoi(strings.TrimSpace(to))
	if errFirst != nil || errLast != nil || first < FirstYear || last > LastYear || first > last {
		return 0, 0, fmt.Errorf("years %q: want files, any, a year or a run of years such as 2024-2026, within %d to %d", text, FirstYear, LastYear)
	}
	return first, last, nil
}

// addDays adds the special days that the calendar itself declares, over those of
// the holiday files.
func (c *Calendar) addDays(f File) error {
	given := make(map[date]string)
	add := func(list string, days []SpecialDay, plan func(date, SpecialDay, []span) (dayPlan, error)) error {
		for _, day := range days {
			d, err := parseDate(day.Date)
			if err != nil {
				return fmt.Errorf("%s: %w", list, err)
			}
			if before, ok := given[d]; ok {
				return fmt.Errorf("%s: %s is among the %s already", list, d, before)
			}
			given[d] = list
			spans, err := parseHours(day.Hours)
			if err == nil {
				c.special[d], err = plan(d, day, spans)
			}
			if err != nil {
				return fmt.Errorf("%s: %s: %w", list, d, err)
			}
		}
		return nil
	}
	const source = "calendar"
	if err := add("holidays", f.Holidays, func(_ date, day SpecialDay, spans []span) (dayPlan, error) {
		if len(spans) > 0 {
			return dayPlan{}, fmt.Errorf("a holiday has no hours; days with hours of their own are half_days")
		}
		return dayPlan{why: describe("holiday", day.Name, source)}, nil
	}); err != nil {
		return err
	}
	if err := add("workdays", f.Workdays, func(d date, day SpecialDay, spans []span) (dayPlan, error) {
		if len(spans) == 0 {
			return c.workday(d, day.Name, source), nil
		}
		return dayPlan{spans: spans, why: describe("working day", day.Name, source)}, nil
	}); err != nil {
		return err
	}
	return add("half_days", f.HalfDays, func(_ date, day SpecialDay, spans []span) (dayPlan, error) {
		if len(spans) == 0 {
			return dayPlan{}, fmt.Errorf("a half day needs hours")
		}
		return dayPlan{spans: spans, why: describe("half day", day.Name, source)}, nil
	})
}
