package pack_test

import (
	"errors"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics/clock"
)

// Expected ends are reckoned by hand from the notices of the State Council on
// the holidays of 2025 and 2026 and the hours 08:00-12:00 and 14:00-18:00.
func TestWorkingHoursInChina(t *testing.T) {
	calendar, err := library(t).Calendar("cn-work")
	if err != nil {
		t.Fatal(err)
	}
	f := func(start, limit, want string) {
		t.Helper()
		const minute = "2006-01-02 15:04"
		shanghai, err := time.LoadLocation("Asia/Shanghai")
		if err != nil {
			t.Fatal(err)
		}
		from, err := time.ParseInLocation(minute, start, shanghai)
		if err != nil {
			t.Fatal(err)
		}
		l, err := clock.ParseLimit(limit)
		if err != nil {
			t.Fatal(err)
		}
		at, err := calendar.Deadline(from, l, nil)
		if err != nil {
			t.Errorf("%s from %s: %v", limit, start, err)
			return
		}
		if got := at.Format(minute); got != want {
			t.Errorf("%s from %s end %s, want %s", limit, start, got, want)
		}
	}
	f("2026-03-06 17:00", "2 work_hour", "2026-03-09 09:00")  // over a weekend
	f("2026-02-13 17:00", "2 work_hour", "2026-02-14 09:00")  // into a working Saturday
	f("2026-02-14 17:00", "2 work_hour", "2026-02-24 09:00")  // over the Spring Festival
	f("2026-02-27 17:00", "10 work_hour", "2026-03-02 09:00") // through the other working Saturday
	f("2026-09-30 17:00", "2 work_hour", "2026-10-08 09:00")  // over the National Day
	f("2026-09-19 09:00", "1 work_hour", "2026-09-20 09:00")  // a Saturday, into a working Sunday
	f("2026-06-18 17:00", "1 work_day", "2026-06-22 17:00")   // over the Dragon Boat Festival
	f("2025-01-27 17:00", "2 work_hour", "2025-02-05 09:00")  // over the Spring Festival of 2025
	f("2025-12-31 17:00", "2 work_hour", "2026-01-04 09:00")  // over the New Year, into a working Sunday
	f("2026-01-01 00:00", "5 urgent_hour", "2026-01-01 05:00")
}

func TestYearsWithoutHolidaysAreRefused(t *testing.T) {
	calendar, err := library(t).Calendar("cn-work")
	if err != nil {
		t.Fatal(err)
	}
	for _, year := range []int{2024, 2027} {
		_, err := calendar.Deadline(time.Date(year, 5, 6, 1, 0, 0, 0, time.UTC), clock.Limit{Millionths: 1_000_000, Unit: clock.WorkHour}, nil)
		if gap := (*clock.NoDataError)(nil); !errors.As(err, &gap) {
			t.Errorf("an hour in %d gives %v, want a NoDataError", year, err)
		}
	}
}

func TestOfficeHoursKnowNoHolidays(t *testing.T) {
	calendar, err := library(t).Calendar("office-hours")
	if err != nil {
		t.Fatal(err)
	}
	// Thursday 1 January 1998, 16:00: one hour that day and one on Friday.
	at, err := calendar.Deadline(time.Date(1998, 1, 1, 16, 0, 0, 0, time.UTC), clock.Limit{Millionths: 2_000_000, Unit: clock.WorkHour}, nil)
	if err != nil || !at.Equal(time.Date(1998, 1, 2, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("two hours end %v (%v), want 1998-01-02 10:00", at, err)
	}
}
