package data

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A Pause is an interval in which the clock of a case stands still, half open,
// in Unix microseconds.
type Pause struct{ From, To int64 }

// Unended is the end of a pause that has not ended.
const Unended int64 = math.MaxInt64

// How pauses are written. Two dots for an end that is open are from ISO 8601-2
// (2019), which took them over from EDTF, level 1, "extended interval".
const (
	pauseCut = "/"
	pauseEnd = ".."
	pauseSep = ";"
)

// unite returns the moments that are in any of the pauses as intervals in
// order of time that do not touch, in p's memory. Intervals of no length, or
// that end before they begin, hold no moment.
func unite(p []Pause) []Pause {
	p = slices.DeleteFunc(p, func(one Pause) bool { return one.To <= one.From })
	slices.SortFunc(p, func(a, b Pause) int { return cmp.Compare(a.From, b.From) })
	united := p[:0]
	for _, one := range p {
		if n := len(united); n > 0 && one.From <= united[n-1].To {
			united[n-1].To = max(united[n-1].To, one.To)
			continue
		}
		united = append(united, one)
	}
	return united
}

// FormatPauses writes pauses as column pauses has them: united, each as
// "from/to" in UTC (RFC 3339), the end of one that has not ended as "..", with
// ";" between them. It is "" for none. Years are 0 to 9999.
func FormatPauses(p []Pause) string {
	var b strings.Builder
	for i, one := range unite(slices.Clone(p)) {
		if i > 0 {
			b.WriteString(pauseSep)
		}
		b.WriteString(formatMicros(one.From))
		b.WriteString(pauseCut)
		if one.To == Unended {
			b.WriteString(pauseEnd)
		} else {
			b.WriteString(formatMicros(one.To))
		}
	}
	return b.String()
}

func formatMicros(micros int64) string { return time.UnixMicro(micros).UTC().Format(time.RFC3339Nano) }

// ParsePauses reads what FormatPauses writes, and intervals in any order, of any
// offset and with spaces around them. What it returns is united.
func ParsePauses(s string) ([]Pause, error) {
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	var pauses []Pause
	for _, text := range strings.Split(s, pauseSep) {
		one, err := parsePause(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		pauses = append(pauses, one)
	}
	return unite(pauses), nil
}

func parsePause(s string) (Pause, error) {
	from, to, ok := strings.Cut(s, pauseCut)
	if !ok {
		return Pause{}, fmt.Errorf("pause %q: want from/to", s)
	}
	begin, ok := parseMicros(from)
	if !ok {
		return Pause{}, fmt.Errorf("pause %q: %q is no time such as 2024-05-01T08:00:00Z", s, from)
	}
	if to == pauseEnd {
		return Pause{begin, Unended}, nil
	}
	end, ok := parseMicros(to)
	if !ok {
		return Pause{}, fmt.Errorf("pause %q: %q is no time such as 2024-05-01T08:00:00Z", s, to)
	}
	if end < begin {
		return Pause{}, fmt.Errorf("pause %q: ends before it begins", s)
	}
	return Pause{begin, end}, nil
}

// parseMicros reads a time whose year in UTC has four digits.
func parseMicros(s string) (micros int64, ok bool) {
	t, err := time.Parse(time.RFC3339, s)
	year := t.UTC().Year()
	return t.UnixMicro(), err == nil && year >= 0 && year <= 9999
}
