package engine

import (
	"testing"
	"time"
)

// TestAReportOfTodayLeavesThePeriod: an indicator shows the last period that is over and
// has facts, not the empty one before a single report of today.
func TestAReportOfTodayLeavesThePeriod(t *testing.T) {
	past := []kase{
		oneCase("a", "2024-01-20", "2024-01-21"), oneCase("b", "2024-02-10", "2024-02-11"), oneCase("c", "2024-02-12", "2024-02-13"),
		oneCase("d", "2024-02-14", "2024-02-15"), oneCase("e", "2024-02-16", "2024-02-17"),
	}
	today := oneCase("today", "2026-06-15", "2026-06-15T01:00")
	f := func(what, at, want string, options Options, given map[string]string, cases ...kase) {
		t.Helper()
		asked := map[string]string{"indicator": "general.cases", "level": "district"}
		for name, value := range given {
			asked[name] = value
		}
		options.Now = func() time.Time { return utc(at) }
		p := run(t, New(storeOf(t, "", cityOf(), cases, 50), options), "indicator", asked).Provenance
		if got := p.From.Format("2006-01"); got != want || !p.To.Equal(p.From.AddDate(0, 1, 0)) && given["from"] == "" {
			t.Errorf("%s: the period is %s to %s, want the month %s", what, p.From, p.To, want)
		}
	}
	f("no report of today", "2026-06-20", "2024-02", Options{}, nil, past...)
	f("a report of today", "2026-06-20", "2024-02", Options{}, nil, append(past, today)...)
	f("its month is over", "2026-07-02", "2026-06", Options{}, nil, append(past, today)...)
	f("a fact of the month before", "2026-06-20", "2026-05", Options{}, nil, append(past, today, oneCase("may", "2026-05-30", "2026-05-31"))...)
	f("nothing but today", "2026-06-20", "2026-05", Options{}, nil, today)
	f("a month that is asked for", "2026-06-20", "2025-01", Options{}, map[string]string{"period": "2025-01"}, append(past, today)...)
	f("bounds that are asked for", "2026-06-20", "2025-03", Options{}, map[string]string{"from": "2025-03-01", "to": "2025-03-02"}, append(past, today)...)
	open := Options{Public: true, MinCount: 3}
	f("open data with few in May", "2026-06-20", "2024-02", open, nil, append(past, today, oneCase("may", "2026-05-30", "2026-05-31"))...)
}
