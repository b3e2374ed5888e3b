package clock

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestDeadlineAndElapsedAreInverse draws 100,000 calendars.
func TestDeadlineAndElapsedAreInverse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range trials(100_000, 200_000) {
		d := drawFrom(t, rng, false)
		c := d.calendar
		deadline, err := c.Deadline(d.start, d.limit, d.pauses)
		if err != nil {
			t.Fatalf("%v: %v", d, err)
		}
		length, err := c.Length(d.limit)
		if err != nil {
			t.Fatalf("%v: %v", d, err)
		}
		elapsed := func(from, to time.Time) time.Duration {
			t.Helper()
			got, err := c.Elapsed(from, to, d.limit.Unit, d.pauses)
			if err != nil || got < 0 {
				t.Fatalf("%v: elapsed from %s to %s is %v: %v", d, from, to, got, err)
			}
			return got
		}
		if got := elapsed(d.start, deadline); got != length {
			t.Fatalf("%v: up to the deadline %s %v have elapsed, want %v", d, deadline, got, length)
		}
		if length > 0 && elapsed(d.start, deadline.Add(-time.Microsecond)) >= length {
			t.Fatalf("%v: the limit is used up before the deadline %s", d, deadline)
		}
		later := deadline.Add(time.Duration(rng.Int64N(1e6)) * time.Second)
		if got := elapsed(d.start, later); got < length {
			t.Fatalf("%v: up to %s, after the deadline, %v have elapsed", d, later, got)
		}
		// Back again: what has elapsed by then was there then, or earlier.
		again := Limit{Millionths: one, Unit: d.limit.Unit}
		unit, err := c.Length(again)
		if err != nil {
			t.Fatalf("%v: %v", d, err)
		}
		again.Millionths = int64(elapsed(d.start, later)/(unit/one)) / one * one
		if got, err := c.Deadline(d.start, again, d.pauses); err != nil || got.After(later) {
			t.Fatalf("%v: %s end %s (%v), after %s", d, again, got, err, later)
		}
		checkTrace(t, d, deadline, length)
	}
}

// checkTrace checks that the steps are without gaps from start to deadline and
// that those that count add up to the limit, which they are not told.
func checkTrace(t *testing.T, d *draw, deadline time.Time, length time.Duration) {
	t.Helper()
	trace, err := d.calendar.Explain(d.start, d.limit, d.pauses)
	if err != nil {
		t.Fatalf("%v: %v", d, err)
	}
	at, total := trace.Start, time.Duration(0)
	for i, s := range trace.Steps {
		if !s.From.Equal(at) || s.To.Before(s.From) || s.Rule == "" || s.Counted != (s.Duration > 0) && length > 0 {
			t.Fatalf("%v: step %d is wrong or leaves a gap:\n%s", d, i, trace)
		}
		if total += s.Duration; total != s.Total {
			t.Fatalf("%v: the total at step %d is %v, want %v", d, i, s.Total, total)
		}
		at = s.To
	}
	if total != length || !at.Equal(deadline) || !trace.Deadline.Equal(deadline) {
		t.Fatalf("%v: the trace counts %v up to %s, want %v up to %s:\n%s", d, total, at, length, deadline, trace)
	}
}

// TestElapsedAddsUp splits a time anywhere. Days counted at their end are left
// out: there the day of the second start would be skipped once more.
func TestElapsedAddsUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range trials(20_000, 100_000) {
		d := drawFrom(t, rng, false)
		middle := d.start.Add(time.Duration(rng.Int64N(1e9)) * time.Microsecond * 1000)
		end := middle.Add(time.Duration(rng.Int64N(1e9)) * time.Microsecond * 1000)
		sum := time.Duration(0)
		for _, part := range [][2]time.Time{{d.start, middle}, {middle, end}} {
			got, err := d.calendar.Elapsed(part[0], part[1], WorkHour, d.pauses)
			if err != nil {
				t.Fatalf("%v: %v", d, err)
			}
			sum += got
		}
		if got, err := d.calendar.Elapsed(d.start, end, WorkHour, d.pauses); err != nil || got != sum {
			t.Fatalf("%v: %v elapsed from start to %s (%v), but in two parts, cut at %s, %v", d, got, end, err, middle, sum)
		}
	}
}
