package api

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// UnitWords are the words of a language that stand behind numbers on screen.
// The zero value means English.
type UnitWords struct {
	Seconds, Minutes, Hours, Days string // with a leading space where the language wants one
}

func (w UnitWords) orEnglish() UnitWords {
	if w == (UnitWords{}) {
		return UnitWords{" s", " min", " h", " d"}
	}
	return w
}

const (
	minute = 60.0
	hour   = 60 * minute
	day    = 24 * hour
)

// Show writes a number for people: a share as percent, seconds in the unit that
// reads best, counts with thousands separated. It is for screens only; data
// carry the number as it is. Numbers that are not finite show as a dash.
func Show(x float64, unit string, words UnitWords) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "–"
	}
	switch unit {
	case "share":
		return strconv.FormatFloat(100*x, 'f', 1, 64) + "%"
	case "share_change":
		return fmt.Sprintf("%+.1f pp", 100*x) // percentage points
	case "s":
		return showSeconds(x, words.orEnglish())
	case "km2":
		return short(x) + " km²"
	case "m":
		return short(x) + " m"
	case "deg":
		return strconv.FormatFloat(x, 'f', 5, 64) // about a metre
	}
	return short(x)
}

func showSeconds(x float64, words UnitWords) string {
	switch abs := math.Abs(x); {
	case abs < 2*minute:
		return short(x) + words.Seconds
	case abs < 2*hour:
		return short(x/minute) + words.Minutes
	case abs < 2*day:
		return short(x/hour) + words.Hours
	}
	return short(x/day) + words.Days
}

// short writes x with three figures that mean something, and whole numbers
// whole.
func short(x float64) string {
	abs := math.Abs(x)
	switch {
	case x == math.Trunc(x) && abs < 1e15:
		return thousands(strconv.FormatFloat(x, 'f', 0, 64))
	case abs >= 100:
		return thousands(strconv.FormatFloat(x, 'f', 0, 64))
	case abs >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	case abs >= 0.01:
		return strconv.FormatFloat(x, 'f', 2, 64)
	}
	return strconv.FormatFloat(x, 'g', 2, 64)
}

// ShowCount writes a whole number with its thousands separated.
func ShowCount(n int64) string { return thousands(strconv.FormatInt(n, 10)) }

// thousands puts a comma between groups of three digits.
func thousands(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Local returns t on the clocks of an IANA time zone, in UTC where there is no
// such zone.
func Local(t time.Time, zone string) time.Time {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return t.UTC()
	}
	return t.In(location)
}

// ShowMoment writes a moment for people: the date alone at midnight, else date
// and time to the minute.
func ShowMoment(t time.Time, zone string) string {
	t = Local(t, zone)
	if t.Hour() == 0 && t.Minute() == 0 {
		return t.Format("2006-01-02")
	}
	return t.Format("2006-01-02 15:04")
}
