package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/contrast"
	"github.com/civgrid/civgrid/analytics/indicator"
)

// Compare is the name of the parameter that makes a layer one of differences.
const Compare = "compare"

// The words for periods that a period is compared with.
const (
	previous = "previous"
	yearAgo  = "year-ago"
)

func compareParam() analytics.Param {
	return analytics.Param{
		Name: Compare, Title: "period to compare with", Kind: analytics.Word,
		Doc: "Makes the layer one of differences: what changed since that period, and whether by more than chance. " +
			"2026, 2026-Q3, 2026-09, 2026-W37, 2026-09-15, FROM/TO as from and to, previous for the period right before, or year-ago.",
	}
}

// Columns returns the columns that layers of an analysis can have beside those that name
// rows: its own, and those of differences.
func Columns(a analytics.Analysis) []analytics.Column {
	list := slices.Clip(a.Columns)
	if a.Contrast == nil || a.Contrast.Refused != "" {
		return list
	}
	for _, c := range contrast.Columns(a.Contrast) {
		if !slices.ContainsFunc(a.Columns, func(own analytics.Column) bool { return own.Name == c.Name }) {
			list = append(list, c)
		}
	}
	return list
}

// compared returns the analysis of the difference of two periods where a request asks
// for one, with the period that it is against; else the analysis itself. p says how
// periods are counted, in a time zone.
func (v *view) compared(a analytics.Analysis, r *analytics.Request, p indicator.Period, zone *time.Location) (analytics.Analysis, error) {
	text := r.Params.All()[Compare]
	if text == "" {
		return a, nil
	}
	refuse := func(why string) (analytics.Analysis, error) {
		return a, &analytics.ParamError{Name: Compare, Value: text, Why: why}
	}
	if a.Contrast.Refused != "" {
		return refuse(a.Contrast.Refused)
	}
	if r.Params.All()[indicator.Changes] == "true" {
		return refuse("a layer shows differences, or changes beside values: leave " + indicator.Changes + " out")
	}
	for _, name := range clockParams() {
		if r.Params.Text(name) != "" && a.Contrast.Test == analytics.RateTest {
			return refuse("one period can have more of a weekday than another, and counts are compared by how long the periods are: leave " + name + " out")
		}
	}
	var err error
	if r.Against, err = v.against(*r, text, p, zone); err != nil {
		return refuse(err.Error())
	}
	now := analytics.Span{From: r.From, To: r.To}
	switch {
	case !r.Against.From.Before(r.Against.To):
		return refuse("it ends before it begins")
	case r.Against.Overlaps(now):
		return refuse("it overlaps with the period itself, " + v.spell(now) + ", so that facts would be on both sides: say by from and to which period is meant")
	}
	for _, s := range []analytics.Span{r.Against, now} {
		if contrast.Known(*r, s).IsZero() {
			return refuse("nothing is known of the period " + v.spell(s) + ": facts are from " + v.spell(analytics.Span{From: r.First, To: r.AsOf}))
		}
	}
	return contrast.Of(a), nil
}

// against reads which period is meant.
func (v *view) against(r analytics.Request, text string, p indicator.Period, zone *time.Location) (s analytics.Span, err error) {
	before, year := p.Before(r.From, r.To, zone)
	switch from, to, bounds := strings.Cut(text, "/"); {
	case text == previous:
		return before, nil
	case text == yearAgo:
		return year, nil
	case bounds:
		if s.From, err = v.moment(from); err == nil {
			s.To, err = v.moment(to)
		}
		return s, err
	}
	return p.Named(text, zone)
}

// spell writes a period on the clocks of the city.
func (v *view) spell(s analytics.Span) string {
	const minute = "2006-01-02 15:04"
	return s.From.In(v.zone).Format(minute) + " to " + s.To.In(v.zone).Format(minute)
}
