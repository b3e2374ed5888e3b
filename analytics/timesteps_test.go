package analytics

import (
	"testing"
	"time"
)

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	return zone
}

// TestStepsFollowTheCalendar holds lengths across changes of the clocks, the
// first and last whole step, and names.
func TestStepsFollowTheCalendar(t *testing.T) {
	zone := berlin(t)
	at := func(year int, month time.Month, day, hour int) time.Time {
		return time.Date(year, month, day, hour, 0, 0, 0, zone)
	}
	f := func(unit string, from, to time.Time, names ...string) {
		t.Helper()
		s := NewTimeSteps(unit, from, to, zone)
		if s.Len() != len(names) {
			t.Fatalf("%s from %v to %v: %d steps, want %d", unit, from, to, s.Len(), len(names))
		}
		for i, name := range names {
			if got := s.Name(i); got != name {
				t.Errorf("%s %d is %s, want %s", unit, i, got, name)
			}
			begin, end := s.Span(i)
			if begin.Hour() != 0 || end.Hour() != 0 {
				t.Errorf("%s %s runs from %v to %v, want from midnight to midnight", unit, name, begin, end)
			}
		}
	}
	f(Daily, at(2025, 3, 29, 0), at(2025, 4, 1, 0), "2025-03-29", "2025-03-30", "2025-03-31") // 30 March has 23 hours
	f(Daily, at(2025, 10, 25, 1), at(2025, 10, 27, 23), "2025-10-26")                         // which has 25
	f(Weekly, at(2025, 1, 1, 0), at(2025, 1, 27, 0), "2025-01-06", "2025-01-13", "2025-01-20")
	f(Weekly, at(2025, 1, 6, 0), at(2025, 1, 12, 23))
	f(Monthly, at(2024, 12, 31, 23), at(2025, 3, 1, 0), "2025-01", "2025-02")
	f(Monthly, at(2025, 1, 2, 0), at(2025, 2, 28, 0))
}

// TestStepOfAMoment looks every hour of a year up in each unit.
func TestStepOfAMoment(t *testing.T) {
	zone := berlin(t)
	from, to := time.Date(2025, 1, 1, 0, 0, 0, 0, zone), time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
	for _, unit := range []string{Daily, Weekly, Monthly} {
		s := NewTimeSteps(unit, from, to, zone)
		for at := from.Add(-time.Hour); at.Before(to.Add(2 * time.Hour)); at = at.Add(time.Hour) {
			want := -1
			for i := range s.Len() {
				if begin, end := s.Span(i); !at.Before(begin) && at.Before(end) {
					want = i
				}
			}
			got, ok := s.Of(at)
			if ok != (want >= 0) || ok && got != want {
				t.Fatalf("%s of %v is %d (%v), want %d", unit, at, got, ok, want)
			}
		}
	}
}

func TestWhatStepsLeaveOut(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2025, 1, d, 0, 0, 0, 0, time.UTC) }
	f := func(from, to int, want string) {
		t.Helper()
		if got := NewTimeSteps(Weekly, day(from), day(to), time.UTC).Incomplete(day(from), day(to)); got != want {
			t.Errorf("from %d to %d: %q, want %q", from, to, got, want)
		}
	}
	f(6, 20, "")
	f(6, 22, "Steps end with 2025-01-13; what came later fills no whole week and is left out.")
	f(4, 20, "Steps begin with 2025-01-06; what was before fills no whole week and is left out.")
	f(4, 22, "Steps run from 2025-01-06 to 2025-01-13; what was before and after fills no whole week and is left out.")
	f(7, 12, "The period holds no whole week.")
}

// TestBoundsAreMidnights has weeks and days that clocks change in, and months.
func TestBoundsAreMidnights(t *testing.T) {
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		moment, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	f := func(step, from, to string, n int, first, last string) {
		t.Helper()
		cuts := NewTimeSteps(step, at(from), at(to), zone).Bounds()
		if len(cuts) != n || n > 0 && (!cuts[0].Equal(at(first)) || !cuts[n-1].Equal(at(last))) {
			t.Errorf("%s from %s to %s: %d cut-offs %v, want %d from %s to %s", step, from, to, len(cuts), cuts, n, first, last)
		}
		for i, c := range cuts {
			if c.In(zone).Hour() != 0 || i > 0 && !c.After(cuts[i-1]) {
				t.Errorf("%s: cut-off %d is %v", step, i, c)
			}
		}
	}
	// 2014-03-09 and 2014-11-02 have 23 and 25 hours; 2014-03-03 is a Monday.
	f(Weekly, "2014-03-01 00:00", "2014-03-24 00:00", 4, "2014-03-03 00:00", "2014-03-24 00:00")
	f(Weekly, "2014-03-03 00:00", "2014-03-23 23:59", 3, "2014-03-03 00:00", "2014-03-17 00:00")
	f(Weekly, "2014-03-03 00:01", "2014-03-24 00:00", 3, "2014-03-10 00:00", "2014-03-24 00:00")
	f(Daily, "2014-11-01 12:00", "2014-11-04 00:00", 3, "2014-11-02 00:00", "2014-11-04 00:00")
	f(Monthly, "2013-12-15 00:00", "2014-03-31 00:00", 3, "2014-01-01 00:00", "2014-03-01 00:00")
	f(Monthly, "2014-01-01 00:00", "2014-02-01 00:00", 2, "2014-01-01 00:00", "2014-02-01 00:00")
	f(Weekly, "2014-03-04 00:00", "2014-03-16 00:00", 0, "", "")
}

// TestStepsEndWithWhatIsKnown: the last fact of a city comes minutes before midnight,
// and a judgement as of midnight knows nothing of the day that begins.
func TestStepsEndWithWhatIsKnown(t *testing.T) {
	day := func(month time.Month, n, hour, minute int) time.Time {
		return time.Date(2024, month, n, hour, minute, 0, 0, time.UTC)
	}
	f := func(unit string, asOf time.Time, last string) {
		t.Helper()
		values, err := ParseValues([]Param{StepParam(Monthly)}, map[string]string{"step": unit})
		if err != nil {
			t.Fatal(err)
		}
		r := Request{From: day(1, 1, 0, 0), To: day(12, 31, 24, 0), AsOf: asOf, Zone: time.UTC, Params: values}
		s := r.Steps()
		if got := s.Name(s.Len() - 1); got != last {
			t.Errorf("%s as of %v: the last is %s, want %s", unit, asOf, got, last)
		}
		if text := s.NotOver(asOf); text != "" {
			t.Errorf("%s as of %v: %s", unit, asOf, text)
		}
		soFar := r.StepsSoFar()
		if more := soFar.Len() > s.Len(); more != (soFar.NotOver(asOf) != "") || unit == Daily && soFar.Name(soFar.Len()-1) != asOf.Format(time.DateOnly) {
			t.Errorf("%s as of %v: so far %s, and it is said: %q", unit, asOf, soFar.Name(soFar.Len()-1), soFar.NotOver(asOf))
		}
	}
	f(Daily, day(6, 30, 0, 0), "2024-06-29")
	f(Daily, day(6, 30, 12, 0), "2024-06-29")
	f(Daily, day(6, 30, 23, 46), "2024-06-30")
	f(Weekly, day(6, 30, 0, 0), "2024-06-17") // a Sunday
	f(Weekly, day(6, 30, 23, 0), "2024-06-24")
	f(Monthly, day(6, 30, 12, 0), "2024-05")
	f(Monthly, day(6, 30, 23, 59), "2024-06")
	f(Monthly, day(12, 31, 24, 0), "2024-12")
}
