package clock

import (
	"errors"
	"sync"
	"testing"
	"time"
)

// deadlines returns a function that checks a deadline, both ways.
func deadlines(t *testing.T, c *Calendar, pauses ...Pause) func(start, limit, want string) {
	return func(start, limit, want string) {
		t.Helper()
		l := mustLimit(t, limit)
		got, err := c.Deadline(wall(t, c, start), l, pauses)
		if err != nil {
			t.Error(err)
			return
		}
		if !got.Equal(wall(t, c, want)) {
			t.Errorf("%s from %s end %s, want %s", limit, start, got, want)
		}
		length, err := c.Length(l)
		if err != nil {
			t.Error(err)
		}
		elapsed, err := c.Elapsed(wall(t, c, start), got, l.Unit, pauses)
		if err != nil || elapsed != length {
			t.Errorf("from %s to %s %v of %s have elapsed (%v), want %v", start, got, elapsed, l.Unit, err, length)
		}
	}
}

// TestWorkingHours has cases worked out by hand.
func TestWorkingHours(t *testing.T) {
	c := mustBuild(t, office(), year2026())
	f := deadlines(t, c)
	f("2026-07-03 17:00", "2 work_hour", "2026-07-06 09:00") // Friday to Monday
	f("2026-02-13 17:00", "2 work_hour", "2026-02-14 09:00") // a working Saturday
	f("2026-02-14 17:00", "2 work_hour", "2026-02-24 09:00") // over the Spring Festival
	f("2026-07-06 08:00", "4 work_hour", "2026-07-06 12:00") // ends at lunch, not after
	f("2026-07-06 08:00", "4.000001 work_hour", "2026-07-06T14:00:00.0036+08:00")
	f("2026-07-06 07:00", "0.000001 work_hour", "2026-07-06T08:00:00.0036+08:00")
	f("2026-07-06 12:00", "0.5 work_hour", "2026-07-06 14:30") // starts at lunch
	f("2026-07-06 13:15", "0.5 work_hour", "2026-07-06 14:30")
	f("2026-07-06 18:00", "1 work_hour", "2026-07-07 09:00")
	f("2026-07-06 09:00", "7 work_hour", "2026-07-06 18:00") // ends at closing time
	f("2026-07-04 03:00", "0 work_hour", "2026-07-04 03:00")
	f("2026-07-06 09:00", "1 work_day", "2026-07-07 09:00")
	f("2026-07-06 09:00", "0.5 work_day", "2026-07-06 15:00")
	f("2026-07-03 17:00", "2 urgent_hour", "2026-07-03 19:00")
	f("2026-07-03 17:00", "3 natural_day", "2026-07-06 17:00")
	f("2026-07-03 17:00", "90 second", "2026-07-03T17:01:30+08:00")
	f("2026-07-03 17:00", "1 day", "2026-07-04 17:00")
}

// TestWorkDaysOfAnOfficeAreAsLongAsItsHours: seven hours a day make a working
// day of seven, unless the calendar says otherwise. Worked out by hand.
func TestWorkDaysOfAnOfficeAreAsLongAsItsHours(t *testing.T) {
	file := office()
	file.Weekly = map[string][]string{"mon": nil, "tue-thu": {"09:00-12:00", "13:00-17:00"}, "fri": {"09:00-12:00"}}
	c := mustBuild(t, file, year2026())
	f := func(c *Calendar, limit string, want time.Duration) {
		t.Helper()
		if got, err := c.Length(mustLimit(t, limit)); err != nil || got != want {
			t.Errorf("%s is worth %v (%v), want %v", limit, got, err, want)
		}
	}
	f(c, "3 work_day", 21*time.Hour) // of Tuesday, the first day that has hours
	deadlines(t, c)("2026-07-07 10:00", "2 work_day", "2026-07-09 10:00")
	file.WorkdaysAs = "fri"
	f(mustBuild(t, file, year2026()), "3 work_day", 9*time.Hour)
	file.WorkDayHours = 8
	f(mustBuild(t, file, year2026()), "3 work_day", 24*time.Hour)
	f(mustBuild(t, File{ID: "always", Zone: "UTC", Weekly: map[string][]string{"sun-sat": {"00:00-24:00"}}}), "1 work_day", 24*time.Hour)
}

// TestDaysAtTheirEnd follows 民法典 art. 201 and 203.
func TestDaysAtTheirEnd(t *testing.T) {
	file := office()
	file.WorkDay, file.NaturalDay = "end_of_day", "end_of_day"
	file.HalfDays = []SpecialDay{{Date: "2026-07-10", Name: "outing", Hours: []string{"08:00-12:00"}}}
	f := deadlines(t, mustBuild(t, file, year2026()))
	f("2026-07-06 09:00", "1 work_day", "2026-07-07 18:00")
	f("2026-07-06 00:00", "1 work_day", "2026-07-07 18:00")
	f("2026-07-03 23:59", "1 work_day", "2026-07-06 18:00")
	f("2026-07-04 12:00", "1 work_day", "2026-07-06 18:00")
	f("2026-02-13 09:00", "2 work_day", "2026-02-24 18:00") // the working Saturday is the first
	f("2026-07-09 09:00", "1 work_day", "2026-07-10 12:00") // a half day
	f("2026-07-06 09:00", "0 work_day", "2026-07-06 09:00")
	f("2026-07-06 09:00", "3 natural_day", "2026-07-10 00:00")
	f("2026-07-06 00:00", "1 natural_day", "2026-07-08 00:00")
	f("2026-07-06 09:00", "1 day", "2026-07-07 09:00") // a day is 24 hours

	file.StartDay = "counted"
	f = deadlines(t, mustBuild(t, file, year2026()))
	f("2026-07-06 09:00", "1 work_day", "2026-07-06 18:00")
	f("2026-07-06 18:00", "1 work_day", "2026-07-07 18:00") // that day has ended
	f("2026-07-04 12:00", "1 work_day", "2026-07-06 18:00")
	f("2026-07-06 00:00", "1 natural_day", "2026-07-07 00:00")
}

func TestPartsOfDaysAreRefusedAtTheirEnd(t *testing.T) {
	file := office()
	file.WorkDay = "end_of_day"
	c := mustBuild(t, file, year2026())
	_, err := c.Deadline(wall(t, c, "2026-07-06 09:00"), mustLimit(t, "0.5 work_day"), nil)
	const want = "deadline of 0.5 work_day from 2026-07-06T09:00:00+08:00: limit of 0.5 work_day: calendar cn-work counts whole days, each at its end"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestPauses(t *testing.T) {
	file := office()
	c := mustBuild(t, file, year2026())
	pause := func(from, to string) Pause {
		return Pause{From: wall(t, c, from), To: wall(t, c, to), Reason: "挂账"}
	}
	deadlines(t, c, pause("2026-07-06 09:00", "2026-07-06 10:00"))("2026-07-06 08:00", "2 work_hour", "2026-07-06 11:00")
	deadlines(t, c, pause("2026-07-06 12:00", "2026-07-06 14:00"))("2026-07-06 08:00", "5 work_hour", "2026-07-06 15:00")
	// Overlapping, touching, nested, empty, and out of order.
	deadlines(t, c, pause("2026-07-06 10:30", "2026-07-06 11:00"), pause("2026-07-06 09:00", "2026-07-06 10:00"),
		pause("2026-07-06 09:30", "2026-07-06 10:30"), pause("2026-07-06 09:15", "2026-07-06 09:20"),
		pause("2026-07-06 08:30", "2026-07-06 08:30"))("2026-07-06 08:00", "2 work_hour", "2026-07-06 12:00")
	// Before the start, and begun before it.
	deadlines(t, c, pause("2026-07-05 09:00", "2026-07-05 10:00"))("2026-07-06 08:00", "2 work_hour", "2026-07-06 10:00")
	deadlines(t, c, pause("2026-07-05 09:00", "2026-07-06 09:00"))("2026-07-06 08:00", "2 work_hour", "2026-07-06 11:00")
	// The limit is used up when the pause begins.
	deadlines(t, c, Pause{From: wall(t, c, "2026-07-06 10:00")})("2026-07-06 08:00", "2 work_hour", "2026-07-06 10:00")
	deadlines(t, c, Pause{From: wall(t, c, "2026-07-06 10:00")})("2026-07-06 08:00", "2 hour", "2026-07-06 10:00")
	deadlines(t, c, pause("2026-07-03 18:00", "2026-07-04 18:00"))("2026-07-03 17:00", "48 hour", "2026-07-06 17:00")

	file.WorkDay = "end_of_day"
	c = mustBuild(t, file, year2026())
	// A day is lost if the clock stands still when it ends.
	deadlines(t, c, pause("2026-07-07 09:00", "2026-07-07 17:59"))("2026-07-06 08:00", "1 work_day", "2026-07-07 18:00")
	deadlines(t, c, pause("2026-07-07 18:00", "2026-07-08 09:00"))("2026-07-06 08:00", "1 work_day", "2026-07-07 18:00")
	deadlines(t, c, pause("2026-07-07 17:59", "2026-07-07 18:00"))("2026-07-06 08:00", "1 work_day", "2026-07-08 18:00")
	deadlines(t, c, pause("2026-07-06 10:00", "2026-07-10 10:00"))("2026-07-03 08:00", "2 work_day", "2026-07-13 18:00")
}

func TestPausedWithoutEnd(t *testing.T) {
	c := mustBuild(t, office(), year2026())
	start := wall(t, c, "2026-07-06 08:00")
	pauses := []Pause{{From: wall(t, c, "2026-07-06 09:00")}}
	if _, err := c.Deadline(start, mustLimit(t, "2 work_hour"), pauses); !errors.Is(err, ErrPaused) {
		t.Errorf("Deadline: got %v, want ErrPaused", err)
	}
	// The year 2050 has no data, but nothing is counted in it.
	elapsed, err := c.Elapsed(start, wall(t, c, "2050-01-01 00:00"), WorkHour, pauses)
	if err != nil || elapsed != time.Hour {
		t.Errorf("Elapsed is %v (%v), want 1h", elapsed, err)
	}
}

func TestWrongTimes(t *testing.T) {
	c := mustBuild(t, office(), year2026())
	noon := wall(t, c, "2026-07-06 12:00")
	if _, err := c.Elapsed(noon, noon.Add(-time.Microsecond), WorkHour, nil); !errors.Is(err, ErrReversed) {
		t.Errorf("Elapsed backwards: got %v, want ErrReversed", err)
	}
	if got, err := c.Elapsed(noon, noon, WorkHour, nil); got != 0 || err != nil {
		t.Errorf("Elapsed of no time is %v (%v), want 0", got, err)
	}
	opens := wall(t, c, "2026-07-06 08:00")
	if got, err := c.Elapsed(opens, opens.Add(time.Microsecond), WorkHour, nil); got != time.Microsecond || err != nil {
		t.Errorf("Elapsed of the first microsecond is %v (%v)", got, err)
	}
	if _, err := c.Elapsed(noon, noon, 0, nil); err == nil {
		t.Error("Elapsed without a unit gives no error")
	}
	if _, err := c.Deadline(noon, Limit{}, nil); err == nil {
		t.Error("Deadline of the zero limit gives no error")
	}
	for _, p := range []Pause{{}, {From: noon, To: noon.Add(-time.Hour)}, {From: time.Unix(1<<60, 0)}} {
		if _, err := c.Deadline(noon, mustLimit(t, "1 hour"), []Pause{p}); err == nil {
			t.Errorf("pause %v gives no error", p)
		}
	}
	for _, at := range []time.Time{{}, time.Unix(1<<60, 0), time.Unix(-1<<60, 0), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)} {
		var none *NoDataError
		if _, err := c.Deadline(at, mustLimit(t, "1 hour"), nil); !errors.As(err, &none) {
			t.Errorf("start in year %d: got %v, want a *NoDataError", at.Year(), err)
		}
	}
	if _, err := c.Deadline(noon, mustLimit(t, "100000 day"), nil); err == nil {
		t.Error("a deadline in 2300 gives no error")
	}
}

func TestOwnDaysOverrideFiles(t *testing.T) {
	file := office()
	file.Workdays = []SpecialDay{{Date: "2026-10-01", Name: "duty", Hours: []string{"10:00-11:00"}}, {Date: "2026-10-03"}}
	file.Holidays = []SpecialDay{{Date: "2026-09-30", Name: "founding day"}}
	file.Weekly["fri"] = []string{"09:00-10:00"}
	delete(file.Weekly, "mon-fri")
	file.Weekly["tue-thu"] = []string{"08:00-12:00"}
	f := deadlines(t, mustBuild(t, file, year2026()))
	f("2026-09-29 11:00", "2 work_hour", "2026-10-01 11:00")
	f("2026-09-29 11:00", "2.5 work_hour", "2026-10-03 08:30") // with the hours of Tuesday: Monday has none
	file.WorkdaysAs = "fri"
	deadlines(t, mustBuild(t, file, year2026()))("2026-09-29 11:00", "2.5 work_hour", "2026-10-03 09:30")
}

// TestManyAtOnce is for the race detector.
func TestManyAtOnce(t *testing.T) {
	c := mustBuild(t, office(), year2026(), year2027())
	start := wall(t, c, "2026-02-13 17:00")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for hours := range 200 {
				if _, err := c.Explain(start, Limit{Millionths: int64(hours) * 10 * one, Unit: WorkHour}, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}
