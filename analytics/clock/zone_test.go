package clock

import (
	"testing"
	"time"
)

// TestClockChanges has the days on which the clock on the wall jumps, from the
// rules of the IANA time zone database. Instants are written with offsets.
func TestClockChanges(t *testing.T) {
	f := func(zone string, hours []string, start, limit, want string) {
		t.Helper()
		c := mustBuild(t, File{ID: "always", Zone: zone, Years: "any", Weekly: map[string][]string{"sun-sat": hours}})
		deadlines(t, c)(start, limit, want)
	}
	night, early, whole := []string{"01:00-04:00"}, []string{"00:30-01:45"}, []string{"00:00-24:00"}
	// New York, 2026-03-08: from 02:00 -05:00 to 03:00 -04:00.
	f("America/New_York", night, "2026-03-08T00:00:00-05:00", "2 work_hour", "2026-03-08T04:00:00-04:00")
	f("America/New_York", night, "2026-03-08T00:00:00-05:00", "2.5 work_hour", "2026-03-09T01:30:00-04:00")
	f("America/New_York", whole, "2026-03-08T00:00:00-05:00", "23 work_hour", "2026-03-09T00:00:00-04:00")
	f("America/New_York", whole, "2026-03-08T00:00:00-05:00", "1 day", "2026-03-09T01:00:00-04:00")
	// New York, 2026-11-01: from 02:00 -04:00 back to 01:00 -05:00.
	f("America/New_York", night, "2026-11-01T00:00:00-04:00", "4 work_hour", "2026-11-01T04:00:00-05:00")
	f("America/New_York", early, "2026-11-01T00:00:00-04:00", "75 minute", "2026-11-01T01:15:00-04:00")
	f("America/New_York", early, "2026-11-01T00:00:00-04:00", "1.25 work_hour", "2026-11-01T01:45:00-04:00")
	f("America/New_York", early, "2026-11-01T00:00:00-04:00", "1.5 work_hour", "2026-11-01T01:15:00-05:00")
	f("America/New_York", early, "2026-11-01T00:00:00-04:00", "2 work_hour", "2026-11-01T01:45:00-05:00")
	touching := []string{"01:00-01:30", "01:30-02:30"} // both are there twice, in turns
	f("America/New_York", touching, "2026-11-01T00:00:00-04:00", "1.25 work_hour", "2026-11-01T01:15:00-05:00")
	f("America/New_York", touching, "2026-11-01T00:00:00-04:00", "2.5 work_hour", "2026-11-01T02:30:00-05:00")
	// London, 2026-03-29: from 01:00 +00:00 to 02:00 +01:00.
	f("Europe/London", night, "2026-03-29T00:00:00Z", "2 work_hour", "2026-03-29T04:00:00+01:00")
	// Lord Howe, 2026-04-05: from 02:00 +11:00 back to 01:30 +10:30.
	f("Australia/Lord_Howe", night, "2026-04-05T00:00:00+11:00", "3.5 work_hour", "2026-04-05T04:00:00+10:30")
	f("Australia/Lord_Howe", night, "2026-10-04T00:00:00+10:30", "2.5 work_hour", "2026-10-04T04:00:00+11:00")
	// Casablanca goes back for Ramadan: 2026-02-15 03:00 +01:00 to 02:00 +00:00.
	f("Africa/Casablanca", night, "2026-02-15T00:00:00+01:00", "4 work_hour", "2026-02-15T04:00:00Z")
	// Pontianak went back at the end of 1987, from 24:00 +08:00 to 23:00 +07:00.
	last, turn := []string{"23:00-24:00"}, []string{"00:00-00:30", "23:30-24:00"}
	f("Asia/Pontianak", last, "1987-12-31T12:00:00+08:00", "2 work_hour", "1988-01-01T00:00:00+07:00")
	f("Asia/Pontianak", turn, "1987-12-31T12:00:00+08:00", "1.25 work_hour", "1988-01-01T00:15:00+07:00")
	// St John's went back at 00:01, 2010-11-07, to 23:01 of Saturday.
	f("America/St_Johns", turn, "2010-11-06T12:00:00-02:30", "1.25 work_hour", "2010-11-07T00:14:00-03:30")
	// Apia had no 30 December 2011.
	f("Pacific/Apia", whole, "2011-12-29T00:00:00-10:00", "48 work_hour", "2012-01-01T00:00:00+14:00")
	// Shanghai, 1986-05-04: from 02:00 +08:00 to 03:00 +09:00.
	f("Asia/Shanghai", night, "1986-05-04T00:00:00+08:00", "2 work_hour", "1986-05-04T04:00:00+09:00")
}

// TestDaysOfOtherLengths counts days at midnight where a day is not 24 hours, and
// where there is none.
func TestDaysOfOtherLengths(t *testing.T) {
	f := func(zone, start, limit, want string) {
		t.Helper()
		c := mustBuild(t, File{
			ID: "days", Zone: zone, Years: "any", Weekly: map[string][]string{"sun-sat": {"00:00-24:00"}},
			NaturalDay: "end_of_day", WorkDay: "end_of_day",
		})
		deadlines(t, c)(start, limit+" natural_day", want)
		deadlines(t, c)(start, limit+" work_day", want)
	}
	f("America/New_York", "2026-03-07T12:00:00-05:00", "1", "2026-03-09T00:00:00-04:00")
	f("America/New_York", "2026-10-31T12:00:00-04:00", "1", "2026-11-02T00:00:00-05:00")
	f("Pacific/Apia", "2011-12-28T12:00:00-10:00", "2", "2012-01-01T00:00:00+14:00")
	// St John's went back at one minute past midnight, 2010-11-07, into Saturday.
	f("America/St_Johns", "2010-11-05T12:00:00-02:30", "1", "2010-11-07T00:00:00-03:30")
	f("America/St_Johns", "2010-11-07T00:00:30-02:30", "1", "2010-11-09T00:00:00-03:30")
	// Santiago went back at midnight, 2010-04-04, to 23:00 of Saturday.
	f("America/Santiago", "2010-04-03T12:00:00-03:00", "1", "2010-04-05T00:00:00-04:00")
}

func TestResultsAreInTheZone(t *testing.T) {
	c := mustBuild(t, office(), year2026())
	got, err := c.Deadline(time.Date(2026, 7, 6, 0, 0, 0, 999, time.UTC), mustLimit(t, "1 work_hour"), nil)
	if err != nil || got.Format(time.RFC3339Nano) != "2026-07-06T09:00:00+08:00" {
		t.Errorf("got %s (%v), want 09:00 in Shanghai, without nanoseconds", got.Format(time.RFC3339Nano), err)
	}
}
