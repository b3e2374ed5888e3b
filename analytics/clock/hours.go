package clock

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A span is a stretch of the clock on the wall within one day, in minutes since
// midnight, from 0 to 1440; to is left out.
type span struct{ from, to int32 }

// String returns the span as in 08:00-12:00.
func (s span) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.from/60, s.from%60, s.to/60, s.to%60)
}

// minutesPerDay is 24:00, which a span may end at.
const minutesPerDay = 24 * 60

// parseHours reads the spans of a day, each like 08:00-12:00, and puts them in
// order. They may touch and must not overlap.
func parseHours(texts []string) ([]span, error) {
	var spans []span
	for _, text := range texts {
		from, to, found := strings.Cut(text, "-")
		a, okA := parseClock(from)
		b, okB := parseClock(to)
		switch {
		case !found || !okA || !okB:
			return nil, fmt.Errorf("hours %q: want two times from 00:00 to 24:00, as in 08:00-12:00", text)
		case a == b:
			return nil, fmt.Errorf("hours %q: they are empty", text)
		case a > b:
			return nil, fmt.Errorf("hours %q: they run past midnight; write %s-24:00, and 00:00-%s on the day after",
				text, strings.TrimSpace(from), strings.TrimSpace(to))
		}
		spans = append(spans, span{a, b})
	}
	slices.SortFunc(spans, func(s, t span) int { return int(s.from - t.from) })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			return nil, fmt.Errorf("hours %s and %s overlap", spans[i-1], spans[i])
		}
	}
	return spans, nil
}

// parseClock reads HH:MM, from 00:00 to 24:00, as minutes since midnight.
func parseClock(text string) (int32, bool) {
	text = strings.TrimSpace(text)
	if len(text) != len("00:00") || text[2] != ':' {
		return 0, false
	}
	hour, errHour := strconv.ParseUint(text[:2], 10, 8)
	minute, errMinute := strconv.ParseUint(text[3:], 10, 8)
	at := int32(hour*60 + minute)
	return at, errHour == nil && errMinute == nil && minute < 60 && at <= minutesPerDay
}

// parseWeek reads the hours of the week by day ("mon") or run of days
// ("mon-fri"). No day may be given twice; days not given are free.
func parseWeek(week map[string][]string) ([7][]span, error) {
	var hours [7][]span
	var given [7]bool
	open := false
	for _, key := range slices.Sorted(maps.Keys(week)) {
		spans, err := parseHours(week[key])
		if err != nil {
			return hours, fmt.Errorf("weekly: %s: %w", key, err)
		}
		from, to, err := parseDays(key)
		if err != nil {
			return hours, fmt.Errorf("weekly: %w", err)
		}
		for day := from; ; day = (day + 1) % 7 {
			if given[day] {
				return hours, fmt.Errorf("weekly: %s: %s has hours already", key, day)
			}
			given[day], hours[day] = true, spans
			open = open || len(spans) > 0
			if day == to {
				break
			}
		}
	}
	if !open {
		return hours, fmt.Errorf("weekly: no day of the week has hours; for a clock that never stops write sun-sat: [00:00-24:00]")
	}
	return hours, nil
}

// parseDays reads "mon" or "mon-fri". A run may go past Saturday: "fri-mon".
func parseDays(text string) (from, to time.Weekday, err error) {
	first, last, run := strings.Cut(text, "-")
	if !run {
		last = first
	}
	if from, err = parseWeekday(first); err == nil {
		to, err = parseWeekday(last)
	}
	return from, to, err
}

// parseWeekday reads the English name of a day, whole or its first three
// letters, in any case of letters.
func parseWeekday(text string) (time.Weekday, error) {
	name := strings.TrimSpace(text)
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.EqualFold(name, day.String()) || strings.EqualFold(name, day.String()[:3]) {
			return day, nil
		}
	}
	return 0, fmt.Errorf("day of the week %q: want mon, tue, wed, thu, fri, sat or sun", text)
}
