package clock

import (
	"testing"
	"time"
	_ "time/tzdata"
)

// office is Monday to Friday with a lunch break, in Shanghai.
func office() File {
	return File{
		ID: "cn-work", Version: "2026.1", Zone: "Asia/Shanghai",
		Weekly: map[string][]string{"mon-fri": {"08:00-12:00", "14:00-18:00"}},
	}
}

// days returns so many days from a date on.
func days(from string, n int, name string, off bool) []Holiday {
	first, err := parseDate(from)
	if err != nil {
		panic(err)
	}
	var list []Holiday
	for i := range n {
		list = append(list, Holiday{Name: name, Date: (first + date(i)).String(), Off: off})
	}
	return list
}

// free2026 are the free days of 2026, and worked2026 the weekends worked for
// them (General Office of the State Council, arrangement of holidays for 2026).
func free2026() []Holiday {
	var list []Holiday
	for _, h := range []struct {
		from string
		n    int
		name string
	}{
		{"2026-01-01", 3, "元旦"},
		{"2026-02-15", 9, "春节"},
		{"2026-04-04", 3, "清明节"},
		{"2026-05-01", 5, "劳动节"},
		{"2026-06-19", 3, "端午节"},
		{"2026-09-25", 3, "中秋节"},
		{"2026-10-01", 7, "国庆节"},
	} {
		list = append(list, days(h.from, h.n, h.name, true)...)
	}
	return list
}

func worked2026() []Holiday {
	var list []Holiday
	for _, d := range [][2]string{
		{"2026-01-04", "元旦"},
		{"2026-02-14", "春节"},
		{"2026-02-28", "春节"},
		{"2026-05-09", "劳动节"},
		{"2026-09-20", "国庆节"},
		{"2026-10-10", "国庆节"},
	} {
		list = append(list, Holiday{Name: d[1], Date: d[0]})
	}
	return list
}

func year2026() Holidays {
	return Holidays{Year: 2026, Days: append(free2026(), worked2026()...)}
}

// year2027 is invented: the year begins like 2008, whose file took the end of
// the December before (free from the 30th, worked on the 29th).
func year2027() Holidays {
	list := days("2026-12-26", 1, "元旦", false)
	list = append(list, days("2026-12-30", 4, "元旦", true)...)
	return Holidays{Year: 2027, Days: list}
}

func mustBuild(t testing.TB, f File, years ...Holidays) *Calendar {
	t.Helper()
	c, err := Build(f, years...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// wall reads a time on the wall of the calendar, or an instant with its offset.
func wall(t testing.TB, c *Calendar, text string) time.Time {
	t.Helper()
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, c.zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func mustLimit(t testing.TB, text string) Limit {
	t.Helper()
	l, err := ParseLimit(text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
