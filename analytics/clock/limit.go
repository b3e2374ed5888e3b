package clock

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// one is the number of millionths in a unit.
const one = 1_000_000

// A Limit is an amount of time in a unit. The zero value has no unit and is
// refused.
type Limit struct {
	// Millionths is the amount in millionths of the unit: 500,000 of a WorkHour
	// is half a working hour. It is not negative.
	Millionths int64
	// Unit is what is counted.
	Unit Unit
}

// NewLimit returns a limit of so many units, rounded to a millionth. It is an
// error if amount is negative, not finite, or longer than the years from
// FirstYear to LastYear.
func NewLimit(amount float64, unit Unit) (Limit, error) {
	if !(amount >= 0 && amount <= math.MaxInt64/(2*one)) {
		return Limit{}, fmt.Errorf("limit of %v %s: want a number from 0 to that of the years %d to %d", amount, unit, FirstYear, LastYear)
	}
	l := Limit{Millionths: int64(math.Round(amount * one)), Unit: unit}
	return l, l.check()
}

// ParseLimit reads a number and a unit, with or without a space between them:
// "2 work_hour", "0.5h", "3个工作日". The number is plain decimal with at most
// six places, neither signed nor with an exponent.
func ParseLimit(text string) (Limit, error) {
	trimmed := strings.TrimSpace(text)
	end := strings.IndexFunc(trimmed, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end < 0 {
		return Limit{}, fmt.Errorf("limit %q: want a number and a unit, as in 2 work_hour", text)
	}
	millionths, err := parseMillionths(trimmed[:end])
	if err != nil {
		return Limit{}, fmt.Errorf("limit %q: %w", text, err)
	}
	unit, err := ParseUnit(strings.TrimLeftFunc(trimmed[end:], unicode.IsSpace))
	if err != nil {
		return Limit{}, fmt.Errorf("limit %q: %w", text, err)
	}
	l := Limit{Millionths: millionths, Unit: unit}
	return l, l.check()
}

// parseMillionths reads a decimal number exactly.
func parseMillionths(text string) (int64, error) {
	whole, places, _ := strings.Cut(text, ".")
	if whole == "" {
		return 0, fmt.Errorf("want a number such as 2 or 0.5 first, and no sign")
	}
	if len(places) > 6 {
		return 0, fmt.Errorf("number %s has more than six decimal places", text)
	}
	n, err := strconv.ParseInt(whole+places+strings.Repeat("0", 6-len(places)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read number %s: it has two points or too many digits", text)
	}
	return n, nil
}

// String returns the limit as ParseLimit reads it, such as "0.5 work_hour".
func (l Limit) String() string {
	whole, places := l.Millionths/one, l.Millionths%one
	if places == 0 {
		return fmt.Sprintf("%d %s", whole, l.Unit)
	}
	return fmt.Sprintf("%d.%s %s", whole, strings.TrimRight(fmt.Sprintf("%06d", places), "0"), l.Unit)
}

// MarshalText returns what String returns. The error is always nil.
func (l Limit) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText sets l from what ParseLimit reads.
func (l *Limit) UnmarshalText(text []byte) error {
	parsed, err := ParseLimit(string(text))
	if err != nil {
		return err
	}
	*l = parsed
	return nil
}

// Seconds in the units that have the same length under every calendar.
const (
	secondsPerMinute = 60
	secondsPerHour   = 3600
	secondsPerDay    = 86_400
)

// check returns an error unless l can be counted with.
func (l Limit) check() error {
	seconds := int64(secondsPerDay) // no unit is longer
	switch l.Unit {
	case Second:
		seconds = 1
	case Minute:
		seconds = secondsPerMinute
	case Hour, UrgentHour, WorkHour:
		seconds = secondsPerHour
	}
	switch {
	case l.Unit < UrgentHour || l.Unit > Day:
		return fmt.Errorf("limit of %d millionths: it has no unit", l.Millionths)
	case l.Millionths < 0:
		return fmt.Errorf("limit of %d millionths of a %s: it is negative", l.Millionths, l.Unit)
	case l.Millionths > longest/seconds:
		return fmt.Errorf("limit of %s: longer than the years %d to %d", l, FirstYear, LastYear)
	}
	return nil
}
