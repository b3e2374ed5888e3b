package clock

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// trials returns how many random calendars a test draws: a tenth of usual with
// -short, and long with CIVGRID_TEST_LONG=1.
func trials(usual, long int) int {
	switch {
	case os.Getenv("CIVGRID_TEST_LONG") == "1":
		return long
	case testing.Short():
		return usual / 10
	}
	return usual
}

// A draw is a random calendar with a question for it.
type draw struct {
	file     File
	years    []Holidays
	calendar *Calendar
	start    time.Time
	limit    Limit
	pauses   []Pause
}

// String describes what is needed to draw it again.
func (d *draw) String() string {
	return fmt.Sprintf("%s from %s with %v by %+v and %+v", d.limit, d.start.Format(time.RFC3339Nano), d.pauses, d.file, d.years)
}

// zones are those that random calendars lie in, with clocks that change by an
// hour, by half an hour, for Ramadan, at midnight, a minute later, and across the
// date line.
var zones = [...]string{
	"Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca",
	"America/Santiago", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu", "UTC",
}

// randomSpans returns hours of a day, sometimes none, on full minutes.
func randomSpans(rng *rand.Rand) []string {
	var list []string
	at := 0
	for range rng.IntN(4) {
		from := at + rng.IntN(300)*rng.IntN(2)
		to := from + 1 + rng.IntN(500)
		if to > minutesPerDay || rng.IntN(20) == 0 {
			to = minutesPerDay
		}
		if from >= to {
			break
		}
		list = append(list, span{int32(from), int32(to)}.String())
		at = to
	}
	return list
}

// randomYears returns holiday files of the years from first on, which may take
// days of the December before.
func randomYears(rng *rand.Rand, first int) []Holidays {
	var list []Holidays
	for y := first; y < first+4; y++ {
		h := Holidays{Year: y}
		seen := map[date]bool{}
		for range 1 + rng.IntN(30) {
			d := dateOf(y-1, time.December, 20) + date(rng.IntN(376))
			if !seen[d] {
				seen[d] = true
				h.Days = append(h.Days, Holiday{Name: "holiday", Date: d.String(), Off: rng.IntN(3) > 0})
			}
		}
		list = append(list, h)
	}
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// drawFrom draws a calendar, a moment in two years of it that are years with
// changes of the clock, a limit of some days at most, and pauses. With whole, all
// times are on full minutes.
func drawFrom(t *testing.T, rng *rand.Rand, whole bool) *draw {
	t.Helper()
	first := []int{2010, 2018, 2024}[rng.IntN(3)]
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	d := &draw{file: File{
		ID: "random", Zone: zones[rng.IntN(len(zones))], Weekly: map[string][]string{},
		WorkDay: pick("", "hours", "end_of_day"), NaturalDay: pick("", "continuous", "end_of_day"), StartDay: pick("", "counted"),
		WorkDayHours: []float64{0, 7.5, 24}[rng.IntN(3)],
	}}
	for _, day := range []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
		d.file.Weekly[day] = randomSpans(rng)
	}
	if strings.Join(d.file.Weekly["wed"], "") == "" {
		d.file.Weekly["wed"] = []string{"01:00-03:00", "23:00-24:00"}
	}
	d.years = randomYears(rng, first)
	d.calendar = mustBuild(t, d.file, d.years...)
	unit := time.Microsecond
	if whole {
		unit = time.Minute
	}
	random := func(span time.Duration) time.Duration {
		return time.Duration(rng.Int64N(int64(span/unit))) * unit
	}
	d.start = time.Date(first+1, time.January, 1, 0, 0, 0, 0, time.UTC).Add(random(2 * 365 * 24 * time.Hour))
	d.limit = Limit{Unit: UrgentHour + Unit(rng.IntN(int(Day)))}
	switch d.limit.Unit {
	case WorkDay, NaturalDay, Day:
		d.limit.Millionths = rng.Int64N(7) * one
	case WorkHour, Hour, UrgentHour:
		d.limit.Millionths = int64(random(30*time.Hour) / time.Minute * one / 60)
	case Second, Minute:
		d.limit.Millionths = rng.Int64N(10_000) * one
	}
	if whole {
		d.limit.Millionths = d.limit.Millionths / (one / 4) * (one / 4)
	}
	for range rng.IntN(4) {
		from := d.start.Add(random(120*time.Hour) - random(48*time.Hour))
		d.pauses = append(d.pauses, Pause{From: from, To: from.Add(random(60 * time.Hour)), Reason: pick("", "a", "b")})
	}
	return d
}
