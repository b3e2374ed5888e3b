package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// isOpen reports whether answers are open data, see [Options.MinCount].
func (v *view) isOpen() bool { return v.least > 1 }

// refuseOpen refuses, where answers are open data, one that is not made for the
// public. The error wraps data.ErrNotFound.
func (e *Engine) refuseOpen(what string) error {
	if e.options.MinCount < 2 {
		return nil
	}
	return fmt.Errorf("%s: %w in open data", what, data.ErrNotFound)
}

// barred are the parameters that open data have at their defaults only: those that
// choose facts, or set a limit that facts are counted by, so that two answers could
// differ by one fact.
func barred() []string {
	return append(append(narrowings(), clockParams()...), "as-of", recorded, keepDefaults, indicator.Changes, "limit-hours", "horizon-days")
}

// accept tests whether open data can be asked for so, and returns the parameters with
// the one length of steps that there is.
func (v *view) accept(a analytics.Analysis, given map[string]string) (map[string]string, error) {
	if !v.isOpen() {
		return given, nil
	}
	refuse := func(name, why string) (map[string]string, error) {
		return nil, &analytics.ParamError{Name: name, Value: given[name], Why: why}
	}
	for _, p := range Params(a) {
		value := given[p.Name]
		if parsed, err := p.Parse(value); value == "" || err != nil || parsed == p.Default {
			continue // what is wrong with it is told elsewhere
		}
		switch {
		case p.Name == Compare:
			return refuse(p.Name, "open data do not compare periods: a difference could tell a count that is not told; ask for either period by itself")
		case slices.Contains(barred(), p.Name):
			return refuse(p.Name, "open data are those of all facts, as of the last month that is over: leave it out")
		case p.Name == stepParam && value != analytics.Monthly:
			return refuse(p.Name, "open data are told by whole months: ask for "+analytics.Monthly)
		case p.Name == "fill" && strings.HasSuffix(value, plusObserved):
			return refuse(p.Name, "it tells where there was ever a fact: ask for "+strings.TrimSuffix(value, plusObserved))
		case p.Name == "within" && analytics.CommunitiesOf(data.Level(given["level"])).IsParty():
			return refuse(p.Name, "open data tell those who answer for facts of the whole city only: leave it out")
		}
	}
	stepped := func(p analytics.Param) bool { return p.Name == stepParam }
	if !slices.ContainsFunc(a.Params, stepped) {
		return given, nil
	}
	monthly := maps.Clone(given)
	if monthly == nil {
		monthly = map[string]string{}
	}
	monthly[stepParam] = analytics.Monthly
	return monthly, nil
}

// stepParam is the name of [analytics.StepParam].
const stepParam = "step"

// monthStart returns when the month of a moment begins, in the city's zone.
func (v *view) monthStart(at time.Time) time.Time {
	local := at.In(v.zone)
	return analytics.DayStart(local.Year(), local.Month(), 1, v.zone).UTC()
}

// monthEnd returns when the month of a moment ends.
func (v *view) monthEnd(at time.Time) time.Time {
	return v.monthStart(v.monthStart(at).Add(32 * 24 * time.Hour))
}

// settleMonths makes the end of the last month that is over the moment as of which
// things are judged, so that answers stand until the next one is. The last fact of a
// month comes in minutes before its end: a month of which 99 parts in 100 are known
// is over.
func (v *view) settleMonths() {
	if v.horizon.IsZero() {
		return
	}
	begun := v.monthStart(v.horizon)
	next := v.monthEnd(v.horizon)
	v.monthsEnd = begun
	if next.Sub(v.horizon) <= next.Sub(begun)/100 {
		v.monthsEnd = next
		v.horizon = v.horizon.Truncate(time.Hour)
		return
	}
	v.horizon = begun
}

// wholeMonths makes the period of a request whole months that are over: it refuses
// bounds that were asked for and are no such, and moves others. An execution begins
// when its definition came into force, which nobody chooses.
func (v *view) wholeMonths(r *analytics.Request, a analytics.Analysis, values analytics.Values) error {
	asked := map[string]string{"from": values.Text("from"), "to": values.Text("to")}
	if slices.ContainsFunc(a.Params, func(p analytics.Param) bool { return p.Name == indicator.Named }) {
		if name := values.Text(indicator.Named); name != "" {
			asked = map[string]string{indicator.Named: name}
		}
	}
	latest := v.monthsEnd.In(v.zone)
	for name, text := range asked {
		bounds := []time.Time{r.From, r.To}
		switch {
		case text == "":
			continue
		case name == "from":
			bounds = bounds[:1]
		case name == "to":
			bounds = bounds[1:]
		}
		for _, at := range bounds {
			if !at.Equal(v.monthStart(at)) {
				return &analytics.ParamError{Name: name, Value: text, Why: "open data are told by whole months: ask for the first day of one, such as " + v.monthStart(at).In(v.zone).Format(time.DateOnly)}
			}
			if at.After(v.monthsEnd) {
				return &analytics.ParamError{Name: name, Value: text, Why: "open data end with the last month that is over: ask for nothing after " + latest.Format(time.DateOnly)}
			}
		}
	}
	if asked["to"] == "" {
		if r.To = v.monthEnd(r.To.Add(-time.Microsecond)); r.To.After(v.monthsEnd) {
			r.To = v.monthsEnd
		}
	}
	if asked["from"] == "" && a.Name != indicator.Execution.Name {
		if r.From = v.monthStart(r.From); !r.From.Before(r.To) && asked["to"] == "" {
			r.From = v.monthStart(r.To.Add(-time.Microsecond))
		}
	}
	if r.From.Before(r.To) {
		return nil
	}
	return &analytics.ParamError{Name: "to", Value: values.Text("to"), Why: fmt.Sprintf("open data are told by whole months that are over, and there is none from %s to %s", r.From.In(v.zone).Format(time.DateOnly), latest.Format(time.DateOnly))}
}

// months returns when each month of a period begins and when the last one ends; the
// first is what is left of one where the period begins within.
func (v *view) months(from, to time.Time) []time.Time {
	bounds := []time.Time{from}
	for at := v.monthEnd(from); at.Before(to); at = v.monthEnd(at) {
		bounds = append(bounds, at)
	}
	return append(bounds, to)
}
