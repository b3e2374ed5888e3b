package compliance

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// Analysis is the share of cases on time, with its populations.
var Analysis = analytics.Analysis{
	Name:  "compliance",
	Title: "Share of cases dealt with on time",
	Doc: "The share on time of the cases of a period, with the count of every population it is made of, " +
		"its confidence interval, and whether the target is met, missed or not to be told yet. " +
		"Rows are ranked by the shrunken share, never by the raw one, which a handful of cases can make 0 or 1. " +
		"Column funnel says which rows differ from the others by more than chance.",
	Reference: "GB/T 30428.4-2016 (as implemented); Wilson 1927, J. Am. Stat. Assoc. 22:209-212; Martuzzi and Elliott 1996, Stat. Med. 15:1867-1873; Spiegelhalter 2005, Stat. Med. 24:1185-1202",
	Params: []analytics.Param{
		{
			Name: "open-policy", Title: "how open cases count", Kind: analytics.Choice, Default: "matured",
			Choices: []string{"matured", "pessimistic", "optimistic", "closed_only"},
			Doc: "matured: only cases whose deadline has passed. pessimistic: every open case with a deadline is late. " +
				"optimistic: an open case is on time until its deadline. closed_only: open cases do not count, which flatters.",
		},
		{
			Name: "no-limit", Title: "how cases without a deadline count", Kind: analytics.Choice, Default: "exclude",
			Choices: []string{"exclude", "on_time"},
		},
		{
			Name: "by", Title: "date that puts a case in the period", Kind: analytics.Choice, Default: "auto",
			Choices: []string{"auto", "due", "opened"},
			Doc:     "auto: the deadline for the matured policy, the report for all others.",
		},
		{Name: "target", Title: "share that is to be reached", Kind: analytics.Number, Min: 0, Max: 1, Default: "0.95", Unit: "share"},
		{Name: "min-n", Title: "fewest cases to be judged by", Kind: analytics.Integer, Min: 1, Max: 1e6, Default: "10", Unit: "count"},
		{Name: "level-of-confidence", Title: "level of the intervals", Kind: analytics.Number, Min: 0.5, Max: 0.999, Default: "0.95", Unit: "share"},
		indicator.FunnelParam(),
		{
			Name: "funnel-around", Title: "share that the funnel is drawn around", Kind: analytics.Choice, Default: "mean", Choices: []string{"mean", "target"},
			Doc: "mean: that of all rows together. target: the share that is to be reached; 0, which always is, stands for the mean, and around 1 there is no funnel.",
		},
	},
	Columns:  columns(),
	Contrast: contrast(),
	Plan:     plan,
	Compute:  compute,
}

func columns() []analytics.Column {
	share := func(name, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Unit: "share", Title: title, Doc: doc}
	}
	list := []analytics.Column{
		{Name: "status", Type: analytics.WordColumn, Title: "Status", Doc: "compliant, non_compliant, undetermined or insufficient; missing without any case."},
		share("share", "On time", "on_time / n; missing if n is 0."),
		share("low", "Lower bound", "Of the Wilson interval."),
		share("high", "Upper bound", "Of the Wilson interval."),
		share("ranked", "Shrunken share", "Empirical Bayes estimate, for ranking: the raw share drawn towards that of the whole layer, the more the fewer cases there are."),
		{Name: "n", Type: analytics.IntColumn, Unit: "count", Title: "Cases", Doc: "Cases that count under the policy."},
		{Name: "on_time", Type: analytics.IntColumn, Unit: "count", Title: "On time", Doc: "Cases of n that count as on time."},
	}
	list = append(list, indicator.FunnelColumns("the share")...)
	for _, p := range indicator.PopulationTitles() {
		list = append(list, analytics.Column{Name: p[0], Type: analytics.IntColumn, Unit: "count", Title: p[1]})
	}
	return list
}

func policyOf(r analytics.Request) policy {
	p := policy{open: r.Params.Text("open-policy"), noLimitGood: r.Params.Text("no-limit") == "on_time"}
	by := r.Params.Text("by")
	p.byDue = by == "due" || by == "auto" && p.open == "matured"
	return p
}

func plan(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
	members := policyOf(r).members(r.From, r.To, r.AsOf)
	return []data.Rollup{{
		Name: "cases", Dataset: data.Incidents, Where: r.Narrow(members),
		Keys: []data.Key{f.Key}, Counts: populations(r.AsOf),
	}}, nil
}

func compute(_ context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	t, p := &tallies[0], policyOf(r)
	counts := dense(t, f)
	n, onTime := make([]int64, f.Len()), make([]int64, f.Len())
	for row := range n {
		onTime[row], n[row] = p.share(func(population string) int64 { return counts[population][row] })
	}
	layer := &analytics.Layer{Columns: columns(), Method: method(r, p), Legend: indicator.StatusLegend("No case"), Rank: rank()}
	layer.Set("n", analytics.Column{Ints: n})
	layer.Set("on_time", analytics.Column{Ints: onTime})
	for _, c := range indicator.PopulationTitles() {
		layer.Set(c[0], analytics.Column{Ints: counts[c[0]]})
	}
	if err := judge(layer, r, n, onTime); err != nil {
		return nil, err
	}
	layer.Summary = summary(t, p, r)
	if err := drawFunnel(layer, r, n); err != nil {
		return nil, err
	}
	layer.Caveats = caveats(t, p)
	return layer, nil
}

// dense returns the count of every population in each row.
func dense(t *analytics.Tally, f *analytics.Frame) map[string][]int64 {
	counts := map[string][]int64{}
	for _, name := range t.Names {
		counts[name] = t.Dense(name, f.Len())
	}
	return counts
}

// judge fills in shares, intervals, shrunken shares and statuses.
func judge(layer *analytics.Layer, r analytics.Request, n, onTime []int64) error {
	level, target, least := r.Params.Number("level-of-confidence"), r.Params.Number("target"), int64(r.Params.Int("min-n"))
	shrunk, err := stats.ShrinkShares(onTime, n)
	if err != nil {
		return fmt.Errorf("shrink shares: %w", err)
	}
	rows := len(n)
	share, low, high := make([]float64, rows), make([]float64, rows), make([]float64, rows)
	words, valid := make([]string, rows), make([]bool, rows)
	for row := range n {
		interval, ok := stats.Wilson(onTime[row], n[row], level)
		if !ok {
			continue
		}
		valid[row] = true
		share[row] = float64(onTime[row]) / float64(n[row])
		low[row], high[row] = interval.Low, interval.High
		words[row] = status(interval, n[row], target, least)
	}
	ranked := make([]bool, rows)
	for row := range ranked {
		ranked[row] = valid[row] && shrunk.Valid[row]
	}
	layer.Set("share", analytics.Column{Floats: share, Valid: valid})
	layer.Set("low", analytics.Column{Floats: low, Valid: valid})
	layer.Set("high", analytics.Column{Floats: high, Valid: valid})
	layer.Set("ranked", analytics.Column{Floats: shrunk.Estimate, Valid: ranked})
	layer.Set("status", analytics.Column{Words: words, Valid: valid})
	return nil
}

// drawFunnel compares the shares of rows with each other, or with the target.
func drawFunnel(layer *analytics.Layer, r analytics.Request, n []int64) error {
	around := 0.0
	if r.Params.Text("funnel-around") == "target" {
		around = r.Params.Number("target")
	}
	share, _ := layer.Column("share")
	items, words, err := indicator.SetFunnel(layer, r, share.Floats, n, around)
	layer.Summary = append(layer.Summary, items...)
	layer.Method += " " + words
	return err
}

// status tells whether the share of n cases reaches a target. With fewer than
// least cases it is not judged.
func status(interval stats.Interval, n int64, target float64, least int64) string {
	if n < least {
		return indicator.Insufficient
	}
	return indicator.Judge(indicator.Estimate{Low: interval.Low, High: interval.High, HasLow: true, HasHigh: true}, target, false)
}

func rank() analytics.Rank {
	return analytics.Rank{Column: "ranked", Show: []string{"status", "share", "low", "high", "n", "funnel"}}
}
