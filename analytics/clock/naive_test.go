package clock

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A naive calendar looks at the clock on the wall once a minute. It shares no
// code with the engine: it reads the File and the holiday files by itself.
type naive struct {
	draw *draw
	zone *time.Location
	days map[string]bool // whether off, of the days in holiday files
}

func naiveOf(t *testing.T, d *draw) *naive {
	t.Helper()
	zone, err := time.LoadLocation(d.file.Zone)
	if err != nil {
		t.Fatal(err)
	}
	n := &naive{draw: d, zone: zone, days: map[string]bool{}}
	of := map[string]int{}
	for _, h := range d.years {
		for _, day := range h.Days {
			if of[day.Date] <= h.Year {
				n.days[day.Date], of[day.Date] = day.Off, h.Year
			}
		}
	}
	return n
}

// hours returns the hours of a day in time.TimeOnly order, so that they compare
// as text.
func (n *naive) hours(at time.Time) []string {
	weekly := n.draw.file.Weekly
	name := func(w time.Weekday) string { return strings.ToLower(w.String()[:3]) }
	own := weekly[name(at.Weekday())]
	off, special := n.days[at.Format(time.DateOnly)]
	switch {
	case special && off:
		return nil
	case special && len(own) == 0:
		for _, w := range []time.Weekday{1, 2, 3, 4, 5, 6, 0} {
			if len(weekly[name(w)]) > 0 {
				return weekly[name(w)]
			}
		}
	}
	return own
}

// works reports whether the minute that begins at an instant is worked.
func (n *naive) works(at time.Time) bool {
	wall := at.Format("15:04")
	for _, h := range n.hours(at) {
		if from, to, _ := strings.Cut(h, "-"); from <= wall && wall < to {
			return true
		}
	}
	return false
}

// paused reports whether the minute that begins at an instant is in a pause.
func (n *naive) paused(at time.Time) bool {
	for _, p := range n.draw.pauses {
		if !at.Before(p.From) && at.Before(p.To) {
			return true
		}
	}
	return false
}

// deadline walks on minute by minute until the limit, in minutes or in days
// counted at their end, is used up.
func (n *naive) deadline() time.Time {
	d := n.draw
	at := d.start.In(n.zone)
	quarters := d.limit.Millionths / 250_000
	minutesPerQuarter := map[Unit]float64{
		Second: 0.25 / 60, Minute: 0.25, Hour: 15, UrgentHour: 15, WorkHour: 15, Day: 360, NaturalDay: 360, WorkDay: n.dayMinutes() / 4,
	}
	if d.file.WorkDayHours > 0 {
		minutesPerQuarter[WorkDay] = d.file.WorkDayHours * 15
	}
	left := float64(quarters) * minutesPerQuarter[d.limit.Unit]
	switch {
	case d.limit.Unit == WorkDay && d.file.WorkDay == "end_of_day":
		return n.countDays(at, quarters/4, n.works)
	case d.limit.Unit == NaturalDay && d.file.NaturalDay == "end_of_day":
		return n.countDays(at, quarters/4, func(time.Time) bool { return true })
	}
	work := d.limit.Unit == WorkHour || d.limit.Unit == WorkDay
	for ; left > 0; at = at.Add(time.Minute) {
		if n.paused(at) || work && !n.works(at) {
			continue
		}
		if left < 1 { // seconds
			return at.Add(time.Duration(left * float64(time.Minute)).Round(time.Microsecond))
		}
		left--
	}
	return at
}

// dayMinutes adds up the hours of the first day from Monday on that has any.
func (n *naive) dayMinutes() (total float64) {
	for _, day := range []string{"mon", "tue", "wed"} { // Wednesday always has
		for _, h := range n.draw.file.Weekly[day] {
			minutes := func(text string) float64 {
				hour, minute, _ := strings.Cut(text, ":")
				a, _ := strconv.Atoi(hour)
				b, _ := strconv.Atoi(minute)
				return float64(60*a + b)
			}
			from, to, _ := strings.Cut(h, "-")
			total += minutes(to) - minutes(from)
		}
		if total > 0 {
			return total
		}
	}
	return total
}

// countDays walks on until so many days have had their last minute that counts,
// outside pauses.
func (n *naive) countDays(at time.Time, left int64, counts func(time.Time) bool) time.Time {
	startDate := at.Format(time.DateOnly)
	for ; left > 0; at = at.Add(time.Minute) {
		if n.draw.file.StartDay != "counted" && at.Format(time.DateOnly) <= startDate {
			continue
		}
		if counts(at) && !n.paused(at) && n.isLast(at, counts) {
			left--
		}
	}
	return at
}

// isLast reports whether no later minute of the same date counts. Clocks go back
// by an hour at most in the years of this test.
func (n *naive) isLast(at time.Time, counts func(time.Time) bool) bool {
	for later := at.Add(time.Minute); later.Sub(at) < 26*time.Hour; later = later.Add(time.Minute) {
		if later.Format(time.DateOnly) == at.Format(time.DateOnly) {
			if counts(later) {
				return false
			}
		} else if later.Sub(at) > 2*time.Hour {
			break
		}
	}
	return true
}

// TestAgainstTheClockOnTheWall walks through 1,000 random cases by the minute.
func TestAgainstTheClockOnTheWall(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range trials(1000, 20_000) {
		d := drawFrom(t, rng, true)
		got, err := d.calendar.Deadline(d.start, d.limit, d.pauses)
		if err != nil {
			t.Fatalf("%v: %v", d, err)
		}
		if want := naiveOf(t, d).deadline(); !got.Equal(want) {
			t.Fatalf("%v: deadline %s, minute by minute %s", d, got, want)
		}
	}
}
