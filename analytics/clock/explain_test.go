package clock

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// rules returns the steps of a trace in short: what counts, and why.
func rules(trace Trace) []string {
	var list []string
	for _, s := range trace.Steps {
		what := "-"
		if s.Counted {
			what = s.Duration.String()
		}
		until := "open"
		if !s.To.IsZero() {
			until = s.To.Format("Mon 15:04")
		}
		list = append(list, s.From.Format("Mon 15:04")+" "+until+" "+what+" "+s.Rule)
	}
	return list
}

func TestExplain(t *testing.T) {
	file := office()
	file.HalfDays = []SpecialDay{{Date: "2026-07-07", Name: "outing", Hours: []string{"08:00-10:00"}}}
	hours := mustBuild(t, file, year2026(), year2027())
	file.WorkDay, file.NaturalDay = "end_of_day", "end_of_day"
	days := mustBuild(t, file, year2026(), year2027())
	f := func(c *Calendar, start, limit string, want []string, pauses ...Pause) {
		t.Helper()
		trace, err := c.Explain(wall(t, c, start), mustLimit(t, limit), pauses)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, rules(trace)); diff != "" {
			t.Errorf("%s from %s (-want +got):\n%s", limit, start, diff)
		}
	}
	f(hours, "2026-07-03 11:00", "5 work_hour", []string{
		"Fri 11:00 Fri 12:00 1h0m0s hours 08:00-12:00",
		"Fri 12:00 Fri 14:00 - break 12:00-14:00",
		"Fri 14:00 Fri 18:00 4h0m0s hours 14:00-18:00",
	})
	f(hours, "2026-07-05 11:00", "11 work_hour", []string{
		"Sun 11:00 Mon 08:00 - Sunday: no working hours",
		"Mon 08:00 Mon 12:00 4h0m0s hours 08:00-12:00",
		"Mon 12:00 Mon 14:00 - break 12:00-14:00",
		"Mon 14:00 Mon 18:00 4h0m0s hours 14:00-18:00",
		"Mon 18:00 Tue 08:00 - outside working hours",
		"Tue 08:00 Tue 10:00 2h0m0s hours 08:00-10:00; half day outing (calendar)",
		"Tue 10:00 Wed 08:00 - outside working hours",
		"Wed 08:00 Wed 09:00 1h0m0s hours 08:00-12:00",
	})
	f(hours, "2026-02-14 17:00", "2 work_hour", []string{
		"Sat 17:00 Sat 17:15 15m0s hours 14:00-18:00; working weekend 春节 (file of 2026): counted with the hours of Monday",
		"Sat 17:15 Sat 17:30 - paused: 挂账; 缓办",
		"Sat 17:30 Sat 18:00 30m0s hours 14:00-18:00; working weekend 春节 (file of 2026): counted with the hours of Monday",
		"Sat 18:00 Tue 08:00 - holiday 春节 (file of 2026)",
		"Tue 08:00 Tue 09:15 1h15m0s hours 08:00-12:00",
	}, Pause{wall(t, hours, "2026-02-14 17:20"), wall(t, hours, "2026-02-14 17:30"), "缓办"},
		Pause{wall(t, hours, "2026-02-14 17:15"), wall(t, hours, "2026-02-14 17:20"), "挂账"})
	f(hours, "2026-12-29 17:00", "2 work_hour", []string{
		"Tue 17:00 Tue 18:00 1h0m0s hours 14:00-18:00",
		"Tue 18:00 Mon 08:00 - holiday 元旦 (file of 2027); Sunday: no working hours",
		"Mon 08:00 Mon 09:00 1h0m0s hours 08:00-12:00",
	})
	f(hours, "2026-07-03 17:00", "30 urgent_hour", []string{"Fri 17:00 Sat 23:00 30h0m0s continuous time"})
	f(hours, "2026-07-03 17:00", "0 work_hour", []string{"Fri 17:00 Fri 17:00 0s a limit of zero ends where it begins"})
	f(days, "2026-07-02 11:00", "2 work_day", []string{
		"Thu 11:00 Fri 00:00 - the day of the start does not count",
		"Fri 00:00 Fri 18:00 8h0m0s Friday counts when it ends",
		"Fri 18:00 Mon 00:00 - Saturday, Sunday: no working hours",
		"Mon 00:00 Mon 18:00 8h0m0s Monday counts when it ends",
	})
	f(days, "2026-07-02 11:00", "1 work_day", []string{
		"Thu 11:00 Fri 00:00 - the day of the start does not count",
		"Fri 00:00 Fri 17:00 - Friday has not ended yet",
		"Fri 17:00 Mon 17:00 - paused",
		"Mon 17:00 Mon 18:00 8h0m0s Monday counts when it ends",
	}, Pause{From: wall(t, days, "2026-07-03 17:00"), To: wall(t, days, "2026-07-06 17:00")})
	f(days, "2026-07-02 11:00", "2 natural_day", []string{
		"Thu 11:00 Fri 00:00 - the day of the start does not count",
		"Fri 00:00 Sat 00:00 24h0m0s Friday counts when it ends",
		"Sat 00:00 Sun 00:00 24h0m0s Saturday counts when it ends",
	})
}

func TestExplainPausedWithoutEnd(t *testing.T) {
	c := mustBuild(t, office(), year2026())
	trace, err := c.Explain(wall(t, c, "2026-07-03 17:00"), mustLimit(t, "2 work_hour"), []Pause{{From: wall(t, c, "2026-07-03 17:30"), Reason: "挂账"}})
	if !errors.Is(err, ErrPaused) || !trace.Deadline.IsZero() {
		t.Errorf("deadline %s, error %v, want none and ErrPaused", trace.Deadline, err)
	}
	if diff := cmp.Diff([]string{"Fri 17:00 Fri 17:30 30m0s hours 14:00-18:00", "Fri 17:30 open - paused: 挂账"}, rules(trace)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	data, err := json.Marshal(trace)
	if err != nil || strings.Contains(string(data), "0001") {
		t.Errorf("JSON with a year that is not there (%v): %s", err, data)
	}
	if !strings.Contains(trace.String(), "2 work_hour from Fri 2026-07-03 17:00 +0800 have no end yet") {
		t.Errorf("the text is %s", trace)
	}
}

// TestLongTraces has more steps than are itemised, before a pause and after.
func TestLongTraces(t *testing.T) {
	file := office()
	file.Years = "any"
	c := mustBuild(t, file)
	start := wall(t, c, "1990-01-01 00:00")
	pause := Pause{From: start.AddDate(10, 0, 0), To: start.AddDate(11, 0, 0)}
	d := &draw{calendar: c, start: start, limit: mustLimit(t, "60000 work_hour"), pauses: []Pause{pause}}
	deadline, err := c.Deadline(d.start, d.limit, d.pauses)
	if err != nil {
		t.Fatal(err)
	}
	checkTrace(t, d, deadline, 60_000*time.Hour)
	trace, err := c.Explain(d.start, d.limit, d.pauses)
	if n := len(trace.Steps); err != nil || n != maxSteps+3 {
		t.Errorf("the trace has %d steps (%v), want %d", n, err, maxSteps+3)
	}
	if _, err := c.Explain(start, mustLimit(t, "600000 work_hour"), nil); err == nil {
		t.Error("a trace beyond the last year gives no error")
	}
}
