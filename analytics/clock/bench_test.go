package clock

import (
	"testing"
	"time"
)

// cases are starts in 2026, and times up to thirty days later.
func cases(c *Calendar) (starts, ends []time.Time) {
	first := time.Date(2026, 1, 5, 0, 0, 0, 0, c.zone)
	for i := range 4096 {
		start := first.Add(time.Duration(i*7919%(250*1440)) * time.Minute)
		starts = append(starts, start)
		ends = append(ends, start.Add(time.Duration(i*104_729%(30*1440))*time.Minute))
	}
	return starts, ends
}

// BenchmarkElapsed times one row of a column, and beside it a walk over the days
// between, which asks the time zone for each.
func BenchmarkElapsed(b *testing.B) {
	c := mustBuild(b, office(), year2026(), year2027())
	starts, ends := cases(c)
	run := func(name string, elapsed func(from, to time.Time) time.Duration) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				elapsed(starts[i%len(starts)], ends[i%len(ends)])
			}
		})
	}
	run("table", func(from, to time.Time) time.Duration {
		elapsed, err := c.Elapsed(from, to, WorkHour, nil)
		if err != nil {
			b.Fatal(err)
		}
		return elapsed
	})
	run("walk", func(from, to time.Time) time.Duration { return walkDays(c, from, to) })
	for i, from := range starts {
		got, err := c.Elapsed(from, ends[i], WorkHour, nil)
		if want := walkDays(c, from, ends[i]); err != nil || got != want {
			b.Fatalf("from %s to %s: %v by table (%v), %v by walking", from, ends[i], got, err, want)
		}
	}
}

// walkDays adds up the working hours day by day.
func walkDays(c *Calendar, from, to time.Time) time.Duration {
	total := time.Duration(0)
	year, month, day := from.In(c.zone).Date()
	for ; ; day++ {
		midnight := time.Date(year, month, day, 0, 0, 0, 0, c.zone)
		if !midnight.Before(to) {
			return total
		}
		for _, s := range c.plan(dateOf(year, month, day)).spans {
			opens := time.Date(year, month, day, 0, int(s.from), 0, 0, c.zone)
			closes := time.Date(year, month, day, 0, int(s.to), 0, 0, c.zone)
			if opens.Before(from) {
				opens = from
			}
			if closes.After(to) {
				closes = to
			}
			total += max(closes.Sub(opens), 0)
		}
	}
}

func BenchmarkDeadline(b *testing.B) {
	c := mustBuild(b, office(), year2026(), year2027())
	starts, _ := cases(c)
	l := Limit{Millionths: 20 * one, Unit: WorkHour}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := c.Deadline(starts[i%len(starts)], l, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBuild makes a calendar and its table of one year.
func BenchmarkBuild(b *testing.B) {
	file, years := office(), []Holidays{year2026(), year2027()}
	b.ReportAllocs()
	for b.Loop() {
		mustBuild(b, file, years...).table(2026 - FirstYear)
	}
}
