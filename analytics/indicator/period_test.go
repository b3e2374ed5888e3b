package indicator

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/civgrid/civgrid/analytics"
)

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestWindows states when named periods begin and end. The assessment month of
// the 19th and the day from noon to noon are those of Beijing's 12345 hotline.
func TestWindows(t *testing.T) {
	const layout = "2006-01-02 15:04 -0700"
	f := func(p Period, zone, name, from, to string) {
		t.Helper()
		s, err := parseSpan(name)
		if err != nil {
			t.Fatal(err)
		}
		at := location(t, zone)
		begins, ends := p.window(s, at)
		if got, want := begins.In(at).Format(layout)+" to "+ends.In(at).Format(layout), from+" to "+to; got != want {
			t.Errorf("%s of %+v is %s, want %s", name, p, got, want)
		}
		if s.String() != name {
			t.Errorf("%s is called %s", name, s)
		}
	}
	beijing := Period{Unit: "month", AnchorDay: 19}
	noon := Period{Unit: "day", DayCut: "12:00", DayNamed: "end"}
	f(Period{}, "UTC", "2026-02", "2026-02-01 00:00 +0000", "2026-03-01 00:00 +0000")
	f(Period{}, "UTC", "2026-Q4", "2026-10-01 00:00 +0000", "2027-01-01 00:00 +0000")
	f(Period{}, "UTC", "2026", "2026-01-01 00:00 +0000", "2027-01-01 00:00 +0000")
	f(Period{}, "UTC", "2026-W01", "2025-12-29 00:00 +0000", "2026-01-05 00:00 +0000")
	f(Period{}, "UTC", "2020-W53", "2020-12-28 00:00 +0000", "2021-01-04 00:00 +0000")
	f(beijing, "Asia/Shanghai", "2026-01", "2025-12-19 00:00 +0800", "2026-01-19 00:00 +0800")
	f(beijing, "Asia/Shanghai", "2026-03", "2026-02-19 00:00 +0800", "2026-03-19 00:00 +0800")
	f(noon, "Asia/Shanghai", "2026-01-01", "2025-12-31 12:00 +0800", "2026-01-01 12:00 +0800")
	f(Period{AnchorDay: 19, DayCut: "12:00", DayNamed: "end"}, "Asia/Shanghai", "2026-01", "2025-12-18 12:00 +0800", "2026-01-18 12:00 +0800")
	f(Period{Unit: "day"}, "America/New_York", "2026-03-08", "2026-03-08 00:00 -0500", "2026-03-09 00:00 -0400") // 23 hours
	f(Period{Unit: "day"}, "America/New_York", "2026-11-01", "2026-11-01 00:00 -0400", "2026-11-02 00:00 -0500") // 25 hours
	f(Period{Unit: "day"}, "America/Sao_Paulo", "2018-11-04", "2018-11-04 01:00 -0200", "2018-11-05 00:00 -0200")
}

// TestEveryMomentLiesInItsSpan goes through moments of many years and zones.
func TestEveryMomentLiesInItsSpan(t *testing.T) {
	periods := []Period{
		{},
		{Unit: "day"},
		{Unit: "day", DayCut: "02:30"},
		{Unit: "week"},
		{Unit: "week", DayCut: "12:00"},
		{AnchorDay: 19},
		{AnchorDay: 19, DayCut: "12:00", DayNamed: "end"},
		{Unit: "quarter"},
		{Unit: "quarter", AnchorDay: 28},
		{Unit: "year"},
		{Unit: "year", AnchorDay: 2},
	}
	for _, name := range []string{"UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia"} {
		zone := location(t, name)
		for _, p := range periods {
			for i := range 2000 {
				at := time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * (67*time.Hour + 13*time.Minute))
				s := p.spanOf(at, zone)
				from, to := p.window(s, zone)
				if at.Before(from) || !at.Before(to) {
					t.Fatalf("%v in %s lies in %s of %+v, from %v to %v", at, name, s, p, from, to)
				}
				if _, before := p.window(s.shift(-1), zone); !before.Equal(from) {
					t.Fatalf("the span before %s of %+v ends at %v, want %v", s, p, before, from)
				}
				if again, err := parseSpan(s.String()); err != nil || again != s {
					t.Fatalf("%s reads as %v, error %v", s, again, err)
				}
			}
		}
	}
}

func TestPeriodsBefore(t *testing.T) {
	f := func(p Period, name, previous, yearBefore string) {
		t.Helper()
		s, err := parseSpan(name)
		if err != nil {
			t.Fatal(err)
		}
		from, to := p.window(s, time.UTC)
		gotPrevious, gotYear := p.Before(from, to, time.UTC)
		for got, want := range map[analytics.Span]string{gotPrevious: previous, gotYear: yearBefore} {
			s, err := parseSpan(want)
			if err != nil {
				t.Fatal(err)
			}
			from, to := p.window(s, time.UTC)
			if !got.From.Equal(from) || !got.To.Equal(to) {
				t.Errorf("before %s comes %v, want %s", name, got, want)
			}
		}
	}
	f(Period{}, "2026-03", "2026-02", "2025-03")
	f(Period{AnchorDay: 19}, "2026-01", "2025-12", "2025-01")
	f(Period{}, "2026-Q1", "2025-Q4", "2025-Q1")
	f(Period{}, "2026", "2025", "2025")
	f(Period{}, "2026-W10", "2026-W09", "2025-W10")
	from, to := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC)
	previous, year := Period{}.Before(from, to, time.UTC)
	if want := (analytics.Span{From: from.AddDate(0, 0, -10), To: from}); previous != want {
		t.Errorf("before ten days come %v, want %v", previous, want)
	}
	if want := (analytics.Span{From: from.AddDate(-1, 0, 0), To: to.AddDate(-1, 0, 0)}); year != want {
		t.Errorf("a year before ten days are %v, want %v", year, want)
	}
}

func TestNoPeriod(t *testing.T) {
	for _, text := range []string{"", "2026-13", "2026-Q5", "2026-W54", "2021-W53", "26", "2026-1", "last month"} {
		if s, err := parseSpan(text); err == nil {
			t.Errorf("%q is read as %v", text, s)
		}
	}
}
