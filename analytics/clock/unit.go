package clock

import (
	"fmt"
	"strings"
)

// A Unit is what a limit is counted in. The zero value is no unit and is
// refused wherever a unit is asked for.
type Unit uint8

const (
	// UrgentHour is 紧急工作时: an hour of real time, by day and by night.
	UrgentHour Unit = iota + 1
	// WorkHour is 工作时: an hour within the hours of the calendar.
	WorkHour
	// WorkDay is 工作日, counted as the calendar's work_day says.
	WorkDay
	// NaturalDay is 自然日, counted as the calendar's natural_day says.
	NaturalDay
	// Second is a second of real time.
	Second
	// Minute is 60 seconds of real time.
	Minute
	// Hour is 60 minutes of real time, the same as UrgentHour.
	Hour
	// Day is 24 hours of real time, whatever the calendar says.
	Day
)

// unitNames are the spellings that String gives, by unit.
func unitNames() [Day + 1]string {
	return [...]string{
		"no unit", "urgent_hour", "work_hour", "work_day", "natural_day", "second", "minute", "hour", "day",
	}
}

// String returns the name of u as ParseUnit reads it, "no unit" for others.
func (u Unit) String() string {
	names := unitNames()
	if int(u) >= len(names) {
		u = 0
	}
	return names[u]
}

// urgent is the word that makes any unit continuous.
const urgent = "紧急"

// ParseUnit reads a unit: its name (work_hour; a plural s, and a space or a
// hyphen for the underscore, are accepted in any case of letters), one of the
// short forms s, min, h and d, or its name in Chinese. 小时 and 天 are
// continuous, and so is whatever contains 紧急, even 紧急工作日. "m" is refused,
// since it may be a month.
func ParseUnit(text string) (Unit, error) {
	name := strings.ToLower(strings.TrimSpace(text))
	name = strings.NewReplacer(" ", "_", "-", "_").Replace(strings.TrimPrefix(name, "个"))
	if strings.Contains(name, urgent) {
		return urgentUnit(name), nil
	}
	switch name {
	case "s", "sec", "秒":
		return Second, nil
	case "min", "分钟", "分":
		return Minute, nil
	case "h", "小时", "时":
		return Hour, nil
	case "d", "天":
		return Day, nil
	case "工作时", "工作小时":
		return WorkHour, nil
	case "工作日", "工作天":
		return WorkDay, nil
	case "自然日", "自然天":
		return NaturalDay, nil
	}
	names := unitNames()
	for u := UrgentHour; u <= Day; u++ {
		if name == names[u] || name == names[u]+"s" {
			return u, nil
		}
	}
	return 0, fmt.Errorf("unit %q: want one of %s", text, strings.Join(names[UrgentHour:], ", "))
}

// urgentUnit returns the continuous unit of a name that contains 紧急.
func urgentUnit(name string) Unit {
	switch {
	case strings.Contains(name, "日") || strings.Contains(name, "天"):
		return Day
	case strings.Contains(name, "分"):
		return Minute
	case strings.Contains(name, "秒"):
		return Second
	}
	return UrgentHour
}
