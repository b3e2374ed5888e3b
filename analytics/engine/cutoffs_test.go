package engine

import (
	"testing"
	"time"
)

func TestCutoffs(t *testing.T) {
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
		cuts := cutoffs(at(from), at(to), step, zone)
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
	f(stepWeek, "2014-03-01 00:00", "2014-03-24 00:00", 4, "2014-03-03 00:00", "2014-03-24 00:00")
	f(stepWeek, "2014-03-03 00:00", "2014-03-23 23:59", 3, "2014-03-03 00:00", "2014-03-17 00:00")
	f(stepWeek, "2014-03-03 00:01", "2014-03-24 00:00", 3, "2014-03-10 00:00", "2014-03-24 00:00")
	f(stepDay, "2014-11-01 12:00", "2014-11-04 00:00", 3, "2014-11-02 00:00", "2014-11-04 00:00")
	f(stepMonth, "2013-12-15 00:00", "2014-03-31 00:00", 3, "2014-01-01 00:00", "2014-03-01 00:00")
	f(stepMonth, "2014-01-01 00:00", "2014-02-01 00:00", 2, "2014-01-01 00:00", "2014-02-01 00:00")
	f(stepWeek, "2014-03-04 00:00", "2014-03-16 00:00", 0, "", "")
}

func TestPeriodsHoldTheirBeginningAndNotTheirEnd(t *testing.T) {
	cuts := []int64{10, 20, 30}
	for at, want := range map[int64]int32{9: -1, 10: 0, 19: 0, 20: 1, 29: 1, 30: 2, 99: 2} {
		if got := periodOf(cuts, at); got != want {
			t.Errorf("%d is in period %d, want %d", at, got, want)
		}
	}
}
