package compliance

import (
	"fmt"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
)

// summary tells the populations of the cases of the period and the share they
// give: of all cases, placed in a row of the layer or not, or, within an area,
// of those in it.
func summary(t *analytics.Tally, p policy, r analytics.Request) []analytics.Item {
	target := r.Params.Number("target")
	total := totals(t, r)
	onTime, n := p.share(total)
	items := []analytics.Item{
		{Key: "share", Title: "Share on time", Value: shareOf(onTime, n), Unit: "share"},
		{Key: "n", Title: "Cases that count", Value: n, Unit: "count"},
		{Key: "on_time", Title: "On time", Value: onTime, Unit: "count"},
		{Key: "target", Title: "Share that is to be reached", Value: target, Unit: "share"},
	}
	for _, c := range indicator.PopulationTitles() {
		items = append(items, analytics.Item{Key: c[0], Title: c[1], Value: total(c[0]), Unit: "count"})
	}
	var placed, elsewhere, nowhere int64
	for _, c := range indicator.PopulationTitles() {
		if c[0] == indicator.NotMatured {
			continue // counted in indicator.ClosedOnTime already
		}
		e, n := t.Beyond(c[0])
		placed, elsewhere, nowhere = placed+t.Total(c[0]), elsewhere+e, nowhere+n
	}
	return append(items,
		analytics.Item{Key: "in_rows", Title: "Cases in a row of the layer", Value: placed, Unit: "count"},
		analytics.Item{Key: "elsewhere", Title: "Cases outside the layer's rows", Value: elsewhere, Unit: "count"},
		analytics.Item{Key: "without_place", Title: "Cases without a place of this kind", Value: nowhere, Unit: "count"})
}

// totals returns the counts of all cases or, within an area, of those in rows.
func totals(t *analytics.Tally, r analytics.Request) func(population string) int64 {
	return func(population string) int64 {
		if r.Within != "" {
			return t.Total(population)
		}
		return everything(t, population)
	}
}

func shareOf(onTime, n int64) any {
	if n == 0 {
		return nil
	}
	return float64(onTime) / float64(n)
}

func method(r analytics.Request, p policy) string {
	member := "reported"
	if p.byDue {
		member = "due (or, without a deadline, reported)"
	}
	return fmt.Sprintf("Cases %s in the period, as of %s; open cases count as %s, those without a deadline %s. "+
		"Target %v; Wilson interval at %v; ranked by a beta-binomial empirical Bayes estimate with the layer as prior.",
		member, r.AsOf.UTC().Format(time.RFC3339), p.open, r.Params.Text("no-limit"), r.Params.Number("target"), r.Params.Number("level-of-confidence"))
}

// everything returns the named count of all cases, in a row of the layer or not.
func everything(t *analytics.Tally, name string) int64 {
	elsewhere, nowhere := t.Beyond(name)
	return t.Total(name) + elsewhere + nowhere
}

// caveats tells what a reader could misread.
func caveats(t *analytics.Tally, p policy) []string {
	var told []string
	if n, unlimited := everything(t, indicator.OpenOverdue)+everything(t, indicator.ClosedOnTime)+everything(t, indicator.ClosedLate)+everything(t, indicator.OpenNotDue), everything(t, indicator.NoLimit); n == 0 && unlimited > 0 && !p.noLimitGood {
		told = append(told, fmt.Sprintf("None of the %d cases has a deadline, so none can be judged; no-limit=on_time counts them as on time.", unlimited))
	}
	closed := everything(t, indicator.ClosedOnTime) + everything(t, indicator.ClosedLate) + everything(t, indicator.Undated)
	if open := everything(t, indicator.OpenOverdue) + everything(t, indicator.OpenNotDue); closed == 0 {
		told = append(told, indicator.NothingEnded(open)...)
	}
	if p.open == "closed_only" {
		told = append(told, "Open cases do not count under this policy, which flatters: slow cases are the ones still open.")
	}
	if p.open == "optimistic" {
		told = append(told, "Open cases that are not due yet count as on time under this policy.")
	}
	if n := everything(t, indicator.Undated); n > 0 {
		told = append(told, fmt.Sprintf("%d cases are closed without saying when and could not be judged.", n))
	}
	return told
}
