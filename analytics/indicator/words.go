package indicator

import (
	"fmt"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
)

// summary tells the value of all facts together, and what it is made of.
func (c *Compiled) summary(r analytics.Request, results []result) []analytics.Item {
	unit := c.kind.Unit(c.Definition)
	now := results[0]
	items := []analytics.Item{
		{Key: "indicator", Title: "Indicator", Value: c.ID()},
		{Key: "value", Title: c.Title("en"), Value: present(now.all.Value, now.all.Has), Unit: unit},
		{Key: "low", Title: "Lower bound", Value: present(now.all.Low, now.all.HasLow), Unit: unit},
		{Key: "high", Title: "Upper bound", Value: present(now.all.High, now.all.HasHigh), Unit: unit},
		{Key: "n", Title: "Facts it rests on", Value: now.all.N, Unit: "count"},
	}
	if c.Kind != countKind && (now.all.Numerator != 0 || now.all.Denominator != 0) { // else it is no ratio
		items = append(items,
			analytics.Item{Key: "numerator", Title: "Numerator", Value: now.all.Numerator},
			analytics.Item{Key: "denominator", Title: "Denominator", Value: now.all.Denominator})
	}
	if target, ok := c.target(nil); ok {
		items = append(items,
			analytics.Item{Key: "target", Title: "Target, " + c.Target.words(), Value: target, Unit: unit},
			analytics.Item{Key: "status", Title: "Target reached", Value: word(now.all.Status)})
	}
	if c.Scoring != nil {
		items = append(items, analytics.Item{Key: "score", Title: "Points", Value: present(now.all.Score, now.all.HasScore), Unit: "points"})
	}
	if now.all.Parts != "" {
		items = append(items, analytics.Item{Key: "parts", Title: "What it is made of", Value: now.all.Parts})
	}
	if now.all.Reason != "" {
		items = append(items, analytics.Item{Key: "reason", Title: "Why", Value: now.all.Reason})
	}
	if c.Clock != nil && now.cases != nil {
		for _, p := range PopulationTitles() {
			n := now.total(p[0])
			if c.timing.Due == "" && (n == 0 || p[0] == NoLimit) {
				continue // without limits all are without one
			}
			items = append(items, analytics.Item{Key: p[0], Title: p[1], Value: n, Unit: "count"})
		}
	}
	return append(items, c.compared(r, results)...)
}

// compared tells the changes of all facts together.
func (c *Compiled) compared(r analytics.Request, results []result) []analytics.Item {
	var items []analytics.Item
	for i, key := range []string{"previous", "year_before"} {
		if i+1 >= len(results) {
			break
		}
		period := c.periods(r)[i+1]
		earlier := results[i+1].all
		title := fmt.Sprintf("Value from %s to %s", period.From.In(c.zone).Format(minute), period.To.In(c.zone).Format(minute))
		ch := c.since(earlier, results[0].all, results[i+1].length, results[0].length)
		items = append(items,
			analytics.Item{Key: key, Title: title, Value: present(earlier.Value, earlier.Has), Unit: c.kind.Unit(c.Definition)},
			analytics.Item{Key: key + "_change", Title: "Change since then", Value: present(ch.difference, ch.has), Unit: changeUnit(c.kind.Unit(c.Definition))},
			analytics.Item{Key: key + "_change_p", Title: "p-value of that change", Value: present(ch.p, ch.hasP)})
	}
	return items
}

const minute = "2006-01-02 15:04"

func present(x float64, ok bool) any {
	if !ok {
		return nil
	}
	return x
}

func word(w string) any {
	if w == "" {
		return nil
	}
	return w
}

// words says in a sentence or two how the value was computed.
func (c *Compiled) words(r analytics.Request) string {
	text := fmt.Sprintf("%s, version %d: %s. Facts by %s from %s to %s (%s), as of %s",
		c.Code, c.Version, c.kind.Title, c.by(),
		r.From.In(c.zone).Format(minute), r.To.In(c.zone).Format(minute), c.zone, r.AsOf.In(c.zone).Format(time.RFC3339))
	if c.byPolicy() || c.Kind == quantileKind {
		text += "; open cases count as " + c.policy()
	}
	if c.calendar != nil {
		text += fmt.Sprintf("; clock by calendar %s, version %s", c.calendar.ID(), or(c.calendar.Version(), "unnamed"))
	}
	text += fmt.Sprintf(". Interval at %v", c.level())
	switch {
	case c.survives():
		text += " by greenwood"
	case c.weighted():
		text += " by " + stats.ByWilson.String()
	case c.kind.Shrink == ShareShrinkage:
		text += " by " + c.method.String()
	}
	text += "; ranked by "
	switch {
	case c.Kind == compositeKind && c.Smoothing.Method != "none":
		text += "what it comes to when each item has the value that it is ranked by"
	case !c.smooths():
		text += "the value itself"
	case or(c.Smoothing.Prior, "parent") == "parent":
		text += "an empirical Bayes estimate with the area above as prior"
	default:
		text += "an empirical Bayes estimate with the layer as prior"
	}
	return text + "."
}

// caveats tells what a reader could misread.
func (c *Compiled) caveats(now result) []string {
	var told []string
	if c.policy() == ClosedOnly && (c.byPolicy() || c.Kind == quantileKind) || c.Kind == meanKind && c.Measure == elapsedMeasure {
		told = append(told, "Open cases do not count, which flatters: slow cases are the ones still open.")
	}
	if c.byPolicy() && c.policy() == Optimistic {
		told = append(told, "Open cases that are not due yet count as on time.")
	}
	if c.Clock == nil || now.cases == nil {
		return told
	}
	if n := now.total(Undated); n > 0 {
		told = append(told, fmt.Sprintf("%d cases are closed without saying when and could not be judged.", n))
	}
	timed := now.total(ClosedOnTime) + now.total(ClosedLate) + now.total(OpenOverdue) + now.total(OpenNotDue)
	if n := now.total(NoLimit); c.byPolicy() && timed == 0 && n > 0 && c.NoLimit != "on_time" {
		told = append(told, fmt.Sprintf("None of the %d cases has a deadline, so none can be judged.", n))
	}
	return told
}
