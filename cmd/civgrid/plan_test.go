package main

import (
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
)

// demoTargets plans a day in the synthetic city and tests the ranking on it.
func demoTargets(t *testing.T, store string) {
	b := answerTo[engine.Backtest](t, store, "backtest", "--last", "26")
	for _, r := range b.Rankings[1:] {
		if (r.Name == "random" || r.Name == "people") && r.Verdict != "better" {
			t.Errorf("ours against %s: %s", r.Name, r.Verdict)
		}
	}
	it := answerTo[analytics.Itinerary](t, store, "plan", "--start", "110.0066,23.2037", "--capacity", "20", "--minutes", "240")
	if len(it.Stops) == 0 || it.End.Sub(it.Begin) > 240*time.Minute || !it.Inspected || it.Resting == 0 || it.Zone != "Asia/Shanghai" {
		t.Errorf("%d stops until %v, %d cells rest", len(it.Stops), it.End, it.Resting)
	}
	for _, s := range it.Stops {
		if len(s.Reasons) == 0 {
			t.Errorf("nothing speaks for %v", s.Cell)
		}
	}
}
